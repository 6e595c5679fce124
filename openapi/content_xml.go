package openapi

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"strings"
)

// xmlForm is a schema's xml object.
type xmlForm struct {
	Name, Prefix, Namespace string
	Attribute, Wrapped      bool
}

func xmlOf(s *Schema) (form xmlForm) {
	if s == nil {
		return form
	}
	raw := s.Field("xml")
	if raw == nil {
		return form
	}
	for name, into := range map[string]*string{"name": &form.Name, "prefix": &form.Prefix, "namespace": &form.Namespace} {
		if value, ok := member(raw, name); ok {
			*into, _ = text(value)
		}
	}
	for name, into := range map[string]*bool{"attribute": &form.Attribute, "wrapped": &form.Wrapped} {
		if value, ok := member(raw, name); ok {
			*into = string(value) == "true"
		}
	}
	return form
}

// asXML writes a value as an XML document, elements named by the schemas' xml objects.
func asXML(s *Schema, v any) []byte {
	name := "root"
	if s != nil {
		name = cmp.Or(s.name, name)
	}
	b := bytes.NewBufferString(xml.Header)
	if list, ok := v.([]any); ok {
		v = map[string]any{cmp.Or(xmlOf(s.itemsOrNil()).Name, "item"): list}
		element(b, name, xmlOf(s), nil, v)
	} else {
		element(b, name, xmlOf(s), s, v)
	}
	return append(b.Bytes(), '\n')
}

func (s *Schema) itemsOrNil() *Schema {
	if s == nil {
		return nil
	}
	return s.itemsOf()
}

// elementName keeps an element's name to what XML allows.
func elementName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, name)
	if name == "" || strings.ContainsAny(name[:1], "-.0123456789") {
		return "_" + name
	}
	return name
}

func element(b *bytes.Buffer, name string, form xmlForm, s *Schema, v any) {
	name = elementName(cmp.Or(form.Name, name))
	b.WriteByte('<')
	space := ""
	if form.Prefix != "" {
		name, space = elementName(form.Prefix)+":"+name, ":"+elementName(form.Prefix)
	}
	b.WriteString(name)
	if form.Namespace != "" {
		attribute(b, "xmlns"+space, form.Namespace)
	}
	object, isObject := v.(map[string]any)
	for _, field := range inOrder(s, object) {
		if f := xmlOf(fieldOrNil(s, field)); f.Attribute {
			attribute(b, elementName(cmp.Or(f.Name, field)), cell(object[field]))
		}
	}
	b.WriteByte('>')
	if isObject {
		for _, field := range inOrder(s, object) {
			children(b, field, fieldOrNil(s, field), object[field])
		}
	} else {
		_ = xml.EscapeText(b, []byte(cell(v)))
	}
	b.WriteString("</" + name + ">")
}

func attribute(b *bytes.Buffer, name, value string) {
	b.WriteString(" " + name + `="`)
	_ = xml.EscapeText(b, []byte(value))
	b.WriteByte('"')
}

// children writes a property: a list as one element after the other, in an element of its own where the contract wraps it.
func children(b *bytes.Buffer, name string, s *Schema, v any) {
	form := xmlOf(s)
	list, ok := v.([]any)
	switch {
	case form.Attribute || v == nil:
		return
	case !ok:
		element(b, name, form, s, v)
		return
	}
	items := s.itemsOrNil()
	each := xmlOf(items)
	if !form.Wrapped {
		each.Name = cmp.Or(form.Name, each.Name)
		for _, item := range list {
			element(b, name, each, items, item)
		}
		return
	}
	outer := elementName(cmp.Or(form.Name, name))
	b.WriteString("<" + outer + ">")
	for _, item := range list {
		element(b, name, each, items, item)
	}
	b.WriteString("</" + outer + ">")
}

func fieldOrNil(s *Schema, name string) *Schema {
	if s == nil {
		return nil
	}
	return fieldOf(s, name)
}


// inOrder lists an object's names as the contract orders them, then the others.
func inOrder(s *Schema, object map[string]any) []string {
	names := make([]string, 0, len(object))
	if s != nil {
		for _, name := range s.Properties() {
			if _, there := object[name]; there {
				names = append(names, name)
			}
		}
	}
	for _, name := range sortedNames(object) {
		if s == nil || !s.Has(name) {
			names = append(names, name)
		}
	}
	return names
}
