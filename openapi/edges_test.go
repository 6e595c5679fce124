package openapi_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sandgate/sandgate/openapi"
)

// taking is a document with one operation whose body is the schema S, in every way in which a body is written.
func taking(t *testing.T, version, schemas string) (*openapi.Document, *openapi.Plan) {
	t.Helper()
	const s = `{"schema":{"$ref":"#/components/schemas/S"}}`
	d, err := openapi.Load([]byte(`{"openapi":"` + version + `","info":{"title":"t","version":"1"},"paths":{"/a":{"post":{"parameters":[{"in":"header","name":"x-note","content":{"text/plain":{"schema":{"type":"string"}}}}],` +
		`"requestBody":{"content":{"application/json":` + s + `,"application/x-www-form-urlencoded":` + s + `,"multipart/form-data":` + s + `}},"responses":{"200":{"description":""}}}}},"components":{"schemas":{` + schemas + `}}}`))
	if err != nil {
		t.Fatal(err)
	}
	p, err := d.Plan(d.Operations()[0])
	if err != nil {
		t.Fatal(err)
	}
	return d, p
}

// A oneOf and an anyOf beside each other have one discriminator, which means another place in each list.
func TestDiscriminatorOfTwoLists(t *testing.T) {
	d, _ := taking(t, "3.0.3", `"S":{"discriminator":{"propertyName":"k","mapping":{"c":"C","d":"D"}},`+
		`"oneOf":[{"$ref":"#/components/schemas/A"},{"$ref":"#/components/schemas/B"},{"$ref":"#/components/schemas/C"}],"anyOf":[{"$ref":"#/components/schemas/D"}]},`+
		`"A":{"type":"object"},"B":{"type":"object"},"C":{"type":"object"},"D":{"type":"object","properties":{"n":{"type":"integer"}}}`)
	s, err := d.Schema("S")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		value string
		fits  bool
	}{{`{"k":"c"}`, true}, {`{"k":"d"}`, true}, {`{"k":"d","n":"x"}`, false}, {`{"k":"c","n":"x"}`, false}} {
		if found := s.Validate(value(t, tc.value), ""); len(found) == 0 != tc.fits {
			t.Errorf("%s: %v", tc.value, found)
		}
	}
}

// Numbers are compared to the last digit, and 1 is 1.0.
func TestEqualNumbers(t *testing.T) {
	for _, tc := range []struct {
		schema, value string
		fits          bool
	}{
		{`{"enum":[9007199254740993]}`, `9007199254740993`, true},
		{`{"enum":[9007199254740993]}`, `9007199254740992`, false},
		{`{"const":1.50}`, `15e-1`, true},
		{`{"enum":[{"a":[1]}]}`, `{"a":[1.0]}`, true},
		{`{"enum":[0,""]}`, `false`, false},
		{`{"type":"array","items":{},"uniqueItems":true}`, `[1,1.0]`, false},
		{`{"type":"array","items":{},"uniqueItems":true}`, `[9007199254740993,9007199254740992,"1",1,true,null]`, true},
	} {
		d, _ := taking(t, "3.1.0", `"S":`+tc.schema)
		s, err := d.Schema("S")
		if err != nil {
			t.Fatal(err)
		}
		found := s.Validate(value(t, tc.value), "")
		if len(found) == 0 != tc.fits {
			t.Errorf("%s: %s: %v", tc.schema, tc.value, found)
		}
		for _, v := range found {
			if v.Rule == "schema" {
				t.Errorf("%s: %s: not explained: %v", tc.schema, tc.value, v)
			}
		}
	}
}

// A name may be a card number too, and a pointer is made of names.
func TestNoCardNumberInPointers(t *testing.T) {
	const card = "4111111111111111"
	_, p := taking(t, "3.0.3", `"S":{"type":"object","additionalProperties":false,"properties":{"m":{"type":"object","additionalProperties":{"type":"integer","maximum":3}}}}`)
	for _, tc := range [][2]string{
		{"application/json", `{"` + card + `":1,"m":{"` + card + `":"x"}}`},
		{"application/json", `{"m":{"` + card + `":}}`},
		{"application/x-www-form-urlencoded", card + "=1&m[" + card + "]=9&m[" + card + "]=8"},
		{"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"" + card + "\"\r\n\r\nx\r\n--b--\r\n"},
		{"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"m[" + card + "]\"\r\nContent-Type: application/json\r\n\r\n{\"" + card + "\":\r\n--b--\r\n"},
	} {
		r := httptest.NewRequest("POST", "/a", nil)
		r.Header.Set("Content-Type", tc[0])
		_, found := p.Decode(r, nil, []byte(tc[1]))
		if len(found) == 0 || strings.Contains(fmt.Sprint(found), card) {
			t.Errorf("%s: %v", tc[1], found)
		}
	}
	_, bad := openapi.ApplyPatch(value(t, `{"card":[{"number":"1"}]}`), value(t, `[{"op":"remove","path":"/card/@number=='4111111111111112'"}]`).([]any))
	if bad == nil || strings.Contains(bad.String(), "4111111111111112") {
		t.Errorf("patch: %v", bad)
	}
}

