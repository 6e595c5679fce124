package openapi_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sandgate/sandgate/openapi"
)

// fitSchemas are what the table below fits values into.
const fitSchemas = `{"openapi":"3.0.3","components":{"schemas":{
"Number": {"type":"number"},
"Count": {"type":"integer"},
"Text": {"type":"string","maxLength":10},
"Flag": {"type":"boolean"},
"Intent": {"type":"string","enum":["CAPTURE","AUTHORIZE"]},
"Day": {"type":"string","format":"date"},
"Instant": {"type":"string","format":"date-time"},
"Unix": {"type":"integer","description":"seconds"},
"Names": {"type":"array","items":{"type":"string"}},
"Customer": {"type":"object","required":["id","object"],"properties":{"id":{"type":"string"},"object":{"type":"string","enum":["customer"]}}},
"Deleted": {"type":"object","required":["id","deleted"],"properties":{"id":{"type":"string"},"deleted":{"type":"boolean","enum":[true]}}},
"Reference": {"anyOf":[{"type":"string"},{"$ref":"#/components/schemas/Customer"},{"$ref":"#/components/schemas/Deleted"}]},
"Closed": {"type":"object","additionalProperties":false,"properties":{"a":{"type":"integer","default":4},"b":{"type":"string","nullable":true}}},
"Map": {"type":"object","additionalProperties":{"type":"string"}},
"Needs": {"type":"object","required":["amount","note","state"],"properties":{"amount":{"type":"integer","minimum":1,"default":7},"note":{"type":"string","nullable":true},"state":{"type":"string","enum":["open"]},"lines":{"type":"array","items":{"type":"string"}}}},
"Card": {"type":"object","required":["type","last4"],"properties":{"type":{"type":"string","enum":["card"]},"last4":{"type":"string"}}},
"Bank": {"type":"object","required":["type","iban"],"properties":{"type":{"type":"string","enum":["bank"]},"iban":{"type":"string"}}},
"Method": {"oneOf":[{"$ref":"#/components/schemas/Card"},{"$ref":"#/components/schemas/Bank"}]},
"Kinds": {"oneOf":[{"$ref":"#/components/schemas/Cat"},{"$ref":"#/components/schemas/Dog"}],"discriminator":{"propertyName":"kind","mapping":{"cat":"#/components/schemas/Cat","dog":"#/components/schemas/Dog"}}},
"Cat": {"type":"object","required":["kind"],"properties":{"kind":{"type":"string"},"name":{"type":"string"}}},
"Dog": {"type":"object","required":["kind"],"properties":{"kind":{"type":"string"},"name":{"type":"string"}}},
"Wide": {"type":"object","required":["n"],"properties":{"n":{"type":"integer"},"inner":{"type":"object","required":["deep"],"properties":{"deep":{"type":"integer"},"label":{"type":"string"}}}}}
}}}`

func TestFitKeepsWhatFits(t *testing.T) {
	d, err := openapi.Load([]byte(fitSchemas))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ schema, in, want string }{
		{"Number", `"12.50"`, `12.50`},
		{"Number", `12345678901234567890.123456789`, `12345678901234567890.123456789`},
		{"Count", `"10"`, `10`},
		{"Count", `10.00`, `10.00`},
		{"Text", `12`, `"12"`},
		{"Text", `true`, `"true"`},
		{"Text", `{"id":"cus_1","name":"Ann"}`, `"cus_1"`},
		{"Flag", `"true"`, `true`},
		{"Intent", `"capture"`, `"CAPTURE"`},
		{"Day", `"2031-05-06T07:08:09Z"`, `"2031-05-06"`},
		{"Instant", `1935000000`, `"2031-04-26T20:00:00.000Z"`},
		{"Unix", `"2031-05-06T07:08:09Z"`, `1935817689`},
		{"Names", `"Ann"`, `["Ann"]`},
		{"Names", `["Ann", 7, {}, null]`, `["Ann","7"]`},
		{"Reference", `"cus_1"`, `"cus_1"`},
		{"Reference", `{"id":"cus_1","object":"customer"}`, `{"id":"cus_1","object":"customer"}`},
		{"Reference", `{"id":"cus_1","object":"Customer"}`, `{"id":"cus_1","object":"customer"}`},
		{"Reference", `{"id":"cus_1","deleted":"true"}`, `{"id":"cus_1","deleted":true}`},
		{"Customer", `"cus_1"`, `{"id":"cus_1","object":"customer"}`},
		{"Closed", `{"a":"1","c":2}`, `{"a":1,"b":null}`},
		{"Closed", `{"c":2}`, `{"a":4,"b":null}`},
		{"Closed", `{}`, `{}`},
		{"Map", `{"a":1,"b":"x","c":{}}`, `{"a":"1","b":"x"}`},
		{"Needs", `{}`, `{"amount":7,"note":null,"state":"open","lines":[]}`},
		{"Needs", `{"amount":-3,"note":"x","more":true}`, `{"amount":7,"note":"x","state":"open","lines":[],"more":true}`},
		{"Method", `{"iban":"DE1","type":"Bank"}`, `{"type":"bank","iban":"DE1"}`},
		{"Method", `{"type":"card","last4":4242}`, `{"type":"card","last4":"4242"}`},
		{"Kinds", `{"kind":"dog","name":7}`, `{"kind":"dog","name":"7"}`},
		{"Wide", `{"n":"1","inner":{"deep":"2","label":"x"}}`, `{"n":1,"inner":{"deep":2,"label":"x"}}`},
	} {
		s := schema(t, d, c.schema)
		got := s.Fit(value(t, c.in), openapi.NewFaker(1, someday))
		if diff := cmp.Diff(value(t, c.want), got); diff != "" {
			t.Errorf("%s of %s:\n%s", c.schema, c.in, diff)
		}
		if again := s.Fit(got, openapi.NewFaker(2, someday)); !cmp.Equal(got, again) {
			t.Errorf("%s of %s is not the same the second time: %v", c.schema, c.in, again)
		}
	}
}

func TestFitIsOfSeedAlone(t *testing.T) {
	s := schema(t, shop(t), "Order")
	in := map[string]any{"status": "paid", "email": 7}
	if a, b := s.Fit(in, openapi.NewFaker(3, someday)), s.Fit(in, openapi.NewFaker(3, someday)); !cmp.Equal(a, b) {
		t.Error(cmp.Diff(a, b))
	}
	if got := s.Fit(in, openapi.NewFaker(3, someday)).(map[string]any); got["status"] != "PAID" {
		t.Errorf("status is %v", got["status"])
	}
}

func TestFillCompletesWhatFits(t *testing.T) {
	d, err := openapi.Load([]byte(fitSchemas))
	if err != nil {
		t.Fatal(err)
	}
	got := schema(t, d, "Closed").Fill(map[string]any{}, openapi.NewFaker(1, someday))
	if diff := cmp.Diff(value(t, `{"a":4,"b":null}`), got); diff != "" {
		t.Error(diff)
	}
}
