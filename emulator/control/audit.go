package control

import "github.com/sandgate/sandgate/emulator/sandbox"

// audit lists what changed stored objects, and who did it.
func (x *call) audit() (reply, error) {
	since, err := x.instant("since")
	if err != nil {
		return reply{}, err
	}
	box, err := x.known()
	if err != nil {
		return reply{}, err
	}
	f := sandbox.AuditFilter{
		Provider: x.query("provider"), Kind: x.query("kind"), Resource: x.query("resource"), Who: x.query("who"),
		Operation: x.query("operation"), Action: x.query("action"), Since: since,
	}
	items, next, err := box.Audit(f, x.limit(), x.query("cursor"))
	return list(items, next), err
}
