package sandbox

import (
	"github.com/sandgate/sandgate/openapi"
)

// Reasons for which the engine itself refuses; a scenario maps them to its
// own codes under `refusals`.
const (
	Invalid            = "invalid"
	Unauthenticated    = "unauthenticated"
	InvalidCredentials = "invalid-credentials"
	Expired            = "expired"
	LiveCredential     = "live-credential"
	NotFound           = "not-found"
	NoRoute            = "no-route"
	NoMethod           = "no-method"
	Conflict           = "conflict"
	Exists             = "exists"
	TooLarge           = "too-large"
	Unsupported        = "unsupported"
	TooMany            = "too-many"
	Internal           = "internal"
)

// reasonStatus is what a reason means where the scenario does not say.
var reasonStatus = map[string]int{
	Invalid: 400, Unauthenticated: 401, InvalidCredentials: 401, Expired: 401,
	LiveCredential: 401, NotFound: 404, NoRoute: 404, NoMethod: 405,
	Conflict: 409, Exists: 409, TooLarge: 413, Unsupported: 415,
	TooMany: 429, Internal: 500,
}

// Refusal is a request answered with the provider's own error. It carries
// everything the dialect needs and nothing internal.
type Refusal struct {
	Code       string
	Status     int
	Messages   []string
	Violations []openapi.Violation
	Header     map[string]string
}

func (r *Refusal) Error() string {
	if len(r.Messages) > 0 {
		return r.Code + ": " + r.Messages[0]
	}
	return r.Code
}

// Refuse makes the provider's refusal for an engine reason.
func (p *Provider) Refuse(reason, message string, violations ...openapi.Violation) *Refusal {
	code, ok := p.Scenario.Refusals[reason]
	if !ok {
		return &Refusal{Code: reason, Status: reasonStatus[reason], Messages: messages(message, reason, violations), Violations: violations}
	}
	return p.RefuseCode(code, message, violations...)
}

// RefuseCode makes the refusal of one of the provider's own codes.
func (p *Provider) RefuseCode(code, message string, violations ...openapi.Violation) *Refusal {
	shape, ok := p.Scenario.Errors[code]
	if !ok {
		shape.Status = 400
	}
	return &Refusal{Code: code, Status: shape.Status, Messages: messages(message, shape.Message, violations), Violations: violations}
}

// messages says each violation; a message of its own goes first.
func messages(own, fallback string, violations []openapi.Violation) []string {
	var out []string
	switch {
	case own != "":
		out = append(out, own)
	case fallback != "" && len(violations) == 0:
		out = append(out, fallback)
	}
	for _, v := range violations {
		out = append(out, v.String())
	}
	if len(out) == 0 {
		out = append(out, fallback)
	}
	return out
}
