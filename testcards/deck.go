package testcards

import (
	"maps"
	"slices"
)

// Card is one listed number.
type Card struct {
	Number  string `json:"number"`
	Set     string `json:"set,omitempty"`
	Token   string `json:"token,omitempty"` // what a gateway's front end would have made of it
	Brand   string `json:"brand"`
	Outcome string `json:"outcome"` // what the provider does with it
	About   string `json:"about"`
	// ThreeDS is what a charge with the payer present meets; ThreeDSSaved is
	// what a charge of the saved card meets. "" is none.
	ThreeDS      string  `json:"three_ds,omitempty"`
	ThreeDSSaved string  `json:"three_ds_saved,omitempty"`
	Save         string  `json:"save,omitempty"` // refuse, or "" where it can be saved
	Risk         string  `json:"risk,omitempty"` // elevated or highest; "" is normal
	Checks       *Checks `json:"checks,omitempty"`
	Later        *Later  `json:"later,omitempty"`
	Refund       *Refund `json:"refund,omitempty"`
}

// Checks are what the issuer says of the data beside the number: pass, fail
// or unavailable; "" is pass.
type Checks struct {
	CVC   string `yaml:"cvc" json:"cvc,omitempty"`
	Line1 string `yaml:"line1" json:"line1,omitempty"`
	Zip   string `yaml:"zip" json:"zip,omitempty"`
}

// Later is what happens afterwards, on the clock.
type Later struct {
	Outcome string `yaml:"outcome" json:"outcome"`
	After   string `yaml:"after" json:"after"`
	From    string `yaml:"from" json:"from,omitempty"` // made, due or paid: what After counts from; "" is made
}

// Refund is how a refund goes: pending (it succeeds after a while) or fails
// (it succeeds, and fails after a while).
type Refund struct {
	Outcome string `yaml:"outcome" json:"outcome"`
	After   string `yaml:"after" json:"after"`
}

// Result is an outcome: what a card, or a rule, does with a payment.
type Result struct {
	Move    string `yaml:"move" json:"move"` // the move of the payment
	Code    string `yaml:"code" json:"code,omitempty"`
	Decline string `yaml:"decline" json:"decline,omitempty"`
	Message string `yaml:"message" json:"message,omitempty"`
	About   string `yaml:"about" json:"about"`
	Later   *Later `yaml:"later" json:"later,omitempty"`
}

// Set is a group of numbers. One set is chosen by its name; the ones that are
// always in play are added to it.
type Set struct {
	About   string `yaml:"about" json:"about"`
	Default bool   `yaml:"default" json:"default,omitempty"`
	Always  bool   `yaml:"always" json:"always,omitempty"`
}

// Holder is an outcome by the name on the card: the whole name or, unless it
// must stand alone, its last word.
type Holder struct {
	Name    string `yaml:"name" json:"name"`
	Alone   bool   `yaml:"alone" json:"alone,omitempty"`
	Outcome string `yaml:"outcome" json:"outcome"`
	About   string `yaml:"about" json:"about"`
}

// CVCRule is an outcome by the CVC, where its set is in play.
type CVCRule struct {
	Is      string `json:"is,omitempty"`
	Starts  string `json:"starts,omitempty"`
	Set     string `json:"set,omitempty"`
	Outcome string `json:"outcome"`
	About   string `json:"about"`
}

// Ending is an outcome by the last digits of an amount in cents. The longest
// one that fits wins; an empty one fits every amount.
type Ending struct {
	Ends    string `json:"ends"`
	Outcome string `json:"outcome"`
	About   string `json:"about"`
}

// Deck is a provider's list, in the order of its file.
type Deck struct {
	Sets     map[string]Set      `json:"sets,omitempty"`
	Outcomes map[string]Result   `json:"outcomes,omitempty"`
	Cards    []Card              `json:"cards"`
	Holders  []Holder            `json:"holders,omitempty"`
	CVC      []CVCRule           `json:"cvc,omitempty"`
	Amounts  map[string][]Ending `json:"amounts,omitempty"` // by method of payment

	defaultSet string
	byToken    map[string]int
	byNumber   map[string]map[string]int // by chosen set ("" where there are none), what is in play then
}

// Precedence says which rule decides, in the order in which they are asked.
var Precedence = []string{
	"malformed data: a month that is none, an expiry that has passed, a CVC of the wrong length",
	"a number or token that is not listed is refused, and stored nowhere",
	"the holder's name",
	"the CVC rules",
	"the amount's ending",
	"the card's own outcome",
}

// SetNames lists the sets that can be chosen, the default one first.
func (d *Deck) SetNames() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(d.Sets)) {
		switch {
		case d.Sets[name].Default:
			out = slices.Insert(out, 0, name)
		case !d.Sets[name].Always:
			out = append(out, name)
		}
	}
	return out
}

// InPlay lists the cards that choosing a set puts in play; "" chooses the
// default one. It is false when there is no such set to choose.
func (d *Deck) InPlay(set string) ([]Card, bool) {
	t := d.table(set)
	if t == nil {
		return nil, false
	}
	var out []Card
	for i, c := range d.Cards {
		if at, ok := t[c.Number]; ok && at == i {
			out = append(out, c)
		}
	}
	return out, true
}

// Lookup finds a number of the default set or of one always in play. Spaces
// and dashes between digits do not count.
func (d *Deck) Lookup(number string) (Card, bool) {
	i, ok := d.table("")[plain(number)]
	if !ok {
		return Card{}, false
	}
	return d.Cards[i], true
}

// table is what is in play when a set is chosen; nil when it cannot be.
func (d *Deck) table(set string) map[string]int { return d.byNumber[or(set, d.defaultSet)] }

// index finds out what each choice of a set puts in play. There a number means
// one thing; a token does everywhere. It answers the cards that do not.
func (d *Deck) index() (takenTokens, twice []int) {
	d.byToken, d.byNumber = map[string]int{}, map[string]map[string]int{}
	for i, c := range d.Cards {
		if _, taken := d.byToken[c.Token]; taken {
			takenTokens = append(takenTokens, i)
		}
		if c.Token != "" {
			d.byToken[c.Token] = i
		}
	}
	names := d.SetNames()
	if len(d.Sets) == 0 {
		names = []string{""}
	}
	for _, name := range names {
		if d.Sets[name].Default {
			d.defaultSet = name
		}
		inPlay := map[string]int{}
		for i, c := range d.Cards {
			if c.Set != name && !d.Sets[c.Set].Always {
				continue
			}
			if _, again := inPlay[c.Number]; again {
				twice = append(twice, i)
				continue
			}
			inPlay[c.Number] = i
		}
		d.byNumber[name] = inPlay
	}
	return takenTokens, twice
}
