package scenarios

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

var cardFunctions = []*function{
	ofText("mask(s)", "a card number with its first six and last four digits; a shorter text with its last four", func(s string) any { return mask(s) }),
	ofText("luhn(s)", "whether the digits end in their Luhn check digit", func(s string) any { return luhn(s) }),
	pure(2, 2, "mod10(digits, [weights])", "sum of digit × weight, weights in turn, modulo 10; nil when s is not digits", mod10),
	ofText("crc16(s)", "the checksum of a PIX code, CRC-16/CCITT-FALSE, in four hexadecimal digits", func(s string) any { return crc16(s) }),
	ofText("digest(s)", "SHA-256 in hex", func(s string) any {
		sum := sha256.Sum256([]byte(s))
		return hex.EncodeToString(sum[:])
	}),
}

// mask never shows more than first six and last four, and never all of it.
func mask(s string) string {
	r := []rune(strings.NewReplacer(" ", "", "-", "").Replace(s))
	stars := func(n int) string { return strings.Repeat("*", n) }
	switch n := len(r); {
	case n >= 12:
		return string(r[:6]) + stars(n-10) + string(r[n-4:])
	case n > 4:
		return stars(n-4) + string(r[n-4:])
	default:
		return stars(n)
	}
}

func luhn(s string) bool {
	if len(s) < 2 || !allDigits(s) {
		return false
	}
	sum := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

func allDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func mod10(args ...any) (any, error) {
	list, err := listOf(args[1])
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("mod10 takes at least one weight")
	}
	weights := make([]int, len(list))
	for i, w := range list {
		var ok bool
		if weights[i], ok = toInt(w); !ok || abs(weights[i]) > 1000 {
			return nil, fmt.Errorf("mod10: a weight is a whole number up to 1000")
		}
	}
	s, ok := args[0].(string)
	if !ok || !allDigits(s) {
		return nil, nil
	}
	sum := 0
	for i := range len(s) {
		sum += int(s[i]-'0') * weights[i%len(weights)]
	}
	return ((sum % 10) + 10) % 10, nil
}

// crc16 is CRC-16/CCITT-FALSE: polynomial 0x1021, from 0xFFFF, not reflected.
func crc16(s string) string {
	crc := uint16(0xFFFF)
	for i := range len(s) {
		crc ^= uint16(s[i]) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return fmt.Sprintf("%04X", crc)
}
