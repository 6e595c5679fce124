package openapi

import (
	"slices"
	"strings"
)

// maxTried is how many variants a value is fitted into before one is invented.
const maxTried = 12

// fitVariant fits a value into the variant that it seems to mean, else into the one that keeps most of it.
func (g *sampler) fitVariant(s *Schema, v any, name string, depth int, parent map[string]any) (any, bool) {
	variants := s.merged().variants
	order := g.meant(s, v, parent)
	outer := g.mode
	defer func() { g.mode = outer }()
	for _, mode := range []mode{outer, lean} {
		for _, i := range order[:min(len(order), maxTried)] {
			if g.left < 0 {
				break
			}
			g.mode = mode
			made, kept := g.fitInto(s, variants[i], v, name, depth, parent)
			if kept && s.fits(made) {
				return made, true
			}
		}
	}
	return nil, false
}

// fitInto fits a value into one variant and into what the schema says beside its variants.
func (g *sampler) fitInto(s, variant *Schema, v any, name string, depth int, parent map[string]any) (any, bool) {
	object, ok := v.(map[string]any)
	if !ok {
		return g.fit(variant, v, name, depth+1, parent)
	}
	if d := s.facets().Discriminator; d != nil {
		if word, _ := object[d.PropertyName].(string); s.variantNamed(word) != variant {
			object = copyObject(object)
			object[d.PropertyName] = discriminatorFor(s, variant)
		}
	}
	if len(s.merged().fields) == 0 {
		return g.fit(variant, object, name, depth+1, parent)
	}
	own, kept := g.keep(s, object, depth)
	for name, value := range object {
		if _, there := own[name]; !there && s.merged().byName[name] == nil {
			own[name] = value // the variant's to judge
		}
	}
	fill := g.fill
	g.fill = true // it may fit the variant and still lack what the schema asks for
	made, also := g.fit(variant, own, name, depth+1, parent)
	g.fill = fill
	if both, ok := made.(map[string]any); ok {
		both = copyObject(both)
		g.complete(s, both, depth)
		made = both
	}
	return made, kept || also
}

func copyObject(object map[string]any) map[string]any {
	out := make(map[string]any, len(object)+1)
	for name, v := range object {
		out[name] = v
	}
	return out
}

// variantNamed is the variant that the discriminator's word stands for; nil if it stands for none.
func (s *Schema) variantNamed(word string) *Schema {
	if word == "" {
		return nil
	}
	for _, variant := range s.merged().variants {
		if discriminatorFor(s, variant) == word {
			return variant
		}
	}
	if target, ok := s.facets().Discriminator.Mapping[word]; ok {
		for _, variant := range s.merged().variants {
			if variant.name != "" && strings.HasSuffix(target.Ref, "/"+variant.name) || target.Ref == variant.name {
				return variant
			}
		}
	}
	return nil
}

// meant orders the variants, the one that a value seems to mean first.
func (g *sampler) meant(s *Schema, v any, parent map[string]any) []int {
	variants := s.merged().variants
	beside := namedBy(parent, len(variants), func(i int) string { return variants[i].name })
	order, scores := make([]int, len(variants)), make([]int, len(variants))
	for i, variant := range variants {
		order[i], scores[i] = i, nearness(variant, v, maxHops)
		if i == beside {
			scores[i] += 40
		}
		if d := s.facets().Discriminator; d != nil {
			if object, ok := v.(map[string]any); ok {
				if word, _ := object[d.PropertyName].(string); s.variantNamed(word) == variant {
					scores[i] += 1000
				}
			}
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return scores[b] - scores[a] })
	return order
}

// nearness guesses how much of a value a variant would keep.
func nearness(s *Schema, v any, hops int) int {
	if hops == 0 {
		return 0
	}
	if inner := s.merged().variants; len(inner) > 0 && len(s.merged().fields) == 0 {
		best := -2000
		for _, variant := range inner[:min(len(inner), maxTried)] {
			best = max(best, nearness(variant, v, hops/2))
		}
		return best
	}
	switch v := v.(type) {
	case map[string]any:
		if !s.takes("object") {
			return -1000
		}
		return likeness(s, v)
	case []any:
		if !s.takes("array") {
			return -1000
		}
		return 0
	}
	switch {
	case s.fits(v):
		return 100
	case s.Type() == "object" || s.Type() == "array":
		return -1000
	}
	return -10
}

// likeness counts what an object and a variant have in common.
func likeness(s *Schema, object map[string]any) int {
	score := 0
	v := s.merged()
	for name, value := range object {
		f := v.byName[name]
		switch {
		case f == nil && v.closed:
			score -= 4
		case f == nil && v.reach[name] == nil:
			score--
		case f == nil:
			score += 2
		case len(f.schema.listed()) > 0:
			if slices.ContainsFunc(f.schema.listed(), func(listed any) bool { return sameWord(listed, value) }) {
				score += 30
			} else {
				score -= 60
			}
		default:
			score += 3
			if f.schema.Type() == kindOfValue(value) || f.schema.Type() == "integer" && kindOfValue(value) == "number" {
				score += 2
			}
		}
	}
	for _, name := range v.required {
		if _, there := object[name]; !there {
			score -= 2
		}
	}
	return score
}

// Forms are the schemas of oneOf and anyOf that a value may choose from, those of its allOf included. The caller does not change the slice.
func (s *Schema) Forms() []*Schema { return s.merged().variants }
