package sandbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sandgate/sandgate/emulator/clock"
	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/scenarios"
)

// KeyView is an API key as the control API shows it.
type KeyView struct {
	ID          string     `json:"id"`
	Provider    string     `json:"provider"`
	Name        string     `json:"name"`
	Hint        string     `json:"hint"` // its ends, not enough to use it
	Status      string     `json:"status"`
	Permissions []string   `json:"permissions"`
	Rate        int        `json:"rate"`  // requests a second, 0 = the provider's
	Burst       int        `json:"burst"` // at once, 0 = the provider's
	Created     time.Time  `json:"created"`
	Expires     *time.Time `json:"expires"`
	Used        *time.Time `json:"used"`          // last, to the minute
	Key         string     `json:"key,omitempty"` // only when it is made or rolled
}

// NewKey is what a new key shall be.
type NewKey struct {
	Name        string
	Permissions []string // none = everything
	Expires     string   // an instant, or how long from now; "" = never
	Rate, Burst int
}

// Keys lists issued keys, newest first, and the cursor of the next page.
func (s *Sandbox) Keys(provider string, limit int, cursor string) (views []KeyView, next string, err error) {
	before, err := readCursor(cursor)
	if err != nil {
		return nil, "", err
	}
	providers := s.w.Providers()
	if provider != "" {
		p, err := s.w.provider(provider)
		if err != nil {
			return nil, "", &Invalid{"/query/provider", fmt.Sprintf("%q is not being served", provider)}
		}
		providers = []*Provider{p}
	}
	type found struct {
		p   *Provider
		row store.Resource
	}
	g, err := s.pin()
	if err != nil {
		return nil, "", err
	}
	defer s.unpin()
	err = g.db.View(func(c *store.Conn) error {
		var all []found
		for _, p := range providers {
			rows, err := c.Resources(store.Query{Kind: p.Name() + "/" + p.keys.Kind, Before: before, Limit: limit + 1})
			if err != nil {
				return err
			}
			for _, row := range rows {
				all = append(all, found{p, row})
			}
		}
		slices.SortFunc(all, func(a, b found) int { return int(b.row.Seq - a.row.Seq) })
		if len(all) > limit {
			all = all[:limit]
			next = writeCursor(all[limit-1].row.Seq)
		}
		for _, one := range all {
			a := s.newAct(g, one.p, c, nil, s.time().Now())
			v, err := a.viewKey(one.row)
			if err != nil {
				return err
			}
			views = append(views, v)
		}
		return nil
	})
	return views, next, err
}

// Key is one issued key.
func (s *Sandbox) Key(id string) (view KeyView, err error) {
	g, err := s.pin()
	if err != nil {
		return view, err
	}
	defer s.unpin()
	err = g.db.View(func(c *store.Conn) error {
		p, row, err := s.findKey(c, id)
		if err != nil {
			return err
		}
		view, err = s.newAct(g, p, c, nil, s.time().Now()).viewKey(row)
		return err
	})
	return view, err
}

// findKey looks for a key among the providers.
func (s *Sandbox) findKey(c *store.Conn, id string) (*Provider, store.Resource, error) {
	for _, p := range s.w.Providers() {
		if row, ok, err := c.Resource(p.Name()+"/"+p.keys.Kind, id); ok || err != nil {
			return p, row, err
		}
	}
	return nil, store.Resource{}, fmt.Errorf("key %q: %w", id, ErrNotFound)
}

func (a *act) viewKey(row store.Resource) (KeyView, error) {
	kind, err := a.p.Kind(a.p.keys.Kind)
	if err != nil {
		return KeyView{}, err
	}
	o, err := openObject(kind, row)
	if err != nil {
		return KeyView{}, err
	}
	f, err := a.keyFacts(o)
	if err != nil {
		return KeyView{}, err
	}
	v := KeyView{
		ID: row.ID, Provider: a.p.Name(), Name: f.name, Hint: f.hint, Status: "active", Permissions: f.permissions, Rate: f.rate, Burst: f.burst, Created: instantOf(row.Created),
	}
	if !f.limited {
		v.Permissions = []string{"*"}
	}
	if f.expires != 0 {
		at := instantOf(f.expires)
		v.Expires = &at
	}
	switch {
	case f.expires != 0 && f.expires <= a.ms():
		v.Status = "expired"
	case !f.active:
		v.Status = "revoked"
	}
	keys, err := a.conn.KeysOf(keyAPI, a.p.Name(), row.ID)
	for _, k := range keys {
		if k.Revoked != 0 && string(k.Hash) == string(f.hash) {
			v.Status = "revoked"
			if lapsed(k) {
				v.Status = "expired"
			}
		}
		if k.Used != 0 && (v.Used == nil || k.Used > v.Used.UnixMilli()) {
			at := instantOf(k.Used)
			v.Used = &at
		}
	}
	return v, err
}

// ErrNoKeys is asked of a provider whose scenario says what a key is, and not
// how one is made or changed from outside.
var ErrNoKeys = errors.New("the provider's own operations do this")

// ErrKeyOver is a change to a key that is over.
var ErrKeyOver = errors.New("only an active key can be rolled or revoked")

