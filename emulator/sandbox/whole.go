package sandbox

import (
	"encoding/json"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/sandgate/sandgate/openapi"
)

// plainID reports a kind whose ids are drawn without a look at anything else.
func (k *Kind) plainID() bool {
	if k.nature.whole {
		return false
	}
	form := k.nature.idForm
	_, prefixed := cutForm(form, "prefix:")
	return prefixed || form == "" || form == "uuid"
}

// fakerOf invents what nobody said about an object: the same each time.
func (o *object) faker() openapi.Faker {
	h := fnv.New64a()
	h.Write([]byte(o.kind.Name + "/" + o.row.ID))
	return openapi.NewFaker(h.Sum64()|1, time.UnixMilli(o.row.Created).UTC())
}

// makeWhole makes a stored body one that the contract's replies may show:
// what fits stays, the rest is invented.
func (a *act) makeWhole(o *object) {
	o.maskCards()
	how := openapi.FitOptions{Lean: o.kind.nature.lean, Fill: o.row.Seq == 0 && !o.kind.nature.lean} // fill: what nobody said about a new one
	made, ok := o.kind.schema.FitWith(o.body, o.faker(), how).(map[string]any)
	if !ok {
		return
	}
	o.body = made
	if field := o.kind.spec.Status.Field; field != "" {
		if state, ok := made[field].(string); ok {
			o.row.Status = state
		}
	}
}

// maxSuit bounds how deep a request's value is looked into.
const maxSuit = 8

// suited turns a value of a request into the form that its place in a reply
// has, as far as anybody can tell: a list becomes a list object, an id the
// object that has it.
func (a *act) suited(v any, s *openapi.Schema, depth int) any {
	if s == nil || depth == 0 || v == nil || len(s.Validate(v, "")) == 0 {
		return v
	}
	switch v := v.(type) {
	case []any:
		return a.suitedList(v, s, depth)
	case map[string]any:
		form := formOf(s, "object")
		if form == nil {
			if id, ok := v["id"]; ok {
				return id
			}
			return v
		}
		out := make(map[string]any, len(v))
		for name, member := range v {
			out[name] = a.suited(member, form.Property(name), depth-1)
		}
		return out
	case string, json.Number:
		return a.suitedOne(v, s, depth)
	}
	return v
}

func (a *act) suitedList(v []any, s *openapi.Schema, depth int) any {
	if form := formOf(s, "array"); form != nil {
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = a.suited(item, form.Items(), depth-1)
		}
		return out
	}
	form := formOf(s, "object")
	if form == nil {
		return v
	}
	for _, name := range form.Properties() {
		if form.Property(name).Type() == "array" {
			return map[string]any{name: a.suited(v, form.Property(name), depth-1)}
		}
	}
	return v
}

func (a *act) suitedOne(v any, s *openapi.Schema, depth int) any {
	text := idText(v)
	if form := formOf(s, "object"); form != nil && len(form.Properties()) > 0 {
		if kind := a.p.kindFor(form); kind != nil {
			if o, err := a.get(kind, text); err == nil && o != nil {
				return maps.Clone(o.body)
			}
		}
		if form.Has("id") {
			return map[string]any{"id": v}
		}
		return v
	}
	for _, other := range []any{json.Number(text), text} {
		if n, ok := other.(json.Number); ok && !json.Valid([]byte(n)) {
			continue
		}
		if len(s.Validate(other, "")) == 0 {
			return other
		}
	}
	if on, err := strconv.ParseBool(text); err == nil && s.Type() == "boolean" {
		return on
	}
	return v
}

// formOf is the schema itself or one of its forms, of a type.
func formOf(s *openapi.Schema, kind string) *openapi.Schema {
	if s == nil {
		return nil
	}
	if s.Type() == kind {
		return s
	}
	for _, form := range s.Variants() {
		if form.Type() == kind {
			return form
		}
	}
	return nil
}

