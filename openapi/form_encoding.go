package openapi

import (
	"encoding/json"
	"strings"
)

// encoding says how one property of a form is written.
type encoding struct {
	style   string
	explode bool
	json    bool
}

// readEncoding reads a media type's encoding object by property.
func readEncoding(raw json.RawMessage) map[string]encoding {
	how := map[string]encoding{}
	_ = eachMember(raw, func(name string, value json.RawMessage) error {
		e := encoding{style: "form"}
		if style, ok := member(value, "style"); ok {
			e.style, _ = text(style)
		}
		e.explode = e.style == "form"
		if explode, ok := member(value, "explode"); ok {
			e.explode = string(explode) == "true"
		}
		if media, ok := member(value, "contentType"); ok {
			first, _ := text(media)
			first, _, _ = strings.Cut(first, ",")
			e.json = isJSON(first)
		}
		how[name] = e
		return nil
	})
	return how
}

// encoded reads a property that the contract has written in a way of its own.
func (f *formReader) encoded(b *branch, s *Schema, pointer string, how encoding) any {
	if len(b.texts) != 1 || len(b.names)+len(b.pushed) > 0 || s == nil {
		return f.value(b, s, pointer)
	}
	given := b.texts[0]
	if how.json {
		v, bad := DecodeJSON([]byte(given))
		if bad == nil {
			return v
		}
		if isKind(s, "object") || isKind(s, "array") {
			f.add(pointer+bad.Pointer, bad.Rule, bad.Expected, bad.Got)
			return nil
		}
		return formText(given, s)
	}
	by := map[string]string{"form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}[how.style]
	if how.explode || by == "" || given == "" {
		return f.value(b, s, pointer)
	}
	return f.joined(strings.Split(given, by), s, pointer)
}

// joined reads texts that came in one: the items of an array, or names and values of an object in turn.
func (f *formReader) joined(texts []string, s *Schema, pointer string) any {
	switch {
	case isKind(s, "array"):
		return formItems(texts, s)
	case isKind(s, "object") && len(texts)%2 == 0:
		b := &branch{}
		for i := 0; i < len(texts); i += 2 {
			f.child(b, texts[i]).texts = []string{texts[i+1]}
		}
		return f.fields(b, s, pointer)
	}
	return formText(texts[0], s)
}
