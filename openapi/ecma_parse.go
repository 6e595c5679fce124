package openapi

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// ecma reads a pattern by recursive descent and rewrites it for Go.
type ecma struct {
	src   []rune
	at    int
	loose bool // something has no effect

	copies, looks int
}

// The limits of one pattern.
const (
	maxPatternDepth  = 100
	maxPatternLength = 20_000
	maxLooks         = 32
)

func (p *ecma) peek(word string) bool {
	for i, r := range []rune(word) {
		if p.at+i >= len(p.src) || p.src[p.at+i] != r {
			return false
		}
	}
	return true
}

func (p *ecma) take(word string) bool {
	if !p.peek(word) {
		return false
	}
	p.at += len([]rune(word))
	return true
}

// alternatives reads sequences up to a closing parenthesis or the end.
func (p *ecma) alternatives(depth int) ([]sequence, error) {
	if depth > maxPatternDepth {
		return nil, errors.New("groups go too deep")
	}
	list := []sequence{nil}
	for p.at < len(p.src) && p.src[p.at] != ')' {
		if p.take("|") {
			list = append(list, nil)
			continue
		}
		piece, err := p.piece(depth)
		if err != nil {
			return nil, err
		}
		last := &list[len(list)-1]
		*last = append(*last, piece)
	}
	return list, nil
}

// piece reads an atom and how often it is repeated.
func (p *ecma) piece(depth int) (piece, error) {
	switch c := p.src[p.at]; c {
	case '(':
		return p.group(depth)
	case '[':
		text, err := p.class()
		return p.repeated(piece{text: text}, err)
	case '\\':
		text, err := p.escape()
		return p.repeated(piece{text: text}, err)
	case '.':
		p.at++
		return p.repeated(piece{text: `[^\n\r\x{2028}\x{2029}]`}, nil)
	case '^', '$':
		p.at++
		return piece{text: string(c)}, nil
	case '*', '+', '?':
		return piece{}, fmt.Errorf("nothing that %q could repeat", c)
	default:
		p.at++
		return p.repeated(piece{text: regexp.QuoteMeta(string(c))}, nil)
	}
}

var groupStarts = []struct {
	open   string
	look   byte
	refuse bool
}{{"(?=", '>', false}, {"(?!", '>', true}, {"(?<=", '<', false}, {"(?<!", '<', true}}

func (p *ecma) group(depth int) (out piece, err error) {
	if p.take("(?#") {
		for p.at < len(p.src) && p.src[p.at] != ')' {
			p.at++
		}
		p.at++
		return piece{}, nil
	}
	for _, g := range groupStarts {
		if p.take(g.open) {
			out.look, out.refuse = g.look, g.refuse
			break
		}
	}
	flags := ""
	if out.look == 0 {
		if flags, err = p.opening(); err != nil || flags != "" && strings.HasSuffix(flags, ")") {
			return piece{text: flags}, err
		}
	}
	inner, err := p.alternatives(depth + 1)
	if err != nil {
		return out, err
	}
	if !p.take(")") {
		return out, errors.New("a group that is not closed")
	}
	switch {
	case out.look != 0:
		if p.looks++; p.looks > maxLooks {
			return out, errors.New("more than 32 parts that look ahead or back")
		}
		out.inner = inner
		if how := p.quantifier(); how != "" && how != "+" {
			p.loose, out = true, piece{} // one that need not be there says nothing
		}
		return out, nil
	case anyLooks(inner):
		out.inner, out.group = inner, true
		out.repeat = p.quantifier()
		return out, nil
	}
	return p.repeated(piece{text: "(?" + flags + ":" + textOf(inner) + ")"}, nil)
}

