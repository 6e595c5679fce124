package emulator_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
)

var (
	bookAccounts = flag.Int("accounts", 20, "accounts in the year of billing")
	bookDays     = flag.Int("days", 365, "days of the year of billing")
)

// TestBooksBalance bills a year for many accounts that pay in every way the
// deck knows, or do not, while refunds, credits, plan changes and pauses come
// between; after every step the money must add up:
//
//	go test ./emulator -run TestBooksBalance -v -args -accounts 100
func TestBooksBalance(t *testing.T) {
	onebyone(t)
	if testing.Short() {
		*bookAccounts, *bookDays = min(*bookAccounts, 5), min(*bookDays, 120)
	}
	b := openBooks(t)
	b.populate(*bookAccounts)
	b.check("at the start")
	start := time.Now()
	for day := 0; day < *bookDays; {
		step := min(1+b.rand.IntN(20), *bookDays-day)
		day += step
		if _, err := b.server.Advance(time.Duration(step) * 24 * time.Hour); err != nil {
			t.Fatal(err)
		}
		b.meddle()
		b.check(fmt.Sprintf("on day %d", day))
	}
	for _, kind := range []string{"subscription", "invoice", "payment", "credit", "statement-entry", "nfe"} {
		count := map[any]int{}
		for _, o := range b.all(kind) {
			count[o["status"]]++
		}
		t.Logf("%s: %v", kind, count)
	}
	if err := replay(b.server); err != nil {
		t.Error(err)
	}
	t.Logf("%d accounts, %d days in %s; %d invoices, %d payments", *bookAccounts, *bookDays, time.Since(start).Round(time.Millisecond),
		len(b.all("invoice")), len(b.all("payment")))
}

type books struct {
	t        *testing.T
	server   *emulator.Server
	box      *sandbox.Sandbox
	rand     *rand.Rand
	accounts []string
}

