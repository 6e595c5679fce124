package store

import (
	"context"
	"path/filepath"
	"testing"
)

const instant = int64(1767225600000) // 2026-01-01T00:00:00Z

func fresh(t *testing.T, o Options) *DB {
	t.Helper()
	db, err := Create(filepath.Join(t.TempDir(), "sandbox.db"), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func write(t *testing.T, db *DB, fn func(*Tx) error) {
	t.Helper()
	if err := db.Write(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func view(t *testing.T, db *DB, fn func(*Conn) error) {
	t.Helper()
	if err := db.View(fn); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, db *DB, q Query) (n int) {
	t.Helper()
	view(t, db, func(c *Conn) (err error) {
		n, err = c.CountResources(q)
		return err
	})
	return n
}

func ids(rows []Resource) []string {
	all := []string{}
	for _, r := range rows {
		all = append(all, r.ID)
	}
	return all
}

// intact asks SQLite whether the file is sound.
func intact(t *testing.T, db *DB) {
	t.Helper()
	view(t, db, func(c *Conn) error {
		r, _, err := c.one("PRAGMA integrity_check")
		if err == nil && r.text(0) != "ok" {
			t.Errorf("integrity_check: %s", r.text(0))
		}
		return err
	})
}

func noise(kind, id, owner string) *Resource {
	return &Resource{Kind: kind, ID: id, Owner: owner, Status: "NEW", Body: []byte(`{"id":"` + id + `"}`), Created: instant, Updated: instant}
}
