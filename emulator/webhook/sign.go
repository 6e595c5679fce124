package webhook

import (
	"fmt"
	"strings"
	"time"
)

// Message is what a signature is made over. Most schemes sign the body alone.
type Message struct {
	ID        string // of the event, the same on every attempt
	RequestID string // of this request
	DataID    string // of what the event is about
	Body      []byte // exactly the bytes that are sent
	At        time.Time
}

// Signed is a message's signature: the value of the scheme's header, and the further headers without which nobody could verify it.
type Signed struct {
	Value   string
	Headers map[string]string // nil for most schemes
}

// Schemes are the names of the signature schemes, sorted.
func Schemes() []string {
	names := make([]string, len(schemes))
	for i := range schemes {
		names[i] = schemes[i].name
	}
	return names
}

// Single tells whether a scheme's header has room for one signature only. While a secret is being replaced, the sender of such a
// scheme puts the old secret's signature into a header of its own.
func Single(scheme string) bool {
	s, err := schemeOf(scheme)
	return err == nil && s.join == nil
}

// SignMessage signs with each of the secrets, the newest first; a scheme that is Single signs with that one alone.
func SignMessage(scheme string, secrets []string, m Message) (Signed, error) {
	s, err := schemeOf(scheme)
	if err != nil {
		return Signed{}, err
	}
	if len(secrets) == 0 {
		return Signed{}, fmt.Errorf("signature scheme %s: there is no secret to sign with", scheme)
	}
	if s.join == nil {
		secrets = secrets[:1]
	}
	stamped := stamp(m)
	ones := make([]string, len(secrets))
	for i, secret := range secrets {
		digest, err := s.digest(secret, stamped)
		if err != nil {
			return Signed{}, fmt.Errorf("signature scheme %s: %w", scheme, err)
		}
		ones[i] = s.prefix + s.encode(digest)
	}
	out := Signed{Value: ones[0]}
	if s.join != nil {
		out.Value = s.join(ones, stamped)
	}
	if s.companions != nil {
		out.Headers = s.companions(stamped)
	}
	return out, nil
}

// Sign is the signature header's value for exactly these body bytes, made at the wall instant at. It is for schemes that sign nothing else.
func Sign(scheme, secret string, body []byte, at time.Time) (string, error) {
	signed, err := SignMessage(scheme, []string{secret}, Message{Body: body, At: at})
	return signed.Value, err
}

// CheckSecret tells what is wrong with a secret for a scheme that asks for a certain form, nil = nothing.
func CheckSecret(scheme, secret string) error {
	_, err := SignMessage(scheme, []string{secret}, Message{ID: "id", RequestID: "id", DataID: "id"})
	return err
}

func schemeOf(name string) (*scheme, error) {
	for i := range schemes {
		if schemes[i].name == name {
			return &schemes[i], nil
		}
	}
	return nil, fmt.Errorf("signature scheme %q: expected one of %s", name, strings.Join(Schemes(), ", "))
}
