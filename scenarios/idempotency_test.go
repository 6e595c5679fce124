package scenarios

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func withPolicy(t *testing.T, policy string) (*Scenario, error) {
	t.Helper()
	return Load("p.yaml", []byte("provider: p\ncontract: p\nerrors: {E: {status: 422}}\nconfig: {keys.life: {default: 2h, about: x}}\n"+policy))
}

func TestIdempotencyForms(t *testing.T) {
	rest := Idempotency{Scope: "owner", Keep: "success", Concurrent: "conflict", Max: 255, Replayed: "Idempotent-Replayed"}
	for policy, change := range map[string]func(*Idempotency){
		"":                                func(*Idempotency) {},
		"idempotency: [A, B-c]":           func(i *Idempotency) { i.Headers = []string{"A", "B-c"} },
		"idempotency: A":                  func(i *Idempotency) { i.Headers = []string{"A"} },
		"idempotency: {concurrent: wait}": func(i *Idempotency) { i.Concurrent = "wait" },
		"idempotency: {headers: [A], scope: address, keep: executed, max: 64, required: true, reused: E, busy: E, replayed: X-Again}": func(i *Idempotency) {
			*i = Idempotency{Headers: []string{"A"}, Scope: "address", Keep: "executed", Concurrent: "conflict", Max: 64, Required: true, Reused: "E", Busy: "E", Replayed: "X-Again"}
		},
	} {
		s, err := withPolicy(t, policy)
		if err != nil {
			t.Errorf("%s: %v", policy, err)
			continue
		}
		if found := Check(s, fakeContract{}); len(found) > 0 {
			t.Errorf("%s: %v", policy, found)
		}
		want := rest
		change(&want)
		got := s.Idempotency.Policy()
		if got.Line = 0; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", policy, got, want)
		}
		raw, err := Resolve(s)
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodeResolved(raw)
		if err != nil || !reflect.DeepEqual(again.Idempotency, s.Idempotency) {
			t.Errorf("%s: read back, it is %+v: %v", policy, again.Idempotency, err)
		}
	}
}

func TestLifeOfKeys(t *testing.T) {
	for policy, want := range map[string]time.Duration{
		"": 24 * time.Hour, "idempotency: [A]": 24 * time.Hour, "idempotency: {life: 30d}": 30 * 24 * time.Hour,
		"idempotency: {life: config.keys.life}": 2 * time.Hour, "idempotency: {life: \"config.keys.life == '2h' ? '1m' : '1h'\"}": time.Minute,
	} {
		s, err := withPolicy(t, policy)
		if err != nil {
			t.Fatal(policy, err)
		}
		config, err := s.Settings(nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.KeyLife(config); err != nil || got != want {
			t.Errorf("%s: %v %v", policy, got, err)
		}
	}
}

func TestIdempotencyMistakes(t *testing.T) {
	for policy, want := range map[string]string{
		"idempotency: {header: [A]}":               `idempotency has no key "header"; did you mean "headers"?`,
		"idempotency: {scope: tenant}":             `scope cannot be "tenant"`,
		"idempotency: {keep: all}":                 `keep cannot be "all"`,
		"idempotency: {concurrent: queue}":         `concurrent cannot be "queue"`,
		"idempotency: {max: 0}":                    "max is a number from 1 to 4096",
		"idempotency: {life: 0s}":                  "life is longer than nothing",
		"idempotency: {required: true}":            "a key is required, and no header may hold it",
		"idempotency: ['a b']":                     `no header is called "a b"`,
		"idempotency: {replayed: 'a:b'}":           `no header is called "a:b"`,
		"idempotency: {reused: F}":                 `idempotency, reused: no error "F"`,
		"idempotency: {busy: F}":                   `idempotency, busy: no error "F"`,
		"idempotency: {life: config.keys.lief}":    `config has no member keys.lief`,
		"dialect: {pages: {fields: {next: next}}}": "no cursor says which parameter goes on there",
		"refusals: {in-progres: E}":                `did you mean "in-progress"?`,
	} {
		s, err := withPolicy(t, policy)
		said := ""
		if err != nil {
			said = err.Error()
		} else {
			for _, p := range Check(s, fakeContract{}) {
				said += p.String() + "\n"
			}
		}
		if !strings.Contains(said, want) {
			t.Errorf("%s: %q, want %q", policy, said, want)
		}
	}
}
