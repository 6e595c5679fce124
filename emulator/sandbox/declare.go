package sandbox

import "slices"

// instead are the statuses that a refusal may have where the contract does not
// declare the usual one, the next best first.
var instead = map[string][]int{
	ReasonInvalid: {400, 422}, ReasonNotFound: {404, 422, 400}, ReasonReference: {422, 400, 404}, ReasonState: {409, 422, 400},
	ReasonExists: {409, 422, 400}, ReasonConflict: {409, 422, 400}, ReasonUnsupported: {415, 400, 422}, ReasonTooLarge: {413, 400, 422},
	ReasonForbidden: {403, 401}, ReasonUnauthenticated: {401, 403}, ReasonInvalidCredentials: {401, 403, 400}, ReasonExpired: {401, 403},
	ReasonTestCard: {422, 402, 400},
}

// Declare gives a refusal of the engine's own the status that the operation
// declares for such, where the scenario leaves it to the contract.
func (b *Binding) Declare(r *Refusal) {
	if b == nil || !b.provider.Scenario.Infer || r.body != nil {
		return
	}
	if _, own := b.provider.Scenario.Errors[r.Code]; own || r.Status != reasonStatus[r.Code] {
		return
	}
	if b.Plan.Reply(r.Status) != nil {
		return // by number, by range, or whatever else
	}
	usual := instead[r.Code]
	if i := slices.IndexFunc(usual, func(status int) bool { return b.Plan.Replies[status] != nil }); i >= 0 {
		r.Status = usual[i]
	}
}
