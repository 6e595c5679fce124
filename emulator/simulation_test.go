package emulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
)

var simSeeds = flag.Int("sim-seeds", 20, "how many seeds TestSimulation plays (each twice)")

// TestSimulation runs the whole server, real file and real HTTP client, in
// virtual time against a receiver that refuses, stalls and breaks off as the
// seed says. After a day every delivery has come to an end by the provider's
// schedule, and the same seed leaves the same trace.
func TestSimulation(t *testing.T) {
	for seed := uint64(1); seed <= uint64(*simSeeds); seed++ {
		t.Run(fmt.Sprint("seed", seed), func(t *testing.T) {
			var traces [2]string
			for i := range traces {
				synctest.Test(t, func(t *testing.T) { traces[i] = simulate(t, seed) })
			}
			a, b := strings.Split(traces[0], "\n"), strings.Split(traces[1], "\n")
			for i := range min(len(a), len(b)) {
				if a[i] != b[i] {
					t.Fatalf("two runs of seed %d differ: %s | %s (replay: go test ./emulator -run Simulation/seed%d)", seed, a[i], b[i], seed)
				}
			}
			if len(a) != len(b) {
				t.Fatalf("two runs of seed %d differ in length: %d, %d", seed, len(a), len(b))
			}
		})
	}
}

// fault is what befalls an attempt: a function of (seed, delivery, attempt),
// never a draw from a shared stream.
func fault(seed uint64, delivery string, attempt int) uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, seed, delivery, attempt)
	return h.Sum64() % 10
}

// receiver is the user's server at the other end of in-memory pipes.
type receiver struct {
	seed    uint64
	mu      sync.Mutex
	conns   chan net.Conn
	got     map[string]int // event id -> highest attempt accepted
	arrived []string
}

func (r *receiver) Accept() (net.Conn, error) {
	c, ok := <-r.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (r *receiver) Close() error   { return nil }
func (r *receiver) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 3000} }

func (r *receiver) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	r.conns <- theirs
	return ours, nil
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	var hook struct {
		ID       string `json:"id"`
		Attempts int    `json:"attempts"`
	}
	body, _ := io.ReadAll(req.Body)
	json.Unmarshal(body, &hook)
	kind := fault(r.seed, req.Header.Get("Sandgate-Delivery"), hook.Attempts)
	r.mu.Lock()
	r.arrived = append(r.arrived, fmt.Sprint(hook.ID, " ", hook.Attempts, " ", kind))
	r.mu.Unlock()
	switch {
	case kind < 3:
		w.WriteHeader(http.StatusInternalServerError)
	case kind == 3:
		<-time.After(7 * time.Second) // past the provider's five
	case kind == 4:
		panic(http.ErrAbortHandler) // the connection breaks off
	case kind == 5:
		http.Redirect(w, req, "/elsewhere", http.StatusFound)
	}
}