// MakeKey issues a key for the provider's development member. The view holds
// the key itself, this once.
func (s *Sandbox) MakeKey(ctx context.Context, provider string, n NewKey) (view KeyView, err error) {
	p, err := s.w.provider(provider)
	if err != nil {
		return view, err
	}
	if len(n.Permissions) == 0 {
		n.Permissions = []string{"*"}
	}
	wrong, err := p.wrongPermissions(n.Permissions)
	if err != nil {
		return view, err
	}
	if len(wrong) > 0 {
		return view, &Invalid{wrong[0].Pointer, wrong[0].String()}
	}
	return s.keyAct(ctx, p, "", func(a *act, kind *Kind, _ *object) (*object, string, error) {
		var expires any
		if n.Expires != "" {
			at, err := a.later("/body/expires", n.Expires)
			if err != nil {
				return nil, "", err
			}
			expires = at
		}
		if kind.key.make == nil {
			return nil, "", fmt.Errorf("%s: %w", p.Name(), ErrNoKeys)
		}
		if p.Scenario.Auth.Member != "" {
			if err := a.actAsDefault(); err != nil {
				return nil, "", err
			}
		}
		secret, err := scenarios.NewKey(&a.env)
		if err != nil {
			return nil, "", err
		}
		list := make([]any, len(n.Permissions))
		for i, one := range n.Permissions {
			list[i] = one
		}
		a.vars()["with"] = map[string]any{
			"name": n.Name, "permissions": list, "expires": expires, "key": secret, "hint": hint(secret),
			"rate": orNil(n.Rate), "burst": orNil(n.Burst),
		}
		o, err := a.makeNew(draft{kind: kind, set: kind.key.make})
		return o, secret, err
	})
}

func orNil(n int) any {
	if n == 0 {
		return nil
	}
	return n
}

// RollKey gives a key another secret. The old one works for as long as is
// said: not at all when that is "".
func (s *Sandbox) RollKey(ctx context.Context, id, overlap string) (KeyView, error) {
	return s.keyAct(ctx, nil, id, func(a *act, _ *Kind, o *object) (*object, string, error) {
		var until any
		if overlap != "" {
			at, err := a.later("/body/overlap", overlap)
			if err != nil {
				return nil, "", err
			}
			until = at
		}
		secret, err := scenarios.NewKey(&a.env)
		if err != nil {
			return nil, "", err
		}
		with := map[string]any{"key": secret, "hint": hint(secret), "until": until}
		return o, secret, a.keyMove(o, a.p.keys.Key.Roll, with)
	})
}

// RevokeKey takes a key back: the next request with it is refused.
func (s *Sandbox) RevokeKey(ctx context.Context, id string) (KeyView, error) {
	return s.keyAct(ctx, nil, id, func(a *act, _ *Kind, o *object) (*object, string, error) {
		return o, "", a.keyMove(o, a.p.keys.Key.Revoke, map[string]any{})
	})
}

// keyAct runs a change to a key at one instant, and forgets who the callers
// were before it returns. Without an id it is about a new key of p.
func (s *Sandbox) keyAct(ctx context.Context, p *Provider, id string, fn func(a *act, kind *Kind, o *object) (*object, string, error)) (view KeyView, err error) {
	g, err := s.pin()
	if err != nil {
		return view, err
	}
	defer s.unpin()
	var a *act
	err = g.db.Write(ctx, func(tx *store.Tx) error {
		of, row := p, store.Resource{}
		if id != "" {
			if of, row, err = s.findKey(tx.Conn, id); err != nil {
				return err
			}
		}
		a = s.newAct(g, of, tx.Conn, tx, s.time().Now())
		kind, err := of.Kind(of.keys.Kind)
		if err != nil {
			return err
		}
		var o *object
		if id != "" {
			a.owner = row.Owner
			if o, err = a.open(kind, row); err != nil {
				return err
			}
		}
		o, secret, err := fn(a, kind, o)
		if err != nil {
			return err
		}
		view, err = a.viewKey(o.row)
		view.Key = secret
		return err
	})
	if err != nil {
		return KeyView{}, err
	}
	s.committed(a)
	return view, nil
}

func (a *act) keyMove(o *object, name string, with map[string]any) error {
	if o.kind.moves[name] == nil {
		return fmt.Errorf("%s: %w", a.p.Name(), ErrNoKeys)
	}
	err := a.with("with", with, func() error { return a.moveBy(o, []string{name}) })
	if errors.Is(err, errNoMove) {
		return fmt.Errorf("%w: this one is %s", ErrKeyOver, o.row.Status)
	}
	return err
}

// later reads an instant, or a span from now on, that lies ahead.
func (a *act) later(pointer, text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		span, wrong := clock.ParseDuration(text)
		if wrong != nil {
			return at, &Invalid{pointer, fmt.Sprintf("%q is neither an instant like 2026-01-31T12:00:00Z nor a span like 30d", text)}
		}
		at = a.now.Add(span)
	}
	if !at.After(a.now) {
		return at, &Invalid{pointer, fmt.Sprintf("expected an instant after %s, the sandbox's now", a.now.UTC().Format(time.RFC3339))}
	}
	return at.UTC(), nil
}
