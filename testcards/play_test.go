package testcards

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

const deckName = "kobana-billing"

var now = time.Date(2026, 3, 15, 12, 0, 0, 0, time.UTC)

// as is what a row plays as, in the words of its about.
var as = []struct{ about, outcome, move, decline, threeDS string }{
	{"Approved", "approved", "succeed", "", ""},
	{"A debit card; approved", "approved", "succeed", "", ""},
	{"A card issued in Brazil; approved", "approved", "succeed", "", ""},
	{"An Elo debit card; approved", "approved", "succeed", "", ""},
	{"A network token; approved", "approved", "succeed", "", ""},
	{"Declined; no reason given.", "generic_decline", "fail", "generic_decline", "none"},
	{"Not authorised.", "generic_decline", "fail", "generic_decline", "none"},
	{"A network token; not authorised.", "generic_decline", "fail", "generic_decline", "none"},
	{"Declined: insufficient funds.", "insufficient_funds", "fail", "insufficient_funds", "none"},
	{"Declined: reported lost.", "lost_card", "fail", "lost_card", "none"},
	{"Declined: reported stolen.", "stolen_card", "fail", "stolen_card", "none"},
	{"Declined: too many charges.", "velocity_exceeded", "fail", "card_velocity_exceeded", "none"},
	{"Declined: the card has expired.", "expired_card", "fail", "expired_card", "none"},
	{"Declined: the CVC is wrong", "incorrect_cvc", "fail", "incorrect_cvc", "none"},
	{"Declined: the issuer does not honour it.", "do_not_honor", "fail", "do_not_honor", "none"},
	{"The charge fails with a processing error.", "processing_error", "fail", "processing_error", "none"},
	{"Refused: the check digit is wrong.", "incorrect_number", "fail", "incorrect_number", "none"},
	{"Can be saved; every charge of it is declined.", "generic_decline", "fail", "generic_decline", "none"},
	{"The fraud rules always block it.", "fraud_blocked", "fail", "fraudulent", "none"},
	{"Every charge is challenged.", "approved", "succeed", "", "required"},
	{"Challenged with the payer present; once passed", "approved", "succeed", "", "required"},
	{"As set up already: challenged only with the payer present.", "approved", "succeed", "", "required"},
	{"Challenged; approved when passed.", "approved", "succeed", "", "required challenge"},
	{"Challenged; declined even when passed.", "generic_decline", "fail", "generic_decline", "required"},
	{"Challenged; declined even when passed: insufficient funds.", "insufficient_funds", "fail", "insufficient_funds", "required"},
	{"Challenged; the page proposes failing first.", "approved", "succeed", "", "challenge_failure"},
	{"Every charge is authenticated without a question; approved.", "approved", "succeed", "", "frictionless"},
	{"Authenticated without a question; approved.", "approved", "succeed", "", "frictionless"},
	{"Authentication fails without a question.", "authentication_failed", "fail", "authentication_failed", "frictionless_failure"},
	{"The issuer rejects authentication without a question.", "authentication_failed", "fail", "authentication_failed", "frictionless_failure"},
	{"Authentication was tried; approved.", "approved", "succeed", "", "attempt"},
	{"Authentication is not possible; approved without.", "approved", "succeed", "", "unable"},
	{"The issuer is only told; approved.", "approved", "succeed", "", "data_only"},
	{"3DS is not enrolled; approved without.", "approved", "succeed", "", "unenrolled"},
	{"3DS is possible and not required; approved.", "approved", "succeed", "", "optional"},
	{"3DS is required and cannot be started: declined.", "generic_decline", "fail", "generic_decline", "lookup_error"},
	{"3DS is not required and cannot be started: approved without.", "approved", "succeed", "", "lookup_error"},
	{"3DS cannot be started; approved without.", "approved", "succeed", "", "lookup_error"},
	{"Processing, paid ten minutes later.", "processing_paid", "process", "", "none"},
	{"A network token whose first try has an error; paid ten minutes later.", "processing_paid", "process", "", "none"},
	{"Processing, fails ten minutes later.", "processing_failed", "process", "", "none"},
	{"Pending, canceled an hour later.", "pending_canceled", "process", "", "none"},
	{"Paid, charged back a day later.", "paid_chargedback", "succeed", "", "none"},
}

