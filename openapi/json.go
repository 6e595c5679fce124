package openapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// The limits of a JSON text that comes in.
const (
	MaxDepth   = 64     // arrays and objects inside one another
	MaxMembers = 10_000 // members and items in the whole text
)

// DecodeJSON decodes one JSON value: map[string]any, []any, string, bool, nil, and json.Number with the digits as they came. Text after the value,
// duplicate names, invalid UTF-8, and what exceeds MaxDepth or MaxMembers is refused. The violation's pointer is relative to the value.
func DecodeJSON(b []byte) (any, *Violation) {
	return decodeJSON(b, MaxDepth, MaxMembers)
}

// DecodeOwn is DecodeJSON for what Marshal wrote: a body that came in whole may have been added to since.
func DecodeOwn(b []byte) (any, *Violation) { return decodeJSON(b, 10*MaxDepth, MaxDocument) }

// decodeValue decodes a value out of a contract, which has its own limits.
func decodeValue(raw []byte) (any, error) {
	v, bad := decodeJSON(raw, 10*MaxDepth, MaxDocument)
	if bad != nil {
		return nil, errors.New(bad.String())
	}
	return v, nil
}

func decodeJSON(b []byte, depth, members int) (any, *Violation) {
	if !utf8.Valid(b) {
		return nil, &Violation{Rule: "json", Expected: "UTF-8 text", Got: "bytes that are not UTF-8"}
	}
	// One copy, of which names and strings are slices.
	p := reader{text: string(b), depth: depth, members: members}
	v, ok := p.value()
	if ok {
		if p.space(); p.at < len(b) {
			ok = p.fail("nothing after the value")
		}
	}
	if !ok {
		return nil, p.bad
	}
	return v, nil
}

// reader reads JSON by recursive descent; depth is what bounds the recursion. A method that returns false has set bad.
type reader struct {
	text    string
	at      int
	depth   int
	members int
	path    []rung
	bad     *Violation
}

// rung is one step of the way down to the value being read, for the pointer of a violation.
type rung struct {
	name  string
	index int // used if name is "" and item is true
	item  bool
}

func (p *reader) fail(expected string) bool {
	got := "the end of the text"
	if p.at < len(p.text) {
		r, _ := utf8.DecodeRuneInString(p.text[p.at:])
		got = fmt.Sprintf("%q at byte %d", r, p.at)
	}
	return p.refuse("json", expected, got)
}

func (p *reader) refuse(rule, expected, got string) bool {
	pointer := ""
	for _, s := range p.path {
		if s.item {
			pointer += "/" + strconv.Itoa(s.index)
		} else {
			pointer += "/" + escapeToken(s.name)
		}
	}
	p.bad = &Violation{Pointer: pointer, Rule: rule, Expected: expected, Got: got}
	return false
}

func (p *reader) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\n', '\t', '\r':
			p.at++
		default:
			return
		}
	}
}

func (p *reader) value() (any, bool) {
	p.space()
	if p.at >= len(p.text) {
		return nil, p.fail("a value")
	}
	switch c := p.text[p.at]; {
	case c == '{':
		return p.object()
	case c == '[':
		return p.array()
	case c == '"':
		s, ok := p.str()
		return s, ok
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	case p.word("true"):
		return true, true
	case p.word("false"):
		return false, true
	case p.word("null"):
		return nil, true
	}
	return nil, p.fail("a value")
}

func (p *reader) word(w string) bool {
	if len(p.text)-p.at < len(w) || p.text[p.at:p.at+len(w)] != w {
		return false
	}
	p.at += len(w)
	return true
}

// down enters an object or array and counts its depth.
func (p *reader) down(s rung) bool {
	p.at++
	p.path = append(p.path, s)
	if len(p.path) > p.depth {
		p.path = p.path[:len(p.path)-1]
		return p.refuse("limit", fmt.Sprintf("at most %d levels", p.depth), "more")
	}
	return true
}

func (p *reader) up() { p.path = p.path[:len(p.path)-1]; p.at++ }

func (p *reader) count() bool {
	if p.members--; p.members < 0 {
		p.path = nil
		return p.refuse("limit", fmt.Sprintf("at most %d members", MaxMembers), "more")
	}
	return true
}

