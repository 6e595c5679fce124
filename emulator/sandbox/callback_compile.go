package sandbox

import (
	"encoding/json"
	"fmt"

	"github.com/sandgate/sandgate/scenarios"
)

// callbackSource is a compiled scenarios.CallbackSource.
type callbackSource struct {
	spec          *scenarios.CallbackSource
	proofs        []*proof
	id, same, typ *scenarios.Program
	on            map[string]*callbackHandler
	newID         *scenarios.Program
	header, body  *scenarios.Value
	sends         map[string]*callbackSend
}

// proof is a compiled scenarios.CallbackProof; scheme "" = basic
// authentication.
type proof struct {
	header, scheme         string
	secret, user, password *scenarios.Program
}

type callbackHandler struct {
	spec        *scenarios.CallbackHandler
	lets        []let
	id, known   *scenarios.Program
	with        *scenarios.Value
	first, then []step
}

type callbackSend struct {
	spec   *scenarios.CallbackSend
	object *scenarios.Value
}

// compileCallbacks compiles what services outside may tell, by source.
func (p *Provider) compileCallbacks() (map[string]*callbackSource, error) {
	names := append(append([]string{}, scenarios.CallbackNames...), kindNames...)
	out := map[string]*callbackSource{}
	var err error
	for _, spec := range p.Scenario.Callbacks {
		c := &compiler{scope: p.scopeIn(p.Scenario.FileOf("callbacks"), names), err: &err}
		src := &callbackSource{
			spec: spec, on: map[string]*callbackHandler{}, sends: map[string]*callbackSend{},
			id: c.program(spec.ID, spec.Line), same: c.program(spec.Same, spec.Line), typ: c.program(spec.Type, spec.Line),
			newID: c.program(spec.Send.ID, spec.Line), header: c.value(spec.Send.Header), body: c.value(spec.Send.Body),
		}
		for _, one := range spec.Proof {
			header := one.Header
			if one.Scheme == "" {
				header = "Authorization"
			}
			src.proofs = append(src.proofs, &proof{
				header: header, scheme: one.Scheme,
				secret: c.program(one.Secret, spec.Line), user: c.program(one.User, spec.Line), password: c.program(one.Password, spec.Line),
			})
		}
		for _, h := range spec.On {
			src.on[h.Event] = c.callbackHandler(h)
		}
		for _, s := range spec.Sends {
			src.sends[s.Event] = &callbackSend{spec: s, object: c.value(s.Object)}
		}
		out[spec.Name] = src
	}
	return out, err
}

func (c *compiler) callbackHandler(spec *scenarios.CallbackHandler) *callbackHandler {
	inner := *c
	h := &callbackHandler{spec: spec}
	for _, l := range spec.Let {
		h.lets = append(h.lets, let{name: l.Name, value: inner.value(l.Value)})
		inner.name(l.Name)
	}
	h.id, h.known, h.with = inner.program(spec.ID, spec.Line), inner.program(spec.Known, spec.Line), inner.value(spec.With)
	h.first, h.then = inner.steps(spec.First), inner.steps(spec.Then)
	return h
}

// textOf runs an expression that gives a text; nil is none.
func textOf(p *scenarios.Program, a *act) (string, error) {
	if p == nil {
		return "", nil
	}
	v, err := p.Run(&a.env)
	if err != nil {
		return "", err
	}
	switch v := plain(v).(type) {
	case nil, map[string]any, []any:
		return "", nil
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	default:
		return fmt.Sprint(v), nil
	}
}
