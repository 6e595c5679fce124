package sandbox

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// keyAPI is an API key in the store's table of keys: the row mirrors a
// resource, so that to recognise a key is one look-up.
const keyAPI = "api"

// keyKind is the scenario's kind of an API key, or the engine's own.
func keyKind(s *scenarios.Scenario) *scenarios.Resource {
	for _, r := range s.Resources {
		if r.Key != nil {
			return r
		}
	}
	return ownKey
}

// ownKey is the kind of a provider whose API knows no keys: only the control
// API shows them.
var ownKey = func() *scenarios.Resource {
	is := func(src string) scenarios.Template { return scenarios.Template{Expr: src} }
	all := func(pairs ...string) scenarios.Template {
		t := scenarios.Template{Map: true}
		for i := 0; i < len(pairs); i += 2 {
			t.Fields = append(t.Fields, scenarios.Field{Name: pairs[i], Value: is(pairs[i+1])})
		}
		return t
	}
	hidden := func(t, inner scenarios.Template) scenarios.Template {
		t.Fields = append(t.Fields, scenarios.Field{Name: "hidden", Value: inner})
		return t
	}
	var active any = "active"
	return &scenarios.Resource{
		Kind: "sandgate.api-key", ID: "prefix:key_",
		Status: scenarios.Status{Field: "status", Start: scenarios.Template{Const: &active}},
		Key: &scenarios.KeyMapping{
			Name: is("resource.name"), Hint: is("resource.hint"), Hash: is("resource.hidden.hash"), Old: is("resource.hidden.old"), Until: is("resource.hidden.until"),
			Permissions: is("resource.permissions"), Expires: is("instant(resource.expires)"), Active: is("resource.status == 'active'"),
			Rate: is("resource.rate"), Burst: is("resource.burst"), Used: "used", Roll: "roll", Revoke: "revoke",
			Make: hidden(all("name", "with.name", "permissions", "with.permissions", "expires", "iso(with.expires)", "rate", "with.rate", "burst", "with.burst", "hint", "with.hint"),
				all("hash", "digest(with.key)")),
		},
		Moves: []*scenarios.Move{
			{Name: "roll", From: []string{"active"}, Set: hidden(all("hint", "with.hint"), all("hash", "digest(with.key)", "old", "resource.hidden.hash", "until", "iso(with.until)"))},
			{Name: "revoke", From: []string{"active"}, To: "revoked"},
			{Name: "expire", From: []string{"active"}, To: "expired", At: "instant(resource.expires)"},
		},
	}
}()

// resource is a kind of the scenario, or the engine's own.
func (p *Provider) resource(short string) *scenarios.Resource {
	if r := p.Scenario.Resource(short); r != nil || short != p.keys.Kind {
		return r
	}
	return p.keys
}

// surviving are the kinds that a reset carries over: keys always are.
func (p *Provider) surviving() []*scenarios.Resource {
	out := []*scenarios.Resource{p.keys}
	for _, r := range p.Scenario.Resources {
		if r.Survives && r != p.keys {
			out = append(out, r)
		}
	}
	return out
}

// keyValues are the compiled parts of a KeyMapping.
type keyValues struct {
	name, hint, hash, old, until, permissions, expires, active, rate, burst, make *scenarios.Value
}

func (k *Kind) compileKey(c *compiler) {
	if m := k.spec.Key; m != nil {
		k.key = &keyValues{
			name: c.value(m.Name), hint: c.value(m.Hint), hash: c.value(m.Hash), old: c.value(m.Old), until: c.value(m.Until), permissions: c.value(m.Permissions),
			expires: c.value(m.Expires), active: c.value(m.Active), rate: c.value(m.Rate), burst: c.value(m.Burst), make: c.value(m.Make),
		}
	}
}

// keyFacts is what a resource says of the key that it is.
type keyFacts struct {
	name, hint  string
	hash, old   []byte
	until       int64 // the old one's end
	permissions []string
	limited     bool // there is a list of permissions
	expires     int64
	active      bool
	rate, burst int
}

