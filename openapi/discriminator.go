package openapi

import (
	"slices"
	"strings"
	"sync"
)

// choice is what a discriminator says about a list of variants. A schema may have a oneOf beside an anyOf, so each has its own.
type choice struct {
	once  sync.Once
	by    map[string]int // value of the property → variant
	whole bool           // the mapping is right and names every variant: what it does not name is refused
}

// choice reads the discriminator once. A mapping may be wrong, so it is held against the variants that are there.
func (n *rules) choice(variants []*child) *choice {
	c := &n.byAny
	if len(n.oneOf) > 0 && &variants[0] == &n.oneOf[0] {
		c = &n.byOne
	}
	c.once.Do(func() {
		c.by = map[string]int{}
		named := make([]bool, len(variants))
		mapping := n.kin.Discriminator.Mapping
		c.whole = len(mapping) > 0
		for value, target := range mapping {
			i := variantFor(variants, target.Ref)
			if i < 0 {
				c.whole = false
				continue
			}
			c.by[value], named[i] = i, true
		}
		c.whole = c.whole && !slices.Contains(named, false)
		for i, v := range variants {
			// A variant's own name stands for it too.
			if name := v.schema().name; name != "" {
				if _, taken := c.by[name]; !taken && mapping[name].Ref == "" {
					c.by[name] = i
				}
			}
		}
	})
	return c
}

// variantFor finds the variant that a mapping's target means: by reference, or by name.
func variantFor(variants []*child, ref string) int {
	if !strings.Contains(ref, "/") {
		ref = schemaRef(ref)
	}
	ref = spelled(ref)
	return slices.IndexFunc(variants, func(c *child) bool {
		return spelled(c.ref()) == ref || c.schema().name != "" && schemaRef(c.schema().name) == ref
	})
}

// discriminated lets the discriminator decide, as far as it can. A variant that accepts the value and names the property's value itself counts
// even where the mapping means another one.
func (w *walker) discriminated(n *rules, variants []*child, v any, here frame) (decided, fits bool) {
	object, ok := v.(map[string]any)
	if !ok {
		return false, false
	}
	c, property := n.choice(variants), n.kin.Discriminator.PropertyName
	value, ok := object[property].(string)
	if !ok {
		return c.whole, false
	}
	i, ok := c.by[value]
	if !ok {
		return c.whole, false
	}
	if w.fits(variants[i].schema(), v, here) {
		return true, true
	}
	for j, other := range variants {
		if j != i && tells(other.schema(), property, value) && w.fits(other.schema(), v, here) {
			return true, true
		}
	}
	return true, false
}

// tells says whether a schema lists a value of a property.
func tells(s *Schema, property, value string) bool {
	f := s.merged().byName[property]
	return f != nil && slices.Contains(f.schema.facets().Enum, any(value))
}
