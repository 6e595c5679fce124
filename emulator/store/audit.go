package store

import "database/sql/driver"

// Audit is one change of a stored object. Rows are never changed or removed.
type Audit struct {
	Seq                                                              int64 // 0 = the next one
	At                                                               int64
	Who, Owner, Provider, Operation, Kind, Resource, Action, Request string
	Before, After                                                    []byte // JSON objects; nil = none
}

// AuditFilter narrows Audit. Empty fields do not.
type AuditFilter struct {
	Provider, Kind, Resource, Who, Operation, Action string
	Since                                            int64 // at that time or later
	Before                                           int64 // cursor: Seq smaller than this
	Limit                                            int   // 0 = all
}

// Audit lists the newest first.
func (c *Conn) Audit(f AuditFilter) ([]Audit, error) {
	q := newSelect("+seq AS a, +at AS b, +who AS c, +owner AS d, +provider AS e, +operation AS f, +kind AS g, +resource AS h, +action AS i, +before AS j, +after AS k, +request AS l", "audit")
	q.is("provider", f.Provider)
	q.is("kind", f.Kind)
	q.is("resource", f.Resource)
	q.is("who", f.Who)
	q.is("operation", f.Operation)
	q.is("action", f.Action)
	if f.Since != 0 {
		q.and("at >= ?", f.Since)
	}
	if f.Before != 0 {
		q.and("seq < ?", f.Before)
	}
	q.page("seq DESC", f.Limit, 0)
	var all []Audit
	err := c.run(q, func(r row) {
		all = append(all, Audit{
			Seq: r.int(0), At: r.int(1), Who: r.text(2), Owner: r.text(3), Provider: r.text(4), Operation: r.text(5),
			Kind: r.text(6), Resource: r.text(7), Action: r.text(8), Before: r.json(9), After: r.json(10), Request: r.text(11),
		})
	})
	return all, err
}

// AuditRange is the numbers of the first and the last row, 0 when there is none.
func (c *Conn) AuditRange() (first, last int64, err error) {
	r, ok, err := c.one("SELECT coalesce((SELECT min(seq) FROM audit), 0), coalesce((SELECT max(seq) FROM audit), 0)")
	if !ok {
		return 0, 0, err
	}
	return r.int(0), r.int(1), nil
}

// InsertAudit adds a row.
func (tx *Tx) InsertAudit(a *Audit) error {
	var seq driver.Value // SQLite takes the next number
	if a.Seq != 0 {
		seq = a.Seq
	}
	_, err := tx.exec("INSERT INTO audit (seq, at, who, owner, provider, operation, kind, resource, action, before, after, request) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
		seq, a.At, a.Who, a.Owner, a.Provider, a.Operation, a.Kind, a.Resource, a.Action, asText(a.Before), asText(a.After), a.Request)
	return err
}
