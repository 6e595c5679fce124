package openapi

import (
	"encoding/json"
	"sync"
)

// siblings is what `x-sandgate-variants` says of an object: the form of the
// property Of depends on the value of the property By beside it. OpenAPI has
// no words for that; a oneOf alone would take any form for any value.
type siblings struct {
	doc  *Document
	By   string            `json:"by"`
	Of   string            `json:"of"`
	Map  map[string]string `json:"map"` // value of By -> name of a schema
	once sync.Map          // name -> *Schema
}

const siblingsKeyword = "x-sandgate-variants"

// readSiblings finds the extension on a schema object.
func readSiblings(doc *Document, raw json.RawMessage) *siblings {
	text, ok := member(raw, siblingsKeyword)
	if !ok {
		return nil
	}
	s := &siblings{doc: doc}
	if json.Unmarshal(text, s) != nil || s.By == "" || s.Of == "" {
		return nil
	}
	return s
}

// form is the schema that an object's own By asks for; nil if it says none.
func (s *siblings) form(object map[string]any) *Schema {
	by, ok := object[s.By].(string)
	if !ok || s.Map[by] == "" {
		return nil
	}
	name := s.Map[by]
	if known, ok := s.once.Load(name); ok {
		return known.(*Schema)
	}
	schema, err := s.doc.Schema(name)
	if err != nil {
		return nil
	}
	s.once.Store(name, schema)
	return schema
}
