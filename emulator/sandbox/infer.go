package sandbox

import (
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// infer answers an operation that the scenario does not bind: generic where
// the contract tells what it does, else a sample of its schema, remembering
// nothing.
func (p *Provider) infer(op *openapi.Operation) (spec *scenarios.Operation, depth, why string) {
	spec = &scenarios.Operation{Key: op.Key(), Verb: "sample"}
	guess, reason, ok := p.inference.Operation(op.Key())
	switch {
	case !ok:
		depth, why = Sample, "not bound; generated from the schema"
	default:
		spec, depth, why = guess, Generic, reason
		if err := p.inferKind(guess.Kind); err != nil {
			spec, depth, why = &scenarios.Operation{Key: op.Key(), Verb: "sample"}, Sample, "not bound; "+err.Error()
		}
	}
	if string(op.Field("security")) == "[]" || p.Scenario.Infer && scenarios.Anonymous(p.Contract, op) {
		spec.Auth = "none"
	}
	return spec, depth, why
}

// inferKind makes a kind that the scenario does not have, shaped like what
// reading one answers.
func (p *Provider) inferKind(short string) error {
	if _, known := p.kinds.Load(short); known || p.Scenario.Resource(short) != nil {
		return nil
	}
	spec, err := p.inference.Resource(short)
	if err != nil {
		return err
	}
	kind := &Kind{
		Name: p.Name() + "/" + short, Short: short, spec: &scenarios.Resource{Kind: short},
		moves: map[string]*move{}, auto: map[string][]*move{},
	}
	if op, ok := p.Contract.Operation(spec.Schema[0]); ok {
		plan, err := p.Contract.Plan(op)
		if err != nil {
			return err
		}
		if reply := plan.Reply(plan.Success); reply != nil && reply.Schema != nil {
			kind.schema = reply.Schema
		}
	}
	lazy := &lazyKind{k: kind}
	lazy.once.Do(func() {})
	p.kinds.LoadOrStore(short, lazy)
	return nil
}
