package openapi

import (
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

func (w *walker) array(s *Schema, n *rules, v []any, here frame) bool {
	k := &n.kin
	if !n.types.permits(isArray) || uint64(len(v)) < k.MinItems || k.MaxItems != nil && uint64(len(v)) > *k.MaxItems || k.UniqueItems && !unique(v) {
		return false
	}
	for i, item := range v {
		if c := n.item(i); c != nil && !w.fits(c.schema(), item, 0) {
			return false
		}
	}
	if n.sealed && len(v) > len(n.prefix) {
		return false
	}
	if n.contains != nil && !w.contains(n, v) {
		return false
	}
	if n.restItems != nil {
		for i, item := range v {
			if !w.knowsItem(s, v, i, here) && !w.fits(n.restItems.schema(), item, 0) {
				return false
			}
		}
	}
	return true
}

// item is the schema of the item at a place, nil if there is none.
func (n *rules) item(i int) *child {
	if i < len(n.prefix) {
		return n.prefix[i]
	}
	return n.items
}

func (w *walker) contains(n *rules, v []any) bool {
	var found uint64
	for _, item := range v {
		if w.fits(n.contains.schema(), item, 0) {
			found++
		}
	}
	return found >= n.leastHas && (n.mostHas == nil || found <= *n.mostHas)
}

var onlyUnique = openapi3.Schema{UniqueItems: true}

// unique asks kin where there are many items: it compares what they are written as, and not each with each.
func unique(v []any) bool {
	if len(v) > 32 {
		return onlyUnique.VisitJSON(v, quick...) == nil
	}
	for i, item := range v {
		if slices.ContainsFunc(v[:i], func(other any) bool { return sameValue(item, other) }) {
			return false
		}
	}
	return true
}

func (w *walker) object(s *Schema, n *rules, v map[string]any, here frame) bool {
	k := &n.kin
	if !n.types.permits(isObject) || uint64(len(v)) < k.MinProps || k.MaxProps != nil && uint64(len(v)) > *k.MaxProps {
		return false
	}
	for _, name := range n.required {
		if _, ok := v[name]; !ok && !w.excused(s, name, here) {
			return false
		}
	}
	form := n.form(v)
	for name, item := range v {
		if !w.member(n, name, item, form) {
			return false
		}
		if n.restProps != nil && !w.knows(s, v, name, here) && !w.fits(n.restProps.schema(), item, 0) {
			return false
		}
	}
	if n.needs == nil && n.holds == nil {
		return true
	}
	for name, needs := range n.needs {
		if _, ok := v[name]; ok && slices.ContainsFunc(needs, func(other string) bool { _, ok := v[other]; return !ok && !w.excused(s, other, here) }) {
			return false
		}
	}
	for name, c := range n.holds {
		if _, ok := v[name]; ok && !w.fits(c.schema(), v, here) {
			return false
		}
	}
	return true
}

// form is what x-sandgate-variants puts in a property's place.
func (n *rules) form(object map[string]any) *Schema {
	if n.siblings == nil || object[n.siblings.Of] == nil {
		return nil
	}
	return n.siblings.form(object)
}

// member asks one member of an object.
func (w *walker) member(n *rules, name string, item any, form *Schema) bool {
	known := false
	if form != nil && name == n.siblings.Of {
		if known = true; !w.fits(form, item, 0) {
			return false
		}
	} else if c := n.props[name]; c != nil {
		if known = true; !w.fits(c.schema(), item, 0) {
			return false
		}
	}
	for _, p := range n.patterns {
		if p.matches.MatchString(name) {
			if known = true; !w.fits(p.schema.schema(), item, 0) {
				return false
			}
		}
	}
	if !known && (n.closed || n.extra != nil && !w.fits(n.extra.schema(), item, 0)) {
		return false
	}
	return n.names == nil || w.fits(n.names.schema(), name, 0)
}

// excused says whether a property need not be there: in a request what only replies have.
func (w *walker) excused(s *Schema, name string, here frame) bool {
	if !w.request {
		return false
	}
	if f := s.merged().byName[name]; f != nil && f.schema.facets().ReadOnly {
		return true
	}
	for ; here > 0; here = w.levels[here-1].up {
		if f := w.levels[here-1].schema.merged().byName[name]; f != nil && f.schema.facets().ReadOnly {
			return true
		}
	}
	return false
}

// composed asks the schemas that are about the same value.
func (w *walker) composed(n *rules, v any, here frame) bool {
	for _, c := range n.allOf {
		if !w.fits(c.schema(), v, here) {
			return false
		}
	}
	if n.not != nil && w.fits(n.not.schema(), v, here) {
		return false
	}
	if n.cond != nil && !w.conditional(n, v, here) {
		return false
	}
	return w.oneOf(n, v, here) && w.anyOf(n, v, here)
}

func (w *walker) conditional(n *rules, v any, here frame) bool {
	next := n.els
	if w.fits(n.cond.schema(), v, here) {
		next = n.then
	}
	return next == nil || w.fits(next.schema(), v, here)
}

func (w *walker) oneOf(n *rules, v any, here frame) bool {
	if len(n.oneOf) == 0 {
		return true
	}
	limit := 1
	if n.kin.Discriminator != nil {
		decided, fits := w.discriminated(n, n.oneOf, v, here)
		if decided {
			return fits
		}
		limit = len(n.oneOf)
	}
	matched := 0
	for _, c := range n.oneOf {
		if w.fits(c.schema(), v, here) {
			if matched++; matched > limit {
				return w.request && c.up.doc.brought && w.overlap(n.oneOf, v, here)
			}
		}
	}
	return matched > 0
}

func (w *walker) anyOf(n *rules, v any, here frame) bool {
	if len(n.anyOf) == 0 {
		return true
	}
	if n.kin.Discriminator != nil {
		if decided, fits := w.discriminated(n, n.anyOf, v, here); decided {
			return fits
		}
	}
	for _, c := range n.anyOf {
		if w.fits(c.schema(), v, here) {
			return true
		}
	}
	return false
}
