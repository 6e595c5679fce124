package openapi

import (
	"fmt"
	"unicode/utf8"
)

// The limits of a document. A contract that is served is never near them; a text that was made to hurt is.
const (
	maxValues = 3_000_000 // values in all
	maxText   = 4 << 20   // bytes of one string
	maxName   = 64 << 10  // bytes of one member's name
	maxDigits = 1_000     // characters of one number
)

// checkText says whether a text is JSON within the limits. It is what makes everything after it safe to walk: nothing is deeper than maxNesting.
func checkText(data []byte) error {
	if !utf8.Valid(data) {
		_, err := plainText(data)
		return err
	}
	c := textCheck{b: data}
	ok := c.value(0)
	if ok {
		if c.i = skipSpace(data, c.i); c.i < len(data) {
			ok = false
		}
	}
	switch {
	case c.limit != "":
		line, column := lineOf(data, c.i)
		return fmt.Errorf("%d:%d: %s", line, column, c.limit)
	case !ok:
		return syntaxError(data)
	}
	return nil
}

type textCheck struct {
	b      []byte
	i      int
	values int
	limit  string // what is too much
}

func (c *textCheck) over(format string, args ...any) bool {
	c.limit = fmt.Sprintf(format, args...)
	return false
}

func (c *textCheck) value(depth int) bool {
	if c.values++; c.values > maxValues {
		return c.over("the document is too large: more than %d values", maxValues)
	}
	if c.i = skipSpace(c.b, c.i); c.i >= len(c.b) {
		return false
	}
	switch ch := c.b[c.i]; ch {
	case '{', '[':
		if depth >= maxNesting {
			return c.over("the document is too deep: more than %d collections inside one another", maxNesting)
		}
		return c.collection(ch+2, depth)
	case '"':
		return c.str(maxText)
	case 't':
		return c.word("true")
	case 'f':
		return c.word("false")
	case 'n':
		return c.word("null")
	}
	return c.number()
}

// collection goes over an object or an array, whose closing bracket is given.
func (c *textCheck) collection(closing byte, depth int) bool {
	c.i = skipSpace(c.b, c.i+1)
	if c.i < len(c.b) && c.b[c.i] == closing {
		c.i++
		return true
	}
	for n := 1; ; n++ {
		if n > maxContained {
			return c.over("the document is too large: more than %d members in one collection", maxContained)
		}
		if closing == '}' && !c.name() || !c.value(depth+1) {
			return false
		}
		if c.i = skipSpace(c.b, c.i); c.i >= len(c.b) {
			return false
		}
		switch c.b[c.i] {
		case closing:
			c.i++
			return true
		case ',':
			c.i = skipSpace(c.b, c.i+1)
		default:
			return false
		}
	}
}

func (c *textCheck) name() bool {
	if c.i >= len(c.b) || c.b[c.i] != '"' || !c.str(maxName) {
		return false
	}
	c.i = skipSpace(c.b, c.i)
	if c.i >= len(c.b) || c.b[c.i] != ':' {
		return false
	}
	c.i++
	return true
}

func (c *textCheck) str(limit int) bool {
	for start := c.i; ; {
		c.i++
		if c.i >= len(c.b) {
			return false
		}
		switch ch := c.b[c.i]; {
		case ch == '"':
			if c.i++; c.i-start > limit {
				return c.over("the document is too large: a text of more than %d bytes", limit)
			}
			return true
		case ch == '\\':
			if !c.escape() {
				return false
			}
		case ch < ' ':
			return false
		}
	}
}

func (c *textCheck) escape() bool {
	if c.i++; c.i >= len(c.b) {
		return false
	}
	switch c.b[c.i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		for range 4 {
			c.i++
			if c.i >= len(c.b) || !isHex(c.b[c.i]) {
				return false
			}
		}
		return true
	}
	return false
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

func (c *textCheck) word(word string) bool {
	if len(c.b)-c.i < len(word) || string(c.b[c.i:c.i+len(word)]) != word {
		return false
	}
	c.i += len(word)
	return true
}

func (c *textCheck) number() bool {
	start := c.i
	for c.i < len(c.b) {
		if ch := c.b[c.i]; (ch < '0' || ch > '9') && ch != '-' && ch != '+' && ch != '.' && ch|0x20 != 'e' {
			break
		}
		if c.i++; c.i-start > maxDigits {
			return c.over("the document is too large: a number of more than %d digits", maxDigits)
		}
	}
	return isNumber(string(c.b[start:c.i]))
}

// lineOf is the line and column of a byte.
func lineOf(data []byte, i int) (line, column int) {
	line, start := 1, 0
	for k, ch := range data[:min(i, len(data))] {
		if ch == '\n' {
			line, start = line+1, k+1
		}
	}
	return line, i - start + 1
}
