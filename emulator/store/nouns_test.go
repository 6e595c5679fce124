package store

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func TestResource(t *testing.T) {
	db := fresh(t, Options{})
	full := Resource{
		Kind: "ramp", ID: "r1", Owner: "ana", Parent: "m1", Status: "NEW", Body: []byte(`{"a":"é\u0000<>&","n":1.10}`),
		Hidden: []byte(`{"h":1}`), Created: instant, Updated: instant + 1,
	}
	bare := Resource{Kind: "ramp", ID: "r2"}
	twin := Resource{Kind: "other", ID: "r1", Owner: "bob"}
	write(t, db, func(tx *Tx) error {
		return errors.Join(tx.InsertResource(&full), tx.InsertResource(&bare), tx.InsertResource(&twin))
	})
	read := func(kind, id string, want *Resource) {
		t.Helper()
		view(t, db, func(c *Conn) error {
			got, ok, err := c.Resource(kind, id)
			if ok != (want != nil) {
				t.Errorf("%s %s: found %v", kind, id, ok)
			}
			if want != nil {
				same(t, id, got, *want)
			}
			return err
		})
	}
	read("ramp", "r1", &full)
	read("ramp", "r2", &bare)
	read("other", "r1", &twin)
	read("other", "r2", nil)
	view(t, db, func(c *Conn) error {
		got, ok, err := c.FindResource("ramp", "ana", "n", json.Number("1.1"))
		if !ok || got.ID != "r1" {
			t.Errorf("find: %v %v", got, ok)
		}
		_, ok, err2 := c.FindResource("ramp", "bob", "n", json.Number("1.1"))
		if ok {
			t.Error("found another owner's")
		}
		return errors.Join(err, err2)
	})

	full.Status, full.Body, full.Updated = "DONE", []byte(`{}`), instant+9
	write(t, db, func(tx *Tx) error { return tx.UpdateResource(&full) })
	read("ramp", "r1", &full)
	full.Owner, full.Parent, full.Created, full.Hidden = "bob", "m2", instant-5, nil
	full.Seq = 0 // found by its id
	write(t, db, func(tx *Tx) error { return tx.UpdateResource(&full) })
	read("ramp", "r1", &full)
	wrong := full
	wrong.Seq = bare.Seq // a stale number cannot hit another row
	write(t, db, func(tx *Tx) error { return tx.UpdateResource(&wrong) })
	if wrong.Seq != full.Seq {
		t.Errorf("seq %d, want %d", wrong.Seq, full.Seq)
	}
	read("ramp", "r2", &bare)
	for owner, want := range map[string]int{"ana": 0, "bob": 1, "": 2} {
		if n := count(t, db, Query{Kind: "ramp", Owner: owner}); n != want {
			t.Errorf("%q owns %d, want %d", owner, n, want)
		}
	}

	write(t, db, func(tx *Tx) error { return tx.RemoveResource("ramp", "r1", instant) })
	read("ramp", "r1", nil)
	for what, fn := range map[string]func(*Tx) error{
		"remove again":   func(tx *Tx) error { return tx.RemoveResource("ramp", "r1", instant) },
		"update removed": func(tx *Tx) error { r := full; return tx.UpdateResource(&r) },
		"update unknown": func(tx *Tx) error { return tx.UpdateResource(noise("ramp", "r9", "")) },
		"history of it":  func(tx *Tx) error { return tx.InsertTransition(&Transition{Kind: "ramp", ID: "r1"}) },
	} {
		if err := db.Write(t.Context(), fn); !errors.Is(err, ErrMissing) {
			t.Errorf("%s: %v", what, err)
		}
	}
	write(t, db, func(tx *Tx) error { // the id is free again, twice in one instant
		return errors.Join(tx.InsertResource(noise("ramp", "r1", "")), tx.RemoveResource("ramp", "r1", instant), tx.InsertResource(noise("ramp", "r1", "")))
	})
	if n := count(t, db, Query{Kind: "ramp"}); n != 2 {
		t.Errorf("%d ramps", n)
	}
}

