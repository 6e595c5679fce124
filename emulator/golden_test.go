package emulator_test

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
)

var updateGolden = flag.Bool("update", false, "rewrite the golden files")

// TestWebhookGolden holds the signed requests of one user's verification byte
// for byte, retry included: header names, body, order of keys, signature.
func TestWebhookGolden(t *testing.T) {
	var mu sync.Mutex
	var got []string
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var names []string
		for name := range r.Header {
			if name != "Content-Length" {
				names = append(names, name)
			}
		}
		sort.Strings(names)
		var b strings.Builder
		for _, name := range names {
			fmt.Fprintf(&b, "%s: %s\n", name, r.Header.Get(name))
		}
		mu.Lock()
		defer mu.Unlock()
		got = append(got, b.String()+string(body)+"\n")
		if len(got) == 1 {
			w.WriteHeader(http.StatusBadGateway) // so that the golden shows a second attempt
		}
	}))
	defer sink.Close()
	gate := emulator.StartWith(t, emulator.Options{Providers: []string{"killb"}, Clock: "manual", Seed: 42, RateLimit: "off"})
	send(t, gate.URL, "POST", "/api/v2/webhooks", `{"url":"`+sink.URL+`","secret":"whsec_sandgate_development_only_0000","events":["USER"]}`)
	send(t, gate.URL, "POST", "/api/v2/users", userBody(1))
	gate.Advance(0)
	gate.Advance(time.Hour)
	const file = "testdata/killb/webhooks.golden"
	text := strings.Join(got, "\n")
	if *updateGolden {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("the webhooks changed (go test ./emulator -run Golden -update, and read the diff):\n%s", text)
	}
}
