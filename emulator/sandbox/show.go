package sandbox

import (
	"bytes"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sandgate/sandgate/openapi"
)

func itoa(n int) string { return strconv.Itoa(n) }

// compileWhole resolves a reply that is made to fit the contract: where the
// object stands in it, and what stands around.
func (b *Binding) compileWhole() {
	if b.media == "*/*" || b.media == "application/*" || strings.HasPrefix(b.media, "application/json;") {
		b.media = "application/json"
	}
	list := b.Spec.Verb == "list"
	b.path, b.shown = shapeIn(b.schema, list, b.envelope())
	var fields map[string]string
	if list {
		b.compilePages()
		fields = b.pages.Fields
		b.items = strings.Join(b.path, ".")
	}
	if len(b.path) > 0 {
		b.frame = b.frameOf(b.schema, b.path, fields, "", maxFrame)
		b.goesOn = list && b.frame.tells("more", "next", "count", "prev")
	}
	b.refit = !sameShape(b.shown, b.kind.schema)
	b.compileExpand()
}

// envelope is the path of the object in the reply, as somebody said it.
func (b *Binding) envelope() string {
	if b.Spec.Envelope != "" {
		return b.Spec.Envelope
	}
	if e := b.provider.Scenario.Dialect.Envelope; e != "" && b.schema.Has(e) {
		return e
	}
	return ""
}

// tells reports that a frame shows any of these parts.
func (f *frame) tells(parts ...string) bool {
	for _, part := range f.parts {
		for _, name := range parts {
			if part.fill == name {
				return true
			}
		}
		if part.inner != nil && part.inner.tells(parts...) {
			return true
		}
	}
	return false
}

// sameShape reports that what is stored for one schema may be shown for the
// other.
func sameShape(shown, stored *openapi.Schema) bool {
	if shown == nil || stored == nil {
		return shown == stored
	}
	return shown == stored || mainForm(shown) == stored || bytes.Equal(shown.Raw(), stored.Raw())
}

// answerWhole renders the reply of a finished act as the contract wants it.
func (a *act) answerWhole(b *Binding, c *Call, res result) (*Reply, error) {
	reply := &Reply{Status: b.success, Media: b.media}
	if res.made {
		reply.Status = b.fresh
	}
	if a.callback != "" {
		reply.Header = map[string]string{CallbackHeader: a.callback}
	}
	declared := b.Plan.Reply(reply.Status)
	if declared == nil || declared.Schema == nil || b.schema == nil {
		return reply, nil
	}
	if res.raw != nil {
		reply.Body = res.raw
		return reply, nil
	}
	if res.obj == nil {
		return reply, nil
	}
	if removed := b.provider.removed; removed != nil && b.Spec.Verb == "remove" {
		body, err := a.said(b, removed, res)
		reply.Body = body
		return reply, err
	}
	body, err := a.display(b, c, res.obj)
	if err != nil {
		return nil, err
	}
	reply.Body, err = b.framed(body)
	return reply, err
}

// framed puts a rendered object into the envelope of the reply.
func (b *Binding) framed(body []byte) ([]byte, error) {
	if b.frame == nil {
		return body, nil
	}
	return b.frame.write(make([]byte, 0, len(body)+64), func(part framed) ([]byte, bool, error) {
		return body, part.fill == fillBody, nil
	})
}

// display is one object as the binding's replies show it.
func (a *act) display(b *Binding, c *Call, o *object) ([]byte, error) {
	gone := o.row.Deleted != 0
	asked := c.expands(b)
	speaks := o.kind.speak["api"] != nil
	if !b.refit && !gone && len(asked) == 0 && !speaks && len(c.includes(b.kind)) == 0 && o.row.Body != nil {
		return o.row.Body, nil
	}
	body := maps.Clone(o.body)
	if word, ok := o.kind.speak["api"][o.row.Status]; ok && body[o.kind.spec.Status.Field] != nil {
		body[o.kind.spec.Status.Field] = word
	}
	for _, l := range c.includes(b.kind) {
		err := a.with("resource", o.vars(), func() error {
			v, err := l.value.Eval(&a.env)
			body[l.name] = v
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	var v any = body
	if b.refit || gone {
		v = b.refitted(o, body, gone)
	}
	if len(asked) > 0 {
		var err error
		if v, err = a.expanded(b, asked, v); err != nil {
			return nil, err
		}
	}
	return openapi.Marshal(v, b.shown)
}

// refitted makes an object into what another schema wants of it.
func (b *Binding) refitted(o *object, body map[string]any, gone bool) any {
	s := b.shown
	if s == nil {
		return body
	}
	switch s.Type() {
	case "array":
		one := &Binding{Op: b.Op, Spec: b.Spec, Depth: b.Depth, shown: s.Items(), success: b.success}
		return s.Fit([]any{one.refitted(o, body, gone)}, o.faker())
	case "string", "integer", "number":
		return s.Fit(o.kind.idValue(o.row.ID), o.faker())
	case "boolean":
		return s.Fit(true, o.faker())
	}
	out := make(map[string]any, len(body))
	names := s.Properties()
	if len(names) == 0 {
		maps.Copy(out, body)
	}
	for _, name := range names {
		v, there := body[name]
		if !there {
			if said := b.promised(name, s.Property(name)); len(said) > 0 && len(s.Property(name).Validate(said[0], "")) == 0 {
				v, there = said[0], true
			}
		}
		if there {
			out[name] = v
		}
	}
	if gone && s.Has("deleted") && len(s.Property("deleted").Validate(true, "")) == 0 {
		out["deleted"] = true
	}
	b.showID(o, s, out)
	o.extras(s, out)
	return s.Fit(out, o.faker())
}

// includes are the extra properties that a call asks for and a kind has.
func (c *Call) includes(kind *Kind) []let {
	if kind == nil || len(kind.include) == 0 || len(c.Include) == 0 {
		return nil
	}
	var out []let
	for _, l := range kind.include {
		if slices.Contains(c.Include, l.name) {
			out = append(out, l)
		}
	}
	return out
}
