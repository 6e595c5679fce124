package openapi_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sandgate/sandgate/openapi"
)

// Schemas that are about each other, in every way, are first used by many at once: all see the same, and nobody waits for himself.
func TestFirstUseAtOnce(t *testing.T) {
	const schemas = `{
		"A":{"allOf":[{"$ref":"#/components/schemas/B"},{"properties":{"a":{"$ref":"#/components/schemas/C"}},"required":["a"]}]},
		"B":{"allOf":[{"$ref":"#/components/schemas/A"},{"properties":{"b":{"type":"string"},"a":{"$ref":"#/components/schemas/D"}}}]},
		"C":{"oneOf":[{"$ref":"#/components/schemas/D"},{"$ref":"#/components/schemas/E"}],"discriminator":{"propertyName":"k","mapping":{"d":"D","e":"E"}}},
		"D":{"properties":{"k":{"type":"string"},"next":{"$ref":"#/components/schemas/A"}},"anyOf":[{"$ref":"#/components/schemas/C"},{"type":"object"}]},
		"E":{"$ref":"#/components/schemas/F"},"F":{"allOf":[{"$ref":"#/components/schemas/E"}],"properties":{"k":{"pattern":"^(?!x)"}},"not":{"$ref":"#/components/schemas/G"}},
		"G":{"if":{"$ref":"#/components/schemas/G"},"then":{"$ref":"#/components/schemas/A"},"required":["never"],"x-sandgate-variants":{"by":"k","of":"next","map":{"d":"A"}}}}`
	body := value(t, `{"a":{"k":"d","next":{"a":{"k":"e"},"b":1}},"b":"x"}`)
	look := func(d *openapi.Document, name string) string {
		s, err := d.Schema(name)
		if err != nil {
			return err.Error()
		}
		out, err := openapi.Marshal(body, s)
		return fmt.Sprint(s.Type(), s.Properties(), s.Required(), s.Validate(body, ""), s.Has("a"), s.Enum(), len(s.Variants()), string(out), err, s.Sample(openapi.NewFaker(1, someday), nil))
	}
	names := []string{"A", "B", "C", "D", "E", "F", "G"}
	want := map[string]string{}
	alone := contractOf(t, "3.1.0", schemas)
	for _, name := range names {
		want[name] = look(alone, name)
	}
	for range 20 {
		d := contractOf(t, "3.1.0", schemas)
		var wait sync.WaitGroup
		got := make([]string, 4*len(names))
		for i := range got {
			wait.Go(func() { got[i] = look(d, names[(i*5)%len(names)]) })
		}
		wait.Go(func() { d.Inspect() })
		wait.Wait()
		for i := range got {
			if diff := cmp.Diff(want[names[(i*5)%len(names)]], got[i]); diff != "" {
				t.Fatal(diff)
			}
		}
	}
}

// What nobody asks for is not read.
func TestUnusedSchemasAreNotRead(t *testing.T) {
	d := contractOf(t, "3.0.3", `{"Used":{"properties":{"a":{"type":"Text"},"b":{"$ref":"#/components/schemas/Broken"}}},"Broken":{"type":"Nothing"}}`)
	s := schema(t, d, "Used")
	s.Properties()
	s.Validate(value(t, `{"a":"x"}`), "")
	if got := d.Repairs(); len(got) != 1 || got[0].Pointer != "/components/schemas/Used/properties/a/type" {
		t.Errorf("repairs: %v", got)
	}
	if got := d.Inspect(); len(got) != 2 {
		t.Errorf("repairs: %v", got)
	}
}

func TestSchemaByReference(t *testing.T) {
	d := contractOf(t, "3.0.3", `{"S":{"properties":{"a":{"type":"string"}}}}`)
	s, err := d.Schema("#/components/schemas/S/properties/a")
	if err != nil || s.Type() != "string" {
		t.Errorf("%v %v", s, err)
	}
	if whole, err := d.Schema("#/components/schemas/S"); err != nil || whole != schema(t, d, "S") {
		t.Errorf("%v %v", whole, err)
	}
	if _, err := d.Schema("#/components/schemas/S/properties/b"); err == nil {
		t.Error("what is not there was found")
	}
}

// Variants inside variants multiply; what they cost does not.
func TestVariantsAreBounded(t *testing.T) {
	d := contractOf(t, "3.1.0", `{"S":{"anyOf":[{"properties":{"a":{"$ref":"#/components/schemas/S"}},"required":["x"]},{"properties":{"a":{"$ref":"#/components/schemas/S"}},"required":["y"]},
		{"properties":{"a":{"$ref":"#/components/schemas/S"}},"required":["z"]}],"unevaluatedProperties":false}}`)
	text := "1"
	for range 40 {
		text = `{"a":` + text + `}`
	}
	schema(t, d, "S").Validate(value(t, text), "") // it ends
}
