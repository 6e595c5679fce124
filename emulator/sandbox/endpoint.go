package sandbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/emulator/webhook"
	"github.com/sandgate/sandgate/openapi"
)

// EndpointView is a webhook endpoint as the control API shows it: never with
// its secret.
type EndpointView struct {
	ID       string    `json:"id"`
	Provider string    `json:"provider"`
	Owner    string    `json:"owner"` // "" = the events of all
	URL      string    `json:"url"`
	Events   []string  `json:"events"`
	Active   bool      `json:"active"`
	Source   string    `json:"source"` // api or control
	Created  time.Time `json:"created"`
	Updated  time.Time `json:"updated"`

	Disabled string      `json:"disabled,omitempty"` // why it was switched off by itself
	Failing  *time.Time  `json:"failing,omitempty"`  // since when every attempt has failed, where the provider counts
	Previous []time.Time `json:"previous,omitempty"` // until when replaced secrets sign beside the present one, newest first
	Insecure bool        `json:"insecure,omitempty"` // its certificate is not checked
}

// sourceControl is the Source of what the control API registered.
const sourceControl = "control"

// EndpointChange is what may be said about an endpoint; nil leaves it.
type EndpointChange struct {
	URL, Secret *string
	Events      []string
	Active      *bool
	Insecure    *bool
	Overlap     *time.Duration // how long a secret that is replaced still signs; nil = as long as the provider says
}

func viewEndpoint(e *store.Endpoint) EndpointView {
	events := e.Events
	if events == nil {
		events = []string{}
	}
	view := EndpointView{
		ID: e.ID, Provider: e.Provider, Owner: e.Owner, URL: e.URL, Events: events, Active: e.Active, Source: e.Source,
		Created: instantOf(e.Created), Updated: instantOf(e.Updated), Disabled: e.Disabled, Insecure: e.Insecure,
	}
	if e.Failing != 0 {
		since := instantOf(e.Failing)
		view.Failing = &since
	}
	for _, old := range e.Previous {
		view.Previous = append(view.Previous, instantOf(old.Until))
	}
	return view
}

// Endpoints lists every endpoint, in the order of registration.
func (s *Sandbox) Endpoints() (views []EndpointView, err error) {
	err = s.look(func(c *store.Conn) error {
		rows, err := c.AllEndpoints()
		for i := range rows {
			views = append(views, viewEndpoint(&rows[i]))
		}
		return err
	})
	return views, err
}

// Endpoint is one endpoint.
func (s *Sandbox) Endpoint(id string) (view EndpointView, err error) {
	err = s.look(func(c *store.Conn) error {
		e, err := endpointRow(c, id)
		view = viewEndpoint(&e)
		return err
	})
	return view, err
}

func endpointRow(c *store.Conn, id string) (store.Endpoint, error) {
	e, ok, err := c.Endpoint(id)
	if err == nil && !ok {
		err = fmt.Errorf("endpoint %q: %w", id, ErrNotFound)
	}
	return e, err
}

// AddEndpoint registers an address for the events of every owner. Without a
// secret it signs with the provider's development secret.
func (s *Sandbox) AddEndpoint(ctx context.Context, provider string, c EndpointChange) (view EndpointView, err error) {
	p, err := s.w.provider(provider)
	if err != nil {
		return view, err
	}
	e := store.Endpoint{Provider: p.Name(), Secret: p.Scenario.Credentials.Secret, Events: []string{"*"}, Active: true, Source: sourceControl}
	if err := errors.Join(s.w.bears(c), p.apply(&e, c, s.w.o.Strict)); err != nil {
		return view, err
	}
	err = s.change(ctx, p, func(a *act) error {
		id, err := a.newID("prefix:ep_")
		if err != nil {
			return err
		}
		e.ID, e.Created, e.Updated = id, a.ms(), a.ms()
		return errors.Join(a.tx.InsertEndpoint(e), a.auditEndpoint("create", nil, &e))
	})
	return viewEndpoint(&e), err
}

// ChangeEndpoint changes an endpoint that the control API registered.
func (s *Sandbox) ChangeEndpoint(ctx context.Context, id string, c EndpointChange) (view EndpointView, err error) {
	err = s.ours(ctx, id, func(a *act, p *Provider, e *store.Endpoint) error {
		old := *e
		if err := errors.Join(s.w.bears(c), p.apply(e, c, s.w.o.Strict)); err != nil {
			return err
		}
		inherit(e, old, c.overlap(p), a.ms())
		e.Updated = a.ms()
		view = viewEndpoint(e)
		return errors.Join(a.tx.UpdateEndpoint(*e), a.auditEndpoint("update", &old, e))
	})
	return view, err
}

