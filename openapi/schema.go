package openapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

// Schema is one schema of a document with its references resolved. What stands under a name in the document is one Schema however often it is used.
// It is immutable and safe for concurrent use.
type Schema struct {
	kin  *openapi3.Schema // the model that validates
	name string
	raw  json.RawMessage

	order    []string // own properties as written
	props    map[string]*Schema
	items    *Schema
	extra    *Schema // additionalProperties, if it is a schema
	allOf    []*Schema
	variants []*Schema // oneOf, then anyOf
	siblings *siblings // x-sandgate-variants

	once sync.Once
	view *view
}

// view is a schema with its allOf merged in, made on first use.
type view struct {
	fields   []*field // the schema's own and its allOf's, in order
	byName   map[string]*field
	required []string
	variants []*Schema
	extra    *Schema
	closed   bool // additionalProperties: false somewhere
	facets   *openapi3.Schema

	all   []string // fields and the variants' properties
	reach map[string]*Schema
}

type field struct {
	name   string
	key    []byte // the name as JSON with its colon
	schema *Schema
}

// Name is the schema's name under components/schemas; "" for one written in place.
func (s *Schema) Name() string { return s.name }

// Raw is the schema as written. The caller does not change it.
func (s *Schema) Raw() json.RawMessage { return s.raw }

// Field returns a field of the schema object as written, such as "x-anything"; nil if it is absent.
func (s *Schema) Field(name string) json.RawMessage {
	value, _ := member(s.raw, name)
	return value
}

// Type is the schema's type: the first one that is not null, else what its keywords and its allOf imply, else "".
func (s *Schema) Type() string { return s.typeWithin(maxHops) }

func (s *Schema) typeWithin(hops int) string {
	for _, t := range s.kin.Type.Slice() {
		if t != openapi3.TypeNull {
			return t
		}
	}
	switch {
	case len(s.order) > 0 || s.extra != nil || len(s.kin.Required) > 0:
		return openapi3.TypeObject
	case s.items != nil:
		return openapi3.TypeArray
	case hops == 0:
		return ""
	}
	for _, part := range s.allOf {
		if t := part.typeWithin(hops - 1); t != "" {
			return t
		}
	}
	return ""
}

// Format is the schema's format.
func (s *Schema) Format() string { return s.facets().Format }

// Nullable says whether null is allowed.
func (s *Schema) Nullable() bool { return s.kin.PermitsNull() }

// ReadOnly says whether the value belongs in replies only.
func (s *Schema) ReadOnly() bool { return s.facets().ReadOnly }

// WriteOnly says whether the value belongs in requests only.
func (s *Schema) WriteOnly() bool { return s.facets().WriteOnly }

// Description is the schema's description.
func (s *Schema) Description() string { return s.facets().Description }

// Default is the schema's default; nil if it has none.
func (s *Schema) Default() any { return s.facets().Default }

// Example is the schema's own example; nil if it has none. It may not fit the schema.
func (s *Schema) Example() any { return s.facets().Example }

// Enum lists the values allowed; nil if they are not listed. The caller does not change it.
func (s *Schema) Enum() []any { return s.facets().Enum }

// Items is the schema of an array's items, nil if there is none.
func (s *Schema) Items() *Schema {
	if s.items != nil {
		return s.items
	}
	for _, part := range s.allOf {
		if part.items != nil {
			return part.items
		}
	}
	return nil
}

// Variants lists the schemas of oneOf and anyOf.
func (s *Schema) Variants() []*Schema { return slices.Clone(s.variants) }

// Properties lists the properties in the order of the document: the schema's own and its allOf's, then those that only a variant of oneOf or anyOf has.
// The caller does not change the slice.
func (s *Schema) Properties() []string { return s.merged().all }

// Property finds a property by name, as Properties lists them; nil if there is none.
func (s *Schema) Property(name string) *Schema { return s.merged().reach[name] }

// Has says whether the schema, a part of it or one of its variants declares the property.
func (s *Schema) Has(name string) bool { return s.merged().reach[name] != nil }

// Required lists the properties that every value has, the allOf's included.
func (s *Schema) Required() []string { return s.merged().required }

// Closed says whether properties that are not declared are refused.
func (s *Schema) Closed() bool { return s.merged().closed }

// merged returns the view, made once.
func (s *Schema) merged() *view {
	s.once.Do(func() {
		v := &view{byName: map[string]*field{}, reach: map[string]*Schema{}, facets: s.kin}
		v.add(s, nil)
		if len(s.allOf) > 0 {
			v.facets = &openapi3.Schema{}
			mergeFacets(v.facets, s, nil)
		}
		for _, f := range v.fields {
			v.all = append(v.all, f.name)
			v.reach[f.name] = f.schema
		}
		for _, variant := range v.variants {
			v.addVariant(variant, []*Schema{s})
		}
		s.view = v
	})
	return s.view
}

func (v *view) add(s *Schema, path []*Schema) {
	if slices.Contains(path, s) {
		return
	}
	path = append(path, s)
	// Parts come first: a document writes allOf [base, {own properties}] in the order in which it wants to be read.
	for _, part := range s.allOf {
		v.add(part, path)
	}
	for _, name := range s.order {
		if f := v.byName[name]; f != nil {
			f.schema = both(f.schema, s.props[name])
			continue
		}
		f := &field{name: name, key: append(appendString(nil, name), ':'), schema: s.props[name]}
		v.fields = append(v.fields, f)
		v.byName[name] = f
	}
	for _, name := range s.kin.Required {
		if !slices.Contains(v.required, name) {
			v.required = append(v.required, name)
		}
	}
	v.variants = append(v.variants, s.variants...)
	if v.extra == nil {
		v.extra = s.extra
	}
	if allowed := s.kin.AdditionalProperties.Has; allowed != nil && !*allowed {
		v.closed = true
	}
}

// addVariant adds the properties that a variant declares. It walks the graph itself: the variant's own view may be under construction higher up.
func (v *view) addVariant(s *Schema, path []*Schema) {
	if slices.Contains(path, s) {
		return
	}
	path = append(path, s)
	for _, part := range s.allOf {
		v.addVariant(part, path)
	}
	for _, name := range s.order {
		if v.reach[name] == nil {
			v.all = append(v.all, name)
			v.reach[name] = s.props[name]
		}
	}
	for _, variant := range s.variants {
		v.addVariant(variant, path)
	}
}

// Schema finds a schema under components/schemas.
func (d *Document) Schema(name string) (*Schema, error) {
	if _, ok := d.Component("schemas", name); !ok {
		return nil, fmt.Errorf("the contract has no schema %q", name)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	b := builder{doc: d}
	s, err := b.resolve(schemaRef(name))
	if err != nil {
		b.forget()
		return nil, fmt.Errorf("schema %s: %w", name, err)
	}
	return s, nil
}
