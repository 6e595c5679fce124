package openapi

import "testing"

// TestMemberFindsEscapedNames: the quick look for a name must not miss one
// that is written with escapes, nor take a value for a name.
func TestMemberFindsEscapedNames(t *testing.T) {
	for _, c := range []struct{ raw, name, want string }{
		{`{"security":[]}`, "security", `[]`},
		{`{"s\u0065curity":[1]}`, "security", `[1]`},
		{`{"a":"security"}`, "security", ``},
		{`{"a":{"security":[]}}`, "security", ``},
		{`{"security":1,"security":2}`, "security", `2`},
		{`{"application\/json":{}}`, "application/json", `{}`},
		{`{"x-a":"\u0041"}`, "x-b", ``},
	} {
		got, ok := member([]byte(c.raw), c.name)
		if string(got) != c.want || ok != (c.want != "") {
			t.Errorf("%s of %s: %q, %t, want %q", c.name, c.raw, got, ok, c.want)
		}
	}
}