// afterwards is what a row's about says of later and of refunds.
var afterwards = []struct{ words, later, move, after string }{
	{"disputed as fraud an hour later", "disputed_fraud", "dispute", "1h"},
	{"disputed as not received an hour later", "disputed_not_received", "dispute", "1h"},
	{"the bank asks about it an hour later", "inquiry", "inquire", "1h"},
	{"a fraud warning an hour later", "early_fraud_warning", "warn", "1h"},
	{"paid ten minutes later", "succeed", "succeed", "10m"},
	{"fails ten minutes later", "fail", "fail", "10m"},
	{"canceled an hour later", "cancel", "cancel", "1h"},
	{"charged back a day later", "disputed_fraud", "dispute", "1d"},
}

func TestEveryRowPlaysAsItSays(t *testing.T) {
	d := embedded(t, deckName)
	if n := len(d.Cards); n < 90 {
		t.Fatalf("%d cards", n)
	}
	for _, set := range d.SetNames() {
		cards, _ := d.InPlay(set)
		for _, c := range cards {
			want, found := as[0], false
			for _, w := range as {
				if strings.HasPrefix(c.About, w.about) && (!found || len(w.about) > len(want.about)) {
					want, found = w, true
				}
			}
			if !found {
				t.Errorf("%s %s: no test knows what %q means", set, c.Token, c.About)
				continue
			}
			byNumber, ok := d.Play(Presented{Number: c.Number, Set: set, Amount: 1000, Month: 12, Year: 2030, Now: now, Holder: "Ana Souza"})
			byToken, too := d.Play(Presented{Token: c.Token, Set: set, Amount: 1000, Now: now})
			if !ok || !too || byNumber != byToken {
				t.Errorf("%s %s: by number %+v, by token %+v", set, c.Token, byNumber, byToken)
			}
			p := byNumber
			if p.Outcome != want.outcome || p.Move != want.move || p.Decline != want.decline || p.Rule != "card" || p.About != c.About {
				t.Errorf("%s %s: %+v, want %+v", set, c.Token, p, want)
			}
			if want.threeDS != "" && !strings.Contains(" "+want.threeDS+" ", " "+p.ThreeDS+" ") {
				t.Errorf("%s %s: three_ds %s, want %s", set, c.Token, p.ThreeDS, want.threeDS)
			}
			if asked := strings.Contains(strings.ToLower(c.About), "challenged"); p.Challenge != asked {
				t.Errorf("%s %s: challenge %v", set, c.Token, p.Challenge)
			}
			if (p.Move == "fail") != (p.Code != "" && p.Message != "") {
				t.Errorf("%s %s: code %q, message %q", set, c.Token, p.Code, p.Message)
			}
			if p.First6 != c.Number[:6] || p.Last4 != c.Number[len(c.Number)-4:] || p.Brand != c.Brand || p.Token != c.Token || p.Set != c.Set {
				t.Errorf("%s %s: %+v", set, c.Token, p)
			}
			later, move, after := "", "", ""
			for _, w := range afterwards {
				if strings.Contains(c.About, w.words) {
					later, move, after = w.later, w.move, w.after
				}
			}
			if p.Later != later || p.LaterMove != move || p.LaterAfter != after {
				t.Errorf("%s %s: later %s %s %s, want %s", set, c.Token, p.Later, p.LaterMove, p.LaterAfter, later)
			}
		}
	}
}

