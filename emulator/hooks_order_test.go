package emulator_test

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
)

// unreliable refuses three of ten attempts, by the delivery and the attempt.
func unreliable(g got, w http.ResponseWriter) {
	if fault(7, g.delivery, g.attempt) < 3 {
		w.WriteHeader(http.StatusInternalServerError)
	}
}

// inOrder fails unless what is about each object arrived in order, one done
// with before the next.
func inOrder(t *testing.T, all []got) {
	t.Helper()
	last, inversions := map[string]int{}, 0
	for _, g := range all {
		if g.n < last[g.object] {
			inversions++
		}
		last[g.object] = max(last[g.object], g.n)
	}
	if inversions > 0 {
		t.Errorf("%d inversions in %d attempts", inversions, len(all))
	}
}

func orderOf(order string) func(*emulator.Options) {
	return func(o *emulator.Options) { o.WebhookOrder = order }
}

// W3: per object, the head blocks; 0 inversions with 30 % failures.
func TestW3PerObject(t *testing.T) {
	h := newHookshop(t, retries, orderOf("per-object"))
	h.sink.answer = unreliable
	objects := max(hookEvents()/100, 10)
	h.boxes(hookEvents()/2, objects)
	h.advance(3 * time.Minute) // some wait for a retry, and more comes
	h.boxes(hookEvents()/2, objects)
	h.advance(10 * 24 * time.Hour)
	all := h.sink.take()
	inOrder(t, all)
	events := map[string]bool{}
	for _, g := range all {
		events[g.event] = true
	}
	if len(events) != hookEvents() {
		t.Errorf("%d of %d events arrived", len(events), hookEvents())
	}
	if left, _, err := h.box.Deliveries(sandbox.DeliveryFilter{Status: sandbox.DeliveryPending}, 10, ""); err != nil || len(left) > 0 {
		t.Errorf("left: %+v %v", left, err)
	}
	t.Logf("%d attempts", len(all))
}

// Free order lets a later event about an object pass one that waits for its
// retry: what per-object prevents is really there.
func TestW3FreeOrderInverts(t *testing.T) {
	h := newHookshop(t, retries)
	h.sink.answer = unreliable
	h.boxes(100, 5)
	h.advance(24 * time.Hour)
	last, inversions := map[string]int{}, 0
	for _, g := range h.sink.take() {
		if g.n < last[g.object] {
			inversions++
		}
		last[g.object] = max(last[g.object], g.n)
	}
	if inversions == 0 {
		t.Error("no inversion in free order")
	}
}

// The same on a clock that runs by itself, where attempts fly beside the loop.
func TestW3PerObjectOnARunningClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{conns: make(chan net.Conn, 64)}
		sink := &hookSink{answer: unreliable}
		server := &http.Server{Handler: sink}
		go server.Serve(r)
		defer func() { close(r.conns); server.Close() }()
		h := newHookshop(t, retries, orderOf("per-object"), func(o *emulator.Options) {
			o.Clock, o.Dial, o.Resolver = "real", r.dial, loopback{}
		})
		defer h.Close()
		for range 4 {
			h.boxes(50, 5)
			<-time.After(100 * time.Second)
		}
		<-time.After(24 * time.Hour)
		synctest.Wait()
		all := sink.take()
		inOrder(t, all)
		if left, _, err := h.box.Deliveries(sandbox.DeliveryFilter{Status: sandbox.DeliveryPending}, 10, ""); err != nil || len(left) > 0 {
			t.Errorf("left: %+v %v", left, err)
		}
		if len(all) < 200 {
			t.Errorf("%d attempts", len(all))
		}
	})
}