func openBooks(t *testing.T) *books {
	t.Helper()
	s, err := emulator.New(emulator.Options{
		Providers: []string{"kobana-billing"}, Clock: "manual", Seed: 3, Egress: "none", RateLimit: "off", Log: slog.New(slog.NewTextHandler(testLog{t}, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	box, err := s.Sandbox("")
	if err != nil {
		t.Fatal(err)
	}
	return &books{t: t, server: s, box: box, rand: rand.New(rand.NewPCG(1, 2))}
}

// testLog fails a test on anything that the emulator finds worth a word.
type testLog struct{ t *testing.T }

func (l testLog) Write(line []byte) (int, error) {
	l.t.Errorf("log: %s", line)
	return len(line), nil
}

// call makes a request; what is refused returns nil.
func (b *books) call(method, path string, body any) map[string]any {
	b.t.Helper()
	raw := ""
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			b.t.Fatal(err)
		}
		raw = string(text)
	}
	r := httptest.NewRequest(method, path, strings.NewReader(raw))
	r.Header.Set("Authorization", "Bearer sk_test_sandgate")
	r.Header.Set("User-Agent", "books")
	if raw != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	b.server.ServeHTTP(w, r)
	var out map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code >= 500 {
		b.t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	if w.Code >= 400 {
		return nil
	}
	data, _ := out["data"].(map[string]any)
	return data
}

// must is call for what cannot be refused.
func (b *books) must(method, path string, body any) map[string]any {
	b.t.Helper()
	out := b.call(method, path, body)
	if out == nil {
		b.t.Fatalf("%s %s was refused", method, path)
	}
	return out
}

type object = map[string]any

var bookTokens = []string{
	"tok_visa", "tok_mastercard", "tok_saved_then_declines", "tok_3ds_set_up", "tok_visa_frictionless", "tok_disputed_fraud",
	"tok_refund_pending", "tok_refund_fails", "tok_pagarme_processing_paid", "tok_pagarme_chargedback",
}

func (b *books) populate(n int) {
	b.t.Helper()
	cycles := []string{"monthly", "monthly", "monthly", "quarterly", "semiannual", "annual"}
	plans := []string{"e0000000-0000-4000-8000-000000000001", "e0000000-0000-4000-8000-000000000002"}
	for i := range n {
		account := b.must("POST", "/v1/billing_accounts", object{
			"customer":      object{"name": fmt.Sprintf("Person %d", i), "document_number": cpf(100_000_000 + i*7919)},
			"billing_email": fmt.Sprintf("person%d@example.test", i),
		})["id"].(string)
		b.accounts = append(b.accounts, account)
		for _, kind := range []string{"card", "pix", "bank_slip"}[b.rand.IntN(3):] {
			method := object{"billingAccountId": account, "type": kind}
			if kind == "card" {
				method["card"] = object{"cardToken": bookTokens[b.rand.IntN(len(bookTokens))], "holderName": "PERSON"}
			}
			b.must("POST", "/v1/payment_methods", method)
			if b.rand.IntN(2) == 0 {
				break
			}
		}
		sub := object{
			"billing_account_id": account, "plan_id": plans[b.rand.IntN(2)], "billing_cycle": cycles[b.rand.IntN(len(cycles))],
			"collection_method": "charge_automatically",
		}
		if b.rand.IntN(3) == 0 {
			sub["trial_period_days"] = b.rand.IntN(20)
		}
		if b.rand.IntN(4) == 0 {
			sub["discount_code_id"] = "cc000000-0000-4000-8000-000000000001"
		}
		id := b.must("POST", "/v1/subscriptions", sub)["id"].(string)
		b.must("POST", "/v1/subscriptions/"+id+"/activate", nil)
	}
}

// meddle does what people do between two days. What is refused is refused.
func (b *books) meddle() {
	b.t.Helper()
	pick := func(kind string, status ...string) object {
		var fit []object
		for _, o := range b.all(kind) {
			for _, s := range status {
				if o["status"] == s {
					fit = append(fit, o)
				}
			}
		}
		if len(fit) == 0 {
			return object{"id": "none"}
		}
		return fit[b.rand.IntN(len(fit))]
	}
	id := func(o object) string { return fmt.Sprint(o["id"]) }
	account := b.accounts[b.rand.IntN(len(b.accounts))]
	for range 3 {
		switch b.rand.IntN(16) {
		case 0:
			b.call("POST", "/v1/payments/"+id(pick("payment", "succeeded"))+"/refund", nil)
		case 1:
			b.call("POST", "/v1/payments/"+id(pick("payment", "succeeded", "partially_refunded"))+"/refund", object{"amount_cents": 1 + b.rand.IntN(3000)})
		case 2:
			b.call("POST", "/v1/credits", object{"billing_account_id": account, "type": "promotional", "amount_cents": 1 + b.rand.IntN(9000)})
		case 3:
			invoice := pick("invoice", "open")
			var credits []string
			for _, c := range b.all("credit") {
				if c["billing_account_id"] == invoice["billing_account_id"] {
					credits = append(credits, id(c))
				}
			}
			b.call("POST", "/v1/invoices/"+id(invoice)+"/apply-credits", object{"credit_ids": credits})
		case 4:
			b.call("POST", "/v1/invoices/"+id(pick("invoice", "open", "paid"))+"/remove-credits", nil)
		case 5:
			b.call("POST", "/v1/invoices/"+id(pick("invoice", "open"))+"/void", object{})
		case 6:
			b.call("POST", "/v1/invoices/"+id(pick("invoice", "open", "uncollectible"))+"/pay", object{})
		case 7:
			b.call("POST", "/v1/invoices/"+id(pick("invoice", "open"))+"/pay", object{"amount_cents": 1 + b.rand.IntN(2000)})
		case 8:
			b.call("POST", "/v1/invoices/"+id(pick("invoice", "paid"))+"/undo-payment", object{})
		case 9:
			b.call("POST", "/v1/invoices/"+id(pick("invoice", "open"))+"/pay", object{"payment_method": []string{"pix", "bank_slip"}[b.rand.IntN(2)]})
		case 10:
			b.call("POST", "/v1/subscriptions/"+id(pick("subscription", "active"))+"/change-plan", object{
				"plan_id": fmt.Sprintf("e0000000-0000-4000-8000-00000000000%d", 1+b.rand.IntN(2)), "timing": "immediate",
			})
		case 11:
			b.call("POST", "/v1/subscriptions/"+id(pick("subscription", "active"))+"/pause", object{"behavior": "void"})
		case 12:
			b.call("POST", "/v1/subscriptions/"+id(pick("subscription", "paused"))+"/resume", nil)
		case 13:
			b.call("POST", "/v1/payment_methods", object{"billingAccountId": account, "type": "card", "isDefault": true, "card": object{"cardToken": bookTokens[b.rand.IntN(len(bookTokens))], "holderName": "PERSON"}})
		case 14:
			b.call("POST", "/v1/payments/"+id(pick("payment", "failed"))+"/retry", object{})
		case 15:
			made := b.call("POST", "/v1/invoices", object{
				"billing_account_id": account, "discount_cents": b.rand.IntN(100),
				"line_items":   []object{{"description": "Work", "quantity": 1 + b.rand.IntN(3), "unit_amount_subcents": 1_000_000 + b.rand.IntN(99_999)}},
				"installments": nil,
			})
			if made != nil {
				b.call("POST", "/v1/invoices/"+id(made)+"/finalize", nil)
			}
		}
	}
}

// all are the stored objects of a kind.
func (b *books) all(kind string) (out []object) {
	b.t.Helper()
	views, next, err := b.box.Resources(sandbox.ResourceFilter{Kind: kind}, 100_000, "")
	if err != nil || next != "" {
		b.t.Fatal(err, next)
	}
	for _, v := range views {
		var o object
		if err := json.Unmarshal(v.Body, &o); err != nil {
			b.t.Fatal(err)
		}
		o["id"] = v.ID
		if v.Status != "" {
			o["status"] = v.Status
		}
		out = append(out, o)
	}
	return out
}

// number reads an amount; anything else is nothing.
func number(v any) int64 {
	f, _ := v.(float64)
	return int64(f)
}

// check holds every sum against every other way to know it.
func (b *books) check(when string) {
	b.t.Helper()
	owed, statement := map[string]int64{}, map[string]int64{}
	for _, i := range b.all("invoice") {
		account, id := fmt.Sprint(i["billing_account_id"]), i["id"]
		total, due, paid := number(i["total_subcents"]), number(i["amount_due_subcents"]), number(i["amount_paid_subcents"])
		left, withheld := number(i["amount_remaining_cents"]), number(i["total_withheld_cents"])
		if total != max(0, number(i["subtotal_subcents"])-number(i["discount_cents"])*100) {
			b.t.Errorf("%s: invoice %v: total %d is not the lines %v without the discount %v", when, id, total, i["subtotal_subcents"], i["discount_cents"])
		}
		if i["status"] != "void" && due-paid != left*100 {
			b.t.Errorf("%s: invoice %v (%v): due %d, paid %d, but %d cents remain", when, id, i["status"], due, paid, left)
		}
		if due > total-withheld*100 || due < 0 || paid < 0 || left < 0 || paid%100 != 0 {
			b.t.Errorf("%s: invoice %v: due %d of %d, paid %d, %d remain, %d withheld", when, id, due, total, paid, left, withheld)
		}
		switch i["status"] {
		case "open", "uncollectible":
			owed[account] += left
		case "paid":
			if left != 0 {
				b.t.Errorf("%s: invoice %v is paid, but %d cents remain", when, id, left)
			}
		}
	}
	for _, e := range b.all("statement-entry") {
		statement[fmt.Sprint(e["billing_account_id"])] += number(e["amount_cents"])
	}
	credits := map[string]int64{}
	for _, c := range b.all("credit") {
		left, whole := number(c["amount_remaining_cents"]), number(c["amount_cents"])
		if left < 0 || left > whole {
			b.t.Errorf("%s: credit %v: %d of %d left", when, c["id"], left, whole)
		}
		credits[fmt.Sprint(c["billing_account_id"])] += left
	}
	for _, a := range b.all("billing-account") {
		id := fmt.Sprint(a["id"])
		if statement[id] != owed[id] {
			b.t.Errorf("%s: account %s owes %d by its invoices, %d by its statement", when, id, owed[id], statement[id])
		}
		if number(a["balance_cents"]) != credits[id] {
			b.t.Errorf("%s: account %s: balance %v, but its credits have %d left", when, id, a["balance_cents"], credits[id])
		}
	}
	if b.t.Failed() {
		b.t.FailNow()
	}
}

// cpf makes a valid CPF of nine digits.
func cpf(n int) string {
	s := fmt.Sprintf("%09d", n%1_000_000_000)
	for length := 9; length < 11; length++ {
		sum := 0
		for i, c := range s {
			sum += int(c-'0') * (length + 1 - i)
		}
		s += fmt.Sprint(sum * 10 % 11 % 10)
	}
	return s
}

// TestStepsDoNotMatter bills the same customers for a season, once in one
// advance and once in many of uneven length: every stored object, id, time and
// event is the same.
func TestStepsDoNotMatter(t *testing.T) {
	onebyone(t)
	days := time.Duration(100)
	if testing.Short() {
		days = 40
	}
	run := func(steps func(b *books)) string {
		b := openBooks(t)
		b.populate(5)
		steps(b)
		return b.dump()
	}
	whole := run(func(b *books) { b.advance(days * 24 * time.Hour) })
	parts := run(func(b *books) {
		random := rand.New(rand.NewPCG(7, 7))
		for left := days * 24 * time.Hour; left > 0; {
			step := min(left, time.Duration(1+random.Int64N(int64(9*24*time.Hour))))
			step = max(step.Truncate(time.Millisecond), time.Millisecond)
			b.advance(step)
			left -= step
		}
	})
	if whole != parts {
		a, b := strings.Split(whole, "\n"), strings.Split(parts, "\n")
		for i := range min(len(a), len(b)) {
			if a[i] != b[i] {
				t.Fatalf("line %d of %d and %d:\n%s\n%s", i, len(a), len(b), a[i], b[i])
			}
		}
		t.Fatalf("%d lines and %d", len(a), len(b))
	}
	t.Logf("%d lines", strings.Count(whole, "\n"))
}

func (b *books) advance(by time.Duration) {
	b.t.Helper()
	if _, err := b.server.Advance(by); err != nil {
		b.t.Fatal(err)
	}
}

// dump is everything that a sandbox holds, as text.
func (b *books) dump() string {
	b.t.Helper()
	var out strings.Builder
	for _, r := range b.server.World().Providers()[0].Scenario.Resources {
		if r.Table != "" {
			continue // the engine's own rows, which are dumped as such
		}
		views, _, err := b.box.Resources(sandbox.ResourceFilter{Kind: r.Kind}, 100_000, "")
		if err != nil {
			b.t.Fatal(err)
		}
		for _, v := range views {
			fmt.Fprintf(&out, "%s %s %s %s %s %s\n", r.Kind, v.ID, v.Status, v.Created.Format(time.RFC3339Nano), v.Updated.Format(time.RFC3339Nano), v.Body)
		}
	}
	events, _, err := b.box.Events(sandbox.EventFilter{}, 100_000, "")
	if err != nil {
		b.t.Fatal(err)
	}
	for _, e := range events {
		fmt.Fprintf(&out, "%s %s.%s %s %s %s %s\n", e.ID, e.Family, e.Action, e.Resource, e.Created.Format(time.RFC3339Nano), e.Previous, e.Data)
	}
	return out.String()
}
