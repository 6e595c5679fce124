package scenarios

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// fakeContract knows the schemas and operations of the sample.
type fakeContract struct{}

var fakeSchemas = map[string][]string{
	"Member":      {"customerId"},
	"Quote":       {"amount", "currency", "expiresAt", "externalId", "used", "text", "status"},
	"Thing":       {"amount", "externalId", "quoteId", "total", "list", "name", "gone", "status"},
	"ThingDetail": {"data"},
	"Hook":        {"url", "events", "active"},
}

func (fakeContract) Keys() []string {
	return []string{
		"POST /things", "GET /things", "GET /things/{id}", "POST /things/{id}/finish", "DELETE /things/{id}", "PATCH /things/{id}",
		"POST /login", "GET /ping", "GET /openapi.json", "GET /things/{id}/history",
	}
}
func (c fakeContract) HasOperation(key string) bool    { return slices.Contains(c.Keys(), key) }
func (fakeContract) HasSchema(name string) bool        { return fakeSchemas[name] != nil }
func (fakeContract) Properties(schema string) []string { return fakeSchemas[schema] }
func (fakeContract) Enum(schema, property string) []string {
	if schema == "Thing" && property == "status" {
		return []string{"NEW", "OPEN", "DONE", "GONE"}
	}
	return nil
}

// openContract has everything.
type openContract struct{}

func (openContract) HasOperation(string) bool     { return true }
func (openContract) HasSchema(string) bool        { return true }
func (openContract) Properties(string) []string   { return nil }
func (openContract) Enum(string, string) []string { return nil }
func (openContract) Keys() []string               { return nil }

func TestCheckSample(t *testing.T) {
	for _, doc := range []Contract{fakeContract{}, openContract{}} {
		for _, p := range Check(loadSample(t), doc) {
			t.Errorf("%T: %s", doc, p)
		}
	}
}

