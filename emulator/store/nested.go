package store

// Nested runs fn in a savepoint of its own: an error undoes what fn did, and
// the rest of the transaction goes on.
func (tx *Tx) Nested(fn func() error) error {
	if _, err := tx.exec("SAVEPOINT nested"); err != nil {
		return err
	}
	deltas, touched := len(tx.deltas), tx.touched
	if err := fn(); err != nil {
		tx.deltas, tx.touched = tx.deltas[:deltas], touched
		tx.recent, tx.n = [4]known{}, 0
		if _, undo := tx.exec("ROLLBACK TO nested"); undo != nil {
			return undo
		}
		if _, undo := tx.exec("RELEASE nested"); undo != nil {
			return undo
		}
		return err
	}
	_, err := tx.exec("RELEASE nested")
	return err
}

// NextDueAfter is when the earliest timer after an instant goes off, if there
// is one.
func (c *Conn) NextDueAfter(after int64) (int64, bool, error) {
	r, ok, err := c.one("SELECT due FROM timer WHERE due > ? ORDER BY due LIMIT 1", after)
	if !ok {
		return 0, false, err
	}
	return r.int(0), true, nil
}
