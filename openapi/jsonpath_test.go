package openapi

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The RFC's kind of examples, in words of our own: selectors, segments, filters and functions.
func TestJSONPath(t *testing.T) {
	const shop = `{"shop":{"shelf":[{"kind":"tea","name":"Assam","price":8.95},{"kind":"mug","name":"Blue","price":12.99},{"kind":"mug","name":"Green","code":"x-1","price":8.99},{"kind":"pot","name":"Iron","code":"y-2","price":22.99}],"cart":{"colour":"red","price":399}},
		"o":{"a":1,"b":2,"'":3,"j j":{"k.k":4},"☺":5},"l":["a","b","c","d","e","f","g"],"n":[3,5,1,2,4,6,{"b":"j"},{"b":"k"},{"b":{}},{"b":"kilo"}],"p":{"p":1,"q":2,"r":3,"s":5,"t":{"u":6}},
		"e":"f","nul":null,"deep":{"j":[{"k":1},[[2]]]},"same":[{"a":[1,{"x":2.0}]},{"a":[1,{"x":2}]},{"a":[1]}],"esc":"a\nb"}`
	for _, tc := range []struct{ path, want string }{
		{"$.e", `"f"`},
		{"$.nul", `null`},
		{"$.nul.x", ``},
		{"$.none", ``},
		{"$['e']", `"f"`},
		{`$["o"]["'"]`, `3`},
		{`$.o['\'']`, `3`},
		{"$.o['j j']['k.k']", `4`},
		{"$.o.☺", `5`},
		{`$.o["\u263A"]`, `5`},
		{"$.o.*", `1 2 3 {"k.k":4} 5`},
		{"$.o[*, 'a']", `1 2 3 {"k.k":4} 5 1`},
		{"$.l[1]", `"b"`},
		{"$.l[-2]", `"f"`},
		{"$.l[9]", ``},
		{"$.l[0, 0, 'a']", `"a" "a"`},
		{"$.l[1:3]", `"b" "c"`},
		{"$.l[5:]", `"f" "g"`},
		{"$.l[1:5:2]", `"b" "d"`},
		{"$.l[5:1:-2]", `"f" "d"`},
		{"$.l[::-1]", `"g" "f" "e" "d" "c" "b" "a"`},
		{"$.l[:2]", `"a" "b"`},
		{"$.l[-3:-1]", `"e" "f"`},
		{"$.l[::0]", ``},
		{"$.l[ 0 , 2 : 4 ]", `"a" "c" "d"`},
		{"$.o[0]", ``},
		{"$.e[0]", ``},
		{"$..price", `8.95 12.99 8.99 22.99 399`},
		{"$.shop..code", `"x-1" "y-2"`},
		{"$.shop.shelf[*].kind", `"tea" "mug" "mug" "pot"`},
		{"$..shelf[2].name", `"Green"`},
		{"$..shelf[-1].name", `"Iron"`},
		{"$..shelf[0,1].name", `"Assam" "Blue"`},
		{"$.deep..[0]", `{"k":1} [2] 2`},
		{"$.deep..*", `[{"k":1},[[2]]] {"k":1} [[2]] 1 [2] 2`},
		{"$.shop.shelf[?@.code].name", `"Green" "Iron"`},
		{"$.shop.shelf[?!@.code].name", `"Assam" "Blue"`},
		{"$.shop.shelf[?@.price<10].name", `"Assam" "Green"`},
		{"$.shop.shelf[?(@.price < 10 && @.kind == 'mug')].name", `"Green"`},
		{"$.shop.shelf[?@.kind=='tea' || @.price>20 && @.code].name", `"Assam" "Iron"`},
		{"$.shop.shelf[?!(@.kind == \"mug\")].name", `"Assam" "Iron"`},
		{"$.n[?@ > 3.5]", `5 4 6`},
		{"$.n[?@.b == 'k']", `{"b":"k"}`},
		{"$.n[?@.b]", `{"b":"j"} {"b":"k"} {"b":{}} {"b":"kilo"}`},
		{"$.n[?@<2 || @.b == \"k\"]", `1 {"b":"k"}`},
		{"$.n[?match(@.b, '[jk]')]", `{"b":"j"} {"b":"k"}`},
		{"$.n[?search(@.b, '[jk]')]", `{"b":"j"} {"b":"k"} {"b":"kilo"}`},
		{"$.n[?length(@.b) > 1]", `{"b":"kilo"}`},
		{"$.p[?@ > 1 && @ < 4]", `2 3`},
		{"$.p[?@.u || @.x]", `{"u":6}`},
		{"$.p[?@ == $.p.s]", `5`},
		{"$[?count(@.*) == 2].colour", ``},
		{"$.shop[?count(@.*) == 2].colour", `"red"`},
		{"$.same[?@.a == $.same[0].a]", `{"a":[1,{"x":2.0}]} {"a":[1,{"x":2}]}`},
		{"$.same[?value(@..x) == 2].a[0]", `1 1`},
		{"$.p[?@.x == @.y]", `1 2 3 5 {"u":6}`},
		{"$.p[?@.x <= @.y]", `1 2 3 5 {"u":6}`},
		{"$.p[?@.x < @.y]", ``},
		{"$.p[?@ != 2]", `1 3 5 {"u":6}`},
		{"$.l[?@ >= 'f']", `"f" "g"`},
		{"$[?@ == null]", `null`},
		{"$[?match(@, 'a.b')]", ``},
		{"$[?match(@, 'a\\\\nb')]", `"a\nb"`},
		{"$.l[?search(@, '[')]", ``},
	} {
		path, err := parsePath(tc.path)
		if err != nil {
			t.Errorf("%s: %v", tc.path, err)
			continue
		}
		root := newTree([]byte(shop), nil, "", new(int))
		found, err := path.nodes(root, root)
		if err != nil {
			t.Errorf("%s: %v", tc.path, err)
		}
		var got []string
		for _, n := range found {
			got = append(got, string(n.raw))
		}
		if diff := cmp.Diff(tc.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: %s", tc.path, diff)
		}
	}
}

