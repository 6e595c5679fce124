package scenarios

import (
	"cmp"
	"sync"

	"github.com/sandgate/sandgate/openapi"
)

// Inference is what a contract says by itself about the operations and kinds
// that a scenario leaves out. It is worked out piece by piece, on first use,
// and safe for concurrent use.
type Inference struct {
	doc    *openapi.Document
	shapes func() map[string]Inferred
}

// NewInference looks at nothing yet.
func NewInference(doc *openapi.Document) *Inference {
	return &Inference{doc: doc, shapes: sync.OnceValue(func() map[string]Inferred {
		var keys []string
		for _, o := range doc.Operations() {
			keys = append(keys, o.Key())
		}
		return Infer(keys)
	})}
}

// Operation is what an operation does, and why that is thought; ok is false
// where the contract does not tell.
func (i *Inference) Operation(key string) (op *Operation, why string, ok bool) {
	guess, ok := i.shapes()[key]
	if !ok {
		return nil, "", false
	}
	return &Operation{Key: key, Verb: guess.Verb, Kind: guess.Kind}, guess.Why, true
}

// Resource is a kind as the contract shows it, nil if there is none of that
// name.
func (i *Inference) Resource(kind string) (*Resource, error) {
	for _, o := range i.doc.Operations() {
		if guess := i.shapes()[o.Key()]; guess.Kind == kind && guess.Verb == "read" {
			return &Resource{Kind: kind, Schema: []string{o.Key()}}, nil
		}
	}
	return nil, nil
}

// Scenario is the behaviour of a contract that comes without one: who may
// call, and the rest inferred.
func (i *Inference) Scenario(name string) *Scenario {
	return &Scenario{
		Provider: name, Title: cmp.Or(i.doc.Title(), name), Contract: name, File: name, Infer: true,
		Credentials: Credentials{Key: "sk_test_sandgate"},
		Auth:        CredentialsOf(i.doc),
		Dialect:     Dialect{ID: "uuid", Time: "iso-ms"},
	}
}

// Shape is where a reply holds what it is about.
type Shape struct {
	Path   []string        // properties on the way to it; none = the reply itself
	List   bool            // it is a list of objects
	Object *openapi.Schema // the object, or one of the list
}

// ShapeOf finds the object or the list in a reply.
func ShapeOf(reply *openapi.Schema, list bool) Shape {
	if !list {
		return Shape{Object: reply}
	}
	if reply.Type() == "array" {
		return Shape{List: true, Object: reply.Items()}
	}
	for _, name := range reply.Properties() {
		if reply.Property(name).Type() == "array" {
			return Shape{Path: []string{name}, List: true, Object: reply.Property(name).Items()}
		}
	}
	return Shape{Object: reply}
}

// PagesOf reads the paging habit of a list from its parameters and its reply.
func PagesOf(*openapi.Plan) *Pages { return nil }
