package sandbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// oncePolicy is what a key means to a provider, worked out.
type oncePolicy struct {
	scenarios.Idempotency
	life          time.Duration
	address, wait bool   // a key is good for one address; a second waits for the first
	executed      bool   // refusals are remembered too
	invalid       string // the code of what the contract forbids
}

func (p *Provider) compileOnce() error {
	life, err := p.Scenario.KeyLife(p.Config)
	policy := p.Scenario.Idempotency.Policy()
	p.once = oncePolicy{
		Idempotency: policy, life: life, address: policy.Scope == "address", wait: policy.Concurrent == "wait", executed: policy.Keep == "executed",
		invalid: cmp.Or(p.Scenario.Refusals[ReasonInvalid], ReasonInvalid),
	}
	return err
}

// maxSwept bounds how many keys whose time is over one request takes away.
const maxSwept = 64

// KeyIn finds the idempotency key of a request. One that is too long, or that
// cannot be written in a header, is refused.
func (b *Binding) KeyIn(header http.Header) (name, key string, err error) {
	names := b.Idempotency()
	policy := &b.provider.once
	for _, name := range names {
		key := header.Get(name)
		if key == "" {
			continue
		}
		got := ""
		if len(key) > policy.Max {
			got = fmt.Sprintf("%d characters", len(key))
		} else if strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r > '~' }) {
			got = "other characters"
		}
		if got == "" {
			return name, key, nil
		}
		return "", "", b.badKey(name, "idempotency", got)
	}
	if policy.Required && len(names) > 0 {
		return "", "", b.badKey(names[0], "required", "nothing")
	}
	return "", "", nil
}

func (b *Binding) badKey(name, rule, got string) error {
	return b.provider.Refuse(ReasonInvalid, "", openapi.Violation{
		Pointer: "/header/" + name, Rule: rule, Expected: fmt.Sprintf("at most %d printable ASCII characters", b.provider.once.Max), Got: got,
	})
}

// ticket is where the reply to a call with a key is remembered. The store hashes
// the key and seals the reply; what was sent is known by a hash under the key.
type ticket struct {
	reply store.Reply
	claim [32]byte
}

// newTicket works out where the reply to a call is remembered; nil = nowhere.
func (c *Call) newTicket() *ticket {
	if c.Key == "" {
		return nil
	}
	b, owner := c.Binding, c.Who.owner()
	if owner == "" && c.Who != nil {
		owner = c.Who.member
	}
	secret := derive([]byte(c.Key), "idempotency", b.provider.Name(), owner)
	path, _, _ := strings.Cut(c.Target, "?")
	operation := ""
	if b.provider.once.address {
		operation = b.Op.Method + " " + path
	}
	print := derive(secret[:], "request", b.Op.Method, c.Target, c.maker(), string(c.Raw))
	return &ticket{
		reply: store.Reply{Key: c.Key, Provider: b.provider.Name(), Owner: owner, Operation: operation, Fingerprint: print[:]},
		claim: derive(secret[:], "claim", operation),
	}
}

// maker is the issued key that a reply with a secret of a new key belongs to:
// who may do less than it must not get that by saying the same once more.
func (c *Call) maker() string {
	if c.Who == nil || c.Binding.kind == nil || c.Binding.kind.key == nil {
		return ""
	}
	return c.Who.KeyID
}

// claim makes the call the only one with its key, until it is released: the
// next one is refused, or waits, as the provider does.
func (s *Sandbox) claim(c *Call) (release func(), err error) {
	c.ticket = c.newTicket()
	if c.ticket == nil {
		return func() {}, nil
	}
	key, p := c.ticket.claim, c.Binding.provider
	for {
		busy := s.claims.take(key)
		if busy == nil {
			return func() { s.claims.release(key) }, nil
		}
		if !p.once.wait {
			r := p.refuseBy(p.once.Busy, ReasonInProgress, "a request with this "+c.KeyName+" is still being worked on", openapi.Violation{
				Pointer: "/header/" + c.KeyName, Rule: "idempotency", Expected: "a key whose first request is answered",
			})
			r.Header = map[string]string{"Retry-After": "1"}
			return nil, r
		}
		<-busy
	}
}

