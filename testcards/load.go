package testcards

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// deckFile is the form of a deck on disk. Digits are read as any, so that
// unquoted ones, which YAML takes for an integer, are told apart.
type deckFile struct {
	Sets     map[string]Set    `yaml:"sets"`
	Outcomes map[string]Result `yaml:"outcomes"`
	Cards    []cardLine        `yaml:"cards"`
	Holders  []Holder          `yaml:"holders"`
	Amounts  map[string][]struct {
		Ends    any    `yaml:"ends"`
		Outcome string `yaml:"outcome"`
		About   string `yaml:"about"`
	} `yaml:"amounts"`
	Rules struct {
		CVC []struct {
			Is      any    `yaml:"is"`
			Starts  any    `yaml:"starts"`
			Set     string `yaml:"set"`
			Outcome string `yaml:"outcome"`
			About   string `yaml:"about"`
		} `yaml:"cvc"`
	} `yaml:"rules"`
}

type cardLine struct {
	Number       any     `yaml:"number"`
	Luhn         *bool   `yaml:"luhn"` // false: the check digit is wrong on purpose
	Set          string  `yaml:"set"`
	Token        string  `yaml:"token"`
	Brand        string  `yaml:"brand"`
	Outcome      string  `yaml:"outcome"`
	About        string  `yaml:"about"`
	ThreeDS      string  `yaml:"three-ds"`
	ThreeDSSaved string  `yaml:"three-ds-saved"`
	Save         string  `yaml:"save"`
	Risk         string  `yaml:"risk"`
	Checks       *Checks `yaml:"checks"`
	Later        *Later  `yaml:"later"`
	Refund       *Refund `yaml:"refund"`
}

// Words that a deck may use.
var (
	threeDSWords = []string{
		"", "none", "required", "optional", "frictionless", "frictionless_failure", "challenge", "challenge_failure",
		"unenrolled", "lookup_error", "attempt", "unable", "data_only",
	}
	savedWords = []string{"", "none", "required", "until_set_up"}
	saveWords  = []string{"", "allow", "refuse"}
	riskWords  = []string{"", "normal", "elevated", "highest"}
	checkWords = []string{"", "pass", "fail", "unavailable"}
	fromWords  = []string{"", "made", "due", "paid"}
	refundWord = []string{"pending", "fails"}

	token    = regexp.MustCompile(`^tok_[A-Za-z0-9_]{2,60}$`)
	duration = regexp.MustCompile(`^(0|[1-9][0-9]{0,4})[smhd]$`)
)

// Load reads a deck. Unknown keys and words, numbers without quotes, numbers
// that are no card numbers, and numbers that stand twice among what is in play
// together are errors. An error shows no more of a number than Mask does.
func Load(file string, data []byte) (*Deck, error) {
	var f deckFile
	if err := yaml.UnmarshalWithOptions(data, &f, yaml.DisallowUnknownField()); err != nil {
		return nil, fmt.Errorf("%s:%s", file, strings.TrimSpace(yaml.FormatError(err, false, false)))
	}
	l := &loader{file: file, d: &Deck{Sets: f.Sets, Outcomes: f.Outcomes, Amounts: map[string][]Ending{}}}
	l.sets()
	l.outcomes()
	for i, line := range f.Cards {
		l.card(fmt.Sprintf("card %d", i+1), line)
	}
	takenTokens, twice := l.d.index()
	for _, i := range takenTokens {
		l.errorf(l.at[i], "the token %s is taken", l.d.Cards[i].Token)
	}
	for _, i := range slices.Compact(twice) {
		l.errorf(l.at[i], "%s is listed twice among what is in play together", Mask(l.d.Cards[i].Number))
	}
	for i, h := range f.Holders {
		l.holder(fmt.Sprintf("holder %d", i+1), h)
	}
	for i, r := range f.Rules.CVC {
		at := fmt.Sprintf("cvc rule %d", i+1)
		is, starts := l.quoted(at, "is", r.Is), l.quoted(at, "starts", r.Starts)
		if (is == "") == (starts == "") {
			l.errorf(at, "one of is and starts must be given")
		}
		l.set(at, r.Set, false)
		l.known(at, r.Outcome)
		l.d.CVC = append(l.d.CVC, CVCRule{is, starts, r.Set, r.Outcome, r.About})
	}
	for _, method := range slices.Sorted(maps.Keys(f.Amounts)) {
		for i, e := range f.Amounts[method] {
			at := fmt.Sprintf("%s amount %d", method, i+1)
			l.ending(at, method, Ending{l.quoted(at, "ends", e.Ends), e.Outcome, e.About})
		}
	}
	return l.d, errors.Join(l.errs...)
}

// loader gathers everything that is wrong with a deck.
type loader struct {
	file string
	d    *Deck
	at   []string // where each card stands
	errs []error
}

func (l *loader) errorf(at, format string, args ...any) {
	l.errs = append(l.errs, fmt.Errorf("%s: %s: %s", l.file, at, fmt.Sprintf(format, args...)))
}

