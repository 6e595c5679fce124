package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sandgate/sandgate/emulator"
)

// shop serves a small contract of our own with a scenario that says everything.
func shop(t testing.TB, change ...func(*emulator.Options)) *asking {
	t.Helper()
	change = append([]func(*emulator.Options){func(o *emulator.Options) {
		o.Providers, o.CheckReplies = []string{"testdata/shop/shop.yaml"}, true
	}}, change...)
	return &asking{t, start(t, change...)}
}

// asking sends requests and reads replies.
type asking struct {
	t testing.TB
	s *emulator.Server
}

type answer struct {
	t    testing.TB
	what string
	code int
	body any
	raw  string
}

// call sends a request: METHOD PATH, or with a media type TYPE METHOD PATH.
func (a *asking) call(want int, line string, body ...string) answer {
	a.t.Helper()
	words := strings.Fields(line)
	media := "application/json"
	if len(words) == 3 {
		media, words = words[0], words[1:]
	}
	r := httptest.NewRequest(words[0], words[1], strings.NewReader(strings.Join(body, "")))
	r.Header.Set("Authorization", "Bearer "+aKey)
	if len(body) > 0 {
		r.Header.Set("Content-Type", media)
	}
	w := httptest.NewRecorder()
	a.s.ServeHTTP(w, r)
	out := answer{t: a.t, what: line, code: w.Code, raw: w.Body.String()}
	if w.Code != want {
		a.t.Errorf("%s: %d %s, want %d", line, w.Code, w.Body, want)
	}
	d := json.NewDecoder(strings.NewReader(out.raw))
	d.UseNumber()
	_ = d.Decode(&out.body)
	return out
}

// at reads a path of names and numbers, such as data.0.id.
func (w answer) at(path string) any {
	v := w.body
	for name := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[name]
		case []any:
			var i int
			if _, err := fmt.Sscan(name, &i); err != nil || i >= len(in) {
				return nil
			}
			v = in[i]
		default:
			return nil
		}
	}
	return v
}

// is compares values as JSON; pairs of path and text.
func (w answer) is(pairs ...string) answer {
	w.t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		got, _ := json.Marshal(w.at(pairs[i]))
		if string(got) != pairs[i+1] {
			w.t.Errorf("%s: %s is %s, want %s in %s", w.what, pairs[i], got, pairs[i+1], w.raw)
		}
	}
	return w
}

func (w answer) text(path string) string {
	w.t.Helper()
	v := fmt.Sprint(w.at(path))
	if v == "" || v == "<nil>" {
		w.t.Fatalf("%s: there is no %s in %s", w.what, path, w.raw)
	}
	return v
}

func TestShopKeepsWhatIsSaid(t *testing.T) {
	s := shop(t)
	made := s.call(201, "POST /customers", `{"name":"Ana","email":"ana@example.test","metadata":{"a":"1","b":"2"},"tags":["x","y"]}`)
	id := made.text("id")
	if !strings.HasPrefix(id, "cus_") {
		t.Errorf("id %s has no prefix", id)
	}
	made.is("object", `"customer"`, "name", `"Ana"`, "created", "1767225600", "metadata.a", `"1"`, "tags.data.1", `"y"`)
	if read := s.call(200, "GET /customers/"+id); read.raw != made.raw {
		t.Errorf("read %s, made %s", read.raw, made.raw)
	}
	s.call(200, "POST /customers/"+id, `{"metadata":{"a":null,"c":"3"}}`).is("metadata", `{"b":"2","c":"3"}`, "name", `"Ana"`)
	s.call(200, "application/merge-patch+json PATCH /customers/"+id, `{"name":null,"metadata":{"b":null}}`).is("name", "null", "metadata", `{"c":"3"}`)
	s.call(200, "application/json-patch+json PATCH /customers/"+id, `[{"op":"replace","path":"/name","value":"Bia"},{"op":"add","path":"/metadata/d","value":"4"}]`).
		is("name", `"Bia"`, "metadata", `{"c":"3","d":"4"}`)
	s.call(400, "application/json-patch+json PATCH /customers/"+id, `[{"op":"test","path":"/name","value":"Eva"}]`)
	s.call(200, "GET /customers/"+id).is("name", `"Bia"`, "email", `"ana@example.test"`)
	s.call(200, "DELETE /customers/"+id).is("", "null", "deleted", "true", "id", `"`+id+`"`)
	s.call(404, "GET /customers/"+id)
}