func TestRowsInParticular(t *testing.T) {
	play := func(set, number string) Played {
		t.Helper()
		p, ok := Play(deckName, Presented{Number: number, Set: set, Now: now})
		if !ok {
			t.Fatalf("%s is not listed in %q", Mask(number), set)
		}
		return p
	}
	for token, want := range map[string]Checks{
		"tok_visa": {"pass", "pass", "pass"}, "tok_cvc_check_fails": {"fail", "pass", "pass"}, "tok_address_fails": {"pass", "fail", "fail"},
		"tok_line1_fails": {"pass", "fail", "pass"}, "tok_zip_fails": {"pass", "pass", "fail"}, "tok_checks_unavailable": {"unavailable", "unavailable", "unavailable"},
	} {
		if p, ok := Play(deckName, Presented{Token: token}); !ok || p.Checks != want {
			t.Errorf("%s: checks %+v", token, p.Checks)
		}
	}
	if p := play("", "4000000000007726"); p.Refund != "pending" || p.RefundAfter != "1h" {
		t.Errorf("refund pending: %+v", p)
	}
	if p := play("", "4000000000005126"); p.Refund != "fails" || p.RefundAfter != "1h" {
		t.Errorf("refund fails: %+v", p)
	}
	for number, risk := range map[string]string{"4100000000000019": "highest", "4000000000004954": "highest", "4000000000009235": "elevated", "4242424242424242": "normal"} {
		if p := play("", number); p.Risk != risk {
			t.Errorf("%s: risk %s", Mask(number), p.Risk)
		}
	}
	for number, save := range map[string]string{"4000000000000341": "allow", "4000000000009995": "refuse", "4000000000000002": "refuse", "4242424242424242": "allow"} {
		if p := play("", number); p.Save != save {
			t.Errorf("%s: save %s", Mask(number), p.Save)
		}
	}
	for number, saved := range map[string]string{"4000002500003155": "until_set_up", "4000002760003184": "required", "4000003800000446": "none", "4242424242424242": "none"} {
		if p := play("", number); p.ThreeDSSaved != saved {
			t.Errorf("%s: three_ds_saved %s", Mask(number), p.ThreeDSSaved)
		}
	}
	// The same number, another set.
	if a, b := play("", "4000000000000069"), play("pagarme", "4000000000000069"); a.Outcome != "expired_card" || b.Outcome != "paid_chargedback" {
		t.Errorf("%s and %s", a.Outcome, b.Outcome)
	}
	if _, ok := Play(deckName, Presented{Number: "4000000000000051"}); ok {
		t.Error("a number of a set that is not in play is taken")
	}
	if _, ok := Play(deckName, Presented{Number: "4242424242424242", Set: "pagarme"}); ok {
		t.Error("a number of the default set is taken when another is chosen")
	}
	if p, ok := Play(deckName, Presented{Token: "tok_pagarme_pending_canceled"}); !ok || p.Later != "cancel" {
		t.Error("a token means its card whatever the set")
	}
}

func TestNotListed(t *testing.T) {
	for name, p := range map[string]Presented{
		"nothing":               {},
		"another number":        {Number: "4012888888881881"},
		"no number":             {Number: "4242"},
		"another token":         {Token: "tok_nobody"},
		"a number for a token":  {Token: "4242424242424242"},
		"token and other":       {Token: "tok_visa", Number: "5555555555554444"},
		"token and unlisted":    {Token: "tok_visa", Number: "4012888888881881"},
		"unlisted with a token": {Token: "tok_nobody", Number: "4242424242424242"},
		"no such set":           {Number: "4242424242424242", Set: "nobody"},
		"a set always in play":  {Number: "4242424242424242", Set: "cardinal"},
		"holder decides not":    {Number: "4012888888881881", Holder: "APRO"},
		"another method":        {Method: "cash", Token: "tok_visa"},
	} {
		if out, ok := Play(deckName, p); ok || out != (Played{}) {
			t.Errorf("%s: %+v", name, out)
		}
	}
	if _, ok := Play("nobody", Presented{Number: "4242424242424242"}); ok {
		t.Error("a provider without a deck takes a card")
	}
	if p, ok := Play(deckName, Presented{Token: "tok_visa", Number: "4242 4242-42424242"}); !ok || p.Outcome != "approved" {
		t.Error("a token and its own number are refused")
	}
}

func TestMalformed(t *testing.T) {
	const visa, amex = "4242424242424242", "378282246310005"
	for _, c := range []struct {
		p              Presented
		problem, field string
		expired        bool
	}{
		{Presented{Number: visa, Month: 12, Year: 2030, CVC: "123"}, "", "", false},
		{Presented{Number: visa, Month: 3, Year: 2026}, "", "", false},
		{Presented{Number: visa, Year: 2026}, "", "", false},
		{Presented{Number: visa, Month: 1, Year: 2076}, "", "", false},
		{Presented{Number: visa, Month: 13, Year: 2030}, "invalid_expiry_month", "month", false},
		{Presented{Number: visa, Month: -1}, "invalid_expiry_month", "month", false},
		{Presented{Number: visa, Month: 12, Year: 2025}, "invalid_expiry_year", "year", true},
		{Presented{Number: visa, Month: 12, Year: 30}, "invalid_expiry_year", "year", false},
		{Presented{Number: visa, Month: 12, Year: -2030}, "invalid_expiry_year", "year", false},
		{Presented{Number: visa, Month: 12, Year: 2077}, "invalid_expiry_year", "year", false},
		{Presented{Number: visa, Month: 2, Year: 2026}, "expired_card", "month", true},
		{Presented{Number: visa, CVC: "12"}, "invalid_cvc", "cvc", false},
		{Presented{Number: visa, CVC: "1234"}, "invalid_cvc", "cvc", false},
		{Presented{Number: visa, CVC: "12x"}, "invalid_cvc", "cvc", false},
		{Presented{Number: amex, CVC: "1234"}, "", "", false},
		{Presented{Number: amex, CVC: "123"}, "invalid_cvc", "cvc", false},
		{Presented{Token: "tok_amex", CVC: "123"}, "invalid_cvc", "cvc", false},
		{Presented{Token: "tok_amex", CVC: "1234"}, "", "", false},
		{Presented{Number: "4012888888881881", Month: 13}, "invalid_expiry_month", "month", false},
		{Presented{Number: "371449635398431", CVC: "123"}, "invalid_cvc", "cvc", false},
	} {
		c.p.Now = now
		out, ok := Play(deckName, c.p)
		if !ok || out.Problem != c.problem || out.Field != c.field || out.Expired != c.expired {
			t.Errorf("%+v: %+v", c.p, out)
		}
		if c.problem != "" && (out.Code != c.problem || out.Message == "" || out.Move != "" || out.First6 != "" || out.Last4 != "") {
			t.Errorf("%+v: a problem that says too little or too much: %+v", c.p, out)
		}
	}
}

