package emulator

import (
	"errors"
	"fmt"
	"slices"

	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// Check does eagerly what serving does on first use, for a built-in provider
// or a scenario file: every name, expression, plan and binding. The error is
// for a provider that cannot be found at all.
func Check(name string) ([]scenarios.Problem, error) {
	s, folder, err := loadScenario(name, scenarios.Embedded)
	if found := problemsIn(err); len(found) > 0 {
		return found, nil
	}
	if err != nil {
		return nil, err
	}
	doc, err := loadContract(s.Contract, folder)
	if err != nil {
		return []scenarios.Problem{{File: s.File, Message: fmt.Sprintf("contract %s: %v", s.Contract, err)}}, nil
	}
	problems := scenarios.Check(s, contract{doc})
	for _, op := range doc.Operations() {
		if _, err := doc.Plan(op); err != nil {
			problems = append(problems, scenarios.Problem{File: "contract " + s.Contract, Message: err.Error()})
		}
	}
	if len(problems) > 0 {
		return problems, nil // bindings would only say the same in other words
	}
	return checkBindings(s, doc), nil
}

// checkBindings compiles every kind and operation.
func checkBindings(s *scenarios.Scenario, doc *openapi.Document) (problems []scenarios.Problem) {
	note := func(err error) {
		found := problemsIn(err)
		if err != nil && len(found) == 0 {
			found = []scenarios.Problem{{File: s.File, Message: err.Error()}}
		}
		for _, p := range found {
			if !slices.Contains(problems, p) {
				problems = append(problems, p)
			}
		}
	}
	p, err := sandbox.NewProvider(s, doc, nil)
	if err != nil {
		note(err)
		return problems
	}
	for _, r := range s.Resources {
		_, err := p.Kind(r.Kind)
		note(err)
	}
	for _, op := range doc.Operations() {
		_, err := p.Binding(op)
		note(err)
	}
	return problems
}

// problemsIn finds the errors that know their file.
func problemsIn(err error) (out []scenarios.Problem) {
	var many scenarios.Errors
	var one *scenarios.Error
	switch {
	case errors.As(err, &many):
	case errors.As(err, &one):
		many = scenarios.Errors{one}
	}
	for _, e := range many {
		if e.File != "" {
			out = append(out, scenarios.Problem{File: e.File, Line: e.Line, Message: e.Message})
		}
	}
	return out
}

// contract shows a document to a scenario's check.
type contract struct{ doc *openapi.Document }

func (c contract) HasOperation(key string) bool {
	_, ok := c.doc.Operation(key)
	return ok
}

func (c contract) HasSchema(name string) bool {
	_, ok := c.doc.Component("schemas", name)
	return ok
}

func (c contract) Properties(schema string) []string {
	s, err := c.doc.Schema(schema)
	if err != nil {
		return nil
	}
	return s.Properties()
}

// HasReplyProperty reports a success reply whose body is an object with that
// property.
func (c contract) HasReplyProperty(name string) bool {
	return slices.ContainsFunc(c.doc.Operations(), func(op *openapi.Operation) bool {
		plan, err := c.doc.Plan(op)
		if err != nil {
			return false
		}
		reply := plan.Reply(plan.Success)
		return reply != nil && reply.Schema != nil && reply.Schema.Has(name)
	})
}

func (c contract) Enum(schema, property string) []string {
	s, err := c.doc.Schema(schema)
	if err != nil || s.Property(property) == nil {
		return nil
	}
	var words []string
	for _, v := range s.Property(property).Enum() {
		words = append(words, fmt.Sprint(v))
	}
	return words
}

func (c contract) Keys() []string {
	var keys []string
	for _, op := range c.doc.Operations() {
		keys = append(keys, op.Key())
	}
	return keys
}
