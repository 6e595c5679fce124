package webhook

import (
	"fmt"
	"strings"
)

// Explain verifies, and finds out why a signature does not match: it makes the mistakes that people make, one at a time and two
// together, until one of them gives the signature that came.
func Explain(r Received) Verdict {
	v := Verdict{Scheme: r.Scheme, Hints: []string{}}
	s, err := schemeOf(r.Scheme)
	if err != nil {
		v.Reason, v.Hints = "scheme", []string{err.Error()}
		return v
	}
	if strings.TrimSpace(r.Value) == "" {
		v.Reason, v.Hints = "header-empty", []string{"the signature header is empty or did not come; its form is " + s.form}
		return v
	}
	found, stamp, ok := r.search(s)
	if ok && len(found) == 0 {
		late, bad := r.untimely(s, stamp)
		if !bad {
			v.Valid = true
			return v
		}
		found = []guess{late}
	}
	if !ok {
		found = r.unexplained(s)
	}
	v.Reason = found[0].code
	for _, g := range found {
		v.Hints = append(v.Hints, g.hint)
	}
	return v
}

// maxGuesses is how many things may be wrong at once, beside how the signature is written.
const maxGuesses = 2

// search finds the fewest mistakes that explain the signature: none means that it is right.
func (r *Received) search(declared *scheme) (best []guess, stamp string, ok bool) {
	own := r.open(declared)
	bodies, secrets := bodies(r.Body), r.secrets()
	try := func(o *opened, assumed ...guess) (done bool) {
		for i, body := range bodies {
			for j, secret := range secrets {
				for k, at := range stamps(o) {
					wrong := clean(append(assumed[:len(assumed):len(assumed)], secret.guess, at.guess, body.guess))
					if len(wrong) > maxGuesses || i+j+k > 0 && ok && len(wrong) >= len(best) {
						continue
					}
					written, fits := o.match(secret.secret, body.body, at.stamp, own.ones)
					if wrong = append(wrong, written...); fits && (!ok || len(wrong) < len(best)) {
						best, stamp, ok = wrong, at.stamp, true
					}
					if ok && len(best) == 0 {
						return true
					}
				}
			}
		}
		return false
	}
	if try(&own) {
		return best, stamp, ok
	}
	for i := range schemes {
		if s := &schemes[i]; s != declared {
			o := r.open(s)
			try(&o, guess{"other-scheme", fmt.Sprintf("it is signed as %s (%s), and not as %s", s.name, s.form, declared.name)})
		}
	}
	return best, stamp, ok
}

// clean drops what is no guess.
func clean(all []guess) (wrong []guess) {
	for _, g := range all {
		if g.code != "" {
			wrong = append(wrong, g)
		}
	}
	return wrong
}

type stampGuess struct {
	guess
	stamp string
}

// stamps are the digits that may have been signed.
func stamps(o *opened) []stampGuess {
	all := []stampGuess{{stamp: o.stamp}}
	if !o.scheme.timed {
		return all
	}
	switch len(o.stamp) {
	case secondDigits:
		all = append(all, stampGuess{guess{"timestamp-unit", "the time is shown in seconds and was signed in milliseconds"}, o.stamp + "000"})
	case milliDigits:
		all = append(all, stampGuess{guess{"timestamp-unit", "the time is shown in milliseconds and was signed in seconds"}, o.stamp[:secondDigits]})
	}
	return all
}

// unexplained says what can be seen of a signature that nothing explains.
func (r *Received) unexplained(s *scheme) []guess {
	var found []guess
	for _, name := range s.needs {
		if r.Header.Get(name) == "" {
			found = append(found, guess{"header-missing", "the header " + name + " is signed too, and did not come"})
		}
	}
	o := r.open(s)
	if s.split != nil && len(o.ones) == 1 && o.ones[0] == r.Value && !strings.HasPrefix(r.Value, s.prefix) || s.timed && s.needs == nil && o.stamp == "" {
		found = append(found, guess{"malformed", "the value is not of the form " + s.form})
	}
	if len(r.Secrets) > 0 && s.check == nil {
		if _, err := s.digest(r.Secrets[0], stamped{Message: Message{ID: "id"}, stamp: "0"}); err != nil {
			found = append(found, guess{"secret-form", err.Error()})
		}
	}
	for _, one := range o.ones {
		bare := strings.TrimPrefix(strings.TrimSpace(one), s.prefix)
		if want := s.length(); s.check == nil && len(bare) != want && found == nil {
			found = append(found, guess{"length", fmt.Sprintf("the signature has %d characters; the scheme's have %d (%s)", len(bare), want, s.form)})
		}
	}
	if found == nil {
		found = append(found, guess{"no-match", "nothing that usually goes wrong explains it: it is another secret, or another body"})
	}
	return found
}

// length is how many characters a signature has without its prefix.
func (s *scheme) length() int {
	digest, err := s.digest(symmetricPrefix+"AAAA", stamped{Message: Message{ID: "id"}, stamp: "0"})
	if err != nil {
		return 0
	}
	return len(s.encode(digest))
}