// opening reads the beginning of a group that does not look; flags for the rest of the pattern end with a parenthesis.
func (p *ecma) opening() (string, error) {
	switch {
	case p.take("(?:"), p.take("(?>"), p.take("(?|"):
		return "", nil
	case p.take("(?P<"), p.take("(?<"), p.take("(?'"):
		for p.at < len(p.src) && p.src[p.at] != '>' && p.src[p.at] != '\'' {
			p.at++
		}
		p.at++
		return "", nil
	case p.take("(?"):
		start := p.at
		for p.at < len(p.src) && strings.ContainsRune("imsuUxg-", p.src[p.at]) {
			p.at++
		}
		// Only i, m and s say something to Go.
		flags := strings.Map(func(r rune) rune {
			if strings.ContainsRune("ims-", r) {
				return r
			}
			return -1
		}, string(p.src[start:p.at]))
		switch {
		case p.take(":"):
			return strings.TrimSuffix(flags, "-"), nil
		case p.take(")"):
			if flags = strings.TrimSuffix(flags, "-"); flags == "" {
				return "(?:)", nil
			}
			return "(?" + flags + ")", nil
		}
		return "", errors.New("a kind of group that is not known")
	}
	p.take("(")
	return "", nil
}

// maxRepeat is how often Go lets something repeat, maxSum how long the sums that take its place may become, and maxCopies what all of a
// pattern may repeat.
const (
	maxRepeat = 1000
	maxSum    = 1 << 14
	maxCopies = 50_000
)

// repeated adds how often a piece is repeated.
func (p *ecma) repeated(one piece, err error) (piece, error) {
	if err != nil {
		return one, err
	}
	how := p.quantifier()
	if how == "" || one.text == "" {
		return one, nil
	}
	if how[0] != '{' {
		one.text += how
		return one, nil
	}
	least, most := bounds(how)
	one.text = p.times(one.text, least, most)
	return one, nil
}

var counted = regexp.MustCompile(`^\{(\d{1,9})(,(\d{1,9})?)?\}`)

// quantifier reads *, +, ?, {n}, {n,} or {n,m}. Whether it is greedy, lazy or possessive does not change what matches, or lets more through.
func (p *ecma) quantifier() (how string) {
	if p.at >= len(p.src) {
		return ""
	}
	switch c := p.src[p.at]; c {
	case '*', '+', '?':
		p.at++
		how = string(c)
	case '{':
		end := min(len(p.src), p.at+24)
		if how = counted.FindString(string(p.src[p.at:end])); how == "" {
			return ""
		}
		p.at += len(how)
	default:
		return ""
	}
	if !p.take("?") {
		p.take("+")
	}
	return how
}

// bounds reads {n,m}; most is -1 without an end.
func bounds(how string) (least, most int) {
	m := counted.FindStringSubmatch(how)
	least, _ = strconv.Atoi(m[1])
	switch {
	case m[2] == "":
		most = least
	case m[3] == "":
		most = -1
	default:
		most, _ = strconv.Atoi(m[3])
	}
	return least, most
}

// times repeats a text from least to most times. Go counts to a thousand, so more than that is written as a sum; much more has no upper bound.
func (p *ecma) times(one string, least, most int) string {
	if most > 16*maxRepeat {
		most, p.loose = -1, true
	}
	if least > 16*maxRepeat {
		least, p.loose = 16*maxRepeat, true
	}
	p.copies += max(least, most)
	if max(least, most)/maxRepeat*len(one) > maxSum || p.copies > maxCopies {
		least, most, p.loose = min(least, 1), -1, true // sums of sums multiply
	}
	var b strings.Builder
	rest := most - least
	for ; least > maxRepeat; least -= maxRepeat {
		fmt.Fprintf(&b, "%s{%d}", one, maxRepeat)
	}
	switch {
	case most < 0:
		fmt.Fprintf(&b, "%s{%d,}", one, least)
		return b.String()
	case least+rest <= maxRepeat:
		fmt.Fprintf(&b, "%s{%d,%d}", one, least, least+rest)
		return b.String()
	}
	fmt.Fprintf(&b, "%s{%d}", one, least)
	for ; rest > 0; rest -= maxRepeat {
		fmt.Fprintf(&b, "%s{0,%d}", one, min(rest, maxRepeat))
	}
	return b.String()
}
