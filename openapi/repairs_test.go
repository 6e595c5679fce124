package openapi_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sandgate/sandgate/openapi"
)

const fine = `"responses":{"200":{"description":"fine"}}`

// What is broken is repaired, served, and told.
func TestRepairs(t *testing.T) {
	for _, tc := range []struct{ name, text, operations, repairs string }{
		{"no info", `{"openapi":"3.0.3","paths":{}}`, "", "/info: missing: a contract without a title"},
		{"info of another kind", `{"openapi":"3.0.3","info":[],"paths":{}}`, "", "/info: want an object, have an array: a contract without a title"},
		{"a title that is a number", `{"openapi":"3.0.3","info":{"title":7},"paths":{}}`, "", "/info/title: want a string, have a number: the text 7"},
		{"a version that is a number", "openapi: 3.1\ninfo: {version: 1.0}\npaths: {}", "", "/openapi: the version is a number: the text 3.1"},
		{"a newer version", `{"openapi":"3.2.0","info":{},"paths":{"/a":{"query":{` + fine + `},"additionalOperations":{"COPY":{` + fine + `}}}}}`, "QUERY /a, COPY /a", "/openapi: version 3.2.0 is newer than 3.1: 3.1: what is new in it is left out\n/paths/~1a/query: OpenAPI has no method query: the method QUERY"},
		{"no paths", `{"openapi":"3.1.0","info":{}}`, "", "/paths: missing: there is nothing to answer"},
		{"webhooks only", `{"openapi":"3.1.0","info":{},"webhooks":{"a":{}}}`, "", "/paths: missing: the document describes webhooks only: there is nothing to answer"},
		{"paths: null", "openapi: 3.0.3\ninfo: {}\npaths:\ncomponents:\n  schemas:", "", "/components/schemas: want an object, have null: no schemas\n/paths: want an object, have null: no operations"},
		{"lists where objects belong, as PHP writes them", `{"openapi":"3.0.3","info":{},"paths":[],"components":{"schemas":[]}}`, "", "/components/schemas: want an object, have an array: no schemas\n/paths: want an object, have an array: no operations"},
		{"no slash", `{"openapi":"3.0.3","info":{},"paths":{"a/b":{"get":{` + fine + `}}}}`, "GET /a/b", "/paths/a~1b: the path does not start with /: the path /a/b"},
		{"a URL", `{"openapi":"3.0.3","info":{},"paths":{"https://x.y/a":{"get":{` + fine + `}}}}`, "GET /a", "/paths/https:~1~1x.y~1a: a path is no URL: the path /a"},
		{"a query in the path", `{"openapi":"3.0.3","info":{},"paths":{"/a?b=1":{"get":{` + fine + `}},"/c#d":{"get":{` + fine + `}}}}`, "GET /a, GET /c", "/paths/~1a?b=1: a path has no query and no fragment: the path /a\n/paths/~1c#d: a path has no query and no fragment: the path /c"},
		{"a parameter with a colon", `{"openapi":"3.0.3","info":{},"paths":{"/a/:id/b":{"get":{"parameters":[{"in":"path","name":"id","required":true,"schema":{}}],` + fine + `}}}}`, "GET /a/{id}/b", "/paths/~1a~1:id~1b: a path parameter stands in braces: the path /a/{id}/b"},
		{"a trailing slash is a path of its own", `{"openapi":"3.0.3","info":{},"paths":{"/a":{"get":{` + fine + `}},"/a/":{"get":{` + fine + `}}}}`, "GET /a, GET /a/", ""},
		{
			"two of one shape", `{"openapi":"3.0.3","info":{},"paths":{"/a/{x}":{"get":{` + fine + `}},"/a/{y}":{"get":{` + fine + `},"put":{` + fine + `}}}}`, "GET /a/{x}, GET /a/{y}, PUT /a/{y}",
			"/paths/~1a~1{x}/get/parameters: nobody declares the path's parameter \"x\": a string\n/paths/~1a~1{y}/get: its path has the shape of GET /a/{x}: the one whose parameters fit answers\n/paths/~1a~1{y}/get/parameters: nobody declares the path's parameter \"y\": a string\n/paths/~1a~1{y}/put/parameters: nobody declares the path's parameter \"y\": a string",
		},
		{"a name twice in a path", `{"openapi":"3.0.3","info":{},"paths":{"/{a}/{a}":{"parameters":[{"in":"path","name":"a","schema":{}}],"get":{` + fine + `}}}}`, "GET /{a}/{a}", "/paths/~1{a}~1{a}: the parameter \"a\" stands in the path twice: the last one counts"},
		{
			"items that are none", `{"openapi":"3.0.3","info":{},"paths":{"/a":null,"/b":[],"/c":{"get":null,"post":1,"put":{` + fine + `},"parameters":{},"gets":{}},"x-d":1}}`, "PUT /c",
			"/paths/~1a: want an object, have null: no operations\n/paths/~1b: want an object, have an array: no operations\n/paths/~1c/get: want an object, have null: left out\n/paths/~1c/gets: neither a method nor a field of a path: left out\n/paths/~1c/parameters: want an array, have an object: left out\n/paths/~1c/post: want an object, have a number: left out",
		},
		{"methods in capitals, and others", `{"openapi":"3.0.3","info":{},"paths":{"/a":{"GET":{` + fine + `},"link":{` + fine + `}}}}`, "GET /a, LINK /a", "/paths/~1a/GET: OpenAPI has no method GET: the method GET\n/paths/~1a/link: OpenAPI has no method link: the method LINK"},
		{"an operationId twice", `{"openapi":"3.0.3","info":{},"paths":{"/a":{"get":{"operationId":"x",` + fine + `},"put":{"operationId":"x",` + fine + `}}}}`, "GET /a, PUT /a", "/paths/~1a/put/operationId: GET /a has the operationId \"x\" too: only the first one has it; METHOD /path names an operation"},
		{"tags, ids and summaries of other kinds", `{"openapi":"3.0.3","info":{},"paths":{"/a":{"get":{"tags":"x","operationId":7,"summary":[],` + fine + `}}}}`, "GET /a", "/paths/~1a/get/operationId: want a string, have a number: the text 7\n/paths/~1a/get/summary: want a string, have an array: left out\n/paths/~1a/get/tags: want an array, have a string: a list of one"},
		{"a path that refers to nothing", `{"openapi":"3.0.3","info":{},"paths":{"/a":{"$ref":"#/components/pathItems/x"},"/b":{"get":{` + fine + `}}}}`, "GET /b", `/paths/~1a/$ref: reference "#/components/pathItems/x" has no target: a path without operations of its own`},
		{"a path that goes in a circle", `{"openapi":"3.0.3","info":{},"paths":{"/a":{"$ref":"#/paths/~1b"},"/b":{"$ref":"#/paths/~1a"}}}`, "", "/paths/~1a/$ref: references go round in a circle: a path without operations of its own\n/paths/~1b/$ref: references go round in a circle: a path without operations of its own"},
		{"an operation that refers to another", `{"openapi":"3.0.3","info":{},"paths":{"/a":{"get":{"$ref":"#/paths/~1b/get"}},"/b":{"get":{"operationId":"b",` + fine + `}},"/c":{"get":{"$ref":"#/none"}}}}`, "GET /a, GET /b, GET /c", "/paths/~1b/get/operationId: GET /a has the operationId \"b\" too: only the first one has it; METHOD /path names an operation\n/paths/~1c/get/$ref: reference \"#/none\" has no target: an operation of which nothing is known\n/paths/~1c/get/responses: no responses: 200 without a body"},
		{"a path in another file", `{"openapi":"3.0.3","info":{},"paths":{"/a":{"$ref":"other.yaml#/x"}}}`, "", `/paths/~1a/$ref: reference "other.yaml#/x" leaves the document: a path without operations of its own`},
		{"no responses", `{"openapi":"3.0.3","info":{},"paths":{"/a":{"get":{},"put":{"responses":[]},"post":{"responses":{}}}}}`, "GET /a, PUT /a, POST /a", "/paths/~1a/get/responses: no responses: 200 without a body\n/paths/~1a/post/responses: no responses: 200 without a body\n/paths/~1a/put/responses: no responses: 200 without a body\n/paths/~1a/put/responses: want an object, have an array: left out"},
		{"responses of other kinds", `{"openapi":"3.0.3","info":{},"paths":{"/a":{"get":{"responses":{"200":null,"2XX":{},"default":{"$ref":"#/none"},"ok":{}}}}}}`, "GET /a", "/paths/~1a/get/responses/200: want an object, have null: a response without a body\n/paths/~1a/get/responses/default: reference \"#/none\" has no target: left out\n/paths/~1a/get/responses/ok: want a status, a range such as 4XX, or default: left out"},
		{"statuses that YAML takes for numbers", "openapi: 3.0.3\ninfo: {}\npaths:\n  /a:\n    get:\n      responses:\n        200: {description: a}\n        4XX: {description: b}", "GET /a", ""},
		{"content that is empty", `{"openapi":"3.0.3","info":{},"paths":{"/a":{"post":{"requestBody":{"content":{}},"responses":{"200":{"description":"","content":{}}}}}}}`, "POST /a", "/paths/~1a/post/requestBody/content: no media type: no request body"},
		{
			"bodies as OpenAPI 2 has them", `{"openapi":"3.0.3","info":{},"paths":{"/a":{"post":{"parameters":[{"in":"body","name":"b","required":true,"schema":{"type":"object"}}],"responses":{"200":{"description":"","schema":{"type":"string"}}}},"put":{"parameters":[{"in":"formData","name":"f","type":"file"},{"in":"formData","name":"n","type":"integer","required":true}],` + fine + `},"patch":{"requestBody":{"schema":{"type":"object"}},` + fine + `}}}}`, "POST /a, PUT /a, PATCH /a",
			"/paths/~1a/patch/requestBody/schema: a schema without content: the schema of application/json\n/paths/~1a/post/parameters/0: in: body is OpenAPI 2: the request body, as JSON\n/paths/~1a/post/responses/200/schema: a schema without content is OpenAPI 2: the schema of application/json\n/paths/~1a/put/parameters/0: in: formData is OpenAPI 2: a field of a form\n/paths/~1a/put/parameters/1: in: formData is OpenAPI 2: a field of a form",
		},
		{"a body that GET requires", `{"openapi":"3.0.3","info":{},"paths":{"/a":{"get":{"requestBody":{"required":true,"content":{"application/json; charset=utf-8":{}}},` + fine + `}}}}`, "GET /a", "/paths/~1a/get/requestBody: a body that GET requires: many clients cannot send one: one that may be sent"},
		{
			"path parameters that do not fit", `{"openapi":"3.0.3","info":{},"paths":{"/a/{userId}/{n}":{"get":{"parameters":[{"in":"path","name":"userid","schema":{}},{"in":"path","name":"other","schema":{}}],` + fine + `}}}}`, "GET /a/{userId}/{n}",
			"/paths/~1a~1{userId}~1{n}/get/parameters: nobody declares the path's parameter \"n\": a string\n/paths/~1a~1{userId}~1{n}/get/parameters: the path has no parameter \"other\": left out\n/paths/~1a~1{userId}~1{n}/get/parameters: the path has no parameter \"userid\": its userId",
		},
		{
			"parameters that are none", `{"openapi":"3.0.3","info":{},"paths":{"/a":{"get":{"parameters":[{"in":"query"},{"name":"x"},{"$ref":"#/components/parameters/P"},7,{"in":"query","name":"t","type":"integer"},{"in":"query","name":"n"}],` + fine + `}}}}`, "GET /a",
			"/paths/~1a/get/parameters/0: a parameter without a name and a place (path, query, header, cookie): left out\n/paths/~1a/get/parameters/1: a parameter without a name and a place (path, query, header, cookie): left out\n/paths/~1a/get/parameters/2: reference \"#/components/parameters/P\" has no target: left out\n/paths/~1a/get/parameters/3: a parameter without a name and a place (path, query, header, cookie): left out\n/paths/~1a/get/parameters/4: no schema: what stands beside the name",
		},
		{"a scheme that nobody declares", `{"openapi":"3.0.3","info":{},"security":[{"key":[]}],"components":{"securitySchemes":{"key":{"type":"http"}}},"paths":{"/a":{"get":{"security":[{"bearerAuth":[]},{}],` + fine + `},"put":{` + fine + `}}}}`, "GET /a, PUT /a", "/components/securitySchemes/bearerAuth: missing: operations ask for it: a bearer token"},
		{"names that come twice in YAML", "openapi: 3.0.3\ninfo: {title: a, title: b}\npaths:\n  /a:\n    get: {responses: {200: {description: a}}}\n  /b: {}\n  /a:\n    put: {responses: {200: {description: a}}}", "PUT /a", "/info/title: the name comes twice in one mapping: the last one counts, at line 2\n/paths/~1a: the name comes twice in one mapping: the last one counts, at line 7"},
		{"names that come twice in JSON", `{"openapi":"3.0.3","info":{},"paths":{"/a":{"get":{` + fine + `}},"/a":{"get":{"operationId":"b",` + fine + `}}},"components":{"schemas":{"A":{},"A":{}}}}`, "GET /a", "/components/schemas/A: the name comes twice: the last one counts\n/paths/~1a: the name comes twice: the last one counts"},
		{"a comma too many", `{"openapi":"3.0.3","info":{},"paths":{},}`, "", ": the JSON is broken: 1:41: invalid character '}' looking for beginning of object key string: the YAML that it is"},
		{"a number that JSON does not have", "openapi: 3.0.3\ninfo: {}\npaths: {}\nx: [1, .inf]", "", "/x/1: the number .inf has no JSON form: a text"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d, err := openapi.Load([]byte(tc.text))
			if err != nil {
				t.Fatal(err)
			}
			var keys, got []string
			for _, o := range d.Operations() {
				keys = append(keys, o.Key())
				if found, ok := d.Operation(o.Key()); !ok || found != o {
					t.Errorf("%s is not found", o.Key())
				}
				plan(t, d, o.Key())
			}
			if diff := cmp.Diff(tc.operations, strings.Join(keys, ", ")); diff != "" {
				t.Error(diff)
			}
			for _, r := range d.Inspect() {
				got = append(got, r.Pointer+": "+r.Problem+": "+r.Meaning)
			}
			if diff := cmp.Diff(tc.repairs, strings.Join(got, "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOlderBodies(t *testing.T) {
	d, err := openapi.Load([]byte(`{"openapi":"3.0.3","paths":{"/a":{"put":{"parameters":[{"in":"formData","name":"f","type":"file"},{"in":"formData","name":"n","type":"integer","required":true}],"responses":{"200":{"schema":{"type":"string"}}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	p := plan(t, d, "PUT /a")
	form := p.Body.Media["application/x-www-form-urlencoded"]
	if form == nil || form.Property("n").Type() != "integer" || len(form.Required()) != 1 || !p.Body.Required || p.Reply(200).Schema.Type() != "string" {
		t.Errorf("the form is %v", form)
	}
}
