package store

import (
	"context"
	"errors"
	goflag "flag"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

type place struct{ kind, id string }

// world is what the store should hold: live rows in the order of creation.
type world struct {
	order []place
	live  map[place]Resource
}

func (w world) copy() world {
	c := world{order: slices.Clone(w.order), live: map[place]Resource{}}
	for k, v := range w.live {
		c.live[k] = v
	}
	return c
}

func (w *world) put(r Resource) {
	p := place{r.Kind, r.ID}
	if _, ok := w.live[p]; !ok {
		w.order = append(w.order, p)
	}
	w.live[p] = r
}

func (w *world) remove(p place) {
	delete(w.live, p)
	w.order = slices.DeleteFunc(w.order, func(q place) bool { return q == p })
}

// matching lists the ids that a query should find, newest first.
func (w world) matching(kind, owner, status string) (found []string) {
	for _, p := range slices.Backward(w.order) {
		if r := w.live[p]; p.kind == kind && (owner == "" || r.Owner == owner) && (status == "" || r.Status == status) {
			found = append(found, p.id)
		}
	}
	return found
}

// TestModel runs random writes, some of which fail, and reopens, against a map.
func TestModel(t *testing.T) {
	dir, n := t.TempDir(), 0
	boom := errors.New("boom")
	if raced {
		if err := goflag.Set("rapid.checks", "8"); err != nil {
			t.Fatal(err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n++
		db, err := Create(filepath.Join(dir, fmt.Sprint(n, ".db")), Options{Sync: Off, MaxReaders: 1, Indexes: []Index{{"k1", "status"}}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { db.Discard() }()
		now := world{live: map[place]Resource{}}
		kinds, owners := rapid.SampledFrom([]string{"k1", "k2"}), rapid.SampledFrom([]string{"", "ana", "bob"})
		statuses, names := rapid.SampledFrom([]string{"A", "B"}), rapid.SampledFrom([]string{"1", "2", "3", "4"})

		step := func(t *rapid.T, tx *Tx, w *world) {
			r := Resource{Kind: kinds.Draw(t, "kind"), ID: names.Draw(t, "id"), Owner: owners.Draw(t, "owner"), Status: statuses.Draw(t, "status")}
			p := place{r.Kind, r.ID}
			old, there := w.live[p]
			var err, want error
			switch rapid.SampledFrom([]string{"insert", "update", "remove"}).Draw(t, "what") {
			case "insert":
				if err = tx.InsertResource(&r); there {
					want = ErrExists
				} else {
					w.put(r)
				}
			case "update":
				if rapid.Bool().Draw(t, "by number") {
					r.Seq = old.Seq
				}
				if err = tx.UpdateResource(&r); there {
					w.put(r)
				} else {
					want = ErrMissing
				}
			case "remove":
				if err = tx.RemoveResource(r.Kind, r.ID, instant); there {
					w.remove(p)
				} else {
					want = ErrMissing
				}
			}
			if !errors.Is(err, want) {
				t.Fatalf("%+v: %v, want %v", r, err, want)
			}
		}
		compare := func(t *rapid.T, c *Conn, w world) {
			for _, kind := range []string{"k1", "k2"} {
				for _, owner := range []string{"", "ana", "bob"} {
					for _, status := range []string{"", "A"} {
						q := Query{Kind: kind, Owner: owner}
						if status != "" {
							q.Where = []Cond{{"status", "=", status}}
						}
						rows, err := c.Resources(q)
						total, err2 := c.CountResources(q)
						want := w.matching(kind, owner, status)
						if err != nil || err2 != nil || !slices.Equal(ids(rows), append([]string{}, want...)) || total != len(want) {
							t.Fatalf("%+v: rows %v, total %d, want %v (%v, %v)", q, ids(rows), total, want, err, err2)
						}
					}
				}
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"write": func(t *rapid.T) {
				next, fails := now.copy(), rapid.SampledFrom([]error{nil, nil, boom}).Draw(t, "fails")
				err := db.Write(context.Background(), func(tx *Tx) error {
					for range rapid.IntRange(1, 4).Draw(t, "steps") {
						step(t, tx, &next)
					}
					compare(t, tx.Conn, next)
					return fails
				})
				if !errors.Is(err, fails) {
					t.Fatal(err)
				}
				if err == nil {
					now = next
				}
			},
			"reopen": func(t *rapid.T) {
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
				var err error
				if db, err = Open(db.Path(), Options{Sync: Off, MaxReaders: 1}); err != nil {
					t.Fatal(err)
				}
			},
			"": func(t *rapid.T) {
				if err := db.View(func(c *Conn) error { compare(t, c, now); return nil }); err != nil {
					t.Fatal(err)
				}
			},
		})
	})
}
