package emulator_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator/sandbox"
)

func (h *hookshop) deliveries() []sandbox.DeliveryView {
	h.t.Helper()
	all, _, err := h.box.Deliveries(sandbox.DeliveryFilter{}, 100, "") // oldest last
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

// W3: what is sent again by hand lets nobody's retry come before its time.
func TestW3HandLeavesARetryItsTime(t *testing.T) {
	h := newHookshop(t, retries+"  order: per-object\n")
	h.sink.answer = func(g got, w http.ResponseWriter) {
		if g.n == 2 {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}
	h.boxes(2, 1)
	h.advance(0)
	if err := h.box.Redeliver(t.Context(), h.deliveries()[1].ID); err != nil {
		t.Fatal(err)
	}
	h.advance(0)
	if all := h.deliveries(); all[1].Attempts != 2 || all[0].Attempts != 1 || all[0].Due == nil || all[0].Due.Sub(all[0].Created) != time.Minute {
		t.Errorf("%+v", all)
	}
}

// W3: who waited in a lane is not sent before its own first delay is over.
func TestW3LanesKeepTheFirstDelay(t *testing.T) {
	h := newHookshop(t, "  retry: [1m, 1m]\n  order: per-object\n")
	h.boxes(1, 1)
	path := ""
	for _, e := range h.deliveries() {
		event, _, err := h.box.Event(e.Event)
		if err != nil {
			t.Fatal(err)
		}
		path = "/boxes/" + event.Resource
	}
	h.advance(30 * time.Second)
	h.want(200, "PATCH", path, "", `{"n":2}`)
	h.advance(30 * time.Second)
	if n := len(h.sink.take()); n != 1 {
		t.Errorf("%d attempts after a minute", n)
	}
	h.advance(30 * time.Second)
	if n := len(h.sink.take()); n != 1 {
		t.Errorf("%d attempts after another half", n)
	}
}

// What an advance says fired was sent; what waits in its lane was not.
func TestAdvanceTellsWhatWasSent(t *testing.T) {
	h := newHookshop(t, retries+"  order: per-object\n")
	h.sink.answer = status(500)
	resume := h.box.Pause()
	h.boxes(3, 1)
	resume()
	fired := 0
	for _, by := range []time.Duration{0, time.Minute, 5 * time.Minute} {
		out, err := h.box.AdvanceBy(t.Context(), by, false)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range out.Fired {
			if f.Kind == "attempt" {
				fired++
			}
		}
	}
	made := 0
	for _, d := range h.deliveries() {
		made += d.Attempts
	}
	if sent := len(h.sink.take()); sent != made || fired > made {
		t.Errorf("%d fired, %d sent, %d recorded", fired, sent, made)
	}
}

// Whoever called back is named in the audit log, not the control API.
func TestCallbackIsAudited(t *testing.T) {
	g := newGateway(t)
	id, uid := g.pix()
	if w := g.told(fmt.Sprintf(paidAt(uid), true)); w.Code != http.StatusOK {
		t.Fatal(w.Code, w.Body)
	}
	g.settle()
	rows, _, err := g.box().Audit(sandbox.AuditFilter{Kind: "payment", Resource: id}, 1, "")
	if err != nil || len(rows) != 1 {
		t.Fatal(rows, err)
	}
	if r, cb := rows[0], g.callbacks(sandbox.CallbackFilter{})[0]; r.Who != "callback" || r.Operation != "callback kobana pix.paid" || r.Request != cb.ID {
		t.Errorf("%s did %s in %s", r.Who, r.Operation, r.Request)
	}
}
