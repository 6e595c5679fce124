package sandbox_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/clock"
	"github.com/sandgate/sandgate/emulator/sandbox"
)

// TestAdvanceInSteps splits one span in every way: advance(a), advance(b) is
// advance(a+b), to the byte, for events, attempts and histories.
func TestAdvanceInSteps(t *testing.T) {
	const span = 8 * time.Hour // past the last retry
	s := start(t, func(o *emulator.Options) { o.Egress, o.Set = "none", map[string]string{"ramps.auto": "true"} })
	b, url := box(t, s, ""), "http://receiver.test/"
	if _, err := b.AddEndpoint(t.Context(), "", sandbox.EndpointChange{URL: &url}); err != nil {
		t.Fatal(err)
	}
	play := func(t testing.TB, steps []time.Duration) string {
		if err := b.Reset(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		post(t, s, aKey, "/api/v2/users", user(1))
		ramp := newRamp(t, s, aKey)
		var fired []string
		for _, step := range steps {
			out, err := b.AdvanceBy(t.Context(), step, false)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range out.Fired {
				if f.Due.After(clock.ManualStart) { // what is due at once is the loop's as well
					fired = append(fired, fmt.Sprint(f))
				}
			}
		}
		return strings.Join(fired, "\n") + "\n" + story(t, s, "", ramp)
	}
	want := play(t, []time.Duration{span})
	if strings.Count(want, "attempt") < 20 || !strings.Contains(want, "COMPLETED") {
		t.Fatalf("little happens: %s", want)
	}
	flag.Set("rapid.checks", strconv.Itoa(volume(25)))
	rapid.Check(t, func(r *rapid.T) {
		// Seconds first: a cut at an instant where something is due is the interesting one.
		unit := rapid.SampledFrom([]time.Duration{time.Second, time.Minute, time.Millisecond}).Draw(r, "unit")
		cuts := rapid.SliceOfN(rapid.Int64Range(0, int64(span/unit)), 0, 6).Draw(r, "cuts")
		slices.Sort(cuts)
		var steps []time.Duration
		last := time.Duration(0)
		for _, cut := range cuts {
			at := min(time.Duration(cut)*unit, span)
			steps, last = append(steps, at-last), at
		}
		steps = append(steps, span-last)
		if got := play(t, steps); got != want {
			r.Fatalf("%v:\n%s\n--- at once:\n%s", steps, got, want)
		}
	})
}

func TestAdvanceRefuses(t *testing.T) {
	arrived, letGo := make(chan struct{}, 10), make(chan struct{})
	sink := newSink(t, func(h hook) int {
		if h.Action == "UPDATE" {
			arrived <- struct{}{}
			<-letGo
		}
		return http.StatusOK
	})
	s := start(t)
	b := box(t, s, "")
	subscribe(t, s, aKey, sink.URL)
	post(t, s, aKey, "/api/v2/users", user(1)) // becomes ACTIVE after 5 s

	done := make(chan error)
	go func() { _, err := b.AdvanceBy(context.Background(), time.Minute, false); done <- err }()
	<-arrived
	_, by := b.AdvanceBy(t.Context(), time.Second, false)
	_, to := b.AdvanceTo(t.Context(), clock.ManualStart.Add(time.Hour), false)
	_, settle := b.Settle(t.Context())
	for what, err := range map[string]error{
		"by": by, "to": to, "settle": settle, "reset": b.Reset(t.Context(), false), "mode": b.SetMode(t.Context(), clock.Mode{Kind: clock.Real}),
	} {
		if !errors.Is(err, sandbox.ErrBusy) {
			t.Errorf("%s during an advance: %v", what, err)
		}
	}
	if now, err := b.Now(); err != nil || !now.Equal(clock.ManualStart.Add(5*time.Second)) {
		t.Errorf("during the send it is %s (%v)", now, err)
	}
	if w := send(s, "sk_test_ws_other", "GET", "/api/v2/auth/me", ""); w.Code != http.StatusOK {
		t.Errorf("another sandbox waits: %d", w.Code)
	}
	close(letGo)
	if err := <-done; err != nil {
		t.Fatal(err)
	}

	now, _ := b.Now()
	_, by = b.AdvanceBy(t.Context(), -time.Millisecond, false)
	_, to = b.AdvanceTo(t.Context(), now.Add(-time.Millisecond), false)
	if !errors.Is(by, sandbox.ErrBackward) || !errors.Is(to, sandbox.ErrBackward) {
		t.Errorf("backwards: %v, %v", by, to)
	}
	if out, err := b.AdvanceTo(t.Context(), now, false); err != nil || !out.Now.Equal(now) {
		t.Errorf("to where it is: %v %v", out, err)
	}
}

// TestScaledClock runs a clock at sixty times the wall's speed: what is due
// after a minute happens after a second, on the wall's nanosecond.
func TestScaledClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var mu sync.Mutex
		var attempts []time.Duration
		sink := &sink{answer: func(h hook) int {
			mu.Lock()
			defer mu.Unlock()
			if h.Action == "CREATE" {
				attempts = append(attempts, time.Since(began))
			}
			return http.StatusInternalServerError
		}}
		s := start(t, newPipes(t, sink).use, func(o *emulator.Options) {
			o.Clock, o.Data, o.Start = "x60", t.TempDir(), clock.ManualStart
		})
		b := box(t, s, "")
		subscribe(t, s, aKey, "http://receiver.test/")
		id := post(t, s, aKey, "/api/v2/users", user(1))
		active := func() bool {
			synctest.Wait()
			return strings.Contains(send(s, aKey, "GET", "/api/v2/users/"+id, "").Body.String(), `"ACTIVE"`)
		}
		<-time.After(5*time.Second/60 - time.Microsecond)
		if active() {
			t.Error("ACTIVE before five seconds of sandbox time")
		}
		<-time.After(2 * time.Microsecond)
		if !active() {
			t.Error("not ACTIVE after five seconds of sandbox time")
		}
		<-time.After(time.Until(began.Add(441*time.Second + time.Microsecond)))
		synctest.Wait()
		if want := []time.Duration{0, 1e9, 6e9, 21e9, 81e9, 441e9}; !slices.Equal(attempts, want) {
			t.Errorf("attempts at %v of wall time, want %v", attempts, want)
		}
		if now, err := b.Now(); err != nil || now.Sub(clock.ManualStart) != 441*time.Minute {
			t.Errorf("it is %s (%v)", now, err)
		}
		// An advance is on top of the clock's own pace.
		if out, err := b.AdvanceBy(t.Context(), time.Hour, false); err != nil || out.Now.Sub(clock.ManualStart) != 501*time.Minute {
			t.Errorf("after an advance it is %s (%v)", out.Now, err)
		}
		<-time.After(time.Minute)
		if now, _ := b.Now(); now.Sub(clock.ManualStart) != 561*time.Minute {
			t.Errorf("a wall minute later it is %s", now)
		}
	})
}