func TestTransitions(t *testing.T) {
	db := fresh(t, Options{})
	list := func(kind, id string) (moves string) {
		view(t, db, func(c *Conn) error {
			all, err := c.Transitions(kind, id)
			for _, x := range all {
				moves += x.Move + " "
				if x.Kind != kind || x.ID != id || x.Seq == 0 {
					t.Errorf("%+v", x)
				}
			}
			return err
		})
		return strings.TrimSpace(moves)
	}
	step := func(tx *Tx, id, move string) error {
		return tx.InsertTransition(&Transition{Kind: "ramp", ID: id, Move: move, From: "A", To: "B", Why: "timer", At: instant})
	}
	write(t, db, func(tx *Tx) error {
		return errors.Join(tx.InsertResource(noise("ramp", "a", "")), step(tx, "a", "one"), tx.InsertResource(noise("ramp", "b", "")), step(tx, "b", "x"), step(tx, "a", "two"))
	})
	write(t, db, func(tx *Tx) error { return step(tx, "a", "three") })
	write(t, db, func(tx *Tx) error {
		return errors.Join(tx.RemoveResource("ramp", "a", instant), step(tx, "a", "removed"))
	})
	if got := list("ramp", "a"); got != "one two three removed" {
		t.Error(got)
	}
	write(t, db, func(tx *Tx) error {
		return errors.Join(tx.InsertResource(noise("ramp", "a", "")), step(tx, "a", "anew"))
	})
	if got := list("ramp", "a"); got != "anew" {
		t.Error(got)
	}
	if got := list("ramp", "none"); got != "" {
		t.Error(got)
	}
}

