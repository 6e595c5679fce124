package sandbox

import (
	"strings"
	"unicode/utf8"

	"github.com/sandgate/sandgate/scenarios"
)

// form is what a credential looks like, before anything is looked up.
type form int

const (
	formForeign  form = iota // none of ours
	formMistyped             // one of ours, with a wrong checksum or one slip of the finger
	formIssued               // one of ours, as far as can be seen
)

// keyHead is what keys of a sandbox begin with.
func (s *Sandbox) keyHead(p *Provider) string {
	prefix := p.Scenario.KeyPrefix()
	if s.name != DefaultName {
		prefix += "ws_" + s.name + "_"
	}
	return prefix
}

// formOf looks at a credential. Whoever mistypes a key must not be taken for
// somebody who made one up, not even in open mode.
func (p *Provider) formOf(credential string) form {
	prefix := p.Scenario.KeyPrefix()
	switch {
	case !shapedAsKey(credential, prefix):
		if mistyped(credential, prefix) {
			return formMistyped
		}
		return formForeign
	case scenarios.KeyChecks(credential):
		return formIssued
	}
	return formMistyped
}

// shapedAsKey reports the form of our keys: prefix, perhaps a sandbox, and a
// tail of base62.
func shapedAsKey(s, prefix string) bool {
	n := len(s) - scenarios.KeyTail
	if n < len(prefix) || s[:len(prefix)] != prefix {
		return false
	}
	for i := n; i < len(s); i++ {
		if !base62(s[i]) {
			return false
		}
	}
	if n == len(prefix) {
		return true
	}
	name, ok := strings.CutPrefix(s[len(prefix):n], "ws_")
	name, ends := strings.CutSuffix(name, "_")
	return ok && ends && sandboxName.MatchString(name)
}

func base62(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// mistyped reports a credential that is one character away from a key of
// ours. The checksum tells.
func mistyped(credential, prefix string) bool {
	return nearKey(credential, prefix) && scenarios.MistypedKey(credential, func(s string) bool { return shapedAsKey(s, prefix) })
}

// nearKey keeps the search, which is long, to what is about a key: it begins
// nearly as one, goes on either nearly as one of a named sandbox or for about
// the length of a tail, and ends nearly as one.
func nearKey(credential, prefix string) bool {
	const slack = 4 // a character of four bytes, or the one that the prefix lacks
	if len(credential) > 160 || !nearTail(credential) {
		return false
	}
	for _, rest := range cutNear(credential, prefix) {
		if len(rest) >= scenarios.KeyTail-slack && len(rest) <= scenarios.KeyTail+slack || len(cutNear(rest, "ws_")) > 0 {
			return true
		}
	}
	return false
}

// nearTail reports an end of letters and digits with at most one other
// character in it.
func nearTail(credential string) bool {
	least := scenarios.KeyTail - 1
	if len(credential) < least {
		return false
	}
	signs, bytes := 0, 0
	for i := len(credential) - least; i < len(credential); i++ {
		switch c := credential[i]; {
		case c >= utf8.RuneSelf:
			bytes++
		case !base62(c):
			signs++
		}
	}
	return signs <= 1 && bytes <= utf8.UTFMax
}

// cutNear cuts off a beginning that is want, or one character away from it:
// what may be left.
func cutNear(s, want string) (rests []string) {
	n := 0
	for n < len(want) && n < len(s) && s[n] == want[n] {
		n++
	}
	if n == len(want) {
		return []string{s[n:]}
	}
	_, size := utf8.DecodeRuneInString(s[n:])
	for _, try := range [][2]string{{s[n+size:], want[n+1:]}, {s[n:], want[n+1:]}, {s[n+size:], want[n:]}} { // another, one too few, one too many
		if rest, ok := strings.CutPrefix(try[0], try[1]); ok {
			rests = append(rests, rest)
		}
	}
	return rests
}

// Mistyped refuses a credential that is a key of ours with a slip in it. It
// asks no store, and comes before the sandbox is known, whose name may be what is wrong.
func (p *Provider) Mistyped(credential string) error {
	if p.formOf(credential) != formMistyped {
		return nil
	}
	return p.Refuse(ReasonUnauthenticated, "this key is mistyped or cut: its checksum does not fit")
}
