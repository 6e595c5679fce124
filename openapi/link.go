package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
)

type onceSchema = atomic.Pointer[Schema]

const schemasPrefix = "#/components/schemas/"

func schemaRef(name string) string {
	return schemasPrefix + escapeToken(name)
}

// schemaIn is the schema in raw, unread, or the one that raw refers to. A reference to nothing is any value: what it was to say is not known.
func (d *Document) schemaIn(raw json.RawMessage, p place) *Schema {
	ref, ok := d.pureReference(raw)
	if !ok {
		return &Schema{doc: d, raw: raw, place: p}
	}
	s, err := d.linkedSchema(ref)
	if err != nil {
		open := &Schema{doc: d, raw: json.RawMessage(`{}`), place: p}
		d.repaired(open.pointer()+"/$ref", err.Error(), "any value")
		return open
	}
	return s
}

// linkedSchema is the schema that a reference names, the same one each time.
func (d *Document) linkedSchema(ref string) (*Schema, error) {
	ref = spelled(ref)
	if s := d.known(ref); s != nil {
		return s, nil
	}
	target, hops := ref, 0
	for {
		raw, err := d.find(target)
		if err != nil {
			return nil, err
		}
		next, ok := d.pureReference(raw)
		if !ok {
			return d.register(ref, target, raw), nil
		}
		if target = spelled(next); hops == maxHops {
			return nil, fmt.Errorf("reference %q goes round in a circle", ref)
		}
		hops++
	}
}

func (d *Document) known(ref string) *Schema {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.schemas[ref]
}

// register enters what a reference, and what it leads to, stand for.
func (d *Document) register(ref, target string, raw json.RawMessage) *Schema {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.schemas[target]
	if s == nil {
		s = &Schema{doc: d, raw: raw, place: place{pointer: strings.TrimPrefix(target, "#")}}
		if name, ok := strings.CutPrefix(target, schemasPrefix); ok && !strings.Contains(name, "/") {
			s.name = unescapeToken(name)
		}
		d.schemas[target] = s
	}
	d.schemas[ref] = s
	return s
}

// find is at, and knows the other ways in which a schema is named: by an anchor, by its $id, or by its bare name.
func (d *Document) find(ref string) (json.RawMessage, error) {
	raw, err := d.at(ref)
	if err == nil {
		return raw, nil
	}
	if raw := d.anchor(ref); raw != nil {
		return raw, nil
	}
	name := ref[strings.LastIndexByte(ref, '/')+1:]
	if raw, ok := d.Component("schemas", unescapeToken(name)); ok && (!strings.Contains(ref, "/") || strings.HasPrefix(ref, "#/")) {
		d.repaired(strings.TrimPrefix(ref, "#"), err.Error(), "the schema "+name)
		return raw, nil
	}
	return nil, err
}

// spelled is the one spelling of a reference under which its schema is kept: that without percent signs.
func spelled(ref string) string {
	if strings.Contains(ref, "%") {
		if decoded, err := url.PathUnescape(ref); err == nil {
			return decoded
		}
	}
	return ref
}

// pureReference returns the target of a schema that is nothing but a reference. OpenAPI 3.0 ignores what stands beside $ref, except that authors mean
// their nullable, readOnly and writeOnly; since 3.1 all keywords count there.
func (d *Document) pureReference(raw json.RawMessage) (ref string, pure bool) {
	if len(raw) == 0 || raw[0] != '{' || !bytes.Contains(raw, refWord) {
		return "", false
	}
	dynamic, beside := "", false
	_ = eachMember(raw, func(name string, value json.RawMessage) error {
		switch name {
		case "$ref":
			ref, _ = text(value)
		case "$dynamicRef", "$recursiveRef":
			dynamic, _ = text(value)
		case "nullable", "readOnly", "writeOnly":
			beside = beside || string(value) == "true" || string(value) == `"true"`
		case "title", "description", "summary", "example", "examples", "default", "deprecated", "externalDocs", "xml", "$comment":
		default:
			beside = beside || d.modern() && !strings.HasPrefix(name, "x-")
		}
		return nil
	})
	if ref == "" {
		ref = dynamic
	}
	return ref, ref != "" && !beside
}

var refWord = []byte(`ef"`) // the end of $ref and of $dynamicRef

// modern tells documents whose schemas are JSON Schema's, since OpenAPI 3.1.
func (d *Document) modern() bool { return !strings.HasPrefix(d.openapi, "3.0") }
