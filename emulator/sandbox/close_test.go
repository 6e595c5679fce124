package sandbox_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/clock"
	"github.com/sandgate/sandgate/emulator/sandbox"
)

// onlyDelivery is the one delivery of a sandbox, with its attempts.
func onlyDelivery(t testing.TB, s *emulator.Server) sandbox.DeliveryDetail {
	t.Helper()
	b := box(t, s, "")
	all, _, err := b.Deliveries(sandbox.DeliveryFilter{}, 10, "")
	if err != nil || len(all) != 1 {
		t.Fatalf("deliveries: %v %v", all, err)
	}
	detail, err := b.Delivery(all[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	return detail
}

// TestCloseDuringASend stops the server while a receiver takes its time. A
// send that may finish is recorded; one that is cut off was no attempt and is
// made again by the next process, with the same number.
func TestCloseDuringASend(t *testing.T) {
	for name, c := range map[string]struct {
		clock    string
		patience time.Duration // how long the stop may take
		tries    int
		status   string
	}{
		"finished":               {"real", 10 * time.Second, 1, sandbox.DeliverySucceeded},
		"finished, manual clock": {"manual", 10 * time.Second, 1, sandbox.DeliverySucceeded},
		"cut off":                {"real", time.Second, 0, sandbox.DeliveryPending},
		"cut off at once":        {"manual", 0, 0, sandbox.DeliveryPending},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const slow = 3 * time.Second
				sink := &sink{answer: func(hook) int { <-time.After(slow); return http.StatusOK }}
				o := options(newPipes(t, sink).use, func(o *emulator.Options) {
					o.Clock, o.Data, o.Start = c.clock, t.TempDir(), clock.ManualStart
				})
				s, err := emulator.New(o)
				if err != nil {
					t.Fatal(err)
				}
				subscribe(t, s, aKey, "http://receiver.test/")
				post(t, s, aKey, "/api/v2/users", user(1))
				synctest.Wait()
				if len(sink.hooks()) != 1 {
					t.Fatal("nothing is in the air")
				}
				began := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), c.patience)
				defer cancel()
				if err := s.World().Close(ctx); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); took != min(slow, c.patience) {
					t.Errorf("the stop took %s", took)
				}
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}

				o.Clock = "manual" // to look before anything else happens
				<-time.After(slow) // a receiver that was cut off comes to its end
				o.Egress = "none"
				s, err = emulator.New(o)
				if err != nil {
					t.Fatal(err)
				}
				b := box(t, s, "")
				defer s.Close()
				resume := b.Pause()
				d := onlyDelivery(t, s)
				resume()
				if c.tries == 1 && (d.Status != c.status || len(d.Log) != 1 || d.Log[0].Response == nil) {
					t.Errorf("%s after %+v", d.Status, d.Log)
				}
				if _, err := b.AdvanceBy(t.Context(), 8*time.Hour, false); err != nil {
					t.Fatal(err)
				}
				all, _, err := b.Deliveries(sandbox.DeliveryFilter{}, 10, "")
				if err != nil || len(all) != 2 { // and the one of becoming ACTIVE
					t.Fatalf("deliveries: %v %v", all, err)
				}
				first, err := b.Delivery(all[1].ID)
				if err != nil {
					t.Fatal(err)
				}
				if c.tries == 1 && len(first.Log) != 1 || c.tries == 0 && len(first.Log) != 6 {
					t.Errorf("%d attempts in the end", len(first.Log))
				}
				for i, try := range first.Log {
					if try.Number != i+1 {
						t.Errorf("attempt %d is number %d", i, try.Number)
					}
				}
			})
		})
	}
}

