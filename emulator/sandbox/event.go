package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/emulator/webhook"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// Timer kinds.
const (
	timerMove    = "move"
	timerAt      = "at" // a move at an instant of its own
	timerAttempt = "attempt"
	timerReset   = "reset"

	timerCallback = "callback"
)

// announce records events about an object and owes them to every endpoint
// that asked for them: one delivery and one timer each, in this transaction.
// before is the stored body that a change replaced.
func (a *act) announce(o *object, names scenarios.Events, before []byte) error {
	if err := a.mirror(o); err != nil {
		return err
	}
	if len(names) == 0 || a.quiet {
		return nil
	}
	var view map[string]bool
	if o.kind.surplus {
		view = map[string]bool{}
		for _, property := range o.kind.schema.Properties() {
			view[property] = true
		}
	}
	data, err := o.project("webhooks", view, o.kind.schema)
	if err != nil {
		return err
	}
	var previous []byte
	if a.p.hooks.previous && before != nil {
		if previous, err = changed(before, o.row.Body, a.p.Scenario.Dialect.Updated); err != nil {
			return err
		}
		if len(previous) == len("{}") && slices.Equal(names, o.kind.spec.Emit.Update) {
			return nil // nothing that anybody can see was updated
		}
	}
	for _, name := range names {
		id, err := a.newEventID()
		if err != nil {
			return err
		}
		family, action := splitEvent(name)
		e := &store.Event{
			ID: id, Provider: a.p.Name(), Owner: o.row.Owner, Family: family, Action: action,
			Kind: o.kind.Short, Resource: o.row.ID, Data: data, Previous: previous, Created: a.ms(),
		}
		if err := a.tx.InsertEvent(e); err != nil {
			return err
		}
		if err := a.owe(e); err != nil {
			return err
		}
	}
	return nil
}

// mirror brings what the engine keeps apart into line with an object that is an endpoint, an API key or a member.
func (a *act) mirror(o *object) error {
	if o.kind.endpoint != nil {
		if err := a.syncEndpoint(o); err != nil {
			return err
		}
	}
	if o.kind.key != nil {
		if err := a.syncKey(o); err != nil {
			return err
		}
	}
	if o.kind.Short == a.p.Scenario.Auth.Member {
		a.forget = true
	}
	return nil
}

// changed is the object of what differs between two stored bodies, as it was
// before. The time of the change itself says nothing.
func changed(before, after []byte, updated string) ([]byte, error) {
	var old, now map[string]json.RawMessage
	if err := json.Unmarshal(before, &old); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(after, &now); err != nil {
		return nil, err
	}
	for name := range now {
		if _, had := old[name]; !had {
			old[name] = json.RawMessage("null")
		}
	}
	out := []byte{'{'}
	for _, name := range sortedKeys(old) {
		if name == updated || bytes.Equal(old[name], now[name]) {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		quoted, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, quoted...), ':'), old[name]...)
	}
	return append(out, '}'), nil
}

// owe makes one delivery per endpoint that wants an event.
func (a *act) owe(e *store.Event) error {
	endpoints, err := a.wanting(e)
	if err != nil {
		return err
	}
	for _, ep := range endpoints {
		if _, err := a.oweTo(e, ep); err != nil {
			return err
		}
	}
	return nil
}

// wanting are the endpoints that want an event now.
func (a *act) wanting(e *store.Event) ([]store.Endpoint, error) {
	endpoints, err := a.conn.EndpointsFor(e.Owner, e.Provider)
	return slices.DeleteFunc(endpoints, func(ep store.Endpoint) bool { return !a.wanted(&ep, e) }), err
}

// oweTo makes the delivery of an event to one endpoint.
func (a *act) oweTo(e *store.Event, ep store.Endpoint) (*store.Delivery, error) {
	id, err := a.newOrderedID()
	if err != nil {
		return nil, err
	}
	due := a.now.Add(a.p.firstDelay()).UnixMilli()
	d := &store.Delivery{
		ID: id, Event: e.ID, Endpoint: ep.ID, Status: DeliveryPending, Due: due, First: due, URL: ep.URL,
		Warning: a.p.secretWarning(ep.Secret), Created: a.ms(), Updated: a.ms(),
	}
	if err := errors.Join(a.arrange(d, e), a.tx.InsertDelivery(d)); err != nil {
		return nil, err
	}
	return d, a.addTimer(store.Timer{Due: d.Due, Kind: timerAttempt, A: id})
}

