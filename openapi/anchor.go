package openapi

import (
	"encoding/json"
	"strings"
)

// anchors are the names that schemas give themselves ($anchor, $id) and those of $defs, looked for when a reference finds nothing by its path.
func (d *Document) anchor(ref string) json.RawMessage {
	if strings.HasPrefix(ref, "#/") && !strings.HasPrefix(ref, "#/$defs/") && !strings.HasPrefix(ref, "#/definitions/") {
		return nil
	}
	d.anchoring.Do(func() {
		d.anchors = map[string]json.RawMessage{}
		d.readAnchors(d.raw, 0)
	})
	return d.anchors[ref]
}

func (d *Document) readAnchors(raw json.RawMessage, depth int) {
	if depth > 2*MaxDepth || len(raw) == 0 {
		return
	}
	switch raw[0] {
	case '[':
		_ = eachItem(raw, func(item json.RawMessage) error {
			d.readAnchors(item, depth+1)
			return nil
		})
	case '{':
		_ = eachMember(raw, func(name string, value json.RawMessage) error {
			switch name {
			case "$anchor", "$dynamicAnchor":
				if anchor, err := text(value); err == nil {
					d.named("#"+anchor, raw)
				}
			case "$id":
				if id, err := text(value); err == nil {
					d.named(id, raw)
					d.named(id[strings.LastIndexByte(id, '/')+1:], raw)
				}
			case "$defs", "definitions":
				_ = eachMember(value, func(def string, schema json.RawMessage) error {
					d.named("#/"+name+"/"+strings.ReplaceAll(strings.ReplaceAll(def, "~", "~0"), "/", "~1"), schema)
					return nil
				})
			}
			d.readAnchors(value, depth+1)
			return nil
		})
	}
}

func (d *Document) named(ref string, raw json.RawMessage) {
	if _, taken := d.anchors[ref]; !taken {
		d.anchors[ref] = raw
	}
}