// keyFacts evaluates the mapping of a kind over one of its objects.
func (a *act) keyFacts(o *object) (f keyFacts, err error) {
	k := o.kind.key
	eval := func(v *scenarios.Value) any {
		if v == nil || err != nil {
			return nil
		}
		var out any
		if out, err = v.Eval(&a.env); err != nil {
			err = fmt.Errorf("key %s: %w", o.row.ID, err)
		}
		return out
	}
	text := func(v *scenarios.Value) string { s, _ := eval(v).(string); return s }
	err = a.with("resource", o.vars(), func() error {
		f.name, f.hint = text(k.name), text(k.hint)
		if f.hash, err = hex.DecodeString(text(k.hash)); err != nil {
			return err
		}
		if f.old, err = hex.DecodeString(text(k.old)); err != nil {
			return err
		}
		f.until, f.expires = millisOf(eval(k.until)), millisOf(eval(k.expires))
		if k.permissions != nil {
			f.limited = true
			for _, v := range asList(eval(k.permissions)) {
				s, _ := v.(string)
				f.permissions = append(f.permissions, s)
			}
		}
		f.active = true
		if k.active != nil {
			f.active, _ = eval(k.active).(bool)
		}
		f.rate, f.burst = number(eval(k.rate), 0), number(eval(k.burst), 0)
		return err
	})
	if err == nil && len(f.hash) == 0 {
		err = fmt.Errorf("%s %s: the hash of a key is missing", o.kind.Short, o.row.ID)
	}
	return f, err
}

// millisOf is an instant as the store has it, 0 = none.
func millisOf(v any) int64 {
	if at, ok := asInstant(v); ok {
		return at.UnixMilli()
	}
	return 0
}

// syncKey mirrors an object that is an API key into the table of keys.
func (a *act) syncKey(o *object) error {
	a.forget = true
	rows, err := a.conn.KeysOf(keyAPI, a.p.Name(), o.row.ID)
	if err != nil {
		return err
	}
	f, err := a.keyFacts(o)
	if err != nil {
		return err
	}
	dead := o.row.Deleted != 0 || !f.active
	if !dead && !a.quiet {
		if err := a.mayIssue(f); err != nil {
			return err
		}
	}
	k := store.Key{
		Kind: keyAPI, Provider: a.p.Name(), Subject: a.subject(), Sandbox: a.s.name, Issued: o.row.Created, Expires: f.expires,
		Pair: o.row.ID, Permissions: f.permissions, Rate: f.rate, Burst: f.burst,
	}
	if !f.limited {
		k.Permissions = []string{"*"}
	}
	if dead {
		k.Revoked = max(a.ms(), 1)
	}
	wanted := f.hashes()
	for _, row := range rows {
		k.Subject, k.Used = row.Subject, max(k.Used, row.Used)
		if row.Revoked != 0 && dead && string(row.Hash) == string(f.hash) {
			k.Revoked = min(k.Revoked, row.Revoked)
		}
		if _, stays := wanted[string(row.Hash)]; stays {
			continue
		}
		if _, err := a.tx.RevokeKey(row.Hash, a.ms()); err != nil {
			return err
		}
	}
	for _, hash := range sortedKeys(wanted) {
		k.Hash, k.Expires = []byte(hash), wanted[hash]
		if err := a.tx.PutKey(k); err != nil {
			return err
		}
	}
	return nil
}

// lapsed reports a key that ended by its expiry. It stays ended, though a
// rewound clock stands before that.
func lapsed(k store.Key) bool { return k.Expires != 0 && k.Revoked >= k.Expires }

// hashes are those that open the sandbox, and until when: the secret's, and for a while that of the one it took over from.
func (f keyFacts) hashes() map[string]int64 {
	wanted := map[string]int64{string(f.hash): f.expires}
	if len(f.old) > 0 && f.until > 0 && string(f.old) != string(f.hash) {
		wanted[string(f.old)] = f.until
		if f.expires != 0 {
			wanted[string(f.old)] = min(f.until, f.expires)
		}
	}
	return wanted
}

// subject is the member that a new key acts for.
func (a *act) subject() string {
	if a.who != nil {
		return a.who.member
	}
	return a.p.Scenario.Auth.Default
}

