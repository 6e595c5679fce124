package emulator_test

import (
	"crypto/sha256"
	"math"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
)

// W2: the same event id and the same bytes on every attempt, and a number that
// tells them apart.
func TestW2SameBytesOnEveryAttempt(t *testing.T) {
	h := newHookshop(t, retries)
	h.sink.answer = func(g got, w http.ResponseWriter) {
		if g.attempt < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}
	h.boxes(hookEvents(), hookEvents())
	h.advance(24 * time.Hour)
	type seen struct {
		event    string
		sum      [sha256.Size]byte
		attempts int
	}
	first := map[string]*seen{}
	for _, g := range h.sink.take() {
		s := first[g.delivery]
		if s == nil {
			s = &seen{event: g.event, sum: sha256.Sum256([]byte(g.body))}
			first[g.delivery] = s
		}
		if s.attempts++; g.attempt != s.attempts || g.event != s.event || sha256.Sum256([]byte(g.body)) != s.sum {
			t.Errorf("attempt %d of %s: number %d, event %s of %s", s.attempts, g.delivery, g.attempt, g.event, s.event)
		}
	}
	if len(first) != hookEvents() {
		t.Errorf("%d deliveries", len(first))
	}
}

// Which bodies count their attempts is said, and theirs alone differ.
func TestW2WhoseBodiesCount(t *testing.T) {
	s, err := emulator.New(emulator.Options{Providers: []string{"killb", "kobana-billing"}, Clock: "manual", Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	box, err := s.Sandbox("")
	if err != nil {
		t.Fatal(err)
	}
	view, err := box.Webhooks()
	if err != nil || view.Providers[0].Bodies != "counted" || view.Providers[1].Bodies != "same" {
		t.Errorf("%+v %v", view, err)
	}
}

// A share of what was accepted is sent once more; the same for the same seed.
// What was accepted stays so, whatever the receiver says the second time.
func TestW2Duplicates(t *testing.T) {
	run := func(order string) map[string]int {
		h := newHookshop(t, retries, func(o *emulator.Options) { o.WebhookDuplicates, o.WebhookOrder = "10%", order })
		h.sink.answer = func(g got, w http.ResponseWriter) {
			if g.attempt > 1 {
				w.WriteHeader(http.StatusConflict) // "I know this one"
			}
		}
		n := hookEvents()
		h.boxes(n, n/10)
		h.advance(48 * time.Hour)
		all := h.sink.take()
		if order == "per-object" {
			inOrder(t, all)
		}
		times, bodies := map[string]int{}, map[string]string{}
		for _, g := range all {
			if times[g.event]++; times[g.event] > 1 && bodies[g.event] != g.body {
				t.Error("a duplicate has other bytes")
			}
			bodies[g.event] = g.body
		}
		twice := 0
		for _, count := range times {
			if count == 2 {
				twice++
			} else if count != 1 {
				t.Errorf("an event came %d times", count)
			}
		}
		if math.Abs(float64(twice)-float64(n)/10) > float64(n)/20 {
			t.Errorf("%d of %d came twice", twice, n)
		}
		if done, _, err := h.box.Deliveries(sandbox.DeliveryFilter{Status: sandbox.DeliverySucceeded}, n+1, ""); err != nil || len(done) != n {
			t.Errorf("%d of %d have succeeded, %v", len(done), n, err)
		} else {
			for _, d := range done {
				if d.Attempts == 2 {
					log, err := h.box.Delivery(d.ID)
					if err != nil || log.Log[1].Trigger != "duplicate" || log.Log[1].Response.Status != 409 || log.Due != nil {
						t.Errorf("%+v %v", log, err)
					}
					break
				}
			}
		}
		return times
	}
	first, again := run(""), run("")
	for event, n := range first {
		if again[event] != n {
			t.Error("the same seed chose others")
			break
		}
	}
	run("per-object")
}

// A retry is not a duplicate: what failed first is sent twice for that reason only.
func TestW2EverythingTwice(t *testing.T) {
	h := newHookshop(t, retries+"  duplicates: 100%\n")
	h.sink.answer = func(g got, w http.ResponseWriter) {
		if g.attempt == 1 {
			w.WriteHeader(500)
		}
	}
	h.boxes(1, 1)
	h.advance(24 * time.Hour)
	if d := h.log(); len(d.Log) != 3 || d.Log[0].Trigger != "schedule" || d.Log[1].Trigger != "schedule" || d.Log[2].Trigger != "duplicate" {
		t.Errorf("%+v", d.Log)
	}
	h.sink.answer = nil
	if err := h.box.Redeliver(t.Context(), h.log().ID); err != nil { // by hand once means once
		t.Fatal(err)
	}
	h.advance(24 * time.Hour)
	if d := h.log(); len(d.Log) != 4 || d.Log[3].Trigger != "manual" || d.Log[3].Number != 4 {
		t.Errorf("%+v", d.Log)
	}
}

// W12: a resend always sends, gets the next number, and takes the place of the
// retry that was due.
func TestW12ResendAlwaysSends(t *testing.T) {
	h := newHookshop(t, retries)
	h.sink.answer = status(500)
	h.boxes(1, 1)
	h.advance(30 * time.Second) // the retry would come at 1 m
	id := h.log().ID
	var wait sync.WaitGroup
	for range 3 {
		wait.Go(func() {
			if err := h.box.Redeliver(t.Context(), id); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	d := h.log()
	if len(h.sink.take()) != 4 || len(d.Log) != 4 {
		t.Fatalf("%d attempts", len(d.Log))
	}
	for i, a := range d.Log {
		if want := []string{"schedule", "manual", "manual", "manual"}[i]; a.Number != i+1 || a.Trigger != want {
			t.Errorf("attempt %d is number %d by %s", i+1, a.Number, a.Trigger)
		}
	}
	h.advance(45 * time.Second) // past the cancelled slot
	if n := len(h.sink.take()); n != 0 {
		t.Errorf("%d attempts at the slot that was cancelled", n)
	}
	h.advance(24 * time.Hour) // after the fourth attempt an hour, then six
	if got := dues(h.log()); len(got) != 6 || got[4] != 30*time.Second+time.Hour || got[5] != 30*time.Second+7*time.Hour {
		t.Errorf("attempts after the first: %v", got)
	}
	h.sink.answer = nil
	for range 2 { // and what has succeeded is sent again too
		if err := h.box.Redeliver(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	if d := h.log(); len(d.Log) != 8 || d.Status != sandbox.DeliverySucceeded {
		t.Errorf("%s after %d", d.Status, len(d.Log))
	}
}

// W12: to where the endpoint is now, or was then; each attempt says where.
func TestW12Address(t *testing.T) {
	for _, c := range []struct{ policy, want string }{{"", "/new"}, {"  resend: now\n", "/new"}, {"  resend: then\n", "/hook"}} {
		h := newHookshop(t, retries+c.policy)
		h.boxes(1, 1)
		h.advance(0)
		endpoint := h.log().Endpoint
		h.want(200, "PATCH", "/_sandgate/endpoints/"+endpoint, "", `{"url":"`+h.sink.URL+`/new"}`)
		if err := h.box.Redeliver(t.Context(), h.log().ID); err != nil {
			t.Fatal(err)
		}
		all, d := h.sink.take(), h.log()
		if len(all) != 2 || all[0].path != "/hook" || all[1].path != c.want || d.Log[0].URL != h.sink.URL+"/hook" || d.Log[1].URL != h.sink.URL+c.want || d.URL != h.sink.URL+c.want {
			t.Errorf("%q: %+v; %+v", c.policy, all, d.Log)
		}
		h.want(200, "PATCH", "/_sandgate/endpoints/"+endpoint, "", `{"active":false}`)
		if err := h.box.Redeliver(t.Context(), h.log().ID); err != nil {
			t.Fatal(err)
		}
		if n := len(h.sink.take()); n != 1 {
			t.Errorf("switched off: %d sends by hand", n)
		}
	}
}
