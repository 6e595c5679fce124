package openapi

import (
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// view is a schema with its allOf merged in, made on first use.
type view struct {
	fields   []*field // the schema's own and its allOf's, in order
	byName   map[string]*field
	required []string
	asked    map[string]bool // required, once it is long
	variants []*Schema
	extra    *Schema
	closed   bool // additionalProperties: false somewhere
	facets   *openapi3.Schema

	all   []string // fields and the variants' properties
	reach map[string]*child
}

// maxNested is how many schemas may be about one and the same value, one inside the other.
const maxNested = 500

type field struct {
	name   string
	key    []byte // the name as JSON with its colon
	schema *Schema
}

// merged returns the view, made once.
func (s *Schema) merged() *view {
	s.merging.Do(func() {
		v := &view{byName: map[string]*field{}, reach: map[string]*child{}, facets: s.model()}
		v.add(s, &visited{}, 0)
		if len(s.rules().allOf) > 0 {
			v.facets = &openapi3.Schema{}
			mergeFacets(v.facets, s, &visited{}, 0)
		}
		for _, f := range v.fields {
			v.all = append(v.all, f.name)
			v.reach[f.name] = madeChild(f.schema)
		}
		seen := visited{}
		seen.first(s)
		for _, variant := range v.variants {
			v.addVariant(variant, &seen, 1)
		}
		s.view = v
	})
	return s.view
}

func madeChild(s *Schema) *child {
	c := &child{}
	c.made.Store(s)
	return c
}

func (v *view) add(s *Schema, seen *visited, depth int) {
	if depth > maxNested || !seen.first(s) {
		return
	}
	n := s.rules()
	// Parts come first: a document writes allOf [base, {own properties}] in the order in which it wants to be read.
	for _, part := range n.allOf {
		v.add(part.schema(), seen, depth+1)
	}
	for _, name := range n.order {
		if f := v.byName[name]; f != nil {
			f.schema = both(f.schema, n.props[name].schema())
			continue
		}
		f := &field{name: name, key: append(appendString(nil, name), ':'), schema: n.props[name].schema()}
		v.fields = append(v.fields, f)
		v.byName[name] = f
	}
	for _, name := range n.required {
		v.require(name)
	}
	v.variants = append(v.variants, s.choices()...)
	if v.extra == nil && n.extra != nil {
		v.extra = n.extra.schema()
	}
	if n.closed {
		v.closed = true
	}
}

// addVariant adds the properties that a variant declares. It walks the graph itself: the variant's own view may be under construction higher up.
func (v *view) addVariant(s *Schema, seen *visited, depth int) {
	if depth > maxNested || !seen.first(s) {
		return
	}
	n := s.rules()
	for _, part := range n.allOf {
		v.addVariant(part.schema(), seen, depth+1)
	}
	for _, name := range n.order {
		if v.reach[name] == nil {
			v.all = append(v.all, name)
			v.reach[name] = n.props[name]
		}
	}
	for _, variant := range n.variants() {
		v.addVariant(variant.schema(), seen, depth+1)
	}
}

// require adds a name to those that every value has.
func (v *view) require(name string) {
	if v.requires(name) {
		return
	}
	v.required = append(v.required, name)
	if v.asked != nil {
		v.asked[name] = true
	} else if len(v.required) > 32 {
		v.asked = make(map[string]bool, 128)
		for _, name := range v.required {
			v.asked[name] = true
		}
	}
}

// requires says whether every value has a property.
func (v *view) requires(name string) bool {
	if v.asked != nil {
		return v.asked[name]
	}
	return slices.Contains(v.required, name)
}
