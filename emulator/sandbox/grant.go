package sandbox

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
)

// Granted are the tokens that an OAuth 2.0 token endpoint hands out.
type Granted struct {
	Access, Refresh string
	Life            time.Duration // of the access token
}

// ErrNoGrant is a refresh token that is not, or no longer, good for anything.
var ErrNoGrant = errors.New("the refresh token is not in force")

// Grant makes tokens for a client; a refresh token that is given is used up.
func (s *Sandbox) Grant(ctx context.Context, p *Provider, refresh string) (Granted, error) {
	g, err := s.pin()
	if err != nil {
		return Granted{}, err
	}
	defer s.unpin()
	var shown map[string]any
	err = g.db.Write(ctx, func(tx *store.Tx) error {
		a := s.newAct(g, p, tx.Conn, tx, s.time().Now())
		if refresh != "" {
			if err := a.useUp(refresh); err != nil {
				return err
			}
		}
		shown, err = a.newSession(p.Scenario.Auth.Default)
		return err
	})
	if err != nil {
		return Granted{}, err
	}
	access, _ := shown[keyAccess].(string)
	next, _ := shown[keyRefresh].(string)
	return Granted{Access: access, Refresh: next, Life: time.Duration(p.Scenario.Auth.Access)}, nil
}

// useUp takes a refresh token that is in force out of force.
func (a *act) useUp(token string) error {
	hash := sha256.Sum256([]byte(token))
	key, ok, err := a.conn.Key(hash[:])
	if err != nil {
		return err
	}
	if !ok || key.Kind != keyRefresh || key.Provider != a.p.Name() || key.Revoked != 0 || a.ms() >= key.Expires {
		return ErrNoGrant
	}
	_, err = a.tx.RevokeKey(key.Hash, a.ms())
	return err
}
