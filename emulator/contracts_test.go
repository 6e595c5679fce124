package emulator_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sandgate/sandgate/emulator"
)

const realContracts = "../../shared/specs"

var (
	anyContract  = flag.String("contract", "", "also try this OpenAPI document, and say what fails")
	contractsOut = flag.Bool("contracts", false, "say every operation and resource that fails")
)

// TestRealContracts serves published documents of real providers with no other file. Of each it counts how many operations are planned, routed and
// answered as the contract says, with an id that nobody made where one is asked for; and how many resources survive
// create → get → list → update → get → remove → gone.
func TestRealContracts(t *testing.T) {
	onebyone(t)
	if _, err := os.Stat(realContracts); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the folder of real contracts is not there: %v", err)
		}
		t.Skip("the folder of real contracts is not there")
	}
	files, err := filepath.Glob(filepath.Join(realContracts, "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, ".md") })
	table := fmt.Sprintf("%-26s %10s %7s %7s %9s %9s %10s %11s\n", "contract", "operations", "planned", "routed", "valid", "success", "creatable", "round trips")
	for _, file := range files {
		table += tryContract(t, file).row(filepath.Base(file))
	}
	t.Log("\n" + table)
	compareGolden(t, "testdata/contracts.golden", table)
}

// TestAnyContract is the same for one document of one's own: go test ./emulator -run TestAnyContract -v -args -contract FILE
func TestAnyContract(t *testing.T) {
	if *anyContract == "" {
		t.Skip("no -contract FILE")
	}
	*contractsOut = true
	t.Log(tryContract(t, *anyContract).row(filepath.Base(*anyContract)))
}

func compareGolden(t *testing.T, path, got string) {
	t.Helper()
	if *updateGolden {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs; -update writes it:\n%s", path, got)
	}
}

// tally is one row of the table.
type tally struct{ operations, planned, routed, valid, success, creatable, round int }

func (n tally) row(name string) string {
	share := func(part, of int) string {
		return fmt.Sprintf("%d %.1f%%", part, 100*float64(part)/float64(max(of, 1)))
	}
	return fmt.Sprintf("%-26s %10d %7d %7d %9s %9s %10d %11s\n", name, n.operations, n.planned, n.routed,
		share(n.valid, n.operations), share(n.success, n.operations), n.creatable, share(n.round, n.creatable))
}

func tryContract(t *testing.T, file string) tally {
	t.Helper()
	var n tally
	c := serveContract(t, file, "create")
	for _, op := range c.doc.Operations() {
		n.operations++
		if _, err := c.doc.Plan(op); err != nil {
			c.say("%s: not planned: %v", op.Key(), err)
			continue
		}
		n.planned++
		r := c.request(op, nil)
		if got, _, _ := c.provider.Router.Find(op.Method, r.path); got != op {
			r = c.request(op, map[string]string{lastName(op.Path): c.shownAs(op, lastName(op.Path))}) // of two of one shape, forms tell
		}
		if got, _, _ := c.provider.Router.Find(op.Method, r.path); got != op {
			c.say("%s: not routed as %s", op.Key(), r.path)
			continue
		}
		n.routed++
		reply := c.send(r)
		if bad := reply.broken(); bad != "" {
			c.say("%s: %d %s\n    sent %s\n    got %s", op.Key(), reply.status, bad, clipped(r.text), clipped(string(reply.raw)))
			continue
		}
		n.valid++
		if reply.status/100 == 2 || reply.status/100 == 3 {
			n.success++
		} else {
			c.say("%s: refused %d\n    sent %s %s\n    got %s", op.Key(), reply.status, r.path, clipped(r.text), clipped(string(reply.raw)))
		}
	}
	c = serveContract(t, file, "refuse")
	for _, kind := range c.creatable() {
		n.creatable++
		if bad := c.roundTrip(kind); bad != "" {
			c.say("kind %s: %s", kind, bad)
			continue
		}
		n.round++
	}
	return n
}

func clipped(s string) string { return s[:min(len(s), 1500)] }

func serveContract(t *testing.T, file, unknown string) *contractUnderTest {
	t.Helper()
	srv := newServer(t, emulator.Options{Specs: []string{file}, Clock: "manual", Seed: 1, RateLimit: "off", UnknownIDs: unknown, Cache: "off"})
	c := &contractUnderTest{t: t, handler: http.Handler(srv), provider: srv.World().Providers()[0]}
	c.doc = c.provider.Contract
	c.learn()
	return c
}
