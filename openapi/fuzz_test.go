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
