package store

// Ahead is when the first delivery of a lane between two numbers is tried next, 0 = there is none that has to be waited for.
func (c *Conn) Ahead(lane string, after, before int64) (int64, error) {
	r, ok, err := c.one(`SELECT t.due FROM delivery d JOIN timer t ON t.a = d.id AND t.kind = 'attempt'
		WHERE d.lane = ? AND d.lane <> '' AND d.due <> 0 AND d.seq > ? AND d.seq < ? ORDER BY d.seq LIMIT 1`, lane, after, before)
	if !ok {
		return 0, err
	}
	return r.int(0), nil
}

// Release lets the next one of a lane, after the delivery of that number, go at an instant, not before its own first due, and tells when (0 = there is
// none). One that was tried already keeps the time of its retry.
func (tx *Tx) Release(lane string, seq, due int64) (int64, error) {
	r, ok, err := tx.one(`SELECT t.seq, d.id, d.first, d.attempts FROM delivery d JOIN timer t ON t.a = d.id AND t.kind = 'attempt'
		WHERE d.lane = ? AND d.lane <> '' AND d.due <> 0 AND d.seq > ? AND t.due > ? ORDER BY d.seq LIMIT 1`, lane, seq, due)
	if !ok || r.int(3) > 0 {
		return 0, err
	}
	due = max(due, r.int(2))
	return due, tx.Postpone(r.text(1), r.int(0), due)
}

// Postpone has a delivery wait: it was not tried.
func (tx *Tx) Postpone(id string, timer, due int64) error {
	if _, err := tx.exec("UPDATE delivery SET due = ? WHERE id = ?", due, id); err != nil {
		return err
	}
	_, err := tx.exec("UPDATE timer SET due = ? WHERE seq = ?", due, timer)
	return err
}
