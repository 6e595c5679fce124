package testcards

import (
	"strings"
	"sync"
)

// published are test numbers that other payment providers publish for their own test modes, beside those of our decks. Whoever brings a contract tries
// it with them. Nobody's card has one of them.
var published = []string{
	"4111111145551142", "4988438843884305", "5555341244441115", "5555444433331111", "5100060000000002", "2222400070000005", "370000000000002",
	"4917610000000000", "5031433215406351", "4235647728025682", "5031755734530604", "375365153556885", "4509953566233704", "371180303257522",
	"4084084084084081", "4084080000005408", "507850785078507812", "5060666666666666666", "4012888888881881", "4005519200000004", "4009348888881881",
	"4012000033330026", "4012000077777777", "4217651111111119", "4500600000000061", "2223000048400011", "4444333322221111", "4761739001010010",
}

var allListed = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{}
	for _, number := range published {
		all[number] = true
	}
	for _, name := range Names() {
		d, err := Embedded(name)
		if err != nil {
			continue
		}
		for _, c := range d.Cards {
			all[c.Number] = true
		}
	}
	return all
})

// Real reports a number that may be somebody's card: 13 to 19 digits with a right check digit, which no deck and no provider lists as a test card.
// Spaces and dashes between the digits do not count.
func Real(number string) bool {
	plain := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, number)
	return len(plain) >= 13 && len(plain) <= 19 && digits(plain) && Luhn(plain) && !allListed()[plain]
}