// TestRestart closes a server between a cause and its effects, and goes on
// with another on the same folder.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	sink := newSink(t, func(hook) int { return http.StatusInternalServerError })
	var ids []string
	open := func() *emulator.Server {
		s, err := emulator.New(options(func(o *emulator.Options) { o.Data = dir }))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	subscribe(t, s, aKey, sink.URL)
	first := post(t, s, aKey, "/api/v2/users", user(1))
	ramp := newRamp(t, s, aKey)
	before, err := s.Advance(3 * time.Second)
	if err != nil {
		t.Fatal(err)
	}
	ids = append(ids, first, ramp)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = open()
	b := box(t, s, "")
	if now, err := b.Now(); err != nil || !now.Equal(before.Now) {
		t.Errorf("it was %s and is %s (%v)", before.Now, now, err)
	}
	for i := range 3 {
		ids = append(ids, post(t, s, aKey, "/api/v2/users", user(2+i)), newRamp(t, s, aKey))
	}
	if _, err := s.Advance(8 * time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := send(s, aKey, "GET", "/api/v2/users/"+first, "").Body.String(); !strings.Contains(got, `"ACTIVE"`) {
		t.Errorf("the user's verification was lost: %s", got)
	}
	events, _, err := b.Events(sandbox.EventFilter{}, 1000, "")
	if err != nil {
		t.Fatal(err)
	}
	created := map[string]time.Time{}
	for _, e := range events {
		ids = append(ids, e.ID)
		created[e.Resource+e.Action] = e.Created
	}
	if after := created[first+"UPDATE"].Sub(created[first+"CREATE"]); after != 5*time.Second {
		t.Errorf("the user became ACTIVE after %s", after)
	}
	deliveries, _, err := b.Deliveries(sandbox.DeliveryFilter{}, 1000, "")
	if err != nil || len(deliveries) != len(events) {
		t.Errorf("%d deliveries of %d events (%v)", len(deliveries), len(events), err)
	}
	for _, d := range deliveries {
		ids = append(ids, d.ID)
		detail, err := b.Delivery(d.ID)
		if err != nil || d.Status != sandbox.DeliveryFailed || len(detail.Log) != 6 {
			t.Errorf("delivery %s is %s after %d attempts (%v)", d.ID, d.Status, len(detail.Log), err)
		}
		for i, try := range detail.Log {
			if try.Number != i+1 {
				t.Errorf("delivery %s: attempt %d is number %d", d.ID, i, try.Number)
			}
		}
	}
	slices.Sort(ids)
	if n := len(ids); len(slices.Compact(ids)) != n {
		t.Errorf("an id came twice among %d", n)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestRestartCatchesUp leaves the server off while things fall due on a real
// clock. They happen at the start, each dated to its own instant.
func TestRestartCatchesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		real := func(o *emulator.Options) {
			o.Clock, o.Egress, o.Data, o.Start = "real", "none", dir, clock.ManualStart
		}
		s, err := emulator.New(options(real))
		if err != nil {
			t.Fatal(err)
		}
		id := post(t, s, aKey, "/api/v2/users", user(1))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		<-time.After(10 * time.Minute)
		s = start(t, real)
		synctest.Wait()
		b := box(t, s, "")
		events, _, err := b.Events(sandbox.EventFilter{Resource: id}, 10, "")
		if err != nil || len(events) != 2 || events[0].Created.Sub(events[1].Created) != 5*time.Second {
			t.Errorf("events: %+v (%v)", events, err)
		}
		if now, _ := b.Now(); now.Sub(clock.ManualStart) != 10*time.Minute {
			t.Errorf("it is %s", now)
		}
	})
}

