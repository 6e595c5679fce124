package testcards

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func embedded(t *testing.T, name string) *Deck {
	t.Helper()
	d, err := Embedded(name)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestEveryDeckLoads also holds the embedded form against its source.
func TestEveryDeckLoads(t *testing.T) {
	if len(Names()) == 0 {
		t.Fatal("no deck is embedded")
	}
	for _, name := range Names() {
		data, err := os.ReadFile(name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		source, err := Load(name+".yaml", data)
		if err != nil {
			t.Error(err)
			continue
		}
		want, _ := json.Marshal(source)
		if got, _ := files.ReadFile(name + ".json"); string(got) != string(want) {
			t.Errorf("%s.json is stale: run go generate ./testcards", name)
		}
		d := embedded(t, name)
		if !reflect.DeepEqual(d.byNumber, source.byNumber) || !reflect.DeepEqual(d.byToken, source.byToken) || d.defaultSet != source.defaultSet {
			t.Errorf("%s: the embedded deck has another index than its source", name)
		}
		cards, ok := d.InPlay("")
		if !ok || len(cards) == 0 {
			t.Errorf("%s: nothing is in play", name)
		}
		for _, c := range cards {
			got, ok := d.Lookup(c.Number)
			if !ok || got != c {
				t.Errorf("%s: %s is in play and not found", name, Mask(c.Number))
			}
			spaced := c.Number[:4] + " " + c.Number[4:8] + "-" + c.Number[8:]
			if _, ok := d.Lookup(spaced); !ok {
				t.Errorf("%s: %s is not found with a space and a dash in it", name, Mask(c.Number))
			}
			if Outcome(name, c.Number) != c.Outcome {
				t.Errorf("%s: Outcome of %s", name, Mask(c.Number))
			}
		}
	}
}

func TestFlatDeck(t *testing.T) {
	d := embedded(t, "killb")
	for number, want := range map[string]string{"4242424242424242": "accepted", "5555555555554444": "accepted", "4000000000000002": "rejected"} {
		if c, ok := d.Lookup(number); !ok || c.Outcome != want {
			t.Errorf("%s: outcome %q, want %q", Mask(number), c.Outcome, want)
		}
		if p, ok := d.Play(Presented{Number: number}); !ok || p.Outcome != want || p.Move != "" {
			t.Errorf("%s plays %q %q", Mask(number), p.Outcome, p.Move)
		}
	}
	for _, c := range d.Cards {
		if len(c.Number) != 16 {
			t.Errorf("%s has %d digits; the contract wants 16", Mask(c.Number), len(c.Number))
		}
		if c.Outcome != "accepted" && c.Outcome != "rejected" {
			t.Errorf("%s: outcome %q", Mask(c.Number), c.Outcome)
		}
	}
}

func TestUnlisted(t *testing.T) {
	for _, number := range []string{"", "4242", "4012888888881881", "4242424242424243", "4242424242424242 or 1=1"} {
		if Outcome("killb", number) != "" {
			t.Errorf("%q is listed", number)
		}
	}
	if Outcome("nobody", "4242424242424242") != "" {
		t.Error("a provider without a deck lists a card")
	}
	if _, err := Embedded("nobody"); err == nil || !strings.Contains(err.Error(), "killb") {
		t.Errorf("the error does not name the decks: %v", err)
	}
}

func TestLoadRefuses(t *testing.T) {
	card := func(fields string) string { return "cards:\n  - {" + fields + "}\n" }
	const (
		rest   = ", brand: visa, outcome: accepted, about: x"
		visa   = "number: '4242424242424242'" + rest
		second = "number: '5555555555554444'" + rest
		sets   = "sets: {a: {default: true, about: x}, b: {about: x}, c: {always: true, about: x}}\n"
		known  = "outcomes: {accepted: {move: succeed, about: x}}\n"
	)
	two := func(one, other string) string { return card(one) + "  - {" + other + "}\n" }
	for name, c := range map[string]struct{ text, want string }{
		"unknown key":       {card(visa + ", cvc: '1'"), "cvc"},
		"unknown top key":   {"card: []\n", "card"},
		"unknown rule key":  {"rules: {cvv: []}\n", "cvv"},
		"no quotes":         {card("number: 4242424242424242" + rest), "quoted"},
		"check digit":       {card("number: '4242424242424243'" + rest), "424242******4243"},
		"needless luhn":     {card(visa + ", luhn: false"), "luhn"},
		"too short":         {card("number: '42'" + rest), "12 to 19"},
		"letters":           {card("number: '4242x24242424242', luhn: false" + rest), "12 to 19"},
		"no outcome":        {card("number: '4242424242424242', brand: visa, about: x"), "outcome"},
		"twice":             {two(visa, visa), "twice"},
		"twice with always": {sets + two(visa+", set: a", visa+", set: c"), "card 2: 424242******4242 is listed twice"},
		"token twice":       {two(visa+", token: tok_a1", second+", token: tok_a1"), "card 2: the token tok_a1"},
		"token form":        {card(visa + ", token: visa"), "tok_"},
		"no set":            {sets + card(visa), `no set ""`},
		"other set":         {sets + card(visa+", set: d"), `no set "d"`},
		"no default":        {"sets: {a: {about: x}}\n", "default"},
		"two defaults":      {"sets: {a: {about: x, default: true}, b: {about: x, default: true}}\n", "a is the default"},
		"always default":    {"sets: {a: {about: x, default: true, always: true}}\n", "cannot be chosen"},
		"other outcome":     {known + card("number: '4242424242424242', brand: visa, outcome: acepted, about: x"), `"acepted"`},
		"no move":           {"outcomes: {a: {about: x}}\n", "move"},
		"three-ds":          {card(visa + ", three-ds: always"), "frictionless"},
		"three-ds-saved":    {card(visa + ", three-ds-saved: optional"), "until_set_up"},
		"save":              {card(visa + ", save: 'no'"), "refuse"},
		"risk":              {card(visa + ", risk: high"), "highest"},
		"checks":            {card(visa + ", checks: {cvc: bad}"), "unavailable"},
		"refund":            {card(visa + ", refund: {outcome: never, after: 1h}"), "pending, fails"},
		"refund after":      {card(visa + ", refund: {outcome: fails}"), "duration"},
		"later after":       {card(visa + ", later: {outcome: a, after: soon}"), `"soon" is no duration`},
		"later from":        {card(visa + ", later: {outcome: a, after: 1h, from: then}"), "made, due, paid"},
		"later outcome":     {known + card(visa+", later: {outcome: a, after: 1h}"), `no outcome "a"`},
		"holder case":       {"holders: [{name: Apro, outcome: a, about: x}]\n", "upper case"},
		"holder twice":      {"holders: [{name: APRO, outcome: a, about: x}, {name: APRO, outcome: a, about: x}]\n", "twice"},
		"holder outcome":    {known + "holders: [{name: APRO, outcome: a, about: x}]\n", `no outcome "a"`},
		"ending quotes":     {"amounts: {pix: [{ends: 17, outcome: a, about: x}]}\n", "quoted"},
		"ending digits":     {"amounts: {pix: [{ends: '1x', outcome: a, about: x}]}\n", "digits"},
		"ending twice":      {"amounts: {pix: [{ends: '17', outcome: a, about: x}, {ends: '17', outcome: a, about: x}]}\n", "twice"},
		"ending of all":     {"amounts: {card: [{ends: '', outcome: a, about: x}]}\n", "no say"},
		"ending outcome":    {known + "amounts: {pix: [{ends: '17', outcome: a, about: x}]}\n", `no outcome "a"`},
		"cvc both":          {"rules: {cvc: [{is: '666', starts: '6', outcome: a, about: x}]}\n", "one of is and starts"},
		"cvc neither":       {"rules: {cvc: [{outcome: a, about: x}]}\n", "one of is and starts"},
		"cvc quotes":        {"rules: {cvc: [{is: 666, outcome: a, about: x}]}\n", "quoted"},
		"cvc set":           {"rules: {cvc: [{is: '666', set: a, outcome: a, about: x}]}\n", `no set "a"`},
		"not YAML":          {"cards: [" + card(visa), "deck.yaml"},
	} {
		_, err := Load("deck.yaml", []byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
		if err != nil && (strings.Contains(err.Error(), "4242424242424243") || strings.Contains(err.Error(), "4242424242424242")) {
			t.Errorf("%s: the error shows a whole number: %v", name, err)
		}
	}
	for name, text := range map[string]string{
		"the same number in two sets": sets + two(visa+", set: a", visa+", set: b"),
		"no set at all":               card(visa),
	} {
		if _, err := Load("deck.yaml", []byte(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDecksAreWhole: every outcome is used and every sentence is one.
func TestDecksAreWhole(t *testing.T) {
	for _, name := range Names() {
		d, used := embedded(t, name), map[string]bool{}
		say := func(what, about string) {
			if about == "" || !strings.HasSuffix(about, ".") || strings.ToUpper(about[:1]) != about[:1] {
				t.Errorf("%s: %s: about is no sentence: %q", name, what, about)
			}
		}
		for _, c := range d.Cards {
			used[c.Outcome] = true
			if c.Later != nil {
				used[c.Later.Outcome] = true
			}
			say(Mask(c.Number), c.About)
			if len(d.Sets) > 0 && c.Token == "" {
				t.Errorf("%s: %s has no token", name, Mask(c.Number))
			}
		}
		for _, h := range d.Holders {
			used[h.Outcome] = true
			say(h.Name, h.About)
		}
		for _, r := range d.CVC {
			used[r.Outcome] = true
			say("CVC", r.About)
		}
		for method, list := range d.Amounts {
			for _, e := range list {
				used[e.Outcome] = true
				say(fmt.Sprintf("%s %q", method, e.Ends), e.About)
			}
		}
		for _, r := range d.Outcomes {
			if r.Later != nil {
				used[r.Later.Outcome] = true
			}
			say(r.Move, r.About)
		}
		for _, outcome := range slices.Sorted(maps.Keys(d.Outcomes)) {
			if !used[outcome] {
				t.Errorf("%s: nothing has the outcome %s", name, outcome)
			}
		}
	}
}

func TestMask(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "1": "*", "1234": "****", "12345": "*2345", "12345678901": "*******8901",
		"4242424242424242": "424242******4242", "4242 4242 4242 4242": "424242******4242", "6304000000000000000": "630400*********0000",
	} {
		if got := Mask(in); got != want {
			t.Errorf("Mask(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLuhn(t *testing.T) {
	for in, want := range map[string]bool{
		"4242424242424242": true, "378282246310005": true, "00": true, "18": true,
		"": false, "0": false, "4242424242424241": false, "4242 4242": false, "４2": false,
	} {
		if got := Luhn(in); got != want {
			t.Errorf("Luhn(%q) = %v", in, got)
		}
	}
}