func TestShopNests(t *testing.T) {
	s := shop(t)
	ana, bia := s.call(201, "POST /customers", `{"name":"Ana"}`).text("id"), s.call(201, "POST /customers", `{"name":"Bia"}`).text("id")
	made := s.call(201, "POST /customers/"+ana+"/orders", `{"total":100,"note":"soon"}`).is(
		"success", "true", "data.total", "100", "data.number", "1", "data.status", `"open"`, "data.customer", `"`+ana+`"`, "data.note", `"soon"`, "data.placed_at", `"2026-01-01T00:00:00.000Z"`)
	made.text("message")
	s.call(200, "GET /customers/"+ana+"/orders/1").is("total", "100")
	s.call(404, "GET /customers/"+bia+"/orders/1")
	s.call(404, "GET /customers/nobody/orders/1")
	s.call(404, "DELETE /customers/"+bia+"/orders/1")
	s.call(201, "POST /orders", `{"total":7,"customer":"`+ana+`"}`).is("number", "2")
	s.call(200, "GET /customers/"+ana+"/orders/2").is("total", "7")
	s.call(422, "POST /orders", `{"total":7,"customer":"nobody"}`)
	s.call(400, "POST /customers/"+ana+"/orders", `{"total":7,"referrer":"nobody"}`)
	s.call(400, "POST /customers/nobody/orders", `{"total":7}`) // it declares no 404
	s.call(201, "POST /customers/"+ana+"/orders", `{"total":5}`)
	page := s.call(200, "GET /customers/"+ana+"/orders").is(
		"status", "200", "pagination.total", "3", "pagination.page", "1", "data.0.number", "1", "data.1.number", "2", "data.2", "null", "data.0.kind", `"order"`, "data.0.note", "null")
	next := page.text("pagination.links.next")
	if !strings.HasPrefix(next, "http://example.com/customers/"+ana+"/orders?page=2") {
		t.Errorf("next is %s", next)
	}
	s.call(200, "GET /customers/"+ana+"/orders?page=2").is("data.0.number", "3", "data.1", "null", "pagination.links.next", "null", "pagination.page", "2")
	s.call(200, "GET /customers/"+ana+"/orders?sort=-total").is("data.0.total", "100", "data.1.total", "7")
	s.call(200, "GET /customers/"+ana+"/orders?sort=total:asc").is("data.0.total", "5", "data.1.total", "7")
	s.call(200, "GET /customers/"+bia+"/orders").is("data", "[]")

	s.call(200, "POST /orders/1/ship", `{"note":"gone"}`).is("status", `"shipped"`, "note", `"gone"`)
	s.call(400, "POST /orders/1/ship", `{}`)
	s.call(200, "GET /customers/"+ana+"/orders?status=shipped").is("data.0.number", "1", "data.1", "null")
	s.call(204, "DELETE /customers/"+ana+"/orders/1")
	s.call(404, "GET /customers/"+ana+"/orders/1")
	s.call(200, "DELETE /customers/"+ana)
	s.call(404, "GET /customers/"+ana+"/orders/2")
	s.call(404, "GET /customers/"+ana+"/orders")
}

func TestShopExpands(t *testing.T) {
	s := shop(t)
	ana, bia := s.call(201, "POST /customers", `{"name":"Ana"}`).text("id"), s.call(201, "POST /customers", `{"name":"Bia"}`).text("id")
	s.call(201, "POST /customers/"+ana+"/orders", `{"total":100,"referrer":"`+bia+`"}`)
	s.call(200, "GET /customers/"+ana+"/orders/1").is("customer", `"`+ana+`"`, "referrer", `"`+bia+`"`)
	s.call(200, "GET /customers/"+ana+"/orders/1?expand=customer&expand=referrer").is("customer.name", `"Ana"`, "referrer.name", `"Bia"`)
	s.call(400, "GET /customers/"+ana+"/orders/1?expand=total")
	s.call(400, "GET /customers/"+ana+"/orders/1?expand=nothing")
	s.call(200, "GET /customers/"+ana+"/orders/1").is("customer", `"`+ana+`"`)
}

