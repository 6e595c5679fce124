package sandbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/clock"
	"github.com/sandgate/sandgate/emulator/sandbox"
)

// inbox is a receiver that keeps what it got and answers as it is told.
type inbox struct {
	mu     sync.Mutex
	got    []string // bodies
	from   []string // ids of deliveries
	status func(n int) int
}

func (k *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	k.mu.Lock()
	k.got, k.from = append(k.got, string(body)), append(k.from, r.Header.Get("Sandgate-Delivery"))
	n := len(k.got)
	k.mu.Unlock()
	if k.status != nil {
		w.WriteHeader(k.status(n))
	}
}

func (k *inbox) bodies() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.got)
}

func kobana(o *emulator.Options) { o.Providers = []string{"kobana-billing"} }

// ask calls the provider's API and reads the reply.
func ask(t testing.TB, h http.Handler, status int, method, path, body string, reply any) {
	t.Helper()
	w := sendNamed(h, method, path, body)
	if w.Code != status {
		t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	if reply != nil {
		if err := json.Unmarshal(w.Body.Bytes(), reply); err != nil {
			t.Fatal(err)
		}
	}
}

type shownDelivery struct {
	ID, Status, URL string
	Event           string `json:"event_id"`
	Attempts        int
	Next            *time.Time `json:"next_attempt_at"`
	Log             []struct {
		Number  int
		Trigger string
		At      time.Time `json:"attempted_at"`
		Error   *string
	} `json:"attempt_log"`
}

type oneDelivery struct{ Data shownDelivery }

type manyDeliveries struct{ Data []shownDelivery }

const aCoupon = `{"code":"ONE","name":"One","discount_type":"percentage","discount_value":10}`

// couponTo makes an endpoint that wants coupons and one event for it.
func couponTo(t testing.TB, s *emulator.Server, url string) (delivery, event, endpoint string) {
	t.Helper()
	view, err := box(t, s, "").AddEndpoint(context.Background(), "", sandbox.EndpointChange{URL: &url, Events: []string{"coupon.created"}})
	if err != nil {
		t.Fatal(err)
	}
	ask(t, s, 201, "POST", "/v1/coupons", aCoupon, nil)
	var list manyDeliveries
	ask(t, s, 200, "GET", "/v1/webhook_deliveries", "", &list)
	if len(list.Data) != 1 {
		t.Fatalf("%d deliveries", len(list.Data))
	}
	return list.Data[0].ID, list.Data[0].Event, view.ID
}

func deliveryOf(t testing.TB, s *emulator.Server, id string) shownDelivery {
	t.Helper()
	var d oneDelivery
	ask(t, s, 200, "GET", "/v1/webhook_deliveries/"+id, "", &d)
	return d.Data
}

// slots are the instants of attempts, from the start of the clock.
func slots(d shownDelivery) string {
	var all []string
	for _, a := range d.Log {
		all = append(all, fmt.Sprint(a.Trigger, " ", a.At.Sub(clock.ManualStart)))
	}
	return strings.Join(all, ", ")
}

// A resend gets the next number, takes the place of the retry that was due,
// and the schedule goes on from there.
func TestW12ResendReplacesTheRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &inbox{status: func(int) int { return 500 }}
		net := newPipes(t, sink)
		s := start(t, kobana, net.use)
		b := box(t, s, "")
		id, _, _ := couponTo(t, s, "http://receiver.test/")
		synctest.Wait()
		if _, err := b.AdvanceBy(t.Context(), 30*time.Second, false); err != nil {
			t.Fatal(err)
		}
		var d oneDelivery
		ask(t, s, 202, "POST", "/v1/webhook_deliveries/"+id+"/retry", "", &d)
		if d.Data.Status != "pending" || d.Data.Attempts != 1 || d.Data.Next == nil || !d.Data.Next.Equal(clock.ManualStart.Add(30*time.Second)) {
			t.Errorf("the reply: %+v", d.Data)
		}
		synctest.Wait() // nobody moves the clock
		if got := deliveryOf(t, s, id); got.Attempts != 2 || got.Log[1].Number != 2 {
			t.Fatalf("the resend was not sent: %+v", got)
		}
		if _, err := b.AdvanceBy(t.Context(), 24*time.Hour, false); err != nil {
			t.Fatal(err)
		}
		got := deliveryOf(t, s, id)
		if want := "schedule 0s, manual 30s, schedule 5m30s, schedule 35m30s, schedule 2h35m30s"; slots(got) != want || got.Status != "failed" {
			t.Errorf("%s: %s\nwant %s", got.Status, slots(got), want)
		}
	})
}