func simulate(t *testing.T, seed uint64) string {
	r := &receiver{seed: seed, conns: make(chan net.Conn, 64), got: map[string]int{}}
	h := &http.Server{Handler: r}
	go h.Serve(r)
	defer func() { close(r.conns); h.Close() }()
	s, err := emulator.New(emulator.Options{
		Providers: []string{"killb"}, Clock: "real", Start: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Seed: seed, SignatureTime: "sandbox",
		Data: t.TempDir(), CheckReplies: true, RateLimit: "off", Dial: r.dial, Resolver: loopback{},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	play(t, s, seed)
	<-time.After(24 * time.Hour)
	synctest.Wait()
	return judge(t, s)
}

type loopback struct{}

func (loopback) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
}

// play lets a user's program run for a while: users and ramps, with pauses
// that the seed chooses.
func play(t *testing.T, s *emulator.Server, seed uint64) {
	t.Helper()
	call := func(method, path, body string) string {
		w := httptest.NewRecorder()
		req := httptest.NewRequest(method, path, strings.NewReader(body))
		req.Header.Set("Authorization", "Bearer sk_test_sandgate")
		req.Header.Set("Content-Type", "application/json")
		s.ServeHTTP(w, req)
		if w.Code >= 400 {
			t.Errorf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
		var m struct {
			ID string `json:"id"`
		}
		json.Unmarshal(w.Body.Bytes(), &m)
		return m.ID
	}
	call("POST", "/api/v2/webhooks", `{"url":"http://receiver.test/","secret":"whsec_sandgate_development_only_0000","events":["RAMP","USER"]}`)
	for i := range int64(6) {
		call("POST", "/api/v2/users", userBody(i))
		quote := call("POST", "/api/v2/quotations", `{"fromCurrency":"COP","toCurrency":"USDC","amount":100000,"amountIsToCurrency":false,"cashInMethod":"PSE","cashOutMethod":"POLYGON"}`)
		ramp := call("POST", "/api/v2/ramps", `{"quotationId":"`+quote+`","userId":"b0000000-0000-4000-8000-000000000001","accountId":"acc00000-0000-4000-8000-000000000001"}`)
		// Odd spans keep the program and the timers out of one another's instants: who is first in one is nobody's promise.
		<-time.After(time.Duration(fault(seed, ramp, 0)+3)*time.Second + 137*time.Millisecond)
		call("POST", "/api/v2/faker/cash-in", `{"rampId":"`+ramp+`"}`)
		<-time.After(11*time.Second + 59*time.Millisecond)
		call("POST", "/api/v2/faker/cash-out", `{"rampId":"`+ramp+`"}`)
	}
}

// judge checks the invariants and writes the trace.
func judge(t *testing.T, s *emulator.Server) string {
	t.Helper()
	box, err := s.Sandbox("")
	if err != nil {
		t.Fatal(err)
	}
	events, _, err := box.Events(sandbox.EventFilter{}, 10_000, "")
	if err != nil {
		t.Fatal(err)
	}
	deliveries, _, err := box.Deliveries(sandbox.DeliveryFilter{}, 10_000, "")
	if err != nil {
		t.Fatal(err)
	}
	owed := map[string]bool{}
	var trace []string
	schedule := []time.Duration{0, time.Minute, 6 * time.Minute, 21 * time.Minute, 81 * time.Minute, 441 * time.Minute}
	for _, d := range deliveries {
		owed[d.Event] = true
		detail, err := box.Delivery(d.ID)
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range detail.Log {
			after := a.Due.Sub(detail.Log[0].Due)
			if a.Number != i+1 || i >= len(schedule) || after != schedule[i] {
				t.Errorf("delivery %s: attempt %d stands at %s after the first", d.ID, a.Number, after)
			}
			status := 0
			if a.Response != nil {
				status = a.Response.Status
			}
			trace = append(trace, fmt.Sprint(d.ID, " ", a.Number, " ", a.Due, " ", status, " ", a.Error != ""))
		}
		switch {
		case d.Status == sandbox.DeliverySucceeded:
		case d.Status == sandbox.DeliveryFailed && len(detail.Log) == len(schedule):
		default:
			t.Errorf("delivery %s is %s after %d attempts", d.ID, d.Status, len(detail.Log))
		}
	}
	for _, e := range events {
		if (e.Family == "RAMP" || e.Family == "USER") && !owed[e.ID] {
			t.Errorf("event %s %s.%s has no delivery", e.ID, e.Family, e.Action)
		}
		trace = append(trace, fmt.Sprint(e.ID, " ", e.Family, ".", e.Action, " ", e.Created))
	}
	if len(events) < 60 {
		t.Errorf("only %d events", len(events))
	}
	if replies, panics := s.Broken(); replies+panics > 0 {
		t.Error(errors.New("broken replies or panics"), replies, panics)
	}
	slices.Sort(trace)
	return strings.Join(trace, "\n")
}
