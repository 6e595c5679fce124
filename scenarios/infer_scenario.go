package scenarios

import (
	"cmp"
	"strings"
)

// idempotencyKey is the header that idempotency keys come in, where a contract
// names no other.
const idempotencyKey = "Idempotency-Key"

// Scenario is the behaviour of a contract that comes without one: who may
// call, and the rest inferred.
func (i *Inference) Scenario(name string) *Scenario {
	return &Scenario{
		Provider: name, Title: cmp.Or(i.doc.Title(), name), Contract: name, File: name, Infer: true,
		Credentials: Credentials{Key: "sk_test_sandgate"},
		Auth:        CredentialsOf(i.doc),
		Dialect:     Dialect{ID: "uuid", Time: "iso-ms"},
		Idempotency: &Idempotency{Headers: []string{idempotencyKey}},
	}
}

// idempotency is the header of an operation that holds an idempotency key, ""
// if that is the usual one.
func (g *guess) idempotency() string {
	plan, err := g.doc.Plan(g.op)
	if err != nil {
		return ""
	}
	found := ""
	for _, p := range plan.Params {
		word := plainWord(p.Name)
		switch {
		case p.In != "header" || strings.EqualFold(p.Name, idempotencyKey):
		case strings.Contains(word, "idempotenc"), strings.HasSuffix(word, "requestid") && found == "":
			found = p.Name
		}
	}
	return found
}
