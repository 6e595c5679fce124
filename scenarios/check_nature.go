package scenarios

import (
	"slices"
	"strings"
)

// inferring is a contract that tells what a scenario may leave out.
type inferring interface{ Inference() *Inference }

// fillIn looks at the scenario as it is served: with what the contract adds to
// it, where it asks for that.
func (c *check) fillIn() {
	doc, ok := c.doc.(inferring)
	if !c.s.Infer || !ok {
		return
	}
	from := doc.Inference()
	whole := *c.s
	whole.Resources = slices.Clone(c.s.Resources)
	for i, r := range whole.Resources {
		if r.Table != "" {
			continue
		}
		if inferred, err := from.Resource(r.Kind); err == nil {
			whole.Resources[i] = r.Over(inferred)
		}
	}
	c.s, c.inferred = &whole, map[string]*Resource{}
	for _, kind := range from.Kinds() {
		if !slices.Contains(c.kinds, kind) {
			c.kinds = append(c.kinds, kind)
			c.inferred[kind], _ = from.Resource(kind)
		}
	}
}

// resourceOf is a kind of the scenario, or of its contract.
func (c *check) resourceOf(kind string) *Resource {
	if r := c.s.Resource(kind); r != nil {
		return r
	}
	return c.inferred[kind]
}

// nature checks what a kind is like beyond its shape.
func (c *check) nature(r *Resource, what string) {
	// Objects that show no id have one all the same, by the name that paths give it.
	inPath := func(key string) bool { return strings.Contains(key, "{"+r.IDField+"}") }
	if r.IDField != "" && !slices.ContainsFunc(c.doc.Keys(), inPath) {
		c.field(r.Line, what+", id-field", r.Kind, r.IDField)
	}
	if s := r.Stamps; s != nil {
		for _, name := range []string{s.Created, s.Updated} {
			if name != "" {
				c.field(r.Line, what+", stamps", r.Kind, name)
			}
		}
	}
	if p := r.Parent; p != nil {
		c.kind(r.Line, what+", parent", p.Kind)
		if p.Field != "" {
			c.field(r.Line, what+", parent, field", r.Kind, p.Field)
		}
	}
	for _, name := range r.Merge {
		c.field(r.Line, what+", merge", r.Kind, name)
	}
	for _, e := range r.Expand {
		c.field(r.Line, what+", expand", r.Kind, e.Name)
		c.kind(r.Line, what+", expand "+e.Name, e.Value)
	}
	if r.Assumed && !r.Singleton {
		c.fail(r.Line, "%s: assumed is for a singleton: of others nobody knows which are there", what)
	}
}

// manner checks how an operation reads its request.
func (c *check) manner(o *Operation, in scope) {
	what := o.Verb + " " + o.Kind
	for _, w := range o.Within {
		c.kind(o.Line, what+", within", w.Kind)
		c.expression(o.Line, w.ID, in)
	}
	if o.Pages != nil {
		c.pages(o.Line, what+", pages", o.Pages)
	}
}
