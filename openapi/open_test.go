package openapi_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sandgate/sandgate/openapi"
)

// files writes a folder of files, given as "-- name --" sections.
func files(t *testing.T, sections string) string {
	t.Helper()
	dir := t.TempDir()
	for _, section := range strings.Split(sections, "\n-- ")[1:] {
		name, text, _ := strings.Cut(section, " --\n")
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const petFolder = `
-- openapi.yaml --
openapi: 3.0.3
info: {$ref: info.yaml}
paths:
  /pets: {$ref: paths/pets.yaml}
  /pets/{id}:
    $ref: "paths/items.yaml#/~1pets~1{id}"
  /local: {get: {responses: {200: {$ref: 'common.yaml#/responses/Fine'}}}}
components:
  schemas:
    Pet: {$ref: schemas/Pet.yaml}
    Own: {type: object, properties: {pet: {$ref: 'schemas/Pet.yaml'}, kind: {$ref: 'common.yaml#/schemas/Kind'}}}
  parameters:
    Limit: {$ref: 'common.yaml#/parameters/Limit'}
-- info.yaml --
title: Pets
version: 1.0
-- paths/pets.yaml --
get:
  parameters: [{$ref: '../openapi.yaml#/components/parameters/Limit'}]
  responses:
    200:
      description: pets
      content: {application/json: {schema: {type: array, items: {$ref: ../schemas/Pet.yaml}}}}
    default: {$ref: '../common.yaml#/responses/Error'}
post:
  requestBody: {content: {application/json: {schema: {$ref: '../schemas/NewPet.json'}, examples: {a: {$ref: '../examples/pet.json'}}}}}
  responses: {201: {description: made, content: {application/json: {schema: {$ref: '../openapi.yaml#/components/schemas/Pet'}}}}}
-- paths/items.yaml --
/pets/{id}:
  parameters: [{in: path, name: id, required: true, schema: {type: string}}]
  get: {responses: {200: {$ref: '#/x-one'}}}
x-one: {description: one, content: {application/json: {schema: {$ref: '../schemas/Pet.yaml'}}}}
-- schemas/Pet.yaml --
type: object
required: [name]
properties:
  name: {$ref: '#/definitions/Name'}
  friend: {$ref: '#'}
  owner: {$ref: Owner.yaml}
definitions: {Name: {type: string, minLength: 2}}
-- schemas/Owner.yaml --
type: object
properties: {pets: {type: array, items: {$ref: ./Pet.yaml}}}
-- schemas/NewPet.json --
{"allOf": [{"$ref": "Pet.yaml"}, {"type": "object", "properties": {"note": {"type": "string"}}}]}
-- examples/pet.json --
{"value": {"name": "Rex"}}
-- common.yaml --
parameters:
  Limit: {in: query, name: limit, schema: {type: integer, maximum: 50}}
responses:
  Fine: {description: fine}
  Error: {description: bad, content: {application/json: {schema: {$ref: '#/schemas/Error'}}}}
schemas:
  Kind: {enum: [cat, dog]}
  Error: {type: object, properties: {kind: {$ref: '#/schemas/Kind'}}}
`

func TestOpenFolder(t *testing.T) {
	dir := files(t, petFolder)
	for _, path := range []string{dir, filepath.Join(dir, "openapi.yaml")} {
		d, err := openapi.Open(path, openapi.OpenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		for _, o := range d.Operations() {
			keys = append(keys, o.Key())
			plan(t, d, o.Key())
		}
		if diff := cmp.Diff([]string{"GET /pets", "POST /pets", "GET /pets/{id}", "GET /local"}, keys); diff != "" {
			t.Error(diff)
		}
		if d.Title() != "Pets" || d.Version() != "1.0" {
			t.Errorf("info is %q %q", d.Title(), d.Version())
		}
		if diff := cmp.Diff([]string{"Pet", "Own", "NewPet", "Name", "Owner", "Kind", "Error"}, d.Names("schemas")); diff != "" {
			t.Error(diff)
		}
		pet := schema(t, d, "Pet")
		p := plan(t, d, "GET /pets")
		if p.Reply(200).Schema.Items() != pet || p.Reply(404).Schema.Name() != "Error" || p.Params[0].Name != "limit" {
			t.Error("GET /pets has lost a reference")
		}
		if pet.Name() != "Pet" || pet.Property("friend") != pet || pet.Property("owner").Property("pets").Items() != pet || pet.Property("name").Type() != "string" {
			t.Error("Pet has lost a reference")
		}
		if plan(t, d, "POST /pets").Body.Media["application/json"].Property("note") == nil || plan(t, d, "GET /pets/{id}").Reply(200).Schema != pet {
			t.Error("a schema of another file is lost")
		}
		if own := schema(t, d, "Own"); own.Property("pet") != pet || own.Property("kind") != schema(t, d, "Kind") {
			t.Error("Own has lost a reference")
		}
		if got := d.Repairs(); len(got) > 0 {
			t.Errorf("repairs: %v", got)
		}
	}
}
