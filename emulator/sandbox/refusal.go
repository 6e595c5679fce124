package sandbox

import (
	"github.com/sandgate/sandgate/openapi"
)

// Reasons for which the engine itself refuses; a scenario maps them to its
// own codes under `refusals`.
const (
	ReasonInvalid            = "invalid"
	ReasonUnauthenticated    = "unauthenticated"
	ReasonInvalidCredentials = "invalid-credentials"
	ReasonExpired            = "expired"
	ReasonLiveCredential     = "live-credential"
	ReasonNotFound           = "not-found"
	ReasonNoRoute            = "no-route"
	ReasonNoMethod           = "no-method"
	ReasonConflict           = "conflict"
	ReasonInProgress         = "in-progress" // another request with the same idempotency key
	ReasonState              = "state"       // no move fits
	ReasonReference          = "reference"   // what a body refers to does not exist
	ReasonExists             = "exists"
	ReasonTooLarge           = "too-large"
	ReasonUnsupported        = "unsupported"
	ReasonTooMany            = "too-many"
	ReasonForbidden          = "forbidden" // the key lacks a permission
	ReasonInternal           = "internal"
)

// reasonStatus is what a reason means where the scenario does not say.
var reasonStatus = map[string]int{
	ReasonInvalid: 400, ReasonUnauthenticated: 401, ReasonInvalidCredentials: 401, ReasonExpired: 401,
	ReasonLiveCredential: 401, ReasonNotFound: 404, ReasonNoRoute: 404, ReasonNoMethod: 405,
	ReasonConflict: 409, ReasonInProgress: 409, ReasonState: 409, ReasonReference: 422, ReasonExists: 409, ReasonTooLarge: 413, ReasonUnsupported: 415,
	ReasonTooMany: 429, ReasonInternal: 500, ReasonForbidden: 403, ReasonTestCard: 422,
}

// Refusal is a request answered with the provider's own error. It carries
// everything the dialect needs and nothing internal.
type Refusal struct {
	Code       string
	Status     int
	Messages   []string
	Violations []openapi.Violation
	Details    map[string]any // what the dialect may show as error.details
	Header     map[string]string

	body []byte // as it was said before; nil = to be rendered
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
		out = append(out, openapi.MaskCards(own)) // it may repeat what came
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
