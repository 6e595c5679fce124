package openapi_test

import (
	"os"
	"testing"

	"github.com/sandgate/sandgate/openapi"
)

// Whatever a document says, loading and serving it ends, and with an error at worst.
func FuzzLoad(f *testing.F) {
	shop, err := os.ReadFile("testdata/shop.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(shop)
	f.Add([]byte(overlayBase))
	for _, text := range []string{
		"openapi: 3.0.3\npaths:\n  /a/{id}:\n    get: &g {responses: {200: {description: a, content: {application/json: {schema: {$ref: '#/components/schemas/S'}}}}}}\n    put: *g\ncomponents:\n  schemas:\n    S: {allOf: [{$ref: '#/components/schemas/S'}], properties: {a: {$ref: '#/components/schemas/S'}}, required: [a]}\n",
		`{"openapi":"3.1.0","paths":{"a":{"GET":{"parameters":[{"in":"body","schema":{}},{"in":"formData","name":"x"}]}},"/b":{"$ref":"#/paths/a"},"/b/:c?d":{"post":{"$ref":"#/paths/a/GET"}}}}`,
		"openapi: 3.0.3\npaths: {'/a/{id}a/{i': {get: {}}}\n", "openapi: 3.0.3\n? paths\n: {<<: {/x: {get: {}}}}\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 20_000 {
			return
		}
		d, err := openapi.Load(text)
		if err != nil {
			return
		}
		serving(d)
		if changed, err := d.Overlaid([]byte(`{"overlay":"1.0.0","actions":[{"target":"$..responses","remove":true}]}`)); err == nil {
			serving(changed)
		}
	})
}
