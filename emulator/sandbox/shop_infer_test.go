package sandbox_test

import (
	"strings"
	"testing"

	"github.com/sandgate/sandgate/emulator"
)

// bare serves a contract with no other file.
func bare(t testing.TB, spec string, change ...func(*emulator.Options)) *asking {
	t.Helper()
	change = append([]func(*emulator.Options){func(o *emulator.Options) {
		o.Providers, o.Specs, o.CheckReplies = nil, []string{spec}, true
	}}, change...)
	return &asking{t, start(t, change...)}
}

// The shop's contract says by itself most of what its scenario says.
func TestShopWithoutAScenario(t *testing.T) {
	s := bare(t, "shop=testdata/shop/shop.openapi.yaml")
	made := s.call(201, "POST /customers", `{"name":"Ana","email":"ana@example.test","metadata":{"a":"1","b":"2"},"tags":["x","y"]}`)
	ana := made.text("id")
	made.is("object", `"customer"`, "name", `"Ana"`, "created", "1767225600", "tags.data.1", `"y"`)
	if read := s.call(200, "GET /customers/"+ana); read.raw != made.raw {
		t.Errorf("read %s, made %s", read.raw, made.raw)
	}
	s.call(200, "POST /customers/"+ana, `{"metadata":{"a":"","c":"3"}}`).is("metadata", `{"b":"2","c":"3"}`, "name", `"Ana"`)
	s.call(200, "application/json-patch+json PATCH /customers/"+ana, `[{"op":"replace","path":"/name","value":"Bia"}]`).is("name", `"Bia"`)

	order := s.call(201, "POST /customers/"+ana+"/orders", `{"total":100,"note":"soon"}`).is("success", "true", "data.total", "100", "data.customer", `"`+ana+`"`)
	number := order.text("data.number")
	s.call(200, "GET /customers/"+ana+"/orders/"+number).is("note", `"soon"`)
	s.call(200, "GET /customers/"+ana+"/orders/"+number+"?expand=customer").is("customer.name", `"Bia"`)
	s.call(404, "GET /customers/nobody/orders/"+number)
	s.call(200, "GET /customers/"+ana+"/orders?per_page=1").is("pagination.total", "1", "data.0.number", number, "data.0.kind", `"order"`, "pagination.links.next", "null")
	s.call(200, "POST /orders/"+number+"/ship", `{}`).is("status", `"shipped"`)
	s.call(200, "GET /customers/"+ana+"/orders?status=open").is("data", "[]")
	s.call(200, "GET /customers?starting_after="+ana).is("data", "[]", "has_more", "false", "url", `"/customers"`)

	s.call(404, "GET /customers/"+ana+"/settings")
	s.call(201, "PUT /customers/"+ana+"/settings", `{"theme":"dark"}`)
	s.call(200, "GET /customers/"+ana+"/settings").is("theme", `"dark"`)
	s.call(200, "GET /balance").is("currency", `"eur"`)
	s.call(201, "PUT /customers/"+ana+"/labels/vip", `{"text":"one"}`).is("key", `"vip"`)
	s.call(200, "GET /customers/"+ana+"/labels/vip").is("text", `"one"`)
	s.call(200, "DELETE /customers/"+ana).is("deleted", "true")
	s.call(404, "GET /customers/"+ana+"/labels/vip")
}

// What the engine makes up is a function of the seed and the calls.
func TestShopTwiceTheSame(t *testing.T) {
	run := func() string {
		s := bare(t, "shop=testdata/shop/shop.openapi.yaml", func(o *emulator.Options) { o.UnknownIDs = "create" })
		var out strings.Builder
		out.WriteString(s.call(201, "POST /customers", `{}`).raw)
		out.WriteString(s.call(200, "GET /customers/any").raw)
		out.WriteString(s.call(200, "GET /customers/any/orders").raw)
		return out.String()
	}
	if first, second := run(), run(); first != second {
		t.Errorf("first %s\nthen %s", first, second)
	}
}
