package scenarios

import (
	"fmt"
	"reflect"
	"strings"
)

// outlines reads of each operation what stands before its body.
func (r *reader) outlines() []*Operation {
	out := make([]*Operation, 0, 64)
	for first := r.open('['); r.more(']', &first); {
		start := r.at
		if r.skip(); r.err != nil {
			break
		}
		o := &Operation{Rest: r.data[start:r.at]}
		head := &reader{data: o.Rest}
		head.head(o)
		if r.err = head.err; r.err != nil {
			break
		}
		out = append(out, o)
	}
	return out
}

// head reads members in the order of the Go struct, up to the first that is
// for later.
func (r *reader) head(o *Operation) {
	for first := r.open('{'); r.more('}', &first); {
		switch r.name() {
		case "key":
			o.Key = r.text()
		case "line":
			o.Line = int(r.integer())
		case "file":
			o.File = r.text()
		case "verb":
			o.Verb = r.text()
		case "kind":
			o.Kind = r.text()
		default:
			return
		}
	}
}

// skip goes past one object.
func (r *reader) skip() {
	for depth := 0; r.at < len(r.data); {
		switch r.data[r.at] {
		case '"':
			r.skipText()
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				r.at++
				return
			}
		}
		r.at++
	}
	r.at = len(r.data)
	r.fail("end of object")
}

// skipText goes to the sign that ends a text.
func (r *reader) skipText() {
	start := r.at
	for {
		r.at++
		end := strings.IndexByte(r.data[min(r.at, len(r.data)):], '"')
		if end < 0 {
			r.at = len(r.data)
			return
		}
		r.at += end
		before := r.at
		for before > start+1 && r.data[before-1] == '\\' {
			before--
		}
		if (r.at-before)%2 == 0 {
			return
		}
	}
}

// Whole is the operation with all that the scenario says of it: itself, or a
// new one if it came from Outline.
func (o *Operation) Whole() (*Operation, error) {
	if o.Rest == "" {
		return o, nil
	}
	r := &reader{data: o.Rest, fields: map[reflect.Type]map[string][]int{}}
	out := new(Operation)
	if r.value(reflect.ValueOf(out).Elem()); r.err != nil {
		return nil, fmt.Errorf("%s: %w", o.Key, r.err)
	}
	return out, nil
}
