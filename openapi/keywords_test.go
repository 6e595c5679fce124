package openapi_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sandgate/sandgate/openapi"
)

func contractOf(t testing.TB, version, schemas string) *openapi.Document {
	t.Helper()
	d, err := openapi.Load([]byte(`{"openapi":"` + version + `","info":{"title":"T","version":"1"},"paths":{},"components":{"schemas":` + schemas + `}}`))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The keywords of JSON Schema 2020-12, as OpenAPI 3.1 has them.
func TestKeywordsOfJSONSchema(t *testing.T) {
	for _, tc := range []struct {
		schema string
		good   []string
		bad    map[string]string // value → violations
	}{
		{`{"const":"a"}`, []string{`"a"`}, map[string]string{`"b"`: `: const: expected "a", got string "b"`}},
		{`{"const":null}`, []string{`null`}, map[string]string{`1`: `: const: expected null, got number 1`}},
		{
			`{"prefixItems":[{"type":"string"},{"type":"integer"}],"items":{"type":"boolean"}}`,
			[]string{`[]`, `["a",1,true]`, `{}`},
			map[string]string{`[1,"a",2]`: "/0: type: expected string, got number 1\n/1: type: expected integer, got string \"a\"\n/2: type: expected boolean, got number 2"},
		},
		{`{"prefixItems":[{"type":"string"}],"items":false}`, []string{`["a"]`}, map[string]string{`["a",1]`: "/1: boolean: expected nothing, got number 1"}},
		{`{"contains":{"type":"integer"}}`, []string{`["a",1]`}, map[string]string{`["a"]`: ": contains: expected an item that is integer, got others"}},
		{
			`{"contains":{"type":"integer"},"minContains":2,"maxContains":3}`,
			[]string{`[1,2]`},
			map[string]string{`[1]`: ": contains: expected at least 2 items that fit, at most 3, got others", `[1,2,3,4]`: ": contains: expected at least 2 items that fit, at most 3, got others"},
		},
		{`{"contains":{"type":"integer"},"minContains":0}`, []string{`[]`}, nil},
		{
			`{"patternProperties":{"^n_":{"type":"number"}},"additionalProperties":false,"properties":{"a":{}}}`,
			[]string{`{"n_x":1,"a":null}`},
			map[string]string{`{"n_x":"1","b":1}`: "/b: additionalProperties: expected no such property, got number\n/n_x: type: expected number, got string \"1\""},
		},
		{`{"propertyNames":{"maxLength":2}}`, []string{`{"ab":1}`}, map[string]string{`{"abc":1}`: `/abc: propertyNames: expected another name, got string "abc"`}},
		{`{"dependentRequired":{"card":["cvc","name"]}}`, []string{`{"card":1,"cvc":1,"name":1}`, `{}`}, map[string]string{`{"card":1,"cvc":1}`: "/name: required: expected a value, got nothing"}},
		{
			`{"dependentSchemas":{"card":{"properties":{"zip":{"type":"string"}},"required":["zip"]}}}`,
			[]string{`{"zip":1}`, `{"card":1,"zip":"a"}`},
			map[string]string{`{"card":1}`: "/zip: required: expected string, got nothing"},
		},
		{
			`{"if":{"properties":{"t":{"const":"a"}}},"then":{"required":["x"]},"else":{"required":["y"]}}`,
			[]string{`{"t":"a","x":1}`, `{"t":"b","y":1}`},
			map[string]string{`{"t":"a"}`: "/x: required: expected a value, got nothing", `{"t":"b"}`: "/y: required: expected a value, got nothing"},
		},
		{
			`{"allOf":[{"properties":{"a":{}}},{"anyOf":[{"properties":{"b":{"type":"string"}},"required":["b"]},{"properties":{"c":{}}}]}],"unevaluatedProperties":false}`,
			[]string{`{"a":1,"b":"x"}`, `{"a":1,"c":2}`},
			map[string]string{`{"a":1,"b":1}`: "/b: unevaluatedProperties: expected no such property, got number"},
		},
		{
			`{"$ref":"#/components/schemas/Base","properties":{"b":{}},"unevaluatedProperties":{"type":"integer"}}`,
			[]string{`{"a":"x","b":"x","c":1}`},
			map[string]string{`{"c":"x"}`: "/c: type: expected integer, got string \"x\""},
		},
		{`{"prefixItems":[{}],"contains":{"type":"string"},"unevaluatedItems":false}`, []string{`[1,"a"]`}, map[string]string{`[1,"a",2]`: "/2: unevaluatedItems: expected no such item, got number"}},
		{`{"type":["string","null"],"enum":["a","b"]}`, []string{`"a"`, `null`}, map[string]string{`"c"`: `: enum: expected one of "a", "b", got string "c"`}},
		{`{"exclusiveMinimum":1,"exclusiveMaximum":3}`, []string{`2`}, map[string]string{`1`: ": exclusiveMinimum: expected more than 1, got number 1", `3`: ": exclusiveMaximum: expected less than 3, got number 3"}},
		{`{"$ref":"#/components/schemas/Base","maxProperties":1}`, []string{`{"a":"x"}`}, map[string]string{`{"a":1,"b":2}`: ": maxProperties: expected at most 1 property, got 2 properties\n/a: type: expected string, got number 1"}},
		{`{"$ref":"#named"}`, []string{`7`}, map[string]string{`"x"`: `: type: expected integer, got string "x"`}},
		{`{"$dynamicRef":"#named"}`, []string{`7`}, map[string]string{`"x"`: `: type: expected integer, got string "x"`}},
		{`{"$ref":"https://schemas.test/named.json"}`, []string{`7`}, map[string]string{`"x"`: `: type: expected integer, got string "x"`}},
		{`{"$ref":"#/$defs/inner","$defs":{"inner":{"type":"boolean"}}}`, []string{`true`}, map[string]string{`1`: `: type: expected boolean, got number 1`}},
		{`true`, []string{`1`, `null`}, nil},
		{`{"properties":{"a":true,"b":false}}`, []string{`{"a":1}`}, map[string]string{`{"b":1}`: "/b: boolean: expected nothing, got number 1"}},
		{`{}`, []string{`1`, `null`}, nil},
		{`{"enum":["monthly","weekly"]}`, []string{`"weekly"`}, map[string]string{`"montly"`: `: enum: expected one of "monthly", "weekly", got string "montly"; did you mean "monthly"?`}},
		{
			`{"properties":{"email":{},"name":{}},"additionalProperties":false}`,
			[]string{`{"email":1}`},
			map[string]string{`{"emial":1}`: `/emial: additionalProperties: expected no such property, got number; did you mean "email"?`},
		},
		{`{"not":{"required":["a"]}}`, []string{`{}`}, map[string]string{`{"a":1}`: ": not: expected a value that the contract does not exclude, got object"}},
		{`{"dependencies":{"a":["b"],"c":{"required":["d"]}}}`, []string{`{"a":1,"b":1}`}, map[string]string{`{"a":1,"c":1}`: "/b: required: expected a value, got nothing\n/d: required: expected a value, got nothing"}},
	} {
		t.Run(tc.schema, func(t *testing.T) {
			d := contractOf(t, "3.1.0", `{"S":`+tc.schema+`,"Base":{"properties":{"a":{"type":"string"}}},"Named":{"$anchor":"named","$id":"https://schemas.test/named.json","type":"integer"}}`)
			s := schema(t, d, "S")
			for _, text := range tc.good {
				if bad := s.Validate(value(t, text), ""); bad != nil {
					t.Errorf("%s: %v", text, bad)
				}
			}
			for text, want := range tc.bad {
				var lines []string
				for _, v := range s.Validate(value(t, text), "") {
					lines = append(lines, v.Pointer+strings.TrimPrefix(strings.TrimPrefix(v.String(), v.Pointer), "/"))
				}
				if diff := cmp.Diff(want, strings.Join(lines, "\n")); diff != "" {
					t.Errorf("%s: %s", text, diff)
				}
			}
			if got := d.Inspect(); len(got) > 0 {
				t.Errorf("repairs: %v", got)
			}
		})
	}
}

// What is malformed is taken for what it must mean, refuses nothing, and is remembered.
func TestRepairsOfSchemas(t *testing.T) {
	for _, tc := range []struct {
		schema, good, bad string // values, separated by spaces
		want              string // pointer below the schema, problem, meaning
	}{
		{`{"properties":{"a":{"type":"string","required":true},"b":{"required":false}}}`, `{"a":"x"}`, `{}`, "/properties/a/required: want an array, have a boolean: the object that has this property requires it\n/properties/b/required: want an array, have a boolean: left out"},
		{`{"type":"object","required":true}`, `{}`, `1`, "/required: want an array, have a boolean: left out"},
		{`{"required":"name"}`, `{"name":1}`, `{}`, `/required: want an array, have a string: the property "name"`},
		{`{"required":["a",1]}`, `{"a":1}`, `{}`, `/required: want a string, have a number: left out`},
		{`{"type":"String"}`, `"x"`, `1`, "/type: the type String is not known: string"},
		{`{"type":"file"}`, `"x"`, `1`, "/type: the type file is not known: string binary"},
		{`{"type":"datetime"}`, `"2026-01-01T00:00:00Z"`, `"x"`, "/type: the type datetime is not known: string date-time"},
		{`{"type":"Money"}`, `"x" 1`, ``, "/type: the type Money is not known: any type"},
		{`{"type":["string","Money"]}`, `"x" 1`, ``, "/type: the type Money is not known: any type"},
		{`{"type":{"a":1}}`, `"x" 1`, ``, "/type: want a string, have an object: left out"},
		{`{"type":"string","nullable":"true"}`, `"x" null`, `1`, "/nullable: want a boolean, have a string: true"},
		{`{"enum":"a"}`, `"x" 1`, ``, "/enum: want an array, have a string: left out"},
		{`{"enum":[]}`, `"x" 1`, ``, "/enum: a list without values lets nothing through: left out"},
		{`{"type":"integer","enum":["1","2","x"]}`, `1 2`, `3 "1"`, "/enum/0: not of the type: number 1\n/enum/1: not of the type: number 2\n/enum/2: not of the type: left out"},
		{`{"type":"string","enum":[true,1]}`, `"true" "1"`, `true 1`, "/enum/0: not of the type: string \"true\"\n/enum/1: not of the type: string \"1\""},
		{`{"type":"string","enum":["a",null]}`, `"a" null`, `"b"`, "/enum/1: null in a schema that is not nullable: nullable"},
		{`{"type":"string","minLength":"2"}`, `"ab"`, `"a"`, "/minLength: want a number, have a string: the number 2"},
		{`{"type":"string","minLength":-1,"maxLength":1.5}`, `"" "abc"`, `1`, "/maxLength: want a whole number, have 1.5: left out\n/minLength: want a whole number, have -1: left out"},
		{`{"minimum":5,"maximum":1}`, `0 3 9`, ``, "/minimum: more than the maximum: both are left out"},
		{`{"minLength":5,"maxLength":1}`, `"a" "abcdefg"`, ``, "/minLength: more than the maximum: both are left out"},
		{`{"type":"integer","default":"5"}`, `5`, `"5"`, "/default: not of the type: number 5"},
		{`{"type":"integer","default":"x"}`, `5`, `"5"`, "/default: not of the type: left out"},
		{`{"exclusiveMinimum":3}`, `4`, `3`, "/exclusiveMinimum: a number is OpenAPI 3.1's way: a bound of its own"},
		{`{"exclusiveMinimum":true}`, `4`, ``, "/exclusiveMinimum: no bound beside it: left out"},
		{`{"multipleOf":0}`, `4`, ``, "/multipleOf: a number above 0 belongs here: left out"},
		{`{"type":"array"}`, `[1]`, `1`, ": an array without items: items of any kind"},
		{`{"type":"array","items":[{"type":"string"}]}`, `["a",1]`, `[1]`, "/items: want a schema, have an array: prefixItems"},
		{`{"type":"array","items":null}`, `["a",1]`, `1`, ": an array without items: items of any kind\n/items: want a schema, have null: left out"},
		{`{"properties":{"a":null}}`, `{"a":1}`, ``, "/properties/a: a schema is an object, this is null: any value"},
		{`{"properties":{"a":"string"}}`, `{"a":"x"}`, `{"a":1}`, "/properties/a: a schema is an object, this is a string: the type string"},
		{`{"properties":{"a":"Good"}}`, `{"a":"x"}`, `{"a":1}`, "/properties/a: a schema is an object, this is a string: the schema Good"},
		{`{"properties":["a"]}`, `{"a":1}`, ``, "/properties: want an object, have an array: left out"},
		{`{"properties":{"a":{"$ref":"#/components/schemas/None"}}}`, `{"a":1}`, ``, `/properties/a/$ref: reference "#/components/schemas/None" has no target: any value`},
		{`{"additionalProperties":"false","properties":{"a":{}}}`, `{"a":1}`, `{"b":1}`, `/additionalProperties: want a boolean, have a string: false`},
		{`{"allOf":{"type":"string"}}`, `"x"`, `1`, `/allOf: want an array, have an object: a list of one schema`},
		{`{"oneOf":[]}`, `"x" 1`, ``, `/oneOf: a list without schemas says nothing: left out`},
		{`{"anyOf":[{"type":"string"},null]}`, `"x" null`, `1`, `/anyOf/1: want a schema, have null: the value null`},
		{`{"discriminator":"type","oneOf":[{"required":["type"]}]}`, `{"type":"x"}`, `{}`, `/discriminator: want an object, have a string: the name of the property`},
		{`{"discriminator":{},"oneOf":[{"required":["type"]}]}`, `{"type":"x"}`, `{}`, `/discriminator: no propertyName: left out`},
		{
			`{"discriminator":{"propertyName":"t","mapping":{"a":"#/components/schemas/None"}},"oneOf":[{"type":"object","required":["t","x"]}]}`, `{"t":"a","x":1} {"t":"z","x":1}`, `{"t":"a"}`,
			`/discriminator/mapping/a: "#/components/schemas/None" is none of the variants: any variant`,
		},
		{`{"pattern":"^(a"}`, `"x"`, ``, `/pattern: a group that is not closed: left out`},
		{`{"pattern":5}`, `"x"`, ``, `/pattern: want a string, have a number: left out`},
		{`{"type":"string","format":5,"uniqueItems":"maybe"}`, `"x"`, `1`, "/format: want a string, have a number: left out\n/uniqueItems: want a boolean, have a string: left out"},
		{`{"type":"string","nullable":true,"enum":["a"]}`, `"a" null`, `"b"`, ""},
		{`{"$ref":"#/components/schemas/Good","nullable":true}`, `"a" null`, `1`, ""},
		{`{"$ref":"#/components/schemas/Good","maxLength":1}`, `"abc"`, `1`, ""}, // which 3.0 ignores
	} {
		t.Run(tc.schema, func(t *testing.T) {
			d := contractOf(t, "3.0.3", `{"S":`+tc.schema+`,"Good":{"type":"string"}}`)
			s := schema(t, d, "S")
			for text := range strings.FieldsSeq(tc.good) {
				if bad := s.Validate(value(t, text), ""); bad != nil {
					t.Errorf("%s: %v", text, bad)
				}
			}
			for text := range strings.FieldsSeq(tc.bad) {
				if bad := s.Validate(value(t, text), ""); bad == nil {
					t.Errorf("%s is valid", text)
				}
			}
			var lines []string
			for _, r := range d.Inspect() {
				lines = append(lines, strings.TrimPrefix(r.Pointer, "/components/schemas/S")+": "+r.Problem+": "+r.Meaning)
			}
			if diff := cmp.Diff(tc.want, strings.Join(lines, "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}
