package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/emulator/webhook"
	"github.com/sandgate/sandgate/scenarios"
)

// disableAfter reads how long an endpoint may fail before it is switched off.
func (p *Provider) disableAfter() (time.Duration, error) {
	policy := p.Scenario.Webhooks.Disable
	if policy == nil {
		return 0, nil
	}
	var err error
	c := &compiler{scope: p.scope(nil), err: &err}
	value := c.value(policy.After)
	if err != nil {
		return 0, err
	}
	v, err := value.Eval(&scenarios.Env{Vars: map[string]any{"config": p.Config, "data": p.Scenario.Data}})
	if err != nil || v == nil || v == "off" {
		return 0, err
	}
	text, _ := v.(string)
	span, err := scenarios.ParseDuration(text)
	if err != nil || span <= 0 {
		return 0, fmt.Errorf("%s:%d: webhooks: disable: after: %v is neither a span like 5d nor off", p.Scenario.File, policy.After.Line, v)
	}
	return span, nil
}

// weigh counts an attempt for or against its endpoint. One that has done
// nothing but fail for as long as the provider bears it, or that says itself
// that it is gone, is switched off. It answers what became due by that.
func (s *Sandbox) weigh(g *generation, tx *store.Tx, at *sending) (due int64, err error) {
	p := at.provider
	gone := p.Scenario.Webhooks.Gone && at.response.Err == nil && at.response.Status == http.StatusGone
	if p.hooks.disable == 0 && !gone || at.endpoint.ID == "" {
		return 0, nil
	}
	ep, ok, err := tx.Endpoint(at.endpoint.ID)
	if err != nil || !ok || !ep.Active {
		return 0, err
	}
	if at.accepted() {
		if ep.Failing == 0 {
			return 0, nil
		}
		return 0, tx.SetFailing(ep.ID, 0)
	}
	if gone {
		return s.switchOff(g, tx, at, ep, "it answered 410 Gone")
	}
	if at.failed(failedGone, failedScenario, webhook.ClassBlocked) || !p.triesAgain(at.response) {
		return 0, nil // not the receiver's doing, or nothing that this provider minds
	}
	if ep.Failing == 0 {
		return 0, tx.SetFailing(ep.ID, at.timer.Due)
	}
	since := instantOf(ep.Failing)
	if at.timer.Due-ep.Failing < p.hooks.disable.Milliseconds() {
		return 0, nil
	}
	return s.switchOff(g, tx, at, ep, "every attempt has failed since "+since.Format(time.RFC3339))
}

// switchOff ends an endpoint's deliveries. One that is a resource makes the
// move that its provider has for it.
func (s *Sandbox) switchOff(g *generation, tx *store.Tx, at *sending, ep store.Endpoint, reason string) (due int64, err error) {
	var a *act
	err = tx.Nested(func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v", p)
			}
		}()
		a = s.newAct(g, at.provider, tx.Conn, tx, instantOf(at.timer.Due))
		a.by = doer{who: byClock, operation: "delivery", request: at.delivery.ID}
		return a.moveEndpoint(ep.ID, reason)
	})
	if err != nil { // a rule that is wrong must not keep the attempt from being recorded
		s.w.o.Log.Error("switching an endpoint off", "sandbox", s.name, "endpoint", ep.ID, "error", err)
		a = &act{}
	}
	if ep, ok, err := tx.Endpoint(ep.ID); err != nil || !ok {
		return a.due, err
	} else {
		ep.Active, ep.Disabled, ep.Updated = false, reason, at.timer.Due
		return a.due, tx.UpdateEndpoint(ep)
	}
}

// moveEndpoint has the resource behind an endpoint make the provider's move.
func (a *act) moveEndpoint(id, reason string) error {
	policy := a.p.Scenario.Webhooks.Disable
	if policy == nil || policy.By == "" {
		return nil
	}
	for _, r := range a.p.Scenario.Resources {
		if r.Endpoint == nil {
			continue
		}
		kind, err := a.p.Kind(r.Kind)
		if err != nil {
			return err
		}
		o, err := a.get(kind, id)
		if err != nil || o == nil {
			if err != nil {
				return err
			}
			continue
		}
		a.owner = o.row.Owner
		err = a.with("with", map[string]any{"reason": reason}, func() error { return a.moveBy(o, []string{policy.By}) })
		if errors.Is(err, errNoMove) {
			return nil
		}
		return err
	}
	return nil
}
