package store

import "fmt"

// Reply is what an idempotency key answered.
type Reply struct {
	Key, Provider, Owner, Operation string
	Fingerprint                     []byte // of the request
	Code                            string // of the refusal that it was, "" = none
	Status                          int
	Header, Body                    []byte
	Expires                         int64
}

// Reply finds what was answered. operation "" finds the first that the key was used for, whichever it was.
func (c *Conn) Reply(provider, owner, key, operation string) (Reply, bool, error) {
	const columns = "SELECT +operation AS a, +fingerprint AS b, +status AS c, +header AS d, +body AS e, +expires AS f, +code AS g FROM reply WHERE provider = ? AND owner = ? AND key = ?"
	var r row
	var ok bool
	var err error
	if operation == "" {
		r, ok, err = c.one(columns+" ORDER BY seq LIMIT 1", provider, owner, key)
	} else {
		r, ok, err = c.one(columns+" AND operation = ?", provider, owner, key, operation)
	}
	if !ok {
		return Reply{}, false, err
	}
	reply := Reply{
		Key: key, Provider: provider, Owner: owner, Operation: r.text(0), Fingerprint: r.blob(1), Status: int(r.int(2)),
		Header: r.blob(3), Body: r.blob(4), Expires: r.int(5), Code: r.text(6),
	}
	return reply, true, c.openReply(&reply)
}

// InsertReply remembers an answer. ErrExists: the key has one for this operation.
func (tx *Tx) InsertReply(r Reply) error {
	_, err := tx.exec("INSERT INTO reply (seq, provider, owner, key, operation, fingerprint, code, status, header, body, expires) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
		tx.NextSeq(), r.Provider, r.Owner, r.Key, r.Operation, asBlob(r.Fingerprint), r.Code, int64(r.Status), asBlob(r.Header), asBlob(tx.sealReply(&r)), r.Expires)
	if duplicate(err) {
		return fmt.Errorf("%w: reply to %s", ErrExists, r.Operation)
	}
	return err
}

// RemoveReply forgets one answer and tells whether there was one.
func (tx *Tx) RemoveReply(provider, owner, key, operation string) (bool, error) {
	n, err := tx.exec("DELETE FROM reply WHERE provider = ? AND owner = ? AND key = ? AND operation = ?", provider, owner, key, operation)
	return n > 0, err
}

// RemoveReplies forgets answers that expire until then, the oldest first and not more than most, and tells how many it were.
func (tx *Tx) RemoveReplies(until int64, most int) (int, error) {
	n, err := tx.exec("DELETE FROM reply WHERE seq IN (SELECT seq FROM reply WHERE expires <= ? ORDER BY expires LIMIT ?+0)", until, int64(most))
	return int(n), err
}
