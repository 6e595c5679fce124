package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// metaKey names the key under which the file's secrets are sealed.
const metaKey = "sealed with"

// sealedColumns are the columns that hold one record each, and how SQL names their row. What a scenario hides is beside them.
var sealedColumns = []struct{ table, row, column, affinity string }{
	{"endpoint", "id", "secret", "TEXT"},
	{"endpoint", "id", "previous", "TEXT"},
	{"reply", "provider || char(10) || owner || char(10) || key || char(10) || operation", "body", "BLOB"},
}

// checkSeal refuses a file whose secrets cannot be opened, and seals them anew where an older key did. The writer calls it before anybody else.
func (db *DB) checkSeal(w *writer) error {
	id, sealed, err := w.conn.Meta(metaKey)
	switch v := db.vault; {
	case err != nil:
		return err
	case v == nil && sealed:
		return fmt.Errorf("%w: it is sealed with key %q, and no key was given", ErrSealed, id)
	case v == nil:
		return nil
	case !sealed:
		return fmt.Errorf("%w: the file was made without a key; start from an empty folder", ErrSealed)
	case id == v.keys[0].id:
	case !v.knows(id):
		return fmt.Errorf("%w: %s", ErrSealed, v.foreign(id))
	default:
		if err := w.begin(); err != nil {
			return err
		}
		if err := w.tx.reseal(); err != nil {
			w.rollback()
			return err
		}
		if err := w.commit(); err != nil {
			return err
		}
	}
	_, err = w.conn.allEndpoints() // one that was changed shows itself now, and not at the next event
	return err
}

func (v *vault) knows(id string) bool {
	for _, key := range v.keys {
		if key.id == id {
			return true
		}
	}
	return false
}

// reseal opens every secret and seals it with the key of today.
func (tx *Tx) reseal() error {
	for _, s := range sealedColumns {
		type found struct {
			row    string
			record []byte
			where  any
		}
		var all []found
		sql := "SELECT rowid, " + s.row + ", CAST(" + s.column + " AS BLOB) FROM " + s.table + " WHERE " + s.column + " IS NOT NULL"
		err := tx.each(sql, func(r row) { all = append(all, found{r.text(1), bytes.Clone(r.blob(2)), r[0]}) })
		if err != nil {
			return err
		}
		for _, f := range all {
			p := spot{s.table, f.row, s.column}
			plain, err := tx.db.vault.open(p, f.record)
			if err != nil {
				return err
			}
			if _, err := tx.exec("UPDATE "+s.table+" SET "+s.column+" = CAST(? AS "+s.affinity+") WHERE rowid = ?", tx.db.vault.seal(p, plain), f.where); err != nil {
				return err
			}
		}
	}
	if err := tx.resealHidden(); err != nil {
		return err
	}
	return tx.SetMeta(metaKey, tx.db.vault.keys[0].id)
}

// resealHidden does it for hidden parts, of removed rows and of providers that are not served today too: what opens there is a record.
func (tx *Tx) resealHidden() error {
	var all []Resource
	err := tx.each(`SELECT seq, kind, id, hidden FROM resource WHERE instr(hidden, '"v1.') > 0`, func(r row) {
		all = append(all, Resource{Seq: r.int(0), Kind: r.text(1), ID: r.text(2), Hidden: r.json(3)})
	})
	if err != nil {
		return err
	}
	v := tx.db.vault
	for i := range all {
		r := &all[i]
		names, listed := tx.db.options.Sealed[r.Kind]
		hidden, err := tx.hiddenOf(r, names, func(p spot, record string) ([]byte, error) {
			plain, err := v.open(p, []byte(record))
			if err != nil && !listed {
				return []byte(record), nil // it only looks like one
			}
			return v.seal(p, plain), err
		})
		if err != nil {
			return err
		}
		if _, err := tx.exec("UPDATE resource SET hidden = ? WHERE seq = ?", asText(hidden), r.Seq); err != nil {
			return err
		}
	}
	return nil
}

// openSecrets opens the secrets of an endpoint that was read.
func (c *Conn) openSecrets(e *Endpoint, previous string) error {
	plain, err := c.db.vault.open(spot{"endpoint", e.ID, "secret"}, []byte(e.Secret))
	if e.Secret = string(plain); err != nil || previous == "" {
		return err
	}
	plain, err = c.db.vault.open(spot{"endpoint", e.ID, "previous"}, []byte(previous))
	e.Previous = readSecrets(string(plain))
	return err
}

// sealPrevious seals the secrets that still sign beside the newest.
func (c *Conn) sealPrevious(e *Endpoint) any {
	if len(e.Previous) == 0 {
		return nil
	}
	return string(c.db.vault.seal(spot{"endpoint", e.ID, "previous"}, []byte(writeSecrets(e.Previous))))
}

func (c *Conn) sealSecret(e *Endpoint) string {
	return string(c.db.vault.seal(spot{"endpoint", e.ID, "secret"}, []byte(e.Secret)))
}

func (r *Reply) spot() spot {
	return spot{"reply", r.Provider + "\n" + r.Owner + "\n" + r.Key + "\n" + r.Operation, "body"}
}

// openReply opens the body of a remembered reply: it may be the only one that ever shows a new key.
func (c *Conn) openReply(r *Reply) (err error) {
	if len(r.Body) > 0 {
		r.Body, err = c.db.vault.open(r.spot(), r.Body)
	}
	return err
}

func (c *Conn) sealReply(r *Reply) []byte {
	if len(r.Body) == 0 {
		return nil
	}
	return c.db.vault.seal(r.spot(), r.Body)
}

// veil is a row's hidden part with its secrets sealed.
func (c *Conn) veil(r *Resource) ([]byte, error) {
	names := c.db.options.Sealed[r.Kind]
	if c.db.vault == nil || len(names) == 0 {
		return r.Hidden, nil
	}
	return c.hiddenOf(r, names, func(p spot, plain string) ([]byte, error) { return c.db.vault.seal(p, []byte(plain)), nil })
}

// unveil opens the secrets in a row's hidden part.
func (c *Conn) unveil(r *Resource) (err error) {
	names := c.db.options.Sealed[r.Kind]
	if c.db.vault == nil || len(names) == 0 {
		return nil
	}
	r.Hidden, err = c.hiddenOf(r, names, func(p spot, record string) ([]byte, error) { return c.db.vault.open(p, []byte(record)) })
	return err
}

// hiddenOf replaces the strings of those names in a hidden part; without names, all of them.
func (c *Conn) hiddenOf(r *Resource, names []string, replace func(spot, string) ([]byte, error)) ([]byte, error) {
	if len(r.Hidden) == 0 {
		return r.Hidden, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(r.Hidden, &fields); err != nil {
		return nil, fmt.Errorf("store: the hidden part of %s %s: %w", r.Kind, r.ID, err)
	}
	if len(names) == 0 {
		names = slices.Sorted(maps.Keys(fields))
	}
	for _, name := range names {
		raw := fields[name]
		if len(raw) == 0 || raw[0] != '"' {
			continue // a secret is text; what is none was never one
		}
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return nil, errors.New("store: a hidden field is no text")
		}
		changed, err := replace(spot{r.Kind, r.ID, "hidden." + name}, text)
		if err != nil {
			return nil, err
		}
		if fields[name], err = plainJSON(string(changed)); err != nil {
			return nil, err
		}
	}
	return plainJSON(fields)
}

// plainJSON writes <, > and & as they are.
func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
