package openapi

import (
	"regexp/syntax"
	"strings"
)

// patternTries is how often a text is made before one fits what a pattern also looks at.
const patternTries = 6

// fromPattern writes a text that a schema's pattern accepts, with more and more repetition until the length fits too; "" if there is no pattern or
// Go does not know it.
func (g *sampler) fromPattern(s *Schema) string {
	pattern := s.facets().Pattern
	if pattern == "" {
		return ""
	}
	t, ok := compiled(pattern).matcher.(*translated)
	if !ok {
		return ""
	}
	for _, b := range t.ways {
		tree, err := syntax.Parse(b.main, syntax.Perl)
		if err != nil {
			continue
		}
		tries := 1
		if len(b.must) > 1 {
			tries = patternTries
		}
		for _, extra := range []int{0, 1, 2, 4, 8, 16, 32, 64} {
			for range tries {
				w := patternWriter{fake: g.fake, extra: extra}
				w.write(tree, 0)
				if text := w.out.String(); text != "" && s.fits(text) {
					return text
				}
			}
		}
	}
	return ""
}

// patternWriter walks a parsed pattern. extra is how often something that may repeat does.
type patternWriter struct {
	fake  Faker
	extra int
	out   strings.Builder
}

// maxPattern bounds a text made from a pattern.
const maxPattern = 4096

func (w *patternWriter) write(re *syntax.Regexp, depth int) {
	if depth > MaxDepth || w.out.Len() > maxPattern {
		return
	}
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			w.out.WriteRune(r)
		}
	case syntax.OpCharClass:
		w.out.WriteRune(w.class(re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		w.out.WriteByte("abcdefghijklmnopqrstuvwxyz"[w.fake.Intn(26)])
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range re.Sub {
			w.write(sub, depth+1)
		}
	case syntax.OpAlternate:
		w.write(re.Sub[w.fake.Intn(len(re.Sub))], depth+1)
	case syntax.OpStar:
		w.repeat(re.Sub[0], w.extra, depth)
	case syntax.OpPlus:
		w.repeat(re.Sub[0], 1+w.extra, depth)
	case syntax.OpQuest:
		w.repeat(re.Sub[0], min(w.extra, 1), depth)
	case syntax.OpRepeat:
		n := re.Min + w.extra
		if re.Max >= 0 {
			n = min(n, re.Max)
		}
		w.repeat(re.Sub[0], n, depth)
	}
}

func (w *patternWriter) repeat(re *syntax.Regexp, n, depth int) {
	for range n {
		w.write(re, depth+1)
	}
}

// class takes a printable ASCII character of a class, letters and digits before others; outside ASCII the first one.
func (w *patternWriter) class(ranges []rune) rune {
	var plain, other []rune
	for i := 0; i+1 < len(ranges); i += 2 {
		for r := max(ranges[i], ' '); r <= min(ranges[i+1], '~'); r++ {
			if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
				plain = append(plain, r)
			} else {
				other = append(other, r)
			}
		}
	}
	switch {
	case len(plain) > 0:
		return plain[w.fake.Intn(len(plain))]
	case len(other) > 0:
		return other[w.fake.Intn(len(other))]
	case len(ranges) > 0:
		return ranges[0]
	}
	return 'x'
}
