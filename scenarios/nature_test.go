package scenarios

import (
	"strings"
	"testing"
)

const natureFile = `provider: shop
contract: shop
infer: true
dialect: {id: 'like:AB-12', time: unix}
resources:
  customer: {schema: 'GET /customers/{id}', id: integer, id-field: number, stamps: {created: made, time: unix}, merge: [metadata]}
  order: {schema: Order, id: 'pattern:[a-z]{8}', parent: {kind: customer, field: customer}, expand: {customer: customer}, references: {customer: customer}}
  balance: {schema: Balance, singleton: true, assumed: true}
operations:
  GET /orders: {list: order, within: [{kind: customer, id: request.path.id}], envelope: data.items, pages: {after: starting_after, before: ending_before, fields: {has_more: more, url: url, count: count}}}
  PUT /orders/{id}: {put: order}
  PATCH /orders/{id}: {update: order, patch: json-patch}
`

// What the language says of a kind and of an operation survives the form that is served.
func TestNatureIsKept(t *testing.T) {
	s, err := Load("shop.yaml", []byte(natureFile))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := Resolve(s)
	if err != nil {
		t.Fatal(err)
	}
	back, err := decodeResolved(raw)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Resolve(back)
	if err != nil {
		t.Fatal(err)
	}
	if string(raw) != string(again) {
		t.Errorf("resolved\n%s\nand again\n%s", raw, again)
	}
	for _, want := range []string{`"idField":"number"`, `"stamps":{"created":"made"`, `"merge":["metadata"]`, `"parent":{"kind":"customer","field":"customer"}`, `"assumed":true`, `"within":[{`, `"envelope":"data.items"`, `"after":"starting_after"`, `"patch":"json-patch"`, `"verb":"put"`} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("resolved has no %s:\n%s", want, raw)
		}
	}
}

// What a scenario says of a kind goes before what the contract shows.
func TestOver(t *testing.T) {
	state := func(s string) Template { var v any = s; return Template{Const: &v} }
	own := &Resource{Kind: "order", ID: "uuid", Moves: []*Move{{Name: "ship", To: "gone"}}}
	own.Merge = []string{"labels"}
	inferred := &Resource{
		Kind: "order", ID: "integer", Schema: []string{"Order"}, Status: Status{Field: "status", Start: state("open")},
		Moves: []*Move{{Name: "ship", To: "shipped"}, {Name: "cancel", To: "cancelled"}}, References: []Pair{{"customer", "customer"}},
	}
	inferred.IDField, inferred.Merge, inferred.Parent = "number", []string{"metadata"}, &Parent{Kind: "customer"}
	got := own.Over(inferred)
	if got.ID != "uuid" || got.Schema[0] != "Order" || got.Status.Field != "status" || got.IDField != "number" || got.Merge[0] != "labels" || got.Parent.Kind != "customer" || len(got.References) != 1 {
		t.Errorf("%+v", got)
	}
	if len(got.Moves) != 2 || got.Moves[0].To != "gone" || got.Moves[1].Name != "cancel" {
		t.Errorf("its own move goes first, and the other one is added: %+v", got.Moves)
	}
	if own.IDField != "" || len(own.Schema) != 0 {
		t.Error("the scenario's own was changed")
	}
	if (*Resource)(nil).Over(inferred) != inferred || own.Over(nil) != own {
		t.Error("one of them alone is itself")
	}
}

func TestNatureIsRefused(t *testing.T) {
	for _, c := range []struct{ old, broken, want string }{
		{"id: integer", "id: number", "shop.yaml:6:49: id is uuid, integer, prefix:xx_, like:AN-EXAMPLE or pattern:REGEX"},
		{"pattern:[a-z]{8}", "pattern:[a-z", "is no pattern"},
		{"patch: json-patch", "patch: xml-patch", `patch cannot be "xml-patch"`},
		{"{list: order, within", "{create: order, within", "pages belongs to list, and this is create"},
		{"within: [{kind: customer, id: request.path.id}]", "within: [{kind: customer}]", "needs id"},
		{"parent: {kind: customer", "parent: {field: customer", "needs kind"},
	} {
		text := strings.Replace(natureFile, c.old, c.broken, 1)
		if text == natureFile {
			t.Fatalf("%q is not in the file", c.old)
		}
		if _, err := Load("shop.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.broken, err, c.want)
		}
	}
}