func TestShopLists(t *testing.T) {
	s := shop(t)
	var ids []string
	for i := range 5 {
		ids = append(ids, s.call(201, "POST /customers", fmt.Sprintf(`{"name":"c%d","email":"c%d@example.test"}`, i, i%2)).text("id"))
	}
	s.call(200, "GET /customers?limit=2").is("object", `"list"`, "has_more", "true", "url", `"/customers"`, "data.0.name", `"c4"`, "data.1.name", `"c3"`, "data.2", "null")
	s.call(200, "GET /customers?limit=2&starting_after="+ids[3]).is("has_more", "true", "data.0.name", `"c2"`, "data.1.name", `"c1"`)
	s.call(200, "GET /customers?limit=2&starting_after="+ids[1]).is("has_more", "false", "data.0.name", `"c0"`, "data.1", "null")
	s.call(200, "GET /customers?limit=2&ending_before="+ids[0]).is("has_more", "true", "data.0.name", `"c2"`, "data.1.name", `"c1"`)
	s.call(200, "GET /customers?limit=3&ending_before="+ids[2]).is("has_more", "false", "data.0.name", `"c4"`, "data.1.name", `"c3"`)
	s.call(404, "GET /customers?starting_after=nobody")
	s.call(200, "GET /customers?email=c1@example.test").is("data.0.name", `"c3"`, "data.1.name", `"c1"`, "data.2", "null")
	s.call(200, "GET /customers?created[gte]=1767225600").is("data.4.name", `"c0"`)
	s.call(200, "GET /customers?created[lt]=1767225600").is("data", "[]", "has_more", "false")
}

func TestShopPutsAndAssumes(t *testing.T) {
	s := shop(t)
	ana, bia := s.call(201, "POST /customers", `{"name":"Ana"}`).text("id"), s.call(201, "POST /customers", `{"name":"Bia"}`).text("id")
	s.call(404, "GET /customers/"+ana+"/settings")
	s.call(201, "PUT /customers/"+ana+"/settings", `{"theme":"dark","locale":"pt"}`).is("theme", `"dark"`)
	s.call(200, "PUT /customers/"+ana+"/settings", `{"theme":"light"}`)
	s.call(200, "GET /customers/"+ana+"/settings").is("theme", `"light"`, "locale", "null")
	s.call(404, "GET /customers/"+bia+"/settings")
	s.call(204, "DELETE /customers/"+ana+"/settings")
	s.call(404, "GET /customers/"+ana+"/settings")

	first := s.call(200, "GET /balance").is("currency", `"eur"`)
	if again := s.call(200, "GET /balance"); again.raw != first.raw {
		t.Errorf("the balance was %s, and is %s", first.raw, again.raw)
	}

	s.call(201, "PUT /customers/"+ana+"/labels/vip", `{"text":"one","colour":"red"}`).is("key", `"vip"`)
	s.call(201, "PUT /customers/"+bia+"/labels/vip", `{"text":"two"}`).is("key", `"vip"`)
	s.call(200, "PUT /customers/"+ana+"/labels/vip", `{"text":"three"}`).is("key", `"vip"`, "colour", "null")
	s.call(200, "GET /customers/"+ana+"/labels/vip").is("text", `"three"`)
	s.call(200, "GET /customers/"+bia+"/labels/vip").is("text", `"two"`)
	s.call(404, "GET /customers/"+bia+"/labels/other")
}