func TestJSONPathRefuses(t *testing.T) {
	for path, want := range map[string]string{
		"": "starts with $", "a": "starts with $", " $": "starts with $", "$.": "want a name", "$..": "want a name", "$.a.": "want a name", "$x": "unexpected",
		"$.1": "want a name", "$.x-y": "unexpected", "$[": "never closed", "$[]": "want a name in quotes", "$['a": "never closed", "$['a'": "want , or ]", "$[01]": "no index",
		"$[-0]": "no index", "$[1:2:3:4]": "want , or ]", "$[9007199254740992]": "no index", `$["\x"]`: "escape", "$[?]": "want a value", "$[?@.a ==]": "want a value",
		"$[?1]": "want a comparison", "$[?'a' && @.b]": "want a comparison", "$[?@.* == 1]": "one value", "$[?@..a == 1]": "one value", "$[?length(@.a)]": "want a comparison",
		"$[?match(@.a, 'x') == true]": "not compared", "$[?count(1) == 1]": "takes a path", "$[?length(@.a, 1) == 1]": "takes 1", "$[?nope(@)]": "no function nope",
		"$[?(@.a]": "want )", "$[?@.a = 1]": "want , or ]", "$[?@.a == TRUE]": "want a value", "$[?" + strings.Repeat("(", 60): "too many parentheses",
		"$[?" + strings.Repeat("length(", 60): "too many functions", "$[?" + strings.Repeat("!", 60) + "@]": "want a value",
	} {
		if _, err := parsePath(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: error %v does not say %q", path, err, want)
		}
	}
}

func FuzzJSONPath(f *testing.F) {
	for _, s := range []string{"$.a['b'][0,1:2:-1]..*[?@.a == 1 && !match(@.b, 'x') || count($..c) > 2]", "$[?@[?@.x]]", "$['\\u00e9']"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		path, err := parsePath(s)
		if err != nil || len(s) > 200 {
			return
		}
		root := newTree([]byte(`{"a":[{"b":"x","a":1},{"c":[1,2]}],"b":{"x":"é"}}`), nil, "", new(int))
		if _, err := path.nodes(root, root); err != nil {
			t.Skip(err)
		}
	})
}
