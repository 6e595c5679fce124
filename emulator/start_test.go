package emulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
)

// TestStart is the README's line for a Go test, used as a stranger would.
func TestStart(t *testing.T) {
	gate := emulator.Start(t, "killb")

	user := send(t, gate.URL, "POST", "/api/v2/users", userBody(1))
	if user["status"] != "PENDING" {
		t.Fatalf("a new user is %v", user["status"])
	}
	fired := gate.Advance(5 * time.Second)
	if len(fired.Fired) != 1 {
		t.Errorf("%d timers fired", len(fired.Fired))
	}
	path := "/api/v2/users/" + user["id"].(string)
	if got := send(t, gate.URL, "GET", path, ""); got["status"] != "ACTIVE" {
		t.Errorf("five seconds later the user is %v", got["status"])
	}
	gate.Reset()
	if got := send(t, gate.URL, "GET", path, ""); got["errorCode"] != "USER.0001" {
		t.Errorf("after a reset: %v", got)
	}
}

func send(t *testing.T, base, method, path, body string) map[string]any {
	t.Helper()
	r, err := http.NewRequest(method, base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer sk_test_sandgate")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%s %s: %s", method, path, text)
	}
	return v
}