// wantsEvent matches an endpoint's list: FAMILY, FAMILY.ACTION, FAMILY.* or *.
func wantsEvent(list []string, family, action string) bool {
	return slices.ContainsFunc(list, func(s string) bool {
		return s == "*" || s == family || s == family+"."+action || s == family+".*"
	})
}

// secretWarning is what the delivery log says of a weak secret.
func (p *Provider) secretWarning(secret string) string {
	if least := p.Scenario.Webhooks.SecretMin; len(secret) < least {
		return fmt.Sprintf("the webhook secret has %d characters; the provider asks for at least %d", len(secret), least)
	}
	return ""
}

// syncEndpoint keeps the endpoint row of a kind that is one.
func (a *act) syncEndpoint(o *object) error {
	if o.row.Deleted != 0 {
		return a.tx.RemoveEndpoint(o.row.ID)
	}
	ep := store.Endpoint{ID: o.row.ID, Provider: a.p.Name(), Owner: o.row.Owner, Source: "api", Created: o.row.Created, Updated: o.row.Updated}
	return a.with("resource", o.vars(), func() error {
		m := o.kind.endpoint
		url, err := m.url.Eval(&a.env)
		if err != nil {
			return err
		}
		secret, err := m.secret.Eval(&a.env)
		if err != nil {
			return err
		}
		events, err := m.events.Eval(&a.env)
		if err != nil {
			return err
		}
		active, err := m.active.Eval(&a.env)
		if err != nil {
			return err
		}
		ep.URL, _ = url.(string)
		ep.Secret, _ = secret.(string)
		ep.Active, _ = active.(bool)
		for _, e := range asList(events) {
			if s, ok := e.(string); ok {
				ep.Events = append(ep.Events, s)
			}
		}
		overlap, err := a.overlapOf(m.overlap)
		if err != nil {
			return err
		}
		if err := a.knownEvents(o.kind.spec.Endpoint, ep.Events); err != nil {
			return err
		}
		return a.putEndpoint(ep, overlap)
	})
}

func asList(v any) []any {
	list, _ := v.([]any)
	return list
}

// putEndpoint writes an endpoint, refusing a weak secret where that is asked
// for.
func (a *act) putEndpoint(ep store.Endpoint, overlap time.Duration) error {
	if warning := a.p.secretWarning(ep.Secret); warning != "" && a.s.w.o.Strict && !a.quiet {
		return a.p.Refuse(ReasonInvalid, "", openapi.Violation{
			Pointer: "/body/secret", Rule: "minLength",
			Expected: fmt.Sprintf("at least %d characters", a.p.Scenario.Webhooks.SecretMin), Got: fmt.Sprintf("%d characters", len(ep.Secret)),
		})
	}
	if openapi.MaskCards(ep.URL) != ep.URL {
		return a.p.Refuse(ReasonInvalid, "", openapi.Violation{Pointer: "/body/url", Rule: "card", Expected: cardInURL, Got: openapi.Mask(ep.URL)})
	}
	if _, err := webhook.ParseURL(ep.URL); err != nil && !a.quiet {
		return a.p.Refuse(ReasonInvalid, "", openapi.Violation{Pointer: "/body/url", Rule: "url", Expected: err.Error(), Got: openapi.Show("/body/url", ep.URL)})
	}
	if err := a.p.checkSecret(ep.Secret); err != nil && !a.quiet {
		return a.p.Refuse(ReasonInvalid, "", openapi.Violation{Pointer: "/body/secret", Rule: "pattern", Expected: err.Error(), Got: "another form"})
	}
	if LiveShaped(ep.Secret) && !a.quiet {
		return a.p.Refuse(ReasonInvalid, "", openapi.Violation{Pointer: "/body/secret", Rule: "secret", Expected: "a test secret, not one that looks live"})
	}
	old, known, err := a.conn.Endpoint(ep.ID)
	if err != nil {
		return err
	}
	if known {
		inherit(&ep, old, overlap, a.ms())
		return a.tx.UpdateEndpoint(ep)
	}
	return a.tx.InsertEndpoint(ep)
}