// What many clients send is taken.
func TestTakenAsSent(t *testing.T) {
	_, p := taking(t, "3.0.3", `"S":{"type":"object"}`)
	r := httptest.NewRequest("POST", "/a", nil)
	r.Header.Set("Content-Type", "application/json; charset=UTF8")
	r.Header.Set("x-note", "not JSON: it is declared as text/plain")
	v, found := p.Decode(r, nil, []byte(`{}`))
	if len(found) > 0 || v.Header["x-note"] != r.Header.Get("x-note") {
		t.Error(v.Header, found)
	}
}

// What is declared with a parameter is what comes without one.
func TestPartTypesWithParameters(t *testing.T) {
	d, err := openapi.Load([]byte(`{"openapi":"3.0.3","info":{},"paths":{"/a":{"post":{"requestBody":{"content":{"multipart/form-data":{"schema":{"type":"object","properties":{"f":{"type":"string","format":"binary"}}},` +
		`"encoding":{"f":{"contentType":"text/csv; charset=utf-8, Image/PNG"}}}}},"responses":{"200":{"description":""}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	p, err := d.Plan(d.Operations()[0])
	if err != nil {
		t.Fatal(err)
	}
	for media, fits := range map[string]bool{"text/csv": true, "text/csv;charset=latin1": true, "image/png": true, "image/gif": false} {
		r := httptest.NewRequest("POST", "/a", nil)
		r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		_, found := p.Decode(r, nil, []byte("--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\nContent-Type: "+media+"\r\n\r\nx\r\n--b--\r\n"))
		if len(found) == 0 != fits {
			t.Errorf("%s: %v", media, found)
		}
	}
	if openapi.IsFile("application/xml; charset=utf-8") {
		t.Error("XML is a file")
	}
}

// A list of few items that have a schema each is invented so.
func TestSampleOfTuples(t *testing.T) {
	for _, schema := range []string{
		`{"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}],"items":false,"minItems":2}`,
		`{"type":"array","prefixItems":[{"const":"a"},{"const":2}],"minItems":4,"items":{"type":"boolean"}}`,
		`{"allOf":[{"type":"array","prefixItems":[{"const":"a"},{"const":2}],"maxItems":1}]}`,
	} {
		d, _ := taking(t, "3.1.0", `"S":`+schema)
		s, err := d.Schema("S")
		if err != nil {
			t.Fatal(err)
		}
		v := s.Sample(openapi.NewFaker(1, someday), nil)
		if found := s.Validate(v, ""); len(found) > 0 || len(v.([]any)) == 0 {
			t.Errorf("%s: %v: %v", schema, v, found)
		}
	}
}

func TestUnevaluatedNearest(t *testing.T) {
	d, _ := taking(t, "3.1.0", `"S":{"type":"object","properties":{"amount":{}},"unevaluatedProperties":false}`)
	s, err := d.Schema("S")
	if err != nil {
		t.Fatal(err)
	}
	if found := s.Validate(value(t, `{"amuont":1}`), ""); len(found) != 1 || found[0].Near != "amount" {
		t.Error(found)
	}
}

// A reference that leads out of the folder is told once, with the reason.
func TestToldOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "api.yaml")
	text := "openapi: 3.0.3\ninfo: {}\npaths: {/a: {get: {responses: {200: {description: x, content: {application/json: {schema: {$ref: '../b.yaml#/A'}}}}}}}}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	o := openapi.OpenOptions{Cache: t.TempDir(), Version: "1"}
	for range 2 { // as it is read, and as it was compiled
		d, err := openapi.Open(file, o)
		if err != nil {
			t.Fatal(err)
		}
		if told := d.Inspect(); len(told) != 1 || !strings.Contains(told[0].Problem, "leaves the document's folder") {
			t.Error(told)
		}
	}
}

// Anchors are looked for once over the whole text, not once for each level.
func TestAnchorsOfDeepDocuments(t *testing.T) {
	const levels = 120
	text := `{"openapi":"3.1.0","info":{},"paths":{},"x":` + strings.Repeat(`{"a":`, levels) + `{"$anchor":"deep","type":"string","b":[` +
		strings.Repeat(`"`+strings.Repeat("x", 300_000)+`",`, 50) + `1]}` + strings.Repeat("}", levels) + `,"components":{"schemas":{"S":{"$ref":"#deep"}}}}`
	d, err := openapi.Load([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	start := processorTime()
	s, err := d.Schema("S")
	if err != nil || s.Type() != "string" {
		t.Fatal(s, err)
	}
	if took := processorTime() - start; took > time.Second {
		t.Errorf("it took %v", took)
	}
}
