package openapi

import (
	"encoding/json"
	"slices"
	"strings"
)

// wrappers are properties that envelopes hold what they are about in.
var wrappers = []string{"data", "result", "results", "items", "response", "payload", "list", "records", "content", "object", "resource"}

// ReplyNames lists the named schemas that an operation's success reply is about, the outermost first: its own, those of
// its parts and those in its envelope. It reads names only, and builds nothing.
func (d *Document) ReplyNames(o *Operation) []string {
	if o.peeked {
		return o.about // a compiled document knows
	}
	return d.replyNames(o)
}

func (d *Document) replyNames(o *Operation) []string {
	var raw json.RawMessage
	best := "3"
	_ = eachMember(o.Field("responses"), func(code string, value json.RawMessage) error {
		if strings.HasPrefix(code, "2") && code < best {
			best, raw = code, value
		}
		return nil
	})
	raw, err := d.follow(raw)
	if err != nil || raw == nil {
		return nil
	}
	content, _ := member(raw, "content")
	var names []string
	_ = eachMember(content, func(_ string, media json.RawMessage) error {
		if schema, ok := member(media, "schema"); ok && names == nil {
			names = d.namesIn(names, schema, 6)
		}
		return nil
	})
	return names
}

func (d *Document) namesIn(names []string, raw json.RawMessage, depth int) []string {
	if depth == 0 || len(raw) == 0 || raw[0] != '{' {
		return names
	}
	if ref, ok := reference(raw); ok {
		name := ref[strings.LastIndexByte(ref, '/')+1:]
		next, err := d.at(ref)
		if err != nil || slices.Contains(names, name) {
			return names
		}
		return d.namesIn(append(names, unescapeToken(name)), next, depth-1)
	}
	_ = eachMember(raw, func(keyword string, value json.RawMessage) error {
		switch keyword {
		case "items":
			names = d.namesIn(names, value, depth-1)
		case "allOf":
			_ = eachItem(value, func(part json.RawMessage) error {
				names = d.namesIn(names, part, depth-1)
				return nil
			})
		case "properties":
			names = d.namesOf(names, value, depth-1)
		}
		return nil
	})
	return names
}

// namesOf goes on into the properties that hold what an envelope is about: those that are called so, and, of what shows no id
// of its own, lists and the only property.
func (d *Document) namesOf(names []string, properties json.RawMessage, depth int) []string {
	count, own := 0, false
	_ = eachMember(properties, func(name string, _ json.RawMessage) error {
		count++
		own = own || name == "id" || name == "uid" || name == "uuid"
		return nil
	})
	_ = eachMember(properties, func(name string, property json.RawMessage) error {
		_, list := member(property, "items")
		if slices.Contains(wrappers, strings.ToLower(name)) || !own && (list || count == 1) {
			names = d.namesIn(names, property, depth)
		}
		return nil
	})
	return names
}
