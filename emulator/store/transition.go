package store

import "errors"

// Transition is one line of a resource's status history.
type Transition struct {
	Seq  int64  `json:"seq"`
	Kind string `json:"kind"`
	ID   string `json:"id"`
	Move string `json:"move"`
	From string `json:"from"`
	To   string `json:"to"`
	Why  string `json:"why"`
	At   int64  `json:"at"`
}

// InsertTransition adds a line to the history of a resource that is live, or that this write removed, and sets its Seq.
func (tx *Tx) InsertTransition(t *Transition) error {
	resource, ok := tx.recall('r', t.Kind, t.ID)
	if !ok {
		var err error
		if resource, _, err = tx.live(t.Kind, t.ID); err != nil {
			return err
		}
	}
	seq := tx.NextSeq()
	_, err := tx.exec("INSERT INTO transition (resource, seq, move, source, target, why, at) VALUES (?,?,?,?,?,?,?)",
		resource, seq, t.Move, t.From, t.To, t.Why, t.At)
	if err == nil {
		t.Seq = seq
	}
	return err
}

// Transitions is the history of a resource, oldest first. One that was removed keeps its history until
// another of the same id takes its place.
func (c *Conn) Transitions(kind, id string) ([]Transition, error) {
	resource, _, err := c.live(kind, id)
	if errors.Is(err, ErrMissing) {
		r, ok, e := c.one("SELECT seq FROM resource INDEXED BY resource_removed WHERE id = ? AND kind = ? AND deleted > 0 ORDER BY seq DESC LIMIT 1", id, kind)
		if !ok {
			return nil, e
		}
		resource, err = r.int(0), nil
	}
	if err != nil {
		return nil, err
	}
	var all []Transition
	err = c.each("SELECT seq, move, source, target, why, at FROM transition WHERE resource = ? ORDER BY seq", func(r row) {
		all = append(all, Transition{
			Seq: r.int(0), Kind: kind, ID: id, Move: r.text(1), From: r.text(2), To: r.text(3), Why: r.text(4), At: r.int(5),
		})
	}, resource)
	return all, err
}
