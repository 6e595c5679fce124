package testcards

import "sync"

// decks reads every built-in deck once. One that cannot be read is left out
// here; a test reads each of them and fails.
var decks = sync.OnceValue(func() map[string]*Deck {
	out := map[string]*Deck{}
	for _, name := range Names() {
		if d, err := Embedded(name); err == nil {
			out[name] = d
		}
	}
	return out
})
