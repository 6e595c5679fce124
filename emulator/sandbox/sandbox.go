package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/sandgate/sandgate/emulator/clock"
	"github.com/sandgate/sandgate/emulator/store"
)

// Sandbox is one isolated world: its own data, clock, endpoints and deliveries.
type Sandbox struct {
	w     *World
	name  string
	clock atomic.Pointer[clock.Clock]

	gate  sync.RWMutex // read: somebody works on g; write: g is opened, swapped or closed
	g     *generation  // nil while closed
	epoch int64
	first int64   // earliest timer of a file that was just made, 0 = none
	found []int64 // epochs whose files an earlier process left
	gone  bool

	step      sync.Mutex   // one turn of the timer loop, advance or reset at a time
	crowded   atomic.Bool  // attempts are left for later: enough are in flight
	advancing atomic.Bool  // an advance is under way
	turns     atomic.Int64 // kicks not yet served
	used      atomic.Int64 // wall nanoseconds of the last use
	flights   flights
	claims    claims
	spins     spins // under step
	log       requestLog
}

// generation is one epoch's file. Requests hold the gate while they use it,
// so a reset waits for them and they never see half of one.
type generation struct {
	db     *store.DB
	epoch  int64
	who    identities
	manner atomic.Pointer[Manner] // what was chosen for the sandbox; nil = not read yet
}

const metaClock = "clock"

func newSandbox(w *World, name string) *Sandbox {
	s := &Sandbox{w: w, name: name}
	s.clock.Store(clock.New(w.o.Wall, w.o.Mode, w.o.Start))
	s.used.Store(w.o.Wall.Now().UnixNano())
	s.flights.init()
	return s
}

// time is the sandbox's clock. A rewind replaces it.
func (s *Sandbox) time() *clock.Clock { return s.clock.Load() }

// Name is the sandbox's name.
func (s *Sandbox) Name() string { return s.name }

// pin opens the sandbox if need be and holds its generation until unpin.
func (s *Sandbox) pin() (*generation, error) {
	s.used.Store(s.w.o.Wall.Now().UnixNano())
	for {
		s.gate.RLock()
		if s.g != nil {
			return s.g, nil
		}
		s.gate.RUnlock()
		s.gate.Lock()
		err := s.load()
		s.gate.Unlock()
		if err != nil {
			return nil, err
		}
		s.w.makeRoom(s)
	}
}

func (s *Sandbox) unpin() { s.gate.RUnlock() }

// errRemoved is the end of a sandbox that somebody still holds.
var errRemoved = fmt.Errorf("it was removed: %w", ErrNotFound)

// load opens the newest complete file, or makes the first. The gate is held
// for writing.
func (s *Sandbox) load() error {
	if s.g != nil {
		return nil
	}
	if s.gone {
		return fmt.Errorf("sandbox %q: %w", s.name, errRemoved)
	}
	g, err := s.openNewest()
	if err != nil {
		return fmt.Errorf("sandbox %s: %w", s.name, err)
	}
	s.g, s.epoch = g, g.epoch
	s.w.mu.Lock()
	s.w.open[s] = true
	s.w.mu.Unlock()
	return nil
}

func (s *Sandbox) openNewest() (*generation, error) {
	epochs := s.files()
	for i, epoch := range slices.Backward(epochs) {
		db, err := store.Open(s.file(epoch), s.storeOptions())
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case errors.Is(err, store.ErrNotReady): // a reset that was cut off before its commit
			if err := store.Remove(s.file(epoch)); err != nil {
				return nil, err
			}
			continue
		case err != nil:
			return nil, err
		}
		for _, old := range epochs[:i] {
			err = errors.Join(err, store.Remove(s.file(old)))
		}
		if s.epoch == 0 { // reopened in this process: all is here
			err = errors.Join(err, s.restore(db))
		}
		if err != nil {
			return nil, errors.Join(err, db.Close())
		}
		return &generation{db: db, epoch: epoch}, nil
	}
	epoch := s.epoch + 1
	db, err := store.Create(s.file(epoch), s.storeOptions(), func(tx *store.Tx) error { return s.populate(tx, nil) })
	if err != nil {
		return nil, err
	}
	s.begin()
	return &generation{db: db, epoch: epoch}, nil
}

// restore takes up what an earlier process left in a file.
func (s *Sandbox) restore(db *store.DB) error {
	err := db.View(func(c *store.Conn) error {
		text, ok, err := c.Meta(metaClock)
		if err != nil || !ok {
			return err
		}
		state, err := decodeClock(text)
		if err == nil {
			state.Mode = s.w.o.Mode
			s.clock.Store(clock.Restore(s.w.o.Wall, state))
		}
		return err
	})
	if err != nil {
		return err
	}
	return db.Write(context.Background(), s.reschedule)
}

func (s *Sandbox) storeOptions() store.Options {
	o := store.Options{Keys: s.w.o.Keys, Sandbox: s.name, Sealed: s.w.sealed()}
	if s.w.o.Temporary { // the folder goes at exit; only a power cut could tell the difference
		o.Sync = store.Off
	}
	for _, p := range s.w.o.Providers {
		o.Indexes = append(o.Indexes, p.Indexes()...)
	}
	return o
}

func (s *Sandbox) file(epoch int64) string {
	return filepath.Join(s.w.o.Dir, s.name+"."+strconv.FormatInt(epoch, 10)+".db")
}

// nameOf reads the name of a sandbox's file.
func nameOf(file string) (name string, epoch int64, ok bool) {
	stem, ok := strings.CutSuffix(file, ".db")
	name, digits, cut := strings.Cut(stem, ".")
	epoch, err := strconv.ParseInt(digits, 10, 64)
	return name, epoch, ok && cut && err == nil && epoch > 0 && sandboxName.MatchString(name)
}

// files lists the epochs that there are files of, oldest first.
func (s *Sandbox) files() []int64 {
	if s.epoch != 0 {
		return []int64{s.epoch}
	}
	return s.found
}

// erase deletes the files of a closed sandbox. The gate is held for writing.
func (s *Sandbox) erase() (err error) {
	for _, epoch := range s.files() {
		err = errors.Join(err, store.Remove(s.file(epoch)))
	}
	s.found = nil
	return err
}

// committed is called after an act's transaction is durable.
func (s *Sandbox) committed(a *act) {
	if a.forget {
		a.g.who.clear()
	}
	if a.due != 0 {
		s.wake(a.due)
	}
}

// past reports whether an epoch is over: by a reset, or with the sandbox.
func (s *Sandbox) past(epoch int64) bool {
	s.gate.RLock()
	defer s.gate.RUnlock()
	return s.gone || s.epoch != epoch
}

// rest closes an idle sandbox. One in use, in flight or in a step stays.
func (s *Sandbox) rest() bool {
	if !s.step.TryLock() {
		return false
	}
	defer s.step.Unlock()
	if s.flights.count() > 0 || !s.gate.TryLock() {
		return false
	}
	defer s.gate.Unlock()
	if s.closeLocked() != nil {
		return false
	}
	s.log.forget() // ten thousand closed ones cost little more than their names
	return true
}

// shut closes for good.
func (s *Sandbox) shut() error {
	s.gate.Lock()
	defer s.gate.Unlock()
	s.gone = true
	if s.g == nil {
		return nil
	}
	return s.closeLocked()
}

var errNotOpen = errors.New("not open")

func (s *Sandbox) closeLocked() error {
	if s.g == nil {
		return errNotOpen
	}
	err := s.g.db.Close()
	s.g = nil
	s.w.mu.Lock()
	delete(s.w.open, s)
	s.w.mu.Unlock()
	return err
}
