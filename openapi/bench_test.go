package openapi_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/sandgate/sandgate/openapi"
)

// bigDocument writes a document of about 300 KB: 150 operations, a schema of twelve properties for each.
func bigDocument() []byte {
	var b bytes.Buffer
	b.WriteString(`{"openapi":"3.0.3","info":{"title":"Big","version":"1"},"paths":{`)
	for i := range 150 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"/things%d/{id}":{"post":{"operationId":"op%d","tags":["Things"],"parameters":[{"in":"path","name":"id","required":true,"schema":{"type":"string","format":"uuid"}},{"in":"query","name":"limit","schema":{"type":"integer"}}],`, i, i)
		fmt.Fprintf(&b, `"requestBody":{"required":true,"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Thing%d"}}}},`, i)
		fmt.Fprintf(&b, `"responses":{"200":{"description":"What there is, after the change that was asked for","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Thing%d"}}}},"400":{"$ref":"#/components/responses/Bad"}}}}`, i)
	}
	b.WriteString(`},"components":{"responses":{"Bad":{"description":"Refused","content":{"application/json":{"schema":{"type":"object"}}}}},"schemas":{`)
	for i := range 150 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"Thing%d":{"type":"object","required":["id","email","amount"],"properties":{"id":{"type":"string","format":"uuid","description":"Which one it is among all of them"},`, i)
		b.WriteString(`"email":{"type":"string","format":"email","maxLength":80,"description":"Where letters go"},"amount":{"type":"number","minimum":0},"currency":{"type":"string","enum":["USD","EUR","BRL"]},` +
			`"active":{"type":"boolean"},"count":{"type":"integer","minimum":0,"maximum":1000},"name":{"type":"string","minLength":1,"maxLength":60,"description":"What people call it, as they wrote it themselves"},` +
			`"createdAt":{"type":"string","format":"date-time"},"note":{"type":"string","nullable":true},"city":{"type":"string","pattern":"^[A-Z][a-z]+$"},"tags":{"type":"array","items":{"type":"string"}},` +
			`"parent":{"type":"object","properties":{"id":{"type":"string"},"description":{"type":"string","description":"More words, because real documents have many of them"}}}}}`)
	}
	b.WriteString(`}}}`)
	return b.Bytes()
}

const bigBody = `{"id":"7f0a8ad6-29a1-4a66-a6c4-8bb398eb78d1","email":"ada@example.com","amount":12.50,"currency":"EUR","active":true,"count":3,"name":"Ada's thing","createdAt":"2026-01-01T00:00:00.000Z","note":null,"city":"Utrecht"}`

func bigPlan(b *testing.B) (*openapi.Document, *openapi.Operation, *openapi.Plan) {
	b.Helper()
	d, err := openapi.Load(bigDocument())
	if err != nil {
		b.Fatal(err)
	}
	o := d.Operations()[75]
	p, err := d.Plan(o)
	if err != nil {
		b.Fatal(err)
	}
	return d, o, p
}

func BenchmarkLoad(b *testing.B) {
	data := bigDocument()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := openapi.Load(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEmbedded(b *testing.B) {
	name := openapi.Names()[0]
	for b.Loop() {
		if _, err := openapi.Embedded(name); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPlanFirst(b *testing.B) {
	data := bigDocument()
	for b.Loop() {
		b.StopTimer()
		d, err := openapi.Load(data)
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if _, err := d.Plan(d.Operations()[75]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPlanAgain(b *testing.B) {
	d, o, _ := bigPlan(b)
	for b.Loop() {
		if _, err := d.Plan(o); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	_, _, p := bigPlan(b)
	r := httptest.NewRequest(http.MethodPost, "/things75/x?limit=20", nil)
	r.Header.Set("Content-Type", "application/json")
	path := map[string]string{"id": "7f0a8ad6-29a1-4a66-a6c4-8bb398eb78d1"}
	body := []byte(bigBody)
	b.ReportAllocs()
	for b.Loop() {
		if _, bad := p.Decode(r, path, body); bad != nil {
			b.Fatal(bad)
		}
	}
}

func BenchmarkDecodeJSON(b *testing.B) {
	body := []byte(bigBody)
	b.ReportAllocs()
	for b.Loop() {
		if _, bad := openapi.DecodeJSON(body); bad != nil {
			b.Fatal(bad)
		}
	}
}

func BenchmarkMarshal(b *testing.B) {
	_, _, p := bigPlan(b)
	v, _ := openapi.DecodeJSON([]byte(bigBody))
	s := p.Reply(200).Schema
	b.ReportAllocs()
	for b.Loop() {
		if _, err := openapi.Marshal(v, s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRouterFind(b *testing.B) {
	d, _, _ := bigPlan(b)
	r := openapi.NewRouter(d.Operations())
	b.ReportAllocs()
	for b.Loop() {
		if op, _, _ := r.Find("POST", "/things149/7f0a8ad6"); op == nil {
			b.Fatal("not found")
		}
	}
}