// refuseBy refuses with the policy's own code, or for an engine reason.
func (p *Provider) refuseBy(code, reason, message string, violations ...openapi.Violation) *Refusal {
	if code == "" {
		return p.Refuse(reason, message, violations...)
	}
	return p.RefuseCode(code, message, violations...)
}

// once replays the remembered reply of an idempotency key, or performs and
// remembers.
func (a *act) once(b *Binding, c *Call) (*Reply, error) {
	t := c.ticket
	if t == nil {
		return a.perform(b, c)
	}
	old, ok, err := a.conn.Reply(t.reply.Provider, t.reply.Owner, t.reply.Key, t.reply.Operation)
	if err != nil {
		return nil, err
	}
	if ok && old.Expires > a.ms() {
		return a.replay(b, c, old)
	}
	if _, err := a.tx.RemoveReplies(a.ms(), maxSwept); err != nil { // those whose time is over
		return nil, err
	}
	if ok {
		if _, err := a.tx.RemoveReply(old.Provider, old.Owner, old.Key, old.Operation); err != nil {
			return nil, err
		}
	}
	reply, err := a.execute(b, c)
	if err != nil || !a.p.remembers(reply) {
		return reply, err
	}
	return reply, a.remember(t, reply)
}

// replay gives the remembered reply again, to the same request.
func (a *act) replay(b *Binding, c *Call, old store.Reply) (*Reply, error) {
	t := c.ticket
	if !bytes.Equal(old.Fingerprint, t.reply.Fingerprint) {
		return nil, a.p.refuseBy(a.p.once.Reused, ReasonConflict, "this "+c.KeyName+" was used with another request", openapi.Violation{
			Pointer: "/header/" + c.KeyName, Rule: "idempotency", Expected: "the request it was first used with",
		})
	}
	header := map[string]string{}
	if len(old.Header) > 0 {
		if err := json.Unmarshal(old.Header, &header); err != nil {
			return nil, err
		}
	}
	header[a.p.once.Replayed] = "true"
	if old.Code != "" {
		return nil, &Refusal{Code: old.Code, Status: old.Status, Header: header, body: old.Body}
	}
	return &Reply{Status: old.Status, Media: b.media, Body: old.Body, Header: header}, nil
}

// execute performs a call. Where refusals are remembered, one undoes what was
// done before it and nothing else.
func (a *act) execute(b *Binding, c *Call) (reply *Reply, err error) {
	if !a.p.once.executed {
		return a.perform(b, c)
	}
	err = a.tx.Nested(func() (err error) {
		reply, err = a.perform(b, c)
		return err
	})
	var r *Refusal
	if !errors.As(err, &r) || r.Code == a.p.once.invalid || !lasting(r.Status) {
		return reply, err
	}
	a.due, a.forget, a.objects = 0, false, nil
	if reply, err = a.p.Say(Occasion{Binding: b, Request: c.Request, Now: a.now}, r); err == nil {
		reply.refusal, r.body = r, reply.Body // what is remembered is what is said
	}
	return reply, err
}

// lasting tells refusals that a repeat meets again from those that pass, or
// that were about who asked.
func lasting(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests:
		return false
	}
	return status < http.StatusInternalServerError
}

// remembers reports a reply that is kept.
func (p *Provider) remembers(reply *Reply) bool {
	if p.once.executed {
		return lasting(reply.Status)
	}
	return reply.Status < http.StatusMultipleChoices
}

func (a *act) remember(t *ticket, reply *Reply) error {
	r := t.reply
	r.Status, r.Expires = reply.Status, a.now.Add(a.p.once.life).UnixMilli()
	if reply.refusal != nil {
		r.Code = reply.refusal.Code
	}
	if len(reply.Header) > 0 {
		var err error
		if r.Header, err = json.Marshal(reply.Header); err != nil {
			return err
		}
	}
	r.Body = reply.Body
	return a.tx.InsertReply(r)
}
