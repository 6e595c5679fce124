package emulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
)

// W6: a replaced secret signs beside the new one while the overlap lasts. A
// consumer that knows either takes everything; after it, the old one nothing.
func TestW6Rotation(t *testing.T) {
	const old, fresh = "whsec_old_00000000000000000000000000000", "whsec_new_00000000000000000000000000000"
	h := newHookshop(t, retries)
	h.sink.answer = func(g got, w http.ResponseWriter) {
		if g.attempt == 1 && g.n%3 == 0 { // its retry falls into the overlap, or behind it
			w.WriteHeader(500)
		}
	}
	id := fmt.Sprint(h.want(200, "GET", "/_sandgate/endpoints", "", "")["data"].([]any)[0].(map[string]any)["id"])
	path := "/_sandgate/endpoints/" + id
	h.want(200, "PATCH", path, "", `{"secret":"`+old+`","overlap":"0s"}`)
	h.boxes(300, 300)
	h.advance(0)
	h.want(200, "PATCH", path, "", `{"secret":"`+fresh+`"}`)
	h.boxes(300, 300)
	h.advance(23 * time.Hour)
	h.boxes(100, 100)
	h.advance(0)
	before, during := 0, 0
	for _, g := range h.sink.take() {
		main, beside := verifies(g, "x-signature", fresh), verifies(g, "x-signature-previous", old)
		switch {
		case verifies(g, "x-signature", old) && g.attempt == 1:
			before++
		case !main || !beside || len(g.header.Values("x-signature-previous")) != 1:
			t.Fatalf("attempt %d of %d: new %v, old %v", g.attempt, g.n, main, beside)
		default:
			during++
		}
	}
	if before != 300 || during != 300+100+100+100 {
		t.Errorf("%d before, %d during", before, during)
	}
	h.advance(2 * time.Hour)
	h.sink.take()
	h.boxes(50, 50)
	h.advance(time.Hour)
	for _, g := range h.sink.take() {
		if !verifies(g, "x-signature", fresh) || g.header.Get("x-signature-previous") != "" || verifies(g, "x-signature", old) {
			t.Fatal("an old secret outlives its overlap")
		}
	}
	// Five sign at most, the newest first; no overlap ends all of them.
	for i := range 7 {
		h.want(200, "PATCH", path, "", fmt.Sprintf(`{"secret":"whsec_%d_00000000000000000000000000000000","overlap":"2d"}`, i))
	}
	h.sink.answer = nil
	h.boxes(1, 1)
	h.advance(0)
	g := h.sink.take()[0]
	if !verifies(g, "x-signature", "whsec_6_00000000000000000000000000000000") || len(g.header.Values("x-signature-previous")) != 4 {
		t.Errorf("%v", g.header)
	}
	for i, want := range []string{"5", "4", "3", "2"} {
		one := got{body: g.body, header: http.Header{"X": {g.header.Values("x-signature-previous")[i]}}}
		if !verifies(one, "x", "whsec_"+want+"_00000000000000000000000000000000") {
			t.Errorf("older signature %d is not by secret %s", i, want)
		}
	}
	h.want(200, "POST", "/_sandgate/reset", "", "")
	if m := h.want(200, "GET", path, "", ""); len(m["previous"].([]any)) != 4 || strings.Contains(fmt.Sprint(m), "whsec") {
		t.Errorf("after a reset: %v", m)
	}
	if m := h.want(200, "PATCH", path, "", `{"secret":"`+fresh+`","overlap":"0s"}`); m["previous"] != nil {
		t.Errorf("without overlap: %v", m)
	}
	for _, body := range []string{`{"overlap":"soon"}`, `{"overlap":"-1h"}`} {
		if got, m := h.call("PATCH", path, "", body); got != 400 {
			t.Errorf("%s: %d %v", body, got, m)
		}
	}
}

// W13: an endpoint that has done nothing but fail is switched off, with a
// reason; one success clears the count; one call switches it on again.
func TestW13AutoDisable(t *testing.T) {
	h := newHookshop(t, retries+"  disable: {after: 2d}\n")
	id := fmt.Sprint(h.want(200, "GET", "/_sandgate/endpoints", "", "")["data"].([]any)[0].(map[string]any)["id"])
	path := "/_sandgate/endpoints/" + id
	look := func() map[string]any { return h.want(200, "GET", path, "", "") }
	daily := func(days int) {
		for range days {
			h.boxes(1, 1)
			h.advance(24 * time.Hour)
		}
	}
	h.sink.answer = status(500)
	daily(2)
	if m := look(); m["active"] != true || m["failing"] != "2026-01-01T00:00:00Z" {
		t.Errorf("before its time: %v", m)
	}
	h.sink.answer = nil
	daily(1)
	if m := look(); m["active"] != true || m["failing"] != nil {
		t.Errorf("a success has not cleared the count: %v", m)
	}
	h.sink.answer = status(500)
	daily(2)
	if m := look(); m["active"] != true || m["failing"] != "2026-01-04T00:00:00Z" {
		t.Errorf("sporadic failures: %v", m)
	}
	daily(1)
	m := look()
	if m["active"] != false || m["disabled"] != "every attempt has failed since 2026-01-04T00:00:00Z" {
		t.Fatalf("two days of failures: %v", m)
	}
	h.sink.take()
	daily(1)
	if n := len(h.sink.take()); n != 0 {
		t.Errorf("%d attempts after it was switched off", n)
	}
	h.sink.answer = nil
	if m := h.want(200, "PATCH", path, "", `{"active":true}`); m["active"] != true || m["disabled"] != nil || m["failing"] != nil {
		t.Errorf("on again: %v", m)
	}
	daily(1)
	if n := len(h.sink.take()); n != 1 {
		t.Errorf("%d attempts after it was switched on again", n)
	}
}

