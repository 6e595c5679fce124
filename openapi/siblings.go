package openapi

import (
	"encoding/json"
	"strings"
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

// judgeSiblings adds what the object's own forms say, here and in its properties,
// and drops what the union that they take the place of said.
func (s *Schema) judgeSiblings(v any, prefix string, request bool, found []Violation) []Violation {
	object, ok := v.(map[string]any)
	if !ok {
		return found
	}
	if s.siblings != nil {
		if form := s.siblings.form(object); form != nil && object[s.siblings.Of] != nil {
			at := prefix + "/" + escapeToken(s.siblings.Of)
			kept := found[:0:0]
			for _, violation := range found {
				if violation.Pointer != at && !strings.HasPrefix(violation.Pointer, at+"/") {
					kept = append(kept, violation)
				}
			}
			found = append(kept, form.validate(object[s.siblings.Of], at, request)...)
		}
	}
	for name, property := range s.props {
		if property.siblings != nil && object[name] != nil {
			found = property.judgeSiblings(object[name], prefix+"/"+escapeToken(name), request, found)
		}
	}
	return found
}
