package openapi

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// plain reads text without quotes, over several lines where these are indented more than parent.
func (r *yamlReader) plain(parent int, flow bool) ([]byte, error) {
	if c := r.src[r.pos]; bytes.IndexByte([]byte("@`%|>&*!,[]{}#\"'"), c) >= 0 {
		return nil, r.fail("a value cannot start with %q: put it in quotes", c)
	} else if (c == '-' || c == '?' || c == ':') && r.blankAt(r.pos+1) {
		return nil, r.fail("%q is in the way", c)
	}
	text, err := r.plainLine(flow)
	if err != nil {
		return nil, err
	}
	shared := true // with src
	for {
		at, start, breaks := r.pos, r.start, 0
		for r.pos < len(r.src) && isBlank(r.src[r.pos]) {
			if r.src[r.pos] == '\n' {
				breaks++
				r.start = r.pos + 1
			}
			r.pos++
		}
		if breaks == 0 || r.pos >= len(r.src) || r.col() <= parent || r.src[r.pos] == '#' || flow && r.flowStop() {
			r.pos, r.start = at, start
			return text, nil
		}
		more, err := r.plainLine(flow)
		if err != nil {
			return nil, err
		}
		if shared {
			text, shared = bytes.Clone(text), false
		}
		text = append(foldInto(text, breaks), more...)
	}
}

func (r *yamlReader) flowStop() bool {
	c := r.src[r.pos]
	return bytes.IndexByte([]byte(",[]{}"), c) >= 0 || c == ':' && r.colonEnds(r.pos)
}

// colonEnds says whether the colon at i ends a plain scalar inside brackets.
func (r *yamlReader) colonEnds(i int) bool {
	return r.blankAt(i+1) || bytes.IndexByte([]byte(",[]{}"), r.src[i+1]) >= 0
}

// plainLine reads the part of a plain scalar that stands on this line.
func (r *yamlReader) plainLine(flow bool) ([]byte, error) {
	from := r.pos
loop:
	for ; r.pos < len(r.src); r.pos++ {
		switch r.src[r.pos] {
		case '\n':
			break loop
		case ':':
			if flow && r.colonEnds(r.pos) {
				break loop
			}
			if r.blankAt(r.pos + 1) {
				return nil, r.fail("a colon and a space inside a value: put it in quotes")
			}
		case '#':
			if r.pos > from && isBlank(r.src[r.pos-1]) {
				break loop
			}
		case ',', '[', ']', '{', '}':
			if flow {
				break loop
			}
		}
	}
	return bytes.TrimRight(r.src[from:r.pos], " \t"), nil
}

// foldInto writes line ends: one is a space, more are one less.
func foldInto(text []byte, breaks int) []byte {
	if breaks == 1 {
		return append(text, ' ')
	}
	for range breaks - 1 {
		text = append(text, '\n')
	}
	return text
}

// quoted reads text in quotes.
func (r *yamlReader) quoted(parent int) ([]byte, error) {
	from, quote := r.pos, r.src[r.pos]
	r.pos++
	// Most are plain text on one line.
	for i := r.pos; i < len(r.src) && r.src[i] != '\n' && r.src[i] != '\\'; i++ {
		if r.src[i] == quote {
			if quote == '\'' && i+1 < len(r.src) && r.src[i+1] == '\'' {
				break
			}
			text := r.src[r.pos:i]
			r.pos = i + 1
			return text, nil
		}
	}
	var text []byte
	for r.pos < len(r.src) {
		c := r.src[r.pos]
		r.pos++
		switch {
		case c == quote && quote == '\'' && r.pos < len(r.src) && r.src[r.pos] == '\'':
			text = append(text, '\'')
			r.pos++
		case c == quote:
			return text, nil
		case c == '\n':
			text = r.foldQuoted(text)
		case c == '\\' && quote == '"':
			var err error
			if text, err = r.escape(text); err != nil {
				return nil, err
			}
		default:
			text = append(text, c)
		}
	}
	return nil, r.failAt(from, "this quote is never closed")
}

// foldQuoted goes over a line end and the empty lines behind it.
func (r *yamlReader) foldQuoted(text []byte) []byte {
	breaks := 1
	r.start = r.pos
	for r.pos < len(r.src) && isBlank(r.src[r.pos]) {
		if r.src[r.pos] == '\n' {
			breaks++
			r.start = r.pos + 1
		}
		r.pos++
	}
	return foldInto(bytes.TrimRight(text, " \t"), breaks)
}