// Three resends of one delivery are three sends, whoever asks for them, on
// either clock, and while an attempt is in the air.
func TestW12EveryResendIsSent(t *testing.T) {
	for _, mode := range []string{"manual", "real"} {
		for _, by := range []string{"api", "control", "both"} {
			t.Run(mode+" "+by, func(t *testing.T) {
				arrived, letGo := make(chan struct{}), make(chan struct{})
				var flying, most atomic.Int32
				sink := &inbox{status: func(n int) int {
					most.Store(max(most.Load(), flying.Add(1)))
					defer flying.Add(-1)
					if n == 1 { // in the air while the others are asked for
						close(arrived)
						<-letGo
					}
					return 200
				}}
				server := httptest.NewServer(sink)
				defer server.Close()
				s := start(t, kobana, func(o *emulator.Options) { o.Clock = mode })
				id, _, _ := couponTo(t, s, server.URL)
				<-arrived
				var asked sync.WaitGroup
				for i := range 3 {
					if by == "api" || by == "both" && i == 0 {
						ask(t, s, 202, "POST", "/v1/webhook_deliveries/"+id+"/retry", "", nil)
						continue
					}
					asked.Go(func() {
						if err := box(t, s, "").Redeliver(t.Context(), id); err != nil {
							t.Error(err)
						}
					})
				}
				if n := len(sink.bodies()); n != 1 {
					t.Errorf("%d sends while the first has no answer", n)
				}
				close(letGo)
				asked.Wait()
				if _, err := box(t, s, "").Settle(t.Context()); err != nil {
					t.Fatal(err)
				}
				d := deliveryOf(t, s, id)
				if n := len(sink.bodies()); n != 4 || most.Load() != 1 || d.Attempts != 4 || d.Status != "delivered" || d.Next != nil {
					t.Errorf("%d sends, %d at a time, %+v", n, most.Load(), d)
				}
				for i, a := range d.Log {
					if a.Number != i+1 || (a.Trigger == "manual") != (i > 0) {
						t.Errorf("attempt %d: %+v", i, a)
					}
				}
			})
		}
	}
}

// What is asked for while an attempt is in the air, or while nothing can be
// sent, is sent by the loop alone, once each.
func TestW12TheLoopSendsThemAll(t *testing.T) {
	for _, mode := range []string{"manual", "real"} {
		t.Run(mode, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				letGo := make(chan struct{})
				sink := &inbox{status: func(n int) int {
					if n == 1 {
						<-letGo
					}
					return 200
				}}
				net := newPipes(t, sink)
				s := start(t, kobana, net.use, func(o *emulator.Options) { o.Clock = mode })
				id, _, _ := couponTo(t, s, "http://receiver.test/")
				synctest.Wait()
				ask(t, s, 202, "POST", "/v1/webhook_deliveries/"+id+"/retry", "", nil)
				ask(t, s, 202, "POST", "/v1/webhook_deliveries/"+id+"/retry", "", nil)
				synctest.Wait()
				if d := deliveryOf(t, s, id); len(sink.bodies()) != 1 || d.Status != "pending" {
					t.Errorf("%d sends, %+v", len(sink.bodies()), d)
				}
				close(letGo)
				synctest.Wait()
				if d := deliveryOf(t, s, id); len(sink.bodies()) != 3 || d.Attempts != 3 || d.Status != "delivered" {
					t.Fatalf("%d sends, %+v", len(sink.bodies()), d)
				}
				resume := box(t, s, "").Pause()
				for range 100 { // more than one page of timers
					ask(t, s, 202, "POST", "/v1/webhook_deliveries/"+id+"/retry", "", nil)
				}
				resume()
				synctest.Wait()
				if d := deliveryOf(t, s, id); len(sink.bodies()) != 103 || d.Attempts != 103 || d.Status != "delivered" {
					t.Errorf("%d sends, %d attempts, %s", len(sink.bodies()), d.Attempts, d.Status)
				}
			})
		})
	}
}

