package store

import (
	"sync"
	"sync/atomic"
)

// checkpointer works the write-ahead log off into the file, beside the writer and not in its way.
type checkpointer struct {
	frames  int64 // pages logged since the last run; the writer's alone
	commits atomic.Int64
	running atomic.Bool
	group   sync.WaitGroup
	conn    *Conn // of the run under way, kept for the next
}

// after counts what a group logged and starts a run when it is time.
func (k *checkpointer) after(w *writer) {
	k.commits.Add(1)
	k.frames += w.frames()
	if k.frames*pageSize < w.db.options.Checkpoint || !k.running.CompareAndSwap(false, true) {
		return
	}
	k.frames = 0
	k.group.Go(func() {
		k.run(w)
		k.running.Store(false)
	})
}

// run never waits for a reader or the writer. What it cannot do now the next run does, so its
// errors need no listener: a disk that is full shows in the writes.
func (k *checkpointer) run(w *writer) {
	if k.conn == nil {
		c, err := w.db.connect(w.db.options.Sync.pragma(), "busy_timeout(0)")
		if err != nil {
			return
		}
		k.conn = c
	}
	before := k.commits.Load()
	logged, done, err := k.conn.checkpoint("PASSIVE")
	if err != nil {
		return
	}
	switch {
	case logged == done && k.commits.Load() == before:
		_, _, _ = k.conn.checkpoint("TRUNCATE") // nobody writes: give the disk back
	case logged*pageSize > 4*w.db.options.Checkpoint:
		// The log only starts over when all of it is worked off, and a busy writer keeps
		// adding: let it do the short rest itself.
		w.between(func() { _, _, _ = w.conn.checkpoint("PASSIVE") })
	}
}

func (k *checkpointer) close() error {
	k.group.Wait()
	if k.conn == nil {
		return nil
	}
	return k.conn.close()
}

// checkpoint tells how many pages the log has and how many of them are in the file now.
func (c *Conn) checkpoint(mode string) (logged, done int64, err error) {
	r, _, err := c.one("PRAGMA wal_checkpoint(" + mode + ")")
	if err != nil {
		return 0, 0, err
	}
	return r.int(1), r.int(2), nil
}
