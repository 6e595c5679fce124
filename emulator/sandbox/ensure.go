package sandbox

import (
	"errors"

	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// guards compiles conditions and what is said where one does not hold.
func (c *compiler) guards(specs []scenarios.Require) []require {
	var out []require
	for _, r := range specs {
		out = append(out, require{
			spec: r, when: c.program(r.When, r.Line), message: c.program(r.Message, r.Line),
			expected: c.program(r.Expected, r.Line), details: c.value(r.Details),
		})
	}
	return out
}

// begin performs what comes before the verb; the names that it makes are known to all after it.
func (a *act) begin(b *Binding) error {
	for _, st := range b.before {
		if err := a.repeat(st, map[string]any{}); err != nil {
			return err
		}
	}
	return nil
}

// ensured is the refusal that follows from what was done, nil = there is none. What was done stays.
func (a *act) ensured(b *Binding, res result) (*Reply, error) {
	if len(b.ensure) == 0 {
		return nil, nil
	}
	if res.obj != nil {
		a.vars()["resource"] = res.obj.vars()
	}
	for _, r := range b.ensure {
		err := a.require(r)
		var refusal *Refusal
		switch {
		case err == nil:
		case errors.As(err, &refusal):
			reply := &Reply{Status: refusal.Status, Header: refusal.Header, refusal: refusal}
			reply.Body, err = a.p.ErrorBody(refusal)
			return reply, err
		default:
			return nil, err
		}
	}
	return nil, nil
}

// detailed adds what a refusal tells beside its message.
func (a *act) detailed(r require, err error) error {
	var refusal *Refusal
	if r.details == nil || !errors.As(err, &refusal) {
		return err
	}
	v, failed := r.details.Eval(&a.env)
	if failed != nil {
		return failed
	}
	refusal.Details, _ = v.(map[string]any)
	return refusal
}

// aboutContract is what expressions may know of the provider's document.
func (p *Provider) aboutContract() map[string]any {
	return map[string]any{"title": p.Contract.Title(), "version": p.Contract.Version()}
}

// completed gives a list reply what its schema requires beside the rows of a table.
func (a *act) completed(b *Binding, body []byte) ([]byte, error) {
	v, bad := openapi.DecodeOwn(body)
	if bad != nil || b.schema == nil {
		return body, nil
	}
	return openapi.Marshal(b.schema.FitWith(v, openapi.NewFaker(1, a.now), openapi.FitOptions{Lean: true}), b.schema)
}
