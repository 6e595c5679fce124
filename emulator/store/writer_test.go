package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
)

// together queues the jobs while the writer is held up, so that they share one transaction.
func together(t *testing.T, db *DB, jobs ...func(*Tx) error) []error {
	t.Helper()
	inside, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { _ = db.Write(context.Background(), func(*Tx) error { close(inside); <-release; return nil }) })
	<-inside
	errs := make([]error, len(jobs))
	for i, fn := range jobs {
		wg.Go(func() { errs[i] = db.Write(context.Background(), fn) })
		for len(db.writer.queue) != i+1 { // one after the other: the order is part of the test
			runtime.Gosched()
		}
	}
	close(release)
	wg.Wait()
	return errs
}

func TestGroupIsolation(t *testing.T) {
	db := fresh(t, Options{})
	boom := errors.New("boom")
	put := func(id string, after func(tx *Tx) error) func(*Tx) error {
		return func(tx *Tx) error {
			if err := tx.InsertResource(noise("ramp", id, "ana")); err != nil {
				return err
			}
			if n, err := tx.CountResources(Query{Kind: "ramp"}); err != nil || n < 1 {
				t.Errorf("%s does not see itself: %d, %v", id, n, err)
			}
			if after != nil {
				return after(tx)
			}
			return nil
		}
	}
	seqs := map[int64]bool{}
	errs := together(t, db,
		put("a", nil),
		put("b", func(*Tx) error { return boom }),
		put("c", func(*Tx) error { panic("oh") }),
		put("a", nil), // exists already
		put("d", func(tx *Tx) error {
			if err := tx.InsertResource(noise("ramp", "d", "ana")); !errors.Is(err, ErrExists) {
				t.Errorf("a duplicate inside: %v", err)
			}
			seqs[tx.NextSeq()] = true
			return nil // a duplicate that is handled harms nobody
		}),
		put("b", nil), // free again
		func(tx *Tx) error { return tx.RemoveResource("ramp", "a", instant) },
		func(tx *Tx) error { return errors.Join(tx.RemoveResource("ramp", "d", instant), boom) },
	)
	for i, want := range []error{nil, boom, nil, ErrExists, nil, nil, nil, boom} {
		if i == 2 {
			var p *Panic
			if !errors.As(errs[i], &p) || p.Value != "oh" || len(p.Stack) == 0 {
				t.Errorf("job 2: %v", errs[i])
			}
		} else if !errors.Is(errs[i], want) {
			t.Errorf("job %d: %v", i, errs[i])
		}
	}
	view(t, db, func(c *Conn) error {
		rows, err := c.Resources(Query{Kind: "ramp", Oldest: true})
		if got := fmt.Sprint(ids(rows)); got != "[d b]" {
			t.Errorf("rows %s", got)
		}
		return err
	})
	for _, q := range []Query{{Kind: "ramp"}, {Kind: "ramp", Owner: "ana"}} {
		if n := count(t, db, q); n != 2 {
			t.Errorf("tally %+v = %d", q, n)
		}
	}
	write(t, db, func(tx *Tx) error {
		if n := tx.NextSeq(); seqs[n] {
			t.Errorf("%d was handed out twice", n)
		}
		return nil
	})
	intact(t, db)
}

func TestFirstOfGroupFails(t *testing.T) {
	db := fresh(t, Options{})
	boom := errors.New("boom")
	fail := func(tx *Tx) error { return errors.Join(tx.InsertResource(noise("ramp", "x", "")), boom) }
	err1 := db.Write(context.Background(), fail)
	errs := together(t, db, fail, func(tx *Tx) error { return tx.InsertResource(noise("ramp", "x", "")) })
	if !errors.Is(err1, boom) || !errors.Is(errs[0], boom) || errs[1] != nil {
		t.Errorf("%v, %v", err1, errs)
	}
	if n := count(t, db, Query{Kind: "ramp"}); n != 1 {
		t.Errorf("%d rows", n)
	}
}

func TestCancelledBeforeStart(t *testing.T) {
	db := fresh(t, Options{})
	ctx, cancel := context.WithCancel(context.Background())
	inside, release, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		done <- db.Write(ctx, func(tx *Tx) error { // cancelled while it runs: it counts
			close(inside)
			<-release
			return tx.InsertResource(noise("ramp", "a", ""))
		})
	}()
	<-inside
	go func() {
		done <- db.Write(ctx, func(*Tx) error { t.Error("ran after its caller went away"); return nil })
	}()
	for len(db.writer.queue) == 0 {
		runtime.Gosched()
	}
	cancel()
	close(release)
	a, b := <-done, <-done
	if a != nil {
		a, b = b, a
	}
	if a != nil || !errors.Is(b, context.Canceled) {
		t.Errorf("%v, %v", a, b)
	}
	if n := count(t, db, Query{Kind: "ramp"}); n != 1 {
		t.Errorf("%d rows", n)
	}
}

