package openapi

import (
	"math/big"
	"strings"
	"testing"
	"time"
)

var aDay = time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)

// mod11 counts a check digit anew, by another way than the one that made it.
func mod11(digits string, heaviest int) byte {
	sum, weight := 0, 2
	for i := len(digits) - 1; i >= 0; i-- {
		sum += int(digits[i]-'0') * weight
		if weight++; weight > heaviest {
			weight = 2
		}
	}
	if r := 11 - sum%11; r < 10 {
		return byte('0' + r)
	}
	return '0'
}

func TestCheckDigitsAreRight(t *testing.T) {
	for seed := range uint64(200) {
		f := NewFaker(seed, aDay)
		cpf, cnpj := newCPF(f), newCNPJ(f)
		if len(cpf) != 11 || cpf[9] != mod11(cpf[:9], 12) || cpf[10] != mod11(cpf[:10], 12) {
			t.Errorf("CPF %s", cpf)
		}
		if !isCNPJ(cnpj) || cnpj[12] != mod11(cnpj[:12], 9) || cnpj[13] != mod11(cnpj[:13], 9) {
			t.Errorf("CNPJ %s", cnpj)
		}
		for _, country := range []string{"DE", "GB", "PT", "NL", "BR", "US"} {
			iban := newIBAN(f, country)
			digits := strings.Builder{}
			for _, r := range iban[4:] + iban[:4] {
				if r >= 'A' {
					digits.WriteString(big.NewInt(int64(r - 'A' + 10)).String())
				} else {
					digits.WriteRune(r)
				}
			}
			n, ok := new(big.Int).SetString(digits.String(), 10)
			if !ok || n.Mod(n, big.NewInt(97)).Int64() != 1 {
				t.Errorf("IBAN %s", iban)
			}
		}
		code := newBarcode(f)
		check := mod11(code[:4]+code[5:], 9)
		if check == '0' {
			check = '1'
		}
		if len(code) != 44 || code[4] != check {
			t.Errorf("barcode %s", code)
		}
		line := typeableLine(code)
		if len(line) != 47 || line[9:10] != check10(line[:9]) || !luhn([]byte(line[:10])) || !luhn([]byte(line[10:21])) || !luhn([]byte(line[21:32])) || line[32] != code[4] {
			t.Errorf("line %s of %s", line, code)
		}
	}
}

func TestChecksumOfPIXText(t *testing.T) {
	text := newEMV(NewFaker(1, aDay), "Ana", "Campinas", "ana@example.com")
	if !strings.HasPrefix(text, "000201") || !strings.Contains(text, "br.gov.bcb.pix0115ana@example.com") || !strings.Contains(text, "6304") {
		t.Errorf("%s", text)
	}
	crc := uint16(0xffff)
	for _, c := range []byte(text[:len(text)-4]) {
		for bit := 7; bit >= 0; bit-- {
			top := crc>>15 ^ uint16(c>>bit&1)
			if crc <<= 1; top == 1 {
				crc ^= 0x1021
			}
		}
	}
	const digits = "0123456789ABCDEF"
	want := string([]byte{digits[crc>>12], digits[crc>>8&15], digits[crc>>4&15], digits[crc&15]})
	if got := text[len(text)-4:]; got != want {
		t.Errorf("checksum %s, want %s", got, want)
	}
}
