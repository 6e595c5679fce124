package openapi_test

import (
	"os"
	"testing"

	"github.com/sandgate/sandgate/openapi"
)

// A valid value costs no memory to validate.
func TestValidValuesCostNoMemory(t *testing.T) {
	d := contractOf(t, "3.0.3", `{"S":{"type":"object","required":["id"],"properties":{"id":{"type":"string","minLength":1,"pattern":"^a"},"n":{"type":"integer","minimum":0},
		"of":{"anyOf":[{"type":"string"},{"$ref":"#/components/schemas/T"}]},"list":{"type":"array","items":{"$ref":"#/components/schemas/T"}}},"additionalProperties":false},
		"T":{"allOf":[{"properties":{"kind":{"enum":["a","b"]}}},{"required":["kind"]}]}}`)
	s := schema(t, d, "S")
	v := value(t, `{"id":"abc","n":5,"of":{"kind":"a"},"list":[{"kind":"b"},{"kind":"a"}]}`)
	if bad := s.Validate(v, ""); bad != nil {
		t.Fatal(bad)
	}
	if n := testing.AllocsPerRun(100, func() { s.Validate(v, "") }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// The first and the second time that each operation of a large contract is planned, and its reply judged.
func BenchmarkRealContract(b *testing.B) {
	data, err := os.ReadFile("../../shared/specs/stripe.json")
	if err != nil {
		b.Skip("the folder of real contracts is not there")
	}
	reply := map[string]any{"id": "x", "object": "y"}
	use := func(b *testing.B, d *openapi.Document) {
		for _, o := range d.Operations() {
			p, err := d.Plan(o)
			if err != nil {
				b.Fatal(err)
			}
			if r := p.Reply(200); r != nil && r.Schema != nil {
				r.Schema.Validate(reply, "")
			}
		}
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			d, err := openapi.Load(data)
			if err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			use(b, d)
		}
	})
	b.Run("second", func(b *testing.B) {
		d, err := openapi.Load(data)
		if err != nil {
			b.Fatal(err)
		}
		use(b, d)
		for b.Loop() {
			use(b, d)
		}
	})
}
