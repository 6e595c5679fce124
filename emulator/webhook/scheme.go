package webhook

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"
	"strconv"
	"strings"
)

// scheme is one way to sign, named by its form.
type scheme struct {
	name   string
	form   string // of the header's value, for people
	prefix string // of every signature
	encode func([]byte) string
	digest func(secret string, m stamped) ([]byte, error)
	// check verifies what cannot be made again by who verifies, nil = make it again.
	check func(secret string, signature []byte, m stamped) bool
	// join and split put signatures into one value and find them in it; nil = the value is one signature.
	join  func(ones []string, m stamped) string
	split func(value string) (ones []string, stamp string)
	// companions are headers that belong to the signature; needs are their names.
	companions func(m stamped) map[string]string
	needs      []string
	timed      bool
	millis     bool // its time may be in milliseconds as well
}

// stamped is a message with its time as it is signed: what was received is verified with the digits that came.
type stamped struct {
	Message
	stamp string
}

func stamp(m Message) stamped { return stamped{m, strconv.FormatInt(m.At.Unix(), 10)} }

// Headers of Standard Webhooks, and of the manifest of ts,v1.
const (
	headerID        = "webhook-id"
	headerTimestamp = "webhook-timestamp"
	headerRequest   = "x-request-id"
)

// schemes are all there are, by name.
var schemes = []scheme{
	{name: "hmac-sha256-base64", form: "base64 of HMAC-SHA256", encode: base64.StdEncoding.EncodeToString, digest: overBody(sha256.New)},
	{name: "hmac-sha256-hex", form: "64 hex digits", encode: hex.EncodeToString, digest: overBody(sha256.New)},
	{name: "sha1=HMAC-SHA1-HEX", form: "sha1= and 40 upper-case hex digits", prefix: "sha1=", encode: upperHex, digest: overBody(sha1.New)},
	{name: "sha1=hmac-sha1-hex", form: "sha1= and 40 hex digits", prefix: "sha1=", encode: hex.EncodeToString, digest: overBody(sha1.New)},
	{name: "sha256-body-secret-hex", form: "64 hex digits", encode: hex.EncodeToString, digest: bodyAndSecret},
	{name: "sha256=hmac-sha256-hex", form: "sha256= and 64 hex digits", prefix: "sha256=", encode: hex.EncodeToString, digest: overBody(sha256.New)},
	{
		name: "standard-webhooks-v1", form: "v1,<base64>, several with spaces between", prefix: "v1,", encode: base64.StdEncoding.EncodeToString, digest: standardHMAC,
		join: joinStandard, split: splitStandard("v1,"), companions: standardHeaders, needs: []string{headerID, headerTimestamp}, timed: true,
	},
	{
		name: "standard-webhooks-v1a", form: "v1a,<base64>, several with spaces between", prefix: "v1a,", encode: base64.StdEncoding.EncodeToString, digest: standardEd25519,
		check: checkEd25519, join: joinStandard, split: splitStandard("v1a,"), companions: standardHeaders, needs: []string{headerID, headerTimestamp}, timed: true,
	},
	{
		name: "t,v1", form: "t=<unix seconds>,v1=<64 hex digits>", prefix: "v1=", encode: hex.EncodeToString, digest: stampAndBody,
		join: joinPairs("t"), split: splitPairs("t"), timed: true,
	},
	{
		name: "ts,v1", form: "ts=<unix seconds>,v1=<64 hex digits>", prefix: "v1=", encode: hex.EncodeToString, digest: manifest,
		join: joinPairs("ts"), split: splitPairs("ts"), companions: func(m stamped) map[string]string { return map[string]string{headerRequest: m.RequestID} },
		needs: []string{headerRequest}, timed: true, millis: true,
	},
}

func upperHex(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }

func sum(h func() hash.Hash, key []byte, parts ...[]byte) []byte {
	mac := hmac.New(h, key)
	for _, part := range parts {
		mac.Write(part)
	}
	return mac.Sum(nil)
}

// overBody is an HMAC of the body with the secret's bytes as the key.
func overBody(h func() hash.Hash) func(string, stamped) ([]byte, error) {
	return func(secret string, m stamped) ([]byte, error) { return sum(h, []byte(secret), m.Body), nil }
}

// bodyAndSecret is SHA-256, and no HMAC, of body, "_" and secret.
func bodyAndSecret(secret string, m stamped) ([]byte, error) {
	h := sha256.New()
	h.Write(m.Body)
	h.Write([]byte("_" + secret))
	return h.Sum(nil), nil
}

