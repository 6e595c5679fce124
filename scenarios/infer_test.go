package scenarios

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/sandgate/sandgate/openapi"
)

// things are the schemas of the small contracts below.
const things = `{
"Customer": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "format": "uuid"}, "name": {"type": "string"}, "email": {"type": "string"},
  "metadata": {"type": "object"}, "created": {"type": "integer"}}},
"Card": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "example": "card_8sd7f6g5h4"}, "customer_id": {"type": "string"}, "last4": {"type": "string"}}},
"Invoice": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, "number": {"type": "string"}, "customer": {"anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/Customer"}]},
  "status": {"type": "string", "enum": ["draft", "open", "paid", "void", "uncollectible"]}, "created_at": {"type": "string", "format": "date-time"}, "updated_at": {"type": "string", "format": "date-time"}}},
"Refund": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "amount": {"type": "integer"}, "invoice": {"type": "string"}}},
"Pix": {"type": "object", "required": ["txid"], "properties": {"txid": {"type": "string", "pattern": "^[a-z0-9]{26}$"}, "valor": {"type": "string"},
  "status": {"type": "string", "description": "Status.\n\n` + "`opened`: em aberto. [Estado inicial]\\n`paid`: pago.\\n`canceled`: cancelado." + `"}}},
"Command": {"type": "object", "properties": {"id": {"type": "string"}, "operation": {"type": "string"}, "pix": {"$ref": "#/components/schemas/Pix"}}},
"Balance": {"type": "object", "properties": {"available": {"type": "integer"}}},
"Plan": {"type": "object", "properties": {"plan_code": {"type": "string"}, "id": {"type": "integer"}, "name": {"type": "string"}, "kind": {"type": "string", "enum": ["gold", "silver"]}}},
"Link": {"type": "object", "properties": {"url": {"type": "string"}}},
"Ids": {"type": "object", "properties": {"id": {"type": "string"}, "note": {"type": "string"}}},
"Ops": {"type": "array", "items": {"type": "object", "properties": {"op": {"type": "string"}, "path": {"type": "string"}}}}
}`

// schemaFor reads the short form of a reply: Thing, [Thing], data:Thing, data:[Thing].
func schemaFor(text string) any {
	if name, inner, ok := strings.Cut(text, ":"); ok {
		return map[string]any{"type": "object", "properties": map[string]any{"status": map[string]any{"type": "integer"}, name: schemaFor(inner)}}
	}
	if inner, ok := strings.CutPrefix(text, "["); ok {
		return map[string]any{"type": "array", "items": schemaFor(strings.TrimSuffix(inner, "]"))}
	}
	return map[string]any{"$ref": "#/components/schemas/" + text}
}

