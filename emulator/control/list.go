package control

import (
	"errors"
	"net/http"
	"slices"

	"github.com/sandgate/sandgate/emulator/sandbox"
)

// requests lists what the request log remembers; it is short and has one page.
func (x *call) requests() (reply, error) {
	box, err := x.known()
	if err != nil {
		return reply{}, err
	}
	return list(box.Requests(x.limit()), ""), nil
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
