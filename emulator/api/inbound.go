package api

import "github.com/sandgate/sandgate/emulator/sandbox"

// plain is the body as the contract decodes it: nothing where the verb reads
// it itself, after the signature over its bytes.
func (x *exchange) plain() []byte {
	if x.binding.Inbound() {
		return nil
	}
	return x.raw
}

// calledBack names the sandbox of a callback by the user that its source
// authenticates with: a service outside has no credential of ours.
func (x *exchange) calledBack() string {
	if !x.binding.Inbound() {
		return ""
	}
	user, _, _ := x.r.BasicAuth()
	return sandbox.NamedIn(user)
}
