package sandbox

import (
	"maps"
	"mime"
	"slices"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/openapi"
)

// doPut makes a resource with the id that the path gives it, or replaces the
// one that has it: what the request does not say is gone then.
func doPut(a *act, b *Binding, c *Call) (result, error) {
	parent, err := a.enclosing(b, c)
	if err != nil {
		return result{}, err
	}
	var o *object
	id := ""
	if b.kind.spec.Singleton && b.id == nil {
		o, err = a.existing(b, parent)
	} else if id, _, err = a.targetID(b, c); err == nil {
		o, err = a.placed(b, parent, id)
	}
	if err != nil {
		return result{}, err
	}
	from := a.taken(b, c)
	if err := a.resolve(b, c, from); err != nil {
		return result{}, err
	}
	if err := a.alone(b.kind, o, from, c); err != nil {
		return result{}, err
	}
	if o == nil {
		if b.kind.nature.whole {
			b.addPath(c, from)
		}
		o, err = a.makeNew(draft{kind: b.kind, id: id, from: from, set: b.set, early: c.early, outer: b.inside(), parent: parent})
		return result{obj: o, made: true}, err
	}
	return result{obj: o}, a.replace(o, b, from)
}

// placed is the object that a put names, nil = it is to be made.
func (a *act) placed(b *Binding, parent, id string) (*object, error) {
	o, err := a.get(b.kind, id)
	if err != nil || len(b.within) == 0 || o != nil && a.belongs(o, b.inside(), parent) {
		return o, err
	}
	return a.get(b.kind, scopedID(parent, id))
}

// existing is the one object of a singleton, nil if it was never made.
func (a *act) existing(b *Binding, parent string) (*object, error) {
	if parent == "" {
		return a.single(b.kind)
	}
	q := store.Query{Kind: b.kind.Name, Owner: a.scopeOwner(b.kind), Limit: 1}
	b.kind.under(b.inside(), parent, &q)
	rows, err := a.found(b.kind, q, nil)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return a.open(b.kind, rows[0])
}

// replace puts a request in the place of all that an object says, but for what
// it is known by and its state.
func (a *act) replace(o *object, b *Binding, from map[string]any) error {
	n := o.kind.nature
	before, old := o.vars(), o.body
	o.body = map[string]any{}
	for _, name := range []string{n.idField, n.stamps.Created, o.kind.spec.Status.Field} {
		if v, ok := old[name]; ok && name != "" {
			o.body[name] = v
		}
	}
	if up := o.kind.spec.Parent; up != nil && up.Field != "" && old[up.Field] != nil {
		o.body[up.Field] = old[up.Field]
	}
	if err := a.change(o, from); err != nil {
		return err
	}
	if b.set != nil {
		if err := a.with("resource", before, func() error { return b.set.EvalFields(&a.env, o.assign) }); err != nil {
			return err
		}
	}
	if err := a.fill(o); err != nil {
		return err
	}
	if !n.whole {
		a.complete(o)
	}
	return a.save(o, o.kind.spec.Emit.Update)
}

// The media types of a request that say how a change is written.
var patchMedia = map[string]string{"application/json-patch+json": "json-patch", "application/merge-patch+json": "merge-patch"}

// patchOf says how a call's change is written, "" = as the fields themselves.
func (b *Binding) patchOf(c *Call) string {
	media, _, _ := mime.ParseMediaType(c.Header.Get("Content-Type"))
	if form, ok := patchMedia[media]; ok {
		return form
	}
	if _, list := c.Values.Body.([]any); !list && b.Spec.Patch == "json-patch" {
		return ""
	}
	return b.Spec.Patch
}

// changes are the fields that an update changes, nil for one that goes.
func (a *act) changes(o *object, b *Binding, c *Call) (map[string]any, error) {
	form := b.patchOf(c)
	if form == "" {
		return a.taken(b, c), nil
	}
	var changed any
	if form == "json-patch" {
		ops, ok := c.Values.Body.([]any)
		bad := &openapi.Violation{Rule: "type", Expected: "a list of operations"}
		if ok {
			changed, bad = openapi.ApplyPatch(o.body, ops)
		}
		if bad != nil {
			bad.Pointer = "/body" + bad.Pointer
			return nil, a.p.Refuse(ReasonInvalid, "", *bad)
		}
	} else {
		changed = openapi.ApplyMerge(o.body, c.Values.Body)
	}
	after, ok := changed.(map[string]any)
	if !ok {
		return nil, a.p.Refuse(ReasonInvalid, "", openapi.Violation{Pointer: "/body", Rule: "type", Expected: "a change that leaves an object"})
	}
	n := o.kind.nature
	after = o.kind.retained(after)
	out := map[string]any{}
	for _, name := range slices.Compact(slices.Sorted(names(o.body, after))) {
		if name == n.idField || name == n.stamps.Created || name == n.stamps.Updated || name == o.kind.spec.Status.Field && !n.whole {
			continue
		}
		out[name] = after[name]
		if n.merge[name] && after[name] != nil {
			delete(o.body, name) // it is whole already
		}
	}
	return out, nil
}

func names(ms ...map[string]any) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, m := range ms {
			for name := range maps.Keys(m) {
				if !yield(name) {
					return
				}
			}
		}
	}
}
