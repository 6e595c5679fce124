package openapi

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonPath is a parsed RFC 9535 query. It is our own because the libraries that know the whole of it bring a tree of their own, which forgets the
// order of members, and more code than the binary has room for.
type jsonPath struct{ segments []pathSegment }

type pathSegment struct {
	deep      bool // .. looks at the value and at everything in it
	selectors []pathSelector
}

// pathSelector picks among the members or items of a value.
type pathSelector struct {
	kind             byte // n name, i index, * all, : slice, ? filter
	name             string
	index            int
	start, end, step *int
	filter           pathTest
}

// pathParser reads a query; what is wrong with it is fault, said once.
type pathParser struct {
	s     string
	i     int
	depth int
	fault error
}

const maxPathDepth = 50

func parsePath(s string) (*jsonPath, error) {
	p := &pathParser{s: s}
	if strings.TrimSpace(s) != s || !p.eat("$") {
		return nil, fmt.Errorf("character 1: a path starts with $")
	}
	path := p.path()
	if p.fault == nil && p.i < len(p.s) {
		p.fail("unexpected text")
	}
	return path, p.fault
}

func (p *pathParser) fail(format string, args ...any) {
	if p.fault == nil {
		at := "the end"
		if p.i < len(p.s) {
			at = fmt.Sprintf("character %d", 1+utf8.RuneCountInString(p.s[:p.i]))
		}
		p.fault = fmt.Errorf("%s: %s", at, fmt.Sprintf(format, args...))
	}
}

func (p *pathParser) eat(word string) bool {
	if p.fault != nil || !strings.HasPrefix(p.s[p.i:], word) {
		return false
	}
	p.i += len(word)
	return true
}

func (p *pathParser) blanks() {
	for p.i < len(p.s) && strings.IndexByte(" \t\n\r", p.s[p.i]) >= 0 {
		p.i++
	}
}

// path reads the segments behind $ or @.
func (p *pathParser) path() *jsonPath {
	path := &jsonPath{}
	for p.fault == nil {
		from := p.i
		p.blanks()
		var segment pathSegment
		switch {
		case p.eat(".."):
			segment.deep = true
			if p.i < len(p.s) && p.s[p.i] == '[' {
				p.i++
				segment.selectors = p.brackets()
			} else {
				segment.selectors = p.shorthand()
			}
		case p.eat("."):
			segment.selectors = p.shorthand()
		case p.eat("["):
			segment.selectors = p.brackets()
		default:
			p.i = from
			return path
		}
		path.segments = append(path.segments, segment)
	}
	return path
}

func isNameRune(r rune, first bool) bool {
	return r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= utf8.RuneSelf || !first && r >= '0' && r <= '9'
}

// shorthand reads what stands behind a dot: a name or *.
func (p *pathParser) shorthand() []pathSelector {
	if p.eat("*") {
		return []pathSelector{{kind: '*'}}
	}
	from := p.i
	for p.i < len(p.s) {
		r, size := utf8.DecodeRuneInString(p.s[p.i:])
		if !isNameRune(r, p.i == from) {
			break
		}
		p.i += size
	}
	if p.i == from {
		p.fail("want a name or *; a name with other characters stands in brackets and quotes: ['x-name']")
	}
	return []pathSelector{{kind: 'n', name: p.s[from:p.i]}}
}

func (p *pathParser) brackets() (list []pathSelector) {
	for p.fault == nil {
		p.blanks()
		list = append(list, p.selector())
		p.blanks()
		if p.eat("]") {
			break
		}
		if !p.eat(",") {
			p.fail("want , or ]")
		}
	}
	return list
}

func (p *pathParser) selector() pathSelector {
	if p.i >= len(p.s) {
		p.fail("a bracket is never closed")
		return pathSelector{}
	}
	switch c := p.s[p.i]; {
	case c == '*':
		p.i++
		return pathSelector{kind: '*'}
	case c == '"' || c == '\'':
		return pathSelector{kind: 'n', name: p.quoted()}
	case c == '?':
		p.i++
		p.blanks()
		return pathSelector{kind: '?', filter: p.or()}
	case c == ':' || c == '-' || c >= '0' && c <= '9':
		return p.slice()
	}
	p.fail("want a name in quotes, a number, a slice, * or ?")
	return pathSelector{}
}

// slice reads a number, or start:end:step.
func (p *pathParser) slice() pathSelector {
	var parts [3]*int
	n := 0
	for {
		parts[n] = p.integer()
		from := p.i
		if p.blanks(); n == 2 || !p.eat(":") {
			p.i = from
			break
		}
		p.blanks()
		n++
	}
	if n == 0 {
		if parts[0] == nil {
			p.fail("want a number")
			return pathSelector{}
		}
		return pathSelector{kind: 'i', index: *parts[0]}
	}
	return pathSelector{kind: ':', start: parts[0], end: parts[1], step: parts[2]}
}