func (l *loader) sets() {
	first := ""
	for _, name := range slices.Sorted(maps.Keys(l.d.Sets)) {
		s := l.d.Sets[name]
		switch {
		case s.About == "":
			l.errorf("set "+name, "about must be given")
		case s.Default && s.Always:
			l.errorf("set "+name, "a set that is always in play cannot be chosen")
		case s.Default && first != "":
			l.errorf("set "+name, "%s is the default already", first)
		case s.Default:
			first = name
		}
	}
	if len(l.d.Sets) > 0 && first == "" {
		l.errorf("sets", "one must be the default")
	}
}

func (l *loader) outcomes() {
	for _, name := range slices.Sorted(maps.Keys(l.d.Outcomes)) {
		r, at := l.d.Outcomes[name], "outcome "+name
		if r.Move == "" || r.About == "" {
			l.errorf(at, "move and about must be given")
		}
		l.later(at, r.Later)
	}
}

func (l *loader) card(at string, c cardLine) {
	number, ok := c.Number.(string)
	checked := c.Luhn == nil || *c.Luhn
	switch {
	case !ok:
		l.errorf(at, "the number must be quoted: YAML reads it as a number")
		return
	case !digits(number) || len(number) < 12 || len(number) > 19 || checked && !Luhn(number):
		l.errorf(at, "%s is not 12 to 19 digits with a right check digit", Mask(number))
		return
	case !checked && Luhn(number):
		l.errorf(at, "%s says luhn: false, and its check digit is right", Mask(number))
	case c.Brand == "" || c.Outcome == "" || c.About == "":
		l.errorf(at, "brand, outcome and about must all be given")
		return
	case c.Token != "" && !token.MatchString(c.Token):
		l.errorf(at, "a token is tok_ and letters, digits and underscores")
	}
	l.set(at, c.Set, len(l.d.Sets) > 0)
	l.known(at, c.Outcome)
	l.later(at, c.Later)
	l.word(at, "three-ds", c.ThreeDS, threeDSWords)
	l.word(at, "three-ds-saved", c.ThreeDSSaved, savedWords)
	l.word(at, "save", c.Save, saveWords)
	l.word(at, "risk", c.Risk, riskWords)
	if c.Checks != nil {
		for _, word := range []string{c.Checks.CVC, c.Checks.Line1, c.Checks.Zip} {
			l.word(at, "checks", word, checkWords)
		}
	}
	if c.Refund != nil {
		l.word(at, "refund", c.Refund.Outcome, refundWord)
		l.after(at, c.Refund.After)
	}
	l.at = append(l.at, at)
	l.d.Cards = append(l.d.Cards, Card{
		number, c.Set, c.Token, c.Brand, c.Outcome, c.About, c.ThreeDS, c.ThreeDSSaved, c.Save, c.Risk, c.Checks, c.Later, c.Refund,
	})
}

func (l *loader) holder(at string, h Holder) {
	if h.Name == "" || h.Name != strings.ToUpper(h.Name) || strings.ContainsAny(h.Name, " \t") {
		l.errorf(at, "the name must be one word in upper case")
	}
	if slices.ContainsFunc(l.d.Holders, func(o Holder) bool { return o.Name == h.Name }) {
		l.errorf(at, "%s is listed twice", h.Name)
	}
	l.known(at, h.Outcome)
	l.d.Holders = append(l.d.Holders, h)
}

func (l *loader) ending(at, method string, e Ending) {
	switch {
	case e.Ends != "" && !digits(e.Ends) || len(e.Ends) > 9:
		l.errorf(at, "ends is up to nine digits")
	case e.Ends == "" && method == MethodCard:
		l.errorf(at, "an ending that fits every amount would leave the cards no say")
	case slices.ContainsFunc(l.d.Amounts[method], func(o Ending) bool { return o.Ends == e.Ends }):
		l.errorf(at, "the ending %q is listed twice", e.Ends)
	}
	l.known(at, e.Outcome)
	l.d.Amounts[method] = append(l.d.Amounts[method], e)
}

// quoted reads digits that must be text.
func (l *loader) quoted(at, key string, v any) string {
	s, ok := v.(string)
	if !ok && v != nil {
		l.errorf(at, "%s must be quoted: YAML reads it as a number", key)
	}
	return s
}

func (l *loader) word(at, key, word string, known []string) {
	if !slices.Contains(known, word) {
		l.errorf(at, "%s: %q is none of %s", key, word, strings.TrimPrefix(strings.Join(known, ", "), ", "))
	}
}

func (l *loader) set(at, name string, wanted bool) {
	if _, ok := l.d.Sets[name]; !ok && (name != "" || wanted) {
		l.errorf(at, "there is no set %q", name)
	}
}

// known checks the name of an outcome, where the deck says what they mean.
func (l *loader) known(at, outcome string) {
	if _, ok := l.d.Outcomes[outcome]; !ok && len(l.d.Outcomes) > 0 {
		l.errorf(at, "there is no outcome %q", outcome)
	}
}

func (l *loader) later(at string, later *Later) {
	if later == nil {
		return
	}
	l.known(at, later.Outcome)
	l.after(at, later.After)
	l.word(at, "from", later.From, fromWords)
}

func (l *loader) after(at, text string) {
	if !duration.MatchString(text) {
		l.errorf(at, "after: %q is no duration like 30s, 10m, 1h or 2d", text)
	}
}
