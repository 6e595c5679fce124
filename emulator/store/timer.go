package store

// Timer is something that happens at Due. Timers go off in the order (Due, Seq).
type Timer struct {
	Seq  int64  `json:"seq"`
	Due  int64  `json:"due"`
	Kind string `json:"kind"`
	A    string `json:"a"` // id of the thing that it is for
	B    string `json:"b"`
}

// AddTimer stores one and returns its Seq.
func (tx *Tx) AddTimer(t Timer) (int64, error) {
	seq := tx.NextSeq()
	_, err := tx.exec("INSERT INTO timer (seq, due, kind, a, b) VALUES (?,?,?,?,?)", seq, t.Due, t.Kind, t.A, t.B)
	return seq, err
}

// MoveTimer gives one another due instant and B. It keeps its place among those of the same instant.
func (tx *Tx) MoveTimer(seq, due int64, b string) error {
	_, err := tx.exec("UPDATE timer SET due = ?, b = ? WHERE seq = ?", due, b, seq)
	return err
}

// RemoveTimer takes one away and tells whether it was still there.
func (tx *Tx) RemoveTimer(seq int64) (bool, error) {
	n, err := tx.exec("DELETE FROM timer WHERE seq = ?", seq)
	return n > 0, err
}

// RemoveTimers takes away all of a kind that are for a, and tells how many there were.
func (tx *Tx) RemoveTimers(kind, a string) (int, error) {
	n, err := tx.exec("DELETE FROM timer WHERE a = ? AND kind = ?", a, kind)
	return int(n), err
}

// NextTimers lists what is due until then, earliest first, without the kind skipKind ("" = none is skipped). limit 0 = all.
func (c *Conn) NextTimers(until int64, limit int, skipKind string) ([]Timer, error) {
	var skip any // NULL differs from every kind
	if skipKind != "" {
		skip = skipKind
	}
	var all []Timer
	err := c.each("SELECT seq, due, kind, a, b FROM timer WHERE due <= ? AND kind IS NOT ? ORDER BY due, seq LIMIT ?+0", func(r row) {
		all = append(all, Timer{Seq: r.int(0), Due: r.int(1), Kind: r.text(2), A: r.text(3), B: r.text(4)})
	}, until, skip, sqlLimit(limit))
	return all, err
}

// NextDue is when the earliest timer goes off, if there is one.
func (c *Conn) NextDue() (int64, bool, error) {
	r, ok, err := c.one("SELECT due FROM timer ORDER BY due LIMIT 1")
	if !ok {
		return 0, false, err
	}
	return r.int(0), true, nil
}

// CountDue is how many timers are due until then.
func (c *Conn) CountDue(until int64) (int, error) {
	r, _, err := c.one("SELECT count(*) FROM timer WHERE due <= ?", until)
	if err != nil {
		return 0, err
	}
	return int(r.int(0)), nil
}

// RemoveTimersOf is RemoveTimers for those with that B.
func (tx *Tx) RemoveTimersOf(kind, a, b string) (int, error) {
	n, err := tx.exec("DELETE FROM timer WHERE a = ? AND kind = ? AND b = ?", a, kind, b)
	return int(n), err
}

// OtherTimer is when the first of a kind that is for a goes off, beside the one with that Seq.
func (tx *Tx) OtherTimer(kind, a string, seq int64) (due int64, ok bool, err error) {
	r, ok, err := tx.one("SELECT due FROM timer WHERE a = ? AND kind = ? AND seq <> ? ORDER BY due, seq LIMIT 1", a, kind, seq)
	if !ok {
		return 0, false, err
	}
	return r.int(0), true, nil
}