// mayIssue refuses a key that could not be used as it says, and one that may
// do more than the key that makes or changes it.
func (a *act) mayIssue(f keyFacts) error {
	if f.limited {
		wrong, err := a.p.wrongPermissions(f.permissions)
		if err != nil {
			return err
		}
		if len(wrong) > 0 {
			return a.p.Refuse(ReasonInvalid, "", wrong...)
		}
	}
	for _, n := range []struct {
		name  string
		value int
	}{{"rate", f.rate}, {"burst", f.burst}} {
		if n.value < 0 || n.value > scenarios.MaxRate {
			return a.p.Refuse(ReasonInvalid, "", openapi.Violation{
				Pointer: "/body/" + n.name, Rule: "range", Expected: fmt.Sprintf("a whole number up to %d", scenarios.MaxRate), Got: fmt.Sprint(n.value),
			})
		}
	}
	if a.who == nil || a.who.grants == nil {
		return nil
	}
	list := f.permissions
	if !f.limited {
		list = []string{"*"}
	}
	if need, more := a.who.grants.beyond(list); more {
		return a.p.forbid(a.who, need, "to make or change a key of this permission, this key")
	}
	return nil
}

// supersede takes a key out of the way of one with the same id. Keys outlive
// a reset, and a rewound run draws its ids again: replaying it makes the same key anew.
func (a *act) supersede(o *object) error {
	if o.kind.key == nil {
		return nil
	}
	old, there, err := a.conn.Resource(o.kind.Name, o.row.ID)
	if err != nil || !there {
		return err
	}
	if err := a.audit(o, "remove", old.Body, nil); err != nil {
		return err
	}
	if _, err := a.tx.RemoveTimers(timerAt, timerRef(o.kind.Name, o.row.ID)); err != nil {
		return err
	}
	return a.tx.RemoveResource(o.kind.Name, o.row.ID, a.ms())
}

// rearm sets the timers of what survived a reset: moves that happen at an
// instant of their own.
func (s *Sandbox) rearm(tx *store.Tx, keep *kept) error {
	if keep == nil {
		return nil
	}
	acts := map[*Provider]*act{}
	for i := range keep.resources {
		row := keep.resources[i]
		p, kind, err := s.kindNamed(row.Kind)
		if err != nil || p == nil || len(kind.timed) == 0 {
			if err != nil {
				return err
			}
			continue
		}
		a := acts[p]
		if a == nil {
			a = s.newAct(nil, p, tx.Conn, tx, s.time().Now())
			acts[p] = a
		}
		o, err := a.open(kind, row)
		if err != nil {
			return err
		}
		a.owner = row.Owner
		if err := a.schedule(o); err != nil {
			return err
		}
	}
	return nil
}

// kindNamed finds a kind by its name in the store.
func (s *Sandbox) kindNamed(name string) (*Provider, *Kind, error) {
	for _, p := range s.w.o.Providers {
		if n := len(p.Name()); len(name) > n && name[:n] == p.Name() && name[n] == '/' {
			kind, err := p.Kind(name[n+1:])
			return p, kind, err
		}
	}
	return nil, nil, nil
}

// everyUse is how long the time of a key's last use stays as it is.
const everyUse = time.Minute

// touch notes that a key was used: at most once a minute of sandbox time,
// without an event, and without the object counting as changed.
func (s *Sandbox) touch(g *generation, p *Provider, who *Identity) {
	now := s.time().Now()
	last := who.used.Load()
	if since := now.UnixMilli() - last; last != 0 && since >= 0 && since < everyUse.Milliseconds() || !who.used.CompareAndSwap(last, now.UnixMilli()) {
		return
	}
	err := g.db.Write(context.WithoutCancel(s.w.ctx), func(tx *store.Tx) error {
		noted, err := tx.TouchKey(p.Name(), who.KeyID, now.UnixMilli(), everyUse.Milliseconds())
		if err != nil || !noted || p.keys.Key.Used == "" {
			return err
		}
		kind, err := p.Kind(p.keys.Kind)
		if err != nil {
			return err
		}
		row, ok, err := tx.Resource(kind.Name, who.KeyID)
		if err != nil || !ok {
			return err
		}
		o, err := openObject(kind, row)
		if err != nil {
			return err
		}
		o.body[p.keys.Key.Used] = p.FormatTime(now)
		if err := o.seal(); err != nil {
			return err
		}
		if err := tx.UpdateResource(&o.row); err != nil {
			return err
		}
		a := s.newAct(g, p, tx.Conn, tx, now)
		a.by = doer{who: who.Name, operation: "use of a key"}
		return a.audit(o, "use", o.stored, o.row.Body)
	})
	if err != nil { // who may read must not be kept from it by a full disk
		who.used.Store(last)
		s.w.o.Log.Warn("last use of a key", "sandbox", s.name, "key", who.KeyID, "error", err)
	}
}
