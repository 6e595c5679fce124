package emulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
)

// TestSameSeedSameBytes plays the same calls twice and wants the same bytes:
// ids, times, webhook bodies and signatures. Receivers answer at odd moments
// on purpose; what they cost in real time must not show.
func TestSameSeedSameBytes(t *testing.T) {
	first, second := playSeeded(t, 7), playSeeded(t, 7)
	a, b := strings.Split(first, "\n"), strings.Split(second, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			t.Fatalf("two runs differ in line %d:\n%s\n---\n%s", i, a[i], b[i])
		}
	}
	if len(a) != len(b) {
		t.Fatalf("two runs differ in length: %d and %d lines", len(a), len(b))
	}
	if other := playSeeded(t, 8); other == first {
		t.Error("another seed gave the same bytes")
	}
}

func playSeeded(t *testing.T, seed uint64) string {
	t.Helper()
	var mu sync.Mutex
	var hooks []string
	calls := 0
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		calls++
		hooks = append(hooks, r.Header.Get("x-signature-sha256")+" "+string(body))
		if bytes.Contains(body, []byte(`"attempts":0`)) {
			w.WriteHeader(http.StatusServiceUnavailable) // the first attempt fails: every delivery has two
		}
	}))
	defer sink.Close()
	s, err := emulator.New(emulator.Options{Providers: []string{"killb"}, Clock: "manual", Seed: seed, SignatureTime: "sandbox", CheckReplies: true, RateLimit: "off"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var out strings.Builder
	call := func(method, path, body string) string {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Host = "sandgate.test"
		r.Header.Set("Authorization", "Bearer sk_test_sandgate")
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		s.ServeHTTP(w, r)
		fmt.Fprintln(&out, method, path, w.Code, w.Body)
		var m struct {
			ID string `json:"id"`
		}
		json.Unmarshal(w.Body.Bytes(), &m)
		return m.ID
	}
	call("POST", "/api/v2/webhooks", `{"url":"`+sink.URL+`","secret":"whsec_sandgate_development_only_0000","events":["RAMP","USER"]}`)
	for i := range int64(5) {
		call("POST", "/api/v2/users", userBody(i))
		quote := call("POST", "/api/v2/quotations", `{"fromCurrency":"COP","toCurrency":"USDC","amount":200000,"amountIsToCurrency":false,"cashInMethod":"PSE","cashOutMethod":"POLYGON"}`)
		ramp := call("POST", "/api/v2/ramps", `{"quotationId":"`+quote+`","userId":"b0000000-0000-4000-8000-000000000001","accountId":"acc00000-0000-4000-8000-000000000001"}`)
		if _, err := s.Advance(3 * time.Second); err != nil {
			t.Fatal(err)
		}
		call("POST", "/api/v2/faker/cash-in", `{"rampId":"`+ramp+`"}`)
	}
	box, err := s.Sandbox("")
	if err != nil {
		t.Fatal(err)
	}
	began, err := box.Now()
	if err != nil {
		t.Fatal(err)
	}
	advanced, err := s.Advance(24 * time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range advanced.Fired {
		if f.Kind == "attempt" && f.Due.Before(began.Add(time.Millisecond)) {
			continue // already due: the loop may have been quicker than this call
		}
		fmt.Fprintln(&out, f.Due, f.Kind, f.ID, f.What)
	}
	call("GET", "/api/v2/ramps?limit=100", "")
	mu.Lock()
	defer mu.Unlock()
	slices.Sort(hooks) // which of two endpoints' lanes is first on the wire is the network's affair
	out.WriteString(strings.Join(hooks, "\n"))
	// The sink's address differs from run to run; nothing else may.
	return strings.ReplaceAll(out.String(), sink.URL, "http://sink")
}
