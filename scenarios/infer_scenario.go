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

// Complete gives a scenario that has the rest inferred what it leaves out: who may call is the contract's to say, not nobody's.
func (i *Inference) Complete(s *Scenario) {
	if !s.Infer {
		return
	}
	own := i.Scenario(s.Provider)
	if len(s.Auth.Credentials) == 0 {
		s.Auth.Credentials = own.Auth.Credentials
	}
	s.Auth.Access, s.Auth.Refresh = cmp.Or(s.Auth.Access, own.Auth.Access), cmp.Or(s.Auth.Refresh, own.Auth.Refresh)
	s.Title, s.Credentials.Key = cmp.Or(s.Title, own.Title), cmp.Or(s.Credentials.Key, own.Credentials.Key)
	s.Dialect.ID, s.Dialect.Time = cmp.Or(s.Dialect.ID, own.Dialect.ID), cmp.Or(s.Dialect.Time, own.Dialect.Time)
	if s.Idempotency == nil {
		s.Idempotency = own.Idempotency
	}
	s.Webhooks.ContentType = cmp.Or(s.Webhooks.ContentType, "application/json")
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
