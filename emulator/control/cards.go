package control

import (
	"slices"

	"github.com/sandgate/sandgate/testcards"
)

// servedCard is a listed test card of a provider being served.
type servedCard struct {
	Provider string `json:"provider"`
	testcards.Card
}

// servedDeck is the rest of a provider's deck: what its cards' words mean, and
// what decides beside them.
type servedDeck struct {
	Provider   string   `json:"provider"`
	Precedence []string `json:"precedence"`
	*testcards.Deck
	Cards bool `json:"cards,omitempty"` // hides the deck's own: they are the list
}

// cards lists the test cards of what is served, all on one page. They are
// public numbers, so they are shown in full.
func (x *call) cards() (reply, error) {
	cards, decks := []servedCard{}, []servedDeck{}
	provider, set := x.query("provider"), x.query("set")
	for _, p := range x.s.o.World.Providers() {
		if provider != "" && provider != p.Name() || !slices.Contains(testcards.Names(), p.Name()) {
			continue
		}
		deck, err := testcards.Embedded(p.Name())
		if err != nil {
			return reply{}, err
		}
		listed := deck.Cards
		if set != "" {
			listed, _ = deck.InPlay(set)
		}
		for _, c := range listed {
			cards = append(cards, servedCard{p.Name(), c})
		}
		decks = append(decks, servedDeck{Provider: p.Name(), Precedence: testcards.Precedence, Deck: deck})
	}
	return reply{body: map[string]any{"data": cards, "decks": decks, "next": nil}}, nil
}
