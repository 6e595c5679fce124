package emulator

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// Report is what a check found.
type Report struct {
	Checked  int                 // providers
	Problems []scenarios.Problem // what does not work
	Notes    []scenarios.Problem // what was repaired: it works
}

// Check does eagerly what serving does on first use, for a built-in provider
// or a scenario file: every name, expression, plan and binding. The error is
// for a provider that cannot be found at all.
func Check(name string) ([]scenarios.Problem, error) {
	r, err := CheckAll(Options{Providers: []string{name}})
	return r.Problems, err
}

// CheckAll does the same for everything that the options would serve.
func CheckAll(o Options) (Report, error) {
	var r Report
	list, err := sources(o)
	if r.Problems = problemsIn(err); len(r.Problems) > 0 {
		r.Checked = 1
		return r, nil
	}
	if err != nil {
		return r, err
	}
	for _, s := range list {
		r.Checked++
		if err := r.check(s, o); err != nil {
			return r, err
		}
	}
	return r, nil
}

func (r *Report) check(from *source, o Options) error {
	s, doc, err := from.load(o, scenarios.Embedded)
	if found := problemsIn(err); len(found) > 0 {
		r.Problems = append(r.Problems, found...)
		return nil
	}
	if err != nil {
		message := strings.TrimPrefix(err.Error(), from.file()+": ")
		r.Problems = append(r.Problems, scenarios.Problem{File: from.file(), Message: message})
		return nil
	}
	before := len(r.Problems)
	for _, fixed := range doc.Inspect() {
		r.Notes = append(r.Notes, scenarios.Problem{File: from.file(), Message: fixed.Pointer + ": " + fixed.Problem + "; " + fixed.Meaning})
	}
	if from.scenario != "" {
		r.Problems = append(r.Problems, scenarios.Check(s, contract{doc})...)
	}
	for _, op := range doc.Operations() {
		if _, err := doc.Plan(op); err != nil {
			r.Problems = append(r.Problems, scenarios.Problem{File: from.contractFile(s), Message: err.Error()})
		}
	}
	if len(r.Problems) == before { // bindings would only say the same in other words
		r.Problems = append(r.Problems, checkBindings(s, doc)...)
	}
	return nil
}

// file is what a message about the whole of it names.
func (s *source) file() string { return cmp.Or(s.spec, s.scenario) }

func (s *source) contractFile(scenario *scenarios.Scenario) string {
	return cmp.Or(s.spec, "contract "+scenario.Contract)
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

// Inference is what the document itself says.
func (c contract) Inference() *scenarios.Inference { return scenarios.NewInference(c.doc) }

// HasSchema knows components by their names, and what operations answer by theirs.
func (c contract) HasSchema(name string) bool {
	if c.HasOperation(name) {
		return true
	}
	_, ok := c.doc.Component("schemas", name)
	return ok
}

func (c contract) schema(name string) (*openapi.Schema, error) {
	return sandbox.ObjectOf(c.doc, c.Inference, name)
}

func (c contract) Properties(schema string) []string {
	s, err := c.schema(schema)
	if err != nil || s == nil {
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
	s, err := c.schema(schema)
	if err != nil || s == nil || s.Property(property) == nil {
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
