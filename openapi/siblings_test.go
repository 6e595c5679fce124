package openapi

import (
	"encoding/json"
	"slices"
	"testing"
)

const siblingsDocument = `{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{},"components":{"schemas":{
 "Pay":{"type":"object","x-sandgate-variants":{"by":"type","of":"data","map":{"card":"Card","bank":"Bank"}},"required":["type","data"],
   "properties":{"type":{"type":"string"},"data":{"anyOf":[{"$ref":"#/components/schemas/Card"},{"$ref":"#/components/schemas/Bank"}]}}},
 "Order":{"type":"object","properties":{"pay":{"$ref":"#/components/schemas/Pay"}}},
 "Card":{"type":"object","required":["token"],"properties":{"token":{"type":"string"}}},
 "Bank":{"type":"object","required":["iban"],"properties":{"iban":{"type":"string","minLength":5}}}}}}`

func TestSiblingsDecideTheForm(t *testing.T) {
	d, err := Load([]byte(siblingsDocument))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		schema, value string
		want          []string
	}{
		{"Pay", `{"type":"bank","data":{"iban":"DE123"}}`, nil},
		{"Pay", `{"type":"bank","data":{"token":"x"}}`, []string{"/data/iban required"}},
		{"Pay", `{"type":"card","data":{"iban":"DE123"}}`, []string{"/data/token required"}},
		{"Pay", `{"type":"bank","data":{"iban":"x"}}`, []string{"/data/iban minLength"}},
		{"Pay", `{"type":"other","data":{"iban":"DE123"}}`, nil}, // no form of its own: the union decides
		{"Pay", `{"type":"bank"}`, []string{"/data required"}},
		{"Order", `{"pay":{"type":"bank","data":{"token":"x"}}}`, []string{"/pay/data/iban required"}},
	} {
		s, err := d.Schema(c.schema)
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.Unmarshal([]byte(c.value), &v); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, violation := range s.Validate(v, "") {
			got = append(got, violation.Pointer+" "+violation.Rule)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s %s: %v, want %v", c.schema, c.value, got, c.want)
		}
	}
}
