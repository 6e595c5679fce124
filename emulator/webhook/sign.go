package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// schemes are the signature schemes, named by form. at is for the forms that sign a time.
var schemes = map[string]func(secret string, body []byte, at time.Time) string{
	"hmac-sha256-hex":        hmacSHA256Hex,
	"sha256-body-secret-hex": sha256BodySecretHex,
	"sha256=hmac-sha256-hex": func(secret string, body []byte, at time.Time) string {
		return "sha256=" + hmacSHA256Hex(secret, body, at)
	},
}

// Schemes are the names that Sign knows, sorted.
func Schemes() []string { return slices.Sorted(maps.Keys(schemes)) }

// Sign is the signature header's value for exactly these body bytes, made at the wall instant at.
func Sign(scheme, secret string, body []byte, at time.Time) (string, error) {
	sign, ok := schemes[scheme]
	if !ok {
		return "", fmt.Errorf("signature scheme %q: expected one of %s", scheme, strings.Join(Schemes(), ", "))
	}
	return sign(secret, body, at), nil
}

// hmacSHA256Hex is the lower-case hex of HMAC-SHA256 with the secret's bytes as the key.
func hmacSHA256Hex(secret string, body []byte, _ time.Time) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// sha256BodySecretHex is the lower-case hex of SHA-256 over body, "_" and secret.
func sha256BodySecretHex(secret string, body []byte, _ time.Time) string {
	sum := sha256.New()
	sum.Write(body)
	sum.Write([]byte("_" + secret))
	return hex.EncodeToString(sum.Sum(nil))
}
