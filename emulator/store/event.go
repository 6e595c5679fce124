package store

import (
	"encoding/json"
	"fmt"
)

// Event is one fact about a resource.
type Event struct {
	Seq      int64           `json:"seq"`
	ID       string          `json:"id"`
	Provider string          `json:"provider"`
	Owner    string          `json:"owner"`
	Family   string          `json:"family"`
	Action   string          `json:"action"`
	Kind     string          `json:"kind"`
	Resource string          `json:"resource"`
	Data     json.RawMessage `json:"data"`               // JSON as it was at that moment
	Previous json.RawMessage `json:"previous,omitempty"` // what changed, as it was before
	Created  int64           `json:"created"`
}

// EventFilter narrows Events. Empty fields do not.
type EventFilter struct {
	Provider, Owner, Family, Action, Kind, Resource string
	Since                                           int64 // created then or later
	Before                                          int64 // cursor: Seq smaller than this
	Limit                                           int   // 0 = all
}

const eventColumns = "+e.seq AS a, +e.id AS b, +e.provider AS c, +e.owner AS d, +e.family AS e, +e.action AS f, +e.kind AS g, +e.resource AS h, +e.data AS i, +e.previous AS j, +e.created AS k"

const eventWidth = 11 // columns of the above

func scanEvent(r row) Event {
	return Event{
		Seq: r.int(0), ID: r.text(1), Provider: r.text(2), Owner: r.text(3), Family: r.text(4), Action: r.text(5),
		Kind: r.text(6), Resource: r.text(7), Data: r.json(8), Previous: r.json(9), Created: r.int(10),
	}
}

// Event finds one by its public id.
func (c *Conn) Event(id string) (Event, bool, error) {
	r, ok, err := c.one("SELECT "+eventColumns+" FROM event e WHERE e.id = ?", id)
	if !ok {
		return Event{}, false, err
	}
	return scanEvent(r), true, nil
}

// Events lists the newest first.
func (c *Conn) Events(f EventFilter) ([]Event, error) {
	q := newSelect(eventColumns, "event e")
	q.is("e.provider", f.Provider)
	q.is("e.owner", f.Owner)
	q.is("e.family", f.Family)
	q.is("e.action", f.Action)
	q.is("e.kind", f.Kind)
	q.is("e.resource", f.Resource)
	if f.Since != 0 {
		q.and("e.created >= ?", f.Since)
	}
	if f.Before != 0 {
		q.and("e.seq < ?", f.Before)
	}
	q.page("e.seq DESC", f.Limit, 0)
	var all []Event
	err := c.run(q, func(r row) { all = append(all, scanEvent(r)) })
	return all, err
}

// InsertEvent stores a fact and sets its Seq.
func (tx *Tx) InsertEvent(e *Event) error {
	seq := tx.NextSeq()
	_, err := tx.exec("INSERT INTO event (seq, id, provider, owner, family, action, kind, resource, data, previous, created) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
		seq, e.ID, e.Provider, e.Owner, e.Family, e.Action, e.Kind, e.Resource, asText(e.Data), asText(e.Previous), e.Created)
	if err != nil {
		if duplicate(err) {
			return fmt.Errorf("%w: event %s", ErrExists, e.ID)
		}
		return err
	}
	e.Seq = seq
	tx.deltas = append(tx.deltas, delta{belonging{TableEvent, ""}, 0}) // counts may change
	tx.remember('e', "", e.ID, seq)
	return nil
}

// eventSeq finds the row number of an event, usually one that this write made.
func (tx *Tx) eventSeq(id string) (int64, error) {
	if seq, ok := tx.recall('e', "", id); ok {
		return seq, nil
	}
	r, ok, err := tx.one("SELECT seq FROM event WHERE id = ?", id)
	if err != nil {
		return 0, err
	}
	if !ok {
		return 0, fmt.Errorf("%w: event %s", ErrMissing, id)
	}
	return r.int(0), nil
}
