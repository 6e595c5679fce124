package store

import "fmt"

// Resource is one stored object. Times are milliseconds of sandbox time.
type Resource struct {
	Seq                             int64
	Kind, ID, Owner, Parent, Status string
	Body, Hidden                    []byte // JSON objects; nil = none
	Created, Updated                int64
	Deleted                         int64 // 0 = live
}

// The plus signs and short names keep the driver from copying names and declared types on every read.
const resourceColumns = "+seq AS a, +id AS b, +owner AS c, +parent AS d, +status AS e, +body AS f, +hidden AS g, +created AS h, +updated AS i"

func scanResource(r row, kind string) Resource {
	return Resource{
		Seq: r.int(0), Kind: kind, ID: r.text(1), Owner: r.text(2), Parent: r.text(3), Status: r.text(4),
		Body: r.json(5), Hidden: r.json(6), Created: r.int(7), Updated: r.int(8),
	}
}

// Body finds the owner and the body of a live one, for a reply that shows it as it is.
func (c *Conn) Body(kind, id string) (owner string, body []byte, ok bool, err error) {
	r, ok, err := c.one("SELECT +owner AS a, +body AS b FROM resource INDEXED BY resource_id WHERE id = ? AND kind = ? AND deleted = 0", id, kind)
	if !ok {
		return "", nil, false, err
	}
	return r.text(0), r.json(1), true, nil
}

// Resource finds a live one. The index is named because the partial ones that a scenario asks for would have
// SQLite prepare the statement anew for every kind that is bound to it.
func (c *Conn) Resource(kind, id string) (Resource, bool, error) {
	r, ok, err := c.one("SELECT "+resourceColumns+" FROM resource INDEXED BY resource_id WHERE id = ? AND kind = ? AND deleted = 0", id, kind)
	if !ok {
		return Resource{}, false, err
	}
	found := scanResource(r, kind)
	return found, true, c.unveil(&found)
}

// InsertResource stores a new one and sets its Seq. ErrExists: a live one of that kind has the id.
func (tx *Tx) InsertResource(r *Resource) error {
	hidden, err := tx.veil(r)
	if err != nil {
		return err
	}
	seq := tx.NextSeq()
	_, err = tx.exec("INSERT INTO resource (seq, kind, id, owner, parent, status, body, hidden, created, updated, deleted) VALUES (?,?,?,?,?,?,?,?,?,?,0)",
		seq, r.Kind, r.ID, r.Owner, r.Parent, r.Status, asText(r.Body), asText(hidden), r.Created, r.Updated)
	if err != nil {
		if duplicate(err) {
			return fmt.Errorf("%w: %s %s", ErrExists, r.Kind, r.ID)
		}
		return err
	}
	r.Seq, r.Deleted = seq, 0
	tx.deltas = append(tx.deltas, delta{belonging{r.Kind, r.Owner}, 1})
	tx.remember('r', r.Kind, r.ID, seq)
	return nil
}

// UpdateResource writes all fields of the live one with this kind and id, and sets Seq.
func (tx *Tx) UpdateResource(r *Resource) error {
	hidden, err := tx.veil(r)
	if err != nil {
		return err
	}
	if r.Seq != 0 {
		// The usual case leaves alone what indexes are made of.
		n, err := tx.exec(`UPDATE resource SET status = ?, body = ?, hidden = ?, updated = ?
			WHERE seq = ? AND id = ? AND +kind = ? AND owner = ? AND parent = ? AND created = ? AND deleted = 0`,
			r.Status, asText(r.Body), asText(hidden), r.Updated, r.Seq, r.ID, r.Kind, r.Owner, r.Parent, r.Created)
		if err != nil {
			return err
		}
		if n == 1 {
			tx.deltas = append(tx.deltas, delta{belonging{r.Kind, r.Owner}, 0}) // filtered counts may change
			tx.remember('r', r.Kind, r.ID, r.Seq)
			return nil
		}
	}
	seq, owner, err := tx.live(r.Kind, r.ID)
	if err != nil {
		return err
	}
	_, err = tx.exec("UPDATE resource SET owner = ?, parent = ?, status = ?, body = ?, hidden = ?, created = ?, updated = ? WHERE seq = ?",
		r.Owner, r.Parent, r.Status, asText(r.Body), asText(hidden), r.Created, r.Updated, seq)
	if err != nil {
		return err
	}
	r.Seq = seq
	tx.deltas = append(tx.deltas, delta{belonging{r.Kind, owner}, -1}, delta{belonging{r.Kind, r.Owner}, 1})
	tx.remember('r', r.Kind, r.ID, seq)
	return nil
}

// RemoveResource hides a live one from every read; its history stays.
func (tx *Tx) RemoveResource(kind, id string, at int64) error {
	seq, owner, err := tx.live(kind, id)
	if err != nil {
		return err
	}
	at = max(at, 1) // 0 would mean live
	if _, err := tx.exec("UPDATE resource SET deleted = ?, updated = ? WHERE seq = ?", at, at, seq); err != nil {
		return err
	}
	tx.deltas = append(tx.deltas, delta{belonging{kind, owner}, -1})
	tx.remember('r', kind, id, seq)
	return nil
}

// live finds the row number and the owner of a live resource.
func (c *Conn) live(kind, id string) (seq int64, owner string, err error) {
	r, ok, err := c.one("SELECT seq, owner FROM resource INDEXED BY resource_id WHERE id = ? AND kind = ? AND deleted = 0", id, kind)
	if err != nil {
		return 0, "", err
	}
	if !ok {
		return 0, "", fmt.Errorf("%w: %s %s", ErrMissing, kind, id)
	}
	return r.int(0), r.text(1), nil
}

// Removed tells whether there was one with this kind and id that is gone, and what the last such one hid.
func (c *Conn) Removed(kind, id string) (hidden []byte, ok bool, err error) {
	r, ok, err := c.one("SELECT hidden FROM resource INDEXED BY resource_removed WHERE id = ? AND kind = ? AND deleted > 0 ORDER BY seq DESC LIMIT 1", id, kind)
	if err != nil || !ok {
		return nil, false, err
	}
	return []byte(r.text(0)), true, nil
}

// Ever tells whether there was ever one of a kind, under a parent if one is named. It looks at each row: only who has
// found none that is live should ask.
func (c *Conn) Ever(kind, parent string) (bool, error) {
	_, ok, err := c.one("SELECT 1 FROM resource WHERE kind = ? AND (? = '' OR parent = ?) LIMIT 1", kind, parent, parent)
	return ok, err
}
