package openapi_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sandgate/sandgate/openapi"
)

func list(t testing.TB, text string) []any {
	t.Helper()
	v, bad := openapi.DecodeJSON([]byte(text))
	if bad != nil {
		t.Fatalf("%s: %v", text, bad)
	}
	return v.([]any)
}

func TestApplyPatch(t *testing.T) {
	for _, tc := range []struct{ name, doc, ops, want string }{
		{"nothing to do", `{"a":1}`, `[]`, `{"a":1}`},
		{"add a member", `{"a":1}`, `[{"op":"add","path":"/b","value":2}]`, `{"a":1,"b":2}`},
		{"add over a member", `{"a":1}`, `[{"op":"add","path":"/a","value":[2]}]`, `{"a":[2]}`},
		{"add null", `{}`, `[{"op":"add","path":"/a","value":null}]`, `{"a":null}`},
		{"add before an item", `{"a":[1,3]}`, `[{"op":"add","path":"/a/1","value":2}]`, `{"a":[1,2,3]}`},
		{"add first", `[1]`, `[{"op":"add","path":"/0","value":0}]`, `[0,1]`},
		{"add behind the last, by index", `[1]`, `[{"op":"add","path":"/1","value":2}]`, `[1,2]`},
		{"add behind the last, by -", `{"a":[1]}`, `[{"op":"add","path":"/a/-","value":[2,3]}]`, `{"a":[1,[2,3]]}`},
		{"add a nested one", `{"a":[{"b":[]}]}`, `[{"op":"add","path":"/a/0/b/-","value":1},{"op":"add","path":"/a/0/c","value":2}]`, `{"a":[{"b":[1],"c":2}]}`},
		{"add the whole", `{"a":1}`, `[{"op":"add","path":"","value":[1]}]`, `[1]`},
		{"the empty name", `{"":1}`, `[{"op":"replace","path":"/","value":2}]`, `{"":2}`},
		{"members that nobody knows", `{}`, `[{"op":"add","path":"/a","value":1,"xyz":true}]`, `{"a":1}`},
		{"an index that is a name", `{"0":1}`, `[{"op":"remove","path":"/0"}]`, `{}`},
		{"a dash that is a name", `{"-":1}`, `[{"op":"replace","path":"/-","value":2}]`, `{"-":2}`},
		{"escaped", `{"a/b":1,"m~n":2,"~1":3}`, `[{"op":"remove","path":"/a~1b"},{"op":"replace","path":"/m~0n","value":4},{"op":"test","path":"/~01","value":3}]`, `{"m~n":4,"~1":3}`},
		{"not percent-decoded", `{"%25":1}`, `[{"op":"test","path":"/%25","value":1}]`, `{"%25":1}`},
		{"remove", `{"a":1,"b":2}`, `[{"op":"remove","path":"/a"}]`, `{"b":2}`},
		{"remove an item", `{"a":[1,2,3]}`, `[{"op":"remove","path":"/a/1"}]`, `{"a":[1,3]}`},
		{"remove null", `{"a":null}`, `[{"op":"remove","path":"/a"}]`, `{}`},
		{"replace", `{"a":{"b":1}}`, `[{"op":"replace","path":"/a/b","value":{"c":1}}]`, `{"a":{"b":{"c":1}}}`},
		{"replace an item", `[1,2]`, `[{"op":"replace","path":"/1","value":3}]`, `[1,3]`},
		{"replace the whole", `[1,2]`, `[{"op":"replace","path":"","value":{}}]`, `{}`},
		{"move", `{"a":{"b":1},"c":{}}`, `[{"op":"move","from":"/a/b","path":"/c/d"}]`, `{"a":{},"c":{"d":1}}`},
		{"move an item", `{"a":["x","y","z"]}`, `[{"op":"move","from":"/a/0","path":"/a/2"}]`, `{"a":["y","z","x"]}`},
		{"move to where it is", `{"a":1}`, `[{"op":"move","from":"/a","path":"/a"}]`, `{"a":1}`},
		{"move over what is there", `{"a":1,"b":2}`, `[{"op":"move","from":"/a","path":"/b"}]`, `{"b":1}`},
		{"move out of itself", `{"a":{"b":1}}`, `[{"op":"move","from":"/a/b","path":"/a"}]`, `{"a":1}`},
		{"copy", `{"a":{"b":[1]}}`, `[{"op":"copy","from":"/a/b","path":"/c"},{"op":"add","path":"/c/-","value":2}]`, `{"a":{"b":[1]},"c":[1,2]}`},
		{"copy into itself", `{"a":{}}`, `[{"op":"copy","from":"/a","path":"/a/b"}]`, `{"a":{"b":{}}}`},
		{"test", `{"a":{"x":[1,"2",null,true]}}`, `[{"op":"test","path":"/a","value":{"x":[1,"2",null,true]}}]`, `{"a":{"x":[1,"2",null,true]}}`},
		{"test a number", `{"a":1.50,"b":100,"c":-0}`, `[{"op":"test","path":"/a","value":15e-1},{"op":"test","path":"/b","value":1E+2},{"op":"test","path":"/c","value":0.0}]`, `{"a":1.50,"b":100,"c":-0}`},
		{"digits stay", `{"a":12345678901234567890.10}`, `[{"op":"copy","from":"/a","path":"/b"}]`, `{"a":12345678901234567890.10,"b":12345678901234567890.10}`},
		{"an item by what it has", `{"u":[{"id":"x"},{"id":"default","n":1}]}`, `[{"op":"replace","path":"/u/@id=='default'/n","value":2}]`, `{"u":[{"id":"x"},{"id":"default","n":2}]}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			doc := value(t, tc.doc)
			got, bad := openapi.ApplyPatch(doc, list(t, tc.ops))
			if bad != nil {
				t.Fatal(bad)
			}
			if diff := cmp.Diff(value(t, tc.want), got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(value(t, tc.doc), doc); diff != "" {
				t.Errorf("the document itself is changed: %s", diff)
			}
		})
	}
}

func TestApplyPatchRefused(t *testing.T) {
	const doc = `{"a":{"b":1},"l":[1,2],"card_number":"4111111111111111"}`
	deep := strings.Repeat(`{"op":"copy","from":"","path":"/l/-"},`, 30)
	for _, tc := range []struct{ name, ops, want string }{
		{"no object", `["remove"]`, `/0: type: expected object, got string`},
		{"no op", `[{"path":"/a"}]`, `/0/op: required: expected string, got nothing`},
		{"unknown op", `[{"op":"test","path":"/a/b","value":1},{"op":"spam","path":"/a"}]`, `/1/op: enum: expected add, remove, replace, move, copy or test, got string "spam"`},
		{"op in capitals", `[{"op":"ADD","path":"/a","value":1}]`, `/0/op: enum: expected add, remove, replace, move, copy or test, got string "ADD"`},
		{"no path", `[{"op":"remove"}]`, `/0/path: required: expected string, got nothing`},
		{"path that is no text", `[{"op":"remove","path":1}]`, `/0/path: type: expected string, got number`},
		{"no pointer", `[{"op":"remove","path":"a"}]`, `/0/path: pointer: expected a JSON pointer such as /items/0, ~ written ~0 and / written ~1, got a`},
		{"bad escape", `[{"op":"remove","path":"/a~2"}]`, `/0/path: pointer: expected a JSON pointer such as /items/0, ~ written ~0 and / written ~1, got /a~2`},
		{"escape cut", `[{"op":"remove","path":"/a~"}]`, `/0/path: pointer: expected a JSON pointer such as /items/0, ~ written ~0 and / written ~1, got /a~`},
		{"no value", `[{"op":"add","path":"/x"}]`, `/0/value: required: expected a value, got nothing`},
		{"nothing there to remove", `[{"op":"remove","path":"/x"}]`, `/0/path: path: expected a place that is there, got nothing at /x`},
		{"nothing there to replace", `[{"op":"replace","path":"/x","value":1}]`, `/0/path: path: expected a place that is there, got nothing at /x`},
		{"no parent", `[{"op":"add","path":"/x/y/z","value":1}]`, `/0/path: path: expected a place that is there, got nothing at /x`},
		{"a parent that holds nothing", `[{"op":"add","path":"/a/b/c","value":1}]`, `/0/path: path: expected a place in an object or a list, got number`},
		{"beyond the list", `[{"op":"add","path":"/l/3","value":1}]`, `/0/path: index: expected an index from 0 to 2, or -, got 3`},
		{"index with a zero before", `[{"op":"add","path":"/l/01","value":1}]`, `/0/path: index: expected an index from 0 to 2, or -, got 01`},
		{"index below zero", `[{"op":"add","path":"/l/-1","value":1}]`, `/0/path: index: expected an index from 0 to 2, or -, got -1`},
		{"index that is a number no more", `[{"op":"add","path":"/l/1e0","value":1}]`, `/0/path: index: expected an index from 0 to 2, or -, got 1e0`},
		{"huge index", `[{"op":"add","path":"/l/99999999999999999999","value":1}]`, `/0/path: index: expected an index from 0 to 2, or -, got 999999**********9999`},
		{"remove beyond the list", `[{"op":"remove","path":"/l/2"}]`, `/0/path: path: expected a place that is there, got 2 items where /l/2 looks`},
		{"remove the place behind the last", `[{"op":"remove","path":"/l/-"}]`, `/0/path: path: expected a place that is there, got 2 items where /l/- looks`},
		{"remove all", `[{"op":"remove","path":""}]`, `/0/path: path: expected a place inside the document, got the whole document`},
		{"no from", `[{"op":"move","path":"/x"}]`, `/0/from: required: expected string, got nothing`},
		{"from nowhere", `[{"op":"copy","from":"/x","path":"/y"}]`, `/0/from: path: expected a place that is there, got nothing at /x`},
		{"move into itself", `[{"op":"move","from":"/a","path":"/a/c"}]`, `/0/path: move: expected a place outside what is moved, got /a/c`},
		{"test", `[{"op":"test","path":"/a/b","value":2}]`, `/0/value: test: expected number 1, got number 2`},
		{"test of another kind", `[{"op":"test","path":"/a/b","value":"1"}]`, `/0/value: test: expected number 1, got string "1"`},
		{"test of what is not there", `[{"op":"test","path":"/x","value":null}]`, `/0/path: path: expected a place that is there, got nothing at /x`},
		{"test of a secret", `[{"op":"test","path":"/card_number","value":"4111111111111112"}]`, `/0/value: test: expected string (not shown), got string (not shown)`},
		{"the third", `[{"op":"add","path":"/x","value":1},{"op":"remove","path":"/x"},{"op":"remove","path":"/x"}]`, `/2/path: path: expected a place that is there, got nothing at /x`},
		{"a bomb", `[` + strings.TrimSuffix(deep, ",") + `]`, `/13: limit: expected copies of at most 100000 members, got more`},
		{"an item that is not there", `[{"op":"remove","path":"/l/@id=='x'"}]`, `/0/path: path: expected a place that is there, got 2 items where /l/@id=='x' looks`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := value(t, doc)
			got, bad := openapi.ApplyPatch(before, list(t, tc.ops))
			if bad == nil || got != nil {
				t.Fatalf("made %v", got)
			}
			if bad.String() != tc.want {
				t.Errorf("got  %s\nwant %s", bad, tc.want)
			}
			if diff := cmp.Diff(value(t, doc), before); diff != "" {
				t.Errorf("the document itself is changed: %s", diff)
			}
		})
	}
}

// The table of RFC 7396, and digits that stay.
func TestApplyMerge(t *testing.T) {
	for _, tc := range []struct{ doc, patch, want string }{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`["a","b"]`, `["c","d"]`, `["c","d"]`},
		{`{"a":"b"}`, `["c"]`, `["c"]`},
		{`{"a":"foo"}`, `null`, `null`},
		{`{"a":"foo"}`, `"bar"`, `"bar"`},
		{`{"e":null}`, `{"a":1}`, `{"e":null,"a":1}`},
		{`[1,2]`, `{"a":"b","c":null}`, `{"a":"b"}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
		{`{"n":12345678901234567890.10}`, `{"m":0.10}`, `{"n":12345678901234567890.10,"m":0.10}`},
	} {
		doc, patch := value(t, tc.doc), value(t, tc.patch)
		if diff := cmp.Diff(value(t, tc.want), openapi.ApplyMerge(doc, patch)); diff != "" {
			t.Errorf("%s and %s: %s", tc.doc, tc.patch, diff)
		}
		if diff := cmp.Diff(value(t, tc.doc), doc); diff != "" {
			t.Errorf("the document itself is changed: %s", diff)
		}
	}
}

// Whatever a patch says, it ends, leaves the document alone, and does the same again.
func FuzzPatch(f *testing.F) {
	for _, ops := range []string{
		`[{"op":"add","path":"/a/-","value":{"x":1}},{"op":"move","from":"/a/0","path":"/b"}]`, `[{"op":"copy","from":"","path":"/a/0"}]`,
		`[{"op":"remove","path":"/~0~1"},{"op":"test","path":"/a/@x=='y'","value":1e5}]`, `[{"op":"replace","path":"","value":null},{"op":"add","path":"/a","value":1}]`,
	} {
		f.Add([]byte(`{"a":[1,{"x":"y"}],"~/":1e5}`), []byte(ops))
	}
	f.Fuzz(func(t *testing.T, doc, ops []byte) {
		before, bad := openapi.DecodeJSON(doc)
		patch, badToo := openapi.DecodeJSON(ops)
		operations, ok := patch.([]any)
		if bad != nil || badToo != nil || !ok {
			return
		}
		one, wrong := openapi.ApplyPatch(before, operations)
		untouched, _ := openapi.DecodeJSON(doc)
		if diff := cmp.Diff(untouched, before); diff != "" {
			t.Fatalf("the document itself is changed: %s", diff)
		}
		two, again := openapi.ApplyPatch(before, operations)
		if cmp.Diff(one, two) != "" || cmp.Diff(wrong, again) != "" {
			t.Fatal("twice the same patch, not the same result")
		}
		openapi.ApplyMerge(before, patch)
	})
}
