package sandbox

import "github.com/sandgate/sandgate/openapi"

// ReasonTestCard is a listed test card where only real ones would be taken.
const ReasonTestCard = "test-card"

// noTestCard refuses a listed test card in an environment without them. What
// the clock does with the objects that a fresh file has is no request.
func (a *act) noTestCard(listed bool) error {
	if !listed || !a.s.w.o.NoTestCards || a.by.who == byClock || a.by.who == bySeed {
		return nil
	}
	return a.p.Refuse(ReasonTestCard, "", openapi.Violation{Pointer: "/body", Rule: "test-card", Expected: "no test card: this is production"})
}

// presents reports that a card is meant, and not another way to pay.
func presents(card map[string]any) bool {
	number, _ := card["number"].(string)
	token, _ := card["token"].(string)
	return number != "" || token != ""
}
