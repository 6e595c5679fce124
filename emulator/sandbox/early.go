package sandbox

import (
	"github.com/sandgate/sandgate/scenarios"
)

// The writer serves one request at a time, so what depends on the request
// alone is worked out before its turn: names, guards and fields whose
// expressions ask nothing of the store, the clock or chance. The order of
// refusals stays that of the file: a guard that failed early is reported
// where it stands.

// earlyNames are known before the writer's turn.
var earlyNames = map[string]bool{"request": true, "config": true, "data": true, "caller": true, "auth": true}

// hoist finds what of a binding can be worked out early.
func (b *Binding) hoist() {
	known := map[string]bool{}
	for name := range earlyNames {
		known[name] = true
	}
	for _, l := range b.loads {
		delete(known, l.spec.Name)
	}
	is := func(name string) bool { return known[name] }
	for i := range b.lets {
		b.lets[i].early = b.lets[i].value.NeedsOnly(is)
		if b.lets[i].early {
			known[b.lets[i].name] = true
		} else {
			delete(known, b.lets[i].name)
		}
	}
	for i := range b.requires {
		b.requires[i].early = b.requires[i].when.NeedsOnly(is) && b.requires[i].message.NeedsOnly(is) && b.requires[i].expected.NeedsOnly(is) && b.requires[i].details == nil
	}
	if b.set != nil && b.Spec.Verb == "create" {
		b.earlySet = map[string]bool{}
		for _, f := range b.set.Fields() {
			b.earlySet[f.Name] = f.Value.NeedsOnly(is)
		}
	}
}

// early is what was worked out before the writer's turn.
type early struct {
	vars    map[string]any // request, caller, auth
	lets    map[string]any
	refused map[int]error // guards that failed, by their place
	fields  map[string]scenarioField
}

// scenarioField is a value of `set`; absent ones are left out of the object.
type scenarioField struct {
	value  any
	absent bool
}

// workOut evaluates what can be evaluated early. An expression that fails is
// left to its turn, which will say so.
func (b *Binding) workOut(c *Call) {
	p := b.provider
	e := &early{vars: requestVars(c), lets: map[string]any{}, refused: map[int]error{}, fields: map[string]scenarioField{}}
	c.early = e
	a := &act{p: p}
	a.env = scenarios.Env{Vars: map[string]any{"config": p.Config, "data": p.Scenario.Data}}
	for name, v := range e.vars {
		a.env.Vars[name] = v
	}
	for _, l := range b.lets {
		if !l.early {
			continue
		}
		v, err := l.value.Eval(&a.env)
		if err != nil {
			return
		}
		a.env.Vars[l.name], e.lets[l.name] = v, v
	}
	for i, r := range b.requires {
		if r.early {
			e.refused[i] = a.require(r)
		}
	}
	if b.set == nil {
		return
	}
	for _, f := range b.set.Fields() {
		if !b.earlySet[f.Name] {
			continue
		}
		v, ok, err := f.EvalField(&a.env)
		if err != nil {
			return
		}
		e.fields[f.Name] = scenarioField{v, !ok}
	}
}

// evalSet evaluates the fields of a `set`, in order, taking those that are
// known already.
func (a *act) evalSet(set *scenarios.Value, known *early, each func(name string, value any) error) error {
	for _, f := range set.Fields() {
		var value any
		var ok bool
		var err error
		if field, done := known.field(f.Name); done {
			value, ok = field.value, !field.absent
		} else if value, ok, err = f.EvalField(&a.env); err != nil {
			return err
		}
		if !ok {
			continue
		}
		if err := each(f.Name, value); err != nil {
			return err
		}
	}
	return nil
}

func (e *early) field(name string) (scenarioField, bool) {
	if e == nil {
		return scenarioField{}, false
	}
	f, ok := e.fields[name]
	return f, ok
}

func (e *early) let(name string) (any, bool) {
	if e == nil {
		return nil, false
	}
	v, ok := e.lets[name]
	return v, ok
}

func (e *early) guard(i int) (error, bool) {
	if e == nil {
		return nil, false
	}
	err, ok := e.refused[i]
	return err, ok
}

func (e *early) request() map[string]any {
	if e == nil {
		return nil
	}
	return e.vars
}
