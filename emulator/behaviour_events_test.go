package emulator_test

import (
	"context"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sandgate/sandgate/emulator/sandbox"
)

// cmdEndpoint registers a webhook endpoint, as the control API does.
func cmdEndpoint(ts *testscript.TestScript, s *stage, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: endpoint NAME URL [EVENT ...]")
	}
	change := sandbox.EndpointChange{URL: &args[1]}
	if len(args) > 2 {
		change.Events = args[2:]
	}
	view, err := s.box(ts).AddEndpoint(context.Background(), s.provider, change)
	ts.Check(err)
	s.vars[args[0]] = view.ID
	ts.Setenv(args[0], view.ID)
}