// contractOf makes a contract of lines such as `POST /things (Body) Thing`, where 201 may stand before the reply and - is none.
func contractOf(t *testing.T, lines []string) *openapi.Document {
	t.Helper()
	paths := map[string]map[string]any{}
	for _, line := range lines {
		words := strings.Fields(line)
		op, status := map[string]any{}, "200"
		for _, word := range words[2:] {
			switch {
			case word == "201":
				status = word
			case word == "-":
				status = "204"
			case strings.HasPrefix(word, "("):
				media, name, ok := strings.Cut(strings.Trim(word, "()"), "=")
				if !ok {
					media, name = "application/json", media
				}
				op["requestBody"] = map[string]any{"content": map[string]any{media: map[string]any{"schema": schemaFor(name)}}}
			case strings.HasPrefix(word, "?"):
				p := map[string]any{"in": "query", "name": word[1:], "required": true, "schema": map[string]any{"type": "string"}}
				op["parameters"] = []any{p}
			default:
				op["responses"] = map[string]any{status: map[string]any{"description": "", "content": map[string]any{"application/json": map[string]any{"schema": schemaFor(word)}}}}
			}
		}
		if op["responses"] == nil {
			op["responses"] = map[string]any{status: map[string]any{"description": ""}}
		}
		if paths[words[1]] == nil {
			paths[words[1]] = map[string]any{}
		}
		paths[words[1]][strings.ToLower(words[0])] = op
	}
	text, err := json.Marshal(map[string]any{
		"openapi": "3.0.3", "info": map[string]any{"title": "Small", "version": "1"}, "paths": paths,
		"components": map[string]any{"schemas": json.RawMessage(things)},
	})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi.Load(text)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// said is what is inferred of an operation, on one line.
func said(i *Inference, key string) string {
	op, why, ok := i.Operation(key)
	if !ok {
		return "sample"
	}
	out := strings.TrimSpace(op.Verb + " " + op.Kind)
	if op.ID != "" {
		out += " id=" + strings.ReplaceAll(op.ID, " ", "")
	}
	for _, in := range op.Within {
		out += " in=" + in.Kind + ":" + in.ID
	}
	for _, f := range []struct{ name, value string }{{"env", op.Envelope}, {"by", strings.Join(op.By, "+")}, {"patch", op.Patch}} {
		if f.value != "" {
			out += " " + f.name + "=" + f.value
		}
	}
	if op.Copy != nil {
		out += " copy=none"
	}
	for _, f := range op.Set.Fields {
		out += " set=" + f.Name + ":" + f.Value.Expr
	}
	for _, f := range op.Where {
		out += " where=" + strings.Join(append(f.Fields, f.Field), "") + f.Op + f.Value
	}
	if why == "" {
		out += " (no reason)"
	}
	return out
}

func TestOperationsAreInferred(t *testing.T) {
	for _, tc := range []struct {
		name string
		says []string // operation => what it is understood as; a line with no => is only there
	}{
		{"a collection and its items", []string{
			"POST /v1/customers (Customer) 201 Customer => create customer",
			"GET /v1/customers [Customer] => list customer",
			"GET /v1/customers/{id} Customer => read customer",
			"PUT /v1/customers/{id} (Customer) Customer => update customer",
			"PATCH /v1/customers/{id} (Customer) Customer => update customer",
			"DELETE /v1/customers/{id} - => remove customer",
		}},
		{"a slash at the end, POST that changes, one parameter with several names", []string{
			"POST /api/v2/customers/ Customer => create customer",
			"GET /api/v2/customers/{customer}/ Customer => read customer",
			"POST /api/v2/customers/{customer} Customer => update customer",
			"DELETE /api/v2/customers/{uid} - => remove customer",
			"PUT /api/v2/customers/{customer_uid}/update (Customer) Customer => update customer",
		}},
		{"envelopes and nesting", []string{
			"POST /customers data:Customer => create customer env=data",
			"GET /customers data:[Customer] => list customer env=data",
			"GET /customers/{id} data:Customer => read customer env=data",
			"POST /customers/{customer_id}/cards data:Card => create card in=customer:request.path.customer_id env=data",
			"GET /customers/{customer_id}/cards data:[Card] => list card in=customer:request.path.customer_id env=data",
			"GET /customers/{customer_id}/cards/{id} data:Card => read card in=customer:request.path.customer_id env=data",
			"DELETE /customers/{customer-id}/cards/{id} - => remove card in=customer:request.path[\"customer-id\"]",
		}},
		{"made in one place, read in another", []string{
			"POST /users Customer", "GET /users/{id} Customer",
			"POST /users/{user_id}/pix Pix => create pix in=user:request.path.user_id",
			"GET /pix [Pix] => list pix",
			"GET /pix/{uid} Pix => read pix",
			"PUT /pix/{pix_uid}/cancel data:Command => move pix env=data.pix by=cancel",
		}},
		{"things of one kind under two paths, of two kinds under one word", []string{
			"POST /invoices Invoice", "GET /invoices/{id} Invoice",
			"POST /refunds Refund => create refund",
			"GET /refunds/{id} Refund => read refund",
			"GET /invoices/{invoice}/refunds [Refund] => list refund in=invoice:request.path.invoice",
			"POST /pos/{id}/refunds Card => create pos_refund",
			"GET /pos/{id}/refunds/{refund} Card => read pos_refund",
		}},
		{"ways to look for", []string{
			"POST /customers Customer", "GET /customers/{id} Customer",
			"GET /customers/search [Customer] => list customer",
			"GET /customers/list data:[Customer] => list customer env=data",
			"GET /customers/email ?q Customer => read customer id=find(\"customer\",\"email\",request.query.q)?.id",
			"GET /customers/verify/{email} Customer => read customer id=find(\"customer\",\"email\",request.path.email)?.id",
			"GET /customers/export Link => sample",
		}},
		{"a list in one state", []string{
			"POST /invoices Invoice", "GET /invoices/{id} Invoice",
			"GET /invoices/open [Invoice] => list invoice where=status=\"open\"",
		}},
		{"a word anywhere, and times", []string{
			"POST /customers Customer",
			"GET /customers ?q [Customer] => list customer where=nameemailcontains",
			"POST /cards Card", "GET /cards ?inicio [Card] => list card where=createdfrom",
		}},
		{"things of which there is one", []string{
			"GET /me Customer => read me",
			"GET /balance Balance => read balance",
			"GET /settings Link => read settings",
			"PATCH /settings (Link) Link => update settings",
			"PUT /hook (Link) Link => put hook",
			"GET /hook Link => read hook",
			"DELETE /hook - => remove hook",
			"POST /entries Customer", "GET /entries/{uid} Customer",
			"POST /entries/{entry_id}/email Link => create email in=entry:request.path.entry_id",
			"GET /entries/{entry_id}/email Link => read email in=entry:request.path.entry_id",
			"DELETE /entries/{entry_id}/email - => remove email in=entry:request.path.entry_id",
			"PUT /entries/{entry_id}/email/activate Link => update email in=entry:request.path.entry_id copy=none",
			"GET /account Customer => read own_account",
			"GET /accounts [Customer] => list account",
			"GET /accounts/{account} Customer => read account",
			"POST /accounts Customer",
		}},
		{"the caller's own ids", []string{
			"PUT /cob/{txid} (Pix) 201 Pix => put cob",
			"GET /cob/{txid} Pix => read cob",
			"POST /cob (Pix) 201 Pix => create cob",
			"PUT /webhooks/{key} (Link) - => put webhook",
			"POST /customers Customer", "PUT /customers/{id} Customer => update customer",
		}},
		{"actions", []string{
			"POST /invoices Invoice", "GET /invoices/{id} Invoice",
			"POST /invoices/{id}/finalize Invoice => move invoice by=finalize",
			"PUT /invoices/{id}/pay - => move invoice by=pay",
			"POST /invoices/{id}:void Invoice => move invoice by=void",
			"POST /invoices/{id}/mark_uncollectible Invoice => move invoice by=mark-uncollectible",
			"POST /invoices/{id}/actions/void Invoice => move invoice by=void",
			"POST /invoices/void/{id} Invoice => move invoice by=void",
			"POST /invoices/pay (Ids) Invoice => move invoice id=request.body.id by=pay",
			"POST /invoices/{id}/send Invoice => update invoice copy=none",
			"POST /invoices/{id}/send_email Link => sample in=invoice:request.path.id",
			"PUT /invoices/{id}/protest/{type} - => update invoice id=request.path.id copy=none",
			"PATCH /invoices/{id}/change_number (Invoice) Invoice => update invoice",
			"POST /invoices/{id}/duplicate Invoice => create invoice",
			"DELETE /invoices/{id}/delete - => remove invoice",
			"POST /invoices/cancel_all - => sample",
			"GET /invoices/{id}/pdf Link => sample in=invoice:request.path.id",
			"GET /invoices/{id}/lines [Ids] => sample in=invoice:request.path.id",
		}},
		{"actions that make things", []string{
			"POST /payments Card => create payment",
			"POST /payments/{ref}/captures Ids => create capture in=payment:request.path.ref",
			"POST /payments/{ref}/refund Refund => create refund in=payment:request.path.ref",
			"POST /links Link => sample",
		}},
		{"a property put in and taken out", []string{
			"POST /pix Pix", "GET /pix/{txid} Pix",
			"DELETE /pix/{txid}/valor Pix => update pix copy=none set=valor:nil",
		}},
		{"the one that belongs to another", []string{
			"POST /invoices Invoice", "GET /invoices/{id} Invoice",
			"POST /refunds Refund", "GET /refunds/{id} Refund",
			"GET /invoices/{invoice}/refund Refund => read refund id=find(\"refund\",\"invoice\",request.path.invoice)?.id in=invoice:request.path.invoice",
		}},
		{"patches", []string{
			"POST /customers Customer", "GET /customers/{id} Customer",
			"PATCH /customers/{id} (application/json-patch+json=Ops) Customer => update customer patch=json-patch",
			"POST /cards Card",
			"PATCH /cards/{id} (application/merge-patch+json=Card) Card => update card patch=merge-patch",
			"POST /refunds Refund",
			"PATCH /refunds/{id} (Ops) Refund => update refund patch=json-patch",
		}},
		{"a collection that a parameter names", []string{
			"GET /imports/{collection} [Card] => list import",
			"POST /imports/{collection} Card => create import",
			"GET /imports/{collection}/{id} Card => read import",
		}},
		{"everything by POST", []string{
			"POST /transfer/create Refund => create transfer",
			"POST /transfer/get (Ids) Refund => read transfer id=request.body.id",
			"POST /transfer/list [Refund] => list transfer",
			"POST /transfer/cancel (Ids) - => update transfer id=request.body.id copy=none",
		}},
		{"lists that nothing makes", []string{
			"GET /countries [Link] => sample",
			"GET /events [Card] => list event",
			"GET /events/{id} Card => read event",
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var lines []string
			for _, line := range tc.says {
				line, _, _ = strings.Cut(line, " => ")
				lines = append(lines, line)
			}
			i := NewInference(contractOf(t, lines))
			for _, line := range tc.says {
				op, want, ok := strings.Cut(line, " => ")
				words := strings.Fields(op)
				if got := said(i, words[0]+" "+words[1]); ok && got != want {
					t.Errorf("%s %s\n got %s\nwant %s", words[0], words[1], got, want)
				}
			}
		})
	}
}

func TestKindsAreInferred(t *testing.T) {
	i := NewInference(contractOf(t, []string{
		"POST /customers Customer", "GET /customers/{customer} Customer", "POST /customers/{customer}/cards Card", "GET /customers/{customer}/cards/{id} Card",
		"POST /invoices Invoice", "GET /invoices/{id} Invoice", "POST /invoices/{id}/pay Invoice", "POST /invoices/{id}/finalize Invoice", "POST /invoices/{id}/send Invoice",
		"PUT /cob/{txid} 201 Pix", "GET /cob/{txid} Pix", "PATCH /cob/{txid}/cancel Pix", "POST /plans data:Plan", "GET /plans/{code} data:Plan", "GET /balance Balance",
	}))
	for kind, want := range map[string]string{
		"customer": `schema=[Customer] id=uuid stamps={created  unix} merge=[metadata]`,
		"card":     `schema=[Card] id=prefix:card_ parent={customer customer_id} refs=[{customer_id customer}]`,
		"invoice": `schema=[Invoice] id=integer stamps={created_at updated_at } status=status:draft moves=finalize[draft]open pay[draft open]paid ` +
			`refs=[{customer customer}] expand=[{customer customer}]`,
		"cob":     `schema=[Pix] id=pattern:^[a-z0-9]{26}$ field=txid status=status:opened moves=cancel[opened]canceled`,
		"plan":    `schema=[Plan] field=plan_code`,
		"balance": `schema=[Balance] singleton assumed`,
	} {
		r, err := i.Resource(kind)
		if err != nil || r == nil {
			t.Errorf("%s: %v, %v", kind, r, err)
			continue
		}
		if got := shown(r); got != want {
			t.Errorf("%s\n got %s\nwant %s", kind, got, want)
		}
	}
	if r, err := i.Resource("nothing"); r != nil || err != nil {
		t.Errorf("a kind that is not there: %v, %v", r, err)
	}
}

func shown(r *Resource) string {
	out := fmt.Sprint("schema=", r.Schema)
	add := func(name, value string) {
		if value != "" {
			out += " " + name + "=" + value
		}
	}
	add("id", r.ID)
	add("field", r.IDField)
	if r.Singleton {
		out += " singleton"
	}
	if r.Assumed {
		out += " assumed"
	}
	if r.Parent != nil {
		add("parent", fmt.Sprint(*r.Parent))
	}
	if r.Stamps != nil {
		add("stamps", fmt.Sprint(*r.Stamps))
	}
	if r.Status.Field != "" {
		add("status", fmt.Sprint(r.Status.Field, ":", *r.Status.Start.Const))
	}
	var moves []string
	for _, m := range r.Moves {
		moves = append(moves, fmt.Sprint(m.Name, m.From, m.To))
	}
	add("moves", strings.Join(moves, " "))
	if r.Merge != nil {
		add("merge", fmt.Sprint(r.Merge))
	}
	if r.References != nil {
		add("refs", fmt.Sprint(r.References))
	}
	if r.Expand != nil {
		add("expand", fmt.Sprint(r.Expand))
	}
	return out
}
