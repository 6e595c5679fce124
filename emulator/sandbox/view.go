package sandbox

import (
	"errors"
	"fmt"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/scenarios"
)

// ErrNoView says that a page's link leads to nothing.
var ErrNoView = errors.New("there is nothing to look at")

// View is what a page shows of a resource.
type View struct {
	ID     string
	Status string
	State  scenarios.ViewState
	Show   map[string]string // what has a place of its own
	Rest   []Shown           // everything else, in the order of the scenario
	Left   time.Duration     // of the sandbox's time, 0 = there is no end to wait for
}

// Shown is one line of a page.
type Shown struct{ Name, Value string }

// placed are the names that a page has a place for.
var placed = map[string]bool{"title": true, "amount": true, "currency": true, "note": true, "address": true, "until": true}

// views is the compiled page of a provider.
type views struct {
	kind *Kind
	spec *scenarios.View
	show *scenarios.Value
}

// compileViews compiles the page, nil when the provider has none.
func (p *Provider) compileViews() (*views, error) {
	spec := p.Scenario.View
	if spec == nil {
		return nil, nil
	}
	kind, err := p.Kind(spec.Kind)
	if err != nil {
		return nil, err
	}
	c := &compiler{scope: p.scopeIn(kind.spec.File, kindNames), err: &err}
	return &views{kind: kind, spec: spec, show: c.value(spec.Show)}, err
}

// View looks at a resource for somebody who has its id and nothing else.
func (s *Sandbox) View(p *Provider, id string) (*View, error) {
	page, err := p.views()
	if err != nil || page == nil {
		return nil, errors.Join(err, ErrNoView)
	}
	g, err := s.pin()
	if err != nil {
		return nil, err
	}
	defer s.unpin()
	var out *View
	err = g.db.View(func(conn *store.Conn) error {
		a := s.newAct(g, p, conn, nil, s.time().Now())
		row, ok, err := conn.Resource(page.kind.Name, id)
		if err != nil {
			return err
		}
		if !ok {
			return ErrNoView
		}
		o, err := a.open(page.kind, row)
		if err != nil {
			return err
		}
		out, err = a.look(page, o)
		return err
	})
	return out, err
}

func (a *act) look(page *views, o *object) (*View, error) {
	v := &View{ID: o.row.ID, Status: o.row.Status, State: page.spec.States[o.row.Status], Show: map[string]string{}}
	err := a.with("resource", o.vars(), func() error {
		return page.show.EvalFields(&a.env, func(name string, value any) error {
			switch text := fmt.Sprint(plain(value)); {
			case value == nil:
			case name == "until":
				if until, ok := asInstant(value); ok && !v.State.Final {
					v.Left = max(until.Sub(a.now), 0)
				}
			case placed[name]:
				v.Show[name] = text
			default:
				v.Rest = append(v.Rest, Shown{name, text})
			}
			return nil
		})
	})
	return v, err
}
