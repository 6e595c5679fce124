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
		if guess.Kind == "" {
			break
		}
		if _, err := p.Kind(guess.Kind); err != nil {
			spec, depth, why = &scenarios.Operation{Key: op.Key(), Verb: "sample"}, Sample, "not bound; "+err.Error()
		}
	}
	if string(op.Field("security")) == "[]" || p.Scenario.Infer && scenarios.Anonymous(p.Contract, op) {
		spec.Auth = "none"
	}
	return spec, depth, why
}
