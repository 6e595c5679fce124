package store

import "fmt"

// Callback is what a service outside told a provider.
type Callback struct {
	Seq                   int64
	ID, Provider, Source  string
	Same                  []byte // hash of what tells a repeat; nil = it proved nothing
	Event, Type           string
	Header, Body          []byte
	Media, Status, Reason string
	Kind, Resource        string // what it was about
	Received, Runs        int
	Created, Processed    int64
}

// CallbackFilter narrows Callbacks. Empty fields do not.
type CallbackFilter struct {
	Provider, Source, Type, Status, Resource string
	Before                                   int64 // cursor: Seq smaller than this
	Limit                                    int   // 0 = all
}

const callbackColumns = "+seq AS a, +id AS b, +provider AS c, +source AS d, +same AS e, +event AS f, +type AS g, +header AS h, +body AS i, +media AS j, " +
	"+status AS k, +reason AS l, +kind AS m, +resource AS n, +received AS o, +runs AS p, +created AS q, +processed AS r"

func scanCallback(r row) Callback {
	return Callback{
		Seq: r.int(0), ID: r.text(1), Provider: r.text(2), Source: r.text(3), Same: r.blob(4), Event: r.text(5), Type: r.text(6),
		Header: r.blob(7), Body: r.blob(8), Media: r.text(9), Status: r.text(10), Reason: r.text(11), Kind: r.text(12), Resource: r.text(13),
		Received: int(r.int(14)), Runs: int(r.int(15)), Created: r.int(16), Processed: r.int(17),
	}
}

// Callback finds one by its id.
func (c *Conn) Callback(id string) (Callback, bool, error) {
	r, ok, err := c.one("SELECT "+callbackColumns+" FROM callback WHERE id = ?", id)
	if !ok {
		return Callback{}, false, err
	}
	return scanCallback(r), true, nil
}

// SameCallback finds the one that a source told before.
func (c *Conn) SameCallback(provider, source string, same []byte) (Callback, bool, error) {
	r, ok, err := c.one("SELECT "+callbackColumns+" FROM callback WHERE provider = ? AND source = ? AND same = ?", provider, source, asBlob(same))
	if !ok {
		return Callback{}, false, err
	}
	return scanCallback(r), true, nil
}

// Callbacks lists the newest first.
func (c *Conn) Callbacks(f CallbackFilter) ([]Callback, error) {
	q := newSelect(callbackColumns, "callback")
	q.is("provider", f.Provider)
	q.is("source", f.Source)
	q.is("type", f.Type)
	q.is("status", f.Status)
	q.is("resource", f.Resource)
	if f.Before != 0 {
		q.and("seq < ?", f.Before)
	}
	q.page("seq DESC", f.Limit, 0)
	var all []Callback
	err := c.run(q, func(r row) { all = append(all, scanCallback(r)) })
	return all, err
}

// InsertCallback stores a new one and sets its Seq. ErrExists: the source told it before.
func (tx *Tx) InsertCallback(b *Callback) error {
	seq := tx.NextSeq()
	_, err := tx.exec("INSERT INTO callback (seq, id, provider, source, same, event, type, header, body, media, status, reason, kind, resource, received, runs, created, processed) "+
		"VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
		seq, b.ID, b.Provider, b.Source, asBlob(b.Same), b.Event, b.Type, asBlob(b.Header), asBlob(b.Body), b.Media, b.Status, b.Reason, b.Kind, b.Resource,
		int64(b.Received), int64(b.Runs), b.Created, b.Processed)
	if duplicate(err) {
		return fmt.Errorf("%w: callback %s", ErrExists, b.ID)
	}
	b.Seq = seq
	return err
}

// CountCallback counts that one came again.
func (tx *Tx) CountCallback(seq int64) error {
	_, err := tx.exec("UPDATE callback SET received = received + 1 WHERE seq = ?", seq)
	return err
}

// FinishCallback writes what became of one.
func (tx *Tx) FinishCallback(b *Callback) error {
	_, err := tx.exec("UPDATE callback SET status = ?, reason = ?, kind = ?, resource = ?, runs = ?, processed = ? WHERE seq = ?",
		b.Status, b.Reason, b.Kind, b.Resource, int64(b.Runs), b.Processed, b.Seq)
	return err
}

// ForgetRejected keeps only the newest of those that proved nothing.
func (tx *Tx) ForgetRejected(keep int) error {
	_, err := tx.exec("DELETE FROM callback WHERE same IS NULL AND seq <= (SELECT seq FROM callback WHERE same IS NULL ORDER BY seq DESC LIMIT 1 OFFSET ?)", int64(keep))
	return err
}
