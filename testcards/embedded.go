package testcards

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

//go:generate go run ./gen

// files are the decks as the generator checked and wrote them: reading YAML
// would cost the first payment some twenty milliseconds.
//
//go:embed *.json
var files embed.FS

// Names are the providers that have a deck, sorted.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".json"))
	}
	return out
}

// read holds, by name, a reader that reads its deck once: the first time that
// somebody asks, never at start.
var read = sync.OnceValue(func() map[string]func() (*Deck, error) {
	out := map[string]func() (*Deck, error){}
	for _, name := range Names() {
		out[name] = sync.OnceValues(func() (*Deck, error) {
			data, err := files.ReadFile(name + ".json")
			if err != nil {
				return nil, err
			}
			d := &Deck{}
			if err := json.Unmarshal(data, d); err != nil {
				return nil, fmt.Errorf("%s.json: %w", name, err)
			}
			d.index()
			return d, nil
		})
	}
	return out
})

// Embedded is a built-in deck. It is shared: nobody may change it.
func Embedded(name string) (*Deck, error) {
	if f := read()[name]; f != nil {
		return f()
	}
	return nil, fmt.Errorf("there is no deck %q; there are: %s", name, strings.Join(Names(), ", "))
}

// Outcome is what a listed number of a provider means; "" = it is not listed.
func Outcome(provider, number string) string {
	d, err := Embedded(provider)
	if err != nil {
		return ""
	}
	card, _ := d.Lookup(number)
	return card.Outcome
}

// Play plays a card of a provider's deck; see Deck.Play. A provider without a
// deck lists none.
func Play(provider string, p Presented) (Played, bool) {
	d, err := Embedded(provider)
	if err != nil {
		return Played{}, false
	}
	return d.Play(p)
}
