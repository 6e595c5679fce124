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
		d.readAnchors(skipSpace(d.raw, 0))
	})
	return d.anchors[ref]
}

// readAnchors goes through the value at i and returns where it ends, so that what is deep is not scanned once for each level.
func (d *Document) readAnchors(i int) int {
	switch {
	case i >= len(d.raw):
		return -1
	case d.raw[i] == '[':
		for i = skipSpace(d.raw, i+1); i < len(d.raw) && d.raw[i] != ']'; {
			if i = d.readAnchors(i); i < 0 {
				return -1
			}
			if i = skipSpace(d.raw, i); i < len(d.raw) && d.raw[i] == ',' {
				i = skipSpace(d.raw, i+1)
			}
		}
		return i + 1
	case d.raw[i] != '{':
		return skipValue(d.raw, i)
	}
	var names []string
	end, err := walkMembers(d.raw, i, func(name string, start int) (int, error) {
		end := d.readAnchors(start)
		if end < 0 {
			return -1, errScan
		}
		value := d.raw[start:end:end]
		switch name {
		case "$anchor", "$dynamicAnchor":
			if anchor, err := text(value); err == nil {
				names = append(names, "#"+anchor)
			}
		case "$id":
			if id, err := text(value); err == nil {
				names = append(names, id, id[strings.LastIndexByte(id, '/')+1:])
			}
		case "$defs", "definitions":
			_ = eachMember(value, func(def string, schema json.RawMessage) error {
				d.named("#/"+name+"/"+escapeToken(def), schema)
				return nil
			})
		}
		return end, nil
	})
	if err != nil {
		return -1
	}
	for _, name := range names {
		d.named(name, d.raw[i:end:end])
	}
	return end
}

func (d *Document) named(ref string, raw json.RawMessage) {
	if _, taken := d.anchors[ref]; !taken {
		d.anchors[ref] = raw
	}
}
