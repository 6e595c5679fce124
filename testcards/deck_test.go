package testcards

import (
	"slices"
	"strings"
	"testing"
)

func TestEveryDeckLoads(t *testing.T) {
	if len(Names()) == 0 {
		t.Fatal("no deck is embedded")
	}
	for _, name := range Names() {
		d, err := Embedded(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, c := range d.Cards {
			got, ok := d.Lookup(c.Number)
			if !ok || got != c {
				t.Errorf("%s: %s is listed and not found", name, Mask(c.Number))
			}
			spaced := c.Number[:4] + " " + c.Number[4:8] + "-" + c.Number[8:]
			if _, ok := d.Lookup(spaced); !ok {
				t.Errorf("%s: %s is not found with a space and a dash in it", name, Mask(c.Number))
			}
			if Outcome(name, c.Number) == "" {
				t.Errorf("Listed(%s, %s) = false", name, Mask(c.Number))
			}
		}
	}
}

func TestKillBDeck(t *testing.T) {
	d, err := Embedded("killb")
	if err != nil {
		t.Fatal(err)
	}
	for number, want := range map[string]string{"4242424242424242": "accepted", "5555555555554444": "accepted", "4000000000000002": "rejected"} {
		if c, ok := d.Lookup(number); !ok || c.Outcome != want {
			t.Errorf("%s: outcome %q, want %q", Mask(number), c.Outcome, want)
		}
	}
	if got, want := d.Outcomes(), []string{"accepted", "rejected"}; !slices.Equal(got, want) {
		t.Errorf("outcomes %v, want %v", got, want)
	}
	for _, c := range d.Cards {
		if len(c.Number) != 16 {
			t.Errorf("%s has %d digits; the contract wants 16", Mask(c.Number), len(c.Number))
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
	const rest = ", brand: visa, outcome: accepted, about: x"
	for name, c := range map[string]struct{ text, want string }{
		"unknown key":     {card("number: '4242424242424242', brand: visa, outcome: ok, about: x, cvc: '1'"), "cvc"},
		"unknown top key": {"card: []\n", "card"},
		"no quotes":       {card("number: 4242424242424242" + rest), "quoted"},
		"check digit":     {card("number: '4242424242424243'" + rest), "424242******4243"},
		"too short":       {card("number: '42'" + rest), "12 to 19"},
		"letters":         {card("number: '4242x24242424242'" + rest), "12 to 19"},
		"no outcome":      {card("number: '4242424242424242', brand: visa, about: x"), "outcome"},
		"twice":           {card("number: '4242424242424242'"+rest) + "  - {number: '4242424242424242'" + rest + "}\n", "twice"},
		"not YAML":        {"cards: [", "deck.yaml"},
	} {
		_, err := Load("deck.yaml", []byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "4242424242424243") {
			t.Errorf("%s: the error shows a whole number", name)
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
