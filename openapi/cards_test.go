package openapi_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sandgate/sandgate/openapi"
)

func TestMaskCards(t *testing.T) {
	for in, want := range map[string]string{
		"4242424242424242":                         "424242******4242",
		"pay with 4242 4242 4242 4242, please":     "pay with 4242 42** **** 4242, please",
		"4242-4242-4242-4242":                      "4242-42**-****-4242",
		"order 12 4242424242424242":                "order 12 424242******4242",
		"4242424242424242 12/30":                   "424242******4242 12/30",
		"x4242424242424242y":                       "x424242******4242y",
		"378282246310005":                          "378282*****0005",
		"30569309025904":                           "305693****5904",
		"4222222222222":                            "422222***2222",
		"5555555555554444 and 4000000000000002":    "555555******4444 and 400000******0002",
		"6011111111111117":                         "601111******1117",
		"3530111333300000":                         "353011******0000",
		"https://x.test/4242424242424242?a=1":      "https://x.test/424242******4242?a=1",
		"4242424242424241":                         "4242424242424241", // the check digit is wrong
		"9007199254740993":                         "9007199254740993",
		"1767225600000":                            "1767225600000",
		"+4242424242424242":                        "+4242424242424242",
		"b0000000-0000-4000-8000-4242424242424242": "b0000000-0000-4000-8000-424242******4242",
		"00000000-0000-4000-8000-424242424242":     "00000000-0000-4000-8000-424242424242",
		"dead4242424242424242beefdead4242beefbeef": "dead4242424242424242beefdead4242beefbeef",
		"42424242424242424242424242424242":         "42424242424242424242424242424242", // one number, and too long a one
		"":                                         "",
		"José 4242424242424242 é":                  "José 424242******4242 é",
	} {
		if got := openapi.MaskCards(in); got != want {
			t.Errorf("MaskCards(%q) = %q, want %q", in, got, want)
		}
	}
}

// Documents and accounts with check digits of their own stay, though some of them would pass for a card.
func TestMaskCardsLeavesDocuments(t *testing.T) {
	for _, in := range []string{"012180001182818150", "032180000118359719", "646180110400000007"} {
		if got := openapi.MaskCards(in); got != in {
			t.Errorf("a CLABE became %s", got)
		}
	}
	// Every CNPJ that begins as cards of 14 digits do.
	for n := range 3000 {
		digits := cnpj("36" + strings.Repeat("0", 2) + pad(n, 4) + "0001")
		if got := openapi.MaskCards(digits); got != digits {
			t.Fatalf("a CNPJ became %s", got)
		}
	}
}

func pad(n, width int) string {
	raw, _ := json.Marshal(n)
	return strings.Repeat("0", width-len(raw)) + string(raw)
}

// cnpj adds two check digits to twelve.
func cnpj(digits string) string {
	for range 2 {
		sum := 0
		for i := range digits {
			sum += int(digits[len(digits)-1-i]-'0') * (2 + i%8)
		}
		check := 11 - sum%11
		if check > 9 {
			check = 0
		}
		digits += string(rune('0' + check))
	}
	return digits
}

func TestMaskCardsJSON(t *testing.T) {
	for in, want := range map[string]string{
		`{"a":"4242424242424242","n":4242424242424242}`: `{"a":"424242******4242","n":4242424242424242}`,
		`{"4242424242424242":"x"}`:                      `{"424242******4242":"x"}`,
		`{"a":"\"4242424242424242\"","b":["\\",""]}`:    `{"a":"\"424242******4242\"","b":["\\",""]}`,
		`{"a":"é\u2028 4242424242424242"}`:              `{"a":"é\u2028 424242******4242"}`,
		`"unfinished 4242424242424242`:                  `"unfinished 424242******4242`,
		`{}`:                                            `{}`,
		"":                                              "",
		`"\`:                                            `"\`,
	} {
		if got := openapi.MaskCardsJSON([]byte(in)); string(got) != want {
			t.Errorf("%s became %s, want %s", in, got, want)
		}
	}
}

func FuzzMaskCards(f *testing.F) {
	f.Add("4242 4242 4242 4242 12")
	f.Add("+-4 \x00é")
	f.Fuzz(func(t *testing.T, s string) {
		got := openapi.MaskCards(s)
		if len(got) != len(s) || openapi.MaskCards(got) != got {
			t.Errorf("%q became %q", s, got)
		}
	})
}
