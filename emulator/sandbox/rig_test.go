package sandbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
)

// Seed objects that every fresh sandbox has.
const (
	seedUser    = "b0000000-0000-4000-8000-000000000001"
	seedAccount = "acc00000-0000-4000-8000-000000000001"
	aKey        = "sk_test_sandgate"
	secret      = "whsec_sandgate_development_only_0000"
)

var discard = slog.New(slog.DiscardHandler)

// options is a manual clock and a known seed.
func options(change ...func(*emulator.Options)) emulator.Options {
	o := emulator.Options{Providers: []string{"killb"}, Clock: "manual", Seed: 7, Egress: "local", RateLimit: "off"}
	for _, f := range change {
		f(&o)
	}
	return o
}

func start(t testing.TB, change ...func(*emulator.Options)) *emulator.Server {
	t.Helper()
	s, err := emulator.New(options(change...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if replies, panics := s.Broken(); replies+panics > 0 {
			t.Errorf("%d replies broke the contract, %d requests panicked", replies, panics)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func box(t testing.TB, s *emulator.Server, name string) *sandbox.Sandbox {
	t.Helper()
	b, err := s.Sandbox(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// send sends a JSON request with a key.
func send(h http.Handler, key, method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+key)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// post makes something and gives its id.
func post(t testing.TB, h http.Handler, key, path, body string) string {
	t.Helper()
	w := send(h, key, "POST", path, body)
	if w.Code != http.StatusCreated {
		t.Fatalf("POST %s: %d %s", path, w.Code, w.Body)
	}
	var m struct {
		ID string `json:"id"`
	}
	json.Unmarshal(w.Body.Bytes(), &m)
	return m.ID
}

func user(n int) string {
	return fmt.Sprintf(`{"type":"PERSON","externalId":"u-%d","data":{"firstName":"Ana","lastName":"Lima","dateOfBirth":"1990-01-01",`+
		`"email":"ana%d@example.test","phone":"+576015555555","address":{"street1":"Rua 1","city":"Bogota","state":"DC","zipCode":"110111","countryCode":"CO"},`+
		`"document":{"type":"PASSPORT","number":"GE04292393","issuedCountryCode":"CO"}}}`, n, n)
}

// newRamp makes a quotation and a ramp from it, which waits for its cash.
func newRamp(t testing.TB, h http.Handler, key string) string {
	t.Helper()
	quote := post(t, h, key, "/api/v2/quotations", `{"fromCurrency":"COP","toCurrency":"USDC","amount":100000,"amountIsToCurrency":false,"cashInMethod":"PSE","cashOutMethod":"POLYGON"}`)
	return post(t, h, key, "/api/v2/ramps", `{"quotationId":"`+quote+`","userId":"`+seedUser+`","accountId":"`+seedAccount+`"}`)
}

// subscribe registers a webhook for users and ramps.
func subscribe(t testing.TB, h http.Handler, key, url string) {
	t.Helper()
	post(t, h, key, "/api/v2/webhooks", `{"url":"`+url+`","secret":"`+secret+`","events":["RAMP","USER"]}`)
}

// hook is what a receiver got.
type hook struct {
	ID       string `json:"id"`
	Event    string `json:"event"`
	Action   string `json:"action"`
	Attempts int    `json:"attempts"`
	Data     struct {
		ID     string `json:"id"`
		Status string `json:"status"`
	} `json:"data"`
}

// sink is a receiver that remembers; then answers as it is told.
type sink struct {
	URL    string
	mu     sync.Mutex
	got    []hook
	answer func(hook) int // status; nil = 200
}

func newSink(t testing.TB, answer func(hook) int) *sink {
	t.Helper()
	k := &sink{answer: answer}
	s := httptest.NewServer(k)
	t.Cleanup(s.Close)
	k.URL = s.URL
	return k
}

func (k *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var h hook
	body, _ := io.ReadAll(r.Body)
	json.Unmarshal(body, &h)
	k.mu.Lock()
	k.got = append(k.got, h)
	k.mu.Unlock()
	if k.answer != nil {
		w.WriteHeader(k.answer(h))
	}
}

func (k *sink) hooks() []hook {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]hook(nil), k.got...)
}

// pipes is the network of a synctest bubble: every address leads to one
// handler, in memory.
type pipes struct{ conns chan net.Conn }

func newPipes(t testing.TB, h http.Handler) *pipes {
	p := &pipes{make(chan net.Conn, 64)}
	s := &http.Server{Handler: h}
	go s.Serve(p)
	t.Cleanup(func() { close(p.conns); s.Close() })
	return p
}

func (p *pipes) Accept() (net.Conn, error) {
	c, ok := <-p.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (p *pipes) Close() error   { return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 3000} }

func (p *pipes) Dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	p.conns <- theirs
	return ours, nil
}

func (p *pipes) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
}

func (p *pipes) use(o *emulator.Options) { o.Dial, o.Resolver = p.Dial, p }

// story is everything that happened in a sandbox, for comparison: events,
// attempts with their instants, and the histories of ramps.
func story(t testing.TB, s *emulator.Server, name string, ramps ...string) string {
	t.Helper()
	var out strings.Builder
	b := box(t, s, name)
	events, _, err := b.Events(sandbox.EventFilter{}, 10_000, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		fmt.Fprintln(&out, e.ID, e.Family, e.Action, e.Resource, e.Created.Format(time.RFC3339Nano), string(e.Data))
	}
	deliveries, _, err := b.Deliveries(sandbox.DeliveryFilter{}, 10_000, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range deliveries {
		detail, err := b.Delivery(d.ID)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&out, d.ID, d.Event, d.Status, d.Attempts)
		for _, a := range detail.Log {
			fmt.Fprintln(&out, "  ", a.Number, a.Trigger, a.Due.Format(time.RFC3339Nano), a.Started.Format(time.RFC3339Nano), a.Response != nil)
		}
	}
	key := aKey
	if name != "" {
		key = "sk_test_ws_" + name
	}
	for _, id := range ramps {
		fmt.Fprintln(&out, send(s, key, "GET", "/api/v2/ramps/"+id+"/status-history", "").Body)
	}
	return out.String()
}
