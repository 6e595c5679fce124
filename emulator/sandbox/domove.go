package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sandgate/sandgate/openapi"
)

// doMove makes the first of the bound moves that fits. States in `done` are
// answered without effect, so that a repeated call is harmless.
func doMove(a *act, b *Binding, c *Call) (result, error) {
	o, err := a.target(b, c)
	if err != nil {
		return result{}, err
	}
	if slices.Contains(b.Spec.Done, o.row.Status) {
		return result{obj: o}, nil
	}
	with, err := a.parameters(b.with)
	if err != nil {
		return result{}, err
	}
	if err := a.besides(o, b, c); err != nil {
		return result{}, err
	}
	err = a.with("with", with, func() error { return a.moveBy(o, b.Spec.By) })
	switch {
	case !errors.Is(err, errNoMove):
		return result{obj: o}, err
	case b.Depth == Generic && o.there(b.Spec.By): // asked for twice
		return a.unmoved(o)
	}
	r := a.p.RefuseCode(b.Spec.Else, "")
	if b.Spec.Else == "" {
		r = a.p.Refuse(ReasonState, "")
	}
	var from []string
	for _, name := range b.Spec.By {
		from = append(from, b.kind.moves[name].from...)
	}
	slices.Sort(from)
	r.Violations = []openapi.Violation{{
		Pointer: "/" + b.kind.spec.Status.Field, Rule: "state",
		Expected: fmt.Sprintf("one of %v", slices.Compact(from)), Got: o.row.Status,
	}}
	if b.Spec.Else == "" && a.p.ownWords() {
		r.Violations[0].Expected = "one of " + strings.Join(slices.Compact(from), ", ")
		r.Messages = nil // the violation says it all
	}
	r.Messages = append(r.Messages, r.Violations[0].String())
	return result{}, r
}

// besides notes what a move's request says beside it.
func (a *act) besides(o *object, b *Binding, c *Call) error {
	if !b.kind.nature.whole || c.Values.Body == nil {
		return nil
	}
	from := b.kind.retained(a.reflected(b, c))
	delete(from, o.kind.spec.Status.Field)
	if err := a.resolve(b, c, from); err != nil {
		return err
	}
	return a.change(o, from)
}

// there reports that an object is in the state that one of the moves leads to.
func (o *object) there(moves []string) bool {
	return slices.ContainsFunc(moves, func(name string) bool {
		m := o.kind.moves[name]
		return m != nil && m.to != "" && m.to == o.row.Status
	})
}

// unmoved is an object as it is stored, whatever was about to change.
func (a *act) unmoved(o *object) (result, error) {
	stored, err := openObject(o.kind, o.row)
	if err == nil {
		a.hold(stored)
	}
	return result{obj: stored}, err
}
