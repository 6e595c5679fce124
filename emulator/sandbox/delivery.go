package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/emulator/webhook"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// hooks are the compiled parts of a provider's webhook policy.
type hooks struct {
	once     sync.Once
	err      error
	scheme   string
	header   string // that a signature stands in
	body     *scenarios.Value
	previous bool          // the body shows what an event changed
	counts   bool          // the body tells its attempts apart
	disable  time.Duration // of nothing but failures, after which an endpoint is switched off; 0 = never
}

func (p *Provider) compileHooks() error {
	p.hooks.once.Do(func() {
		c := &compiler{scope: p.scope(nil), err: &p.hooks.err}
		scheme := c.value(p.Scenario.Webhooks.Scheme)
		p.hooks.body = c.value(p.Scenario.Webhooks.Body)
		p.hooks.previous = mentions(p.Scenario.Webhooks.Body, "event.previous")
		p.hooks.header = p.signatureHeader(c)
		p.hooks.counts = countsAttempts(p.Scenario.Webhooks.Body)
		if p.hooks.err != nil || scheme == nil {
			return
		}
		v, err := scheme.Eval(&scenarios.Env{Vars: map[string]any{"config": p.Config, "data": p.Scenario.Data}})
		p.hooks.scheme, _ = v.(string)
		if p.hooks.err = err; err == nil {
			p.hooks.disable, p.hooks.err = p.disableAfter()
		}
	})
	return p.hooks.err
}

// sending is one attempt from claim to record.
type sending struct {
	timer    store.Timer
	epoch    int64
	provider *Provider
	delivery store.Delivery
	event    store.Event
	endpoint store.Endpoint
	found    bool
	started  time.Time
	answered time.Time         // wall time at which the send was over
	share    scenarios.Percent // of what is accepted, to be sent once more
	cut      bool              // the send was cut off, and is made again
	behind   int64             // when the one ahead in its lane is tried next: this one was not; 0 = it was its turn
	request  webhook.Request
	response webhook.Response
}

// lane is what keeps the order: one endpoint, one resource.
func (at *sending) lane() string {
	return at.endpoint.ID + "/" + at.event.Kind + "/" + at.event.Resource
}

func (at *sending) flight() flight { return flight{at.epoch, at.timer.A} }

// owed reads what attempts are about. What is not found any more was removed
// by a reset, and its result is dropped.
func (s *Sandbox) owed(timers []store.Timer, epoch int64) ([]*sending, error) {
	g, err := s.pin()
	if err != nil {
		return nil, err
	}
	defer s.unpin()
	all := make([]*sending, len(timers))
	return all, g.db.View(func(c *store.Conn) (err error) {
		for i, t := range timers {
			at := &sending{timer: t, epoch: epoch}
			at.delivery, at.event, at.endpoint, at.found, err = c.Outgoing(t.A)
			if err != nil {
				return err
			}
			at.provider = s.w.providers[at.event.Provider]
			if at.share, err = s.shareOf(g, c, at.provider); err != nil {
				return err
			}
			all[i] = at
		}
		return nil
	})
}

// launch sends attempts beside the loop. Their timer rows stay until the
// result is recorded, so a crash repeats an attempt and never loses one.
func (s *Sandbox) launch(timers []store.Timer, epoch int64) error {
	all, err := s.owed(timers, epoch)
	if err != nil {
		return err
	}
	for _, at := range all {
		if !s.flights.join(at) {
			continue
		}
		s.w.start(func() { s.fly(at) })
	}
	return nil
}

// maxFlights bounds how many attempts of one sandbox are taken up at a time.
const maxFlights = 1024

// landed takes up attempts again that were left for later.
func (s *Sandbox) landed() {
	if s.flights.count() < maxFlights/2 && s.crowded.CompareAndSwap(true, false) {
		s.kick()
	}
}

// fly sends and records the attempts of one lane, one after the other.
func (s *Sandbox) fly(at *sending) {
	defer s.landed()
	select { // the loop does not wait for slow receivers; their lanes do
	case s.w.slots <- struct{}{}:
		defer func() { <-s.w.slots }()
	case <-s.w.ctx.Done():
		for ; at != nil; at = s.land(at) {
		}
		return
	}
	for ; at != nil; at = s.land(at) {
		if s.past(at.epoch) { // a reset while it waited in its lane
			continue
		}
		err := s.sendInTurn(s.w.sends, at, &progress{})
		if err == nil {
			err = s.recordSurely([]*sending{at})
		}
		if err != nil && s.w.sends.Err() == nil {
			s.again("delivery", err, "delivery", at.timer.A)
		}
	}
}

// recordSurely records an attempt that was made, however often it takes: what
// a receiver accepted is not sent again because our disk was full.
func (s *Sandbox) recordSurely(all []*sending) error {
	for {
		err := s.recordAll(all)
		if err == nil || hopeless(err) || s.w.ctx.Err() != nil {
			return err
		}
		s.w.o.Log.Error("recording an attempt", "sandbox", s.name, "delivery", all[0].timer.A, "error", err)
		again := s.w.o.Wall.NewTimer(time.Second)
		select {
		case <-again.C():
		case <-s.w.ctx.Done():
			again.Stop()
		}
	}
}

