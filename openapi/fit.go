package openapi

import (
	"encoding/json"
	"slices"
)

// FitOptions say how much is invented beside what was given.
type FitOptions struct {
	Lean bool // only what the schema requires
	Full bool // optional properties too, as Sample has them
	Fill bool // give what is missing a value even where v fits without it
}

// Fit makes v into a value that the schema accepts. What fits stays, member by member and item by item; differences of writing are put right (a
// number given as text, an object where its id belongs); what the schema refuses is dropped; what is missing is invented. A v that fits is
// returned as it is; nil stands for nothing known. The same faker gives the same value.
func (s *Schema) Fit(v any, f Faker) any { return s.FitWith(v, f, FitOptions{}) }

// Fill is Fit for a value that is to be whole: optional properties that are missing come with their default, with null or nothing in them, or as
// something believable, even where the schema does not ask for them.
func (s *Schema) Fill(v any, f Faker) any { return s.FitWith(v, f, FitOptions{Fill: true}) }

// FitWith is Fit with options.
func (s *Schema) FitWith(v any, f Faker, o FitOptions) any {
	fits := v != nil && s.fits(v)
	if fits && !o.Fill {
		return v
	}
	plain, changed := plainValue(v)
	if changed && s.fits(plain) {
		if fits = true; !o.Fill {
			return v
		}
	}
	modes := []mode{quiet, lean}
	switch {
	case o.Lean:
		modes = modes[1:]
	case o.Full:
		modes = []mode{full, lean}
	}
	for _, mode := range modes {
		g := newSampler(f, mode)
		g.fill = o.Fill && mode != lean
		if made, _ := g.fit(s, plain, "", 0, nil); s.fits(made) {
			return made
		}
	}
	if fits {
		return v
	}
	return s.Sample(f, nil)
}

// fit makes v into what a schema accepts that stands under a name. kept says whether anything of v is in it.
func (g *sampler) fit(s *Schema, v any, name string, depth int, parent map[string]any) (made any, kept bool) {
	if g.left--; g.left < 0 || depth > maxRounds {
		return g.value(s, name, depth, nil), false
	}
	_, isObject := v.(map[string]any)
	list, isList := v.([]any)
	fits := s.fits(v)
	if fits && !(g.fill && (isObject || isList && len(list) > 0)) {
		return v, true
	}
	if v == nil {
		return g.property(s, name, depth, parent), false
	}
	various := len(s.merged().variants) > 0 && len(s.listed()) == 0
	if !fits && !(various && isObject) {
		if made, ok := g.convert(s, v, name); ok {
			return made, true
		}
	}
	switch {
	case various:
		if made, kept = g.fitVariant(s, v, name, depth, parent); !kept && !fits {
			made, kept = g.convert(s, v, name)
		}
	case isObject && s.takes("object"):
		made, kept = g.fitObject(s, v.(map[string]any), depth)
	case isList && s.takes("array"):
		made, kept = g.fitList(s, list, name, depth)
	default:
		if id := bareID(v); id != "" && s.takes("object") && s.Has("id") {
			made, kept = g.fitObject(s, map[string]any{"id": id}, depth)
		}
	}
	switch {
	case kept && s.fits(made):
		return made, true
	case fits:
		return v, true
	case kept && depth > 0:
		// What is wrong with it may be put right by what stands around it, or not; without it there is less to keep.
		if _, object := made.(map[string]any); !object {
			break
		}
		if fewer, ok := g.fitFewer(s, made.(map[string]any), depth); ok {
			return fewer, true
		}
	case kept:
		return made, true
	}
	return g.property(s, name, depth, parent), false
}

// fitFewer takes away the members that a violation names, as long as that helps.
func (g *sampler) fitFewer(s *Schema, object map[string]any, depth int) (map[string]any, bool) {
	for range 3 {
		violations := s.Validate(object, "")
		if len(violations) == 0 {
			return object, true
		}
		fewer := make(map[string]any, len(object))
		for name, v := range object {
			fewer[name] = v
		}
		for _, violation := range violations {
			delete(fewer, firstToken(violation.Pointer))
		}
		if len(fewer) == 0 || len(fewer) == len(object) {
			return nil, false
		}
		object, _ = g.fitObject(s, fewer, depth)
	}
	return object, s.fits(object)
}

// takes says whether a schema may hold values of a type.
func (s *Schema) takes(kind string) bool {
	t := s.Type()
	return t == kind || t == "" || slices.Contains(s.facets().Type.Slice(), kind)
}

// listed are the values that an enum lists, or the one of a const.
func (s *Schema) listed() []any { return s.facets().Enum }

// fitList keeps the items that fit or can be made to.
func (g *sampler) fitList(s *Schema, given []any, name string, depth int) ([]any, bool) {
	items := s.Items()
	out, kept := make([]any, 0, len(given)), len(given) == 0
	one := singular(name)
	for _, v := range given {
		if most := s.facets().MaxItems; most != nil && uint64(len(out)) >= *most {
			break
		}
		if items == nil {
			out, kept = append(out, v), true
			continue
		}
		if made, same := g.fit(items, v, one, depth+1, nil); same {
			out, kept = append(out, made), true
		}
	}
	if s.facets().UniqueItems {
		out = distinct(out)
	}
	for tries := 0; uint64(len(out)) < s.facets().MinItems && tries < 20 && items != nil && g.left > 0; tries++ {
		out = append(out, g.property(items, one, depth+1, nil))
		if s.facets().UniqueItems {
			out = distinct(out)
		}
	}
	return out, kept
}

// distinct drops what comes a second time.
func distinct(list []any) []any {
	seen := map[string]bool{}
	return slices.DeleteFunc(list, func(v any) bool {
		text, err := Marshal(v, nil)
		again := err != nil || seen[string(text)]
		seen[string(text)] = true
		return again
	})
}

// bareID is the text that a reference is written as.
func bareID(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return string(v)
	}
	return ""
}
