package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// Tokens that we issue are recognised by their prefix, so that one of ours
// that is unknown is refused and not taken for a made-up key.
const (
	accessPrefix  = "sgt_access_"
	refreshPrefix = "sgt_refresh_"
	keyAccess     = "access"
	keyRefresh    = "refresh"
)

// sandboxMark is how a credential or e-mail names a sandbox.
var sandboxMark = regexp.MustCompile(`(?:^|[_+])ws_([a-z0-9][a-z0-9-]{0,62})(?:[_@.+]|$)`)

// NamedIn finds the sandbox that a credential or e-mail names, or "".
func NamedIn(s string) string {
	if m := sandboxMark.FindStringSubmatch(s); m != nil {
		return m[1]
	}
	return ""
}

// badMark is a name that does not follow the rule of NamedIn.
var badMark = regexp.MustCompile(`(?:^|[_+])(ws_[^@]*)`)

// MisnamedIn finds a name that was meant to be a sandbox's and cannot be one,
// or "". Falling back to the default sandbox would let tests see one another.
func MisnamedIn(s string) string {
	if m := badMark.FindStringSubmatch(s); m != nil && NamedIn(s) == "" {
		return m[1]
	}
	return ""
}

func (a *act) newToken(prefix string) (string, error) {
	var b [24]byte
	if _, err := io.ReadFull(a.env.Random, b[:]); err != nil {
		return "", err
	}
	if a.s.name != DefaultName {
		prefix += "ws_" + a.s.name + "_"
	}
	return prefix + hex.EncodeToString(b[:]), nil
}

// issue makes an access and a refresh token for a member and shows them to
// the reply as `tokens`. Only their hashes are stored.
func (a *act) issue(member *object) error {
	shown, err := a.newSession(member.row.ID)
	if err == nil {
		a.vars()["tokens"] = shown
	}
	return err
}

// newSession makes the tokens of somebody.
func (a *act) newSession(subject string) (map[string]any, error) {
	session, err := a.newID("uuid")
	if err != nil {
		return nil, err
	}
	auth, shown := a.p.Scenario.Auth, map[string]any{}
	for _, t := range []struct {
		kind, prefix string
		life         time.Duration
	}{{keyAccess, accessPrefix, time.Duration(auth.Access)}, {keyRefresh, refreshPrefix, time.Duration(auth.Refresh)}} {
		token, err := a.newToken(t.prefix)
		if err != nil {
			return nil, err
		}
		hash := sha256.Sum256([]byte(token))
		err = a.tx.InsertKey(store.Key{
			Hash: hash[:], Kind: t.kind, Provider: a.p.Name(), Subject: subject,
			Sandbox: a.s.name, Issued: a.ms(), Expires: a.now.Add(t.life).UnixMilli(), Pair: session,
		})
		if err != nil {
			return nil, err
		}
		shown[t.kind] = token
	}
	shown["expiresIn"] = time.Duration(auth.Access).Milliseconds()
	return shown, nil
}

// doLogin checks an e-mail and a password and opens a session. An e-mail may
// carry the name of a sandbox, which is not part of the address.
func doLogin(a *act, b *Binding, c *Call) (result, error) {
	body, _ := c.Values.Body.(map[string]any)
	email, _ := body["email"].(string)
	given, _ := body["password"].(string)
	var member *object
	for _, address := range []string{email, withoutMark(email)} {
		row, ok, err := a.conn.FindResource(b.kind.Name, "", "email", address)
		if err != nil {
			return result{}, err
		}
		if ok {
			if member, err = a.open(b.kind, row); err != nil {
				return result{}, err
			}
			break
		}
	}
	if member != nil {
		stored, _ := member.hidden["password"].(string)
		if scenarios.PasswordMatches(stored, given) {
			return result{obj: member}, a.issue(member)
		}
	}
	return result{}, a.p.Refuse(ReasonInvalidCredentials, "")
}

// withoutMark drops "+ws_name" from the local part of an e-mail.
func withoutMark(email string) string {
	name := NamedIn(email)
	if name == "" {
		return email
	}
	return strings.Replace(email, "+ws_"+name, "", 1)
}

// doRefresh trades a refresh token for a new session.
func doRefresh(a *act, b *Binding, c *Call) (result, error) {
	body, _ := c.Values.Body.(map[string]any)
	token, _ := body["refreshToken"].(string)
	hash := sha256.Sum256([]byte(token))
	key, ok, err := a.conn.Key(hash[:])
	if err != nil {
		return result{}, err
	}
	bad := openapi.Violation{Pointer: "/body/refreshToken", Rule: "token", Expected: "a refresh token in force", Got: openapi.Show("/body/refreshToken", token)}
	if !ok || key.Kind != keyRefresh || key.Provider != a.p.Name() || key.Revoked != 0 {
		return result{}, a.p.Refuse(ReasonUnauthenticated, "", bad)
	}
	if a.ms() >= key.Expires {
		return result{}, a.p.Refuse(ReasonExpired, "", bad)
	}
	row, ok, err := a.conn.Resource(b.kind.Name, key.Subject)
	if err != nil || !ok {
		return result{}, errOr(err, a.p.Refuse(ReasonUnauthenticated, "", bad))
	}
	member, err := a.open(b.kind, row)
	if err != nil {
		return result{}, err
	}
	if _, err := a.tx.RevokeKey(key.Hash, a.ms()); err != nil {
		return result{}, err
	}
	return result{obj: member}, a.issue(member)
}

func errOr(err error, other error) error {
	if err != nil {
		return err
	}
	return other
}

// doLogout ends the caller's session at once. A fixed development key has no
// session to end.
func doLogout(a *act, _ *Binding, c *Call) (result, error) {
	a.forget = true
	if c.Who == nil || c.Who.session == "" {
		return result{}, nil
	}
	_, err := a.tx.RevokePair(c.Who.session, a.ms())
	return result{}, err
}
