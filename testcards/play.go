package testcards

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// MethodCard is the method of payment that a card is for.
const MethodCard = "card"

// Presented is what a payer presents. What is not given is not held against
// anybody: a token may come without expiry and CVC.
type Presented struct {
	Method        string // "" = card
	Number, Token string
	Holder, CVC   string
	Month, Year   int
	Amount        int64 // cents
	Now           time.Time
	Set           string // "" = the deck's default
	Rules         string // "off" = holder's name, CVC and amount decide nothing
}

// Played is what the deck says of it. It never holds the number.
type Played struct {
	// Problem says that the data are malformed: refuse, and store nothing.
	// Everything else but Code and Message is empty then.
	Problem string // invalid_expiry_month, invalid_expiry_year, expired_card or invalid_cvc
	Field   string // number, token, month, year or cvc: what Problem is about
	Expired bool   // the problem is an expiry that has passed

	Token, Brand, First6, Last4, Set, About string
	Save, Risk                              string
	Checks                                  Checks

	ThreeDS, ThreeDSSaved string
	Challenge             bool // the payer is asked before the outcome follows

	Rule                                  string // what decided: card, holder, cvc, amount, data
	Outcome, Move, Code, Decline, Message string
	Later, LaterMove, LaterCode           string
	LaterMessage, LaterAfter, LaterFrom   string
	Refund, RefundAfter                   string
}

// Play says what happens to a payment, by the order of Precedence. It is
// false for a card that is not listed, for a set that cannot be chosen, and
// for a method other than card of which the deck says nothing.
func (d *Deck) Play(p Presented) (Played, bool) {
	if p.Method != "" && p.Method != MethodCard {
		return d.playAmount(p)
	}
	c, listed := d.find(p)
	if problem := malformed(p, c.Brand); problem.Problem != "" {
		return problem, true
	}
	if !listed {
		return Played{}, false
	}
	out := c.shown()
	out.Rule, out.Outcome = "card", c.Outcome
	about, byRule := "", false
	if p.Rules != "off" && !c.stopped() {
		var rule, outcome string
		if rule, outcome, about, byRule = d.rule(p); byRule {
			out.Rule, out.Outcome = rule, outcome
		}
	}
	later := c.Later
	if byRule {
		later, out.About = nil, about
	} else if c.Refund != nil {
		out.Refund, out.RefundAfter = c.Refund.Outcome, c.Refund.After
	}
	d.settle(&out, later)
	return out, true
}

// find finds a card by its token, which means one card whatever the set, by
// its number among those in play, or by both when they agree.
func (d *Deck) find(p Presented) (Card, bool) {
	t, number := d.table(p.Set), plain(p.Number)
	if t == nil {
		return Card{}, false
	}
	at, ok := t[number]
	if p.Token != "" {
		at, ok = d.byToken[p.Token]
	}
	if !ok || number != "" && number != d.Cards[at].Number {
		return Card{}, false
	}
	return d.Cards[at], true
}

// shown is what may be known of a card.
func (c Card) shown() Played {
	out := Played{
		Token: c.Token, Brand: c.Brand, First6: c.Number[:6], Last4: c.Number[len(c.Number)-4:], Set: c.Set, About: c.About,
		Save: or(c.Save, "allow"), Risk: or(c.Risk, "normal"), ThreeDS: or(c.ThreeDS, "none"), ThreeDSSaved: or(c.ThreeDSSaved, "none"),
		Checks: Checks{"pass", "pass", "pass"},
	}
	if c.Checks != nil {
		out.Checks = Checks{or(c.Checks.CVC, "pass"), or(c.Checks.Line1, "pass"), or(c.Checks.Zip, "pass")}
	}
	switch c.ThreeDS {
	case "required", "challenge", "challenge_failure":
		out.Challenge = true
	}
	return out
}

// stopped is a card whose payer is never authenticated: the issuer is not
// asked, so no rule about the payment matters.
func (c Card) stopped() bool { return c.ThreeDS == "frictionless_failure" }

