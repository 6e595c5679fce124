package sandbox

import (
	"fmt"
	"net/http"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/emulator/webhook"
	"github.com/sandgate/sandgate/scenarios"
)

const (
	// maxSecrets is how many secrets of an endpoint sign at a time.
	maxSecrets = 5
	// defaultOverlap is how long a replaced secret still signs.
	defaultOverlap = 24 * time.Hour
	// previousSuffix names the header beside the signature's, with one value for each older secret, newest first.
	previousSuffix = "-Previous"
)

// sign puts the signatures of an attempt's body on it: the newest secret's in
// the provider's header, those of replaced ones beside it while they last.
func (p *Provider) sign(header http.Header, at *sending, body []byte, signedAt time.Time) error {
	name, scheme, m := p.hooks.header, p.hooks.scheme, messageOf(at, body, signedAt)
	secrets := []string{at.endpoint.Secret}
	for _, old := range at.endpoint.Previous {
		if old.Until > at.started.UnixMilli() {
			secrets = append(secrets, old.Secret)
		}
	}
	if !webhook.Single(scheme) {
		return sign(header, scheme, name, secrets, m)
	}
	for _, old := range secrets[1:] {
		signed, err := webhook.SignMessage(scheme, []string{old}, m)
		if err != nil {
			return err
		}
		header.Add(name+previousSuffix, signed.Value)
	}
	return sign(header, scheme, name, secrets[:1], m)
}

// overlap is how long a replaced secret still signs, unless its owner says.
func (p *Provider) overlap() time.Duration {
	if span := p.Scenario.Webhooks.Overlap; span != nil {
		return time.Duration(*span)
	}
	return defaultOverlap
}

// overlapOf is how long the secret before a resource's present one still signs.
func (a *act) overlapOf(v *scenarios.Value) (time.Duration, error) {
	if v == nil {
		return a.p.overlap(), nil
	}
	span, err := v.Eval(&a.env)
	if err != nil || span == nil {
		return a.p.overlap(), err
	}
	text, _ := span.(string)
	d, err := scenarios.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("endpoint, overlap: %v is no span like 24h", span)
	}
	return d, nil
}

// inherit keeps what a change to an endpoint does not speak of, and lets a
// secret that was replaced sign for a while. Who switches it on again begins anew.
func inherit(ep *store.Endpoint, old store.Endpoint, overlap time.Duration, now int64) {
	ep.Failing, ep.Disabled, ep.Previous = old.Failing, old.Disabled, old.Previous
	if ep.Active && !old.Active {
		ep.Failing, ep.Disabled = 0, ""
	}
	if ep.Secret == old.Secret {
		return
	}
	if ep.Previous = nil; overlap <= 0 { // who leaves no time trusts none of the old ones
		return
	}
	kept := append([]store.OldSecret{{Secret: old.Secret, Until: now + overlap.Milliseconds()}}, old.Previous...)
	for _, one := range kept {
		if one.Secret != "" && one.Secret != ep.Secret && one.Until > now && len(ep.Previous) < maxSecrets-1 {
			ep.Previous = append(ep.Previous, one)
		}
	}
}
