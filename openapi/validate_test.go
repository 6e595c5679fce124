package openapi_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sandgate/sandgate/openapi"
)

func value(t testing.TB, text string) any {
	t.Helper()
	v, bad := openapi.DecodeJSON([]byte(text))
	if bad != nil {
		t.Fatal(bad)
	}
	return v
}

// order is a valid NewOrder with more members behind it.
func order(more string) string {
	return `{"email":"ada@example.com","total":{"currency":"EUR","amount":1},"lines":[{"sku":"a"}]` + more + `}`
}

func TestValidate(t *testing.T) {
	s := schema(t, shop(t), "NewOrder")
	for _, tc := range []struct{ name, value, want string }{
		{"good", order(""), ""},
		{"required", `{"email":"ada@example.com","total":{"currency":"EUR"}}`, "/b/total/amount: required: expected number, got nothing\n/b/lines: required: expected array, got nothing"},
		{"type", order(`,"born":12`), "/b/born: type: expected string, got number 12"},
		{"null", order(`,"born":null`), "/b/born: type: expected string, got null"},
		{"nullable", order(`,"note":null`), ""},
		{"nullable type", order(`,"note":true`), "/b/note: type: expected string or null, got boolean true"},
		{"object for a string", order(`,"note":{"a":"secret"}`), "/b/note: type: expected string or null, got object"},
		{"email", strings.Replace(order(""), "ada@example.com", "ada@", 1), `/b/email: format: expected email, got string "ada@"`},
		{"uri", order(`,"website":"example.com"`), `/b/website: format: expected uri, got string "example.com"`},
		{"date", order(`,"born":"2026-02-30"`), `/b/born: format: expected date, got string "2026-02-30"`},
		{"lengths", order(`,"code":"abc"`), "/b/code: minLength: expected at least 4 characters, got 3 characters"},
		{"runes count", order(`,"code":"äöüß"`), ""},
		{
			"several rules of one value", `{"email":"ada@example.com","total":{"currency":"euro","amount":0},"lines":[{"sku":"a"}]}`,
			"/b/total/amount: exclusiveMinimum: expected more than 0, got number 0\n/b/total/currency: maxLength: expected at most 3 characters, got 4 characters\n" +
				`/b/total/currency: pattern: expected text that matches ^[A-Z]+$, got string "euro"`,
		},
		{"exact decimals", strings.Replace(order(""), `"amount":1}`, `"amount":1.005}`, 1), "/b/total/amount: multipleOf: expected a multiple of 0.01, got number 1.005"},
		{
			"items", strings.Replace(order(""), `[{"sku":"a"}]`, `[{"sku":"a","quantity":0},{"sku":1},{"sku":"a"},{"sku":"b"}]`, 1),
			"/b/lines: maxItems: expected at most 3 items, got 4 items\n/b/lines/0/quantity: minimum: expected at least 1, got number 0\n/b/lines/1/sku: type: expected string, got number 1",
		},
		{
			"closed", strings.Replace(order(""), `{"sku":"a"}`, `{"sku":"a","x/y":1,"b":{}}`, 1),
			"/b/lines/0/b: additionalProperties: expected no such property, got object\n/b/lines/0/x~1y: additionalProperties: expected no such property, got number",
		},
		{"additional", order(`,"extra":{"a":1,"b":"x"}`), `/b/extra/b: type: expected integer, got string "x"`},
		{"a pattern that looks ahead", order(`,"odd":"xyz"`), `/b/odd: pattern: expected text that matches ^(?!x)[a-z]+$, got string "xyz"`},
		{"whole number with a point", strings.Replace(order(""), `{"sku":"a"}`, `{"sku":"a","quantity":2.0}`, 1), ""},
		{"number beyond a double", strings.Replace(order(""), `{"sku":"a"}`, `{"sku":"a","quantity":1e400}`, 1), "/b/lines/0/quantity: type: expected integer, got number 1e400"},
		{"unique", order(`,"labels":["a","b","a"]`), "/b/labels: uniqueItems: expected each item once, got array"},
		{"not", order(`,"never":"x"`), `/b/never: not: expected a value that the contract does not exclude, got string "x"`},
		{"anyOf", order(`,"either":"x"`), "/b/either: format: expected uuid, got string \"x\"\n/b/either: anyOf: expected one of 2 variants, got a value that fits none of them"},
		{"anyOf fits", order(`,"either":"` + someID + `"`), ""},
		{
			"oneOf by a telling field", order(`,"payment":{"method":"card"}`),
			"/b/payment/number: required: expected string, got nothing\n/b/payment: oneOf: expected one of CardPayment, TransferPayment, got a value that fits none of them",
		},
		{
			"oneOf by the other telling field", order(`,"payment":{"method":"transfer","number":1}`),
			"/b/payment/bank: required: expected string, got nothing\n/b/payment: oneOf: expected one of CardPayment, TransferPayment, got a value that fits none of them",
		},
		{
			"oneOf without it", order(`,"payment":{}`),
			"/b/payment/method: required: expected \"card\", got nothing\n/b/payment: oneOf: expected one of CardPayment, TransferPayment, got a value that fits none of them",
		},
		{
			"oneOf by the fewest faults", order(`,"data":{"key":"k"}`),
			"/b/data/bank: required: expected string, got nothing\n/b/data: oneOf: expected one of PixAccount, PixPhoneAccount, WireAccount, got a value that fits none of them",
		},
		{
			"oneOf by its sibling", order(`,"type":"WIRE","data":{"iban":"k"}`),
			"/b/data/bic: required: expected string, got nothing\n/b/data/name: required: expected string, got nothing\n/b/data: oneOf: expected one of PixAccount, PixPhoneAccount, WireAccount, got a value that fits none of them",
		},
		{
			"oneOf by its sibling, shortest name", order(`,"type":"PIX","data":{"phone":1,"x":1}`),
			"/b/data/phone: additionalProperties: expected no such property, got number\n/b/data/x: additionalProperties: expected no such property, got number\n" +
				"/b/data/key: required: expected string, got nothing\n/b/data/bank: required: expected string, got nothing\n/b/data: oneOf: expected one of PixAccount, PixPhoneAccount, WireAccount, got a value that fits none of them",
		},
		{
			"discriminator", order(`,"owner":{"kind":"person"}`),
			"/b/owner/firstName: required: expected string, got nothing\n/b/owner: oneOf: expected one of Person, Firm, got a value that fits none of them",
		},
		{"discriminator by name", order(`,"owner":{"kind":"firm","companyName":"x"}`), ""},
		{
			"discriminator unknown", order(`,"owner":{"kind":"dog"}`),
			"/b/owner/kind: enum: expected one of \"firm\", \"person\", got string \"dog\"\n/b/owner: oneOf: expected one of Person, Firm, got one that the discriminator does not name",
		},
		{
			"discriminator missing", order(`,"owner":{}`),
			"/b/owner/kind: required: expected one of \"firm\", \"person\", got nothing\n/b/owner: oneOf: expected one of Person, Firm, got one that the discriminator does not name",
		},
		{
			"discriminator of another kind", order(`,"owner":{"kind":1}`),
			"/b/owner/kind: type: expected string, got number\n/b/owner: oneOf: expected one of Person, Firm, got one that the discriminator does not name",
		},
		{"oneOf of another kind", order(`,"owner":1`), "/b/owner: type: expected object, got number 1\n/b/owner: oneOf: expected one of Person, Firm, got a value that fits none of them"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var lines []string
			for _, v := range s.Validate(value(t, tc.value), "/b") {
				lines = append(lines, v.String())
			}
			if diff := cmp.Diff(tc.want, strings.Join(lines, "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestValidateAllOf(t *testing.T) {
	s := schema(t, shop(t), "Order")
	bad := s.Validate(value(t, `{"id":"x","status":"GONE","number":1,"parent":null,"owner":{"kind":"person"}}`), "")
	want := []string{"/id format", "/createdAt required", "/number minimum", "/owner/firstName required", "/owner oneOf", "/status enum"}
	if diff := cmp.Diff(want, rules(bad)); diff != "" {
		t.Error(diff)
	}
}

func TestValidateOneOfThatFitsTwice(t *testing.T) {
	d, err := openapi.Load([]byte(`{"openapi":"3.0.3","components":{"schemas":{"S":{"oneOf":[{"type":"object"},{"type":"object","properties":{"a":{"type":"string"}}}]}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	bad := schema(t, d, "S").Validate(map[string]any{}, "")
	want := []openapi.Violation{{Rule: "oneOf", Expected: "exactly one variant", Got: "2 that fit"}}
	if diff := cmp.Diff(want, bad); diff != "" {
		t.Error(diff)
	}
}

func TestValidateCircles(t *testing.T) {
	s := schema(t, shop(t), "Node")
	text := strings.Repeat(`{"value":1,"children":[],"next":`, 20) + `{"value":"x"}` + strings.Repeat("}", 20)
	want := []string{strings.Repeat("/next", 20) + "/value type"}
	if diff := cmp.Diff(want, rules(s.Validate(value(t, text), ""))); diff != "" {
		t.Error(diff)
	}
	d, err := openapi.Load([]byte(`{"openapi":"3.0.3","components":{"schemas":{"Self":{"allOf":[{"$ref":"#/components/schemas/Self"},{"required":["a"]}]},
		"Props":{"properties":{"p":{"$ref":"#/components/schemas/Props"}}},"Either":{"oneOf":[{"$ref":"#/components/schemas/Either"},{"type":"string"}]},
		"Many":{"oneOf":[{"type":"object","properties":{"a":{"$ref":"#/components/schemas/Many"}},"required":["b"]},{"allOf":[{"$ref":"#/components/schemas/Many"},{"$ref":"#/components/schemas/Many"}]},{"anyOf":[{"$ref":"#/components/schemas/Many"},{"type":"string"}]}]}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if bad := schema(t, d, "Self").Validate(map[string]any{}, ""); len(bad) != 1 || bad[0].Pointer != "/a" {
		t.Errorf("violations: %v", bad)
	}
	if bad := schema(t, d, "Props").Validate(value(t, `{"p":{"p":1}}`), ""); bad != nil {
		t.Errorf("violations: %v", bad)
	}
	schema(t, d, "Either").Validate(value(t, `1`), "") // it ends
	schema(t, d, "Many").Validate(value(t, strings.Repeat(`{"a":`, 12)+"1"+strings.Repeat("}", 12)), "")
	schema(t, d, "Self").Properties()
	if schema(t, d, "Self").Type() != "object" {
		t.Error("Self is no object")
	}
}

type amount string

func (a amount) MarshalJSON() ([]byte, error) { return []byte(a), nil }

func TestValidateValuesThatWriteThemselves(t *testing.T) {
	s := schema(t, shop(t), "Money")
	if bad := s.Validate(map[string]any{"currency": "EUR", "amount": amount("10.50")}, ""); bad != nil {
		t.Errorf("violations: %v", bad)
	}
	bad := s.Validate(map[string]any{"currency": "EUR", "amount": amount(`"x"`)}, "")
	if diff := cmp.Diff([]string{"/amount type"}, rules(bad)); diff != "" {
		t.Error(diff)
	}
	bad = s.Validate(map[string]any{"currency": "EUR", "amount": struct{ X any }{make(chan int)}}, "")
	if diff := cmp.Diff([]string{"/amount type"}, rules(bad)); diff != "" {
		t.Error(diff)
	}
	if bad := s.Validate(map[string]any{"currency": "EUR", "amount": 3}, ""); bad != nil {
		t.Errorf("violations: %v", bad)
	}
}

func TestGotShowsNoSecret(t *testing.T) {
	d, err := openapi.Load([]byte(`{"openapi":"3.0.3","components":{"schemas":{"S":{"type":"object","additionalProperties":{"type":"integer"},
		"properties":{"code":{"type":"integer","writeOnly":true},"word":{"type":"string","format":"password","maxLength":1,"pattern":"^x"},"n":{"type":"boolean"}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	s := schema(t, d, "S")
	for _, tc := range []struct{ name, value, got string }{
		{"plain", `"visible"`, `string "visible"`},
		{"code", `"hush"`, "string (not shown)"},
		{"password", `"hush"`, "string (not shown)"},
		{"new_Password", `"hush"`, "string (not shown)"},
		{"apiKey", `"hush"`, "string (not shown)"},
		{"X-Api-Key", `"hush"`, "string (not shown)"},
		{"cvc2", `"123"`, "string (not shown)"},
		{"key", `"hush"`, "string (not shown)"},
		{"keyboard", `"qwerty"`, `string "qwerty"`},
		{"list", `["hush"]`, "array"},
		{"card", `"4111111111111111"`, `string "411111******1111"`},
		{"card", `"4111 1111-1111 1111"`, `string "4111 11**-**** 1111"`},
		{"card", `"pan=4111111111111111;"`, `string "pan=411111******1111;"`},
		{"n", `4111111111111111`, "number 411111******1111"},
		{"short", `"41111111111"`, `string "41111111111"`},
		{"twelve", `"411111111117"`, `string "411111**1117"`},
		{"id", `"96bf7ed1-ac71-4635-0714-834412340118"`, `string "96bf7ed1-ac71-4635-0714-834412340118"`},
		{"amount", `"0.000000123456780001"`, `string "0.000000123456780001"`},
		{"long", `"` + strings.Repeat("ä", 100) + `"`, `string "` + strings.Repeat("ä", 59) + `…"`},
		{"long", `"` + strings.Repeat("x", 50) + `4111111111111111"`, `string "` + strings.Repeat("x", 50) + `411111***…"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			bad := s.Validate(map[string]any{tc.name: value(t, tc.value)}, "")
			if len(bad) != 1 || bad[0].Got != tc.got {
				t.Errorf("violations %v, want %s", bad, tc.got)
			}
		})
	}
	if bad := s.Validate(map[string]any{"word": "hush"}, ""); len(bad) != 2 || strings.Contains(bad[0].String()+bad[1].String(), "hush") {
		t.Errorf("violations %v", bad)
	}
	if bad := s.Validate(json.Number("4111111111111111"), "/query/secret"); bad[0].Got != "number (not shown)" {
		t.Errorf("a secret parameter shows %s", bad[0].Got)
	}
}

func TestFormats(t *testing.T) {
	d, err := openapi.Load([]byte(`{"openapi":"3.0.3","components":{"schemas":{
		"uuid":{"type":"string","format":"uuid"},"email":{"type":"string","format":"email"},"uri":{"type":"string","format":"uri"},
		"date":{"type":"string","format":"date"},"date-time":{"type":"string","format":"date-time"},"binary":{"type":"string","format":"binary"},
		"byte":{"type":"string","format":"byte"},"int32":{"type":"integer","format":"int32"},"int64":{"type":"integer","format":"int64"},
		"ipv4":{"type":"string","format":"ipv4"},"ipv6":{"type":"string","format":"ipv6"},"other":{"type":"string","format":"phone"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for format, cases := range map[string]struct{ good, bad []string }{
		"uuid": {
			[]string{`"7f0a8ad6-29a1-4a66-a6c4-8bb398eb78d1"`, `"01939e5e-7b5c-7000-8000-000000000000"`, `"00000000-0000-0000-0000-000000000000"`, `"7F0A8AD6-29A1-8A66-F6C4-8BB398EB78D1"`},
			[]string{`""`, `"7f0a8ad629a14a66a6c48bb398eb78d1"`, `"7f0a8ad6-29a1-4a66-a6c4-8bb398eb78dg"`, `"{7f0a8ad6-29a1-4a66-a6c4-8bb398eb78d1}"`},
		},
		"email": {
			[]string{`"a@b.co"`, `"dev+ws_x@sandgate.test"`, `"o'hara@sub.example.com"`, `"jürgen@exämple.de"`},
			[]string{`""`, `"a"`, `"@b.co"`, `"a@"`, `"a@b"`, `"a@b..co"`, `"a b@c.de"`, `"a@b@c.de"`, `".a@b.co"`, `"a@-b.co"`, `"A <a@b.co>"`, `"a@b.co\n"`},
		},
		"uri":       {[]string{`"https://example.com/a?b=c#d"`, `"mailto:a@b.co"`, `"urn:x:y"`, `"http://localhost:80"`}, []string{`""`, `"example.com"`, `"/path"`, `"https://"`, `"https://a b"`, `"ht tp://a"`}},
		"date":      {[]string{`"2024-02-29"`}, []string{`"2026-02-29"`, `"2026-1-1"`, `"2026-01-01T00:00:00Z"`, `""`}},
		"date-time": {[]string{`"2026-01-01T00:00:00Z"`, `"2026-01-01T00:00:00.123456Z"`, `"2026-01-01T00:00:00-03:00"`, `"2026-01-01t00:00:00z"`}, []string{`"2026-01-01"`, `"2026-01-01T00:00:00"`, `"2026-01-01 00:00:00Z"`, `"2026-13-01T00:00:00Z"`, `"2026-01-01T24:00:00Z"`, `"2026-01-01T00:00:00,1Z"`}},
		"byte":      {[]string{`""`, `"YQ=="`, `"YQ"`, `"-_-_"`}, []string{`"a b"`, `"YQ==YQ=="`}},
		"binary":    {[]string{`"anything"`, `""`}, nil},
		"int32":     {[]string{`2147483647`, `-2147483648`, `1e3`}, []string{`2147483648`, `-2147483649`, `1.5`}},
		"int64":     {[]string{`9223372036854775807`, `-9223372036854775808`}, []string{`1e19`, `-1e19`}},
		"ipv4":      {[]string{`"192.0.2.1"`}, []string{`"192.0.2.256"`, `"::1"`}},
		"ipv6":      {[]string{`"2001:db8::1"`}, []string{`"192.0.2.1"`, `"fe80::1%eth0"`}},
		"other":     {[]string{`"anything"`}, nil},
	} {
		s := schema(t, d, format)
		for _, text := range cases.good {
			if bad := s.Validate(value(t, text), ""); bad != nil {
				t.Errorf("%s %s: %v", format, text, bad)
			}
		}
		for _, text := range cases.bad {
			if bad := s.Validate(value(t, text), ""); len(bad) == 0 {
				t.Errorf("%s %s is accepted", format, text)
			}
		}
	}
}
