package scenarios

import (
	"cmp"
	"hash/crc32"
	"regexp"
	"strings"
)

// Keys is the form of the provider's API keys.
type Keys struct {
	Prefix string `json:"prefix,omitempty" yaml:"prefix"`
}

// KeyMapping says that a kind is an API key. Its templates see the object as
// `resource`; only Hash is needed. Make, Roll and Revoke say how the control
// API makes and changes one: it tells them `with`.
type KeyMapping struct {
	Line        int      `json:"line,omitempty"`
	Name        Template `json:"name,omitzero" yaml:"name"`
	Hint        Template `json:"hint,omitzero" yaml:"hint"` // what may be shown of the key
	Hash        Template `json:"hash" yaml:"hash"`          // digest() of the key
	Old         Template `json:"old,omitzero" yaml:"old"`   // digest of the key before it, while it still works …
	Until       Template `json:"until,omitzero" yaml:"until"`
	Permissions Template `json:"permissions,omitzero" yaml:"permissions"` // list; without it a key may do everything
	Expires     Template `json:"expires,omitzero" yaml:"expires"`
	Active      Template `json:"active,omitzero" yaml:"active"`
	Rate        Template `json:"rate,omitzero" yaml:"rate"` // requests a second
	Burst       Template `json:"burst,omitzero" yaml:"burst"`
	Used        string   `json:"used,omitempty" yaml:"used"` // field that says when it was last used
	Make        Template `json:"make,omitzero" yaml:"make"`  // fields of a new one, over `with`: name, permissions, expires, rate, burst, key
	Roll        string   `json:"roll,omitempty" yaml:"roll"` // move, over `with`: key, until
	Revoke      string   `json:"revoke,omitempty" yaml:"revoke"`
}

// Templates are all that see `resource`.
func (m *KeyMapping) Templates() []Template {
	return []Template{m.Name, m.Hint, m.Hash, m.Old, m.Until, m.Permissions, m.Expires, m.Active, m.Rate, m.Burst}
}

// KeyMakeNames are the names that KeyMapping.Make sees beside the fixed ones.
var KeyMakeNames = []string{"with"}

// DefaultKeyPrefix begins the keys of a provider that says nothing else.
const DefaultKeyPrefix = "sk_test_"

// KeyPrefix begins every key of the provider.
func (s *Scenario) KeyPrefix() string { return cmp.Or(s.Auth.Keys.Prefix, DefaultKeyPrefix) }

// The tail of a key: 32 random characters, then the CRC-32 of all before it.
const (
	keyAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	keyRandom   = 32
	keyCheck    = 6
	KeyTail     = keyRandom + keyCheck
)

// newKey draws a key. Its checksum lets a scanner, and us, see a mistyped one
// without asking anybody.
func newKey(env *Env, _ []any) (any, error) {
	random, err := letters("newKey", keyAlphabet)(env, []any{keyRandom})
	if err != nil {
		return nil, err
	}
	head := cmp.Or(env.KeyHead, DefaultKeyPrefix) + random.(string)
	return head + keyChecksum(head), nil
}

// NewKey draws a key outside of an expression.
func NewKey(env *Env) (string, error) {
	v, err := newKey(env, nil)
	s, _ := v.(string)
	return s, err
}

func keyChecksum(head string) string {
	sum := crc32.ChecksumIEEE([]byte(head))
	var out [keyCheck]byte
	for i := keyCheck - 1; i >= 0; i-- {
		out[i] = keyAlphabet[sum%62]
		sum /= 62
	}
	return string(out[:])
}

// KeyChecks reports whether a key ends in the checksum of what is before it.
func KeyChecks(key string) bool {
	if len(key) < KeyTail {
		return false
	}
	head := key[:len(key)-keyCheck]
	return key[len(head):] == keyChecksum(head) // no secret: anybody can compute it
}

var keyPrefix = regexp.MustCompile(`^[a-z0-9]+(_[a-z0-9]+)*_$`)

// keys checks what the provider's keys begin with.
func (l *loader) keys(p pair, prefix string) {
	if p.value == nil {
		return
	}
	if !keyPrefix.MatchString(prefix) || len(prefix) > 32 || strings.HasPrefix(prefix, "ws_") || strings.Contains(prefix, "_ws_") {
		l.fail(p.value, "prefix is words of a-z and 0-9 with _ after each, such as %s, and none of them is ws", DefaultKeyPrefix)
	}
}

func (c *check) keyMapping(r *Resource, what string, self scope) {
	m := r.Key
	if m == nil {
		return
	}
	what += ", key"
	for _, t := range m.Templates() {
		c.template(t, self)
	}
	if m.Old.IsZero() != m.Until.IsZero() {
		c.fail(m.Line, "%s: an old key works until an instant: old and until stand together", what)
	}
	if m.Used != "" {
		c.field(m.Line, what+", used", r.Kind, m.Used)
		if strings.Contains(m.Used, ".") {
			c.fail(m.Line, "%s: used is a field of the object itself, not %q", what, clip(m.Used, 40))
		}
	}
	c.set(m.Line, what+", make", r.Kind, m.Make, c.base().with("with", ""))
	for _, move := range []string{m.Roll, m.Revoke} {
		if move != "" {
			c.moves(m.Line, what, r.Kind, []string{move})
		}
	}
	c.refusal(m.Line, what, "forbidden")
}

// oneKeyKind: a credential belongs to one kind of key.
func (c *check) oneKeyKind() {
	first := ""
	for _, r := range c.s.Resources {
		switch {
		case r.Key == nil:
		case first != "":
			c.in(r.File)
			c.fail(r.Line, "resource %s: %s is the kind of an API key already", r.Kind, first)
		default:
			first = r.Kind
		}
	}
}

// PermissionForm is what an operation may ask of a key.
var PermissionForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]*(:(read|write))?$`)

func (c *check) permission(o *Operation) {
	if o.Permission != "" && !PermissionForm.MatchString(o.Permission) {
		c.fail(o.Line, "permission is the name of a resource, or that with :read or :write, not %q", clip(o.Permission, 40))
	}
}
