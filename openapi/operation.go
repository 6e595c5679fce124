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

func (d *Document) readPaths(raw json.RawMessage) error {
	return eachMember(raw, func(path string, item json.RawMessage) error {
		if strings.HasPrefix(path, "x-") {
			return nil
		}
		if !strings.HasPrefix(path, "/") {
			return fmt.Errorf("path %q does not start with /", path)
		}
		item, err := d.follow(item)
		if err == nil {
			err = d.readItem(path, item)
		}
		if err != nil {
			return fmt.Errorf("path %s: %w", path, err)
		}
		return nil
	})
}

func (d *Document) readItem(path string, item json.RawMessage) error {
	var shared json.RawMessage
	first := len(d.operations)
	segments := strings.Split(path[1:], "/")
	err := eachMember(item, func(name string, value json.RawMessage) error {
		switch {
		case name == "parameters":
			shared = value
		case slices.Contains(methods, name):
			o := &Operation{Method: strings.ToUpper(name), Path: path, Segments: segments, raw: value}
			if err := o.readHead(); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			d.operations = append(d.operations, o)
			d.byKey[o.Key()] = o
		}
		return nil
	})
	for _, o := range d.operations[first:] {
		o.shared = shared
	}
	return err
}

func (o *Operation) readHead() error {
	return eachMember(o.raw, func(name string, value json.RawMessage) (err error) {
		switch name {
		case "operationId":
			o.ID, err = text(value)
		case "summary":
			o.Summary, err = text(value)
		case "tags":
			o.Tags, err = texts(value)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	})
}
