package openapi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const realContracts = "../../shared/specs"

// mutations are values near v: each member taken away, made null, or of another kind, one at a time.
func mutations(v any, limit int) []any {
	out := []any{v, nil, "text", json.Number("7"), true, []any{}, map[string]any{}}
	var walk func(v any, put func(any))
	walk = func(v any, put func(any)) {
		switch v := v.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				if len(out) > limit {
					return
				}
				with := func(to any) any { c := maps.Clone(v); c[name] = to; return c }
				less := maps.Clone(v)
				delete(less, name)
				put(less)
				for _, to := range []any{nil, "x", json.Number("-1.5"), false, []any{json.Number("1")}, map[string]any{"x": "y"}} {
					put(with(to))
				}
				walk(v[name], func(to any) { put(with(to)) })
			}
			put(func() any { c := maps.Clone(v); c["zzz_undeclared"] = "x"; return c }())
		case []any:
			for i := range v {
				if i > 1 {
					return
				}
				walk(v[i], func(to any) { c := slices.Clone(v); c[i] = to; put(c) })
			}
			put(append(slices.Clone(v), nil))
			put(append(slices.Clone(v), slices.Clone(v)...))
		case string:
			put(v + "x")
			put("")
			put(strings.Repeat("long", 500))
		case json.Number:
			put(v + "5")
			put(json.Number("-" + strings.TrimPrefix(string(v), "-")))
			put(json.Number("99999999999999999999"))
		}
	}
	walk(v, func(to any) {
		if len(out) <= limit {
			out = append(out, to)
		}
	})
	return out
}

// judge is another validator: whether it accepts a value.
type judge func(v any) bool

// kinJudges read a document as kin does by itself.
func kinJudges(t *testing.T, d *Document) func(name string) judge {
	t.Helper()
	var doc openapi3.T
	if err := json.Unmarshal(tamedRaw(t, d), &doc); err != nil {
		t.Fatal(err)
	}
	if err := openapi3.NewLoader().ResolveRefsIn(&doc, nil); err != nil {
		t.Fatal(err)
	}
	return func(name string) judge {
		s := doc.Components.Schemas[name].Value
		return func(v any) bool { return s.VisitJSON(v, quick...) == nil }
	}
}

// jsonSchemaJudges read a document's schemas as JSON Schema 2020-12, with our formats.
func jsonSchemaJudges(t *testing.T, d *Document) func(name string) judge {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(tamedRaw(t, d)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for _, name := range []string{"hostname", "idn-email", "idn-hostname", "iri", "iri-reference", "json-pointer", "relative-json-pointer", "regex", "time", "uri-reference", "uri-template", "duration", "period", "semver"} {
		c.RegisterFormat(&jsonschema.Format{Name: name, Validate: func(any) error { return nil }})
	}
	for name, bits := range map[string]float64{"int32": 31, "int64": 63} {
		c.RegisterFormat(&jsonschema.Format{Name: name, Validate: func(v any) error {
			if n, ok := v.(json.Number); ok && v != nil {
				if f, _ := n.Float64(); math.Abs(f) > math.Pow(2, bits) {
					return errFormat
				}
			}
			return nil
		}})
	}
	for name, is := range stringFormats {
		c.RegisterFormat(&jsonschema.Format{Name: name, Validate: func(v any) error {
			if text, ok := v.(string); ok && !is(text) {
				return errFormat
			}
			return nil
		}})
	}
	c.UseRegexpEngine(func(p string) (jsonschema.Regexp, error) { return testRegexp{p}, nil })
	if err := c.AddResource("http://test/doc.json", doc); err != nil {
		t.Fatal(err)
	}
	return func(name string) judge {
		s, err := c.Compile("http://test/doc.json" + strings.ReplaceAll(schemaRef(name), " ", "%20"))
		if err != nil {
			return nil
		}
		return func(v any) bool { return s.Validate(v) == nil }
	}
}

type testRegexp struct{ pattern string }

func (r testRegexp) MatchString(s string) bool { return compiled(r.pattern).MatchString(s) }
func (r testRegexp) String() string            { return r.pattern }

// tamed makes a document say in its own language what we take it to mean: nullable, also in 3.1 and beside an enum; a null among the values of an
// enum; a schema in OpenAPI 3.0 that says nothing takes null. What the other validators would not read is taken out.
func tamed(v any, under string, modern bool) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = tamed(v[i], map[bool]string{true: "schema", false: ""}[strings.HasSuffix(under, "Of")], modern)
		}
	case map[string]any:
		inside := ""
		switch under {
		case "properties", "schemas":
			inside = "schema"
		case "schema", "items", "not", "additionalProperties":
			if modern {
				tameModern(v)
			} else if tameBlank(v) {
				v["nullable"] = true
			}
		}
		for name := range v {
			v[name] = tamed(v[name], cmp.Or(inside, name), modern)
		}
	}
	return v
}

