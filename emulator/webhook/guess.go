package webhook

import (
	"bytes"
	"crypto/hmac"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
)

// guess is one thing that may have gone wrong. The zero value is nothing.
type guess struct{ code, hint string }

type bodyGuess struct {
	guess
	body []byte
}

type secretGuess struct {
	guess
	secret string
}

// maxReencoded is the longest body that is written anew in every form.
const maxReencoded = 256 << 10

var bom = []byte("\xef\xbb\xbf")

const rawBytes = ": verify the bytes as they came, before anything parses or changes them"

// bodies are what the sender may have signed if it was not what is at hand.
func bodies(body []byte) []bodyGuess {
	all := []bodyGuess{{body: body}}
	add := func(code, hint string, changed []byte) {
		for _, known := range all {
			if bytes.Equal(known.body, changed) {
				return
			}
		}
		all = append(all, bodyGuess{guess{code, hint}, changed})
	}
	if rest, ok := bytes.CutPrefix(body, bom); ok {
		add("body-bom", "the body at hand begins with a byte order mark that was not signed"+rawBytes, rest)
	} else {
		add("body-bom", "a byte order mark before the body was signed and is gone"+rawBytes, append(bytes.Clone(bom), body...))
	}
	trimmed := bytes.TrimRight(body, "\r\n")
	add("body-newline", "the body at hand ends in a line end that was not signed (an editor or echo adds one)"+rawBytes, trimmed)
	add("body-newline", "a line end after the body was signed and is gone"+rawBytes, append(bytes.Clone(trimmed), '\n'))
	add("body-newline", "a line end (CR LF) after the body was signed and is gone"+rawBytes, append(bytes.Clone(trimmed), "\r\n"...))
	unix := bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n"))
	add("body-crlf", "the body at hand has CR LF where LF was signed"+rawBytes, unix)
	add("body-crlf", "the body at hand has LF where CR LF was signed"+rawBytes, bytes.ReplaceAll(unix, []byte("\n"), []byte("\r\n")))
	if len(body) > maxReencoded {
		return all
	}
	if n, ok := parseJSON(bytes.TrimPrefix(body, bom)); ok {
		for _, form := range jsonForms() {
			add("body-reencoded", "the body at hand was parsed and written anew; what was signed is "+form.String()+rawBytes, form.write(nil, n, 0))
		}
	}
	return all
}

// secrets are what the sender may have signed with: r's own first.
func (r *Received) secrets() []secretGuess {
	var all []secretGuess
	add := func(code, hint, secret string) {
		for _, known := range all {
			if known.secret == secret {
				return
			}
		}
		all = append(all, secretGuess{guess{code, hint}, secret})
	}
	own := ""
	if len(r.Secrets) > 0 {
		own = r.Secrets[0]
	}
	add("", "", own)
	for i, secret := range r.Secrets[min(1, len(r.Secrets)):] {
		add("other-secret", fmt.Sprintf("secret %d of those given matches, and not the first", i+2), secret)
	}
	for _, secret := range r.Development {
		add("development-secret", "it is signed with the provider's development secret, which signs for endpoints that were given none", secret)
	}
	add("secret-whitespace", "the secret matches without the white space around it", strings.TrimSpace(own))
	add("secret-whitespace", "the sender's secret ends in a line end", own+"\n")
	own = strings.TrimSpace(own)
	bare := own
	for _, prefix := range []string{symmetricPrefix, privatePrefix, publicPrefix} {
		if rest, ok := strings.CutPrefix(own, prefix); ok {
			bare = rest
			add("secret-prefix", "the secret matches without "+prefix, rest)
		}
	}
	for _, prefix := range []string{symmetricPrefix, privatePrefix, publicPrefix} {
		add("secret-prefix", "the secret matches with "+prefix+" before it", prefix+bare)
	}
	add("secret-base64", "the key is the secret's characters as they are: do not decode base64", symmetricPrefix+base64.StdEncoding.EncodeToString([]byte(own)))
	add("secret-base64", "the key is the characters behind whsec_ as they are: do not decode base64", symmetricPrefix+base64.StdEncoding.EncodeToString([]byte(bare)))
	for _, text := range []string{own, bare} {
		if key, ok := decoded(text); ok {
			add("secret-base64", "the key is the secret decoded from base64", string(key))
		}
		if key, err := hex.DecodeString(text); err == nil && len(key) > 0 {
			add("secret-hex", "the key is the secret decoded from hex", string(key))
		}
	}
	return all
}

// decoded reads base64 of any alphabet, with padding or without.
func decoded(text string) ([]byte, bool) {
	text = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(text), "=")
	raw, err := base64.RawStdEncoding.DecodeString(text)
	return raw, err == nil && len(raw) > 0
}

func same(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }

// label is what stands before a signature in some value or other.
var label = regexp.MustCompile(`^[A-Za-z0-9-]{1,10}[=,]`)

// leastTruncated is how much of a signature must be left to know it again.
const leastTruncated = 8

// present compares a signature with the one that should be there, and tells how the two differ if it is only in how they are written.
func (s *scheme) present(digest []byte, given string) (found []guess, ok bool) {
	if same(given, s.prefix+s.encode(digest)) {
		return nil, true
	}
	bare := strings.Trim(given, " \t\r\n\"'")
	if bare != given {
		found = append(found, guess{"header-whitespace", "there is white space or a quote around the header's value"})
	}
	want := s.encode(digest)
	rest, has := strings.CutPrefix(bare, s.prefix)
	if !has || s.prefix == "" {
		if cut := label.FindString(bare); cut != "" && len(bare) >= len(cut)+leastTruncated {
			rest = bare[len(cut):]
			found = append(found, guess{"prefix", fmt.Sprintf("the value begins with %q, and %s", cut, s.begins())})
		} else if !has {
			found = append(found, guess{"prefix", fmt.Sprintf("the value lacks the prefix %q", s.prefix)})
		}
	}
	raw, isBase64 := decoded(rest)
	fromHex, err := hex.DecodeString(rest)
	_, wantsHex := hex.DecodeString(want)
	switch {
	case same(rest, want):
	case err == nil && hmac.Equal(fromHex, digest) && wantsHex == nil:
		found = append(found, guess{"case", "the hex digits are " + caseOf(rest) + ", and the scheme's are " + caseOf(want)})
	case err == nil && hmac.Equal(fromHex, digest):
		found = append(found, guess{"encoding", "the value is hex, and the scheme's is base64"})
	case isBase64 && hmac.Equal(raw, digest) && wantsHex == nil:
		found = append(found, guess{"encoding", "the value is base64, and the scheme's is hex"})
	case isBase64 && hmac.Equal(raw, digest):
		found = append(found, guess{"encoding", "the value is base64 of another alphabet, or without its padding"})
	case len(rest) >= leastTruncated && len(rest) < len(want) && strings.EqualFold(rest, want[:len(rest)]):
		found = append(found, guess{"truncated", fmt.Sprintf("the signature is cut off: %d of %d characters are there", len(rest), len(want))})
	default:
		return nil, false
	}
	return found, true
}

func (s *scheme) begins() string {
	if s.prefix == "" {
		return "the scheme has no prefix"
	}
	return fmt.Sprintf("the scheme's prefix is %q", s.prefix)
}

func caseOf(digits string) string {
	switch digits {
	case strings.ToLower(digits):
		return "lower-case"
	case strings.ToUpper(digits):
		return "upper-case"
	}
	return "of mixed case"
}
