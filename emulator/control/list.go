package control

import (
	"errors"
	"net/http"
	"slices"

	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/testcards"
)

// requests lists what the request log remembers; it is short and has one page.
func (x *call) requests() (reply, error) {
	box, err := x.known()
	if err != nil {
		return reply{}, err
	}
	return list(box.Requests(x.limit()), ""), nil
}

// servedCard is a listed test card of a provider being served.
type servedCard struct {
	Provider string `json:"provider"`
	testcards.Card
}

func (x *call) cards() (reply, error) {
	var out []servedCard
	for _, p := range x.s.o.World.Providers() {
		if wanted := x.query("provider"); wanted != "" && wanted != p.Name() || !slices.Contains(testcards.Names(), p.Name()) {
			continue
		}
		deck, err := testcards.Embedded(p.Name())
		if err != nil {
			return reply{}, err
		}
		for _, c := range deck.Cards {
			out = append(out, servedCard{p.Name(), c})
		}
	}
	return list(out, ""), nil
}

// sandboxes lists the sandboxes by name; the cursor is the last name seen.
func (x *call) sandboxes() (reply, error) {
	names, limit, next := x.s.o.World.Names(), x.limit(), ""
	if after := x.query("cursor"); after != "" {
		at, found := slices.BinarySearch(names, after)
		if found {
			at++
		}
		names = names[at:]
	}
	if len(names) > limit {
		names = names[:limit]
		next = names[limit-1]
	}
	out := make([]sandbox.Overview, 0, len(names))
	for _, name := range names {
		if !x.s.o.World.Has(name) {
			continue // removed meanwhile
		}
		box, err := x.s.o.World.Sandbox(name)
		if err != nil {
			return reply{}, err
		}
		o, err := box.Overview()
		if err != nil {
			return reply{}, err
		}
		out = append(out, o)
	}
	return list(out, next), nil
}

func (x *call) removeSandbox() (reply, error) {
	name := x.path("name")
	err := x.s.o.World.Remove(name)
	if errors.Is(err, sandbox.ErrNotFound) {
		return reply{}, &problem{status: http.StatusNotFound, code: "not_found", pointer: "/path/name", message: err.Error()}
	}
	return reply{status: http.StatusNoContent}, err
}
