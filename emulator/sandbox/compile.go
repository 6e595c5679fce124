package sandbox

import (
	"github.com/sandgate/sandgate/scenarios"
)

// compiler compiles the pieces of a binding and keeps the first error, so
// that the code which uses it reads as a list of pieces.
type compiler struct {
	scope scenarios.Scope
	err   *error
}

func (c *compiler) program(src string, line int) *scenarios.Program {
	if src == "" || *c.err != nil {
		return nil
	}
	p, err := scenarios.Compile(src, line, c.scope)
	if err != nil {
		*c.err = err
		return nil
	}
	return p
}

func (c *compiler) value(t scenarios.Template) *scenarios.Value {
	if t.IsZero() || *c.err != nil {
		return nil
	}
	v, err := scenarios.CompileTemplate(t, c.scope)
	if err != nil {
		*c.err = err
		return nil
	}
	return v
}

// name makes a load, let or step known to the expressions after it.
func (c *compiler) name(n string) {
	if n != "" {
		c.scope.Names = append(append([]string{}, c.scope.Names...), n)
	}
}

func (c *compiler) steps(specs []scenarios.Step) []step {
	var out []step
	for _, s := range specs {
		out = append(out, c.step(s))
		c.name(s.As)
		for _, l := range s.Let {
			c.name(l.Name)
		}
	}
	return out
}

func (c *compiler) step(s scenarios.Step) step {
	st := step{spec: s, each: c.program(s.Each, s.Line)}
	inner := *c
	if s.Each != "" {
		inner.name("item")
		inner.name("index")
	}
	st.when, st.id = inner.program(s.When, s.Line), inner.program(s.ID, s.Line)
	st.set, st.with = inner.value(s.Set), inner.value(s.With)
	for _, l := range s.Let {
		st.lets = append(st.lets, let{name: l.Name, value: inner.value(l.Value)})
		inner.name(l.Name)
	}
	st.do = inner.steps(s.Do)
	return st
}

// step is a compiled scenarios.Step.
type step struct {
	spec      scenarios.Step
	each      *scenarios.Program
	when      *scenarios.Program
	id        *scenarios.Program
	set, with *scenarios.Value
	lets      []let
	do        []step
}
