package openapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sandgate/sandgate/openapi"
)

// References may point anywhere in the document, and names may need escaping.
func TestReferencesOfEveryForm(t *testing.T) {
	d, err := openapi.Load([]byte(`{"openapi":"3.0.3","paths":{
		"/a":{"get":{"parameters":[{"in":"query","name":"n","schema":{"type":"integer","maximum":3}}],"responses":{"200":{"description":"","content":{"application/json":{"schema":{"type":"object","properties":{"x":{"type":"boolean"}}}}}}}}},
		"/b":{"get":{"parameters":[{"$ref":"#/paths/~1a/get/parameters/0"}],"responses":{"200":{"$ref":"#/paths/~1a/get/responses/200"}}}}},
		"components":{"schemas":{"Alias":{"$ref":"#/components/schemas/Other"},"Other":{"$ref":"#/components/schemas/a~1b%20c"},"a/b c":{"type":"string"},
		"Inner":{"$ref":"#/paths/~1a/get/responses/200/content/application~1json/schema/properties/x"},
		"Deep":{"type":"object","properties":{"i":{"$ref":"#/components/schemas/List/properties/l/items"}}},"List":{"properties":{"l":{"type":"array","items":{"type":"integer"}}}},
		"Bad":{"$ref":"#/paths/~1a/get/parameters/7"},"Worse":{"$ref":"#/paths/~1a/get/parameters/x"},"Whole":{"$ref":"#"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if s := schema(t, d, "Alias"); s.Name() != "a/b c" || s != schema(t, d, "a/b c") {
		t.Errorf("Alias is %q", s.Name())
	}
	if s := schema(t, d, "Inner"); s.Type() != "boolean" || s.Name() != "" {
		t.Errorf("Inner is %q", s.Type())
	}
	if s := schema(t, d, "Deep").Property("i"); s.Type() != "integer" {
		t.Errorf("i is %q", s.Type())
	}
	p := plan(t, d, "GET /b")
	if p.Params[0].Name != "n" || p.Reply(200).Schema.Property("x").Type() != "boolean" {
		t.Error("GET /b is not like GET /a")
	}
	for _, name := range []string{"Bad", "Worse"} {
		if _, err := d.Schema(name); err == nil || !strings.Contains(err.Error(), "no target") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRawIsWhatWasWritten(t *testing.T) {
	const contract = `{"openapi":"3.0.3","paths":{"/a":{"get":{"x-a":1,"responses":{"200":{"$ref":"#/components/responses/R"}}}}},` +
		`"components":{"responses":{"R":{"description":"r","x-r":2}},"schemas":{"S":{"type":"string","readOnly":true,"description":"d","example":"e","x-s":3}},"examples":{"E":{"value":4}}}}`
	d, err := openapi.Load([]byte(contract))
	if err != nil {
		t.Fatal(err)
	}
	if string(d.Raw()) != contract {
		t.Error("the document changed")
	}
	p, s := plan(t, d, "GET /a"), schema(t, d, "S")
	if string(p.Operation.Raw()) != `{"x-a":1,"responses":{"200":{"$ref":"#/components/responses/R"}}}` || string(p.Reply(200).Raw()) != `{"description":"r","x-r":2}` {
		t.Errorf("operation %s, reply %s", p.Operation.Raw(), p.Reply(200).Raw())
	}
	if string(s.Field("x-s")) != "3" || !strings.HasPrefix(string(s.Raw()), `{"type":"string"`) || !s.ReadOnly() || s.Description() != "d" || s.Example() != "e" {
		t.Errorf("schema %s", s.Raw())
	}
	if raw, ok := d.Component("examples", "E"); !ok || string(raw) != `{"value":4}` {
		t.Errorf("example %s", raw)
	}
	if _, ok := d.Component("links", "L"); ok || d.Names("links") != nil {
		t.Error("there are links")
	}
}

func TestParamsOfSeveralTypes(t *testing.T) {
	d, err := openapi.Load([]byte(`{"openapi":"3.0.3","paths":{"/a":{"get":{"parameters":[
		{"in":"query","name":"either","schema":{"oneOf":[{"type":"integer"},{"type":"boolean"},{"type":"string","enum":["all"]}]}},
		{"in":"query","name":"part","schema":{"allOf":[{"$ref":"#/components/schemas/Count"}]}},
		{"in":"query","name":"lists","schema":{"anyOf":[{"type":"string"},{"type":"array","items":{"type":"integer"}}]}},
		{"in":"query","name":"pipes","style":"pipeDelimited","schema":{"type":"array","items":{"type":"integer"}}},
		{"in":"query","name":"spaces","style":"spaceDelimited","schema":{"type":"array","items":{"type":"string"}}},
		{"in":"query","name":"object","schema":{"type":"object","properties":{"a":{"type":"integer"}}}},
		{"in":"query","name":"any"},
		{"in":"header","name":"X-List","schema":{"type":"array","items":{"type":"integer"}}}]}}},
		"components":{"schemas":{"Count":{"type":"integer"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	n := func(s string) json.Number { return json.Number(s) }
	r := httptest.NewRequest(http.MethodGet, "/a?either=3&part=4&lists=1,2&pipes=1|2&spaces=a%20b&object=%7B%22a%22:1%7D&any=x", nil)
	r.Header.Set("X-List", "1,2")
	v, bad := plan(t, d, "GET /a").Decode(r, nil, nil)
	if bad != nil {
		t.Fatal(bad)
	}
	want := map[string]any{
		"either": n("3"), "part": n("4"), "lists": []any{n("1"), n("2")}, "pipes": []any{n("1"), n("2")}, "spaces": []any{"a", "b"},
		"object": map[string]any{"a": n("1")}, "any": "x",
	}
	if diff := cmp.Diff(want, v.Query); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]any{"X-List": []any{n("1"), n("2")}}, v.Header); diff != "" {
		t.Error(diff)
	}
	for query, want := range map[string]any{"either=true": true, "either=all": "all"} {
		v, bad := plan(t, d, "GET /a").Decode(httptest.NewRequest(http.MethodGet, "/a?"+query, nil), nil, nil)
		if bad != nil || v.Query["either"] != want {
			t.Errorf("%s: %v %v", query, v.Query, bad)
		}
	}
}

func TestExpectedNamesTheBound(t *testing.T) {
	d, err := openapi.Load([]byte(`{"openapi":"3.0.3","components":{"schemas":{"S":{"type":"object","minProperties":1,"maxProperties":12,"properties":{
		"a":{"type":"number","exclusiveMaximum":true,"maximum":3},"b":{"type":"number","exclusiveMinimum":2.5},"c":{"type":"array","maxItems":1},
		"d":{"type":"string","maxLength":1},"e":false,"f":{"type":"array","minItems":2},"g":{"enum":[1,2,3,4,5,6,7,8,9,10,11,12,13]},"h":{"type":["string","integer"]},
		"i":{"minimum":5}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	s := schema(t, d, "S")
	for text, want := range map[string]string{
		`{"a":3}`:     "/a: exclusiveMaximum: expected less than 3, got number 3",
		`{"b":2.5}`:   "/b: exclusiveMinimum: expected more than 2.5, got number 2.5",
		`{"c":[1,2]}`: "/c: maxItems: expected at most 1 item, got 2 items",
		`{"d":"ab"}`:  "/d: maxLength: expected at most 1 character, got 2 characters",
		`{"e":1}`:     "/e: boolean: expected nothing, got number 1",
		`{"f":[1]}`:   "/f: minItems: expected at least 2 items, got 1 item",
		`{"g":0}`:     "/g: enum: expected one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, … (13 in all), got number 0",
		`{"h":true}`:  "/h: type: expected string or integer, got boolean true",
		`{"i":4}`:     "/i: minimum: expected at least 5, got number 4",
		`{}`:          "/: minProperties: expected at least 1 property, got 0 properties",
		`{"k0":1,"k1":1,"k2":1,"k3":1,"k4":1,"k5":1,"k6":1,"k7":1,"k8":1,"k9":1,"kA":1,"kB":1,"kC":1}`: "/: maxProperties: expected at most 12 properties, got 13 properties",
	} {
		bad := s.Validate(value(t, text), "")
		if len(bad) != 1 || bad[0].String() != want {
			t.Errorf("%s: %v, want %s", text, bad, want)
		}
	}
}
