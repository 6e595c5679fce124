package emulator_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
)

var hookEventsFlag = flag.Int("hook-events", 1000, "how many events the tests of webhooks make; the promises say 10000")

// hookEvents is how many events a test makes: fewer with -short.
func hookEvents() int {
	if testing.Short() {
		return min(*hookEventsFlag, 200)
	}
	return *hookEventsFlag
}

// got is what a receiver got in one attempt.
type got struct {
	path, delivery, event, object string
	n, attempt                    int
	body                          string
	header                        http.Header
	gone                          <-chan struct{} // closed when the sender has given up
}

// hookSink is a receiver that remembers and answers as it is told.
type hookSink struct {
	URL    string
	mu     sync.Mutex
	all    []got
	answer func(got, http.ResponseWriter) // nil = 200
}

func (k *hookSink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	var body struct {
		ID     string `json:"id"`
		Object string `json:"object"`
		Data   struct {
			N int `json:"n"`
		} `json:"data"`
	}
	json.Unmarshal(raw, &body)
	attempt, _ := strconv.Atoi(r.Header.Get("Sandgate-Attempt"))
	g := got{r.URL.Path, r.Header.Get("Sandgate-Delivery"), body.ID, body.Object, body.Data.N, attempt, string(raw), r.Header, r.Context().Done()}
	k.mu.Lock()
	k.all = append(k.all, g)
	k.mu.Unlock()
	if k.answer != nil {
		k.answer(g, w)
	}
}

func (k *hookSink) take() []got {
	k.mu.Lock()
	defer k.mu.Unlock()
	all := k.all
	k.all = nil
	return all
}

// status answers always the same.
func status(code int) func(got, http.ResponseWriter) {
	return func(_ got, w http.ResponseWriter) { w.WriteHeader(code) }
}

const hookScenario = `provider: workshop
title: Workshop
contract: workshop.openapi.yaml
credentials: {secret: whsec_of_the_workshop_for_tests_00000000}
webhooks:
  signature: {header: x-signature, scheme: "'hmac-sha256-hex'"}
  content-type: application/json
  body: {id: event.id, type: event.type, object: event.resource, data: event.data}
POLICY
resources:
  box:
    schema: [Box]
    emit: {create: box.created, update: box.updated}
    status: {field: status, start: NEW}
    moves: {age: {from: NEW, to: OLD, after: 1s, emit: none}}
` + workshopOperations

// hookshop serves a scenario with a policy of webhooks, and one endpoint for
// all its events.
type hookshop struct {
	*edge
	box  *sandbox.Sandbox
	sink *hookSink
}

const retries = "  retry: [0s, 1m, 5m, 15m, 1h, 6h]\n"

func hookFile(t *testing.T, policy string) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "workshop.yaml")
	for name, text := range map[string]string{file: strings.Replace(hookScenario, "POLICY\n", withTimeout(policy), 1), filepath.Join(dir, "workshop.openapi.yaml"): workshopContract} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if found, err := emulator.Check(file); err != nil || len(found) > 0 {
		t.Fatal(found, err)
	}
	return file
}

func withTimeout(policy string) string {
	if strings.Contains(policy, "  timeout:") {
		return policy
	}
	return "  timeout: 5s\n" + policy
}

func newHookshop(t *testing.T, policy string, change ...func(*emulator.Options)) *hookshop {
	t.Helper()
	o := emulator.Options{Providers: []string{hookFile(t, policy)}, Clock: "manual", Seed: 7}
	for _, f := range change {
		f(&o)
	}
	s, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	k := &hookSink{URL: "http://receiver.test"}
	if o.Dial == nil {
		server := httptest.NewServer(k)
		t.Cleanup(server.Close)
		k.URL = server.URL
	}
	b, err := s.Sandbox("")
	if err != nil {
		t.Fatal(err)
	}
	h := &hookshop{&edge{s, t}, b, k}
	h.endpoint(`{"url":"` + k.URL + `/hook"}`)
	return h
}

func (h *hookshop) endpoint(body string) (id string) {
	h.t.Helper()
	return fmt.Sprint(h.want(201, "POST", "/_sandgate/endpoints", "", body)["id"])
}

// boxes makes events 1 to n, on that many objects in turns.
func (h *hookshop) boxes(n, objects int) {
	h.t.Helper()
	paths := make([]string, objects)
	for i := range n {
		body := fmt.Sprintf(`{"n":%d}`, i+1)
		if at := i % objects; paths[at] == "" {
			paths[at] = "/boxes/" + fmt.Sprint(h.want(201, "POST", "/boxes", "", body)["id"])
		} else {
			h.want(200, "PATCH", paths[at], "", body)
		}
	}
}

func (h *hookshop) advance(by time.Duration) {
	h.t.Helper()
	if _, err := h.Advance(by); err != nil {
		h.t.Fatal(err)
	}
}

// log is every attempt of the only delivery.
func (h *hookshop) log() sandbox.DeliveryDetail {
	h.t.Helper()
	all, _, err := h.box.Deliveries(sandbox.DeliveryFilter{}, 10, "")
	if err != nil || len(all) != 1 {
		h.t.Fatalf("deliveries: %+v, %v", all, err)
	}
	detail, err := h.box.Delivery(all[0].ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return detail
}

// dues are the instants of a delivery's attempts, after the first.
func dues(d sandbox.DeliveryDetail) (spans []time.Duration) {
	for _, a := range d.Log {
		spans = append(spans, a.Due.Sub(d.Log[0].Due))
	}
	return spans
}

func verifies(g got, header, secret string) bool {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(g.body))
	want := hex.EncodeToString(mac.Sum(nil))
	for _, value := range g.header.Values(header) {
		if value == want {
			return true
		}
	}
	return false
}
