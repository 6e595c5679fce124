package sandbox

import (
	"context"
	"fmt"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// redeliver owes a delivery again now, whatever became of it. A retry that was
// scheduled is replaced; resends that still wait are sent as well.
func (a *act) redeliver(d *store.Delivery) error {
	if _, err := a.tx.RemoveTimersOf(timerAttempt, d.ID, ""); err != nil {
		return err
	}
	if err := a.addTimer(store.Timer{Due: a.ms(), Kind: timerAttempt, A: d.ID, B: triggerManual}); err != nil {
		return err
	}
	d.Status, d.Due, d.Updated = DeliveryPending, a.ms(), a.ms()
	return a.tx.UpdateDelivery(d)
}

// resent ends an attempt behind which a resend waits: that one comes instead
// of any retry.
func resent(tx *store.Tx, at *sending, d *store.Delivery) (due int64, waits bool, err error) {
	due, waits, err = tx.OtherTimer(timerAttempt, d.ID, at.timer.Seq)
	if err != nil || !waits {
		return 0, false, err
	}
	if _, err := tx.RemoveTimer(at.timer.Seq); err != nil {
		return 0, true, err
	}
	d.Status, d.Due = DeliveryPending, due
	return due, true, tx.UpdateDelivery(d)
}

// oweAgain owes an event again, with the id that it has, to every endpoint that
// wants it now, or to one that is named.
func (a *act) oweAgain(e *store.Event, only *store.Endpoint) (owed []store.Delivery, err error) {
	endpoints := []store.Endpoint{}
	if only != nil {
		endpoints = append(endpoints, *only)
	} else if endpoints, err = a.wanting(e); err != nil {
		return nil, err
	}
	for _, ep := range endpoints {
		d, err := a.oweTo(e, ep)
		if err != nil {
			return nil, err
		}
		owed = append(owed, *d)
	}
	return owed, nil
}

// Redeliver sends a delivery again now, whatever became of it. A pending
// retry is replaced; on failure the schedule goes on from the new number.
func (s *Sandbox) Redeliver(ctx context.Context, id string) error {
	return s.andSend(ctx, nil, func(a *act) error {
		d, ok, err := a.conn.Delivery(id)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("delivery %q: %w", id, ErrNotFound)
		}
		return a.redeliver(&d)
	})
}

// Replay sends an event again: to one endpoint, or with "" to all that want
// it now. It answers the deliveries that came of it.
func (s *Sandbox) Replay(ctx context.Context, id, endpoint string) (views []DeliveryView, err error) {
	var owed []store.Delivery
	err = s.andSend(ctx, nil, func(a *act) error {
		e, ok, err := a.conn.Event(id)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("event %q: %w", id, ErrNotFound)
		}
		if a.p = s.w.providers[e.Provider]; a.p == nil {
			return fmt.Errorf("event %q: its provider is not being served: %w", id, ErrNotFound)
		}
		var only *store.Endpoint
		if endpoint != "" {
			ep, ok, err := a.conn.Endpoint(endpoint)
			switch {
			case err != nil:
				return err
			case !ok || ep.Provider != e.Provider:
				return &Invalid{"/body/endpoint", "there is no such endpoint of " + e.Provider}
			case !ep.Active:
				return &Invalid{"/body/endpoint", "the endpoint is switched off"}
			}
			only = &ep
		}
		owed, err = a.oweAgain(&e, only)
		return err
	})
	if err != nil {
		return nil, err
	}
	return views, s.look(func(c *store.Conn) error {
		for _, d := range owed {
			now, ok, err := c.Delivery(d.ID)
			if err != nil {
				return err
			}
			if ok {
				views = append(views, viewDelivery(&now))
			}
		}
		return nil
	})
}

// andSend makes a change and then sends what is due.
func (s *Sandbox) andSend(ctx context.Context, p *Provider, fn func(*act) error) error {
	if err := s.change(ctx, p, fn); err != nil {
		return err
	}
	// Behind an advance that is under way, not refused by it: the debt is written.
	s.step.Lock()
	defer s.step.Unlock()
	_, err := s.travel(ctx, func(now time.Time) time.Time { return now }, true)
	return err
}

// doRedeliver is redeliver as an operation; it is sent after the reply.
func doRedeliver(a *act, b *Binding, c *Call) (result, error) {
	o, err := a.target(b, c)
	if err != nil {
		return result{}, err
	}
	d, ok, err := a.conn.Delivery(o.row.ID)
	if err != nil || !ok {
		return result{}, err
	}
	if err := a.redeliver(&d); err != nil {
		return result{}, err
	}
	o, err = a.rowOf(b.kind, d.ID)
	return result{obj: o}, err
}

// doReplay is replay as an operation. What came of it the reply may name as
// `deliveries`.
func doReplay(a *act, b *Binding, c *Call) (result, error) {
	o, err := a.target(b, c)
	if err != nil {
		return result{}, err
	}
	e, ok, err := a.conn.Event(o.row.ID)
	if err != nil || !ok {
		return result{}, err
	}
	only, err := a.addressee(b)
	if err != nil {
		return result{}, err
	}
	owed, err := a.oweAgain(&e, only)
	if err != nil {
		return result{}, err
	}
	kind, err := a.p.deliveryKind()
	if err != nil {
		return result{}, err
	}
	shown := make([]any, 0, len(owed))
	for i := range owed {
		row, err := a.deliveryRow(kind, &owed[i], &e, nil)
		if err != nil {
			return result{}, err
		}
		d, err := openObject(kind, row)
		if err != nil {
			return result{}, err
		}
		shown = append(shown, d.body)
	}
	a.vars()["deliveries"] = shown
	o, err = a.rowOf(b.kind, e.ID) // there are more deliveries now
	return result{obj: o}, err
}

// addressee is the one endpoint that an operation's `to` names, if it does.
func (a *act) addressee(b *Binding) (*store.Endpoint, error) {
	if b.to == nil {
		return nil, nil
	}
	v, err := b.to.Run(&a.env)
	if err != nil || v == nil {
		return nil, err
	}
	id := fmt.Sprint(plain(v))
	ep, ok, err := a.conn.Endpoint(id)
	if err != nil {
		return nil, err
	}
	pointer := exprPointer(b.Spec.To)
	switch {
	case !ok || ep.Provider != a.p.Name() || a.owner != "" && ep.Owner != "" && ep.Owner != a.owner:
		return nil, a.p.Refuse(ReasonReference, "", openapi.Violation{Pointer: pointer, Rule: "exists", Expected: "the id of an existing endpoint", Got: openapi.Show(pointer, id)})
	case !ep.Active:
		return nil, a.p.Refuse(ReasonState, "", openapi.Violation{Pointer: pointer, Rule: "state", Expected: "an endpoint that is switched on"})
	}
	return &ep, nil
}

// deliveryKind is how the provider shows deliveries: as the scenario says, or
// as the row.
func (p *Provider) deliveryKind() (*Kind, error) {
	for _, r := range p.Scenario.Resources {
		if r.Table == store.TableDelivery {
			return p.Kind(r.Kind)
		}
	}
	var err error
	spec := &scenarios.Resource{Kind: store.TableDelivery, Table: store.TableDelivery, Show: scenarios.Template{Expr: "row"}}
	return &Kind{Name: p.Name() + "/" + spec.Kind, Short: spec.Kind, spec: spec, table: p.compileTable(spec, &err)}, err
}

// land ends a flight and gives the next of its lane. What came due meanwhile
// for the same delivery gets its turn.
func (s *Sandbox) land(at *sending) *sending {
	next, behind := s.flights.land(at)
	if behind {
		s.kick()
	}
	return next
}
