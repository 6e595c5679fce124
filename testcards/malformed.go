package testcards

import "strings"

// furthest is how many years ahead an expiry may lie.
const furthest = 50

// malformed looks at what was given beside the number. The month and year
// count together: a card is good to the end of its month.
func malformed(p Presented, brand string) Played {
	year, month := p.Now.UTC().Year(), int(p.Now.UTC().Month())
	length := 3
	if brand == "amex" || brand == "" && amex(p.Number) {
		length = 4
	}
	switch {
	case p.Month < 0 || p.Month > 12:
		return problem("invalid_expiry_month", "month", "The card's expiration month is invalid: expected 1 to 12.")
	case p.Year != 0 && (p.Year < 1000 || p.Year > year+furthest):
		return problem("invalid_expiry_year", "year", "The card's expiration year is invalid: expected four digits, at most 50 years ahead.")
	case p.Year != 0 && p.Year < year:
		out := problem("invalid_expiry_year", "year", "The card's expiration year is in the past.")
		out.Expired = true
		return out
	case p.Year == year && p.Month != 0 && p.Month < month:
		out := problem("expired_card", "month", "The card has expired: its month has passed.")
		out.Expired = true
		return out
	case p.CVC != "" && (!digits(p.CVC) || len(p.CVC) != length):
		if length == 4 {
			return problem("invalid_cvc", "cvc", "The card's security code is invalid: expected 4 digits.")
		}
		return problem("invalid_cvc", "cvc", "The card's security code is invalid: expected 3 digits.")
	}
	return Played{}
}

func problem(code, field, message string) Played {
	return Played{Problem: code, Field: field, Rule: "data", Outcome: code, Code: code, Message: message}
}

// amex tells an unlisted number's brand, for the length of its CVC.
func amex(number string) bool {
	number = plain(number)
	return strings.HasPrefix(number, "34") || strings.HasPrefix(number, "37")
}