func TestShopMakesWhatIsAskedFor(t *testing.T) {
	s := shop(t, func(o *emulator.Options) { o.UnknownIDs = "create" })
	first := s.call(200, "GET /customers/cus_any").is("id", `"cus_any"`, "object", `"customer"`)
	if again := s.call(200, "GET /customers/cus_any"); again.raw != first.raw {
		t.Errorf("it was %s, and is %s", first.raw, again.raw)
	}
	s.call(200, "GET /customers/cus_other/orders/41").is("number", "41", "customer", `"cus_other"`)
	s.call(200, "GET /customers/cus_other").is("id", `"cus_other"`)
	s.call(404, "GET /customers/cus_any/orders/41")
	s.call(200, "POST /customers/cus_new", `{"name":"New"}`).is("id", `"cus_new"`, "name", `"New"`)
	s.call(201, "POST /orders", `{"total":1,"customer":"cus_more"}`).is("number", "1")
	s.call(200, "GET /customers/cus_more/orders/1?expand=customer").is("customer.id", `"cus_more"`)
	s.call(200, "DELETE /customers/cus_gone").is("deleted", "true") // nobody made it: it is forgotten …
	s.call(200, "GET /customers/cus_gone").is("id", `"cus_gone"`)
	s.call(200, "DELETE /customers/cus_gone").is("deleted", "true")
	made := s.call(201, "POST /customers", `{"name":"Ana"}`).text("id")
	s.call(200, "DELETE /customers/"+made)
	s.call(404, "GET /customers/"+made) // … and what a request made stays deleted
	s.call(200, "POST /orders/77/ship", `{}`).is("number", "77", "status", `"shipped"`)
	s.call(200, "GET /customers?starting_after=cus_seen")

	empty := shop(t, func(o *emulator.Options) { o.UnknownIDs = "create" })
	list := empty.call(200, "GET /customers?email=me@example.test").is("data.0.email", `"me@example.test"`, "data.1", "null")
	empty.call(200, "GET /customers/"+list.text("data.0.id")).is("email", `"me@example.test"`)
	empty.call(200, "DELETE /customers/"+list.text("data.0.id"))
	empty.call(200, "GET /customers").is("data", "[]")
}

func TestShopExpandsDeeply(t *testing.T) {
	s := shop(t)
	ana := s.call(201, "POST /customers", `{"name":"Ana"}`).text("id")
	s.call(201, "POST /customers/"+ana+"/orders", `{"total":100}`)
	s.call(201, "POST /refunds", `{"order":1}`).is("order", "1")
	s.call(200, "GET /refunds").is("data.0.order", "1", "count", "1")
	s.call(200, "GET /refunds?expand[]=data.order").is("data.0.order.total", "100", "data.0.order.customer", `"`+ana+`"`)
	s.call(200, "GET /refunds?expand[]=data.order.customer").is("data.0.order.customer.name", `"Ana"`)
	s.call(400, "GET /refunds?expand[]=order")
	s.call(201, "POST /refunds", `{"order":1,"expand":["order.customer"]}`).is("order.customer.name", `"Ana"`, "order.number", "1")
	s.call(200, "GET /refunds").is("data.0.order", "1", "data.1.order", "1")
	s.call(422, "POST /refunds", `{"order":9}`)
}

// A name that leads nowhere is found with its line, and the nearest one is said.
func TestShopIsChecked(t *testing.T) {
	problems, err := emulator.Check("testdata/shop/shop.yaml")
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	whole, err := os.ReadFile("testdata/shop/shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, broken, want string }{
		{"parent: {kind: customer, field: customer}", "parent: {kind: custommer, field: customer}", `parent: no resource "custommer"; did you mean "customer"?`},
		{"id-field: number", "id-field: numbr", `id-field: order has no property "numbr"; did you mean "number"?`},
		{"merge: [metadata]", "merge: [metadatas]", `merge: customer has no property "metadatas"`},
		{"expand: {order: order}", "expand: {order: ordre}", `expand order: no resource "ordre"`},
		{"{read: balance}", "{read: balence}", `no resource "balence"`},
		{"{read: label, within: [{kind: customer,", "{read: label, within: [{kind: costumer,", `within: no resource "costumer"`},
		{"has_more: more", "has_more: mor", `no part of a page is called "mor"`},
		{"by: ship}", "by: shipp}", `order has no move "shipp"`},
	} {
		text := strings.Replace(string(whole), c.old, c.broken, 1)
		if text == string(whole) {
			t.Fatalf("%q is not in the file", c.old)
		}
		folder := t.TempDir()
		contract, err := os.ReadFile("testdata/shop/shop.openapi.yaml")
		if err != nil {
			t.Fatal(err)
		}
		for name, data := range map[string]string{"shop.yaml": text, "shop.openapi.yaml": string(contract)} {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(data), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		problems, err := emulator.Check(filepath.Join(folder, "shop.yaml"))
		if err != nil || len(problems) == 0 || !strings.Contains(fmt.Sprint(problems), c.want) || problems[0].Line == 0 {
			t.Errorf("%s: %v %v, want %s", c.broken, err, problems, c.want)
		}
	}
}
