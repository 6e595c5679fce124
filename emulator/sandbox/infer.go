package sandbox

import (
	"sync"

	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// inferred is what path shapes say about the operations that the scenario
// leaves out. It is worked out when the first of them is used.
type inferred struct {
	once  sync.Once
	byKey map[string]scenarios.Inference
}

// infer answers an operation that the scenario does not bind: generic where
// the path's shape is clear, else a sample of its schema, remembering nothing.
func (p *Provider) infer(op *openapi.Operation, plan *openapi.Plan) (spec *scenarios.Operation, depth, why string) {
	p.inferred.once.Do(func() {
		var keys []string
		for _, o := range p.Contract.Operations() {
			keys = append(keys, o.Key())
		}
		p.inferred.byKey = scenarios.Infer(keys)
	})
	spec = &scenarios.Operation{Key: op.Key(), Verb: "sample"}
	if string(op.Field("security")) == "[]" {
		spec.Auth = "none"
	}
	guess, ok := p.inferred.byKey[op.Key()]
	if !ok {
		return spec, Sample, "not bound; generated from the schema"
	}
	if err := p.inferKind(guess); err != nil {
		return spec, Sample, "not bound; " + err.Error()
	}
	spec.Verb, spec.Kind = guess.Verb, guess.Kind
	return spec, Generic, guess.Why
}

// inferKind makes the kind of a collection, shaped like what reading one of
// its items answers.
func (p *Provider) inferKind(guess scenarios.Inference) error {
	if _, known := p.kinds.Load(guess.Kind); known || p.Scenario.Resource(guess.Kind) != nil {
		return nil
	}
	kind := &Kind{
		Name: p.Name() + "/" + guess.Kind, Short: guess.Kind, spec: &scenarios.Resource{Kind: guess.Kind},
		moves: map[string]*move{}, auto: map[string][]*move{},
	}
	for _, op := range p.Contract.Operations() {
		if op.Method != "GET" || p.inferred.byKey[op.Key()].Collection != guess.Collection || p.inferred.byKey[op.Key()].Verb != "read" {
			continue
		}
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
	p.kinds.LoadOrStore(guess.Kind, lazy)
	return nil
}
