package scenarios

import "cmp"

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