// sendAll sends every attempt of one instant, lanes side by side, waits for
// all of them, and records the results in their order: the same run gives the
// same rows. It answers which were made, not those that wait in their lane.
func (s *Sandbox) sendAll(ctx context.Context, timers []store.Timer, epoch int64) (made []store.Timer, err error) {
	all, err := s.owed(timers, epoch)
	if err != nil {
		return nil, err
	}
	lanes, order := map[string][]*sending{}, []string{}
	for _, at := range all {
		if lanes[at.lane()] == nil {
			order = append(order, at.lane())
		}
		lanes[at.lane()] = append(lanes[at.lane()], at)
	}
	var wait sync.WaitGroup
	errs := make([]error, len(order))
	for i, lane := range order {
		select {
		case s.w.slots <- struct{}{}:
		case <-ctx.Done():
			errs[i] = ctx.Err()
			cutOff(lanes[lane])
			continue
		}
		wait.Go(func() {
			defer func() { <-s.w.slots }()
			errs[i] = s.sendLane(ctx, lanes[lane])
		})
	}
	wait.Wait()
	// What was sent is recorded, whoever was cut off beside it.
	sent := slices.DeleteFunc(all, func(at *sending) bool { return at.cut })
	if len(sent) > 0 {
		errs = append(errs, s.recordSurely(sent))
	}
	for _, at := range sent {
		if at.behind == 0 {
			made = append(made, at.timer)
		}
	}
	return made, errors.Join(errs...)
}

// send renders and signs this attempt, and sends it outside any transaction.
// An error means that it does not count as an attempt.
func (s *Sandbox) send(ctx context.Context, at *sending) (err error) {
	at.started = s.time().Now()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic while sending: %v", p)
		}
	}()
	switch {
	case !at.found || at.provider == nil:
		return nil
	case at.endpoint.ID == "" || !at.endpoint.Active && at.timer.B != triggerManual:
		at.response.Err = &webhook.Failure{Class: failedGone, Message: "the endpoint was removed or switched off"}
		return nil
	}
	if at.request, err = s.render(at); err != nil { // a rule that is wrong must not stop the clock
		s.w.o.Log.Error("webhook", "sandbox", s.name, "delivery", at.delivery.ID, "error", err)
		at.response.Err = &webhook.Failure{Class: failedScenario, Message: "scenario_error: " + err.Error()}
		return nil
	}
	at.response = s.w.o.Sender.Send(ctx, at.request)
	at.answered = s.w.o.Wall.Now()
	return ctx.Err() // cut off by a stop: not an attempt
}

// render makes the body and signature of this attempt. Both may hold the
// attempt's number, so neither is ever stored for reuse.
func (s *Sandbox) render(at *sending) (webhook.Request, error) {
	p := at.provider
	hooks := p.Scenario.Webhooks
	body, err := p.bodyOf(&at.event, at.timer.Due, at.delivery.Attempts, at.started)
	if err != nil {
		return webhook.Request{}, err
	}
	signedAt := s.w.o.Wall.Now()
	if s.w.o.SignatureTime == "sandbox" {
		signedAt = at.started
	}
	header := http.Header{"Content-Type": {hooks.ContentType}, "User-Agent": {"Sandgate"}}
	if err := p.sign(header, at, body, signedAt); err != nil {
		return webhook.Request{}, err
	}
	header.Set("Sandgate-Delivery", at.delivery.ID)
	header.Set("Sandgate-Attempt", strconv.Itoa(at.delivery.Attempts+1))
	return webhook.Request{URL: at.url(), Header: header, Body: body, Timeout: time.Duration(hooks.Timeout), Insecure: at.endpoint.Insecure}, nil
}

// renderOrdered writes an object in the order of its template.
func renderOrdered(v *scenarios.Value, env *scenarios.Env) ([]byte, error) {
	out := []byte{'{'}
	err := v.EvalFields(env, func(name string, value any) error {
		if value == nil {
			return nil
		}
		raw, err := openapi.Marshal(value, nil)
		if err != nil {
			return err
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, '"')
		out = append(append(out, name...), '"', ':')
		out = append(out, raw...)
		return nil
	})
	return append(out, '}'), err
}

// recordAll writes attempts and what follows from them in one transaction.
// Results of an epoch that is gone are dropped.
func (s *Sandbox) recordAll(all []*sending) error {
	g, err := s.pin()
	if err != nil {
		return err
	}
	defer s.unpin()
	var due int64
	err = g.db.Write(context.WithoutCancel(s.w.ctx), func(tx *store.Tx) error {
		due = 0
		for _, at := range all {
			if at.epoch != g.epoch {
				continue
			}
			next, err := s.record(g, tx, at)
			if err != nil {
				return err
			}
			if next != 0 && (due == 0 || next < due) {
				due = next
			}
		}
		return nil
	})
	if err == nil && due != 0 {
		s.wake(due)
	}
	return err
}

// Failure classes of our own, beside those of a send.
const (
	failedGone     = "gone"     // the endpoint is not there any more
	failedScenario = "scenario" // the body or signature could not be made
)

// gone reports that trying again is no use.
func (at *sending) gone() bool {
	var f *webhook.Failure
	return errors.As(at.response.Err, &f) && f.Class == failedGone
}

// flatten writes headers as one JSON object of strings.
func flatten(h http.Header) []byte {
	flat := make(map[string]any, len(h))
	for name := range h {
		flat[name] = strings.Join(h[name], ", ")
	}
	raw, err := openapi.Marshal(flat, nil)
	if err != nil {
		return []byte("{}")
	}
	return raw
}
