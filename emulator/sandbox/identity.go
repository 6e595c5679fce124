package sandbox

import (
	"crypto/sha256"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/scenarios"
)

// Identity is who makes a request.
type Identity struct {
	Caller  map[string]any
	Issued  any // time.Time, or nil for a fixed key
	Expires any
	Name    string // what logs may call the credential: never enough to use it
	KeyID   string // of an issued key, "" = another credential
	Rate    int    // requests a second of an issued key's own, 0 = the provider's
	Burst   int    // and at once

	member  string
	session string
	expires int64
	ownedBy string
	grants  *grants      // nil = everything
	used    atomic.Int64 // when an issued key was last used, as far as is noted
}

func (who *Identity) owner() string {
	if who == nil {
		return ""
	}
	return who.ownedBy
}

// What one sandbox remembers about credentials is bounded in number and size.
const (
	maxIdentities = 4096
	maxIdentity   = 512 // bytes of a key; a longer one is looked up each time
)

// identities remembers who a credential belongs to, until a key or a member
// changes.
type identities struct {
	mu    sync.RWMutex
	byKey map[string]*Identity
	turn  int // counts clears, so that a slow lookup does not store what is stale
}

func (i *identities) get(key string) (*Identity, int) {
	i.mu.RLock()
	defer i.mu.RUnlock()
	return i.byKey[key], i.turn
}

func (i *identities) put(key string, who *Identity, turn int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if turn != i.turn || len(key) > maxIdentity {
		return
	}
	if i.byKey == nil || len(i.byKey) >= maxIdentities {
		i.byKey = map[string]*Identity{}
	}
	i.byKey[key] = who
}

func (i *identities) clear() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.byKey, i.turn = nil, i.turn+1
}

const (
	noSuchKey  = "no such key was issued in this sandbox"
	onlyIssued = "only issued keys work here (--keys strict); `sandgate keys create` issues one"
	expiredKey = "this key has expired"
	liveKey    = "this looks like a live credential; use a test one"
)

// Unissued refuses a credential that only a sandbox which is there already
// can know: one that was issued, or any where only issued ones work.
func (w *World) Unissued(p *Provider, credential string) error {
	switch {
	case LiveShaped(credential):
		return p.Refuse(ReasonLiveCredential, liveKey)
	case p.formOf(credential) == formIssued:
		return p.Refuse(ReasonUnauthenticated, noSuchKey)
	case isToken(credential):
		return p.Refuse(ReasonUnauthenticated, "")
	case w.o.StrictKeys:
		return p.Refuse(ReasonUnauthenticated, onlyIssued)
	}
	return nil
}

func isToken(credential string) bool {
	return strings.HasPrefix(credential, accessPrefix) || strings.HasPrefix(credential, refreshPrefix)
}

// Identify finds out who a credential belongs to, or refuses it.
func (s *Sandbox) Identify(p *Provider, credential string) (*Identity, error) {
	if LiveShaped(credential) {
		return nil, p.Refuse(ReasonLiveCredential, liveKey)
	}
	g, err := s.pin()
	if err != nil {
		return nil, err
	}
	defer s.unpin()
	cacheKey := p.Name() + "\x00" + credential
	who, turn := g.who.get(cacheKey)
	if who == nil {
		if err := p.Mistyped(credential); err != nil {
			return nil, err
		}
		err = g.db.View(func(conn *store.Conn) error {
			who, err = s.identify(g, p, conn, credential)
			return err
		})
		if err != nil {
			return nil, err
		}
		g.who.put(cacheKey, who, turn)
	}
	if who.expires != 0 && s.time().Now().UnixMilli() >= who.expires {
		if who.KeyID != "" {
			return nil, p.Refuse(ReasonExpired, expiredKey)
		}
		return nil, p.Refuse(ReasonExpired, "")
	}
	if who.KeyID != "" {
		s.touch(g, p, who)
	}
	return who, nil
}

