package emulator_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/emulator/store"
)

func minutes(all ...float64) (spans []time.Duration) {
	for _, m := range all {
		spans = append(spans, time.Duration(m*float64(time.Minute)))
	}
	return spans
}

// W7: what the policy of retries makes of what a receiver answers.
func TestW7Policies(t *testing.T) {
	late := func(g got, w http.ResponseWriter) { <-g.gone }
	with := func(status int, name, value string) func(got, http.ResponseWriter) {
		return func(_ got, w http.ResponseWriter) { w.Header().Set(name, value); w.WriteHeader(status) }
	}
	const plain, short = "  retry: [0s, 10m, 20m]\n", "  retry: [0s, 10m]\n  timeout: 50ms\n"
	for name, c := range map[string]struct {
		policy string
		answer func(got, http.ResponseWriter)
		want   []time.Duration
	}{
		"nothing said":                     {plain, with(500, "Retry-After", "900"), minutes(0, 10, 30)},
		"retry-after within":               {plain + "  retry-after: true\n", with(503, "Retry-After", "900"), minutes(0, 15, 35)},
		"retry-after sooner":               {plain + "  retry-after: true\n", with(429, "Retry-After", "5"), minutes(0, 10, 30)},
		"retry-after much later":           {plain + "  retry-after: true\n", with(429, "Retry-After", "99999"), minutes(0, 20, 60)},
		"retry-after unreadable":           {plain + "  retry-after: true\n", with(429, "Retry-After", "soon"), minutes(0, 10, 30)},
		"retry-after negative":             {plain + "  retry-after: true\n", with(429, "Retry-After", "-5"), minutes(0, 10, 30)},
		"retry-after a date in the past":   {plain + "  retry-after: true\n", with(429, "Retry-After", "Thu, 01 Jan 1970 00:00:00 GMT"), minutes(0, 10, 30)},
		"retry-after a date far from now":  {plain + "  retry-after: true\n", with(429, "Retry-After", "Fri, 31 Dec 2100 00:00:00 GMT"), minutes(0, 20, 60)},
		"floor after 429":                  {"  retry: [0s, 10s, 2m]\n  floor: 1m\n", status(429), minutes(0, 1, 3)},
		"no floor after 500":               {"  retry: [0s, 10s, 2m]\n  floor: 1m\n", status(500), []time.Duration{0, 10 * time.Second, 130 * time.Second}},
		"floor after a timeout":            {short + "  floor: 30m\n", late, minutes(0, 30)},
		"410 without a word":               {plain, status(410), minutes(0, 10, 30)},
		"410 is the end":                   {plain + "  gone: true\n", status(410), minutes(0)},
		"fails on 500, and 500":            {plain + "  fails-on: [500, timeout, tls]\n", status(500), minutes(0, 10, 30)},
		"fails on 500, and 502":            {plain + "  fails-on: [500, timeout, tls]\n", status(502), minutes(0)},
		"fails on 5xx, and 502":            {plain + "  fails-on: [5xx]\n", status(502), minutes(0, 10, 30)},
		"fails on 5xx, and 404":            {plain + "  fails-on: [5xx]\n", status(404), minutes(0)},
		"fails on a timeout, and it is":    {short + "  fails-on: [timeout]\n", late, minutes(0, 10)},
		"fails on 500, and it is too late": {short + "  fails-on: [500]\n", late, minutes(0)},
		"from the first":                   {plain + "  retry-from: first\n", status(500), minutes(0, 10, 20)},
	} {
		t.Run(name, func(t *testing.T) {
			policy := c.policy
			h := newHookshop(t, policy)
			h.sink.answer = c.answer
			h.boxes(1, 1)
			h.advance(48 * time.Hour)
			if d := h.log(); !slices.Equal(dues(d), c.want) || d.Status != sandbox.DeliveryFailed {
				t.Errorf("%s after attempts at %v, want %v", d.Status, dues(d), c.want)
			}
		})
	}
}

// W7: jitter stays within its share, differs from delivery to delivery, and is
// the same for the same seed.
func TestW7Jitter(t *testing.T) {
	run := func() (spans []time.Duration) {
		h := newHookshop(t, "  retry: [0s, 100s]\n  jitter: 20%\n")
		h.sink.answer = status(500)
		h.boxes(100, 100)
		h.advance(time.Hour)
		all, _, err := h.box.Deliveries(sandbox.DeliveryFilter{}, 1000, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range all {
			log, err := h.box.Delivery(d.ID)
			if err != nil || len(log.Log) != 2 {
				t.Fatal(len(log.Log), err)
			}
			spans = append(spans, dues(log)[1])
		}
		return spans
	}
	first := run()
	low, high := slices.Min(first), slices.Max(first)
	if low < 80*time.Second || low > 85*time.Second || high > 120*time.Second || high < 115*time.Second {
		t.Errorf("from %s to %s", low, high)
	}
	if again := run(); !slices.Equal(first, again) {
		t.Error("the same seed gave other delays")
	}
}

// W7, G4: every provider's whole schedule, to a receiver that never takes it:
// no attempt is missing, and none is made that should not be.
func TestW7EveryWholeSchedule(t *testing.T) {
	for _, name := range emulator.BuiltIn() {
		t.Run(name, func(t *testing.T) {
			s, err := emulator.New(emulator.Options{Providers: []string{name}, Clock: "manual", Seed: 7})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			e, sink := &edge{s, t}, &hookSink{answer: status(500)}
			e.receives("", sink.ServeHTTP)
			p := s.World().Providers()[0]
			box, err := s.Sandbox("")
			if err != nil {
				t.Fatal(err)
			}
			endpoints, err := box.Endpoints()
			if err != nil || len(endpoints) != 1 {
				t.Fatal(endpoints, err)
			}
			now, err := box.Now()
			if err != nil {
				t.Fatal(err)
			}
			policy := p.Scenario.Webhooks
			const n = 20
			err = box.Raw(func(tx *store.Tx) error {
				first := now.Add(policy.Retry[0].Span()).UnixMilli()
				for i := range n {
					e := &store.Event{ID: fmt.Sprint("e", i), Provider: name, Family: "thing", Action: "done", Kind: "thing", Resource: fmt.Sprint(i), Data: []byte(`{}`), Created: now.UnixMilli()}
					d := &store.Delivery{ID: fmt.Sprint("d", i), Event: e.ID, Endpoint: endpoints[0].ID, Status: sandbox.DeliveryPending, Due: first, First: first}
					if err := tx.InsertEvent(e); err != nil {
						return err
					}
					if err := tx.InsertDelivery(d); err != nil {
						return err
					}
					if _, err := tx.AddTimer(store.Timer{Due: first, Kind: "attempt", A: d.ID}); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Advance(40 * 24 * time.Hour); err != nil {
				t.Fatal(err)
			}
			var want []time.Duration
			var at time.Duration
			for i, delay := range policy.Retry {
				if at += delay.Span(); policy.RetryFrom == "first" {
					at = policy.Retry[0].Span() + delay.Span()
				}
				if i == 0 {
					at = 0
				}
				want = append(want, at)
			}
			for i := range n {
				d, err := box.Delivery(fmt.Sprint("d", i))
				if err != nil || d.Status != sandbox.DeliveryFailed || !slices.Equal(dues(d), want) {
					t.Errorf("%s: attempts at %v, want %v; %v", d.Status, dues(d), want, err)
				}
			}
			if all := sink.take(); len(all) < n*len(want) {
				t.Errorf("the receiver saw %d attempts", len(all))
			}
		})
	}
}
