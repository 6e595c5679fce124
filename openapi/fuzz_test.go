package openapi_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/sandgate/sandgate/openapi"
)

// Whatever a contract says, using it ends, and with an error at worst.
func FuzzContract(f *testing.F) {
	data, err := os.ReadFile("testdata/shop.yaml")
	if err != nil {
		f.Fatal(err)
	}
	text, err := openapi.FromYAML(data)
	if err != nil {
		f.Fatal(err)
	}
	var shop struct {
		Components struct{ Schemas map[string]json.RawMessage }
	}
	if err := json.Unmarshal(text, &shop); err != nil {
		f.Fatal(err)
	}
	for _, s := range shop.Components.Schemas {
		f.Add([]byte(s))
	}
	for _, s := range []string{
		`{"$ref":"#/components/schemas/S"}`, `{"properties":{"a":{"$ref":"#/components/schemas/S"}}}`, `{"not":{"$ref":"#/components/schemas/S"}}`,
		`{"allOf":[{"$ref":"#/components/schemas/S"}]}`, `{"items":{"$ref":"#"}}`, `true`, `{"type":["string","null"],"enum":[]}`,
		`{"anyOf":[{"$ref":"#/components/schemas/S","nullable":true},{"type":"array","minItems":9,"items":{}}]}`,
		`{"type":"string","pattern":"(a{1000}){5}","minLength":9000000000}`, `{"type":"number","multipleOf":0,"minimum":1e308,"maximum":-1e308}`,
		`{"type":"array","minItems":1000000,"items":{"type":"array","minItems":1000000,"items":{}}}`, `{"type":"object","minProperties":1000000}`,
	} {
		f.Add([]byte(s))
	}
	values := []string{`null`, `1`, `"x"`, `{"a":{"a":[1,{"b":null}]},"kind":"person"}`, `[[],{},"4111111111111111"]`}
	f.Fuzz(func(t *testing.T, text []byte) {
		contract := append([]byte(`{"openapi":"3.0.3","paths":{"/s":{"get":{"parameters":[{"in":"query","name":"q","schema":`), text...)
		contract = append(append(contract, `}]}}},"components":{"schemas":{"S":`...), text...)
		d, err := openapi.Load(append(contract, `}}}`...))
		if err != nil {
			return
		}
		for _, o := range d.Operations() {
			_, _ = d.Plan(o)
		}
		s, err := d.Schema("S")
		if err != nil {
			return
		}
		s.Properties()
		for _, v := range values {
			decoded := value(t, v)
			s.Validate(decoded, "")
			if _, err := openapi.Marshal(decoded, s); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := openapi.Marshal(s.Sample(openapi.NewFaker(1, someday), nil), s); err != nil {
			t.Fatal(err)
		}
	})
}

// Whatever a schema and a value are, they are judged in one way: what is invalid is explained, what is valid is not, and a second look sees the same.
func FuzzValidate(f *testing.F) {
	for _, schema := range []string{
		`{"type":"object","required":["a"],"properties":{"a":{"oneOf":[{"type":"string","pattern":"^(?!x)"},{"type":"integer","multipleOf":0.01}]}}}`,
		`{"allOf":[{"$ref":"#/components/schemas/S"},{"anyOf":[{"const":1},{"prefixItems":[{"type":"string"}],"contains":{"minimum":2}}]}]}`,
		`{"if":{"required":["a"]},"then":{"properties":{"a":{"$ref":"#/components/schemas/S"}},"unevaluatedProperties":false},"else":{"not":{"minProperties":1}}}`,
		`{"discriminator":{"propertyName":"a","mapping":{"x":"S"}},"oneOf":[{"$ref":"#/components/schemas/S"}],"patternProperties":{"^a":{"enum":["x",null]}}}`,
		`{"type":"Strnig","required":true,"enum":"x","minLength":"2","items":[true,null],"dependencies":{"a":["b"]}}`,
	} {
		for _, v := range []string{`null`, `{"a":"x"}`, `["a",3]`, `1.005`, `{"a":{"a":{"b":[]}}}`} {
			f.Add([]byte(schema), []byte(v))
		}
	}
	f.Fuzz(func(t *testing.T, text, v []byte) {
		decoded, bad := openapi.DecodeJSON(v)
		if bad != nil {
			return
		}
		for _, version := range []string{"3.0.3", "3.1.0"} {
			d, err := openapi.Load(append(append([]byte(`{"openapi":"`+version+`","paths":{},"components":{"schemas":{"S":`), text...), `}}}`...))
			if err != nil {
				return
			}
			s, err := d.Schema("S")
			if err != nil {
				return
			}
			first := s.Validate(decoded, "")
			for _, found := range first {
				if found.Rule == "" || found.Expected == "" {
					t.Fatalf("a violation without words: %+v", found)
				}
			}
			d.Inspect()
			if again := s.Validate(decoded, ""); len(again) != len(first) {
				t.Fatalf("first %v, then %v", first, again)
			}
		}
	})
}

// Whatever a pattern says, translating it ends.
func FuzzPattern(f *testing.F) {
	for _, pattern := range []string{`^(?=.*\d)(?!x)[\w-.]{2,5000}$`, `^(?:(?!a)[^b])*$`, `(?<=a)(b|c)+?(?<!d)$`, `[\uD800-\uDBFF][\uDC00-\uDFFF]`, `/^\p{L}$/i`, `(?<n>a)\k<n>`, `[z-a]`, `((((`, `a{99999}{9}`} {
		f.Add(pattern, "aa1")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		raw, err := json.Marshal(map[string]any{"type": "string", "pattern": pattern})
		if err != nil {
			t.Fatal(err)
		}
		d, err := openapi.Load(append(append([]byte(`{"openapi":"3.1.0","paths":{},"components":{"schemas":{"S":`), raw...), `}}}`...))
		if err != nil {
			return
		}
		s, err := d.Schema("S")
		if err != nil {
			t.Fatal(err)
		}
		s.Validate(text, "")
		s.Sample(openapi.NewFaker(1, someday), nil)
	})
}