func (s *Sandbox) identify(g *generation, p *Provider, conn *store.Conn, credential string) (*Identity, error) {
	who := &Identity{member: p.Scenario.Auth.Default, Name: hint(credential)}
	issued := p.formOf(credential) == formIssued
	if issued {
		if err := who.fromKey(p, conn, credential); err != nil {
			return nil, err
		}
	}
	if isToken(credential) {
		hash := sha256.Sum256([]byte(credential))
		key, ok, err := conn.Key(hash[:])
		if err != nil {
			return nil, err
		}
		if !ok || key.Kind != keyAccess || key.Revoked != 0 || key.Provider != p.Name() {
			return nil, p.Refuse(ReasonUnauthenticated, "")
		}
		who.member, who.session, who.expires = key.Subject, key.Pair, key.Expires
		who.Issued, who.Expires = time.UnixMilli(key.Issued).UTC(), time.UnixMilli(key.Expires).UTC()
	} else if s.w.o.StrictKeys && !issued {
		return nil, p.Refuse(ReasonUnauthenticated, onlyIssued)
	}
	return who, s.describe(g, p, conn, who)
}

// fromKey takes what an issued key says, or refuses it.
func (who *Identity) fromKey(p *Provider, conn *store.Conn, credential string) error {
	hash := sha256.Sum256([]byte(credential))
	key, ok, err := conn.Key(hash[:])
	switch {
	case err != nil:
		return err
	case !ok || key.Kind != keyAPI || key.Provider != p.Name():
		return p.Refuse(ReasonUnauthenticated, noSuchKey)
	case lapsed(key):
		return p.Refuse(ReasonExpired, expiredKey)
	case key.Revoked != 0:
		return p.Refuse(ReasonUnauthenticated, "this key was revoked, or replaced by another")
	}
	who.member, who.expires, who.grants = key.Subject, key.Expires, newGrants(key.Permissions)
	who.Name, who.KeyID, who.Rate, who.Burst = key.Pair, key.Pair, key.Rate, key.Burst
	who.Issued = instantOf(key.Issued)
	if key.Expires != 0 {
		who.Expires = instantOf(key.Expires)
	}
	who.used.Store(key.Used)
	return nil
}

// hint names a credential by its ends; of a short one half stays unsaid.
func hint(credential string) string {
	const ends = 4
	switch {
	case len(credential) < 4*ends:
		return "…"
	case len(credential) < 6*ends:
		return credential[:2*ends] + "…"
	}
	return credential[:2*ends] + "…" + credential[len(credential)-ends:]
}

// describe evaluates the scenario's `caller` over the member.
func (s *Sandbox) describe(g *generation, p *Provider, conn *store.Conn, who *Identity) error {
	auth := p.Scenario.Auth
	if auth.Member == "" {
		return nil
	}
	kind, err := p.Kind(auth.Member)
	if err != nil {
		return err
	}
	row, ok, err := conn.Resource(kind.Name, who.member)
	if err != nil {
		return err
	}
	if !ok {
		return p.Refuse(ReasonUnauthenticated, "")
	}
	o, err := openObject(kind, row)
	if err != nil {
		return err
	}
	caller, err := p.callerOf(o)
	if err != nil {
		return err
	}
	who.Caller, _ = caller.(map[string]any)
	if who.ownedBy, err = p.ownerFor(who.Caller); err != nil {
		return err
	}
	return nil
}

func (p *Provider) callerOf(member *object) (any, error) {
	v, err := scenarios.CompileTemplate(p.Scenario.Auth.Caller, p.scope(kindNames))
	if err != nil {
		return nil, err
	}
	return v.Eval(&scenarios.Env{Vars: map[string]any{"member": member.vars(), "config": p.Config, "data": p.Scenario.Data}})
}

// ownerFor is the owner of what a caller makes: the first kind that says how
// rows are owned decides, because all of them must agree.
func (p *Provider) ownerFor(caller map[string]any) (string, error) {
	for _, r := range p.Scenario.Resources {
		if r.Owner.IsZero() {
			continue
		}
		kind, err := p.Kind(r.Kind)
		if err != nil {
			return "", err
		}
		v, err := kind.owner.Eval(&scenarios.Env{Vars: map[string]any{"caller": caller}})
		s, _ := v.(string)
		return s, err
	}
	return "", nil
}
