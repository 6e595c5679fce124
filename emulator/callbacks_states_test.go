package emulator_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/scenarios"
)

// TestCallbacksFromEveryState tells every event that a source can send, and
// that moves something, of an object in each state of its machine. One that
// does not fit says why and leaves all as it was; one that says nothing new
// leaves all as it was, too; from a state that no move of it begins in, it is
// one of the two.
func TestCallbacksFromEveryState(t *testing.T) {
	onebyone(t)
	for _, name := range emulator.BuiltIn() {
		server, box := machineRoom(t, name)
		p := server.World().Providers()[0]
		g := &gateway{t, server}
		misfits, tried := 0, 0
		for _, src := range p.Scenario.Callbacks {
			for _, send := range src.Sends {
				at := slices.IndexFunc(src.On, func(h *scenarios.CallbackHandler) bool { return h.Event == send.Event })
				if at < 0 {
					continue
				}
				kind := p.Scenario.Resource(send.Kind)
				for _, state := range statesOf(p, kind) {
					tried++
					if g.tellFrom(p, box, src.Name, src.On[at], kind, state) {
						misfits++
					}
				}
			}
		}
		if len(p.Scenario.Callbacks) > 0 && (misfits == 0 || misfits == tried) {
			t.Errorf("%s: %d of %d do not fit: this test proves nothing", name, misfits, tried)
		}
		t.Logf("%s: %d pairs of event and state, %d do not fit", name, tried, misfits)
	}
}

func (g *gateway) tellFrom(p *sandbox.Provider, box *sandbox.Sandbox, source string, h *scenarios.CallbackHandler, kind *scenarios.Resource, state string) (misfit bool) {
	what := fmt.Sprintf("%s %s from %s", source, h.Event, state)
	id := forge(g.T, box, p, kind, state)
	before, events := rowOf(g.T, box, p, kind, id), eventCount(g.T, box)
	w := g.send("POST", "/_sandgate/callbacks", fmt.Sprintf(`{"source":%q,"type":%q,"id":%q}`, source, h.Event, id))
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"status":200`) {
		g.Errorf("%s: %d %s", what, w.Code, w.Body)
		return false
	}
	all, _, err := box.Callbacks(sandbox.CallbackFilter{Resource: id}, 1, "")
	if err != nil || len(all) != 1 {
		g.Errorf("%s: %v, %d on record: %s", what, err, len(all), w.Body)
		return false
	}
	same := rowOf(g.T, box, p, kind, id) == before && eventCount(g.T, box) == events
	switch all[0].Status {
	case sandbox.CallbackFailed:
		// A forged object has its shape only: where a move does begin, what it computes from may be missing.
		shapeOnly := slices.Contains(begins(kind, h), state) && strings.HasPrefix(all[0].Reason, "scenario_error: ")
		if !same || !shapeOnly && !strings.Contains(all[0].Reason, kind.Kind+" "+id+" is "+state) {
			g.Errorf("%s: all as it was: %v, because %s", what, same, all[0].Reason)
		}
		return true
	case sandbox.CallbackProcessed:
		if !same && !slices.Contains(begins(kind, h), state) {
			g.Errorf("%s: it changed, and no move begins there", what)
		}
	default:
		g.Errorf("%s: it is %s", what, all[0].Status)
	}
	return false
}

// begins are the states in which the moves of a handler begin, those of its
// first steps included.
func begins(kind *scenarios.Resource, h *scenarios.CallbackHandler) (states []string) {
	by := slices.Clone(h.By)
	for _, s := range h.First {
		by = append(by, s.By...)
	}
	for _, m := range kind.Moves {
		if slices.Contains(by, m.Name) {
			states = append(states, m.From...)
		}
	}
	return states
}

func eventCount(t *testing.T, box *sandbox.Sandbox) int {
	t.Helper()
	if _, err := box.Settle(context.Background()); err != nil {
		t.Fatal(err)
	}
	all, _, err := box.Events(sandbox.EventFilter{}, 100_000, "")
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}
