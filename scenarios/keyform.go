package scenarios

import (
	"hash/crc32"
	"strings"
	"unicode/utf8"
)

// keySigns are the characters of a whole key.
const keySigns = "_-" + keyAlphabet

// MistypedKey reports text that is one character away from a key whose
// checksum fits: it has one too many, one too few, or another one. shaped
// tells what may be a key.
func MistypedKey(s string, shaped func(string) bool) bool {
	fits := func(key string) bool { return shaped(key) && KeyChecks(key) }
	for i, size := 0, 0; i <= len(s); i += size {
		_, size = utf8.DecodeRuneInString(s[i:])
		if i < len(s) && fits(s[:i]+s[i+size:]) || oneSign(s[:i], s[i:], fits) || i < len(s) && oneSign(s[:i], s[i+size:], fits) {
			return true
		}
		if i == len(s) {
			break
		}
	}
	return false
}

// oneSign reports whether some character between the two halves makes a key.
// It computes checksums only, a few thousand of them in all.
func oneSign(before, after string, fits func(string) bool) bool {
	if len(before)+1+len(after) < KeyTail {
		return false
	}
	if missing := keyCheck - 1 - len(after); missing >= 0 { // the character is one of the checksum's
		sum := keyChecksum(before[:len(before)-missing])
		return fits(before + sum[missing:missing+1] + after)
	}
	want, ok := keySum(after[len(after)-keyCheck:])
	if !ok {
		return false
	}
	start := crc32.ChecksumIEEE([]byte(before))
	rest := []byte(" " + after[:len(after)-keyCheck])
	for i := range len(keySigns) {
		rest[0] = keySigns[i]
		if crc32.Update(start, crc32.IEEETable, rest) == want && fits(before+keySigns[i:i+1]+after) {
			return true
		}
	}
	return false
}

// keySum reads what keyChecksum wrote.
func keySum(s string) (uint32, bool) {
	var n uint64
	for i := range len(s) {
		d := strings.IndexByte(keyAlphabet, s[i])
		if d < 0 {
			return 0, false
		}
		n = n*62 + uint64(d)
	}
	return uint32(n), n < 1<<32
}