func TestCommitFails(t *testing.T) {
	db := fresh(t, Options{})
	seq := db.Seq()
	// A deferred foreign key is the one thing that SQLite refuses only at COMMIT.
	write(t, db, func(tx *Tx) error {
		return tx.script("CREATE TABLE a (x INTEGER PRIMARY KEY); CREATE TABLE b (x REFERENCES a DEFERRABLE INITIALLY DEFERRED)")
	})
	db.writer.between(func() {
		if err := db.writer.conn.script("PRAGMA foreign_keys = ON"); err != nil {
			t.Error(err)
		}
	})
	boom := errors.New("boom")
	errs := together(t, db,
		func(tx *Tx) error { return tx.InsertResource(noise("ramp", "a", "")) },
		func(tx *Tx) error { return tx.script("INSERT INTO b VALUES (1)") },
		func(*Tx) error { return boom },
		func(tx *Tx) error { return tx.InsertEndpoint(Endpoint{ID: "e", Provider: "p", Active: true}) },
	)
	for i, err := range errs {
		if err == nil || errors.Is(err, boom) != (i == 2) {
			t.Errorf("job %d: %v", i, err)
		}
	}
	if n := count(t, db, Query{Kind: "ramp"}); n != 0 {
		t.Errorf("tally %d", n)
	}
	write(t, db, func(tx *Tx) error {
		if all, err := tx.EndpointsFor("", "p"); len(all) != 0 || err != nil {
			t.Errorf("%v, %v", all, err)
		}
		if tx.NextSeq() <= seq+1 {
			t.Error("a number was handed out twice")
		}
		return tx.InsertResource(noise("ramp", "a", ""))
	})
}

func TestDiskFull(t *testing.T) {
	db := fresh(t, Options{})
	write(t, db, func(tx *Tx) error { return tx.InsertResource(noise("ramp", "a", "")) })
	limit := func(n int) {
		write(t, db, func(*Tx) error { return nil })
		db.writer.between(func() {
			if _, _, err := db.writer.conn.one(fmt.Sprintf("PRAGMA max_page_count = %d", n)); err != nil {
				t.Error(err)
			}
		})
	}
	limit(1) // SQLite takes this as "not one page more"
	big := noise("ramp", "big", "")
	big.Body = []byte(`{"x":"` + fmt.Sprintf("%0100000d", 0) + `"}`)
	errs := together(t, db,
		func(tx *Tx) error { return tx.InsertResource(noise("ramp", "b", "")) },
		func(tx *Tx) error {
			_ = tx.InsertResource(big) // a function that does not look cannot pass for a success
			return nil
		},
	)
	if !errors.Is(errs[1], ErrFull) {
		t.Errorf("%v", errs[1])
	}
	want := 2
	if errs[0] != nil { // SQLite gave the whole transaction up
		want = 1
	}
	if n := count(t, db, Query{Kind: "ramp"}); n != want {
		t.Errorf("%d rows, want %d", n, want)
	}
	limit(1 << 30)
	write(t, db, func(tx *Tx) error { return tx.InsertResource(big) })
	if n := count(t, db, Query{Kind: "ramp"}); n != want+1 {
		t.Errorf("%d rows after recovery", n)
	}
	intact(t, db)
}

func TestGoexit(t *testing.T) {
	db := fresh(t, Options{})
	if err := db.Write(context.Background(), func(*Tx) error { runtime.Goexit(); return nil }); err == nil {
		t.Error("no error")
	}
	write(t, db, func(tx *Tx) error { return tx.SetMeta("a", "b") })
}

func TestConcurrentWriters(t *testing.T) {
	db := fresh(t, Options{MaxReaders: 2})
	const clients, each = 16, 40
	boom := errors.New("boom")
	var wg sync.WaitGroup
	for w := range clients {
		wg.Go(func() {
			owner := fmt.Sprint("owner-", w%4)
			for i := range each {
				id := fmt.Sprint(w, "-", i)
				err := db.Write(context.Background(), func(tx *Tx) error {
					if err := tx.InsertResource(noise("ramp", id, owner)); err != nil {
						return err
					}
					if i%5 == 4 {
						return boom
					}
					return nil
				})
				if (i%5 == 4) != errors.Is(err, boom) || err != nil && !errors.Is(err, boom) {
					t.Error(id, err)
				}
				err = db.View(func(c *Conn) error {
					_, ok, err := c.Resource("ramp", id)
					if ok != (i%5 != 4) {
						t.Errorf("%s: stored %v", id, ok)
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for _, q := range []Query{{Kind: "ramp"}, {Kind: "ramp", Owner: "owner-1"}} {
		want := clients * each * 4 / 5
		if q.Owner != "" {
			want /= 4
		}
		rows := q
		rows.After = -1 // an extra condition: counts rows instead of asking the tally
		if a, b := count(t, db, q), count(t, db, rows); a != want || b != want {
			t.Errorf("%+v: tally %d, rows %d, want %d", q, a, b, want)
		}
	}
	if n := db.readers.opened; n > 2 {
		t.Errorf("%d readers", n)
	}
	intact(t, db)
}

func TestCloseFinishesWhatIsQueued(t *testing.T) {
	db := fresh(t, Options{})
	inside, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { _ = db.Write(context.Background(), func(*Tx) error { close(inside); <-release; return nil }) })
	<-inside
	var err error
	wg.Go(func() {
		err = db.Write(context.Background(), func(tx *Tx) error { return tx.SetMeta("a", "b") })
	})
	for len(db.writer.queue) == 0 {
		runtime.Gosched()
	}
	wg.Go(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	close(release)
	wg.Wait()
	if err != nil {
		t.Error(err)
	}
	if err := db.Write(context.Background(), func(*Tx) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	db, err = Open(db.Path(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	view(t, db, func(c *Conn) error {
		if v, _, _ := c.Meta("a"); v != "b" {
			t.Errorf("meta %q", v)
		}
		return nil
	})
}