func tameModern(v map[string]any) {
	if _, ok := v["required"].([]any); !ok {
		delete(v, "required")
	}
	for _, name := range []string{"example", "examples", "default"} {
		delete(v, name)
	}
	types, _ := v["type"].([]any)
	if t, ok := v["type"].(string); ok {
		types = []any{t}
	}
	enum, _ := v["enum"].([]any)
	null := v["nullable"] == true || slices.Contains(types, any("null")) || types != nil && slices.Contains(enum, nil)
	if null && types != nil && !slices.Contains(types, any("null")) {
		v["type"] = append(types, "null")
	}
	if null && enum != nil && !slices.Contains(enum, nil) {
		v["enum"] = append(enum, nil)
	}
	if null && types == nil && v["$ref"] != nil {
		v["anyOf"] = []any{map[string]any{"$ref": v["$ref"]}, map[string]any{"type": "null"}}
		delete(v, "$ref")
	}
}

func tameBlank(v map[string]any) bool {
	for name := range v {
		if !slices.Contains([]string{"title", "description", "example", "default", "uniqueItems", "xml", "deprecated", "minProperties", "maxProperties"}, name) {
			if !strings.HasPrefix(name, "x-") {
				return false
			}
		}
	}
	return true
}

// tamedRaw is a document after tamed.
func tamedRaw(t *testing.T, d *Document) []byte {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(d.Raw()))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(tamed(doc, "", d.modern()))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// What we judge otherwise than kin, or than JSON Schema, we judge so on purpose.
func TestDifferential(t *testing.T) {
	if _, err := os.Stat(realContracts); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the folder of real contracts is not there: %v", err)
		}
		t.Skip("the folder of real contracts is not there")
	}
	files, _ := filepath.Glob(realContracts + "/*.*")
	for _, file := range files {
		if strings.HasSuffix(file, ".md") {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			d, err := Open(file, OpenOptions{})
			if err != nil {
				t.Fatal(err)
			}
			judges := kinJudges
			if d.modern() {
				judges = jsonSchemaJudges
			}
			compareJudges(t, d, judges(t, d))
		})
	}
}

// explained are the schemas that we take for something else than what is written.
var explained = map[string]string{
	"v1_webhook_delivery_resend_object": "the values of an enum of integers are in quotes",
	"v2_new_payment_tax":                "an object that may be null has variants that may not",
	"v2_pix_qrcode_query":               "a property says of itself that it is required",
	"v2_bank_billet_query":              "a property says of itself that it is required",
}

func compareJudges(t *testing.T, d *Document, other func(string) judge) {
	t.Helper()
	limit := 24
	if testing.Short() {
		limit = 10
	}
	for _, name := range d.Names("schemas") {
		s, err := d.Schema(name)
		if err != nil {
			t.Fatal(err)
		}
		j := other(name)
		if j == nil {
			t.Errorf("%s: the other validator cannot read it", name)
			continue
		}
		for seed := range uint64(2) {
			for _, v := range mutations(s.Sample(NewFaker(seed, time.Unix(0, 0)), nil), limit) {
				bad := s.Validate(v, "")
				if ours := bad == nil; ours != j(v) && explained[name] == "" {
					text, _ := Marshal(v, nil)
					t.Fatalf("%s: we say %v %v: %.1000s", name, ours, bad, text)
				}
			}
		}
	}
}
