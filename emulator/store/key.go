package store

import "fmt"

// Key is an API key or a token, known by its hash only.
type Key struct {
	Hash     []byte // SHA-256
	Kind     string // access or refresh
	Provider string
	Subject  string
	Sandbox  string
	Issued   int64
	Expires  int64  // 0 = never
	Revoked  int64  // 0 = it was not
	Pair     string // session that access and refresh share
}

const keyColumns = "+hash AS a, +kind AS b, +provider AS c, +subject AS d, +sandbox AS e, +issued AS f, +expires AS g, +revoked AS h, +pair AS i"

func scanKey(r row) Key {
	return Key{
		Hash: r.blob(0), Kind: r.text(1), Provider: r.text(2), Subject: r.text(3), Sandbox: r.text(4),
		Issued: r.int(5), Expires: r.int(6), Revoked: r.int(7), Pair: r.text(8),
	}
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

// InsertKey stores one. ErrExists: the hash is there already.
func (tx *Tx) InsertKey(k Key) error {
	_, err := tx.exec("INSERT INTO key (hash, kind, provider, subject, sandbox, issued, expires, revoked, pair) VALUES (?,?,?,?,?,?,?,?,?)",
		k.Hash, k.Kind, k.Provider, k.Subject, k.Sandbox, k.Issued, k.Expires, k.Revoked, k.Pair)
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
