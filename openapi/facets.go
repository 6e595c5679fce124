package openapi

import (
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// facets are the keywords of a schema that are about its value as a whole, with those of its allOf taken in: what the schema says itself goes first.
// A schema without allOf is its own facets.
func (s *Schema) facets() *openapi3.Schema {
	if len(s.rules().allOf) == 0 {
		return s.model()
	}
	return s.merged().facets
}

func mergeFacets(into *openapi3.Schema, s *Schema, path []*Schema) {
	if slices.Contains(path, s) || len(path) > maxNested {
		return
	}
	k := s.model()
	if into.Type == nil {
		into.Type = k.Type
	}
	first(&into.Format, k.Format)
	first(&into.Pattern, k.Pattern)
	first(&into.Description, k.Description)
	first(&into.MinLength, k.MinLength)
	first(&into.MaxLength, k.MaxLength)
	first(&into.Min, k.Min)
	first(&into.Max, k.Max)
	first(&into.MultipleOf, k.MultipleOf)
	first(&into.MinItems, k.MinItems)
	first(&into.MaxItems, k.MaxItems)
	first(&into.MinProps, k.MinProps)
	into.UniqueItems = into.UniqueItems || k.UniqueItems
	into.ReadOnly = into.ReadOnly || k.ReadOnly
	into.WriteOnly = into.WriteOnly || k.WriteOnly
	if into.Enum == nil {
		into.Enum = k.Enum
	}
	if into.Default == nil {
		into.Default = k.Default
	}
	if into.Example == nil {
		into.Example = k.Example
	}
	if into.Discriminator == nil {
		into.Discriminator = k.Discriminator
	}
	for _, part := range s.rules().allOf {
		mergeFacets(into, part.schema(), append(path, s))
	}
}

// first keeps what is there and takes other where nothing is.
func first[T comparable](into *T, other T) {
	var zero T
	if *into == zero {
		*into = other
	}
}

// both is a schema that asks for a and b: a property that two parts of an allOf declare.
func both(a, b *Schema) *Schema {
	if a == b {
		return a
	}
	s := &Schema{doc: a.doc, place: a.place}
	s.reading.Do(func() {
		s.read = &rules{schema: s, leastHas: 1, modern: a.doc.modern(), composed: true, allOf: []*child{madeChild(a), madeChild(b)}}
		s.read.kin.AllowEmptyValue = true
	})
	return s
}
