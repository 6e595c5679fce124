package openapi

import (
	"testing"
	"time"

	"github.com/brianvoe/gofakeit/v6"
)

// TestFakerSaysWhatGofakeitSays: the tables are drawn from exactly as the
// library itself does, so a seed's values outlive the way they are drawn.
func TestFakerSaysWhatGofakeitSays(t *testing.T) {
	for seed := range uint64(50) {
		ours, theirs := NewFaker(seed, time.Time{}), gofakeit.NewCustom(&splitmix{seed})
		for range 20 {
			for _, c := range []struct {
				kind string
				want func() string
			}{
				{"first-name", theirs.FirstName},
				{"last-name", theirs.LastName},
				{"sentence", func() string { return theirs.Sentence(5) }},
				{"word", theirs.NounCommon},
			} {
				if got, want := ours.Say(c.kind), c.want(); got != want {
					t.Fatalf("seed %d: a %s is %q, gofakeit says %q", seed, c.kind, got, want)
				}
			}
		}
	}
}
