package sandbox

import (
	"encoding/json"
	"slices"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// resolve looks up what a request's body refers to. A reference that is an
// alias becomes the id.
func (a *act) resolve(b *Binding, c *Call, from map[string]any) error {
	for _, ref := range b.kind.spec.References {
		id := referred(from[ref.Name])
		if id == "" || b.kind.nature.whole && b.kind.keeps(ref.Name, id) {
			continue
		}
		kind, err := a.p.Kind(ref.Value)
		if err != nil {
			return err
		}
		o, err := a.known(kind, id)
		if err != nil {
			return err
		}
		if o == nil {
			pointer := b.bodyPointer(c, ref.Name)
			return a.p.Refuse(ReasonReference, "", openapi.Violation{
				Pointer: pointer, Rule: "exists", Expected: "the id of an existing " + kind.Short, Got: openapi.Show(pointer, id),
			})
		}
		if _, text := from[ref.Name].(string); text {
			from[ref.Name] = o.row.ID
		}
	}
	return nil
}

// bodyPointer is where a request's body has a stored property.
func (b *Binding) bodyPointer(c *Call, name string) string {
	if b.kind.nature.whole {
		if _, inside := b.unwrapped(c.Values.Body); inside != "" {
			return "/body/" + inside + "/" + name
		}
	}
	return "/body/" + b.sentAs(name)
}

// referred is the id in a reference, "" = there is none.
func referred(v any) string {
	switch v.(type) {
	case string, json.Number:
		return idText(v)
	}
	return ""
}

// keeps reports a property that takes the text for something else than an id:
// one of the words that its schema lists.
func (k *Kind) keeps(name, text string) bool {
	s := k.fieldSchema(name)
	return s != nil && slices.ContainsFunc(s.Enum(), func(v any) bool { return idText(v) == text })
}

// alone refuses values that another live object of the kind has and nobody
// else may have. self is the object being changed.
func (a *act) alone(kind *Kind, self *object, from map[string]any, c *Call) error {
	for _, rule := range kind.spec.Unique {
		v, sent := from[rule.Name]
		if !sent || v == nil {
			continue
		}
		rows, err := a.conn.Resources(store.Query{
			Kind: kind.Name, Owner: a.scopeOwner(kind), Limit: 2, Where: []store.Cond{equals(kind.path(rule.Name), v)},
		})
		if err != nil {
			return err
		}
		for _, row := range rows {
			if self == nil || row.ID != self.row.ID {
				return a.blame(rule.Value, "/body/"+c.Binding.sentAs(rule.Name), "unique", "a value that no other "+kind.Short+" has", v, "")
			}
		}
	}
	return nil
}

// sentAs is the name under which a request's body has a stored property.
func (b *Binding) sentAs(name string) string {
	if b.Plan.Body == nil || !b.kind.snake {
		return name
	}
	for _, schema := range b.Plan.Body.Media {
		if schema == nil || schema.Has(name) {
			continue
		}
		for _, property := range schema.Properties() {
			if scenarios.SnakeCase(property) == name {
				return property
			}
		}
	}
	return name
}
