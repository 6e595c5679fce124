package openapi

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/getkin/kin-openapi/openapi3"
)

// matcher tells whether a text matches a pattern.
type matcher = openapi3.RegexMatcher

// A contract's pattern is ECMAScript's. What Go writes differently is rewritten; looking ahead and back, which Go cannot, becomes further patterns that
// the text must match, or must not, where that means the same. What is left has no effect, so that nothing is refused that the provider would take.

// translated is a pattern in Go: one of its ways holds.
type translated struct{ ways []way }

// way is what must hold together.
type way struct {
	main string // the pattern without what looks ahead and back
	must []condition
}

type condition struct {
	re     *regexp.Regexp
	refuse bool // must not match
}

// MatchString says whether a text matches.
func (t *translated) MatchString(s string) bool {
	return slices.ContainsFunc(t.ways, func(b way) bool {
		for _, c := range b.must {
			if c.re.MatchString(s) == c.refuse {
				return false
			}
		}
		return true
	})
}

type anything struct{}

func (anything) MatchString(string) bool { return true }

// errLoose is reported for a pattern of which a part has no effect.
var errLoose = errors.New("a part looks ahead or back, or repeats, in a way that is not supported")

// translate makes a contract's pattern into what Go can match. It may return both a matcher and an error: then a part of the pattern has no effect.
func translate(pattern string) (matcher, error) {
	p := &ecma{src: []rune(pattern)}
	if len(p.src) > maxPatternLength {
		return nil, errors.New("a pattern of more than 20000 characters")
	}
	sequences, err := p.alternatives(0)
	if err == nil && p.at < len(p.src) {
		err = fmt.Errorf("an unexpected %q", p.src[p.at])
	}
	if err != nil {
		return nil, err
	}
	t := &translated{}
	for _, s := range sequences {
		b, err := p.way(s)
		if err != nil {
			return nil, err
		}
		t.ways = append(t.ways, b)
	}
	if t, err = t.joined(); err != nil {
		return nil, err
	}
	if p.loose {
		return t, errLoose
	}
	return t, nil
}

// joined makes one pattern of ways that are nothing but patterns.
func (t *translated) joined() (*translated, error) {
	var words []string
	for _, b := range t.ways {
		if len(b.must) > 0 {
			words = nil
			break
		}
		words = append(words, b.main)
	}
	if words != nil {
		t.ways = []way{{main: strings.Join(words, "|")}}
	}
	for i := range t.ways {
		b := &t.ways[i]
		re, err := compilePlain(b.main)
		if err != nil {
			return nil, err
		}
		b.must = append([]condition{{re: re}}, b.must...)
	}
	return t, nil
}

// compilePlain compiles what was translated. Its own text says nothing to whom an error is shown.
func compilePlain(pattern string) (*regexp.Regexp, error) {
	re, err := regexp.Compile(pattern)
	var wrong *syntax.Error
	if errors.As(err, &wrong) {
		return nil, errors.New(string(wrong.Code))
	}
	return re, err
}

// unslashed takes the slashes and flags of a JavaScript literal off: behind a slash nothing can begin.
func unslashed(pattern string) (string, bool) {
	m := slashed.FindStringSubmatch(pattern)
	if m == nil || !strings.HasPrefix(m[1], "^") && !strings.HasSuffix(m[1], "$") {
		return pattern, false
	}
	if strings.Contains(m[2], "i") {
		return "(?i)" + m[1], true
	}
	return m[1], true
}

var slashed = regexp.MustCompile(`^/(.*)/([a-z]*)$`)

// patternMatcher is a pattern that was made into what Go can match, and what became of it.
type patternMatcher struct {
	matcher
	problem, meaning string
}

// compiled lets everything pass where a pattern cannot be translated: the provider would have accepted the value.
func compiled(pattern string) *patternMatcher {
	if m, ok := patterns.Load(pattern); ok {
		return m.(*patternMatcher)
	}
	plain, slashes := unslashed(pattern)
	m, err := translate(plain)
	out := &patternMatcher{matcher: m}
	switch {
	case m == nil:
		out.matcher, out.problem, out.meaning = anything{}, err.Error(), leftOut
	case err != nil:
		out.problem, out.meaning = err.Error(), "the rest of the pattern"
	case slashes:
		out.problem, out.meaning = "slashes around the pattern", "what is between them"
	}
	if patternCount.Add(1) < maxPatterns {
		patterns.Store(pattern, out)
	}
	return out
}

// piece is a part of a sequence.
type piece struct {
	text   string
	look   byte // 0, or how it looks: > ahead, < back
	refuse bool
	inner  []sequence // of what looks, and of a group that holds what does
	group  bool
	repeat string // of a group
}

type sequence []piece

// looks says whether anything in a sequence looks ahead or back.
func (s sequence) looks() bool {
	return slices.ContainsFunc(s, func(p piece) bool { return p.inner != nil })
}

func anyLooks(list []sequence) bool { return slices.ContainsFunc(list, sequence.looks) }

