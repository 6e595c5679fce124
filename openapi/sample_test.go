package openapi_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sandgate/sandgate/openapi"
)

var someday = time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)

func sampleText(t testing.TB, s *openapi.Schema, seed uint64, now time.Time) string {
	t.Helper()
	b, err := openapi.Marshal(s.Sample(openapi.NewFaker(seed, now), nil), s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Every schema of every document that is built in, and of the tests' own, gives samples that fit it.
func TestSamplesFitTheirSchemas(t *testing.T) {
	documents := []*openapi.Document{shop(t)}
	for _, name := range openapi.Names() {
		d, err := openapi.Embedded(name)
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, d)
	}
	for _, d := range documents {
		for _, name := range d.Names("schemas") {
			if name == "Must" { // it asks for itself without end
				continue
			}
			s := schema(t, d, name)
			for seed := range uint64(8) {
				text := sampleText(t, s, seed, someday)
				if bad := s.Validate(value(t, text), ""); bad != nil {
					t.Fatalf("%s, seed %d: %s\n%v", name, seed, text, bad)
				}
			}
		}
	}
}

func TestSampleIsOfSeedAndNowAlone(t *testing.T) {
	s := schema(t, shop(t), "Order")
	if a, b := sampleText(t, s, 7, someday), sampleText(t, s, 7, someday); a != b {
		t.Errorf("one seed, two samples:\n%s\n%s", a, b)
	}
	if a, b := sampleText(t, s, 7, someday), sampleText(t, s, 8, someday); a == b {
		t.Errorf("two seeds, one sample:\n%s", a)
	}
	if a, b := sampleText(t, s, 0, someday), sampleText(t, s, 0, someday); a != b {
		t.Errorf("seed zero is random:\n%s\n%s", a, b)
	}
	if strings.Contains(sampleText(t, s, 7, someday), time.Now().Format("2006-")) {
		t.Error("a date comes from today")
	}
}

func TestSampleIsBelievable(t *testing.T) {
	s := schema(t, shop(t), "Order")
	for seed := range uint64(20) {
		v := s.Sample(openapi.NewFaker(seed, someday), nil).(map[string]any)
		for name, pattern := range map[string]string{
			"email": `^[a-z.' -]+@example\.com$`, "reference": `^ord_[A-Z][a-z]\d[A-Z][a-z]\d$`, "city": `^Utrecht$`, "zip": `^\d{5}(-\d{4})?$`,
			"createdAt": `^2031-0[45]-\d\dT.*Z$`, "updatedAt": `^2031-05-0[56]T.*Z$`, "id": `^[0-9a-f-]{36}$`,
		} {
			if text, _ := v[name].(string); !regexp.MustCompile(pattern).MatchString(text) {
				t.Errorf("seed %d: %s is %q", seed, name, text)
			}
		}
		if v["deletedAt"] != nil {
			t.Errorf("seed %d: deleted", seed)
		}
		if _, there := v["secret"]; there {
			t.Errorf("seed %d: a reply holds what is for requests only", seed)
		}
		issued, _ := v["iat"].(json.Number).Int64()
		if at := time.Unix(issued, 0); at.Year() != 2031 {
			t.Errorf("seed %d: iat is %v", seed, at)
		}
		expires, _ := v["expiresAt"].(json.Number).Int64()
		if at := time.UnixMilli(expires); !at.After(someday) || at.Year() > 2031 {
			t.Errorf("seed %d: expiresAt is %v", seed, at)
		}
	}
}

func TestSampleOverride(t *testing.T) {
	d := shop(t)
	s := schema(t, d, "Order")
	v := s.Sample(openapi.NewFaker(1, someday), map[string]any{"status": "PAID", "payment": map[string]any{"method": "transfer", "bank": "b"}, "city": nil, "mine": 1}).(map[string]any)
	if v["status"] != "PAID" || v["city"] != nil || v["mine"] != 1 || v["id"] == nil {
		t.Errorf("sample %v", v)
	}
	if diff := cmp.Diff(map[string]any{"method": "transfer", "bank": "b"}, v["payment"]); diff != "" {
		t.Error(diff)
	}
	wire := schema(t, d, "NewOrder").Sample(openapi.NewFaker(1, someday), map[string]any{"type": "WIRE"}).(map[string]any)
	if data, _ := wire["data"].(map[string]any); data["iban"] == nil {
		t.Errorf("the type WIRE has data %v", wire["data"])
	}
}

func TestSampleEndsInCircles(t *testing.T) {
	d := shop(t)
	if v := schema(t, d, "Node").Sample(openapi.NewFaker(1, someday), nil).(map[string]any); v["value"] == nil {
		t.Errorf("sample %v", v)
	}
	schema(t, d, "Must").Sample(openapi.NewFaker(1, someday), nil) // cannot fit; must end
}

func TestSampleOfAwkwardSchemas(t *testing.T) {
	for name, text := range map[string]string{
		"pattern":            `{"type":"string","pattern":"^[A-F]{3}-(x|y)+\\d{2,4}$"}`,
		"pattern and length": `{"type":"string","pattern":"^[a-z]+$","minLength":30,"maxLength":40}`,
		"look-ahead":         `{"type":"string","pattern":"^(?!x).+$"}`,
		"short":              `{"type":"string","maxLength":2}`,
		"exact":              `{"type":"string","minLength":7,"maxLength":7}`,
		"empty":              `{"type":"string","maxLength":0}`,
		"bounds":             `{"type":"integer","minimum":5,"maximum":6,"exclusiveMinimum":true}`,
		"negative":           `{"type":"number","maximum":-10}`,
		"narrow":             `{"type":"number","minimum":0.001,"maximum":0.002}`,
		"multiple":           `{"type":"number","multipleOf":0.05,"minimum":3}`,
		"below zero":         `{"type":"integer","minimum":-5,"maximum":-5}`,
		"unique":             `{"type":"array","minItems":3,"uniqueItems":true,"items":{"type":"string"}}`,
		"none":               `{"type":"array","maxItems":0,"items":{"type":"string"}}`,
		"no items":           `{"type":"array"}`,
		"map":                `{"type":"object","minProperties":3,"additionalProperties":{"type":"integer"}}`,
		"anything":           `{}`,
		"required unlisted":  `{"type":"object","required":["a"]}`,
		"null in enum":       `{"type":"string","nullable":true,"enum":[null,"A"]}`,
		"bad example":        `{"type":"integer","example":"x"}`,
		"default only":       `{"type":"string","pattern":"^(?=a).*$","default":"abc","minLength":3}`,
		"allOf facets":       `{"allOf":[{"type":"string","minLength":40},{"maxLength":45}]}`,
		"allOf twice":        `{"allOf":[{"type":"object","required":["a"],"properties":{"a":{"type":"object","required":["x"],"properties":{"x":{"type":"string"}}}}},{"type":"object","properties":{"a":{"type":"object","required":["y"],"properties":{"y":{"type":"integer"}}}}}]}`,
		"oneOf that overlap": `{"oneOf":[{"type":"object","required":["a"],"properties":{"a":{"type":"string"},"b":{"type":"string"}}},{"type":"object","required":["b"],"properties":{"a":{"type":"string"},"b":{"type":"string"}}}]}`,
		"oneOf of scalars":   `{"oneOf":[{"type":"integer"},{"type":"boolean"}]}`,
		"beside oneOf":       `{"type":"object","required":["kind"],"properties":{"kind":{"type":"string"}},"oneOf":[{"type":"object","required":["n"],"properties":{"n":{"type":"integer"}}}]}`,
		"date example":       `{"type":"string","example":"2020-02-03"}`,
	} {
		t.Run(name, func(t *testing.T) {
			d, err := openapi.Load([]byte(`{"openapi":"3.0.3","components":{"schemas":{"S":` + text + `}}}`))
			if err != nil {
				t.Fatal(err)
			}
			s := schema(t, d, "S")
			for seed := range uint64(10) {
				if v := s.Sample(openapi.NewFaker(seed, someday), nil); s.Validate(v, "") != nil {
					t.Fatalf("%v: %v", v, s.Validate(v, ""))
				}
			}
		})
	}
}
