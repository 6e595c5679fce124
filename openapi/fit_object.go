package openapi

import (
	"sort"
	"strings"
)

// fitObject keeps the members that a schema takes, and gives those that are missing.
func (g *sampler) fitObject(s *Schema, given map[string]any, depth int) (map[string]any, bool) {
	out, kept := g.keep(s, given, depth)
	g.complete(s, out, depth)
	return out, kept || len(given) == 0
}

// keep takes over what fits: declared members in the order of the schema, then the others by name.
func (g *sampler) keep(s *Schema, given map[string]any, depth int) (map[string]any, bool) {
	v := s.merged()
	out, kept := make(map[string]any, len(given)), false
	for _, f := range v.fields {
		value, there := given[f.name]
		if !there {
			continue
		}
		if made, same := g.fit(s.formOf(f, given), value, f.name, depth+1, given); same {
			out[f.name], kept = made, true
		}
	}
	for _, name := range sortedNames(given) {
		if v.byName[name] != nil {
			continue
		}
		value := given[name]
		if v.extra != nil {
			made, same := g.fit(v.extra, value, name, depth+1, given)
			if !same {
				continue
			}
			value = made
		} else if v.closed {
			continue
		}
		if most := s.facets().MaxProps; most != nil && uint64(len(out)) >= *most {
			break
		}
		out[name], kept = value, true
	}
	return out, kept
}

// formOf is the schema of a property in an object: what stands beside it may say which.
func (s *Schema) formOf(f *field, object map[string]any) *Schema {
	if forms := s.forms(); forms != nil && f.name == forms.Of {
		if form := forms.form(object); form != nil {
			return form
		}
	}
	return f.schema
}

// complete gives the members that are missing.
func (g *sampler) complete(s *Schema, object map[string]any, depth int) {
	v := s.merged()
	g.begin(s, object)
	defer g.agree(s, object, given(object))
	for _, f := range v.fields {
		if _, there := object[f.name]; there {
			continue
		}
		required := v.requires(f.name)
		if value, ok := g.absent(s.formOf(f, object), f.name, required, depth, object); ok {
			object[f.name] = value
		}
	}
	g.unlisted(v, object, depth)
	if least := s.facets().MinProps; uint64(len(object)) < least && len(v.fields) == 0 {
		g.freeForm(s, object, depth)
	}
}

// unlisted gives what is required and nowhere declared.
func (g *sampler) unlisted(v *view, object map[string]any, depth int) {
	for _, name := range v.required {
		if _, there := object[name]; there {
			continue
		}
		if v.extra != nil {
			object[name] = g.property(v.extra, name, depth+1, object)
		} else {
			object[name] = g.fake.Say("word")
		}
	}
}

func given(object map[string]any) map[string]bool {
	names := make(map[string]bool, len(object))
	for name := range object {
		names[name] = true
	}
	return names
}

// absent decides what stands for a property that nobody gave; ok is false where nothing does.
func (g *sampler) absent(s *Schema, name string, required bool, depth int, object map[string]any) (value any, ok bool) {
	if !required && (g.mode == lean || s.WriteOnly() || depth >= sampleDepth) {
		return nil, false
	}
	if d := s.Default(); d != nil && s.fits(d) {
		return copyValue(d), true
	}
	if required {
		if s.Nullable() && len(s.listed()) == 0 && !certain(name) {
			return nil, true
		}
		return g.property(s, name, depth+1, object), true
	}
	if g.mode == full {
		if depth >= optionalDepth {
			return nil, false
		}
		return g.property(s, name, depth+1, object), true
	}
	value, ok = g.optional(s, name, depth, object)
	return value, ok && s.fits(value)
}

// certain properties belong to every object: nobody gives them, and none is null.
func certain(name string) bool {
	switch PlainName(name) {
	case "id", "object", "livemode", "created", "createdat", "createddate", "datecreated":
		return true
	}
	return false
}

// optional invents what describes an object, and leaves out what would say that something happened to it or that it knows another one.
func (g *sampler) optional(s *Schema, name string, depth int, object map[string]any) (any, bool) {
	if s.Nullable() && !certain(name) {
		return nil, true
	}
	switch {
	case len(s.listed()) > 0:
		return g.property(s, name, depth+1, object), !unlikely(name) && !later(name)
	case len(s.merged().variants) > 0:
		return nil, false
	}
	switch s.Type() {
	case "array":
		return []any{}, true
	case "object":
		if len(s.merged().fields) == 0 {
			return map[string]any{}, true
		}
		if depth >= optionalDepth-1 || unlikely(name) || later(name) {
			return nil, false
		}
	case "":
		return nil, false
	default:
		if depth > optionalDepth || unlikely(name) || later(name) || identity(name) && !certain(name) || ofSomebody(name) {
			return nil, false
		}
	}
	return g.property(s, name, depth+1, object), true
}

// ofSomebody says that a property is about a person: who they are is not made up where nobody asks.
func ofSomebody(name string) bool {
	for _, h := range personal {
		if named(name, h.words...) {
			return true
		}
	}
	return named(name, "birth", "birthdate", "dob", "nascimento", "gender", "sexo")
}

// later names say when something happened that has not yet.
func later(name string) bool {
	return named(name, "paid", "captured", "completed", "finalized", "finished", "voided", "ended", "closed", "reversed", "settled", "disputed",
		"approved", "authorized", "received", "delivered", "processed", "confirmed", "expired", "archived", "cancelado", "pago", "recebido", "devolvido")
}

func sortedNames(object map[string]any) []string {
	names := make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// firstToken is the first name of a pointer.
func firstToken(pointer string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	return unescapeToken(name)
}

// singular is the name of one in a list: emails are each an email.
func singular(name string) string { return strings.TrimSuffix(name, "s") }
