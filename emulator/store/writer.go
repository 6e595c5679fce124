package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"modernc.org/sqlite"
)

// maxGroup is how many writes share one commit.
const maxGroup = 64

// job is one Write. One with outside set runs between two transactions and has no Tx.
type job struct {
	ctx     context.Context
	fn      func(*Tx) error
	outside func()
	err     error
	done    chan struct{}
}

// writer owns the only connection that writes. Its goroutine takes jobs as they come, and what
// piled up meanwhile goes into the same transaction.
type writer struct {
	db    *DB
	conn  *Conn
	tx    *Tx
	queue chan *job
	ended chan struct{}
	drop  atomic.Bool // answer what is queued with ErrClosed
	jobs  sync.Pool

	group   []*job
	held    *job // an outside job that ended the group it stood in
	begun   bool // a transaction is open
	kept    int  // jobs of this group whose rows are in the transaction
	deltas  []delta
	touched bool  // the group changed endpoints
	saved   int64 // the sequence as the file has it
	drawn   int64 // and the draws
}

func newWriter(db *DB, c *Conn) *writer {
	w := &writer{db: db, conn: c, queue: make(chan *job, 4*maxGroup), ended: make(chan struct{})}
	w.jobs.New = func() any { return &job{done: make(chan struct{}, 1)} }
	w.tx = &Tx{Conn: c, w: w}
	c.tx = w.tx
	db.writer = w
	return w
}

func (w *writer) start() { go w.run() }

// Write runs fn on the writer's goroutine and returns after its rows are committed. An error or a
// panic of fn undoes what fn did and nothing else. fn must not call Write or Close.
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	w := db.writer
	j := w.jobs.Get().(*job)
	j.ctx, j.fn = ctx, fn
	err := w.send(ctx, j)
	if err == nil {
		<-j.done // also when ctx ends: fn may be running, and it uses the caller's variables
		err = j.err
	}
	j.ctx, j.fn, j.err = nil, nil, nil
	w.jobs.Put(j)
	return err
}

