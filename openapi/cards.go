package openapi

import (
	"slices"
	"strings"
)

// MaskCards hides the middle of every number in a text that is a payment card's: 13 to 19 digits that begin as the cards of some
// scheme do, with spaces or dashes between them, and a right check digit. It is narrower than Mask, because what it is given is
// kept: a CNPJ, a CLABE, a UUID, a telephone number behind its plus sign and a number inside hex digits stay as they are.
func MaskCards(s string) string {
	if !manyDigits(s) {
		return s
	}
	var out []byte
	for i := 0; i < len(s); {
		if !isDigit(s[i]) {
			i++
			continue
		}
		end, _ := digitRun([]byte(s[i:]), 0)
		for _, at := range cardsIn(s[i : i+end]) {
			from, to := i+at[0], i+at[1]
			if s[max(from-1, 0)] == '+' || inHex(s, from, to) || inUUID(s, from) && inUUID(s, to-1) {
				continue
			}
			if out == nil {
				out = []byte(s)
			}
			hideMiddle(out[from:to])
		}
		i += end
	}
	if out == nil {
		return s
	}
	return string(out)
}

// MaskCardsJSON does it in the strings of a JSON text, in place. Numbers stay: they are amounts.
func MaskCardsJSON(text []byte) []byte {
	for i := 0; i < len(text); i++ {
		if text[i] != '"' {
			continue
		}
		end := i + 1
		for end < len(text) && text[end] != '"' {
			if text[end] == '\\' {
				end++
			}
			end++
		}
		end = min(end, len(text))
		if inside := text[i+1 : end]; manyDigits(inside) {
			copy(inside, MaskCards(string(inside)))
		}
		i = end
	}
	return text
}

// Digits of a card number.
const (
	leastCard = 13
	mostCard  = 19
)

// manyDigits is the quick way out: hardly any text has so many.
func manyDigits[T string | []byte](s T) bool {
	n := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case isDigit(c):
			if n++; n >= leastCard {
				return true
			}
		case c != ' ' && c != '-':
			n = 0
		}
	}
	return false
}

// cardsIn finds card numbers in a run of digits, each of whole groups: "12 4242 4242 4242 4242" holds one.
func cardsIn(run string) (found [][2]int) {
	var groups [][2]int
	for i := 0; i < len(run); i++ {
		switch {
		case !isDigit(run[i]):
		case i == 0 || !isDigit(run[i-1]):
			groups = append(groups, [2]int{i, i + 1})
		default:
			groups[len(groups)-1][1] = i + 1
		}
	}
	for i := 0; i < len(groups); i++ {
		for j := len(groups) - 1; j >= i; j-- {
			text := run[groups[i][0]:groups[j][1]]
			if len(text) >= leastCard && isCard(unspaced.Replace(text)) {
				found = append(found, [2]int{groups[i][0], groups[j][1]})
				i = j
				break
			}
		}
	}
	return found
}

// unspaced leaves out what people write between a card's digits.
var unspaced = strings.NewReplacer(" ", "", "-", "")

// cardRange is how the numbers of a card scheme begin, and how long they are.
type cardRange struct {
	from, to string // of the first digits
	lengths  []int
}

var cardRanges = []cardRange{
	{"4", "4", []int{13, 16, 19}},
	{"51", "55", []int{16}},
	{"2200", "2720", []int{16}},
	{"34", "34", []int{15}},
	{"37", "37", []int{15}},
	{"300", "305", []int{14, 16}},
	{"36", "36", []int{14, 16}},
	{"38", "39", []int{14, 16}},
	{"3528", "3589", []int{16, 17, 18, 19}},
	{"50", "50", []int{13, 14, 15, 16, 17, 18, 19}},
	{"56", "69", []int{13, 14, 15, 16, 17, 18, 19}},
	{"81", "82", []int{16, 17, 18, 19}},
}

func isCard(digits string) bool {
	if len(digits) > mostCard || !luhn([]byte(digits)) || isCNPJ(digits) || isCLABE(digits) {
		return false
	}
	return slices.ContainsFunc(cardRanges, func(r cardRange) bool {
		head := digits[:len(r.from)]
		return head >= r.from && head <= r.to && slices.Contains(r.lengths, len(digits))
	})
}

// isCNPJ knows the number of a Brazilian company by its two check digits.
func isCNPJ(digits string) bool {
	if len(digits) != 14 {
		return false
	}
	for n := 12; n < 14; n++ {
		sum, weight := 0, 2
		for i := n - 1; i >= 0; i-- {
			sum += int(digits[i]-'0') * weight
			if weight++; weight > 9 {
				weight = 2
			}
		}
		check := 11 - sum%11
		if check > 9 {
			check = 0
		}
		if int(digits[n]-'0') != check {
			return false
		}
	}
	return true
}

// isCLABE knows a Mexican account number by its check digit.
func isCLABE(digits string) bool {
	if len(digits) != 18 {
		return false
	}
	sum := 0
	for i := range 17 {
		sum += int(digits[i]-'0') * [3]int{3, 7, 1}[i%3] % 10
	}
	return int(digits[17]-'0') == (10-sum%10)%10
}

// leastHex is how many hex digits in a row are a hash or a key and no number.
const leastHex = 32

// inHex tells whether digits stand within a long run of hex digits that has letters too.
func inHex(s string, from, to int) bool {
	start, end, letters := from, to, false
	isHex := func(c byte) bool {
		letter := c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
		letters = letters || letter
		return letter || isDigit(c)
	}
	for start > 0 && isHex(s[start-1]) {
		start--
	}
	for end < len(s) && isHex(s[end]) {
		end++
	}
	return letters && end-start >= leastHex
}

// hideMiddle leaves the first six and the last four digits.
func hideMiddle(b []byte) {
	digits := 0
	for _, c := range b {
		if isDigit(c) {
			digits++
		}
	}
	seen := 0
	for i, c := range b {
		if isDigit(c) {
			if seen++; seen > 6 && seen <= digits-4 {
				b[i] = '*'
			}
		}
	}
}