func TestHolders(t *testing.T) {
	d := embedded(t, deckName)
	if len(d.Holders) != 17 {
		t.Errorf("%d holders", len(d.Holders))
	}
	for _, h := range d.Holders {
		for name, decides := range map[string]bool{
			h.Name: true, " " + h.Name + " ": true, "ANA " + h.Name: !h.Alone, strings.ToLower(h.Name): false,
			"ANA " + strings.ToLower(h.Name): false, h.Name + " SOUZA": false, "X" + h.Name: false,
		} {
			p, ok := d.Play(Presented{Token: "tok_visa", Holder: name})
			if !ok || (p.Rule == "holder") != decides || decides && p.Outcome != h.Outcome {
				t.Errorf("%q: %+v", name, p)
			}
		}
	}
	if p, _ := d.Play(Presented{Token: "tok_visa", Holder: "FUND"}); p.Decline != "insufficient_funds" || p.About != "Declined: insufficient funds." {
		t.Errorf("%+v", p)
	}
	// The name decides the outcome; the card keeps its 3DS, and loses what its own outcome would have brought.
	if p, _ := d.Play(Presented{Token: "tok_3ds_required", Holder: "FUND"}); !p.Challenge || p.Move != "fail" {
		t.Errorf("%+v", p)
	}
	if p, _ := d.Play(Presented{Token: "tok_disputed_fraud", Holder: "APRO"}); p.Later != "" {
		t.Errorf("%+v", p)
	}
	if p, _ := d.Play(Presented{Token: "tok_visa_frictionless_failure", Holder: "APRO"}); p.Outcome != "authentication_failed" {
		t.Errorf("%+v", p)
	}
}

func TestAmounts(t *testing.T) {
	for _, c := range []struct {
		method  string
		cents   int64
		outcome string
	}{
		{"", 1000, "approved"},
		{"card", 1121, "generic_decline"},
		{"card", 124, "insufficient_funds"},
		{"card", 99_125, "blocked_card"},
		{"card", 126, "expired_card"},
		{"card", 1221, "approved"},
		{"card", 4907, "approved"},
		{"card", 0, "approved"},
		{"card", -121, "approved"},
		{"card", 121_000_000_121, "generic_decline"},
		{"pix", 4900, "waits"},
		{"pix", 4907, "paid_late"},
		{"pix", 7, "paid_late"},
		{"pix", 117, "expires"},
		{"pix", 27, "stays_pending"},
		{"pix", 1031, "paid_returned"},
		{"pix", 0, "waits"},
		{"bank_slip", 1121, "waits"},
		{"bank_slip", 4907, "paid_late"},
		{"bank_slip", 1017, "expires"},
	} {
		p, ok := Play(deckName, Presented{Method: c.method, Token: "tok_visa", Amount: c.cents})
		if !ok || p.Outcome != c.outcome {
			t.Errorf("%s %d: %+v", c.method, c.cents, p)
		}
		off, ok := Play(deckName, Presented{Method: c.method, Token: "tok_visa", Amount: c.cents, Rules: "off", Holder: "FUND"})
		if want := map[bool]string{true: "approved", false: "waits"}[c.method == "" || c.method == "card"]; !ok || off.Outcome != want {
			t.Errorf("%s %d with the rules off: %+v", c.method, c.cents, off)
		}
	}
	late, _ := Play(deckName, Presented{Method: "pix", Amount: 4907})
	if late.Move != "wait" || late.Later != "succeed" || late.LaterMove != "succeed" || late.LaterAfter != "1d" || late.LaterFrom != "due" {
		t.Errorf("%+v", late)
	}
}