func (p *reader) object() (any, bool) {
	if !p.down(rung{}) {
		return nil, false
	}
	m := map[string]any{}
	here := len(p.path) - 1
	if p.space(); p.at < len(p.text) && p.text[p.at] == '}' {
		p.up()
		return m, true
	}
	for {
		p.path = p.path[:here] // while between members, a violation is the object's
		if p.space(); p.at >= len(p.text) || p.text[p.at] != '"' {
			return nil, p.fail("a name")
		}
		name, ok := p.str()
		if !ok || !p.count() {
			return nil, false
		}
		p.path = append(p.path, rung{name: name})
		if _, twice := m[name]; twice {
			return nil, p.refuse("json", "each name once", "the name twice")
		}
		if p.space(); p.at >= len(p.text) || p.text[p.at] != ':' {
			return nil, p.fail("a colon")
		}
		p.at++
		if m[name], ok = p.value(); !ok {
			return nil, false
		}
		if more, ok := p.more('}'); !more {
			return m, ok
		}
	}
}

func (p *reader) array() (any, bool) {
	if !p.down(rung{item: true}) {
		return nil, false
	}
	list := []any{}
	here := len(p.path) - 1
	if p.space(); p.at < len(p.text) && p.text[p.at] == ']' {
		p.up()
		return list, true
	}
	for {
		p.path[here].index = len(list)
		if !p.count() {
			return nil, false
		}
		v, ok := p.value()
		if !ok {
			return nil, false
		}
		list = append(list, v)
		if more, ok := p.more(']'); !more {
			return list, ok
		}
	}
}

// more reads what follows a member or item: a comma, or the end of the object or array.
func (p *reader) more(end byte) (more, ok bool) {
	p.space()
	switch {
	case p.at < len(p.text) && p.text[p.at] == ',':
		p.at++
		return true, true
	case p.at < len(p.text) && p.text[p.at] == end:
		p.up()
		return false, true
	}
	return false, p.fail("a comma or the end")
}

// number reads a number by JSON's grammar and keeps its text.
func (p *reader) number() (any, bool) {
	start := p.at
	n := numberEnd(p.text[start:])
	if n < 0 {
		return nil, p.fail("a number")
	}
	p.at += n
	return json.Number(p.text[start:p.at]), true
}

// numberEnd returns the length of the JSON number at the start of b, or -1.
func numberEnd(b string) int {
	i := 0
	digits := func() bool {
		start := i
		for i < len(b) && b[i] >= '0' && b[i] <= '9' {
			i++
		}
		return i > start
	}
	if i < len(b) && b[i] == '-' {
		i++
	}
	if i < len(b) && b[i] == '0' {
		i++
	} else if !digits() {
		return -1
	}
	if i < len(b) && b[i] == '.' {
		if i++; !digits() {
			return -1
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if !digits() {
			return -1
		}
	}
	return i
}

// isNumber tells whether s is a JSON number and nothing else.
func isNumber(s string) bool { return s != "" && numberEnd(s) == len(s) }

// str reads a string. The plain case copies nothing.
func (p *reader) str() (string, bool) {
	start := p.at + 1
	for i := start; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == '"':
			p.at = i + 1
			return p.text[start:i], true
		case c == '\\':
			return p.escaped(start, i)
		case c < ' ':
			p.at = i
			return "", p.fail("no control character in a string")
		}
	}
	p.at = len(p.text)
	return "", p.fail("a closing quote")
}

func (p *reader) escaped(start, i int) (string, bool) {
	out := append(make([]byte, 0, i-start+32), p.text[start:i]...)
	for p.at = i; p.at < len(p.text); {
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			return string(out), true
		case c < ' ':
			return "", p.fail("no control character in a string")
		case c != '\\':
			out = append(out, c)
			p.at++
		default:
			r, ok := p.escape()
			if !ok {
				return "", false
			}
			out = utf8.AppendRune(out, r)
		}
	}
	return "", p.fail("a closing quote")
}

// escape reads one escape sequence; half a surrogate pair has no UTF-8 form and is refused.
func (p *reader) escape() (rune, bool) {
	p.at++
	if p.at >= len(p.text) {
		return 0, p.fail("an escape")
	}
	c := p.text[p.at]
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		return p.unicode()
	default:
		return 0, p.fail("an escape")
	}
	p.at++
	return rune(c), true
}

func (p *reader) unicode() (rune, bool) {
	r, ok := p.hex()
	if !ok || !utf16.IsSurrogate(r) {
		return r, ok
	}
	if p.word(`\u`) {
		p.at--
		low, ok := p.hex()
		if !ok {
			return 0, false
		}
		if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
			return r, true
		}
	}
	return 0, p.refuse("json", "a whole surrogate pair", "half of one")
}

// hex reads uXXXX.
func (p *reader) hex() (rune, bool) {
	if len(p.text)-p.at < 5 {
		p.at = len(p.text)
		return 0, p.fail("four hexadecimal digits")
	}
	n, err := strconv.ParseUint(p.text[p.at+1:p.at+5], 16, 16)
	if err != nil {
		return 0, p.fail("four hexadecimal digits")
	}
	p.at += 5
	return rune(n), true
}
