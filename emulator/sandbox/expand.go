package sandbox

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/sandgate/sandgate/openapi"
)

const (
	expandParam = "expand"
	maxExpand   = 4 // levels
)

// compileExpand finds where a request may ask to see objects in place of ids.
func (b *Binding) compileExpand() {
	for _, param := range b.Plan.Params {
		if param.In == "query" && strings.TrimSuffix(param.Name, "[]") == expandParam {
			b.opens = param.Name
		}
	}
	if b.opens != "" || b.Plan.Body == nil {
		return
	}
	for _, schema := range b.Plan.Body.Media {
		if schema != nil && schema.Has(expandParam) {
			b.opens = expandParam
		}
	}
}

// expands are the paths that a call asks to see opened.
func (c *Call) expands(b *Binding) []string {
	if b.opens == "" {
		return nil
	}
	asked := c.Values.Query[b.opens]
	if body, ok := c.Values.Body.(map[string]any); ok && asked == nil {
		asked = body[expandParam]
	}
	var out []string
	switch asked := asked.(type) {
	case string:
		for path := range strings.SplitSeq(asked, ",") {
			if path = strings.TrimSpace(path); path != "" {
				out = append(out, path)
			}
		}
	case []any:
		for _, one := range asked {
			if path, ok := one.(string); ok && path != "" {
				out = append(out, path)
			}
		}
	}
	return out
}

// expanded puts the objects that a call asks for in the place of their ids.
func (a *act) expanded(b *Binding, asked []string, v any) (any, error) {
	for _, path := range asked {
		wider, err := a.wider(b, path, v)
		var refused *Refusal
		if errors.As(err, &refused) && a.s.w.o.UnknownIDs == "create" {
			continue // stateless mocks take any name
		}
		if err != nil {
			return nil, err
		}
		v = wider
	}
	return v, nil
}

// wider is a reply with one path opened.
func (a *act) wider(b *Binding, path string, v any) (any, error) {
	steps := strings.Split(path, ".")
	if b.Spec.Verb == "list" {
		rest, ok := cutPath(steps, b.path)
		if !ok {
			return nil, a.noExpansion(path)
		}
		steps = rest
	}
	if len(steps) > maxExpand+strings.Count(path, ".data") {
		return nil, a.noExpansion(path)
	}
	return a.opened(b.kind, b.shown, v, steps, path)
}

func cutPath(steps, path []string) ([]string, bool) {
	if len(steps) <= len(path) {
		return nil, false
	}
	for i, name := range path {
		if steps[i] != name {
			return nil, false
		}
	}
	return steps[len(path):], true
}

func (a *act) noExpansion(path string) error {
	return a.p.Refuse(ReasonInvalid, "", openapi.Violation{
		Pointer: "/query/" + expandParam, Rule: "expand", Expected: "a property that holds the id of an object", Got: openapi.Show("/query/"+expandParam, path),
	})
}

// opened opens one path in a value. kind is whose object the value is, nil =
// it is part of one.
func (a *act) opened(kind *Kind, s *openapi.Schema, v any, steps []string, path string) (any, error) {
	if list, ok := v.([]any); ok {
		out := make([]any, len(list))
		var items *openapi.Schema
		if form := formOf(s, "array"); form != nil {
			items = form.Items()
		}
		for i, one := range list {
			var err error
			if out[i], err = a.opened(kind, items, one, steps, path); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	object, ok := v.(map[string]any)
	if !ok || len(steps) == 0 {
		return v, nil
	}
	name, rest := steps[0], steps[1:]
	var inner *openapi.Schema
	if s != nil {
		inner = s.Property(name)
	}
	target := a.held(kind, name, inner)
	value, there := object[name]
	if inner == nil && !there || target == nil && len(rest) == 0 && formOf(inner, "object") == nil {
		return nil, a.noExpansion(path)
	}
	if value == nil {
		return v, nil
	}
	out := maps.Clone(object)
	if id := idText(value); id != "" && target != nil {
		if _, is := value.(map[string]any); !is || kind != nil && kind.nature.expand[name] != "" {
			o, err := a.known(target, id)
			if err != nil {
				return nil, err
			}
			if o != nil {
				value = fitting(inner, target, o)
			}
		}
	}
	var err error
	if out[name], err = a.opened(target, inner, value, rest, path); err != nil {
		return nil, err
	}
	return out, nil
}

// held is the kind of the object whose id a property holds.
func (a *act) held(kind *Kind, name string, s *openapi.Schema) *Kind {
	if kind != nil && kind.nature.expand[name] != "" {
		if target, err := a.p.Kind(kind.nature.expand[name]); err == nil {
			return target
		}
	}
	if s == nil {
		return nil
	}
	for _, form := range append([]*openapi.Schema{s}, s.Variants()...) {
		if target := a.p.kindFor(form); target != nil {
			return target
		}
	}
	if items := s.Items(); items != nil {
		return a.held(nil, name, items)
	}
	return nil
}

// fitting is an object in the form that its place has.
func fitting(s *openapi.Schema, kind *Kind, o *object) any {
	body := map[string]any{}
	maps.Copy(body, o.body)
	if s == nil || s == kind.schema {
		return body
	}
	for _, form := range s.Variants() {
		if sameShape(form, kind.schema) {
			return body
		}
	}
	if len(s.Validate(body, "")) == 0 {
		return body
	}
	if form := formOf(s, "object"); form != nil {
		return form.Fit(body, o.faker())
	}
	return fmt.Sprint(o.row.ID)
}
