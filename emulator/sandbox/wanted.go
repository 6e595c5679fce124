package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// wanted reports whether an endpoint gets an event: it asked for it, or the
// event is its own, and then nobody else does.
func (a *act) wanted(ep *store.Endpoint, e *store.Event) bool {
	if r := a.p.Scenario.Resource(e.Kind); r != nil && r.Endpoint != nil && slices.Contains(r.Endpoint.Own, e.Family+"."+e.Action) {
		return ep.ID == e.Resource
	}
	return wantsEvent(ep.Events, e.Family, e.Action)
}

// knownEvents refuses an endpoint that asks for what the provider never sends.
func (a *act) knownEvents(m *scenarios.EndpointMapping, names []string) error {
	if m.Unknown == "" || a.quiet {
		return nil
	}
	for i, name := range names {
		if a.p.emits(name) {
			continue
		}
		hint := "; `*` and names like `invoice.*` are patterns"
		if near := scenarios.Nearest(name, a.p.EventNames()); near != "" {
			hint = "; did you mean " + strconv.Quote(near) + "?"
		}
		r := a.p.RefuseCode(m.Unknown, fmt.Sprintf("there is no event %q%s", clipName(name), hint))
		r.Violations = []openapi.Violation{{
			Pointer: fmt.Sprintf("/body/events/%d", i), Rule: "event", Expected: "the name of an event that is sent" + hint, Got: clipName(name),
		}}
		return r
	}
	return nil
}

// clipName shortens a name for a message, between two characters.
func clipName(s string) string {
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:80], "") + "…"
	}
	return s
}

// bears refuses a change that this run does not allow.
func (w *World) bears(c EndpointChange) error {
	if c.Insecure != nil && *c.Insecure && !w.o.Insecure {
		return &Invalid{"/body/insecure", "an endpoint may do without a checked certificate only with --egress any or local"}
	}
	return nil
}

// overlap is how long a secret that the change replaces still signs.
func (c *EndpointChange) overlap(p *Provider) time.Duration {
	if c.Overlap != nil {
		return *c.Overlap
	}
	return p.overlap()
}
