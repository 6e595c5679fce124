package openapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// methods are the operations that a path item may have.
var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// Operation is one method of one path, addressed by its key "METHOD /path".
type Operation struct {
	Method   string // upper case
	Path     string // the template, "/ramps/{id}"
	ID       string // operationId, "" if it has none
	Segments []string
	Tags     []string
	Summary  string

	names  []string // of the path's parameters, in order
	raw    json.RawMessage
	shared json.RawMessage // the path item's parameters
	once   sync.Once
	plan   *Plan
	err    error
}

// Key is "METHOD /path", the name of an operation everywhere.
func (o *Operation) Key() string { return o.Method + " " + o.Path }

// Raw is the operation object as JSON. The caller does not change it.
func (o *Operation) Raw() json.RawMessage { return o.raw }

// Field returns a field of the operation object, such as "x-anything"; nil if it is absent.
func (o *Operation) Field(name string) json.RawMessage {
	value, _ := member(o.raw, name)
	return value
}

// linkedItem is a path item that is a reference; what it refers to may come later in the text.
type linkedItem struct {
	path string
	ref  string
	at   int // where its operations go
}

func (d *Document) readPaths(i int) (int, error) {
	return walkMembers(d.raw, i, func(path string, start int) (int, error) {
		if strings.HasPrefix(path, "x-") {
			return skipValue(d.raw, start), nil
		}
		if !strings.HasPrefix(path, "/") {
			return -1, fmt.Errorf("path %q does not start with /", path)
		}
		end, err := d.readItem(path, start)
		if err != nil {
			return -1, fmt.Errorf("path %s: %w", path, err)
		}
		return end, nil
	})
}

func (d *Document) readItem(path string, i int) (int, error) {
	var shared json.RawMessage
	first := len(d.operations)
	segments := strings.Split(path[1:], "/")
	names := templateNames(segments)
	end, err := walkMembers(d.raw, i, func(name string, start int) (end int, err error) {
		switch {
		case slices.Contains(methods, name):
			o := &Operation{Method: strings.ToUpper(name), Path: path, Segments: segments, names: names}
			if end, err = o.readHead(d.raw, start); err != nil {
				return -1, fmt.Errorf("%s: %w", name, err)
			}
			d.operations = append(d.operations, o)
			return end, nil
		case name == "$ref":
			if end = skipValue(d.raw, start); end >= 0 {
				var ref string
				if ref, err = text(d.raw[start:end]); err == nil {
					d.linked = append(d.linked, linkedItem{path, ref, len(d.operations)})
				}
			}
			return end, err
		}
		end = skipValue(d.raw, start)
		if name == "parameters" && end >= 0 {
			shared = d.raw[start:end:end]
		}
		return end, nil
	})
	for _, o := range d.operations[first:] {
		o.shared = shared
	}
	return end, err
}

// readLinked reads the path items that are references, the last one first so that the places of the others stay.
func (d *Document) readLinked() error {
	for _, item := range slices.Backward(d.linked) {
		raw, err := d.at(item.ref)
		if err == nil {
			raw, err = d.follow(raw)
		}
		var part *Document
		if err == nil {
			part = &Document{raw: raw}
			_, err = part.readItem(item.path, skipSpace(raw, 0))
		}
		if err != nil {
			return fmt.Errorf("path %s: %w", item.path, err)
		}
		d.operations = slices.Insert(d.operations, item.at, part.operations...)
	}
	return nil
}

func (o *Operation) readHead(raw []byte, i int) (int, error) {
	end, err := walkMembers(raw, i, func(name string, start int) (end int, err error) {
		if end = skipValue(raw, start); end < 0 {
			return -1, errScan
		}
		switch value := raw[start:end]; name {
		case "operationId":
			o.ID, err = text(value)
		case "summary":
			o.Summary, err = text(value)
		case "tags":
			o.Tags, err = texts(value)
		}
		if err != nil {
			return -1, fmt.Errorf("%s: %w", name, err)
		}
		return end, nil
	})
	if err == nil {
		o.raw = raw[i:end:end]
	}
	return end, err
}
