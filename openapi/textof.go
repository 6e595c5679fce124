package openapi

import (
	"regexp"
	"regexp/syntax"
)

// TextOf invents a text that a pattern fits, "" where the pattern cannot be followed.
func TextOf(pattern string, f Faker) string {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return ""
	}
	match, err := regexp.Compile(pattern)
	if err != nil {
		return ""
	}
	for _, extra := range []int{16, 8, 4, 2, 1, 0, 32} {
		w := patternWriter{fake: f, extra: extra}
		w.write(tree, 0)
		if text := w.out.String(); text != "" && match.MatchString(text) {
			return text
		}
	}
	return ""
}
