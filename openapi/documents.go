package openapi

import (
	"fmt"
	"math/big"
	"strings"
)

// Numbers with check digits, which are right, of people and accounts that do not exist.

func digitsOf(f Faker, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + f.Intn(10))
	}
	return b
}

// check11 is the check digit of the last len(weights) digits by remainders of 11.
func check11(digits []byte, weights ...int) byte {
	sum := 0
	for i, w := range weights {
		sum += int(digits[i]-'0') * w
	}
	if r := sum % 11; r >= 2 {
		return byte('0' + 11 - r)
	}
	return '0'
}

// newCPF is the number of a Brazilian taxpayer.
func newCPF(f Faker) string {
	b := digitsOf(f, 9)
	b = append(b, check11(b, 10, 9, 8, 7, 6, 5, 4, 3, 2))
	return string(append(b, check11(b, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2)))
}

// newCNPJ is the number of a Brazilian company.
func newCNPJ(f Faker) string {
	b := append(digitsOf(f, 8), "0001"...)
	b = append(b, check11(b, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2))
	return string(append(b, check11(b, 6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)))
}

func maskedCPF(s string) string {
	return s[:3] + "." + s[3:6] + "." + s[6:9] + "-" + s[9:]
}

func maskedCNPJ(s string) string {
	return s[:2] + "." + s[2:5] + "." + s[5:8] + "/" + s[8:12] + "-" + s[12:]
}

// newIBAN is an account number of a country, of its own length where we know it.
func newIBAN(f Faker, country string) string {
	length := map[string]int{"DE": 18, "GB": 18, "PT": 21, "NL": 14, "BR": 25}[country]
	bank := map[string]string{"GB": "EXMP", "NL": "EXMP"}[country]
	if length == 0 {
		country, length = "DE", 18
	}
	account := bank + string(digitsOf(f, length-len(bank)))
	if country == "BR" {
		account = account[:23] + "C1"
	}
	return country + ibanCheck(country, account) + account
}

// ibanCheck are the two digits after the country, by remainders of 97.
func ibanCheck(country, account string) string {
	var digits strings.Builder
	for _, r := range account + country + "00" {
		if r >= 'A' {
			fmt.Fprint(&digits, r-'A'+10)
		} else {
			digits.WriteRune(r)
		}
	}
	n, _ := new(big.Int).SetString(digits.String(), 10)
	return fmt.Sprintf("%02d", 98-new(big.Int).Mod(n, big.NewInt(97)).Int64())
}

// newBIC is a bank of a country that does not exist.
func newBIC(country string) string { return "EXMP" + country + "22XXX" }

// newBarcode is that of a Brazilian bank slip: 44 digits, the fifth of them the check digit of the others.
func newBarcode(f Faker) string {
	rest := "0019" + string(digitsOf(f, 39))
	sum, weight := 0, 2
	for i := len(rest) - 1; i >= 0; i-- {
		sum += int(rest[i]-'0') * weight
		if weight++; weight > 9 {
			weight = 2
		}
	}
	check := 11 - sum%11
	if check == 0 || check > 9 {
		check = 1
	}
	return rest[:4] + fmt.Sprint(check) + rest[4:]
}

// typeableLine is a barcode as people type it: 47 digits in five fields, three of which have a check digit of their own.
func typeableLine(barcode string) string {
	free := barcode[19:]
	a, b, c := barcode[:4]+free[:5], free[5:15], free[15:]
	return a + check10(a) + b + check10(b) + c + check10(c) + barcode[4:5] + barcode[5:19]
}

// check10 is a check digit by remainders of 10, doubling from the right.
func check10(digits string) string {
	sum := 0
	for i := range len(digits) {
		n := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return fmt.Sprint((10 - sum%10) % 10)
}

// newEMV is the text of a PIX code to copy, with its checksum.
func newEMV(f Faker, name, city, key string) string {
	field := func(id, value string) string { return fmt.Sprintf("%s%02d%s", id, len(value), value) }
	short := func(s string, n int) string {
		s = strings.ToUpper(asciiName(s))
		return s[:min(len(s), n)]
	}
	text := field("00", "01") + field("26", field("00", "br.gov.bcb.pix")+field("01", key)) + field("52", "0000") + field("53", "986") + field("58", "BR") +
		field("59", short(name, 25)) + field("60", short(city, 15)) + field("62", field("05", string(digitsOf(f, 10)))) + "6304"
	crc := uint16(0xffff)
	for i := range len(text) {
		crc ^= uint16(text[i]) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return text + fmt.Sprintf("%04X", crc)
}