// Each row breaks the sample in one place.
func TestCheckFinds(t *testing.T) {
	data, err := os.ReadFile("testdata/valid/sample.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, broken, want string }{
		{"POST /things:", "POST /thing:", `no operation POST /thing; did you mean "POST /things"?`},
		{"schema: Quote", "schema: Quotes", `no schema "Quotes"`},
		{"missing: E.2", "missing: E.3", `no error "E.3" in the table; did you mean "E.1"?`},
		{"id: request.body.quoteId, else: E.2", "id: request.body.quoteId, else: E.9", `load quote: no error "E.9"`},
		{"is: request.body.externalId}", "is: request.body.externalId, else: X}", `load other: no error "X"`},
		{"load:\n      quote: {kind: quote", "load:\n      quote: {kind: qoute", `load quote: no resource "qoute"; did you mean "quote"?`},
		{"by: externalId, is", "by: externalID, is", `no property "externalID"; did you mean "externalId"?`},
		{"field: externalId, else", "field: reference, else", `create thing, once: thing has no property "reference"`},
		{"copy: [amount,", "copy: [amuont,", `create thing, copy: thing has no property "amuont"; did you mean "amount"?`},
		{"{quoteId: quote.id,", "{quotId: quote.id,", `create thing, set: thing has no property "quotId"; did you mean "quoteId"?`},
		{"from: {field: created", "from: {field: craeted", `list thing, where from: thing has no property "craeted"; did you mean "created"?`},
		{"singleton: true", "sealed: [secret, secret]", `resource hook, sealed: "secret" is no name, or is there twice`},
		{"index: [externalId]", "index: [hidden.code]\n    sealed: [code]", `resource quote, sealed: code is encrypted at rest, so it can be no index`},
		{"index: [externalId]", "index: [externId]", `quote has no property "externId"`},
		{"by: finish, done: DONE", "by: finnish, done: DONE", `thing has no move "finnish"; did you mean "finish"?`},
		{"by: [finish, cancel]", "by: [finish, cancle]", `move thing: thing has no move "cancle"; did you mean "cancel"?`},
		{"done: DONE", "done: DNOE", `thing has no state "DNOE"; did you mean "DONE"?`},
		{"from: [NEW, OPEN]", "from: [NEW, OPNE]", `move finish, from: thing has no state "OPNE"`},
		{"to: GONE", "to: AWAY", `move cancel, to: thing has no state "AWAY"`},
		{"start: NEW", "start: OLD", `resource thing, start: thing has no state "OLD"`},
		{"OVER: DONE", "OVER: DUNE", `plain OVER: thing has no state "DUNE"`},
		{"emit: THING.DELETE", "emit: DELETE", `an event is FAMILY.ACTION`},
		{"status: {field: status, start: NEW", "status: {start: NEW", `move finish, from: thing has no state "OPEN"`},
		{"status: {field: status, start: NEW, words", "status: {words", `has moves and no status`},
		{"when: quote.expiresAt > ms(now)", "when: qoute.expiresAt > ms(now)", "unknown name \"qoute\"; did you mean \"quote\"?"},
		{"when: quote.expiresAt > ms(now)", "when: quote.expireAt > ms(now)", `quote has no member expireAt; did you mean "expiresAt"?`},
		{"when: not resource.hidden.stuck", "when: not resource.hiden.stuck", `resource has no member hiden; did you mean "hidden"?`},
		{"rate: data.rates", "rate: data.rate", `data has no member rate; did you mean "rates"?`},
		{"api: config.quotes.unit", "api: config.quotes.units", `config has no member quotes.units; did you mean "quotes.unit"?`},
		{"owner: caller.customerId\n    missing", "owner: caller.customer\n    missing", `caller has no member customer`},
		{"usd: round(quote.amount / double, 2)", "usd: round(quote.amount / triple, 2)", `unknown name "triple"`},
		{"rate: data.rates[quote.currency]", "rate: data.rates[quote.currency] * usd", `unknown name "usd"`},
		{"set: {amount: usd}}", "set: {amount: next.amount}}", `unknown name "next"`},
		{"message: \"'at least one'\"", "message: at least one", "unexpected token"},
		{"refusals: {invalid: E.1", "refusals: {invaild: E.1", `no refusal is called "invaild"; did you mean "invalid"?`},
		{"E.1: {status: 400", "E.1: {status: 200", `error E.1 has status 200`},
		{"member: member", "member: membre", `auth.member: no resource "membre"`},
		{"argument: {key: pointer", "argument: {key: ponter", `unknown name "ponter"; did you mean "pointer"?`},
		{"{totalPage: pages}", "{totalPage: pagess}", `no part of a page is called "pagess"; did you mean "pages"?`},
		{"move: thing, by: finish,", "move: thing,", `says by no move`},
		{"url: resource.url", "url: resource.uri", `resource has no member uri`},
		{"{kind: member, id", "{kind: membr, id", `create membr: no resource "membr"`},
		{"set: {name: request.body.name}", "set: request.body", `set is a mapping`},
	} {
		if strings.Count(string(data), c.old) != 1 {
			t.Errorf("%q stands %d times in the sample", c.old, strings.Count(string(data), c.old))
			continue
		}
		s, err := Load("sample.yaml", []byte(strings.Replace(string(data), c.old, c.broken, 1)))
		if err != nil {
			t.Errorf("%s: %v", c.broken, err)
			continue
		}
		var all []string
		found := false
		for _, p := range Check(s, fakeContract{}) {
			all = append(all, p.String())
			found = found || strings.Contains(p.Message, c.want) && p.File == "sample.yaml"
		}
		if !found {
			t.Errorf("%s: want %q in\n%s", c.broken, c.want, strings.Join(all, "\n"))
		}
	}
}

func TestCheckSaysTheLine(t *testing.T) {
	s := loadSample(t)
	s.Operation("POST /things").Require[0].When = "quote.expiresAt > nwo"
	problems := Check(s, fakeContract{})
	if len(problems) != 1 || problems[0].String() != "sample.yaml:86: in `quote.expiresAt > nwo`: unknown name \"nwo\"; did you mean \"now\"?" {
		t.Errorf("%v", problems)
	}
}
