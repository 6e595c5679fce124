package openapi

import (
	"strings"
	"testing"
)

// A contract's patterns are ECMAScript's; what Go writes differently means the same.
func TestPatterns(t *testing.T) {
	for _, tc := range []struct {
		pattern string
		yes, no string // separated by spaces
		problem bool
	}{
		{pattern: `^\d{3}$`, yes: "123", no: "12 1234 ١٢٣"},
		{pattern: `^[\w-.]+$`, yes: "a-b.c", no: "a/b"},
		{pattern: `^\/v\d\/$`, yes: "/v1/", no: "v1"},
		{pattern: `^[\u0041-\u005A]+$`, yes: "ABC", no: "abc"},
		{pattern: `^\u{1F600}$`, yes: "😀", no: "x"},
		{pattern: `^\uD83D\uDE00$`, yes: "😀", no: "x"},
		{pattern: `^([\uD800-\uDBFF][\uDC00-\uDFFF]|a)$`, yes: "😀 a", no: "b"},
		{pattern: `^[\u0000-\uFFFF]*$`, yes: "😀 abc"},
		{pattern: `^(?<year>\d{4})-(?P<m>\d\d)$`, yes: "2026-01", no: "2026-1"},
		{pattern: `^a++b*+$`, yes: "aab", no: "b"},
		{pattern: `^(?>ab)+$`, yes: "abab", no: "a"},
		{pattern: `^[[a]+$`, yes: "[a", no: "b"},
		{pattern: `^[^]$`, yes: "x", no: "xx"},
		{pattern: `^a{0,2500}$`, yes: strings.Repeat("a", 2500), no: strings.Repeat("a", 2501) + " b"},
		{pattern: `^a{1001}$`, yes: strings.Repeat("a", 1001), no: strings.Repeat("a", 1000)},
		{pattern: `^a{20000}$`, yes: strings.Repeat("a", 20000), no: "b", problem: true},
		{pattern: `^\S+$`, yes: "abc", no: "a\u00a0b"},
		{pattern: `^[^\s]+$`, yes: "abc", no: "a\u2003b"},
		{pattern: `^\p{L}+$`, yes: "äb", no: "1"},
		{pattern: `^\p{Script=Greek}+$`, yes: "αβ", no: "ab"},
		{pattern: `^\p{Uppercase_Letter}$`, yes: "A", no: "a"},
		{pattern: `^(?=.*\d)(?=.*[a-z]).{4,}$`, yes: "abc1 1234x", no: "abcd 1234 a1"},
		{pattern: `^(?!0+$)\d+$`, yes: "10 01", no: "0 000 x"},
		{pattern: `^((?!--)[a-z-])+$`, yes: "a-b", no: "a--b A"},
		{pattern: `^[A-Z]{2}(?!00)\d{2}$`, yes: "AB12", no: "AB00 A12"},
		{pattern: `^\w+(?<!_)$`, yes: "ab a_b", no: "ab_"},
		{pattern: `^\w+(?<=x)$`, yes: "abx", no: "ab"},
		{pattern: `foo(?=bar)`, yes: "foobar", no: "foo barfoo"},
		{pattern: `(?<=foo)bar`, yes: "foobar", no: "bar"},
		{pattern: `(?=.*\d)(?=.*[a-z])`, yes: "a1", no: "a 1", problem: true},
		{pattern: `^(?!a)x$|^y(?!z)`, yes: "x y", no: "yz a"},
		{pattern: `^(?:(?!x)[a-z]+)$`, yes: "abx", no: "xab"},
		{pattern: `(?i)^(?=.*b)abc$`, yes: "ABC abc", no: "x"},
		{pattern: `/^\d+$/`, yes: "12", no: "a", problem: true},
		{pattern: `/^[a-z]+$/i`, yes: "AB", no: "1", problem: true},
		{pattern: `^(a)\1$`, yes: "aa x", problem: true},
		{pattern: `^[z-a]$`, yes: "x", problem: true},
		{pattern: `^(a`, yes: "x", problem: true},
		{pattern: `^a(?!b.*c).*d(?!e)f*$`, yes: "ad axd", problem: true},
		{pattern: `^[[:alpha:]]+$`, yes: "ab", no: "1"},
		{pattern: `\Aab\z`, yes: "ab", no: "abc"},
		{pattern: `^\cA$`, yes: "\x01", no: "A"},
		{pattern: `^[\b]$`, yes: "\b", no: "b"},
		{pattern: `^x{,3}$`, yes: "x{,3}", no: "xx"},
		{pattern: `^.$`, yes: "a", no: "\u2028 ab"},
		{pattern: ``, yes: "anything"},
	} {
		t.Run(tc.pattern, func(t *testing.T) {
			m := compiled(tc.pattern)
			if (m.problem != "") != tc.problem {
				t.Errorf("problem %q", m.problem)
			}
			for text := range strings.SplitSeq(tc.yes, " ") {
				if !m.MatchString(text) {
					t.Errorf("refuses %.40q", text)
				}
			}
			if tc.no == "" {
				return
			}
			for text := range strings.SplitSeq(tc.no, " ") {
				if m.MatchString(text) {
					t.Errorf("takes %.40q", text)
				}
			}
		})
	}
}
