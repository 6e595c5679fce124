package webhook

import (
	"crypto/hmac"
	"crypto/sha1" // what older services sign with
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"slices"
	"strings"
)

// inbound are the signature schemes of what comes in, named by form.
var inbound = map[string]struct {
	prefix string
	hash   func() hash.Hash
	upper  bool
}{
	"hmac-sha256-hex":        {"", sha256.New, false},
	"sha256=hmac-sha256-hex": {"sha256=", sha256.New, false},
	"sha1=hmac-sha1-hex":     {"sha1=", sha1.New, false},
	"sha1=HMAC-SHA1-HEX":     {"sha1=", sha1.New, true},
}

// InboundSchemes are the names that SignInbound and VerifyInbound know, sorted.
func InboundSchemes() []string { return slices.Sorted(maps.Keys(inbound)) }

// SignInbound is the signature header's value as the sender of these bytes makes it.
func SignInbound(scheme, secret string, body []byte) (string, error) {
	s, ok := inbound[scheme]
	if !ok {
		return "", fmt.Errorf("signature scheme %q: expected one of %s", scheme, strings.Join(InboundSchemes(), ", "))
	}
	mac := hmac.New(s.hash, []byte(secret))
	mac.Write(body)
	text := hex.EncodeToString(mac.Sum(nil))
	if s.upper {
		text = strings.ToUpper(text)
	}
	return s.prefix + text, nil
}

// VerifyInbound tells in constant time whether a header signs exactly these bytes. The case of hexadecimal digits is free; no secret signs nothing.
func VerifyInbound(scheme, secret, header string, body []byte) bool {
	s, ok := inbound[scheme]
	if !ok || secret == "" || len(header) < len(s.prefix) || !strings.EqualFold(header[:len(s.prefix)], s.prefix) {
		return false
	}
	given, err := hex.DecodeString(header[len(s.prefix):])
	if err != nil {
		return false
	}
	mac := hmac.New(s.hash, []byte(secret))
	mac.Write(body)
	return hmac.Equal(given, mac.Sum(nil))
}
