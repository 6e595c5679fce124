package emulator_test

import (
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
)

// TestBehaviour runs testdata/<provider>/*.txtar: each script is a promise
// about one provider, readable by somebody who knows no Go. Every reply is
// validated against the contract.
//
//	call METHOD PATH [BODY | @file]   send a request; ${name} is replaced
//	upload PATH field=value file=@f   send multipart/form-data
//	with HEADER VALUE                 a header of the next request only
//	but POINTER VALUE | absent        a change to the next body from a file
//	status N                          the reply's status
//	json POINTER exists|absent|== V|!= V|contains V|matches V|len N
//	save NAME POINTER                 keep a value for later; so does env
//	blanks NAME N                     keep N blanks for later
//	header NAME == VALUE              a reply header
//	use CREDENTIAL | none             the credential of the calls after it
//	advance SPAN                      move the clock; everything due fires,
//	                                  and json reads what did
//	reset [rewind]                    back to the seed objects
//	effect METHOD TEMPLATE            the next json or events shows an effect
//	                                  of that operation, called before
//	events FAMILY.ACTION N            how many such events there are
//	event FAMILY.ACTION [N]           json reads the data of the newest such
//	                                  event, or of the one N before it
//	delivery [N]                      json reads the newest delivery, or the
//	                                  one N before it
//	challenge RESULT [LINK]           answer the challenge shown last: Y N U A
//	                                  R abandon timeout
//	move KIND ID MOVE [JSON]          make a move by hand; json reads the object
//	endpoint NAME URL [EVENT ...]     register a webhook endpoint past the provider's
//	                                  API; its id is kept under the name
//	control METHOD PATH [BODY]        a request to the control API
//	set PATH=VALUE | strict           start with a setting (first lines)
//
// Afterwards every operation must have been answered with success; of a
// contract that users bring, every modelled one. A modelled one that reads must have had its reply looked at; a modelled one that
// writes must have had an effect seen by another operation, or in an event.
// Every move of every machine must have been made.
func TestBehaviour(t *testing.T) {
	onebyone(t)
	dirs, err := filepath.Glob("testdata/*")
	dirs = slices.DeleteFunc(dirs, func(dir string) bool { return filepath.Ext(dir) != "" }) // goldens
	if err != nil || len(dirs) == 0 {
		t.Fatal("no behaviour scripts: ", err)
	}
	for _, dir := range dirs {
		name := filepath.Base(dir)
		t.Run(name, func(t *testing.T) {
			served(t, name)
			seen := &coverage{called: map[string]bool{}, looked: map[string]bool{}, felt: map[string]bool{}, moved: map[string]bool{}}
			t.Run("scripts", func(t *testing.T) {
				testscript.Run(t, testscript.Params{
					Dir:                 dir,
					Cmds:                behaviourCommands(name, seen),
					RequireExplicitExec: true,
					RequireUniqueNames:  true,
				})
			})
			if !t.Failed() {
				seen.check(t, name)
			}
		})
	}
}

// coverage remembers which operations the scripts of a provider reached.
type coverage struct {
	mu     sync.Mutex
	called map[string]bool // answered with success
	looked map[string]bool // its reply was asserted
	felt   map[string]bool // its effect was asserted elsewhere
	moved  map[string]bool // "kind move" that was made
}

func (c *coverage) note(m map[string]bool, key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m[key] = true
}

func (c *coverage) check(t *testing.T, name string) {
	server, err := emulator.New(served(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	providers := server.World().Providers()
	modelled, brought := 0, !slices.Contains(emulator.BuiltIn(), name)
	for _, op := range providers[0].Contract.Operations() {
		b, err := providers[0].Binding(op)
		if err != nil {
			t.Errorf("%s: %v", op.Key(), err)
			continue
		}
		if !c.called[op.Key()] && (b.Depth == sandbox.Modelled || !brought) {
			t.Errorf("%s: no script got a 2xx from it", op.Key())
		}
		if b.Depth != sandbox.Modelled {
			continue
		}
		modelled++
		switch reads := op.Method == "GET" || b.Spec.Verb == "reply" && len(b.Spec.Then) == 0; {
		case reads && !c.looked[op.Key()]:
			t.Errorf("%s is modelled, but no script asserts anything about its reply", op.Key())
		case !reads && !c.felt[op.Key()]:
			t.Errorf("%s is modelled, but no script asserts its effect", op.Key())
		}
	}
	moves := 0
	for _, r := range providers[0].Scenario.Resources {
		for _, m := range r.Moves {
			if moves++; !c.moved[r.Kind+" "+m.Name] {
				t.Errorf("%s: no script makes the move %s", r.Kind, m.Name)
			}
		}
	}
	t.Logf("%s: every move of %d", name, moves)
	t.Logf("%s: %d operations, %d modelled", name, len(providers[0].Contract.Operations()), modelled)
}
