package scenarios

import (
	"strings"
	"testing"
)

const tabled = `
provider: sample
contract: sample
refusals: {reference: E, state: E}
errors: {E: {status: 400}}
resources:
  thing: {schema: [Thing]}
  fact: {schema: [Thing], table: event, show: {name: row.type, total: row.deliveries.count}}
  send: {table: delivery, show: row}
operations:
  GET /things: {list: fact, where: {quoteId: resource, type: {field: type, op: in}}, sort: -created}
  GET /things/{id}: {read: fact}
  POST /things/{id}/finish: {replay: fact, to: request.body.endpoint, reply: {gone: deliveries}}
  DELETE /things/{id}: {redeliver: send}
`

// Kinds of the engine's own rows: what is fine, and what is wrong with what.
func TestTables(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"", "", ""},
		{"table: delivery, show: row", "table: delivery", "does not say how its rows are shown"},
		{"{schema: [Thing]}", "{show: row}", "show belongs to a resource with a table"},
		{"table: delivery", "table: attempt", `table cannot be "attempt"`},
		{"table: delivery,", "table: delivery, emit: {create: A.B},", "emit is for objects of its own"},
		{"table: delivery,", "table: delivery, moves: {go: {from: A}},", "moves is for objects of its own"},
		{"row.type", "row.typ", `row has no member typ; did you mean "type"?`},
		{"row.deliveries.count", "resource.status == rows", `unknown name "rows"; did you mean "row"?`},
		{"{field: type,", "{field: typ,", `rows of event have no "typ" to be chosen by; did you mean "type"?`},
		{"sort: -created", "sort: status", `rows of event have no "status"`},
		{"{read: fact}", "{create: fact}", "the rows of event are not made by rules"},
		{"{read: fact}", "{update: fact}", "the rows of event are not made by rules"},
		{"{read: fact}", "{remove: fact}", "the rows of event are not made by rules"},
		{"{read: fact}", "{move: fact, by: go}", "the rows of event are not made by rules"},
		{"{read: fact}", "{history: fact}", "the rows of event are not made by rules"},
		{"{read: fact}", "{read: fact, then: [{create: fact}]}", "create fact: the rows of event are not made by rules"},
		{"{read: fact}", "{read: fact, then: [{update: send, id: resource.id}]}", "update send: the rows of delivery are not made by rules"},
		{"redeliver: send", "redeliver: fact", "redeliver is for a resource with table: delivery"},
		{"redeliver: send", "redeliver: thing", "redeliver is for a resource with table: delivery"},
		{"replay: fact", "replay: send", "replay is for a resource with table: event"},
		{"to: request.body.endpoint", "to: nobody", `unknown name "nobody"`},
		{"{redeliver: send}", "{redeliver: send, to: request.body.x}", "to belongs to replay, and this is redeliver"},
		{"refusals: {reference: E, state: E}", "refusals: {state: E}", "needs refusals.reference"},
	} {
		text := tabled
		if c.old != "" {
			text = strings.Replace(tabled, c.old, c.new, 1)
		}
		var all []string
		s, err := Load("tabled.yaml", []byte(text))
		if err != nil {
			all = append(all, err.Error())
		} else {
			for _, p := range Check(s, fakeContract{}) {
				all = append(all, p.String())
			}
		}
		found := strings.Join(all, "\n")
		if c.want == "" && found != "" || !strings.Contains(found, c.want) {
			t.Errorf("%s: want %q in\n%s", c.new, c.want, found)
		}
	}
}

// The form that is embedded keeps the keys.
func TestTablesResolve(t *testing.T) {
	s, err := Load("tabled.yaml", []byte(tabled))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := Resolve(s)
	if err != nil {
		t.Fatal(err)
	}
	again, err := decodeOutline(raw)
	if err != nil {
		t.Fatal(err)
	}
	fact := again.Resource("fact")
	if fact.Table != TableEvent || len(fact.Show.Fields) != 2 || again.Resource("send").Show.Expr != "row" {
		t.Errorf("%+v", fact)
	}
	op, err := again.Operation("POST /things/{id}/finish").Whole()
	if err != nil || op.Verb != "replay" || op.Kind != "fact" || op.To != "request.body.endpoint" {
		t.Errorf("%+v, %v", op, err)
	}
}