// text is a sequence as a pattern, without what looks.
func (s sequence) text() string {
	var b strings.Builder
	for _, p := range s {
		switch {
		case p.group:
			b.WriteString("(?:" + textOf(p.inner) + ")" + p.repeat)
		case p.look == 0:
			b.WriteString(p.text)
		}
	}
	return b.String()
}

func textOf(list []sequence) string {
	var words []string
	for _, s := range list {
		words = append(words, s.text())
	}
	return strings.Join(words, "|")
}

// flat puts a group's pieces in its place, where it has one way and happens once.
func (s sequence) flat() (out sequence) {
	for _, p := range s {
		if p.group && p.repeat == "" && len(p.inner) == 1 {
			out = append(out, p.inner[0].flat()...)
			continue
		}
		out = append(out, p)
	}
	return out
}

// way splits a sequence into a pattern and conditions.
func (p *ecma) way(s sequence) (way, error) {
	s = s.flat()
	if b, ok := p.tempered(s); ok {
		return b, nil
	}
	b := way{main: s.text()}
	if !s.looks() {
		return b, nil
	}
	for i, piece := range s {
		if piece.inner == nil {
			continue
		}
		if piece.group || anyLooks(piece.inner) {
			p.loose = true
			continue
		}
		re, ok := p.edge(s, i)
		if !ok {
			p.loose = true
			continue
		}
		compiled, err := compilePlain(re)
		if err != nil {
			return b, err
		}
		b.must = append(b.must, condition{compiled, piece.refuse})
	}
	return b, nil
}

// edge is the pattern that says what a piece says by looking, where its place in the text is known: behind a beginning of one width, or at the end.
func (p *ecma) edge(s sequence, i int) (string, bool) {
	inner, before, after := "(?:"+textOf(s[i].inner)+")", s[:i].text(), s[i+1:]
	flags := leadingFlags.FindString(before)
	anchored := strings.HasPrefix(before[len(flags):], "^")
	switch {
	case s[i].look == '>' && anchored && fixedWidth(before):
		return before + inner, true
	case s[i].look == '>' && after.text() == "" && !after.looks() && !s[i].refuse:
		return before + inner, true // what comes last is the same looked at or matched
	case s[i].look == '>' && (anchored || before == flags) && !s[i].refuse:
		p.loose = true
		return flags + inner, true // somewhere, at least
	case s[i].look == '<' && after.text() == "$":
		return flags + inner + "$", true
	case s[i].look == '<' && before == flags && !s[i].refuse:
		return flags + inner + after.text(), true
	}
	return "", false
}

var leadingFlags = regexp.MustCompile(`^(\(\?[ims-]+\))?`)

// tempered is ^(?:(?!B)X)*$, with one character X: nothing in the text is a B.
func (p *ecma) tempered(s sequence) (b way, ok bool) {
	if len(s) != 3 || s[0].text != "^" || s[2].text != "$" || !s[1].group || s[1].repeat != "*" && s[1].repeat != "+" || len(s[1].inner) != 1 {
		return b, false
	}
	in := s[1].inner[0]
	if len(in) != 2 || in[0].look != '>' || !in[0].refuse || anyLooks(in[0].inner) || in[1].look != 0 || in[1].group {
		return b, false
	}
	one, err := syntax.Parse(in[1].text, syntax.Perl)
	if err != nil || widthOf(one) != 1 {
		return b, false
	}
	re, err := regexp.Compile(textOf(in[0].inner))
	if err != nil || re.MatchString("") {
		return b, false
	}
	return way{main: s.text(), must: []condition{{re, true}}}, true
}

// fixedWidth says whether a pattern always takes the same number of characters.
func fixedWidth(pattern string) bool {
	re, err := syntax.Parse(pattern, syntax.Perl)
	return err == nil && widthOf(re) >= 0
}

// widthOf is the number of characters that a pattern takes, -1 if that varies.
func widthOf(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1
	case syntax.OpEmptyMatch, syntax.OpBeginText, syntax.OpEndText, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return 0
	case syntax.OpCapture:
		return widthOf(re.Sub[0])
	case syntax.OpRepeat:
		if w := widthOf(re.Sub[0]); re.Min == re.Max && w >= 0 {
			return w * re.Min
		}
	case syntax.OpConcat:
		sum := 0
		for _, sub := range re.Sub {
			w := widthOf(sub)
			if w < 0 {
				return -1
			}
			sum += w
		}
		return sum
	case syntax.OpAlternate:
		w := widthOf(re.Sub[0])
		for _, sub := range re.Sub[1:] {
			if widthOf(sub) != w {
				return -1
			}
		}
		return w
	}
	return -1
}

// patterns are those translated before, in any document; what is remembered is bounded.
var (
	patterns     sync.Map
	patternCount atomic.Int64
)

const maxPatterns = 10_000

// compilePattern is compiled for kin.
func compilePattern(pattern string) (openapi3.RegexMatcher, error) { return compiled(pattern), nil }
