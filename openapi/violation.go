package openapi

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Violation is one way in which a request or value breaks the contract.
type Violation struct {
	Pointer  string // where, such as "/body/data/email", "/query/type", "/path/id", "/header/x-id"
	Rule     string // the keyword broken, such as "required", "type", "enum", "contentType", "json", "limit"
	Expected string
	Got      string // never a secret, never a whole card number
	Near     string // the name or value that was probably meant, "" if none is near
}

// String is the violation in one line: "/body/amount: type: expected number, got string \"x\"".
func (v Violation) String() string {
	where := v.Pointer
	if where == "" {
		where = "/"
	}
	line := fmt.Sprintf("%s: %s: expected %s", where, v.Rule, v.Expected)
	if v.Got != "" {
		line += ", got " + v.Got
	}
	if v.Near != "" {
		line += fmt.Sprintf("; did you mean %q?", v.Near)
	}
	return line
}

const maxGot = 60

// hidden are the parts of a name whose value is never shown.
var hidden = []string{"password", "passwd", "passphrase", "secret", "token", "apikey", "privatekey", "credential", "authorization", "otp", "cvc", "cvv"}

// secretName tells whether a property's name says that its value is a secret.
func secretName(name string) bool {
	plain := PlainName(name)
	if plain == "pin" || plain == "key" {
		return true
	}
	for _, h := range hidden {
		if strings.Contains(plain, h) {
			return true
		}
	}
	return false
}

// secretPath tells whether a value may be shown by the names on the way to it.
// A card's number is none of them by its own name: it may be mistyped, and
// then no check digit gives it away.
func secretPath(names []string) bool {
	for i, name := range names {
		plain := PlainName(name)
		if secretName(name) || strings.Contains(plain, "cardnumber") || plain == "number" && i > 0 && strings.Contains(PlainName(names[i-1]), "card") {
			return true
		}
	}
	return false
}

// PlainName is a name in lower case without anything but letters and digits, so that api_key, apiKey and API-Key are one.
func PlainName(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, name)
}

// describe says what a value is, for Got. A secret shows its kind only.
func describe(v any, secret bool) string {
	kind := kindOfValue(v)
	switch v := v.(type) {
	case nil:
		return kind
	case map[string]any, []any:
		return kind
	case string:
		if secret {
			return kind + " (not shown)"
		}
		return kind + " " + string(appendString(nil, show(v)))
	default:
		if secret {
			return kind + " (not shown)"
		}
		return kind + " " + show(fmt.Sprint(v))
	}
}

func kindOfValue(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case map[string]any:
		return "object"
	case []any:
		return "array"
	case string:
		return "string"
	case bool:
		return "boolean"
	case json.Number, int, int32, int64, uint64, float64:
		return "number"
	}
	return "value"
}

// show masks digits that look like a card number and cuts what is long.
func show(s string) string {
	s = strings.ToValidUTF8(s, "�")
	if len(s) > 8*maxGot {
		s = strings.ToValidUTF8(s[:8*maxGot], "")
	}
	s = maskDigits(s)
	if utf8.RuneCountInString(s) <= maxGot {
		return s
	}
	return string([]rune(s)[:maxGot-1]) + "…"
}

// maskDigits replaces the middle of every run of 12 to 19 digits that could be a card number: spaces and dashes between them allowed, the check digit
// right. Longer runs lose their middle too, because a card number may stand next to other digits. A UUID is no card number.
func maskDigits(s string) string {
	out := []byte(s)
	for i := 0; i < len(out); {
		end, digits := digitRun(out, i)
		if digits == 0 {
			i++
			continue
		}
		if digits >= 12 && (digits > 19 || luhn(out[i:end])) && !inUUID(s, i) {
			seen := 0
			for j := i; j < end; j++ {
				if isDigit(out[j]) {
					if seen++; seen > 6 && seen <= digits-4 {
						out[j] = '*'
					}
				}
			}
		}
		i = end
	}
	return string(out)
}

// digitRun returns where a run of digits that starts at i ends, and how many digits it has.
func digitRun(b []byte, i int) (end, digits int) {
	end = i
	for j := i; j < len(b); j++ {
		if isDigit(b[j]) {
			digits, end = digits+1, j+1
		} else if digits == 0 || b[j] != ' ' && b[j] != '-' || j+1 >= len(b) || !isDigit(b[j+1]) {
			break
		}
	}
	return end, digits
}

// luhn tells whether the check digit of a card number is right; what is no digit does not count.
func luhn(b []byte) bool {
	sum, double := 0, false
	for i := len(b) - 1; i >= 0; i-- {
		if !isDigit(b[i]) {
			continue
		}
		d := int(b[i] - '0')
		if double {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum, double = sum+d, !double
	}
	return sum%10 == 0
}

var uuids = regexp.MustCompile(`[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`)

// inUUID tells whether what stands at i is part of a UUID.
func inUUID(s string, i int) bool {
	for _, at := range uuids.FindAllStringIndex(s, -1) {
		if at[0] <= i && i < at[1] {
			return true
		}
	}
	return false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// escapeToken writes a name as one token of a JSON pointer.
func escapeToken(name string) string {
	if !strings.ContainsAny(name, "~/") {
		return name
	}
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}