func (w *writer) send(ctx context.Context, j *job) error {
	w.db.gate.RLock()
	defer w.db.gate.RUnlock()
	if w.db.closed {
		return ErrClosed
	}
	select {
	case w.queue <- j:
		return nil
	default:
	}
	select {
	case w.queue <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// between has fn run on the writer's goroutine outside of a transaction, if there is room in the queue.
func (w *writer) between(fn func()) bool {
	w.db.gate.RLock()
	defer w.db.gate.RUnlock()
	if w.db.closed {
		return false
	}
	select {
	case w.queue <- &job{outside: fn}:
		return true
	default:
		return false
	}
}

func (w *writer) run() {
	finished := false
	defer func() {
		if finished {
			close(w.ended)
			return
		}
		// A function called runtime.Goexit, as a test's FailNow does: the goroutine is lost, the writer is not.
		w.abort(errors.New("store: a write ended its goroutine"))
		w.answer()
		go w.run()
	}()
	for j := range w.queue {
		for ; j != nil; j, w.held = w.held, nil {
			if j.outside != nil {
				j.outside()
				continue
			}
			w.work(j)
		}
	}
	if !w.drop.Load() && (w.db.seq.Load() != w.saved || w.db.draws.Load() != w.drawn) { // numbers of writes that failed
		if w.begin() == nil {
			_ = w.commit()
		}
	}
	finished = true
}

// work does one group: the given job and what is queued behind it.
func (w *writer) work(j *job) {
	for j != nil {
		w.group = append(w.group, j)
		if err := w.attempt(j); err != nil {
			w.abort(err)
			break
		}
		j = w.next()
	}
	if w.begun {
		if err := w.commit(); err != nil {
			w.abort(fmt.Errorf("store: commit: %w", explain(err)))
		}
	}
	w.answer()
	w.db.log.after(w)
}

func (w *writer) answer() {
	for i, j := range w.group {
		w.group[i] = nil
		j.done <- struct{}{}
	}
	w.group = w.group[:0]
}

func (w *writer) next() *job {
	if len(w.group) >= maxGroup {
		return nil
	}
	select {
	case j := <-w.queue:
		if j != nil && j.outside != nil {
			w.held, j = j, nil
		}
		return j
	default:
		return nil
	}
}

// attempt runs one job. Its own failure is left in the job; an error means that the whole group is lost.
func (w *writer) attempt(j *job) error {
	if w.drop.Load() {
		j.err = ErrClosed
		return nil
	}
	if j.err = j.ctx.Err(); j.err != nil {
		return nil
	}
	if !w.begun {
		if j.err = w.begin(); j.err != nil {
			return nil
		}
	}
	// The first job needs no savepoint: with nothing else in it, the transaction is one.
	nested := w.kept > 0
	if nested {
		if _, err := w.conn.exec("SAVEPOINT job"); err != nil {
			return err
		}
	}
	if j.err = w.call(j.fn); j.err == nil {
		if nested {
			if _, err := w.conn.exec("RELEASE job"); err != nil {
				return err
			}
		}
		w.merge()
		w.kept++
		return nil
	}
	if !nested {
		w.rollback()
		return nil
	}
	if _, err := w.conn.exec("ROLLBACK TO job"); err != nil {
		return j.err // SQLite ended the transaction, and with it what came before this job
	}
	_, err := w.conn.exec("RELEASE job")
	return err
}

// call runs fn. The transaction counts as lost when a statement failed in a way that may have
// ended it, whatever fn made of that.
func (w *writer) call(fn func(*Tx) error) (err error) {
	w.tx.fresh()
	defer func() {
		if p := recover(); p != nil {
			err = &Panic{Value: p, Stack: debug.Stack()}
		}
	}()
	if err = fn(w.tx); err == nil {
		err = w.conn.broken
	}
	return err
}

// merge takes over what the last job did to the counts and the endpoints.
func (w *writer) merge() {
	w.deltas = append(w.deltas, w.tx.deltas...)
	w.touched = w.touched || w.tx.touched
}

func (w *writer) begin() error {
	if _, err := w.conn.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	w.begun = true
	return nil
}

func (w *writer) commit() error {
	seq, draws := w.db.seq.Load(), w.db.draws.Load()
	if seq != w.saved || draws != w.drawn {
		if _, err := w.conn.exec("UPDATE state SET seq = ?, draws = ? WHERE id = 1", seq, draws); err != nil {
			return err
		}
	}
	if _, err := w.conn.exec("COMMIT"); err != nil {
		return err
	}
	w.saved, w.drawn = seq, draws
	w.db.tally.add(w.deltas)
	w.db.counts.touch(w.deltas)
	if w.touched {
		w.db.wanted.forget()
	}
	w.clear()
	return nil
}

func (w *writer) rollback() {
	_, _ = w.conn.exec("ROLLBACK") // fails when SQLite did it already, which is as good
	w.clear()
}

func (w *writer) clear() {
	w.begun, w.kept, w.touched = false, 0, false
	w.deltas = w.deltas[:0]
}

// abort undoes the group and gives err to every job of it that had none.
func (w *writer) abort(err error) {
	w.rollback()
	for _, j := range w.group {
		if j.err == nil {
			j.err = err
		}
	}
}

// frames is how many pages the connection wrote into the log since the last call.
func (w *writer) frames() int64 {
	s, ok := w.conn.raw.(sqlite.DBStatus)
	if !ok {
		return 0
	}
	n, _, err := s.Status(sqlite.DBStatusCacheWrite, true)
	if err != nil {
		return 0
	}
	return int64(n)
}

func (w *writer) close() error {
	if err := w.conn.close(); err != nil {
		return errors.Join(errors.New("store: close"), err)
	}
	return nil
}