const (
	yamlEscapes = "0abtnvfre\"/\\N_LP \t"
	yamlEscaped = "\x00\a\b\t\n\v\f\r\x1b\"/\\\u0085\u00a0\u2028\u2029 \t"
)

// escape reads what stands behind a backslash.
func (r *yamlReader) escape(text []byte) ([]byte, error) {
	if r.pos >= len(r.src) {
		return text, nil // the quote is never closed
	}
	c := r.src[r.pos]
	r.pos++
	switch c {
	case '\n':
		r.start = r.pos
		for r.pos < len(r.src) && isBlank(r.src[r.pos]) {
			if r.src[r.pos] == '\n' {
				text = append(text, '\n')
				r.start = r.pos + 1
			}
			r.pos++
		}
		return text, nil
	case 'x', 'u', 'U':
		code, err := r.hex(map[byte]int{'x': 2, 'u': 4, 'U': 8}[c])
		if err == nil && c == 'u' && utf16.IsSurrogate(code) && bytes.HasPrefix(r.src[r.pos:], []byte(`\u`)) {
			var low rune
			r.pos += 2
			low, err = r.hex(4)
			code = utf16.DecodeRune(code, low)
		}
		return utf8.AppendRune(text, code), err
	}
	if i := strings.IndexByte(yamlEscapes, c); i >= 0 {
		return utf8.AppendRune(text, []rune(yamlEscaped)[i]), nil
	}
	return nil, r.failAt(r.pos-2, "YAML does not know the escape \\%c", c)
}

func (r *yamlReader) hex(n int) (rune, error) {
	if r.pos+n > len(r.src) {
		return 0, r.fail("the text ends in an escape")
	}
	code, err := strconv.ParseUint(string(r.src[r.pos:r.pos+n]), 16, 32)
	if err != nil {
		return 0, r.fail("want %d hexadecimal digits", n)
	}
	r.pos += n
	return rune(min(code, math.MaxInt32)), nil
}

// scalar writes plain text as what YAML 1.2 takes it for: yes, no, on, off and dates are text.
func (r *yamlReader) scalar(text []byte) error {
	switch string(text) {
	case ".inf", ".Inf", ".INF", "+.inf", "-.inf", "-.Inf", "-.INF", ".nan", ".NaN", ".NAN":
		if r.strict {
			return r.fail("%s has no JSON form", text)
		}
		r.repairs = append(r.repairs, Repair{r.here(), fmt.Sprintf("the number %s has no JSON form", text), "a text"})
	case "", "~", "null", "Null", "NULL":
		return r.null()
	case "true", "True", "TRUE":
		r.out = append(r.out, "true"...)
		return nil
	case "false", "False", "FALSE":
		r.out = append(r.out, "false"...)
		return nil
	}
	if c := text[0]; c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' {
		if n, ok := yamlNumber(string(text)); ok {
			r.out = append(r.out, n...)
			return nil
		}
	}
	r.out = appendString(r.out, string(text))
	return nil
}

// yamlNumber gives a number's text in JSON; the digits stay where JSON can have them.
func yamlNumber(s string) (string, bool) {
	if isNumber(s) {
		return s, true
	}
	sign, digits := "", s
	if s[0] == '-' || s[0] == '+' {
		if digits = s[1:]; s[0] == '-' {
			sign = "-"
		}
	}
	if len(digits) > 2 && digits[0] == '0' && strings.IndexByte("xob", digits[1]) >= 0 {
		if n, err := strconv.ParseInt(digits, 0, 64); err == nil {
			return sign + strconv.FormatInt(n, 10), true
		}
		return "", false
	}
	digits = strings.ReplaceAll(digits, "_", "")
	if digits == "" || digits[0] < '0' && digits[0] != '.' || digits[0] > '9' {
		return "", false
	}
	whole, rest := digits, ""
	if i := strings.IndexAny(digits, ".eE"); i >= 0 {
		whole, rest = digits[:i], digits[i:]
	}
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	if rest == "." {
		rest = ""
	} else if strings.HasPrefix(rest, ".e") || strings.HasPrefix(rest, ".E") {
		rest = rest[1:]
	}
	if n := sign + whole + rest; isNumber(n) && strings.ContainsAny(digits, "0123456789") {
		return n, true
	}
	return "", false
}
