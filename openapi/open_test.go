package openapi_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
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

func TestOpenRepairsReferences(t *testing.T) {
	dir := files(t, `
-- openapi.yaml --
openapi: 3.0.3
info: {title: T, description: {$ref: docs/about.md}}
paths:
  /a:
    get:
      parameters: [{$ref: '%2e%2e/secret.yaml'}, {$ref: nowhere.yaml}, {$ref: broken.yaml}]
      responses:
        200: {description: a, content: {application/json: {schema: {$ref: 'https://example.com/pet.json'}}}}
        400: {description: a, content: {application/json: {schema: {$ref: /etc/passwd}}}}
        401: {description: a, content: {application/json: {schema: {$ref: 'parts.yaml#/none'}}}}
        402: {description: a, content: {application/json: {schema: {$ref: Pet}}}}
        403: {description: a, content: {application/json: {schema: {$ref: 'file:///etc/passwd'}}}}
        404: {description: a, content: {application/json: {schema: {$ref: '..\secret.yaml'}}}}
        500: {description: a, content: {application/json: {schema: {oneOf: [{$ref: parts.yaml#/Cat}, {$ref: 'parts.yaml#/a~1b%20c'}], discriminator: {propertyName: k, mapping: {cat: 'parts.yaml#/Cat'}}}}}}
components:
  schemas:
    Pet: {type: object}
    Circle: {$ref: circle.yaml}
-- docs/about.md --
# About
-- broken.yaml --
a: [
-- circle.yaml --
$ref: circle2.yaml
-- circle2.yaml --
$ref: circle.yaml
-- parts.yaml --
Cat: {type: object, properties: {k: {type: string}, next: {$ref: '#/a~1b%20c'}}}
a/b c: {type: object, properties: {cat: {$ref: '#/Cat'}}}
`)
	if err := os.WriteFile(filepath.Join(filepath.Dir(dir), "secret.yaml"), []byte("in: query\nname: secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	d, err := openapi.Open(dir, openapi.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p := plan(t, d, "GET /a")
	if len(p.Params) != 0 || p.Reply(402).Schema.Name() != "Pet" || !strings.Contains(string(d.Raw()), `"description":"# About"`) {
		t.Errorf("params %v, Raw %s", p.Params, d.Raw())
	}
	if cat := p.Reply(500).Schema.Variants()[0]; cat.Name() != "Cat" || cat.Property("next").Property("cat") != cat || cat.Property("next").Name() != "a/b c" {
		t.Error("the variants are lost")
	}
	if !strings.Contains(string(d.Raw()), `"mapping":{"cat":"#/components/schemas/Cat"}`) {
		t.Error("the mapping is not that of the one document")
	}
	var got []string
	for _, r := range d.Inspect() {
		got = append(got, r.Problem)
	}
	all := strings.Join(got, "\n")
	for _, want := range []string{
		`"%2e%2e/secret.yaml" leaves the document's folder`, `"https://example.com/pet.json" is a URL: nothing is fetched`, `"/etc/passwd" leaves the document's folder`,
		"no such file", `"parts.yaml#/none" has no target`, `"file:///etc/passwd" is a URL`, `leaves the document's folder`, `"Pet" is a name only`, "1:4:", "circle",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("no repair says %q:\n%s", want, all)
		}
	}
}

func TestOpenStaysInTheFolder(t *testing.T) {
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret.yaml"), []byte("type: object\ndescription: SECRET\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	dir := files(t, "\n-- openapi.yaml --\nopenapi: 3.0.3\ninfo: {}\npaths: {}\ncomponents: {schemas: {A: {$ref: link.yaml}, B: {$ref: sub/secret.yaml}, C: {$ref: pipe.yaml}, D: {$ref: sub}, E: {$ref: near.yaml}}}\n-- real.yaml --\ntype: string\n")
	for _, link := range [][2]string{{filepath.Join(outside, "secret.yaml"), "link.yaml"}, {outside, "sub"}, {"real.yaml", "near.yaml"}} {
		if err := os.Symlink(link[0], filepath.Join(dir, link[1])); err != nil {
			t.Skip(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.yaml"), 0o600); err != nil {
		t.Skip(err)
	}
	d, err := openapi.Open(dir, openapi.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(d.Raw()), "SECRET") {
		t.Error("a file outside the folder was read")
	}
	if schema(t, d, "E").Type() != "string" {
		t.Error("a link inside the folder was not followed")
	}
	if got := d.Repairs(); len(got) != 4 {
		t.Errorf("repairs: %v", got)
	}
}

func TestOpenRefuses(t *testing.T) {
	const contract = "openapi: 3.0.3\ninfo: {}\npaths: {}\n"
	for _, tc := range []struct{ name, sections, path, want string }{
		{"nothing there", "", "none.yaml", "no such file"},
		{"an empty folder", "", "", "there is no YAML and no JSON"},
		{"two by name", "\n-- openapi.yaml --\n" + contract + "\n-- openapi.json --\n{}", "", "several files may be the contract: openapi.yaml, openapi.json"},
		{"two by content", "\n-- a.yaml --\n" + contract + "\n-- b.yaml --\n" + contract + "\n-- c.yaml --\nx: 1\n", "", "several files may be the contract: a.yaml, b.yaml; name one"},
		{"none", "\n-- a.yaml --\nswagger: '2.0'\n-- b.json --\n{}", "", "one file with a field openapi, have a.yaml, b.json"},
		{"broken", "\n-- api.yaml --\nopenapi: [", "api.yaml", "api.yaml: 1:10:"},
		{"Swagger 2", "\n-- api.yaml --\nswagger: '2.0'", "api.yaml", "api.yaml: this is Swagger 2.0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := openapi.Open(filepath.Join(files(t, tc.sections), tc.path), openapi.OpenOptions{})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v does not say %q", err, tc.want)
			}
		})
	}
	if d, err := openapi.Open(files(t, "\n-- my-api.yaml --\n"+contract+"\n-- other.yaml --\nx: openapi\n"), openapi.OpenOptions{}); err != nil || d.OpenAPI() != "3.0.3" {
		t.Errorf("the only contract is not found: %v", err)
	}
	if _, err := openapi.Open(os.DevNull, openapi.OpenOptions{}); err == nil || !strings.Contains(err.Error(), "want a file or a folder") {
		t.Errorf("a device: %v", err)
	}
}