// TestAdvanceCutOff hangs up in the middle of an advance. The send that was
// under way was no attempt; it is made again without anybody asking.
func TestAdvanceCutOff(t *testing.T) {
	for _, mode := range []string{"manual", "real"} {
		t.Run(mode, func(t *testing.T) {
			arrived, letGo := make(chan struct{}, 10), make(chan struct{})
			sink := newSink(t, func(hook) int { arrived <- struct{}{}; <-letGo; return http.StatusOK })
			s := start(t, func(o *emulator.Options) { o.Clock = mode })
			b := box(t, s, "")
			post(t, s, aKey, "/api/v2/users", user(1)) // nobody listens yet; becomes ACTIVE after 5 s
			subscribe(t, s, aKey, sink.URL)
			ctx, hangUp := context.WithCancel(t.Context())
			done := make(chan error)
			go func() { _, err := b.AdvanceBy(ctx, time.Hour, false); done <- err }()
			<-arrived
			hangUp()
			if err := <-done; err == nil {
				t.Fatal("the advance ended well in spite of the hang-up")
			}
			<-arrived // again
			if d := onlyDelivery(t, s); d.Attempts != 0 || len(d.Log) != 0 || d.Status != sandbox.DeliveryPending {
				t.Errorf("the delivery is %s after %d attempts", d.Status, d.Attempts)
			}
			close(letGo)
			if _, err := b.Settle(t.Context()); err != nil {
				t.Fatal(err)
			}
			if d := onlyDelivery(t, s); d.Status != sandbox.DeliverySucceeded || len(d.Log) != 1 || d.Log[0].Number != 1 {
				t.Errorf("in the end the delivery is %s after %d attempts", d.Status, len(d.Log))
			}
		})
	}
}

// TestCloseDuringAnAdvance stops the server under an advance. The send under
// way finishes and is recorded; what is left happens in the next process, and
// nothing is sent twice.
func TestCloseDuringAnAdvance(t *testing.T) {
	arrived, letGo := make(chan struct{}, 10), make(chan struct{})
	sink := newSink(t, func(h hook) int {
		if h.Action == "UPDATE" {
			arrived <- struct{}{}
			<-letGo
		}
		return http.StatusOK
	})
	o := options(func(o *emulator.Options) { o.Data = t.TempDir() })
	s, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	subscribe(t, s, aKey, sink.URL)
	post(t, s, aKey, "/api/v2/users", user(1))
	advanced, closed := make(chan error, 1), make(chan error)
	go func() { _, err := s.Advance(time.Hour); advanced <- err }()
	<-arrived
	go func() { closed <- s.Close() }()
	for i := 0; ; i++ { // until it is closing
		if _, err := s.Sandbox(fmt.Sprint("new-", i)); errors.Is(err, sandbox.ErrClosed) {
			break
		}
		runtime.Gosched()
	}
	close(letGo)
	if err := <-closed; err != nil {
		t.Errorf("close: %v", err)
	}
	if err := <-advanced; !errors.Is(err, sandbox.ErrClosed) {
		t.Errorf("the advance went on: %v", err)
	}
	if s, err = emulator.New(o); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Advance(time.Hour); err != nil {
		t.Fatal(err)
	}
	all, _, err := box(t, s, "").Deliveries(sandbox.DeliveryFilter{Status: sandbox.DeliverySucceeded}, 10, "")
	if err != nil || len(all) != 2 || all[0].Attempts != 1 || all[1].Attempts != 1 || len(sink.hooks()) != 2 {
		t.Errorf("deliveries: %+v (%v); the receiver got %+v", all, err, sink.hooks())
	}
}

// TestStopCutsAnAdvance stops without patience while a receiver hangs in the
// middle of an advance. The stop does not wait for it.
func TestStopCutsAnAdvance(t *testing.T) {
	arrived, letGo := make(chan struct{}, 10), make(chan struct{})
	defer close(letGo)
	sink := newSink(t, func(hook) int { arrived <- struct{}{}; <-letGo; return http.StatusOK })
	o := options(func(o *emulator.Options) { o.Data = t.TempDir() })
	s, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	post(t, s, aKey, "/api/v2/users", user(1)) // nobody listens yet; becomes ACTIVE after 5 s
	subscribe(t, s, aKey, sink.URL)
	advanced, began := make(chan error, 1), time.Now()
	go func() { _, err := s.Advance(time.Hour); advanced <- err }()
	<-arrived
	ctx, hurry := context.WithCancel(t.Context())
	hurry()
	if err := s.World().Close(ctx); err != nil {
		t.Error(err)
	}
	if err := <-advanced; err == nil {
		t.Error("the advance ended well")
	}
	if took := time.Since(began); took > 4*time.Second { // the provider's timeout is five
		t.Errorf("the stop took %s", took)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	o.Egress = "none"
	if s, err = emulator.New(o); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Advance(0); err != nil {
		t.Fatal(err)
	}
	if d := onlyDelivery(t, s); len(d.Log) != 1 || d.Log[0].Number != 1 {
		t.Errorf("attempts: %+v", d.Log)
	}
}
