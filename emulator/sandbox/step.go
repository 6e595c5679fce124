package sandbox

import (
	"errors"
	"fmt"
	"strings"
)

// maxDepth bounds effects that follow from effects: what leads back to itself
// is an error and not the end of the process.
const maxDepth = 100

// steps performs further effects in order. Names that they bind are known to
// the steps after them and gone afterwards.
func (a *act) steps(steps []step) error {
	if len(steps) == 0 {
		return nil
	}
	if a.depth++; a.depth > maxDepth {
		return fmt.Errorf("line %d: steps that follow from each other are more than %d deep", steps[0].spec.Line, maxDepth)
	}
	defer func() { a.depth-- }()
	bound := map[string]any{}
	defer a.unbind(bound)
	for _, st := range steps {
		if err := a.repeat(st, bound); err != nil {
			return err
		}
	}
	return nil
}

// bind gives a name a value and remembers in bound what it was.
func (a *act) bind(bound map[string]any, name string, value any) {
	if _, twice := bound[name]; !twice {
		old, had := a.vars()[name]
		if !had {
			old = unbound
		}
		bound[name] = old
	}
	a.vars()[name] = value
}

// unbound marks a name that meant nothing before.
var unbound = new(int)

func (a *act) unbind(bound map[string]any) {
	for name, old := range bound {
		if old == any(unbound) {
			delete(a.vars(), name)
		} else {
			a.vars()[name] = old
		}
	}
}

// maxEach bounds what one step may repeat.
const maxEach = 10_000

// repeat performs a step once, or for every element of its list.
func (a *act) repeat(st step, bound map[string]any) error {
	if st.each == nil {
		return a.guarded(st, bound)
	}
	v, err := st.each.Run(&a.env)
	if err != nil {
		return err
	}
	list := asList(v)
	if len(list) > maxEach {
		return fmt.Errorf("line %d: each: %d elements are too many", st.spec.Line, len(list))
	}
	inner := map[string]any{}
	defer a.unbind(inner)
	for i, item := range list {
		a.bind(inner, "item", item)
		a.bind(inner, "index", i)
		if err := a.guarded(st, bound); err != nil {
			return err
		}
	}
	return nil
}

// guarded performs a step if its own condition holds.
func (a *act) guarded(st step, bound map[string]any) error {
	if st.when != nil {
		if ok, err := st.when.True(&a.env); err != nil || !ok {
			return err
		}
	}
	switch {
	case len(st.do) > 0:
		return a.steps(st.do)
	case len(st.lets) > 0:
		for _, l := range st.lets {
			v, err := l.value.Eval(&a.env)
			if err != nil {
				return err
			}
			a.bind(bound, l.name, v)
		}
		return nil
	}
	o, err := a.effect(st)
	if err != nil {
		return err
	}
	if o != nil && st.spec.As != "" {
		a.bind(bound, st.spec.As, o.vars())
	}
	return nil
}

// effect performs a step that creates, changes, moves or removes. One whose
// target is not there does nothing.
func (a *act) effect(st step) (*object, error) {
	sp := st.spec
	kind, err := a.p.Kind(sp.Create + sp.Update + sp.Move + sp.Remove)
	if err != nil {
		return nil, err
	}
	var id string
	if st.id != nil {
		v, err := st.id.Run(&a.env)
		if err != nil {
			return nil, err
		}
		id, _ = v.(string)
	}
	if sp.Create != "" {
		return a.makeNew(draft{kind: kind, id: id, set: st.set})
	}
	o, err := a.stepTarget(kind, id, st.id != nil)
	if err != nil || o == nil {
		return nil, err
	}
	switch {
	case sp.Remove != "":
		return o, a.remove(o)
	case sp.Move != "":
		return o, a.stepMove(o, st)
	}
	if err := st.set.EvalFields(&a.env, o.assign); err != nil {
		return nil, err
	}
	return o, a.save(o, kind.spec.Emit.Update)
}

// stepTarget is the object of a step; a singleton needs no id.
func (a *act) stepTarget(kind *Kind, id string, named bool) (*object, error) {
	if kind.spec.Singleton && !named {
		return a.single(kind)
	}
	if id == "" || strings.ContainsRune(id, 0) {
		return nil, nil
	}
	return a.get(kind, id)
}

func (a *act) stepMove(o *object, st step) error {
	with, err := a.parameters(st.with)
	if err != nil {
		return err
	}
	err = a.with("with", with, func() error { return a.moveBy(o, st.spec.By) })
	if errors.Is(err, errNoMove) {
		return nil
	}
	return err
}
