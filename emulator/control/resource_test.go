package control_test

import (
	"strings"
	"testing"

	"github.com/sandgate/sandgate/emulator"
)

func TestResourcesAndMoves(t *testing.T) {
	r := newRig(t, func(o *emulator.Options) { o.Providers = []string{"killb"} })
	r.newUser("ana")
	list := data(r.want(200, "GET", "/_sandgate/resources?kind=user&status=PENDING", ""))
	if len(list) != 1 || field(list[0], "provider") != "killb" || field(list[0], "body", "data", "firstName") != "ana" {
		t.Fatalf("resources: %v", list)
	}
	id, moves := field(list[0], "id").(string), field(list[0], "moves")
	if list := moves.([]any); len(list) != 1 || list[0] != "approve" { // reject fits the state, but not this user
		t.Errorf("moves: %v", moves)
	}

	// a condition that is not met, and a state that does not fit
	body := func(move string) string { return `{"kind":"user","id":"` + id + `","move":"` + move + `"}` }
	if m := r.refused(409, "move_not_allowed", "/body/move", "POST", "/_sandgate/moves", body("reject")); !strings.Contains(m, "condition") {
		t.Errorf("a condition: %s", m)
	}
	if m := r.refused(409, "move_not_allowed", "/body/move", "POST", "/_sandgate/moves", body("suspend")); !strings.Contains(m, "user is PENDING, and suspend fits ACTIVE") {
		t.Errorf("a state: %s", m)
	}

	// the move, its event, and no second one from the clock
	out := r.want(200, "POST", "/_sandgate/moves", `{"provider":"killb","kind":"user","id":"`+id+`","move":"approve","with":{"why":{"amount":0.10}}}`)
	if out["status"] != "ACTIVE" || out["id"] != id || field(out, "body", "status") != "ACTIVE" {
		t.Errorf("moved: %v", out)
	}
	r.want(200, "POST", "/_sandgate/clock/advance", `{"by":"1m"}`)
	events := data(r.want(200, "GET", "/_sandgate/events?resource="+id, ""))
	if len(events) != 2 || field(events[0], "action") != "UPDATE" {
		t.Errorf("events: %v", events)
	}
	r.refused(409, "move_not_allowed", "/body/move", "POST", "/_sandgate/moves", body("approve"))

	// by id, and page by page
	if list = data(r.want(200, "GET", "/_sandgate/resources?kind=user&id="+id, "")); len(list) != 1 || field(list[0], "status") != "ACTIVE" {
		t.Errorf("by id: %v", list)
	}
	r.newUser("bia")
	all, walked := data(r.want(200, "GET", "/_sandgate/resources?kind=user", "")), 0
	for path := "/_sandgate/resources?kind=user&limit=1"; ; walked++ {
		out := r.want(200, "GET", path, "")
		if field(data(out)[0], "id") != field(all[walked], "id") {
			t.Errorf("page %d: %v", walked, data(out))
		}
		next, more := out["next"].(string)
		if !more {
			break
		}
		path = "/_sandgate/resources?kind=user&limit=1&cursor=" + next
	}
	if walked+1 != len(all) || len(all) < 2 {
		t.Errorf("walked %d of %d", walked+1, len(all))
	}
}

func TestResourcesAndMovesWrong(t *testing.T) {
	r := newRig(t, func(o *emulator.Options) { o.Providers = []string{"killb"} })
	for query, pointer := range map[string]string{
		"": "/query/kind", "kind=": "/query/kind", "kind=usr": "/query/kind", "kind=user&provider=nobody": "/query/provider",
		"kind=user&cursor=!": "/query/cursor", "kind=user&limit=0": "/query/limit", "kind=user&state=x": "/query/state",
	} {
		r.refused(400, "invalid", pointer, "GET", "/_sandgate/resources?"+query, "")
	}
	for body, pointer := range map[string]string{
		`{}`:                                   "/body/kind",
		`{"kind":"usr","id":"x","move":"go"}`:  "/body/kind",
		`{"kind":"user","id":"","move":"go"}`:  "/body/id",
		`{"kind":"user","id":"x","move":"go"}`: "/body/move",
		`{"kind":"user","id":"x","move":"approve","provider":"nobody"}`: "/body/provider",
		`{"kind":"user","id":"x","move":"approve","with":[1]}`:          "/body/with",
		`{"kind":"user","id":"x","move":"approve","by":"x"}`:            "/body/by",
	} {
		r.refused(400, "invalid", pointer, "POST", "/_sandgate/moves", body)
	}
	if m := r.refused(400, "invalid", "/body/move", "POST", "/_sandgate/moves", `{"kind":"user","id":"x","move":"aprove"}`); !strings.Contains(m, "approve") {
		t.Errorf("no suggestion: %s", m)
	}
	r.refused(404, "not_found", "", "POST", "/_sandgate/moves", `{"kind":"user","id":"nobody","move":"approve"}`)
	r.refused(404, "no_sandbox", "/query/sandbox", "POST", "/_sandgate/moves?sandbox=one", `{"kind":"user","id":"x","move":"approve"}`)
}
