package sandbox

import (
	"errors"
	"fmt"
	"os"
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
	gone  bool

	step      sync.Mutex   // one turn of the timer loop, advance or reset at a time
	advancing atomic.Bool  // an advance is under way
	turns     atomic.Int64 // kicks not yet served
	used      atomic.Int64 // wall nanoseconds of the last use
	flights   flights
	log       requestLog
}

// generation is one epoch's file. Requests hold the gate while they use it,
// so a reset waits for them and they never see half of one.
type generation struct {
	db    *store.DB
	epoch int64
	who   identities
}

const metaClock = "clock"

func newSandbox(w *World, name string) *Sandbox {
	s := &Sandbox{w: w, name: name}
	s.clock.Store(clock.New(w.o.Wall, w.o.Mode, w.o.Start))
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
		s.w.makeRoom()
	}
}

func (s *Sandbox) unpin() { s.gate.RUnlock() }

// load opens the newest complete file, or makes the first. The gate is held
// for writing.
func (s *Sandbox) load() error {
	if s.g != nil {
		return nil
	}
	if s.gone {
		return fmt.Errorf("sandbox %q was removed: %w", s.name, ErrNotFound)
	}
	g, err := s.openNewest()
	if err != nil {
		return fmt.Errorf("sandbox %s: %w", s.name, err)
	}
	s.g, s.epoch = g, g.epoch
	s.w.mu.Lock()
	s.w.open++
	s.w.mu.Unlock()
	return nil
}

func (s *Sandbox) openNewest() (*generation, error) {
	epochs, err := s.epochs()
	if err != nil {
		return nil, err
	}
	for i, epoch := range slices.Backward(epochs) {
		db, err := store.Open(s.file(epoch), s.storeOptions())
		if errors.Is(err, store.ErrNotReady) {
			removeDB(s.file(epoch)) // a reset that was cut off before its commit
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, old := range epochs[:i] {
			removeDB(s.file(old))
		}
		return &generation{db: db, epoch: epoch}, s.restoreClock(db)
	}
	db, err := store.Create(s.file(1), s.storeOptions(), func(tx *store.Tx) error { return s.populate(tx, nil) })
	if err != nil {
		return nil, err
	}
	return &generation{db: db, epoch: 1}, nil
}

func (s *Sandbox) restoreClock(db *store.DB) error {
	return db.View(func(c *store.Conn) error {
		text, ok, err := c.Meta(metaClock)
		if err != nil || !ok || s.epoch != 0 { // reopened in this process: the clock is here
			return err
		}
		state, err := decodeClock(text)
		if err == nil {
			state.Mode = s.w.o.Mode
			s.clock.Store(clock.Restore(s.w.o.Wall, state))
		}
		return err
	})
}

func (s *Sandbox) storeOptions() store.Options {
	o := store.Options{}
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

func (s *Sandbox) epochs() ([]int64, error) {
	files, err := filepath.Glob(filepath.Join(s.w.o.Dir, s.name+".*.db"))
	if err != nil {
		return nil, err
	}
	var out []int64
	for _, f := range files {
		n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimPrefix(filepath.Base(f), s.name+"."), ".db"), 10, 64)
		if err == nil {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out, nil
}

func removeDB(path string) {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		os.Remove(path + suffix)
	}
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
	return s.closeLocked() == nil
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
	s.w.open--
	s.w.mu.Unlock()
	return err
}
