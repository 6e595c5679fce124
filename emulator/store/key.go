package store

import (
	"fmt"
	"strings"
)

// Key is an API key or a token, known by its hash only.
type Key struct {
	Hash     []byte // SHA-256
	Kind     string // api, access or refresh
	Provider string
	Subject  string
	Sandbox  string
	Issued   int64
	Expires  int64  // 0 = never
	Revoked  int64  // 0 = it was not
	Pair     string // session that access and refresh share, or the resource of an API key

	// of an API key
	Permissions []string
	Rate, Burst int   // 0 = the provider's
	Used        int64 // 0 = never
}

const keyColumns = "+hash AS a, +kind AS b, +provider AS c, +subject AS d, +sandbox AS e, +issued AS f, +expires AS g, +revoked AS h, +pair AS i, +permissions AS j, +rate AS k, +burst AS l, +used AS m"

func scanKey(r row) Key {
	k := Key{
		Hash: r.blob(0), Kind: r.text(1), Provider: r.text(2), Subject: r.text(3), Sandbox: r.text(4),
		Issued: r.int(5), Expires: r.int(6), Revoked: r.int(7), Pair: r.text(8),
		Rate: int(r.int(10)), Burst: int(r.int(11)), Used: r.int(12),
	}
	if list := r.text(9); list != "" {
		k.Permissions = strings.Split(list, "\n")
	}
	return k
}

// Key finds one by its hash, also when it has ended or was revoked.
func (c *Conn) Key(hash []byte) (Key, bool, error) {
	r, ok, err := c.one("SELECT "+keyColumns+" FROM key WHERE hash = ?", hash)
	if !ok {
		return Key{}, false, err
	}
	return scanKey(r), true, nil
}

// Keys lists all, in the order of issue, for copying into another file.
func (c *Conn) Keys() ([]Key, error) {
	var all []Key
	err := c.each("SELECT "+keyColumns+" FROM key ORDER BY issued, hash", func(r row) { all = append(all, scanKey(r)) })
	return all, err
}

// KeysOf lists those of a session, or of the resource of an API key.
func (c *Conn) KeysOf(kind, provider, pair string) ([]Key, error) {
	if pair == "" {
		return nil, nil
	}
	var all []Key
	err := c.each("SELECT "+keyColumns+" FROM key WHERE pair = ? AND pair <> '' AND kind = ? AND provider = ? ORDER BY issued, hash", func(r row) { all = append(all, scanKey(r)) }, pair, kind, provider)
	return all, err
}

// InsertKey stores one. ErrExists: the hash is there already.
func (tx *Tx) InsertKey(k Key) error {
	return tx.putKey("INSERT", k)
}

// PutKey stores one, in the place of one with the same hash.
func (tx *Tx) PutKey(k Key) error { return tx.putKey("INSERT OR REPLACE", k) }

// TouchKey notes that an API key was used, unless that was noted less than
// `every` before, and tells whether it did. A time that lies ahead is of a clock that was set back.
func (tx *Tx) TouchKey(provider, pair string, at, every int64) (bool, error) {
	n, err := tx.exec("UPDATE key SET used = ? WHERE pair = ? AND pair <> '' AND kind = 'api' AND provider = ? AND (used = 0 OR used <= ? OR used > ?)", at, pair, provider, at-every, at)
	return n > 0, err
}

func (tx *Tx) putKey(verb string, k Key) error {
	_, err := tx.exec(verb+" INTO key (hash, kind, provider, subject, sandbox, issued, expires, revoked, pair, permissions, rate, burst, used) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
		k.Hash, k.Kind, k.Provider, k.Subject, k.Sandbox, k.Issued, k.Expires, k.Revoked, k.Pair, strings.Join(k.Permissions, "\n"), int64(k.Rate), int64(k.Burst), k.Used)
	if duplicate(err) {
		return fmt.Errorf("%w: key", ErrExists)
	}
	return err
}

// RevokeKey takes one back and tells whether it was there and not revoked before.
func (tx *Tx) RevokeKey(hash []byte, at int64) (bool, error) {
	n, err := tx.exec("UPDATE key SET revoked = ? WHERE hash = ? AND revoked = 0", max(at, 1), hash)
	return n > 0, err
}

// RevokePair takes back all keys of a session, and tells how many it were.
func (tx *Tx) RevokePair(pair string, at int64) (int, error) {
	if pair == "" { // no session
		return 0, nil
	}
	n, err := tx.exec("UPDATE key SET revoked = ? WHERE pair = ? AND pair <> '' AND revoked = 0", max(at, 1), pair)
	return int(n), err
}

// RemoveKeys forgets the keys that ended before then, and tells how many it were.
func (tx *Tx) RemoveKeys(before int64) (int, error) {
	n, err := tx.exec("DELETE FROM key WHERE expires > 0 AND expires < ?", before)
	return int(n), err
}
