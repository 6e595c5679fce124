package openapi_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/sandgate/sandgate/openapi"
)

func TestDecodeJSON(t *testing.T) {
	for _, tc := range []struct {
		text string
		want any
	}{
		{`null`, nil},
		{` true `, true},
		{`false`, false},
		{`""`, ""},
		{`"a\"\\\/\b\f\n\r\tA\u00e9\ud83d\ude00ä"`, "a\"\\/\b\f\n\r\tAé😀ä"},
		{"\"\x7f\"", "\x7f"},
		{`0`, json.Number("0")},
		{`-0`, json.Number("-0")},
		{`9007199254740993`, json.Number("9007199254740993")},
		{`10.50`, json.Number("10.50")},
		{`1E+400`, json.Number("1E+400")},
		{`[]`, []any{}},
		{` { } `, map[string]any{}},
		{"[1,\t[2],\r\n{\"a\":[]}]", []any{json.Number("1"), []any{json.Number("2")}, map[string]any{"a": []any{}}}},
		{`{"":1,"a":{"a":null}}`, map[string]any{"": json.Number("1"), "a": map[string]any{"a": nil}}},
	} {
		got, bad := openapi.DecodeJSON([]byte(tc.text))
		if bad != nil {
			t.Errorf("%s: %v", tc.text, bad)
			continue
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s: %s", tc.text, diff)
		}
	}
}

func TestDecodeJSONRefuses(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"", "/: json: expected a value, got the end of the text"},
		{"x", "/: json: expected a value, got 'x' at byte 0"},
		{"nul", "/: json: expected a value, got 'n' at byte 0"},
		{"01", "/: json: expected nothing after the value, got '1' at byte 1"},
		{"1.", "/: json: expected a number, got '1' at byte 0"},
		{"-", "/: json: expected a number, got '-' at byte 0"},
		{"+1", "/: json: expected a value, got '+' at byte 0"},
		{"1e", "/: json: expected a number, got '1' at byte 0"},
		{"NaN", "/: json: expected a value, got 'N' at byte 0"},
		{`{} {}`, "/: json: expected nothing after the value, got '{' at byte 3"},
		{`{"a":1,}`, "/: json: expected a name, got '}' at byte 7"},
		{`{"a" 1}`, "/a: json: expected a colon, got '1' at byte 5"},
		{`{a:1}`, "/: json: expected a name, got 'a' at byte 1"},
		{`{"a":[1,2,{"b":x}]}`, "/a/2/b: json: expected a value, got 'x' at byte 15"},
		{`[1 2]`, "/0: json: expected a comma or the end, got '2' at byte 3"},
		{`[1,]`, "/1: json: expected a value, got ']' at byte 3"},
		{`[`, "/0: json: expected a value, got the end of the text"},
		{`{"a":{"b":1,"b":2}}`, "/a/b: json: expected each name once, got the name twice"},
		{`{"a":1,"\u0061":2}`, "/a: json: expected each name once, got the name twice"},
		{`{"a/~":x}`, "/a~1~0: json: expected a value, got 'x' at byte 7"},
		{`"abc`, "/: json: expected a closing quote, got the end of the text"},
		{`"a\`, "/: json: expected an escape, got the end of the text"},
		{`"\x"`, "/: json: expected an escape, got 'x' at byte 2"},
		{`"\u12"`, "/: json: expected four hexadecimal digits, got the end of the text"},
		{`"\u12g4"`, "/: json: expected four hexadecimal digits, got 'u' at byte 2"},
		{`"\ud800"`, "/: json: expected a whole surrogate pair, got half of one"},
		{`"\ud800\u0041"`, "/: json: expected a whole surrogate pair, got half of one"},
		{"\"a\nb\"", `/: json: expected no control character in a string, got '\n' at byte 2`},
		{"\"\xff\"", "/: json: expected UTF-8 text, got bytes that are not UTF-8"},
		{"\xef\xbb\xbf{}", "/: json: expected a value, got '\\ufeff' at byte 0"},
	} {
		_, bad := openapi.DecodeJSON([]byte(tc.text))
		if bad == nil {
			t.Errorf("%q is accepted", tc.text)
		} else if diff := cmp.Diff(tc.want, bad.String()); diff != "" {
			t.Errorf("%q: %s", tc.text, diff)
		}
	}
}

func TestDecodeJSONLimits(t *testing.T) {
	nested := func(n int) string { return strings.Repeat(`{"a":`, n-1) + "[]" + strings.Repeat("}", n-1) }
	list := func(n int) string { return "[" + strings.TrimSuffix(strings.Repeat("0,", n), ",") + "]" }
	for _, tc := range []struct {
		name, text string
		ok         bool
	}{
		{"deep", nested(openapi.MaxDepth), true},
		{"too deep", nested(openapi.MaxDepth + 1), false},
		{"far too deep", strings.Repeat("[", 1<<20), false},
		{"many", list(openapi.MaxMembers), true},
		{"too many", list(openapi.MaxMembers + 1), false},
		{"too many, spread", `[` + list(openapi.MaxMembers/2) + `,` + list(openapi.MaxMembers/2) + `]`, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, bad := openapi.DecodeJSON([]byte(tc.text))
			if tc.ok != (bad == nil) || bad != nil && bad.Rule != "limit" {
				t.Errorf("violation %v", bad)
			}
		})
	}
}

func FuzzDecodeJSON(f *testing.F) {
	for _, seed := range []string{
		bigBody, `[1,-2.5e-3,"\ud83d\ude00",null,true,{"a":{"b":[]}}]`, `{"a":1,"a":2}`, `"\u0000"`, "[[[[", "\xff", `{"":""}`, ` 1 `, `1e999`, `"\/"`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, bad := openapi.DecodeJSON(text)
		if bad != nil {
			if bad.String() == "" || !utf8.ValidString(bad.String()) {
				t.Fatalf("violation %q", bad.String())
			}
			return
		}
		if !json.Valid(text) {
			t.Fatalf("%q is no JSON", text)
		}
		d := json.NewDecoder(strings.NewReader(string(text)))
		d.UseNumber()
		var want any
		if err := d.Decode(&want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, v); diff != "" {
			t.Fatal(diff)
		}
		out, err := openapi.Marshal(v, nil)
		if err != nil {
			t.Fatal(err)
		}
		again, bad := openapi.DecodeJSON(out)
		if bad != nil {
			t.Fatal(bad)
		}
		if diff := cmp.Diff(v, again); diff != "" {
			t.Fatal(diff)
		}
	})
}
