package sandbox

import (
	"encoding/json"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/sandgate/sandgate/openapi"
)

// frame is what a reply says around its object or list. What never changes
// about it is rendered once, with the binding.
type frame struct{ parts []framed }

// framed is one member of a frame: fixed bytes, a further frame, or something
// that each reply fills in.
type framed struct {
	name  string
	fixed []byte
	inner *frame
	fill  string // body, or a part of a page
	as    *openapi.Schema
	must  bool // the contract wants it there
}

const fillBody = "body"

// maxFrame bounds how deep a reply's envelope is looked into.
const maxFrame = 6

// frameOf makes the frame of a reply whose object stands at a path; fields are
// parts of pages by their dotted names.
func (b *Binding) frameOf(s *openapi.Schema, path []string, fields map[string]string, prefix string, depth int) *frame {
	f := &frame{}
	if depth == 0 {
		return f
	}
	required := s.Required()
	for _, name := range s.Properties() {
		inner := s.Property(name)
		switch {
		case len(path) == 1 && path[0] == name:
			f.parts = append(f.parts, framed{name: name, fill: fillBody})
		case len(path) > 1 && path[0] == name:
			f.parts = append(f.parts, framed{name: name, inner: b.frameOf(inner, path[1:], fields, prefix+name+".", depth-1)})
		case fields[prefix+name] != "":
			f.parts = append(f.parts, framed{name: name, fill: fields[prefix+name], as: inner, must: slices.Contains(required, name)})
		case hasFields(fields, prefix+name+"."):
			if form := formOf(inner, "object"); form != nil {
				f.parts = append(f.parts, framed{name: name, inner: b.frameOf(form, nil, fields, prefix+name+".", depth-1)})
			}
		default:
			if fixed := b.constant(name, inner, slices.Contains(required, name)); fixed != nil {
				f.parts = append(f.parts, framed{name: name, fixed: fixed})
			}
		}
	}
	for _, name := range required { // what the contract wants and does not describe
		if s.Property(name) == nil && (len(path) == 0 || path[0] != name) {
			f.parts = append(f.parts, framed{name: name, fixed: []byte("null")})
		}
	}
	return f
}

func hasFields(fields map[string]string, prefix string) bool {
	for name := range fields {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// constant is what a member of an envelope says of a success: what it must be,
// or what its name promises.
func (b *Binding) constant(name string, s *openapi.Schema, required bool) []byte {
	for _, v := range b.promised(name, s) {
		if len(s.Validate(v, "")) == 0 {
			return asJSON(v, s)
		}
	}
	if !required {
		return nil
	}
	h := fnv.New64a()
	h.Write([]byte(b.Op.Key() + " " + name))
	fake := openapi.NewFaker(h.Sum64()|1, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if s.Nullable() {
		return []byte("null")
	}
	return asJSON(s.Fit(s.Sample(fake, nil), fake), s)
}

// promised are the values that a member of a success reply should have by its
// name, the likeliest first.
func (b *Binding) promised(name string, s *openapi.Schema) []any {
	if enum := s.Enum(); len(enum) == 1 {
		return enum
	}
	switch strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name)) {
	case "success", "ok", "succeeded":
		return []any{true, "true", "success"}
	case "error", "errors", "errorcode", "errormessage", "warnings", "failed", "failure":
		if s.Nullable() {
			return []any{nil}
		}
		return []any{[]any{}, false, "", json.Number("0")}
	case "status", "code", "statuscode", "httpstatus", "httpstatuscode":
		return []any{json.Number(itoa(b.success)), "success", "SUCCESS", "ok", "OK", itoa(b.success), true}
	case "message", "msg":
		if s.Enum() == nil {
			return []any{"OK"}
		}
	}
	return nil
}

func asJSON(v any, s *openapi.Schema) []byte {
	raw, err := openapi.Marshal(v, s)
	if err != nil {
		return nil
	}
	return raw
}

// write renders the frame; fill gives what changes, ok is false for a member
// that is left out.
func (f *frame) write(out []byte, fill func(part framed) (raw []byte, ok bool, err error)) ([]byte, error) {
	out = append(out, '{')
	for _, part := range f.parts {
		switch {
		case part.inner != nil:
			var err error
			if out, err = part.inner.write(appendName(out, part.name), fill); err != nil {
				return nil, err
			}
		case part.fill != "":
			raw, ok, err := fill(part)
			if err != nil {
				return nil, err
			}
			if ok {
				out = append(appendName(out, part.name), raw...)
			}
		default:
			out = append(appendName(out, part.name), part.fixed...)
		}
	}
	return append(out, '}'), nil
}
