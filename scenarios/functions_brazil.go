package scenarios

import "strings"

var brazilFunctions = []*function{
	ofText("digitsOnly(s)", "the digits of s", func(s string) any { return onlyDigits(s) }),
	ofText("cpf(s)", "whether s is a CPF with right check digits, punctuation or not", func(s string) any { return cpf(s) }),
	ofText("cnpj(s)", "whether s is a CNPJ with right check digits; its first twelve may be capital letters", func(s string) any { return cnpj(s) }),
}

func onlyDigits(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, s)
}

var punctuation = strings.NewReplacer(".", "", "-", "", "/", "", " ", "")

func cpf(s string) bool {
	s = punctuation.Replace(s)
	return len(s) == 11 && allDigits(s) && !oneLetter(s) &&
		checkDigit(s[:9], 11) == s[9] && checkDigit(s[:10], 11) == s[10]
}

func cnpj(s string) bool {
	s = punctuation.Replace(s)
	if len(s) != 14 || !allDigits(s[12:]) || oneLetter(s) {
		return false
	}
	for _, c := range s[:12] {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return checkDigit(s[:12], 9) == s[12] && checkDigit(s[:13], 9) == s[13]
}

func oneLetter(s string) bool { return strings.Count(s, s[:1]) == len(s) }

// checkDigit weighs from the right with 2, 3 … up to most, and around again.
func checkDigit(s string, most int) byte {
	sum, weight := 0, 2
	for i := len(s) - 1; i >= 0; i-- {
		sum += int(s[i]-'0') * weight
		if weight++; weight > most {
			weight = 2
		}
	}
	if rest := sum % 11; rest >= 2 {
		return byte('0' + 11 - rest)
	}
	return '0'
}
