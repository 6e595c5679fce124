package openapi

import (
	"encoding/json"
	"sync"
)

// methods are the operations that a path item may have.
var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// itemFields are what else it may have.
var itemFields = []string{"parameters", "summary", "description", "servers"}

// Operation is one method of one path, addressed by its key "METHOD /path".
type Operation struct {
	Method   string // upper case
	Path     string // the template, "/ramps/{id}"
	ID       string // operationId, "" if it has none
	Segments []string
	Tags     []string
	Summary  string

	names  []string // of the path's parameters, in order
	at     string   // JSON pointer
	raw    json.RawMessage
	shared json.RawMessage // the path item's parameters
	peeked bool            // about is known:
	about  []string        // what ReplyNames found when the document was compiled
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