// stampAndBody is an HMAC of "time.body".
func stampAndBody(secret string, m stamped) ([]byte, error) {
	return sum(sha256.New, []byte(secret), []byte(m.stamp+"."), m.Body), nil
}

// manifest is an HMAC of names and values that are not the body. What is not known is left out.
func manifest(secret string, m stamped) ([]byte, error) {
	var text strings.Builder
	for _, part := range [][2]string{{"id", lowerID(m.DataID)}, {"request-id", m.RequestID}, {"ts", m.stamp}} {
		if part[1] != "" {
			text.WriteString(part[0] + ":" + part[1] + ";")
		}
	}
	return sum(sha256.New, []byte(secret), []byte(text.String())), nil
}

// lowerID lowers an id of letters and digits only.
func lowerID(id string) string {
	for _, r := range id {
		if (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return id
		}
	}
	return strings.ToLower(id)
}

// Standard Webhooks: keys are base64 behind a prefix that says what they are.
const (
	symmetricPrefix = "whsec_"
	privatePrefix   = "whsk_"
	publicPrefix    = "whpk_"
)

var (
	errSymmetric = errors.New("its secret is whsec_ and the base64 of the key")
	errPrivate   = errors.New("its secret is whsk_ and the base64 of an Ed25519 private key")
	errID        = errors.New("its message needs an id without a full stop")
)

func standardContent(m stamped) []byte {
	return append([]byte(m.ID+"."+m.stamp+"."), m.Body...)
}

func standardHMAC(secret string, m stamped) ([]byte, error) {
	key, ok := decodeKey(secret, symmetricPrefix)
	switch {
	case !ok || len(key) == 0:
		return nil, errSymmetric
	case m.ID == "" || strings.Contains(m.ID, "."):
		return nil, errID
	}
	return sum(sha256.New, key, standardContent(m)), nil
}

func standardEd25519(secret string, m stamped) ([]byte, error) {
	key := privateKey(secret)
	switch {
	case key == nil:
		return nil, errPrivate
	case m.ID == "" || strings.Contains(m.ID, "."):
		return nil, errID
	}
	return ed25519.Sign(key, standardContent(m)), nil
}

// checkEd25519 verifies with the public key, or with the one that belongs to a private key.
func checkEd25519(secret string, signature []byte, m stamped) bool {
	public, ok := decodeKey(secret, publicPrefix)
	if key := privateKey(secret); key != nil {
		public, ok = key.Public().(ed25519.PublicKey), true
	}
	return ok && len(public) == ed25519.PublicKeySize && ed25519.Verify(public, standardContent(m), signature)
}

// privateKey reads a seed, or a seed with the public key behind it, nil = it is neither.
func privateKey(secret string) ed25519.PrivateKey {
	raw, ok := decodeKey(secret, privatePrefix)
	switch {
	case !ok:
	case len(raw) == ed25519.SeedSize:
		return ed25519.NewKeyFromSeed(raw)
	case len(raw) == ed25519.PrivateKeySize:
		return ed25519.PrivateKey(raw)
	}
	return nil
}

func decodeKey(secret, prefix string) ([]byte, bool) {
	text, ok := strings.CutPrefix(secret, prefix)
	key, err := base64.StdEncoding.DecodeString(text)
	return key, ok && err == nil
}

func standardHeaders(m stamped) map[string]string {
	return map[string]string{headerID: m.ID, headerTimestamp: m.stamp}
}

func joinStandard(ones []string, _ stamped) string { return strings.Join(ones, " ") }

func splitStandard(label string) func(string) ([]string, string) {
	return func(value string) (ones []string, _ string) {
		for _, one := range strings.Fields(value) {
			if strings.HasPrefix(one, label) {
				ones = append(ones, one)
			}
		}
		return ones, ""
	}
}

func joinPairs(name string) func([]string, stamped) string {
	return func(ones []string, m stamped) string { return name + "=" + m.stamp + "," + strings.Join(ones, ",") }
}

func splitPairs(name string) func(string) ([]string, string) {
	return func(value string) (ones []string, stamp string) {
		for _, pair := range strings.Split(value, ",") {
			switch key, rest, _ := strings.Cut(strings.TrimSpace(pair), "="); key {
			case name:
				stamp = rest
			case "v1":
				ones = append(ones, "v1="+rest)
			}
		}
		return ones, stamp
	}
}
