package webhook

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Received is a webhook as its receiver sees it.
type Received struct {
	Scheme      string
	Value       string      // of the signature's header
	Header      http.Header // the others, for schemes that sign some of them
	Body        []byte
	DataID      string        // of the URL or the body, for schemes that sign it
	Secrets     []string      // the first is the one that must match
	Development []string      // of providers, to be recognised
	Now         time.Time     // of the wall clock
	Tolerance   time.Duration // of a signed time; 0 = any time will do
	AnyCase     bool          // of prefix and hex digits, as services outside are known to vary
}

// Verdict is what became of a verification. Reason is one word for programs, the hints are for people.
type Verdict struct {
	Valid  bool     `json:"valid"`
	Scheme string   `json:"scheme"`
	Reason string   `json:"reason"` // "" when valid
	Hints  []string `json:"hints"`
}

// ErrSignature is a signature that does not verify.
var ErrSignature = errors.New("the signature does not verify")

// Verify tells, in constant time, whether a webhook is signed with one of the secrets. An empty one signs nothing.
func Verify(r Received) error {
	s, err := schemeOf(r.Scheme)
	if err != nil {
		return err
	}
	o := r.open(s)
	if r.AnyCase {
		for i, one := range o.ones {
			o.ones[i] = s.recased(one)
		}
	}
	for _, secret := range r.Secrets {
		if secret != "" && o.holds(secret, r.Body) {
			if late, bad := r.untimely(s, o.stamp); bad {
				return fmt.Errorf("%w: %s", ErrSignature, late.hint)
			}
			return nil
		}
	}
	return ErrSignature
}

// opened is a received webhook read as one scheme has it.
type opened struct {
	scheme *scheme
	m      Message
	stamp  string
	ones   []string // signatures in the value
}

func (r *Received) open(s *scheme) opened {
	o := opened{scheme: s, ones: []string{r.Value}, m: Message{ID: r.Header.Get(headerID), RequestID: r.Header.Get(headerRequest), DataID: r.DataID}}
	if s.split != nil {
		if ones, stamp := s.split(r.Value); len(ones) > 0 {
			o.ones, o.stamp = ones, stamp
		}
	}
	for _, name := range s.needs {
		if name == headerTimestamp {
			o.stamp = r.Header.Get(headerTimestamp)
		}
	}
	return o
}

// holds compares the signatures with the one that should be there, and looks for no reasons: those would take time that tells something.
func (o *opened) holds(secret string, body []byte) bool {
	m := stamped{o.m, o.stamp}
	m.Body = body
	if o.scheme.timed && o.stamp == "" {
		return false
	}
	if o.checked(secret, m) {
		return true
	}
	digest, err := o.scheme.digest(secret, m)
	if err != nil {
		return false
	}
	want, held := o.scheme.prefix+o.scheme.encode(digest), false
	for _, one := range o.ones {
		held = same(one, want) || held
	}
	return held
}

// checked verifies what cannot be made again by who verifies.
func (o *opened) checked(secret string, m stamped) bool {
	if o.scheme.check == nil {
		return false
	}
	for _, one := range o.ones {
		raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(one, o.scheme.prefix))
		if err == nil && o.scheme.check(secret, raw, m) {
			return true
		}
	}
	return false
}

// recased writes a signature's prefix and hex digits in the scheme's case. What is no hex stays.
func (s *scheme) recased(one string) string {
	if len(one) < len(s.prefix) || !strings.EqualFold(one[:len(s.prefix)], s.prefix) {
		return one
	}
	raw, err := hex.DecodeString(one[len(s.prefix):])
	if err != nil {
		return one
	}
	if again := s.encode(raw); strings.EqualFold(again, one[len(s.prefix):]) {
		return s.prefix + again
	}
	return one
}

// match compares the signatures, and more that may stand in the value, with the one that should be there.
func (o *opened) match(secret string, body []byte, stamp string, more []string) ([]guess, bool) {
	if o.scheme.timed && stamp == "" {
		return nil, false
	}
	m := stamped{o.m, stamp}
	m.Body = body
	if o.checked(secret, m) {
		return nil, true
	}
	digest, err := o.scheme.digest(secret, m)
	if err != nil {
		return nil, false
	}
	var best []guess
	ok := false
	for _, ones := range [][]string{o.ones, more} {
		for _, one := range ones {
			if found, fits := o.scheme.present(digest, one); fits && (!ok || len(found) < len(best)) {
				best, ok = found, true
			}
		}
	}
	return best, ok
}

// Milliseconds since 1970 have three digits more than seconds.
const (
	secondDigits = 10
	milliDigits  = 13
)

// untimely tells what is wrong with a time that was signed.
func (r *Received) untimely(s *scheme, stamp string) (guess, bool) {
	if !s.timed || r.Tolerance == 0 {
		return guess{}, false
	}
	n, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return guess{"timestamp-malformed", fmt.Sprintf("the time %q is no number of seconds since 1970", clip(stamp))}, true
	}
	at := time.Unix(n, 0)
	if len(stamp) == milliDigits {
		if at = time.UnixMilli(n); !s.millis {
			return guess{"timestamp-unit", "the time is in milliseconds; the scheme's is in seconds"}, true
		}
	}
	switch age := r.Now.Sub(at); {
	case age > r.Tolerance:
		return guess{"timestamp-old", fmt.Sprintf("it was signed %s before now, and %s is tolerated: a replay, a late queue, or a clock that is wrong", age.Round(time.Second), r.Tolerance)}, true
	case age < -r.Tolerance:
		return guess{"timestamp-new", fmt.Sprintf("it was signed %s after now, and %s is tolerated: one of the clocks is wrong", (-age).Round(time.Second), r.Tolerance)}, true
	}
	return guess{}, false
}

func clip(s string) string {
	const most = 40
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
