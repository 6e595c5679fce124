package scenarios

import (
	"maps"
	"slices"
)

func (c *check) resource(r *Resource) {
	what := "resource " + r.Kind
	for _, name := range r.Schema {
		if !c.doc.HasSchema(name) {
			c.fail(r.Line, "%s: the contract has no schema %q", what, name)
		}
	}
	c.code(r.Line, what+", missing", r.Missing)
	self := c.base().with("resource", r.Kind)
	c.template(r.Owner, self)
	c.status(r, what)
	for _, emit := range []Events{r.Emit.Create, r.Emit.Update, r.Emit.Remove} {
		c.events(r.Line, what, emit)
	}
	c.identity(r, what)
	c.nature(r, what)
	c.show(r)
	c.extras(r, what, self)
	c.sealed(r, what)
	for _, path := range r.Index {
		c.field(r.Line, what+", index", r.Kind, path)
	}
	if e := r.Endpoint; e != nil {
		for _, t := range []Template{e.URL, e.Secret, e.Events, e.Active, e.Overlap} {
			c.template(t, self)
		}
		c.events(r.Line, what+", own", e.Own)
		c.code(r.Line, what+", unknown", e.Unknown)
	}
	c.keyMapping(r, what, self)
	for _, m := range r.Moves {
		c.move(r.Kind, m, self.with("with", ""))
	}
}

func (c *check) status(r *Resource, what string) {
	s := r.Status
	if s.Field != "" {
		c.field(r.Line, what+", status", r.Kind, s.Field)
	} else if len(r.Moves) > 0 && s.Start.IsZero() {
		c.fail(r.Line, "%s has moves and no status: give it a field, or only a start if no reply shows it", what)
	}
	if s.Start.Const != nil {
		if state, ok := (*s.Start.Const).(string); ok {
			c.state(r.Line, what+", start", r.Kind, state)
		}
	}
	c.template(s.Start, c.base().with("resource", r.Kind))
	c.template(s.API, scope{})
	c.template(s.Webhooks, scope{})
	for _, vocabulary := range slices.Sorted(maps.Keys(s.Words)) {
		words := s.Words[vocabulary]
		for _, word := range slices.Sorted(maps.Keys(words)) {
			c.state(r.Line, what+", "+vocabulary+" "+word, r.Kind, words[word]...)
		}
	}
}

func (c *check) move(kind string, m *Move, self scope) {
	what := "move " + m.Name
	c.state(m.Line, what+", from", kind, m.From...)
	if m.To != "" {
		c.state(m.Line, what+", to", kind, m.To)
	}
	c.expression(m.Line, m.At, self)
	c.expression(m.Line, m.When, self)
	c.set(m.Line, what, kind, m.Set, self)
	if m.Emit != nil {
		c.events(m.Line, what, *m.Emit)
	}
	c.steps(m.Then, self)
}

// base is what a kind's own templates know: the member behind the caller.
func (c *check) base() scope { return scope{}.with("member", c.s.Auth.Member) }

// set checks the fields that a template gives to a kind.
func (c *check) set(line int, what, kind string, t Template, in scope) {
	for _, f := range t.Fields {
		c.field(max(line, f.Value.Line), what+", set", kind, f.Name)
	}
	if !t.IsZero() && !t.Map {
		c.fail(line, "%s: set is a mapping", what)
	}
	c.template(t, in)
}

// ofOne are the verbs whose result is one stored resource of the kind.
var ofOne = []string{"create", "read", "update", "put", "remove", "move", "redeliver", "replay"}

func (c *check) operation(o *Operation) {
	if !c.doc.HasOperation(o.Key) {
		c.fail(o.Line, "the contract has no operation %s%s", o.Key, suggest(o.Key, c.doc.Keys()))
	}
	c.permission(o)
	known := o.Kind == "" || c.kind(o.Line, o.Verb, o.Kind)
	in := scope{}
	c.expression(o.Line, o.Sandbox, in) // before anything is loaded, and so is once
	if o.Once != nil {
		c.expression(o.Line, o.Once.By, in)
	}
	c.manner(o, in)
	if slices.Contains(ofOne, o.Verb) && o.Verb != "create" && o.Verb != "put" {
		in = in.with("resource", o.Kind)
	}
	in = c.loads(o, in)
	for _, l := range o.Let {
		c.template(l.Value, in)
		in = in.with(l.Name, "")
	}
	c.guards("require", o.Require, in)
	for _, s := range o.Before {
		in = c.step(s, in)
	}
	c.expression(o.Line, o.ID, in)
	c.code(o.Line, o.Verb, o.Else)
	if known && o.Kind != "" {
		c.about(o, in)
	}
	if slices.Contains(ofOne, o.Verb) {
		in = in.with("resource", o.Kind)
	} else {
		in = in.with("resource", "")
	}
	for _, s := range o.Then {
		in = c.step(s, in)
	}
	c.guards("ensure", o.Ensure, in)
	if o.Verb == "replay" {
		in = in.with("deliveries", "")
	}
	c.template(o.Reply, in)
	c.expression(o.Line, o.Attachment, in)
	c.template(o.Status, in)
}

// guards checks conditions and the codes of their refusals.
func (c *check) guards(what string, guards []Require, in scope) {
	for _, r := range guards {
		c.expression(r.Line, r.When, in)
		c.expression(r.Line, r.Message, in)
		c.expression(r.Line, r.Expected, in)
		c.template(r.Details, in)
		c.code(r.Line, what, r.Else)
	}
}

func (c *check) loads(o *Operation, in scope) scope {
	for _, l := range o.Load {
		what := "load " + l.Name
		known := c.kind(l.Line, what, l.Kind)
		c.expression(l.Line, l.ID, in)
		c.expression(l.Line, l.Is, in)
		c.code(l.Line, what, l.Else)
		if known && l.By != "" {
			c.field(l.Line, what, l.Kind, l.By)
		}
		in = in.with(l.Name, l.Kind)
	}
	return in
}

// about checks what an operation says of its kind.
func (c *check) about(o *Operation, in scope) {
	what := o.Verb + " " + o.Kind
	c.rows(o, what, in)
	c.set(o.Line, what, o.Kind, o.Set, in)
	c.moves(o.Line, what, o.Kind, o.By)
	c.state(o.Line, what+", done", o.Kind, o.Done...)
	if o.Verb == "move" && len(o.By) == 0 {
		c.fail(o.Line, "%s says by no move (by:)", what)
	}
	if o.Copy != nil {
		for _, name := range *o.Copy {
			if c.s.Dialect.Names == "snake" && !slices.Contains(c.shape(o.Kind), name) {
				name = SnakeCase(name) // the request's own spelling
			}
			c.field(o.Line, what+", copy", o.Kind, name)
		}
	}
	c.filters(o, what, in)
	c.template(o.With, in)
	if o.Verb == "move" && o.Else == "" && c.canMisfit(o) {
		c.refusal(o.Line, what+" without else", "state")
	}
	if once := o.Once; once != nil {
		c.field(o.Line, what+", once", o.Kind, once.Field)
		c.code(o.Line, what+", once", once.Else)
	}
}