// A retry by hand passes the queue, and lets the next one go when it is taken.
func TestW3HandFreesTheLane(t *testing.T) {
	h := newHookshop(t, retries+"  order: per-object\n")
	h.sink.answer = status(500)
	h.boxes(3, 1)
	h.advance(0)
	if all := h.sink.take(); len(all) != 1 || all[0].n != 1 {
		t.Fatalf("before: %+v", all)
	}
	h.sink.answer = nil
	deliveries, _, err := h.box.Deliveries(sandbox.DeliveryFilter{}, 10, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.box.Redeliver(t.Context(), deliveries[2].ID); err != nil { // oldest last
		t.Fatal(err)
	}
	h.advance(0)
	var order []int
	for _, g := range h.sink.take() {
		order = append(order, g.n)
	}
	if !slices.Equal(order, []int{1, 2, 3}) {
		t.Errorf("after: %v", order)
	}
}

// W3: shuffled by the seed, at least a fifth of all pairs are inverted, and the
// same ones every time.
func TestW3Shuffle(t *testing.T) {
	run := func(seed uint64) (order []int) {
		h := newHookshop(t, retries, orderOf("shuffle"), func(o *emulator.Options) { o.Seed = seed })
		h.boxes(200, 200)
		h.advance(2 * time.Minute)
		for _, g := range h.sink.take() {
			order = append(order, g.n)
		}
		return order
	}
	first := run(7)
	inverted, pairs := 0, 0
	for i := range first {
		for j := i + 1; j < len(first); j++ {
			if pairs++; first[i] > first[j] {
				inverted++
			}
		}
	}
	if len(first) != 200 || inverted*5 < pairs {
		t.Errorf("%d of %d pairs of %d are inverted", inverted, pairs, len(first))
	}
	if again := run(7); !slices.Equal(first, again) {
		t.Errorf("the same seed gave another order: %v %v", first, again)
	}
	if other := run(8); slices.Equal(first, other) {
		t.Error("another seed gave the same order")
	}
}

// What is chosen for a sandbox goes before the run and the provider, begins
// with the next event, and is still there after a reset and in the next process.
func TestWebhooksOnDemand(t *testing.T) {
	dir := t.TempDir()
	o := emulator.Options{Providers: []string{hookFile(t, retries+"  order: per-object\n  duplicates: 5%\n")}, Clock: "manual", Seed: 7, Data: dir, WebhookDuplicates: "20%"}
	open := func() *edge {
		s, err := emulator.New(o)
		if err != nil {
			t.Fatal(err)
		}
		return &edge{s, t}
	}
	e := open()
	seen := func() string {
		m := e.want(200, "GET", "/_sandgate/webhooks", "", "")
		p := m["providers"].([]any)[0].(map[string]any)
		return strings.TrimSpace(fmt.Sprintln(m["order"], m["duplicates"], p["order"], p["duplicates"], p["bodies"]))
	}
	for _, c := range []struct{ put, want string }{
		{"", "<nil> <nil> per-object 20% same"},
		{`{"order":"shuffle"}`, "shuffle <nil> shuffle 20% same"},
		{`{"duplicates":"0%"}`, "<nil> 0% per-object 0% same"},
		{`{}`, "<nil> <nil> per-object 20% same"},
		{`{"order":"free","duplicates":"100%"}`, "free 100% free 100% same"},
	} {
		if c.put != "" {
			e.want(200, "PUT", "/_sandgate/webhooks", "", c.put)
		}
		if got := seen(); got != c.want {
			t.Errorf("%s: %s, want %s", c.put, got, c.want)
		}
	}
	e.want(200, "POST", "/_sandgate/reset", "", "")
	if got := seen(); got != "free 100% free 100% same" {
		t.Errorf("after a reset: %s", got)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = open()
	defer e.Close()
	if got := seen(); got != "free 100% free 100% same" {
		t.Errorf("in the next process: %s", got)
	}
	for _, body := range []string{`{"order":"lifo"}`, `{"duplicates":"101%"}`, `{"duplicates":"7"}`, `{"duplicates":7}`, `{"dupes":"7%"}`} {
		if got, m := e.call("PUT", "/_sandgate/webhooks", "", body); got != 400 {
			t.Errorf("%s: %d %v", body, got, m)
		}
	}
	other := e.want(200, "GET", "/_sandgate/webhooks", "", "")
	if len(other) != 3 {
		t.Error(other)
	}
	if _, err := emulator.New(emulator.Options{Providers: o.Providers, WebhookOrder: "lifo"}); err == nil {
		t.Error("an order that is none was taken")
	}
}
