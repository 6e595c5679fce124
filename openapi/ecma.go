package openapi

import (
	"regexp"

	"github.com/getkin/kin-openapi/openapi3"
)

// matcher tells whether a text matches a pattern.
type matcher = openapi3.RegexMatcher

// translate makes a contract's pattern, which is ECMAScript's, into what Go can match.
func translate(pattern string) (matcher, error) { return goPattern(pattern) }

var ecmaUnicode = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`)

// goPattern compiles a contract's pattern, which is ECMAScript's, as far as Go can.
func goPattern(pattern string) (*regexp.Regexp, error) {
	return regexp.Compile(ecmaUnicode.ReplaceAllString(pattern, `\x{$1}`))
}

// compiled lets everything pass where a pattern cannot be translated: the provider would have accepted the value.
func compiled(pattern string) matcher {
	m, err := translate(pattern)
	if err != nil {
		return anything{}
	}
	return m
}

// compilePattern is compiled for kin.
func compilePattern(pattern string) (openapi3.RegexMatcher, error) { return compiled(pattern), nil }

type anything struct{}

func (anything) MatchString(string) bool { return true }
