package openapi

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
)

// What ECMAScript's \s and \S mean, as the inside of a class: Go's know ASCII only.
const (
	spaces    = `\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`
	notSpaces = `\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}`
	anyRune   = `\x{0}-\x{10ffff}`
)

// escape reads an escape outside a class.
func (p *ecma) escape() (string, error) {
	if p.at+1 >= len(p.src) {
		return "", errors.New("a backslash at the end")
	}
	switch c := p.src[p.at+1]; c {
	case 'b', 'B':
		p.at += 2
		return `\` + string(c), nil
	case 'A', 'z', 'G':
		p.at += 2
		return map[rune]string{'A': "^", 'z': "$", 'G': "^"}[c], nil
	case 'Z':
		p.at += 2
		return `\n?$`, nil
	case 'k', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return "", errors.New("a reference back to a group")
	case 'Q', 'E', 'X', 'R':
		return "", fmt.Errorf("an escape \\%c", c)
	}
	text, r, err := p.atom()
	if err != nil {
		return "", err
	}
	if r >= 0 {
		return literal(r)
	}
	return "[" + text + "]", nil
}

// literal is one character; half of a pair has no form in Go's texts.
func literal(r rune) (string, error) {
	if utf16.IsSurrogate(r) {
		return "", errors.New("half of a surrogate pair")
	}
	return regexp.QuoteMeta(string(r)), nil
}

// atom reads an escape: the character that it is, or -1 and the inside of a class.
func (p *ecma) atom() (class string, r rune, err error) {
	c := p.src[p.at+1]
	p.at += 2
	switch c {
	case 'd', 'D', 'w', 'W':
		return `\` + string(c), -1, nil
	case 's':
		return spaces, -1, nil
	case 'S':
		return notSpaces, -1, nil
	case 'h':
		return `\t \x{a0}`, -1, nil
	case 'p', 'P':
		class, err = p.property(c)
		return class, -1, err
	case 't', 'n', 'v', 'f', 'r', '0', 'a', 'e':
		return "", map[rune]rune{'t': '\t', 'n': '\n', 'v': '\v', 'f': '\f', 'r': '\r', 'a': '\a', 'e': 0x1b}[c], nil
	case 'c':
		if p.at < len(p.src) && p.src[p.at] < 0x80 {
			p.at++
			return "", p.src[p.at-1] & 0x1f, nil
		}
	case 'x':
		if r, ok := p.hex(2); ok {
			return "", r, nil
		}
	case 'u':
		return "", p.unicode(), nil
	}
	return "", c, nil
}

// hex reads that many hexadecimal digits, or any number of them in braces.
func (p *ecma) hex(n int) (rune, bool) {
	end, skip := p.at+n, 0
	if p.peek("{") {
		for end = p.at + 1; end < len(p.src) && p.src[end] != '}'; {
			end++
		}
		p.at++
		skip = 1
	}
	if end > len(p.src) {
		p.at -= skip
		return 0, false
	}
	v, err := strconv.ParseUint(string(p.src[p.at:end]), 16, 21)
	if err != nil || v > 0x10ffff {
		p.at -= skip
		return 0, false
	}
	p.at = end + skip
	return rune(v), true
}

// unicode reads \uXXXX, a pair of them, or \u{X…}.
func (p *ecma) unicode() rune {
	r, ok := p.hex(4)
	if !ok {
		return 'u'
	}
	if utf16.IsSurrogate(r) && p.peek(`\u`) {
		start := p.at
		p.at += 2
		if low, ok := p.hex(4); ok {
			if pair := utf16.DecodeRune(r, low); pair != 0xfffd {
				return pair
			}
		}
		p.at = start
	}
	return r
}

// properties are the names that Go has for long ones.
var properties = map[string]string{
	"Letter": "L", "Alphabetic": "L", "Alpha": "L", "Uppercase_Letter": "Lu", "Uppercase": "Lu", "Lowercase_Letter": "Ll", "Lowercase": "Ll", "Mark": "M",
	"Number": "N", "Decimal_Number": "Nd", "digit": "Nd", "Punctuation": "P", "punct": "P", "Symbol": "S", "Currency_Symbol": "Sc", "Separator": "Z",
	"Space_Separator": "Zs", "Other": "C", "Control": "Cc", "Any": "Any",
}

func (p *ecma) property(c rune) (string, error) {
	if !p.take("{") {
		return "", errors.New("a property without a name")
	}
	start := p.at
	for p.at < len(p.src) && p.src[p.at] != '}' {
		p.at++
	}
	name := string(p.src[start:min(p.at, len(p.src))])
	p.at++
	_, value, ok := strings.Cut(name, "=")
	if !ok {
		value = name
	}
	if long := properties[value]; long != "" {
		value = long
	}
	if value == "Any" {
		return anyRune, nil
	}
	return `\` + string(c) + "{" + value + "}", nil
}

// surrogates are how patterns without a flag u say: any character beyond the first 65,536.
const surrogates = `[\uD800-\uDBFF][\uDC00-\uDFFF]`

// class reads a class of characters.
func (p *ecma) class() (string, error) {
	if end := p.at + len(surrogates); end <= len(p.src) && strings.EqualFold(string(p.src[p.at:end]), surrogates) {
		p.at = end
		return `[\x{10000}-\x{10ffff}]`, nil
	}
	p.at++
	not := p.take("^")
	var b strings.Builder
	for !p.peek("]") {
		if p.at >= len(p.src) {
			return "", errors.New("a class that is not closed")
		}
		if err := p.members(&b, not); err != nil {
			return "", err
		}
	}
	p.at++
	switch {
	case b.Len() == 0 && not:
		return "[" + anyRune + "]", nil
	case b.Len() == 0:
		return "[^" + anyRune + "]", nil
	case not:
		return "[^" + b.String() + "]", nil
	}
	return "[" + b.String() + "]", nil
}

var posix = regexp.MustCompile(`^\[:\^?[a-z]+:\]`)

// members reads a character, a range, or a class inside a class.
func (p *ecma) members(b *strings.Builder, not bool) error {
	if p.peek("[:") {
		if word := posix.FindString(string(p.src[p.at:min(len(p.src), p.at+16)])); word != "" {
			p.at += len(word)
			b.WriteString(word)
			return nil
		}
	}
	class, low, err := p.member()
	if err != nil {
		return err
	}
	if low < 0 {
		b.WriteString(class)
		return nil
	}
	if !p.peek("-") || p.at+1 >= len(p.src) || p.src[p.at+1] == ']' {
		return putRange(b, low, low, not)
	}
	start := p.at
	p.at++
	class, high, err := p.member()
	switch {
	case err != nil:
		return err
	case high < 0: // [a-\d] is an a, a dash and the digits
		if err := putRange(b, low, low, not); err != nil {
			return err
		}
		b.WriteString(`\-` + class)
		return nil
	case high < low:
		return fmt.Errorf("a range %s that goes backwards", string(p.src[start-1:p.at]))
	}
	return putRange(b, low, high, not)
}

// putRange writes a range. One over all surrogates takes in what they stand for.
func putRange(b *strings.Builder, low, high rune, not bool) error {
	if utf16.IsSurrogate(low) && utf16.IsSurrogate(high) {
		if !not {
			fmt.Fprint(b, `\x{10000}-\x{10ffff}`)
		}
		return nil
	}
	fmt.Fprintf(b, `\x{%x}-\x{%x}`, low, high)
	if !not && low < 0xd800 && high > 0xdfff && high <= 0xffff {
		b.WriteString(`\x{10000}-\x{10ffff}`)
	}
	return nil
}

// member reads one character of a class, or -1 and what stands for several.
func (p *ecma) member() (class string, r rune, err error) {
	if p.at >= len(p.src) {
		return "", 0, errors.New("a class that is not closed")
	}
	if p.src[p.at] != '\\' {
		p.at++
		return "", p.src[p.at-1], nil
	}
	if p.at+1 >= len(p.src) {
		return "", 0, errors.New("a backslash at the end")
	}
	switch c := p.src[p.at+1]; {
	case c == 'b':
		p.at += 2
		return "", '\b', nil
	case c >= '1' && c <= '7': // an old octal escape
		p.at += 2
		return "", c - '0', nil
	}
	return p.atom()
}
