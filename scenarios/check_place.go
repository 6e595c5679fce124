package scenarios

import (
	"maps"
	"slices"
	"strings"
)

// Replies is what a contract may know beyond Contract: whether the success
// reply of any operation has a property.
type Replies interface {
	HasReplyProperty(name string) bool
}

func (c *check) dialect(d *Dialect) {
	c.in(c.s.FileOf("dialect"))
	c.template(d.Error, scope{})
	c.template(d.Internal, scope{})
	c.template(d.Argument, scope{names: ViolationNames})
	c.template(d.Removed, scope{})
	c.pages(0, "dialect.pages", &d.Pages)
	if doc, ok := c.doc.(Replies); ok && d.Envelope != "" && !doc.HasReplyProperty(d.Envelope) {
		c.fail(0, "dialect.envelope: no reply of the contract has a property %q", d.Envelope)
	}
	if d.Pages.Order != "" && d.Pages.Sort == "" {
		c.fail(0, "dialect.pages: order says the direction, and no sort says of what")
	}
}

// pageParts are what a member of a list reply may say.
var pageParts = []string{"page", "pages", "total", "limit", "offset", "next", "prev", "more", "url", "count"}

func (c *check) pages(line int, what string, p *Pages) {
	for _, part := range slices.Sorted(maps.Values(p.Fields)) {
		if !slices.Contains(pageParts, part) {
			c.fail(line, "%s.fields: no part of a page is called %q%s", what, part, suggest(part, pageParts))
		}
		if part == "next" && p.Cursor == "" && (!c.s.Infer || p.After == "" && p.Offset == "" && p.Page == "") {
			c.fail(line, "%s.fields: next is where a page ended, and no cursor says which parameter goes on there", what)
		}
	}
}

// answers are the outcomes of a challenge, as EMV 3-D Secure names them, and
// what becomes of one that is not answered.
var answers = []string{"Y", "A", "N", "U", "R", "abandon", "timeout"}

func (c *check) challenge(ch *Challenge) {
	if ch == nil {
		return
	}
	if !c.kind(ch.Line, "challenge", ch.Kind) {
		return
	}
	c.state(ch.Line, "challenge", ch.Kind, ch.State)
	c.field(ch.Line, "challenge, token", ch.Kind, ch.Token)
	self := c.base().with("resource", ch.Kind)
	c.template(ch.Show, self)
	c.expression(ch.Line, ch.Return, self)
	for _, answer := range slices.Sorted(maps.Keys(ch.Results)) {
		if !slices.Contains(answers, answer) {
			c.fail(ch.Line, "challenge, results: no answer is called %q%s", answer, suggest(answer, answers))
		}
		c.moves(ch.Line, "challenge, results "+answer, ch.Kind, ch.Results[answer])
	}
}

// identity checks what makes a kind's rows known and distinct.
func (c *check) identity(r *Resource, what string) {
	if r.Alias != "" {
		c.field(r.Line, what+", alias", r.Kind, r.Alias)
	}
	for _, u := range r.Unique {
		c.field(r.Line, what+", unique", r.Kind, u.Name)
		c.code(r.Line, what+", unique "+u.Name, u.Value)
	}
	for _, ref := range r.References {
		c.field(r.Line, what+", references", r.Kind, ref.Name)
		c.kind(r.Line, what+", references "+ref.Name, ref.Value)
	}
	if len(r.References) > 0 {
		c.refusal(r.Line, what+", references", "reference")
	}
}

// refusal checks that a reason of the engine's has a code.
func (c *check) refusal(line int, what, reason string) {
	if c.s.Refusals[reason] == "" && !c.s.Infer { // else the contract says how
		c.fail(line, "%s needs refusals.%s, the code for it", what, reason)
	}
}

// extras checks what a kind gives its rows and shows of them.
func (c *check) extras(r *Resource, what string, self scope) {
	for _, i := range r.Include {
		c.field(max(r.Line, i.Value.Line), what+", include", r.Kind, i.Name)
		c.template(i.Value, self)
	}
	c.set(r.Line, what+", defaults", r.Kind, r.Defaults, self)
	c.steps(r.Then, self)
}

func (c *check) steps(steps []Step, in scope) {
	for _, s := range steps {
		in = c.step(s, in)
	}
}

// step gives the scope of the steps after it.
func (c *check) step(s Step, in scope) scope {
	inner := in
	c.expression(s.Line, s.Each, in)
	for _, name := range s.Binds() {
		inner = inner.with(name, "")
	}
	c.expression(s.Line, s.When, inner)
	verb, kind := s.Kind()
	switch verb {
	case "do":
		c.steps(s.Do, inner)
		return in
	case "let":
		for _, l := range s.Let {
			c.template(l.Value, in)
			in = in.with(l.Name, "")
		}
		return in
	}
	what := verb + " " + kind
	known := c.kind(s.Line, what, kind)
	c.expression(s.Line, s.ID, inner)
	c.template(s.With, inner)
	if table := c.table(kind); table != "" {
		c.fail(s.Line, "%s: the rows of %s are not made by rules", what, table)
	} else if known {
		c.moves(s.Line, what, kind, s.By)
		c.set(s.Line, what, kind, s.Set, inner.with("resource", ""))
	}
	if s.As != "" {
		in = in.with(s.As, kind)
	}
	return in
}

// filters checks which fields a list is chosen and ordered by.
func (c *check) filters(o *Operation, what string, in scope) {
	for _, f := range o.Where {
		line := max(o.Line, f.Line)
		for _, field := range f.Fields {
			c.field(line, what+", where "+f.Param, o.Kind, field)
		}
		if f.Field != "" {
			c.field(line, what+", where "+f.Param, o.Kind, f.Field)
		}
		c.expression(line, f.Value, in)
		c.expression(line, f.When, in)
	}
	if field := strings.TrimPrefix(o.Sort, "-"); o.Sort != "" {
		c.field(o.Line, what+", sort", o.Kind, field)
	}
}

// canMisfit reports a move that some state of its kind does not allow.
func (c *check) canMisfit(o *Operation) bool {
	allowed := slices.Clone(o.Done)
	r := c.resourceOf(o.Kind)
	if r == nil {
		return false
	}
	for _, m := range r.Moves {
		if slices.Contains(o.By, m.Name) {
			allowed = append(allowed, m.From...)
		}
	}
	return slices.ContainsFunc(c.states(o.Kind), func(state string) bool { return !slices.Contains(allowed, state) })
}