// RemoveEndpoint forgets an endpoint that the control API registered.
func (s *Sandbox) RemoveEndpoint(ctx context.Context, id string) error {
	return s.ours(ctx, id, func(a *act, _ *Provider, e *store.Endpoint) error {
		return errors.Join(a.tx.RemoveEndpoint(e.ID), a.auditEndpoint("remove", e, nil))
	})
}

// ours runs a change to an endpoint of the control API.
func (s *Sandbox) ours(ctx context.Context, id string, fn func(*act, *Provider, *store.Endpoint) error) error {
	return s.change(ctx, nil, func(a *act) error {
		e, err := endpointRow(a.conn, id)
		switch {
		case err != nil:
			return err
		case e.Source != sourceControl:
			return fmt.Errorf("endpoint %q: %w", id, ErrNotOurs)
		}
		p := s.w.providers[e.Provider]
		if p == nil {
			return fmt.Errorf("endpoint %q: its provider is not being served: %w", id, ErrNotFound)
		}
		return fn(a, p, &e)
	})
}

// change runs a write of the control API at one instant.
func (s *Sandbox) change(ctx context.Context, p *Provider, fn func(*act) error) error {
	g, err := s.pin()
	if err != nil {
		return err
	}
	defer s.unpin()
	return g.db.Write(ctx, func(tx *store.Tx) error {
		a := &act{s: s, g: g, p: p, conn: tx.Conn, tx: tx, now: s.time().Now()}
		a.env.Random = (*stream)(nil).lazy(a)
		return fn(a)
	})
}

// provider finds a served provider by name; "" is the only one.
func (w *World) provider(name string) (*Provider, error) {
	if name == "" && len(w.o.Providers) == 1 {
		return w.o.Providers[0], nil
	}
	if p := w.providers[name]; p != nil {
		return p, nil
	}
	names := make([]string, len(w.o.Providers))
	for i, p := range w.o.Providers {
		names[i] = p.Name()
	}
	return nil, &Invalid{"/body/provider", "expected one of the providers being served: " + strings.Join(names, ", ")}
}

// apply puts a change on an endpoint, or says what is wrong with it.
func (p *Provider) apply(e *store.Endpoint, c EndpointChange, strict bool) error {
	if c.URL != nil {
		if _, err := webhook.ParseURL(*c.URL); err != nil {
			return &Invalid{"/body/url", err.Error()}
		}
		if openapi.MaskCards(*c.URL) != *c.URL {
			return &Invalid{"/body/url", cardInURL}
		}
		e.URL = *c.URL
	}
	if c.Secret != nil {
		if LiveShaped(*c.Secret) {
			return &Invalid{"/body/secret", "this looks like a live secret; use a test one"}
		}
		if warning := p.secretWarning(*c.Secret); strict && warning != "" {
			return &Invalid{"/body/secret", warning}
		}
		e.Secret = *c.Secret
	}
	if err := p.checkSecret(e.Secret); err != nil {
		return &Invalid{"/body/secret", err.Error()}
	}
	if c.Events != nil {
		for i, name := range c.Events {
			if !p.emits(name) {
				return &Invalid{fmt.Sprintf("/body/events/%d", i), "expected * or one of the provider's events: " + strings.Join(p.EventNames(), ", ")}
			}
		}
		e.Events = c.Events
	}
	if c.Active != nil {
		e.Active = *c.Active
	}
	if c.Insecure != nil {
		e.Insecure = *c.Insecure
	}
	return nil
}

// EventNames lists every event that the scenario can emit, as FAMILY.ACTION.
func (p *Provider) EventNames() []string {
	var names []string
	for _, r := range p.Scenario.Resources {
		names = append(append(append(names, r.Emit.Create...), r.Emit.Update...), r.Emit.Remove...)
		for _, m := range r.Moves {
			if m.Emit != nil {
				names = append(names, *m.Emit...)
			}
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return slices.DeleteFunc(names, func(n string) bool { return n == "" })
}

// emits reports whether an endpoint that asks for a name can ever get one.
func (p *Provider) emits(wanted string) bool {
	return slices.ContainsFunc(p.EventNames(), func(name string) bool {
		family, action := splitEvent(name)
		return wantsEvent([]string{wanted}, family, action)
	})
}