// integer reads a whole number without a leading zero; nil if there is none.
func (p *pathParser) integer() *int {
	from := p.i
	p.eat("-")
	for p.i < len(p.s) && p.s[p.i] >= '0' && p.s[p.i] <= '9' {
		p.i++
	}
	s := p.s[from:p.i]
	if s == "" {
		return nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n > 1<<53-1 || n < -(1<<53-1) || strconv.Itoa(n) != s {
		p.i = from
		p.fail("%q is no index", clip(s))
		return nil
	}
	return &n
}

// quoted reads text in quotes.
func (p *pathParser) quoted() string {
	quote := p.s[p.i]
	var b strings.Builder
	for p.i++; p.i < len(p.s); p.i++ {
		switch c := p.s[p.i]; {
		case c == quote:
			p.i++
			return b.String()
		case c < ' ':
			p.fail("a control character in a text")
			return ""
		case c == '\\':
			if r, ok := p.escape(quote); ok {
				b.WriteRune(r)
				continue
			}
			p.fail("an escape that JSON does not know")
			return ""
		default:
			b.WriteByte(c)
		}
	}
	p.fail("a quote is never closed")
	return ""
}

// escape reads an escape and stops at its last character.
func (p *pathParser) escape(quote byte) (rune, bool) {
	if p.i++; p.i >= len(p.s) {
		return 0, false
	}
	c := p.s[p.i]
	if i := strings.IndexByte("bfnrt/\\", c); i >= 0 {
		return rune("\b\f\n\r\t/\\"[i]), true
	}
	if c == quote {
		return rune(c), true
	}
	if c != 'u' {
		return 0, false
	}
	r, ok := p.hex()
	if ok && utf16.IsSurrogate(r) {
		if !strings.HasPrefix(p.s[min(p.i+1, len(p.s)):], `\u`) {
			return 0, false
		}
		p.i += 2
		low, fine := p.hex()
		r = utf16.DecodeRune(r, low)
		ok = fine && r != utf8.RuneError
	}
	return r, ok
}

func (p *pathParser) hex() (rune, bool) {
	if p.i+4 >= len(p.s) {
		return 0, false
	}
	n, err := strconv.ParseUint(p.s[p.i+1:p.i+5], 16, 32)
	p.i += 4
	return rune(n), err == nil
}

// nodes are the values that the path leads to from a value, in the order of the document; root is what $ means in a filter. A value that several
// selectors pick is there as often.
func (j *jsonPath) nodes(root, from *tree) ([]*tree, error) {
	now := []*tree{from}
	for _, segment := range j.segments {
		var next []*tree
		for _, t := range now {
			var err error
			if next, err = segment.apply(root, t, next); err != nil {
				return nil, err
			}
			if len(next) > maxOpened {
				return nil, errOpened
			}
		}
		now = next
	}
	return now, nil
}

func (s *pathSegment) apply(root, t *tree, out []*tree) ([]*tree, error) {
	if err := t.open(); err != nil {
		return nil, err
	}
	var err error
	for i := range s.selectors {
		if out, err = s.selectors[i].apply(root, t, out); err != nil {
			return nil, err
		}
	}
	if s.deep {
		for _, kid := range t.kids {
			if out, err = s.apply(root, kid, out); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func (s *pathSelector) apply(root, t *tree, out []*tree) ([]*tree, error) {
	switch s.kind {
	case 'n':
		if kid := t.find(s.name); kid != nil {
			out = append(out, kid)
		}
	case 'i':
		if i := s.index; t.kind == '[' {
			if i < 0 {
				i += len(t.kids)
			}
			if i >= 0 && i < len(t.kids) {
				out = append(out, t.kids[i])
			}
		}
	case '*':
		out = append(out, t.kids...)
	case ':':
		if t.kind == '[' {
			out = s.cut(t.kids, out)
		}
	case '?':
		for _, kid := range t.kids {
			yes, err := s.filter.holds(root, kid)
			if err != nil {
				return nil, err
			}
			if yes {
				out = append(out, kid)
			}
		}
	}
	return out, nil
}

// cut is a slice, as RFC 9535 section 2.3.4.2.2 has it.
func (s *pathSelector) cut(kids, out []*tree) []*tree {
	n, step := len(kids), 1
	if s.step != nil {
		step = *s.step
	}
	bound := func(given *int, otherwise, low, high int) int {
		if given == nil {
			return otherwise
		}
		i := *given
		if i < 0 {
			i += n
		}
		return min(max(i, low), high)
	}
	switch {
	case step > 0:
		end := bound(s.end, n, 0, n)
		for i := bound(s.start, 0, 0, n); i < end; i += step {
			out = append(out, kids[i])
		}
	case step < 0:
		end := bound(s.end, -1, -1, n-1)
		for i := bound(s.start, n-1, -1, n-1); i > end; i += step {
			out = append(out, kids[i])
		}
	}
	return out
}

// distinctNodes leaves out values that are there already.
func distinctNodes(list []*tree) []*tree {
	seen := make(map[*tree]bool, len(list))
	return slices.DeleteFunc(list, func(t *tree) bool {
		twice := seen[t]
		seen[t] = true
		return twice
	})
}
