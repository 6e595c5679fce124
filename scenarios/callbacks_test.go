package scenarios

import (
	"os"
	"strings"
	"testing"
)

const sampleCallbacks = `
callbacks:
  bank:
    title: A bank
    paths: [the-bank]
    proof:
      - {header: X-Signature, scheme: hmac-sha256-hex, secret: "'s'"}
      - {user: "'u'", password: "'p'"}
    keep: [X-Id]
    id: header['x-id']
    same: omit(body, ['try'])
    type: body.type
    on:
      thing.done:
        let: {told: body.thing}
        move: thing
        id: told.id
        known: resource.status == 'DONE'
        first: [{move: thing, id: resource.id, by: finish, with: {why: told.why}}]
        by: [finish]
        with: {why: told.why}
        then: [{update: thing, id: resource.id, set: {name: told.name}}]
    send:
      id: uuid()
      header: {X-Id: callback.id}
      body: {type: callback.type, thing: object}
    sends:
      thing.done: {kind: thing, object: {id: resource.id, amount: resource.amount}}
`

func TestCheckCallbacks(t *testing.T) {
	sample, err := os.ReadFile("testdata/valid/sample.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, broken, want string }{
		{"", "", ""},
		{"move: thing\n        id", "move: thnig\n        id", `no resource "thnig"; did you mean "thing"`},
		{"by: [finish]\n        with", "by: [finsh]\n        with", `no move "finsh"; did you mean "finish"`},
		{"kind: thing, object", "kind: thnig, object", `no resource "thnig"`},
		{"scheme: hmac-sha256-hex", "scheme: hmac-sha265-hex", `no signature scheme "hmac-sha265-hex"; did you mean "hmac-sha256-hex"`},
		{`, secret: "'s'"}`, `}`, "a proof is header, scheme and secret, or user and password"},
		{`, password: "'p'"`, ``, "a proof is header, scheme and secret, or user and password"},
		{"paths: [the-bank]", "paths: [bank]", `two sources are called "bank"`},
		{"id: told.id", "id: tld.id", `"tld"`},
		{"known: resource.status", "known: resource.stauts", `no member stauts; did you mean "status"`},
		{"amount: resource.amount", "amount: resource.amuont", "no member amuont"},
		{"thing: object", "thing: objct", `"objct"`},
		{"type: body.type\n", "type: bdy.type\n", `"bdy"`},
		{"    type: body.type\n", "", "needs type"},
		{"        id: told.id\n", "", "needs id"},
		{"    send:\n", "    snd:\n", `did you mean "send"`},
		{"        by: [finish]\n        with: {why: told.why}\n", "", ""},
		{"        known: resource.status == 'DONE'\n", "", ""},
	} {
		text := string(sample) + strings.Replace(sampleCallbacks, c.old, c.broken, 1)
		if c.old != "" && !strings.Contains(sampleCallbacks, c.old) {
			t.Fatalf("nothing to break: %q", c.old)
		}
		s, err := Load("sample.yaml", []byte(text))
		found := ""
		if err != nil {
			found = err.Error()
		} else {
			for _, p := range Check(s, fakeContract{}) {
				found += p.String() + "\n"
			}
		}
		if c.want == "" && found != "" || !strings.Contains(found, c.want) {
			t.Errorf("%q: want %q, found %s", c.broken, c.want, found)
		}
	}
}

// A callback must say something: a move that it makes, or when it is nothing
// new.
func TestCheckCallbackWithoutEffect(t *testing.T) {
	sample, err := os.ReadFile("testdata/valid/sample.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(sample) + "callbacks:\n  bank:\n    proof: [{user: \"'u'\", password: \"'p'\"}]\n    type: body.type\n    on: {a.b: {move: thing, id: body.id}}\n"
	s, err := Load("sample.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if all := Check(s, fakeContract{}); len(all) != 1 || !strings.Contains(all[0].Message, "says by no move") || all[0].Line == 0 {
		t.Errorf("%v", all)
	}
}

// What Resolve writes of callbacks is read again as it was.
func TestResolveCallbacks(t *testing.T) {
	sample, err := os.ReadFile("testdata/valid/sample.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Load("sample.yaml", []byte(string(sample)+sampleCallbacks))
	if err != nil {
		t.Fatal(err)
	}
	first, err := Resolve(s)
	if err != nil {
		t.Fatal(err)
	}
	again, err := decodeResolved(first)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := Resolve(again); err != nil || string(second) != string(first) {
		t.Errorf("%v\n%s\n%s", err, first, second)
	}
	if again.CallbackSource("the-bank") != again.Callbacks[0] || again.CallbackSource("nobody") != nil {
		t.Error("a source is not found by its names")
	}
}
