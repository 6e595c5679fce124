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

// Release lets the next one of a lane, after the delivery of that number, go at an instant, and tells whether there is one.
func (tx *Tx) Release(lane string, seq, due int64) (bool, error) {
	r, ok, err := tx.one(`SELECT t.seq, d.id FROM delivery d JOIN timer t ON t.a = d.id AND t.kind = 'attempt'
		WHERE d.lane = ? AND d.lane <> '' AND d.due <> 0 AND d.seq > ? AND t.due > ? ORDER BY d.seq LIMIT 1`, lane, seq, due)
	if !ok {
		return false, err
	}
	if _, err := tx.exec("UPDATE delivery SET due = ? WHERE id = ?", due, r.text(1)); err != nil {
		return false, err
	}
	_, err = tx.exec("UPDATE timer SET due = ? WHERE seq = ?", due, r.int(0))
	return true, err
}

// Postpone has a delivery wait: it was not tried.
func (tx *Tx) Postpone(id string, timer, due int64) error {
	if _, err := tx.exec("UPDATE delivery SET due = ? WHERE id = ?", due, id); err != nil {
		return err
	}
	_, err := tx.exec("UPDATE timer SET due = ? WHERE seq = ?", due, timer)
	return err
}
