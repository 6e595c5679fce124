package openapi

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

// Schema is one schema of a document. Its keywords are read on its first use and the schemas below it on theirs, so that what nobody asks for costs
// nothing. What stands under a name in the document is one Schema however often it is used. It never changes and is safe for concurrent use.
type Schema struct {
	doc   *Document
	raw   json.RawMessage
	name  string
	place place

	// Reading the keywords asks no other schema, and merging asks others for their keywords only: in a circle neither waits for itself.
	reading sync.Once
	read    *rules
	merging sync.Once
	view    *view
}

// place is where a schema stands: at a pointer, or below another schema.
type place struct {
	pointer        string
	up             *Schema
	keyword, token string
}

// pointer is the schema's place in the document, for what is reported about it.
func (s *Schema) pointer() string {
	p := s.place
	if p.up == nil {
		return p.pointer
	}
	pointer := p.up.pointer() + "/" + p.keyword
	if p.token != "" {
		pointer += "/" + escapeToken(p.token)
	}
	return pointer
}

// child is a schema below another one. It is a Schema, or the one that it refers to, when it is first asked for.
type child struct {
	raw            json.RawMessage
	up             *Schema
	keyword, token string
	made           onceSchema
}

func (c *child) schema() *Schema {
	if s := c.made.Load(); s != nil {
		return s
	}
	s := c.up.doc.schemaIn(c.raw, place{up: c.up, keyword: c.keyword, token: c.token})
	c.made.CompareAndSwap(nil, s)
	return c.made.Load()
}

// ref is the reference that stands in the child's place, "" if it is a schema itself.
func (c *child) ref() string {
	if c.raw == nil {
		return ""
	}
	ref, _ := c.up.doc.pureReference(c.raw)
	return ref
}

func schemasOf(children []*child) []*Schema {
	if len(children) == 0 {
		return nil
	}
	list := make([]*Schema, len(children))
	for i, c := range children {
		list[i] = c.schema()
	}
	return list
}

// rules returns the schema's keywords, read once.
func (s *Schema) rules() *rules {
	s.reading.Do(func() { s.read = readRules(s) })
	return s.read
}

// model is the schema's own keywords about its value as a whole.
func (s *Schema) model() *openapi3.Schema { return &s.rules().kin }

// parts are the schemas of allOf.
func (s *Schema) parts() []*Schema { return schemasOf(s.rules().allOf) }

// choices are the schemas of oneOf, then those of anyOf.
func (s *Schema) choices() []*Schema { return schemasOf(s.rules().variants()) }

// forms is what x-sandgate-variants says, nil if nothing.
func (s *Schema) forms() *siblings { return s.rules().siblings }

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
func (s *Schema) Type() string { return s.typeWithin(nil, 0) }

// typeWithin needs no list of what was visited until there are parts of parts.
func (s *Schema) typeWithin(seen *visited, depth int) string {
	n := s.rules()
	for _, t := range n.kin.Type.Slice() {
		if t != openapi3.TypeNull {
			return t
		}
	}
	switch {
	case len(n.order) > 0 || n.extra != nil || len(n.patterns) > 0 || len(n.required) > 0:
		return openapi3.TypeObject
	case n.items != nil || len(n.prefix) > 0:
		return openapi3.TypeArray
	case len(n.allOf) == 0 || depth > maxHops:
		return ""
	}
	if seen == nil {
		seen = &visited{}
	}
	for _, part := range n.allOf {
		if p := part.schema(); seen.first(p) {
			if t := p.typeWithin(seen, depth+1); t != "" {
				return t
			}
		}
	}
	return ""
}

// Format is the schema's format.
func (s *Schema) Format() string { return s.facets().Format }

// Nullable says whether null is allowed.
func (s *Schema) Nullable() bool { return s.rules().nullOK }

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
	n := s.rules()
	if n.items != nil {
		return n.items.schema()
	}
	for _, part := range n.allOf {
		if items := part.schema().rules().items; items != nil {
			return items.schema()
		}
	}
	if len(n.prefix) > 0 {
		return n.prefix[0].schema()
	}
	return nil
}

// prefix are the schemas of a list's first items, the schema's own or those of a part.
func (s *Schema) prefix() []*child {
	n := s.rules()
	for _, part := range n.allOf {
		if len(n.prefix) > 0 {
			break
		}
		n = part.schema().rules()
	}
	return n.prefix
}

// Variants lists the schemas of oneOf and anyOf.
func (s *Schema) Variants() []*Schema { return s.choices() }

// Properties lists the properties in the order of the document: the schema's own and its allOf's, then those that only a variant of oneOf or anyOf has.
// The caller does not change the slice.
func (s *Schema) Properties() []string { return s.merged().all }

// Property finds a property by name, as Properties lists them; nil if there is none.
func (s *Schema) Property(name string) *Schema {
	if c := s.merged().reach[name]; c != nil {
		return c.schema()
	}
	return nil
}

// Has says whether the schema, a part of it or one of its variants declares the property.
func (s *Schema) Has(name string) bool { return s.merged().reach[name] != nil }

// Required lists the properties that every value has, the allOf's included.
func (s *Schema) Required() []string { return s.merged().required }

// Closed says whether properties that are not declared are refused.
func (s *Schema) Closed() bool { return s.merged().closed }

// Schema finds a schema under components/schemas, or by a reference that starts with "#/".
func (d *Document) Schema(name string) (*Schema, error) {
	if strings.HasPrefix(name, "#/") {
		s, err := d.linkedSchema(name)
		if err != nil {
			return nil, err
		}
		return s, nil
	}
	if _, ok := d.Component("schemas", name); !ok {
		return nil, fmt.Errorf("the contract has no schema %q", name)
	}
	s, err := d.linkedSchema(schemaRef(name))
	if err != nil {
		return nil, fmt.Errorf("schema %s: %w", name, err)
	}
	return s, nil
}