// reflected is the part of a request's body that an object keeps, in the form
// that it has there. Identity and times are never the caller's to set; a state
// only where the contract asks for it.
func (a *act) reflected(b *Binding, c *Call) map[string]any {
	body, inside := b.unwrapped(c.Values.Body)
	k := b.kind
	out := make(map[string]any, len(body))
	for name, v := range body {
		stored := k.stored(name)
		if stored == k.nature.idField || stored == k.nature.stamps.Created || stored == k.nature.stamps.Updated {
			continue
		}
		if b.copies != nil && !b.copies[name] && !b.copies[stored] && inside == "" {
			continue
		}
		if k.schema != nil && !k.nature.merge[stored] && (k.shape == nil || k.shape[stored]) {
			v = a.suited(v, k.schema.Property(stored), maxSuit)
		}
		out[stored] = v
	}
	k.described(out, a.upload)
	return out
}

// unwrapped is the object in a request's body: where replies have it in an
// envelope, requests may too.
func (b *Binding) unwrapped(body any) (object map[string]any, inside string) {
	m, _ := body.(map[string]any)
	if b.kind.shape == nil {
		return m, ""
	}
	envelopes := []string{b.kind.Short, camel(b.kind.Short)}
	if len(b.path) > 0 {
		envelopes = append(envelopes, b.path[len(b.path)-1])
	}
	for _, name := range envelopes {
		if inner, ok := m[name].(map[string]any); ok && !b.kind.shape[name] && !b.stands(m) {
			return inner, name
		}
	}
	if len(m) != 1 {
		return m, ""
	}
	for name, v := range m {
		inner, ok := v.(map[string]any)
		if !ok || b.kind.shape[name] {
			return m, ""
		}
		if slices.ContainsFunc(sortedKeys(inner), func(n string) bool { return b.kind.shape[n] }) {
			return inner, name
		}
	}
	return m, ""
}

// stands reports a body that says something about the object by itself: what
// is in it is a part, and no envelope.
func (b *Binding) stands(body map[string]any) bool {
	return slices.ContainsFunc(sortedKeys(body), func(name string) bool { return b.kind.shape[name] })
}

// ownIDIn is the id that a caller gave to what is to be made.
func (b *Binding) ownIDIn(c *Call) string {
	if b.Spec.Verb != "create" || b.kind.nature.idField == "" {
		return ""
	}
	body, _ := b.unwrapped(c.Values.Body)
	id := body[b.kind.nature.idField]
	if s := b.kind.nature.idSchema; s != nil && id != nil && len(s.Validate(id, "")) > 0 && len(s.Validate(b.kind.idValue(idText(id)), "")) > 0 {
		return "" // it could not be shown
	}
	return idText(id)
}

// addPath gives a new object what the path says about it.
func (b *Binding) addPath(c *Call, from map[string]any) {
	for _, name := range sortedKeys(c.Values.Path) {
		if _, given := from[name]; given || !b.kind.shape[name] || name == b.kind.nature.idField || name == b.kind.spec.Status.Field || b.kind.proves(name, c.Values.Path[name]) {
			continue
		}
		if s := b.kind.schema.Property(name); s != nil && len(s.Validate(c.Values.Path[name], "")) == 0 {
			from[name] = c.Values.Path[name]
		}
	}
}

// change writes the fields of a request into an object.
func (a *act) change(o *object, from map[string]any) error {
	for _, name := range sortedKeys(from) {
		v := from[name]
		switch field := o.kind.spec.Status.Field; {
		case o.kind.nature.merge[name]:
			o.copy(name, merged(o.body[name], v))
		case o.kind.nature.whole && name == field && field != "":
			if state, ok := v.(string); ok && o.row.Seq == 0 {
				o.become(state)
			} else if ok && state != o.row.Status {
				if err := a.enter(o, "update", state, "the caller says so"); err != nil {
					return err
				}
			}
		default:
			o.copy(name, v)
		}
	}
	return nil
}

// merged changes the members of an object one by one; null or "" takes one
// away, and in place of all of them takes all.
func merged(old, change any) any {
	with, ok := change.(map[string]any)
	if !ok {
		return map[string]any{}
	}
	out := map[string]any{}
	if had, ok := old.(map[string]any); ok {
		maps.Copy(out, had)
	}
	for name, v := range with {
		if v == nil || v == "" {
			delete(out, name)
		} else {
			out[name] = v
		}
	}
	return out
}
