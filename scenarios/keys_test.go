package scenarios

import (
	"math/rand/v2"
	"strings"
	"testing"
)

const keyScenario = `
provider: p
contract: c
refusals: {forbidden: E.1}
errors: {E.1: {status: 403}}
auth: {keys: {prefix: kp_test_}}
resources:
  quote:
    schema: [Quote]
    status: {start: LIVE}
    moves: {turn: {from: LIVE, set: {text: with.key}}, end: {from: LIVE, to: OVER}}
    key:
      hash: resource.hidden.hash
      permissions: resource.amount
      active: resource.status == 'LIVE'
      old: resource.hidden.old
      until: instant(resource.expiresAt)
      used: used
      make: {text: with.name, hidden: {hash: digest(with.key)}}
      roll: turn
      revoke: end
operations:
  GET /things/{id}: {read: quote, permission: 'things:write'}
`

func TestKeyLanguage(t *testing.T) {
	s, err := Load("p.yaml", []byte(keyScenario))
	if err != nil {
		t.Fatal(err)
	}
	if found := Check(s, fakeContract{}); len(found) > 0 {
		t.Error(found)
	}
	data, err := Resolve(s)
	if err != nil {
		t.Fatal(err)
	}
	again, err := decodeResolved(data)
	if err != nil {
		t.Fatal(err)
	}
	m := again.Resource("quote").Key
	if again.KeyPrefix() != "kp_test_" || m.Hash.Expr != "resource.hidden.hash" || m.Roll != "turn" || m.Used != "used" || len(m.Make.Fields) != 2 || again.Operation("GET /things/{id}").Permission != "things:write" {
		t.Errorf("%+v", m)
	}
	for _, c := range []struct{ old, broken, want string }{
		{"prefix: kp_test_", "prefix: kp-test", "prefix is words"},
		{"prefix: kp_test_", "prefix: test", "prefix is words"},
		{"prefix: kp_test_", "prefix: ws_", "prefix is words"},
		{"prefix: kp_test_", "prefix: a_ws_", "prefix is words"},
		{"prefix: kp_test_", "prefx: kp_test_", `did you mean "prefix"?`},
		{"      hash: resource.hidden.hash\n", "", "needs hash"},
		{"used: used", "used: hidden.used", "a field of the object itself"},
		{"used: used", "used: useed", `no property "useed"; did you mean "used"?`},
		{"roll: turn", "roll: trun", `no move "trun"; did you mean "turn"?`},
		{"revoke: end", "revoke: ends", `no move "ends"`},
		{"active: resource.status", "active: resource.statis", "no member statis"},
		{"{text: with.name,", "{txt: with.name,", `no property "txt"`},
		{"{text: with.name,", "{text: wth.name,", `unknown name "wth"`},
		{"      old: resource.hidden.old\n", "", "stand together"},
		{"{forbidden: E.1}", "{invalid: E.1}", "needs refusals.forbidden"},
		{"'things:write'", "'things:admin'", "permission is the name of a resource"},
		{"'things:write'", "'*'", "permission is the name of a resource"},
		{"operations:", "  thing: {schema: [Quote], key: {hash: resource.text}}\noperations:", "quote is the kind of an API key already"},
	} {
		if strings.Count(keyScenario, c.old) != 1 {
			t.Fatalf("%q stands %d times", c.old, strings.Count(keyScenario, c.old))
		}
		s, err := Load("p.yaml", []byte(strings.Replace(keyScenario, c.old, c.broken, 1)))
		said := ""
		if err != nil {
			said = err.Error()
		} else {
			for _, p := range Check(s, fakeContract{}) {
				said += p.String() + "\n"
			}
		}
		if !strings.Contains(said, c.want) {
			t.Errorf("%s: want %q in %q", c.broken, c.want, said)
		}
	}
}

func TestNewKey(t *testing.T) {
	seen := map[string]bool{}
	random := rand.NewChaCha8([32]byte{1})
	for range 1000 {
		key, err := NewKey(&Env{KeyHead: "kp_test_ws_a_", Random: random})
		if err != nil {
			t.Fatal(err)
		}
		if !KeyChecks(key) || seen[key] || len(key) != len("kp_test_ws_a_")+KeyTail || !strings.HasPrefix(key, "kp_test_ws_a_") {
			t.Errorf("%s: %v", key, KeyChecks(key))
		}
		seen[key] = true
	}
	if _, err := NewKey(&Env{}); err == nil {
		t.Error("a key without randomness")
	}
	// A known answer, so that no release refuses the keys of the one before.
	const head = "sk_test_0123456789ABCDEFGHIJKLMNOPQRSTUV"
	if got := keyChecksum(head); got != "3bN14w" || !KeyChecks(head+got) {
		t.Errorf("the checksum of %s is %s", head, got)
	}
	for _, bad := range []string{"", "x", head, head + "000000", strings.Repeat("a", 100)} {
		if KeyChecks(bad) {
			t.Errorf("%q checks", bad)
		}
	}
	if n, ok := keySum("zzzzzz"); ok {
		t.Errorf("beyond 32 bits: %d", n)
	}
}
