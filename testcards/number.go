package testcards

import "strings"

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
	if len(number) < 2 || !digits(number) {
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

// plain drops the spaces and dashes that people write between digits.
func plain(number string) string {
	if !strings.ContainsAny(number, " -") {
		return number
	}
	return strings.NewReplacer(" ", "", "-", "").Replace(number)
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
