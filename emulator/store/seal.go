package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// KeySize is how long a master key is.
const KeySize = 32

// ErrSealed is a secret that cannot be opened: another key sealed it, or somebody changed it.
var ErrSealed = errors.New("store: a secret cannot be opened")

// Keys are the master keys. The first seals; the others open what they sealed before.
type Keys struct{ masters []masterKey }

type masterKey struct {
	id     string // names the key and gives nothing of it away
	secret []byte
}

// NewKeys takes keys of KeySize bytes.
func NewKeys(secrets ...[]byte) (*Keys, error) {
	k := &Keys{}
	for i, secret := range secrets {
		if len(secret) != KeySize {
			return nil, fmt.Errorf("key %d has %d bytes; a key has %d", i+1, len(secret), KeySize)
		}
		sum := sha256.Sum256(append([]byte("sandgate key id\n"), secret...))
		k.masters = append(k.masters, masterKey{hex.EncodeToString(sum[:4]), secret})
	}
	if len(k.masters) == 0 {
		return nil, errors.New("there is no key")
	}
	return k, nil
}

// ParseKeys reads keys in base64 or hex, with commas or line ends between. Its errors show nothing of them.
func ParseKeys(text string) (*Keys, error) {
	var secrets [][]byte
	for _, one := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(", \t\r\n", r) }) {
		secret, err := hex.DecodeString(one)
		if err != nil || len(secret) != KeySize {
			plain := strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(one), "=")
			secret, err = base64.RawStdEncoding.DecodeString(plain)
		}
		if err != nil || len(secret) != KeySize {
			return nil, fmt.Errorf("key %d is not %d bytes in base64 or hex; make one with: openssl rand -base64 %d", len(secrets)+1, KeySize, KeySize)
		}
		secrets = append(secrets, secret)
	}
	return NewKeys(secrets...)
}

// ID names the key that seals.
func (k *Keys) ID() string { return k.masters[0].id }

// vault seals and opens the secrets of one sandbox, with keys that are its own.
type vault struct {
	sandbox string
	keys    []dataKey
}

type dataKey struct {
	id   string
	aead cipher.AEAD
}

// newVault is nil without keys: then nothing is sealed.
func newVault(keys *Keys, sandbox string) (*vault, error) {
	if keys == nil {
		return nil, nil
	}
	v := &vault{sandbox: sandbox}
	for _, m := range keys.masters {
		secret, err := hkdf.Key(sha256.New, m.secret, nil, "sandgate sandbox "+sandbox, KeySize)
		if err != nil {
			return nil, err
		}
		block, err := aes.NewCipher(secret)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, err
		}
		v.keys = append(v.keys, dataKey{m.id, aead})
	}
	return v, nil
}

// spot is where a record stands. A record opens nowhere else.
type spot struct{ table, row, column string }

func (p spot) String() string { return p.table + " " + p.row + ", " + p.column }

func (v *vault) bound(p spot) []byte {
	var b []byte
	for _, part := range []string{v.sandbox, p.table, p.row, p.column} {
		b = binary.AppendUvarint(b, uint64(len(part)))
		b = append(b, part...)
	}
	return b
}

const recordVersion = "v1."

// seal makes a record: v1.<key id>.<base64 of nonce and ciphertext>.
func (v *vault) seal(p spot, plain []byte) []byte {
	if v == nil {
		return plain
	}
	key := v.keys[0]
	sealed := key.aead.Seal(nil, nil, plain, v.bound(p))
	record := append([]byte(recordVersion), key.id+"."...)
	return base64.StdEncoding.AppendEncode(record, sealed)
}

// open reads a record. What is not sealed is refused too: it was put there by somebody else.
func (v *vault) open(p spot, record []byte) ([]byte, error) {
	if v == nil {
		return record, nil
	}
	rest, ok := strings.CutPrefix(string(record), recordVersion)
	id, text, cut := strings.Cut(rest, ".")
	if !ok || !cut {
		return nil, fmt.Errorf("%w: %s is not sealed as it should be", ErrSealed, p)
	}
	for _, key := range v.keys {
		if key.id != id {
			continue
		}
		sealed, err := base64.StdEncoding.Strict().DecodeString(text)
		if err != nil || len(sealed) < key.aead.Overhead() {
			return nil, fmt.Errorf("%w: %s was changed", ErrSealed, p)
		}
		plain, err := key.aead.Open(nil, nil, sealed, v.bound(p))
		if err != nil {
			return nil, fmt.Errorf("%w: %s was changed, or belongs to another place", ErrSealed, p)
		}
		return plain, nil
	}
	return nil, fmt.Errorf("%w: %s", ErrSealed, v.foreign(id))
}

// foreign says which key is missing, and what to do.
func (v *vault) foreign(id string) string {
	have := make([]string, len(v.keys))
	for i, key := range v.keys {
		have[i] = key.id
	}
	if len(id) > 16 {
		id = id[:16] + "…"
	}
	return fmt.Sprintf("it is sealed with key %q, and this process has %s; give it that key, behind the new one to change over (SANDGATE_SECRET_KEY=new,old or --secret-key-file), or start from an empty folder", id, strings.Join(have, ", "))
}