func TestCVCRules(t *testing.T) {
	for _, c := range []struct{ set, token, cvc, outcome string }{
		{"pagarme", "tok_pagarme_approved", "612", "generic_decline"},
		{"pagarme", "tok_pagarme_approved", "162", "approved"},
		{"pagarme", "tok_visa_frictionless", "666", "generic_decline"},
		{"", "tok_visa", "612", "approved"},
	} {
		if p, ok := Play(deckName, Presented{Token: c.token, CVC: c.cvc, Set: c.set}); !ok || p.Outcome != c.outcome {
			t.Errorf("%+v: %+v", c, p)
		}
	}
}

// TestPrecedence tries every combination of what can decide: the first in the
// written order that is there does.
func TestPrecedence(t *testing.T) {
	const data, unlisted, holder, cvc, amount = 1, 2, 4, 8, 16
	for mask := range 32 {
		p := Presented{Set: "pagarme", Number: "4000000000000010", Holder: "ANA", CVC: "123", Month: 12, Year: 2030, Amount: 1000, Now: now}
		want, rule := "approved", "card"
		// Backwards, so that the first in order is what is left.
		if mask&amount != 0 {
			p.Amount, want, rule = 1124, "insufficient_funds", "amount"
		}
		if mask&cvc != 0 {
			p.CVC, want, rule = "612", "generic_decline", "cvc"
		}
		if mask&holder != 0 {
			p.Holder, want, rule = "ANA LOCK", "disabled_card", "holder"
		}
		listed := mask&unlisted == 0
		if !listed {
			p.Number = "4012888888881881"
		}
		if mask&data != 0 {
			p.Month, want, rule, listed = 13, "invalid_expiry_month", "data", true
		}
		out, ok := Play(deckName, p)
		if ok != listed || ok && (out.Outcome != want || out.Rule != rule) {
			t.Errorf("%05b: %v %+v, want %s by %s", mask, ok, out, want, rule)
		}
	}
	if len(Precedence) != 6 {
		t.Errorf("%d steps", len(Precedence))
	}
}

// TestNoNumberGetsOut: nothing that Play answers holds a number or a CVC.
func TestNoNumberGetsOut(t *testing.T) {
	d := embedded(t, deckName)
	for _, set := range d.SetNames() {
		cards, _ := d.InPlay(set)
		for _, c := range cards {
			for _, p := range []Presented{
				{Number: c.Number, Set: set, CVC: "869", Now: now},
				{Number: c.Number, Set: set, CVC: "86", Now: now},
				{Number: c.Number, Set: set, Month: 13, Now: now},
				{Token: c.Token, Set: set, Holder: "FUND", Now: now},
			} {
				out, _ := d.Play(p)
				raw, err := json.Marshal(out)
				text := string(raw) + fmt.Sprintf("%+v %v", out, out.Map())
				if err != nil || strings.Contains(text, c.Number) || strings.Contains(text, "869") {
					t.Errorf("%s: %s", Mask(c.Number), text)
				}
			}
		}
	}
}

func TestMapHasEveryName(t *testing.T) {
	names := func(p Played) int { return len(p.Map()) }
	full, _ := Play(deckName, Presented{Token: "tok_disputed_fraud"})
	problem, _ := Play(deckName, Presented{Token: "tok_visa", Month: 13})
	if names(full) != names(Played{}) || names(problem) != names(full) {
		t.Error("some maps lack names")
	}
	m := full.Map()
	if m["later"] != "disputed_fraud" || m["later_move"] != "dispute" || m["problem"] != nil || m["challenge"] != false || m["last4"] != "0259" {
		t.Errorf("%v", m)
	}
}

func BenchmarkPlay(b *testing.B) {
	for b.Loop() {
		Play(deckName, Presented{Number: "4242424242424242", Amount: 1000, Now: now})
	}
}

func BenchmarkRead(b *testing.B) {
	data, _ := files.ReadFile(deckName + ".json")
	for b.Loop() {
		d := &Deck{}
		if err := json.Unmarshal(data, d); err != nil {
			b.Fatal(err)
		}
		d.index()
	}
}