// rule asks the rules in turn.
func (d *Deck) rule(p Presented) (rule, outcome, about string, ok bool) {
	if h, ok := d.holder(p.Holder); ok {
		return "holder", h.Outcome, h.About, true
	}
	set := or(p.Set, d.defaultSet)
	for _, r := range d.CVC {
		here := r.Set == "" || r.Set == set || d.Sets[r.Set].Always
		if here && p.CVC != "" && (r.Is != "" && p.CVC == r.Is || r.Starts != "" && strings.HasPrefix(p.CVC, r.Starts)) {
			return "cvc", r.Outcome, r.About, true
		}
	}
	if e, ok := ending(d.Amounts[MethodCard], p.Amount); ok {
		return "amount", e.Outcome, e.About, true
	}
	return "", "", "", false
}

// holder finds a name: the whole of it, or its last word. Only upper case
// counts, so that a person of that name is left alone.
func (d *Deck) holder(name string) (Holder, bool) {
	words := strings.Fields(name)
	if len(words) == 0 {
		return Holder{}, false
	}
	for _, h := range d.Holders {
		if h.Name == words[len(words)-1] && (len(words) == 1 || !h.Alone) {
			return h, true
		}
	}
	return Holder{}, false
}

// ending finds the longest ending of an amount in cents. What is no amount
// has the empty one only.
func ending(list []Ending, cents int64) (best Ending, ok bool) {
	text := ""
	if cents > 0 {
		text = fmt.Sprintf("%09d", cents)
	}
	for _, e := range list {
		if strings.HasSuffix(text, e.Ends) && (!ok || len(e.Ends) > len(best.Ends)) {
			best, ok = e, true
		}
	}
	return best, ok
}

// playAmount plays a method that has no card.
func (d *Deck) playAmount(p Presented) (Played, bool) {
	if p.Rules == "off" {
		p.Amount = 0
	}
	e, ok := ending(d.Amounts[p.Method], p.Amount)
	if !ok {
		return Played{}, false
	}
	out := Played{Rule: "amount", Outcome: e.Outcome, About: e.About}
	d.settle(&out, nil)
	return out, true
}

// settle fills in what the outcome means. What a card says of later wins over
// what its outcome says.
func (d *Deck) settle(out *Played, later *Later) {
	r := d.Outcomes[out.Outcome]
	out.Move, out.Code, out.Decline, out.Message = r.Move, r.Code, r.Decline, r.Message
	if later == nil {
		later = r.Later
	}
	if later != nil {
		after := d.Outcomes[later.Outcome]
		out.Later, out.LaterAfter, out.LaterFrom = later.Outcome, later.After, or(later.From, "made")
		out.LaterMove, out.LaterCode, out.LaterMessage = after.Move, after.Code, after.Message
	}
}

// Map is a played card as a scenario's expressions see it. Every name is
// there each time; what does not apply is nil.
func (p Played) Map() map[string]any {
	out := map[string]any{
		"challenge": p.Challenge, "expired": p.Expired,
		"checks": map[string]any{"cvc": text(p.Checks.CVC), "line1": text(p.Checks.Line1), "zip": text(p.Checks.Zip)},
	}
	for name, value := range map[string]string{
		"problem": p.Problem, "field": p.Field, "token": p.Token, "brand": p.Brand, "first6": p.First6, "last4": p.Last4,
		"set": p.Set, "about": p.About, "save": p.Save, "risk": p.Risk, "three_ds": p.ThreeDS, "three_ds_saved": p.ThreeDSSaved,
		"rule": p.Rule, "outcome": p.Outcome, "move": p.Move, "code": p.Code, "decline": p.Decline, "message": p.Message,
		"later": p.Later, "later_move": p.LaterMove, "later_code": p.LaterCode, "later_message": p.LaterMessage,
		"later_after": p.LaterAfter, "later_from": p.LaterFrom, "refund": p.Refund, "refund_after": p.RefundAfter,
	} {
		out[name] = text(value)
	}
	return out
}

// MarshalJSON writes the same names.
func (p Played) MarshalJSON() ([]byte, error) { return json.Marshal(p.Map()) }

func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