// Resends that fail leave one retry, the last one's.
func TestW12ResendsLeaveOneRetry(t *testing.T) {
	sink := &inbox{status: func(int) int { return 500 }}
	synctest.Test(t, func(t *testing.T) {
		net := newPipes(t, sink)
		s := start(t, kobana, net.use)
		b := box(t, s, "")
		id, _, _ := couponTo(t, s, "http://receiver.test/")
		synctest.Wait()
		resume := b.Pause()
		for range 3 {
			ask(t, s, 202, "POST", "/v1/webhook_deliveries/"+id+"/retry", "", nil)
		}
		resume()
		synctest.Wait()
		if _, err := b.AdvanceBy(t.Context(), 24*time.Hour, false); err != nil {
			t.Fatal(err)
		}
		d := deliveryOf(t, s, id)
		if want := "schedule 0s, manual 0s, manual 0s, manual 0s, schedule 2h0m0s"; slots(d) != want || d.Status != "failed" {
			t.Errorf("%s: %s\nwant %s", d.Status, slots(d), want)
		}
	})
}

// A consumer that dedupes by the event's id finds nothing new in a replay: new
// deliveries, the same id and the same bytes.
func TestReplayIsTheSameEvent(t *testing.T) {
	for _, mode := range []string{"manual", "real"} {
		t.Run(mode, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { replayed(t, mode) }) })
	}
}

func replayed(t *testing.T, mode string) {
	sink := &inbox{}
	net := newPipes(t, sink)
	s := start(t, kobana, net.use, func(o *emulator.Options) { o.Clock = mode })
	first, event, endpoint := couponTo(t, s, "http://receiver.test/")
	b := box(t, s, "")
	if _, err := b.AdvanceBy(t.Context(), 48*time.Hour, false); err != nil {
		t.Fatal(err)
	}
	var list manyDeliveries
	ask(t, s, 202, "POST", "/v1/events/"+event+"/replay", "{}", &list)
	synctest.Wait()
	if len(list.Data) != 1 || list.Data[0].Status != "pending" || list.Data[0].ID == first {
		t.Fatalf("replayed: %+v", list.Data)
	}
	views, err := b.Replay(t.Context(), event, endpoint)
	if err != nil || len(views) != 1 || views[0].Status != sandbox.DeliverySucceeded {
		t.Fatalf("replayed by hand: %+v, %v", views, err)
	}
	seen := map[string]bool{}
	for i, body := range sink.bodies() {
		var e struct{ ID string }
		json.Unmarshal([]byte(body), &e)
		seen[e.ID] = true
		if body != sink.got[0] {
			t.Errorf("send %d has other bytes:\n%s\n%s", i, body, sink.got[0])
		}
	}
	if len(sink.got) != 3 || len(seen) != 1 || !seen[event] || len(slices.Compact(slices.Clone(sink.from))) != 3 {
		t.Errorf("%d sends of %v, in deliveries %v", len(sink.got), seen, sink.from)
	}
	if events, _, err := b.Events(sandbox.EventFilter{Kind: "coupon"}, 10, ""); err != nil || len(events) != 1 {
		t.Errorf("%d events, %v", len(events), err)
	}
}

// What is owed to an endpoint that is gone stays to be seen. A resend of it
// is tried and says so; a replay does not reach it.
func TestResendToAnEndpointThatIsGone(t *testing.T) {
	s := start(t, kobana, func(o *emulator.Options) { o.Egress = "none" })
	b := box(t, s, "")
	id, event, endpoint := couponTo(t, s, "http://receiver.test/")
	off := false
	if _, err := b.ChangeEndpoint(t.Context(), endpoint, sandbox.EndpointChange{Active: &off}); err != nil {
		t.Fatal(err)
	}
	ask(t, s, 422, "POST", "/v1/events/"+event+"/replay", `{"webhook_endpoint_id":"`+endpoint+`"}`, nil)
	if err := b.RemoveEndpoint(t.Context(), endpoint); err != nil {
		t.Fatal(err)
	}
	if err := b.Redeliver(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	d := deliveryOf(t, s, id)
	last := d.Log[len(d.Log)-1]
	if d.Status != "failed" || d.Next != nil || last.Error == nil || !strings.Contains(*last.Error, "removed or switched off") {
		t.Errorf("%+v", d)
	}
	var list manyDeliveries
	ask(t, s, 202, "POST", "/v1/events/"+event+"/replay", "", &list)
	if len(list.Data) != 0 {
		t.Errorf("replayed to %+v", list.Data)
	}
	ask(t, s, 422, "POST", "/v1/events/"+event+"/replay", `{"webhook_endpoint_id":"`+endpoint+`"}`, nil)
}

// sendNamed sends a request of an integration that says its name.
func sendNamed(h http.Handler, method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+aKey)
	r.Header.Set("User-Agent", "sandgate tests (dev@sandgate.test)")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
