package emulator_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/clock"
	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// whole is an operation of a scenario, nil where it has none.
func whole(t *testing.T, p *sandbox.Provider, key string) *scenarios.Operation {
	t.Helper()
	spec := p.Scenario.Operation(key)
	if spec == nil {
		return nil
	}
	spec, err := spec.Whole()
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// TestForbiddenStates tries every operation that makes moves from every state
// that none of its moves starts from. It must be refused with a 4xx, and
// leave the object as it was.
func TestForbiddenStates(t *testing.T) {
	onebyone(t)
	for _, name := range scenarios.Names() {
		t.Run(name, func(t *testing.T) {
			served(t, name)
			server, box := machineRoom(t, name)
			provider := server.World().Providers()[0]
			tried := 0
			for _, op := range provider.Contract.Operations() {
				spec := whole(t, provider, op.Key())
				if spec == nil || spec.Verb != "move" || provider.Scenario.Resource(spec.Kind).Singleton {
					continue
				}
				kind := provider.Scenario.Resource(spec.Kind)
				if broughtFor(name) != nil && len(spec.Before) > 0 {
					continue // what comes before it may move the object to where it fits
				}
				for _, state := range forbiddenStates(provider, kind, spec) {
					tried++
					t.Run(strings.ReplaceAll(op.Key(), "/", "|")+" "+state, func(t *testing.T) {
						refuseFrom(t, server, box, provider, op, kind, state)
					})
				}
			}
			t.Logf("%s: %d pairs of operation and state", name, tried)
		})
	}
}

func machineRoom(t *testing.T, name string) (*emulator.Server, *sandbox.Sandbox) {
	t.Helper()
	server, err := emulator.New(emulator.Options{
		Providers: []string{name}, Specs: broughtFor(name), Clock: "manual", Seed: 7, CheckReplies: true, Egress: "none", RateLimit: "off", Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	box, err := server.Sandbox("")
	if err != nil {
		t.Fatal(err)
	}
	return server, box
}

// statesOf are the states of a kind's machine, those of the contract included.
func statesOf(p *sandbox.Provider, kind *scenarios.Resource) []string {
	var out []string
	for _, m := range kind.Moves {
		out = append(append(out, m.From...), m.To)
	}
	if len(kind.Schema) > 0 && kind.Status.Field != "" {
		if schema, err := p.Contract.Schema(kind.Schema[0]); err == nil && schema.Has(kind.Status.Field) {
			for _, v := range schema.Property(kind.Status.Field).Enum() {
				out = append(out, fmt.Sprint(v))
			}
		}
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(s string) bool { return s == "" })
}

// forbiddenStates are the states from which an operation's moves do not start.
func forbiddenStates(p *sandbox.Provider, kind *scenarios.Resource, spec *scenarios.Operation) []string {
	allowed := slices.Clone(spec.Done)
	for _, m := range kind.Moves {
		if slices.Contains(spec.By, m.Name) {
			allowed = append(allowed, m.From...)
		}
	}
	return slices.DeleteFunc(statesOf(p, kind), func(s string) bool { return slices.Contains(allowed, s) })
}

var pathParam = regexp.MustCompile(`\{[^}]+\}`)

func refuseFrom(t *testing.T, server *emulator.Server, box *sandbox.Sandbox, p *sandbox.Provider, op *openapi.Operation, kind *scenarios.Resource, state string) {
	id := forge(t, box, p, kind, state)
	plan, err := p.Contract.Plan(op)
	if err != nil {
		t.Fatal(err)
	}
	body := ""
	if schema := plan.Body; schema != nil && schema.Media["application/json"] != nil { // a form may be empty
		schema := schema.Media["application/json"]
		sample, _ := schema.Sample(openapi.NewFaker(11, clock.System.Now()), nil).(map[string]any)
		if sample == nil {
			sample = map[string]any{}
		}
		if name, ok := strings.CutPrefix(whole(t, p, op.Key()).ID, "request.body."); ok {
			sample[name] = id
		}
		raw, err := json.Marshal(sample)
		if err != nil {
			t.Fatal(err)
		}
		body = string(raw)
	}
	r := httptest.NewRequest(op.Method, pathParam.ReplaceAllString(op.Path, id), strings.NewReader(body))
	r.Host = "sandgate.test"
	r.Header.Set("Authorization", "Bearer sk_test_sandgate")
	r.Header.Set("User-Agent", "sandgate tests (dev@sandgate.test)")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	before := rowOf(t, box, p, kind, id)
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	if w.Code < 400 || w.Code > 499 {
		t.Errorf("from %s: %d %s", state, w.Code, w.Body)
	}
	if after := rowOf(t, box, p, kind, id); after != before {
		t.Errorf("from %s: refused, but changed:\n%s\n%s", state, before, after)
	}
	if w.Code == http.StatusNotFound && strings.Count(op.Path, "{") == 1 && broughtFor(p.Name()) == nil { // what has ended may be said to be missing; a parent's id is not forged
		t.Errorf("from %s: the object was not found: %s", state, w.Body)
	}
}

// forge puts an object made from the schema into a state, past every rule.
func forge(t *testing.T, box *sandbox.Sandbox, p *sandbox.Provider, kind *scenarios.Resource, state string) string {
	t.Helper()
	body := map[string]any{}
	if len(kind.Schema) > 0 {
		schema, err := p.Contract.Schema(kind.Schema[0])
		if err != nil {
			t.Fatal(err)
		}
		body, _ = schema.Sample(openapi.NewFaker(5, clock.System.Now()), nil).(map[string]any)
	}
	id := "deadbeef-0000-4000-8000-000000000001"
	body["id"] = id
	if kind.Status.Field != "" {
		body[kind.Status.Field] = state
	}
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	owner := ""
	if who, err := box.Identify(p, "sk_test_sandgate"); err == nil && !kind.Owner.IsZero() {
		owner = ownerOf(who, p)
	}
	err = box.Raw(func(tx *store.Tx) error {
		name := p.Name() + "/" + kind.Kind
		if err := tx.RemoveResource(name, id, 1); err != nil && !errors.Is(err, store.ErrMissing) {
			return err
		}
		return tx.InsertResource(&store.Resource{Kind: name, ID: id, Owner: owner, Status: state, Body: raw, Hidden: []byte("{}"), Created: 1, Updated: 1})
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// ownerOf is whose rows the development key sees: every kind that has an
// owner says it the same way.
func ownerOf(who *sandbox.Identity, _ *sandbox.Provider) string {
	for _, key := range []string{"customerId", "organizationId", "merchantId"} {
		if s, ok := who.Caller[key].(string); ok {
			return s
		}
	}
	return ""
}

func rowOf(t *testing.T, box *sandbox.Sandbox, p *sandbox.Provider, kind *scenarios.Resource, id string) (out string) {
	t.Helper()
	err := box.Raw(func(tx *store.Tx) error {
		row, ok, err := tx.Resource(p.Name()+"/"+kind.Kind, id)
		out = fmt.Sprintf("%v %s %s %s %d", ok, row.Status, row.Body, row.Hidden, row.Updated)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestEveryChangeIsTold holds the machines of every provider to two rules: a
// public object that changes its state says so in an event, and an event that
// several moves emit means one state.
func TestEveryChangeIsTold(t *testing.T) {
	onebyone(t)
	for _, name := range emulator.BuiltIn() {
		s, err := scenarios.Embedded(name)
		if err != nil {
			t.Fatal(err)
		}
		leads, events := map[string]string{}, map[string]bool{}
		for _, r := range s.Resources {
			told := len(r.Emit.Create)+len(r.Emit.Update)+len(r.Emit.Remove) > 0
			for _, m := range r.Moves {
				emits := r.Emit.Update
				if m.Emit != nil {
					emits = *m.Emit
				}
				if len(r.Schema) > 0 && told && m.To != "" && len(emits) == 0 {
					t.Errorf("%s: %s: %s from %v to %s has no event", name, r.Kind, m.Name, m.From, m.To)
				}
				if m.Emit == nil {
					continue
				}
				for _, e := range emits {
					events[e] = true
					if e == "payment.refund_failed" {
						continue // back to whatever it was
					}
					if to, known := leads[r.Kind+" "+e]; known && to != m.To {
						t.Errorf("%s: %s: %s leads to %q here and to %q elsewhere", name, r.Kind, e, m.To, to)
					}
					leads[r.Kind+" "+e] = m.To
				}
			}
		}
		t.Logf("%s: %d events of moves", name, len(events))
	}
}