// TestReceiverCallsBack has a receiver that uses the API from inside its
// handler, as a user's program does: it reads the ramp, pays in and pays out.
// One advance takes the ramp to its end.
func TestReceiverCallsBack(t *testing.T) {
	var s *emulator.Server
	var mu sync.Mutex
	seen := map[string]string{}
	sink := newSink(t, func(h hook) int {
		if h.Event != "RAMP" {
			return http.StatusOK
		}
		got := send(s, aKey, "GET", "/api/v2/ramps/"+h.Data.ID, "").Body.String()
		if !strings.Contains(got, h.Data.ID) {
			t.Errorf("inside the handler: %s", got)
		}
		mu.Lock()
		repeated := seen[h.ID] != ""
		seen[h.ID] = h.Data.Status
		mu.Unlock()
		call := map[string]string{"CASH_IN_REQUESTED": "cash-in", "CASH_OUT_PROCESSING": "cash-out"}[h.Data.Status]
		if call == "" || repeated {
			return http.StatusOK
		}
		if w := send(s, aKey, "POST", "/api/v2/faker/"+call, `{"rampId":"`+h.Data.ID+`"}`); w.Code >= 300 {
			t.Errorf("%s inside the handler: %d %s", call, w.Code, w.Body)
		}
		return http.StatusOK
	})
	s = start(t, func(o *emulator.Options) { o.CheckReplies = true })
	subscribe(t, s, aKey, sink.URL)
	ids := []string{newRamp(t, s, aKey), newRamp(t, s, aKey), newRamp(t, s, aKey)}
	out, err := s.Advance(time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if got := send(s, aKey, "GET", "/api/v2/ramps/"+id, "").Body.String(); !strings.Contains(got, `"status":"COMPLETED"`) {
			t.Errorf("ramp: %s", got)
		}
	}
	if !slices.IsSortedFunc(out.Fired, func(a, b sandbox.Fired) int { return a.Due.Compare(b.Due) }) {
		t.Errorf("fired out of order: %v", out.Fired)
	}
	if left, _, _ := box(t, s, "").Deliveries(sandbox.DeliveryFilter{Status: sandbox.DeliveryPending}, 10, ""); len(left) > 0 {
		t.Errorf("not quiet: %v", left)
	}
}
