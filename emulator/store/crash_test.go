package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// snapshot copies the files as they stand, as a killed process would leave them. The log must not be
// worked off meanwhile: no process dies in the middle of a copy.
func snapshot(t *testing.T, db *DB) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy.db")
	for _, suffix := range []string{"", "-wal"} {
		from, err := os.Open(db.Path() + suffix)
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(to + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(f, from); err != nil {
			t.Fatal(err)
		}
		f.Close()
		from.Close()
	}
	return to
}

// TestCopyWhileWriting opens copies of the files that were taken in the middle of writing.
func TestCopyWhileWriting(t *testing.T) {
	db := fresh(t, Options{Checkpoint: 1 << 40})
	var acknowledged [4]atomic.Int64
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for w := range acknowledged {
		wg.Go(func() {
			for i := int64(1); ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				err := db.Write(t.Context(), func(tx *Tx) error {
					id := fmt.Sprint(w, "-", i)
					if err := tx.InsertResource(noise("ramp", id, "")); err != nil {
						return err
					}
					return tx.InsertEvent(&Event{ID: id, Kind: "ramp", Resource: id})
				})
				if err != nil {
					t.Error(err)
					return
				}
				acknowledged[w].Store(i)
			}
		})
	}
	rounds := 5
	if raced {
		rounds = 2
	}
	for range rounds {
		var before [len(acknowledged)]int64
		for w := range before {
			for before[w] == 0 {
				before[w] = acknowledged[w].Load()
			}
		}
		path := snapshot(t, db)
		copied, err := Open(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		intact(t, copied)
		view(t, copied, func(c *Conn) error {
			for w, n := range before {
				for i := int64(1); i <= n; i++ {
					id := fmt.Sprint(w, "-", i)
					_, ok, err := c.Resource("ramp", id)
					_, event, err2 := c.Event(id)
					if !ok || !event || err != nil || err2 != nil {
						t.Fatalf("acknowledged %s is gone: %v %v", id, err, err2)
					}
				}
			}
			torn, _, err := c.one("SELECT count(*) FROM resource r FULL JOIN event e ON e.id = r.id WHERE r.id IS NULL OR e.id IS NULL")
			if err == nil && torn.int(0) != 0 {
				t.Errorf("%d writes are there by half", torn.int(0))
			}
			last, _, err2 := c.one("SELECT max(seq) FROM event")
			if err2 == nil && copied.Seq() < last.int(0) {
				t.Errorf("the sequence stands at %d before row %d", copied.Seq(), last.int(0))
			}
			return err
		})
		if err := copied.Close(); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	wg.Wait()
}

// TestKilledProcess kills a process that writes, works its log off and tells what was acknowledged.
func TestKilledProcess(t *testing.T) {
	if path := os.Getenv("STORE_TEST_WRITE"); path != "" {
		writeUntilKilled(path)
	}
	path := filepath.Join(t.TempDir(), "killed.db")
	acknowledged := 0
	for range 4 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilledProcess$")
		cmd.Env = append(os.Environ(), "STORE_TEST_WRITE="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for more := 150; lines.Scan(); {
			n, err := strconv.Atoi(lines.Text())
			if err != nil {
				t.Fatalf("the writer says %q", lines.Text())
			}
			acknowledged = max(acknowledged, n)
			if more--; more == 0 {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait() // killed
		db, err := Open(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		intact(t, db)
		if n := count(t, db, Query{Kind: "ramp"}); n < acknowledged || acknowledged == 0 {
			t.Errorf("%d rows of %d", n, acknowledged)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// writeUntilKilled is the other process: it prints how many rows there are, each after its commit.
func writeUntilKilled(path string) {
	o := Options{Checkpoint: 64 << 10}
	db, err := Open(path, o)
	if errors.Is(err, fs.ErrNotExist) {
		db, err = Create(path, o, nil)
	}
	for n := 0; err == nil; {
		err = db.Write(context.Background(), func(tx *Tx) error {
			r := noise("ramp", fmt.Sprint(tx.NextSeq()), "")
			r.Body = []byte(fmt.Sprintf(`{"x":"%02000d"}`, 0))
			err := tx.InsertResource(r)
			if err == nil {
				n, err = tx.CountResources(Query{Kind: "ramp"})
			}
			return err
		})
		fmt.Println(n)
	}
	fmt.Println(err)
	os.Exit(1)
}

// settle waits until the writer is idle and no run is under way.
func settle(db *DB) {
	for range 2 { // a run beside the writer may leave the rest to the writer
		done := make(chan struct{})
		db.writer.between(func() { close(done) })
		<-done
		db.log.group.Wait()
	}
}

func logSize(t *testing.T, db *DB) int64 {
	t.Helper()
	f, err := os.Stat(db.Path() + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	return f.Size()
}

// TestLogIsWorkedOff writes many times the threshold: the log must not keep all of it, and goes when nobody writes.
func TestLogIsWorkedOff(t *testing.T) {
	const threshold = 256 << 10
	db := fresh(t, Options{Checkpoint: threshold})
	body := []byte(fmt.Sprintf(`{"x":"%0*d"}`, 20_000, 0))
	written, volume := 0, 60*threshold
	if raced {
		volume = 10 * threshold
	}
	for i := 0; written < volume; i++ {
		r := noise("ramp", fmt.Sprint(i), "")
		r.Body = body
		write(t, db, func(tx *Tx) error { return tx.InsertResource(r) })
		written += len(body)
		settle(db) // a run that is due is quick here; under load it takes its turn
		if size := logSize(t, db); size > 8*threshold {
			t.Fatalf("the log has %d bytes after %d", size, written)
		}
	}
	intact(t, db)
	write(t, db, func(tx *Tx) error { return tx.SetMeta("a", "b") })
	settle(db)
	db.log.run(db.writer)
	if size := logSize(t, db); size != 0 {
		t.Errorf("an idle log has %d bytes", size)
	}
}

// TestLogOfABusyWriter has the log worked off while others write.
func TestLogOfABusyWriter(t *testing.T) {
	const threshold = 64 << 10
	db := fresh(t, Options{Checkpoint: threshold})
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 100 {
				r := noise("ramp", fmt.Sprint(w, "-", i), "")
				r.Body = []byte(fmt.Sprintf(`{"x":"%0*d"}`, 16_000, 0))
				if err := db.Write(t.Context(), func(tx *Tx) error { return tx.InsertResource(r) }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	settle(db)
	t.Logf("the log ended at %d bytes", logSize(t, db)) // how far the background got is the scheduler's affair
	db.log.run(db.writer)
	if size := logSize(t, db); size != 0 {
		t.Errorf("an idle log has %d bytes", size)
	}
	intact(t, db)
}
