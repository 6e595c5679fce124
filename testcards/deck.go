package testcards

import (
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

//go:embed *.yaml
var files embed.FS

// Card is one listed number.
type Card struct {
	Number  string `yaml:"number" json:"number"`
	Brand   string `yaml:"brand" json:"brand"`
	Outcome string `yaml:"outcome" json:"outcome"` // what the provider does with it
	About   string `yaml:"about" json:"about"`
}

// Deck is a provider's list, in the order of its file.
type Deck struct {
	Cards []Card

	byNumber map[string]int
}

// Names are the providers that have a deck, sorted.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return out
}

// Embedded is a built-in deck.
func Embedded(name string) (*Deck, error) {
	data, err := files.ReadFile(name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("there is no deck %q; there are: %s", name, strings.Join(Names(), ", "))
	}
	return Load(name+".yaml", data)
}

// deckFile is the form of a deck on disk. Numbers are read as any, so that an
// unquoted one, which YAML takes for an integer, is told apart.
type deckFile struct {
	Cards []struct {
		Number  any    `yaml:"number"`
		Brand   string `yaml:"brand"`
		Outcome string `yaml:"outcome"`
		About   string `yaml:"about"`
	} `yaml:"cards"`
}

// Load reads a deck. Unknown keys, numbers without quotes, numbers that are
// no card numbers and numbers listed twice are errors.
func Load(file string, data []byte) (*Deck, error) {
	var f deckFile
	if err := yaml.UnmarshalWithOptions(data, &f, yaml.DisallowUnknownField()); err != nil {
		return nil, fmt.Errorf("%s:%w", file, err)
	}
	d := &Deck{byNumber: map[string]int{}}
	var errs []error
	for i, c := range f.Cards {
		number, ok := c.Number.(string)
		switch {
		case !ok:
			errs = append(errs, fmt.Errorf("%s: card %d: the number must be quoted: YAML reads it as a number", file, i+1))
			continue
		case !Luhn(number) || len(number) < 12 || len(number) > 19:
			errs = append(errs, fmt.Errorf("%s: card %d: %s is not 12 to 19 digits with a right check digit", file, i+1, Mask(number)))
			continue
		case c.Brand == "" || c.Outcome == "" || c.About == "":
			errs = append(errs, fmt.Errorf("%s: card %d: brand, outcome and about must all be given", file, i+1))
			continue
		}
		if _, twice := d.byNumber[number]; twice {
			errs = append(errs, fmt.Errorf("%s: card %d: %s is listed twice", file, i+1, Mask(number)))
			continue
		}
		d.byNumber[number] = len(d.Cards)
		d.Cards = append(d.Cards, Card{Number: number, Brand: c.Brand, Outcome: c.Outcome, About: c.About})
	}
	return d, errors.Join(errs...)
}

// Lookup finds a listed number. Spaces and dashes between digits do not count.
func (d *Deck) Lookup(number string) (Card, bool) {
	i, ok := d.byNumber[plain(number)]
	if !ok {
		return Card{}, false
	}
	return d.Cards[i], true
}

// Outcome is what a listed number of a provider means; "" = it is not listed.
func Outcome(provider, number string) string {
	d := decks()[provider]
	if d == nil {
		return ""
	}
	card, _ := d.Lookup(number)
	return card.Outcome
}

// Mask shows the first six and last four digits of a card number, and only
// the last four of anything shorter than one.
func Mask(number string) string {
	s := []rune(plain(number))
	switch n := len(s); {
	case n >= 12:
		return string(s[:6]) + strings.Repeat("*", n-10) + string(s[n-4:])
	case n > 4:
		return strings.Repeat("*", n-4) + string(s[n-4:])
	default:
		return strings.Repeat("*", n)
	}
}

// Luhn reports whether a text is two or more digits that end in their check
// digit.
func Luhn(number string) bool {
	if len(number) < 2 || strings.Trim(number, "0123456789") != "" {
		return false
	}
	sum := 0
	for i := range len(number) {
		digit := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			if digit *= 2; digit > 9 {
				digit -= 9
			}
		}
		sum += digit
	}
	return sum%10 == 0
}

func plain(number string) string {
	if !strings.ContainsAny(number, " -") {
		return number
	}
	return strings.NewReplacer(" ", "", "-", "").Replace(number)
}

// Outcomes lists the outcomes that a deck uses, sorted.
func (d *Deck) Outcomes() []string {
	var out []string
	for _, c := range d.Cards {
		out = append(out, c.Outcome)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