func TestEventsDeliveriesAttempts(t *testing.T) {
	db := fresh(t, Options{})
	e1 := Event{ID: "e1", Provider: "p", Owner: "ana", Family: "RAMP", Action: "CREATE", Kind: "ramp", Resource: "r1", Data: json.RawMessage(`{"x":1}`), Created: instant}
	e2 := Event{ID: "e2", Provider: "p", Owner: "bob", Family: "RAMP", Action: "UPDATE", Kind: "ramp", Resource: "r2", Created: instant + 5}
	d1 := Delivery{ID: "d1", Event: "e1", Endpoint: "w1", Status: "pending", Due: instant, First: instant, URL: "http://a", Created: instant, Updated: instant, Lane: "w1/ramp/r1"}
	d2 := Delivery{ID: "d2", Event: "e1", Endpoint: "gone", Status: "failed", Warning: "w", Created: instant}
	d3 := Delivery{ID: "d3", Event: "e2", Endpoint: "w1", Status: "succeeded"}
	w1 := Endpoint{
		ID: "w1", Provider: "p", URL: "http://a", Secret: "s", Events: []string{"RAMP.CREATE", "RAMP.UPDATE"}, Active: true, Created: instant, Source: "api",
		Previous: []OldSecret{{"old", instant + 9}}, Failing: instant + 1, Disabled: "why", Insecure: true,
	}
	write(t, db, func(tx *Tx) error {
		return errors.Join(tx.InsertEvent(&e1), tx.InsertEvent(&e2), tx.InsertEndpoint(w1), tx.InsertDelivery(&d1), tx.InsertDelivery(&d2))
	})
	write(t, db, func(tx *Tx) error { return tx.InsertDelivery(&d3) }) // the event is of an earlier write
	view(t, db, func(c *Conn) error {
		got, ok, err := c.Event("e1")
		same(t, "event", got, e1)
		_, none, err2 := c.Event("e9")
		if !ok || none {
			t.Error(ok, none)
		}
		d, e, p, ok, err3 := c.Outgoing("d1")
		same(t, "outgoing", []any{d, e, p, ok}, []any{d1, e1, w1, true})
		d, e, p, ok, err4 := c.Outgoing("d2")
		same(t, "outgoing without endpoint", []any{d, e, p, ok}, []any{d2, e1, Endpoint{}, true})
		_, _, _, none, err5 := c.Outgoing("d9")
		one, ok, err6 := c.Delivery("d3")
		same(t, "delivery", one, d3)
		if none || !ok {
			t.Error(none, ok)
		}
		return errors.Join(err, err2, err3, err4, err5, err6)
	})
	for want, f := range map[string]EventFilter{
		"e2 e1": {}, "e2": {Limit: 1}, "e1": {Before: e2.Seq}, "e2 ": {Since: instant + 1}, "e1 ": {Owner: "ana"}, " e2": {Action: "UPDATE"},
		" e1": {Resource: "r1", Kind: "ramp", Family: "RAMP", Provider: "p"}, "": {Kind: "other"},
	} {
		view(t, db, func(c *Conn) error {
			all, err := c.Events(f)
			got := ""
			for _, e := range all {
				got += e.ID + " "
			}
			if strings.TrimSpace(got) != strings.TrimSpace(want) {
				t.Errorf("%+v: %s", f, got)
			}
			return err
		})
	}
	for want, f := range map[string]DeliveryFilter{
		"d3 d2 d1": {}, "d3 d1": {Endpoint: "w1"}, "d2": {Status: "failed"}, "d2 d1": {Event: "e1"}, "d2 ": {Event: "e1", Limit: 1},
		"d1": {Event: "e1", Before: d2.Seq}, "": {Event: "e9"},
	} {
		view(t, db, func(c *Conn) error {
			all, err := c.Deliveries(f)
			got := ""
			for _, d := range all {
				got += d.ID + " "
			}
			if strings.TrimSpace(got) != strings.TrimSpace(want) {
				t.Errorf("%+v: %s", f, got)
			}
			return err
		})
	}

	a1 := Attempt{
		Delivery: "d1", Number: 1, Trigger: "schedule", Due: instant, Started: instant, DurationUS: 1500, RequestHeader: json.RawMessage(`{"A":["b"]}`),
		RequestBody: Text("body"), ResponseHeader: json.RawMessage(`{}`), ResponseBody: Text("no\xff"), ResponseStatus: 500,
	}
	a2 := Attempt{Delivery: "d1", Number: 2, Trigger: "manual", Error: "connect: refused"}
	d1.Status, d1.Attempts, d1.Due, d1.Updated, d1.URL = "succeeded", 2, 0, instant+7, "http://b"
	write(t, db, func(tx *Tx) error {
		return errors.Join(tx.UpdateDelivery(&d1), tx.InsertAttempt(a2), tx.InsertAttempt(a1))
	})
	view(t, db, func(c *Conn) error {
		got, err := c.Attempts("d1")
		same(t, "attempts", got, []Attempt{a1, a2})
		d, _, err2 := c.Delivery("d1")
		same(t, "updated", d, d1)
		text, err3 := json.Marshal(got[0])
		want := `{"delivery":"d1","number":1,"trigger":"schedule","due":1767225600000,"started":1767225600000,"durationUs":1500,"requestHeader":{"A":["b"]},` +
			`"requestBody":"body","responseHeader":{},"responseBody":"no\ufffd","responseStatus":500,"error":"","url":""}`
		if string(text) != want {
			t.Errorf("JSON %s", text)
		}
		secret, err4 := json.Marshal(w1)
		if strings.Contains(string(secret), `"s"`) || strings.Contains(strings.ToLower(string(secret)), "secret") {
			t.Errorf("JSON shows the secret: %s", secret)
		}
		return errors.Join(err, err2, err3, err4)
	})
	for what, tt := range map[string]struct {
		fn   func(*Tx) error
		want error
	}{
		"event twice":            {func(tx *Tx) error { return tx.InsertEvent(&e1) }, ErrExists},
		"delivery twice":         {func(tx *Tx) error { return tx.InsertDelivery(&d1) }, ErrExists},
		"delivery of no event":   {func(tx *Tx) error { return tx.InsertDelivery(&Delivery{ID: "d9", Event: "e9"}) }, ErrMissing},
		"update of no delivery":  {func(tx *Tx) error { return tx.UpdateDelivery(&Delivery{ID: "d9"}) }, ErrMissing},
		"attempt twice":          {func(tx *Tx) error { return tx.InsertAttempt(a1) }, ErrExists},
		"attempt of no delivery": {func(tx *Tx) error { return tx.InsertAttempt(Attempt{Delivery: "d9"}) }, ErrMissing},
		"endpoint twice":         {func(tx *Tx) error { return tx.InsertEndpoint(w1) }, ErrExists},
		"update of no endpoint":  {func(tx *Tx) error { return tx.UpdateEndpoint(Endpoint{ID: "w9"}) }, ErrMissing},
		"removal of no endpoint": {func(tx *Tx) error { return tx.RemoveEndpoint("w9") }, ErrMissing},
		"remembered but undone":  {func(tx *Tx) error { return undone(tx) }, ErrMissing},
	} {
		if err := db.Write(t.Context(), tt.fn); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// undone makes an event in a nested part that is taken back, then owes it.
func undone(tx *Tx) error {
	boom := errors.New("boom")
	err := tx.Nested(func() error {
		return errors.Join(tx.InsertEvent(&Event{ID: "e5"}), tx.InsertResource(noise("ramp", "n", "")), boom)
	})
	if !errors.Is(err, boom) {
		return err
	}
	if n, err := tx.CountResources(Query{Kind: "ramp"}); n != 0 || err != nil {
		return errors.Join(errors.New("the count kept what was undone"), err)
	}
	return tx.InsertDelivery(&Delivery{ID: "d5", Event: "e5"})
}

func TestEndpoints(t *testing.T) {
	db := fresh(t, Options{})
	e := func(id, provider, owner string, active bool) Endpoint {
		return Endpoint{ID: id, Provider: provider, Owner: owner, Active: active, Events: []string{}}
	}
	names := func(all []Endpoint, err error) string {
		if err != nil {
			t.Error(err)
		}
		var s []string
		for _, e := range all {
			s = append(s, e.ID)
		}
		return strings.Join(s, " ")
	}
	check := func(want string) {
		t.Helper()
		view(t, db, func(c *Conn) error {
			for range 2 { // read, then remembered
				if got := names(c.EndpointsFor("ana", "p")); got != want {
					t.Errorf("for ana: %s, want %s", got, want)
				}
			}
			return nil
		})
	}
	check("")
	write(t, db, func(tx *Tx) error {
		err := errors.Join(tx.InsertEndpoint(e("z", "p", "", true)), tx.InsertEndpoint(e("b", "p", "bob", true)), tx.InsertEndpoint(e("a", "p", "ana", true)),
			tx.InsertEndpoint(e("q", "q", "ana", true)), tx.InsertEndpoint(e("off", "p", "ana", false)))
		if got := names(tx.EndpointsFor("ana", "p")); got != "z a" {
			t.Errorf("inside the write: %s", got)
		}
		return err
	})
	check("z a")
	boom := errors.New("boom")
	err := db.Write(t.Context(), func(tx *Tx) error {
		if err := tx.RemoveEndpoint("z"); err != nil {
			return err
		}
		if got := names(tx.EndpointsFor("ana", "p")); got != "a" {
			t.Errorf("inside: %s", got)
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Error(err)
	}
	check("z a")
	on := e("off", "p", "ana", true)
	on.Events, on.URL = []string{"X.Y"}, "http://u"
	write(t, db, func(tx *Tx) error { return errors.Join(tx.UpdateEndpoint(on), tx.RemoveEndpoint("z")) })
	check("a off")
	view(t, db, func(c *Conn) error {
		got, ok, err := c.Endpoint("off")
		same(t, "endpoint", got, on)
		_, none, err2 := c.Endpoint("z")
		if !ok || none {
			t.Error(ok, none)
		}
		if got := names(c.AllEndpoints()); got != "b a q off" {
			t.Errorf("all: %s", got)
		}
		return errors.Join(err, err2)
	})
}

// TestHistoryOfARowMadeAgain: an id that one write removes and makes again
// begins a history of its own.
func TestHistoryOfARowMadeAgain(t *testing.T) {
	db := fresh(t, Options{})
	var last int64
	write(t, db, func(tx *Tx) error {
		r := noise("k", "1", "")
		again := *r
		if err := errors.Join(tx.InsertResource(r), tx.UpdateResource(r), tx.RemoveResource("k", "1", instant), tx.InsertResource(&again)); err != nil {
			return err
		}
		last = again.Seq
		return tx.InsertTransition(&Transition{Kind: "k", ID: "1", To: "NEW", At: instant})
	})
	view(t, db, func(c *Conn) error {
		rows, err := c.Transitions("k", "1")
		if len(rows) != 1 || last == 0 {
			t.Errorf("the history of the new row: %+v", rows)
		}
		return err
	})
}
