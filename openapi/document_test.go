package openapi_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sandgate/sandgate/openapi"
)

// shop loads the tests' own contract.
func shop(t testing.TB) *openapi.Document {
	t.Helper()
	data, err := os.ReadFile("testdata/shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d, err := openapi.Load(data)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func plan(t testing.TB, d *openapi.Document, key string) *openapi.Plan {
	t.Helper()
	o, ok := d.Operation(key)
	if !ok {
		t.Fatalf("no operation %s", key)
	}
	p, err := d.Plan(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func schema(t testing.TB, d *openapi.Document, name string) *openapi.Schema {
	t.Helper()
	s, err := d.Schema(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDocumentKeepsOrder(t *testing.T) {
	d := shop(t)
	var keys []string
	for _, o := range d.Operations() {
		keys = append(keys, o.Key())
	}
	want := []string{
		"GET /orders", "POST /orders", "POST /orders/search", "GET /orders/{id}", "DELETE /orders/{id}", "POST /orders/{id}:capture",
		"PUT /orders/{order}/files/{name}", "GET /nodes/{n}",
	}
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Status", "Money", "NewOrder"}, d.Names("schemas")[:3]); diff != "" {
		t.Error(diff)
	}
	if d.Title() != "Shop" || d.Version() != "1.2" || d.OpenAPI() != "3.0.3" {
		t.Errorf("head: %q %q %q", d.Title(), d.Version(), d.OpenAPI())
	}
	o, _ := d.Operation("GET /orders")
	if o.ID != "listOrders" || o.Summary != "Orders, newest first" || !cmp.Equal(o.Tags, []string{"Orders"}) || !cmp.Equal(o.Segments, []string{"orders"}) {
		t.Errorf("operation: %+v", o)
	}
	if got := string(o.Field("x-note")); got != `{"depth":2}` {
		t.Errorf("x-note is %s", got)
	}
	if got := string(d.Field("servers")); got != `[{"url":"/"}]` {
		t.Errorf("servers is %s", got)
	}
	if d.Field("x-none") != nil || o.Field("x-none") != nil {
		t.Error("a field that is not there has a value")
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"broken JSON", "{\"openapi\": \"3.0.3\",\n  \"info\": [}", "2:12"},
		{"broken YAML", "openapi: 3.0.3\ninfo: [", "2:7:"},
		{"empty", "", "empty"},
		{"nothing but a comment", "# openapi: 3.0.3\n---\n", "empty"},
		{"no version", `{"info":{}}`, "no field openapi"},
		{"version of another kind", `{"openapi":true}`, "want a string"},
		{"a version that is none", `{"openapi":"4.0.0"}`, `want version 3.0 or 3.1, have "4.0.0"`},
		{"Swagger 2", `{"swagger":"2.0","paths":{}}`, "convert it first"},
		{"Swagger 2 in YAML", "swagger: '2.0'\npaths: {}", "this is Swagger 2.0"},
		{"AsyncAPI", "asyncapi: 2.6.0", "AsyncAPI"},
		{"Postman", `{"info":{"_postman_id":"x"},"item":[]}`, "Postman"},
		{"an overlay", "overlay: 1.0.0\nactions: []", "--overlay"},
		{"list", "- a", "want an object"},
		{"text", "hello", "want an object"},
		{"alias without anchor", "openapi: *x", "no anchor &x"},
		{"two documents", "openapi: 3.0.3\n---\nopenapi: 3.0.3", "more than one"},
		{"NUL", "openapi: 3.0.3\x00", "NUL"},
		{"Latin-1", "openapi: 3.0.3\ninfo: {title: caf\xe9}", "line 2: bytes that are not UTF-8"},
		{"Latin-1 in JSON", "{\"openapi\":\"3.0.3\",\"x\":\"caf\xe9\"}", "not UTF-8"},
		{"too long", strings.Repeat(" ", openapi.MaxDocument+1), "the limit is"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := openapi.Load([]byte(tc.text))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v does not say %q", err, tc.want)
			}
		})
	}
}

func TestPathItemsByReference(t *testing.T) {
	d, err := openapi.Load([]byte(`{"openapi":"3.0.3","paths":{
		"/a":{"get":{}},"/b":{"$ref":"#/components/pathItems/B"},"/c":{"$ref":"#/paths/~1a"},"/d":{"get":{}}},
		"components":{"pathItems":{"B":{"post":{"operationId":"b"},"get":{}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, o := range d.Operations() {
		keys = append(keys, o.Key())
	}
	if diff := cmp.Diff([]string{"GET /a", "POST /b", "GET /b", "GET /c", "GET /d"}, keys); diff != "" {
		t.Error(diff)
	}
	if o, _ := d.Operation("POST /b"); o.ID != "b" {
		t.Errorf("operationId is %q", o.ID)
	}
}

func TestBrokenSchemasAreRepaired(t *testing.T) {
	d, err := openapi.Load([]byte(`{"openapi":"3.0.3","info":{},"paths":{
		"/circle":{"get":{"responses":{"200":{"description":"","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Circle"}}}}}}},
		"/none":{"get":{"responses":{"200":{"description":"","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Half"}}}}}}},
		"/status":{"get":{"responses":{"2000":{"description":""}}}},
		"/good":{"get":{"responses":{"200":{"description":"","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Good"}}}}}}}},
		"components":{"schemas":{"Circle":{"$ref":"#/components/schemas/Circle2"},"Circle2":{"$ref":"#/components/schemas/Circle"},
		"Half":{"type":"object","properties":{"good":{"$ref":"#/components/schemas/Good"},"bad":{"$ref":"#/components/schemas/None"}}},
		"Good":{"type":"object","properties":{"half":{"type":"string"}}},
		"Kind":{"type":"object","required":true}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if found := d.Repairs(); len(found) > 0 {
		t.Errorf("repaired before anything was looked at: %v", found)
	}
	var got []string
	for _, r := range d.Inspect() {
		got = append(got, r.Pointer+": "+r.Problem+": "+r.Meaning)
	}
	want := []string{
		`/components/schemas/Circle/$ref: reference "#/components/schemas/Circle2" goes round in a circle: any value`,
		`/components/schemas/Circle2/$ref: reference "#/components/schemas/Circle" goes round in a circle: any value`,
		`/components/schemas/Half/properties/bad/$ref: reference "#/components/schemas/None" has no target: any value`,
		`/components/schemas/Kind/required: want an array, have a boolean: left out`,
		`/paths/~1circle/get/responses/200/content/application~1json/schema/$ref: reference "#/components/schemas/Circle" goes round in a circle: any value`,
		`/paths/~1status/get/responses: no responses: 200 without a body`,
		`/paths/~1status/get/responses/2000: want a status, a range such as 4XX, or default: left out`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if bad := plan(t, d, "GET /none").Reply(200).Schema.Validate(value(t, `{"good":{"half":1},"bad":1}`), ""); len(bad) != 1 || bad[0].Pointer != "/good/half" {
		t.Errorf("violations: %v", bad)
	}
	if _, err := d.Schema("Nothing"); err == nil {
		t.Error("a schema that is not there was found")
	}
	plan(t, d, "GET /good")
}

func TestEmbeddedDocumentsPlan(t *testing.T) {
	for _, name := range openapi.Names() {
		d, err := openapi.Embedded(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range d.Operations() {
			if _, err := d.Plan(o); err != nil {
				t.Error(err)
			}
		}
	}
	if _, err := openapi.Embedded("nobody"); err == nil || !strings.Contains(err.Error(), `no built-in contract "nobody"`) {
		t.Errorf("error: %v", err)
	}
}

func TestSchemaTellsItsShape(t *testing.T) {
	d := shop(t)
	order := schema(t, d, "Order")
	want := []string{
		"id", "createdAt", "updatedAt", "deletedAt", "status", "number", "email", "reference", "city", "total", "parent", "payment", "owner",
		"meta", "secret", "zip", "iat", "expiresAt",
	}
	if diff := cmp.Diff(want, order.Properties()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"id", "createdAt", "status", "number"}, order.Required()); diff != "" {
		t.Error(diff)
	}
	if order.Type() != "object" || order.Name() != "Order" || !order.Has("zip") || order.Has("none") || order.Property("none") != nil {
		t.Error("Order is not what it says")
	}
	if parent := order.Property("parent"); !parent.Nullable() || !parent.Has("parent") || parent.Type() != "object" {
		t.Error("the reference with nullable beside it is not both")
	}
	if diff := cmp.Diff([]any{"OPEN", "PAID", "CLOSED"}, order.Property("status").Enum()); diff != "" {
		t.Error(diff)
	}
	if !order.Property("secret").WriteOnly() || order.Property("updatedAt").Format() != "date-time" {
		t.Error("marks are lost")
	}
	if order.Property("status") != schema(t, d, "Status") {
		t.Error("a shared schema is there twice")
	}
	payment := schema(t, d, "Payment")
	if diff := cmp.Diff([]string{"method", "number", "cvc", "bank"}, payment.Properties()); diff != "" {
		t.Error(diff)
	}
	if len(payment.Variants()) != 2 || payment.Variants()[1].Name() != "TransferPayment" || len(payment.Required()) != 0 {
		t.Error("the variants are lost")
	}
	page := schema(t, d, "OrderPage")
	if page.Property("orders").Type() != "array" || page.Property("orders").Items() != order {
		t.Error("the items are lost")
	}
	lines := schema(t, d, "NewOrder").Property("lines")
	if !lines.Items().Closed() || order.Closed() || lines.Items().Property("quantity").Default() == nil {
		t.Error("closed or default is lost")
	}
	if node := schema(t, d, "Node"); node.Property("next") != node || node.Type() != "object" {
		t.Error("the circle is not closed")
	}
}