// W8, W13: 410 switches an endpoint off where the provider does that.
func TestW13Gone(t *testing.T) {
	h := newHookshop(t, retries+"  gone: true\n")
	h.sink.answer = status(410)
	h.boxes(3, 3)
	h.advance(24 * time.Hour)
	m := h.want(200, "GET", "/_sandgate/endpoints", "", "")["data"].([]any)[0].(map[string]any)
	if m["active"] != false || m["disabled"] != "it answered 410 Gone" {
		t.Errorf("%v", m)
	}
	if n := len(h.sink.take()); n < 1 || n > 3 { // those of that instant may be in the air together
		t.Errorf("%d attempts", n)
	}
}

// W13: what is not the receiver's doing does not count against it.
func TestW13BlockedIsNotFailing(t *testing.T) {
	h := newHookshop(t, retries+"  disable: {after: 1h}\n", func(o *emulator.Options) { o.Egress = "none" })
	h.boxes(2, 2)
	h.advance(48 * time.Hour)
	if m := h.want(200, "GET", "/_sandgate/endpoints", "", "")["data"].([]any)[0].(map[string]any); m["active"] != true || m["failing"] != nil {
		t.Errorf("%v", m)
	}
}

// W8: 2xx and nothing else is success, redirects are not followed, whatever
// they say. Interim statuses are no answers.
func TestW8OnlyTwoHundredsAreSuccess(t *testing.T) {
	var now int
	second := 0
	wire := &wires{answer: func(path string) string {
		if path != "/hook" {
			second++
		}
		location := ""
		if now%2 == 0 {
			location = "Location: http://receiver.test/second\r\n"
		}
		return fmt.Sprintf("HTTP/1.1 %d X\r\n%sContent-Length: 0\r\nConnection: close\r\n\r\n", now/2, location)
	}}
	h := newHookshop(t, "  retry: [0s]\n", func(o *emulator.Options) { o.Dial, o.Resolver = wire.dial, loopback{} })
	tried, step := 0, 1
	if testing.Short() {
		step = 3
	}
	for now = 200; now < 1200; now += step {
		tried++
		h.boxes(1, 1)
		h.advance(time.Second)
		all, _, err := h.box.Deliveries(sandbox.DeliveryFilter{}, 1, "")
		if err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		want := sandbox.DeliveryFailed
		if code := now / 2; code >= 200 && code <= 299 {
			want = sandbox.DeliverySucceeded
		}
		if all[0].Status != want || all[0].Attempts != 1 {
			t.Errorf("%d: %s after %d attempts", now/2, all[0].Status, all[0].Attempts)
		}
	}
	if second != 0 || wire.requests != tried {
		t.Errorf("%d requests, %d of them to where a redirect pointed", wire.requests, second)
	}
}

// W14: no certificate goes unchecked but at an endpoint for which somebody
// asked that, where --egress is any or local.
func TestW14InsecureIsAskedFor(t *testing.T) {
	for _, c := range []struct {
		egress string
		status int
	}{{"any", 201}, {"local", 201}, {"public", 400}, {"none", 400}} {
		h := newHookshop(t, retries, func(o *emulator.Options) { o.Egress = c.egress })
		got, m := h.call("POST", "/_sandgate/endpoints", "", `{"url":"https://127.0.0.1:1/","insecure":true}`)
		if got != c.status || got == 201 && m["insecure"] != true {
			t.Errorf("--egress %s: %d %v", c.egress, got, m)
		}
	}
	server := newTLSSink(t)
	h := newHookshop(t, retries)
	id := h.endpoint(`{"url":"` + server + `"}`)
	h.boxes(1, 1)
	h.advance(0)
	failed, _, err := h.box.Deliveries(sandbox.DeliveryFilter{Endpoint: id}, 10, "")
	if err != nil || len(failed) != 1 || failed[0].Status != sandbox.DeliveryPending {
		t.Fatalf("%+v %v", failed, err)
	}
	h.want(200, "PATCH", "/_sandgate/endpoints/"+id, "", `{"insecure":true}`)
	h.advance(time.Minute)
	if d, err := h.box.Delivery(failed[0].ID); err != nil || d.Status != sandbox.DeliverySucceeded || !strings.Contains(d.Log[0].Error, "no trustworthy TLS") {
		t.Errorf("%+v %v", d, err)
	}
}