func TestOpenFoldersOfFolders(t *testing.T) {
	d, err := openapi.Open(files(t, `
-- openapi.yaml --
openapi: 3.1.0
info: {title: T}
paths: {$ref: paths/index.yaml}
components: {$ref: components/index.yaml}
-- paths/index.yaml --
/users: {$ref: users.yaml}
/users/{id}: {$ref: 'users.yaml#/x-one'}
-- paths/users.yaml --
get: {responses: {200: {description: users, content: {application/json: {schema: {$ref: ../components/schemas/User.yaml}}}}}}
x-one: {delete: {parameters: [{$ref: ../components/parameters/Id.yaml}], responses: {204: {description: gone}}}}
-- components/index.yaml --
schemas: {$ref: schemas/index.yaml}
parameters: {Id: {$ref: parameters/Id.yaml}}
securitySchemes: {key: {$ref: key.yaml}}
-- components/key.yaml --
type: http
scheme: bearer
-- components/schemas/index.yaml --
User: {$ref: ./User.yaml}
Address: {type: object, properties: {user: {$ref: '#/User'}}}
-- components/schemas/User.yaml --
type: object
properties: {address: {$ref: 'index.yaml#/Address'}}
-- components/parameters/Id.yaml --
in: path
name: id
required: true
schema: {type: string}
`), openapi.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	user, address := schema(t, d, "User"), schema(t, d, "Address")
	if plan(t, d, "GET /users").Reply(200).Schema != user || user.Property("address") != address || address.Property("user") != user {
		t.Errorf("references are lost: %s", d.Raw())
	}
	if diff := cmp.Diff([]string{"User", "Address"}, d.Names("schemas")); diff != "" {
		t.Error(diff)
	}
	if p := plan(t, d, "DELETE /users/{id}"); len(p.Params) != 1 {
		t.Errorf("params: %v", p.Params)
	}
	if key, _ := d.Component("securitySchemes", "key"); string(key) != `{"type":"http","scheme":"bearer"}` {
		t.Errorf("key is %s", key)
	}
	if got := d.Inspect(); len(got) > 0 {
		t.Errorf("repairs: %v", got)
	}
}
