package openapi_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sandgate/sandgate/openapi"
)

func TestMarshalFollowsTheSchema(t *testing.T) {
	d := shop(t)
	for _, tc := range []struct{ name, schema, value, want string }{
		{"allOf, then the rest sorted", "Order", `{"z":1,"a":2,"status":"OPEN","id":"x","city":null,"createdAt":"t"}`, `{"id":"x","createdAt":"t","status":"OPEN","city":null,"a":2,"z":1}`},
		{
			"nested", "OrderPage", `{"totalPage":1,"orders":[{"number":1,"id":"x"},{"total":{"amount":1.50,"currency":"EUR"},"id":"y"}]}`,
			`{"orders":[{"id":"x","number":1},{"id":"y","total":{"currency":"EUR","amount":1.50}}],"totalPage":1}`,
		},
		{"reference that may be null", "Order", `{"parent":{"number":1,"id":"x"}}`, `{"parent":{"id":"x","number":1}}`},
		{"circle", "Node", `{"next":{"next":null,"value":2},"value":1}`, `{"value":1,"next":{"value":2,"next":null}}`},
		{"first variant that fits", "Payment", `{"zz":1,"number":"1","method":"card","bank":"b"}`, `{"method":"card","number":"1","bank":"b","zz":1}`},
		{"second variant", "Payment", `{"cvc":"1","bank":"b","method":"transfer"}`, `{"method":"transfer","bank":"b","cvc":"1"}`},
		{"no variant", "Payment", `{"number":1,"cvc":2}`, `{"cvc":2,"number":1}`},
		{"additional properties by name", "NewOrder", `{"extra":{"b":1,"a":2}}`, `{"extra":{"a":2,"b":1}}`},
		{"another kind than the schema's", "Order", `[{"b":1,"a":2}]`, `[{"a":2,"b":1}]`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := openapi.Marshal(value(t, tc.value), schema(t, d, tc.schema))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMarshalKinds(t *testing.T) {
	for _, tc := range []struct {
		value any
		want  string
	}{
		{nil, `null`},
		{map[string]any(nil), `null`},
		{[]any(nil), `null`},
		{[]any{}, `[]`},
		{true, `true`},
		{-3, `-3`},
		{int64(1) << 60, `1152921504606846976`},
		{uint8(3), `3`},
		{1.5, `1.5`},
		{json.Number("10.50"), `10.50`},
		{amount("10.500"), `10.500`},
		{json.RawMessage("{ \"b\" : 1 }"), `{"b":1}`},
		{[]string{"a", "b"}, `["a","b"]`},
		{[]map[string]any{{"b": 1, "a": 2}}, `[{"a":2,"b":1}]`},
		{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), `"2026-01-01T00:00:00Z"`},
		{"<a href=\"x\">&\u2028\\\n\r\t\x01\x1f\x7fä😀\xff", `"<a href=\"x\">&` + "\u2028" + `\\\n\r\t\u0001\u001f` + "\x7fä😀\ufffd" + `"`},
		{map[string]any{"a\"b": "<"}, `{"a\"b":"<"}`},
		{map[string]string{"b": "<", "a": "x"}, `{"a":"x","b":"<"}`},
	} {
		got, err := openapi.Marshal(tc.value, nil)
		if err != nil {
			t.Errorf("%v: %v", tc.value, err)
		} else if diff := cmp.Diff(tc.want, string(got)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestMarshalRefuses(t *testing.T) {
	circle := map[string]any{}
	circle["self"] = []any{circle}
	for name, tc := range map[string]struct {
		value any
		want  string
	}{
		"not a number":        {map[string]any{"a": []any{json.Number("0x1")}}, `a: 0: "0x1" is no JSON number`},
		"empty number":        {json.Number(""), "no JSON number"},
		"infinite":            {math.Inf(1), "not finite"},
		"broken text":         {map[string]any{"a": json.RawMessage("{")}, "a: "},
		"kind without a form": {make(chan int), "unsupported type"},
		"itself":              {circle, "more than 1000 levels"},
	} {
		if _, err := openapi.Marshal(tc.value, nil); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: error %v does not say %q", name, err, tc.want)
		}
	}
}

func TestAppendJSONAppends(t *testing.T) {
	got, err := openapi.AppendJSON([]byte("x="), map[string]any{"a": json.RawMessage("[ 1 ]")}, nil)
	if err != nil || string(got) != `x={"a":[1]}` {
		t.Errorf("%s, %v", got, err)
	}
}
