package sandbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/sandgate/sandgate/emulator/clock"
	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/emulator/webhook"
	"github.com/sandgate/sandgate/openapi"
)

// DefaultName is the sandbox of a credential that names none.
const DefaultName = "default"

// Delivery states.
const (
	DeliveryPending   = "pending"
	DeliverySucceeded = "succeeded"
	DeliveryFailed    = "failed"
)

// Errors that a caller of the engine may want to tell apart.
var (
	ErrBusy     = errors.New("an advance is already under way in this sandbox")
	ErrTooMany  = errors.New("too many sandboxes; raise --max-sandboxes or remove some")
	ErrBadName  = errors.New("a sandbox name is 1 to 63 of a-z, 0-9 and -, beginning with a letter or digit")
	ErrNotFound = errors.New("not found")
	ErrClosed   = errors.New("the emulator is closing")
	ErrBackward = errors.New("the clock only moves forward")
)

var sandboxName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// Options is what a World needs. Zero values of the limits mean the defaults.
type Options struct {
	Dir           string // where the files are; made and locked by the caller
	Temporary     bool   // untouched sandboxes go after a day
	Providers     []*Provider
	Seed          uint64
	Mode          clock.Mode
	Start         time.Time
	Wall          clock.Wall
	ResetCron     *clock.Cron
	SignatureTime string // "wall" (default) or "sandbox"
	Sender        *webhook.Sender
	Keys          *store.Keys // seal the secrets in the files; nil = they stand there as they are
	Workers       int         // deliveries in flight, over all sandboxes
	MaxSandboxes  int
	MaxOpen       int
	Strict        bool
	StrictKeys    bool                                           // only issued keys and tokens work
	Manner        Manner                                         // how webhooks arrive, unless a sandbox chooses
	Insecure      bool                                           // an endpoint may ask for its certificate not to be checked
	Cards         func(provider, number string) (outcome string) // "" = not a listed test card
	// Moved is told of every move that was made, before it is committed. It is for tests that count them.
	Moved func(provider, kind, move string)
	// PlayCard says what a presented test card does, nil = it is not listed.
	PlayCard func(provider string, presented map[string]any, now time.Time) (map[string]any, error)
	Log      *slog.Logger

	RealCard    func(number string) bool // that may be somebody's
	NoTestCards bool                     // listed test cards are refused, as in production

	UnknownIDs string // create = an id that was never made is answered with a generated object of that id
}

func (o *Options) fill() {
	set := func(n *int, v int) {
		if *n == 0 {
			*n = v
		}
	}
	set(&o.Workers, 64)
	set(&o.MaxSandboxes, 10_000)
	set(&o.MaxOpen, 256)
	if o.Wall == nil {
		o.Wall = clock.System
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

// World holds all sandboxes of a process. Closed ones cost a name, a clock
// and the next due instant.
type World struct {
	o         Options
	providers map[string]*Provider
	ctx       context.Context // of the loop: ends first
	cancel    context.CancelFunc
	sends     context.Context // of sends under way: they may finish
	cut       context.CancelFunc
	work      sync.WaitGroup
	slots     chan struct{} // one per delivery in flight
	loops     chan struct{} // one per timer loop at work
	alarm     *alarm

	mu        sync.Mutex
	sandboxes map[string]*Sandbox
	open      map[*Sandbox]bool // those whose file is open
	closing   bool
}

// NewWorld makes a world and knows the sandboxes whose files are in its
// folder. Nothing is opened before it is used or due.
func NewWorld(o Options) (*World, error) {
	o.fill()
	ctx, cancel := context.WithCancel(context.Background())
	sends, cut := context.WithCancel(context.Background())
	w := &World{
		o: o, providers: map[string]*Provider{}, ctx: ctx, cancel: cancel, sends: sends, cut: cut,
		slots: make(chan struct{}, o.Workers), loops: make(chan struct{}, o.MaxOpen), sandboxes: map[string]*Sandbox{}, open: map[*Sandbox]bool{},
	}
	for _, p := range o.Providers {
		w.providers[p.Name()] = p
	}
	w.work.Go(func() { // the first sandbox is asked for soon, and this machine may have a core to spare
		for _, p := range o.Providers {
			if p.Scenario.Checked {
				p.prepare(ctx)
			}
		}
	})
	w.alarm = newAlarm(o.Wall)
	w.work.Go(func() { w.alarm.run(ctx) })
	if err := w.find(); err != nil {
		return nil, errors.Join(err, w.Close(ctx))
	}
	for _, s := range w.sandboxes {
		s.kick() // what fell due while nobody was running
	}
	return w, nil
}

// find gets to know the sandboxes whose files are in the folder.
func (w *World) find() error {
	files, err := os.ReadDir(w.o.Dir)
	if err != nil {
		return err
	}
	for _, file := range files {
		name, epoch, ok := nameOf(file.Name())
		if !ok {
			continue
		}
		s, err := w.Sandbox(name)
		if err != nil {
			return err
		}
		s.found = append(s.found, epoch)
		slices.Sort(s.found)
	}
	return nil
}

// Sandbox finds or makes a sandbox. Its file is opened on first use.
func (w *World) Sandbox(name string) (*Sandbox, error) {
	if name == "" {
		name = DefaultName
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if s := w.sandboxes[name]; s != nil {
		return s, nil
	}
	switch {
	case w.closing:
		return nil, ErrClosed
	case !sandboxName.MatchString(name), openapi.MaskCards(name) != name: // files are called after it
		return nil, fmt.Errorf("%w: %q", ErrBadName, openapi.Mask(name))
	case len(w.sandboxes) >= w.o.MaxSandboxes && !w.forgetOne():
		return nil, ErrTooMany
	}
	s := newSandbox(w, name)
	w.sandboxes[name] = s
	return s, nil
}

// untouched is how long a temporary sandbox is kept when room is needed.
const untouched = 24 * time.Hour

// forgetOne makes room for a sandbox by removing a temporary one that nobody
// touched for a day. The lock is held.
func (w *World) forgetOne() bool {
	if !w.o.Temporary {
		return false
	}
	before := w.o.Wall.Now().Add(-untouched).UnixNano()
	for name, s := range w.sandboxes {
		if s.used.Load() > before || s.flights.count() > 0 || !s.gate.TryLock() {
			continue
		}
		if s.g != nil {
			s.g.db.Discard()
			delete(w.open, s)
		}
		s.erase()
		s.g, s.gone = nil, true
		s.gate.Unlock()
		delete(w.sandboxes, name)
		w.alarm.drop(s)
		return true
	}
	return false
}

// Names lists the known sandboxes.
func (w *World) Names() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	names := make([]string, 0, len(w.sandboxes))
	for name := range w.sandboxes {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Has reports whether a sandbox is known, without making it.
func (w *World) Has(name string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sandboxes[name] != nil
}

// Invents reports that ids which were never made are answered all the same.
func (w *World) Invents() bool { return w.o.UnknownIDs == "create" }

// Providers lists what is served, in the order given.
func (w *World) Providers() []*Provider { return w.o.Providers }

// Open says how many sandboxes have their file open.
func (w *World) Open() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.open)
}

// Remove deletes a sandbox and its file.
func (w *World) Remove(name string) error {
	w.mu.Lock()
	s := w.sandboxes[name]
	w.mu.Unlock()
	if s == nil {
		return fmt.Errorf("sandbox %q: %w", name, ErrNotFound)
	}
	s.step.Lock()
	defer s.step.Unlock()
	s.gate.Lock()
	defer s.gate.Unlock()
	if s.gone {
		return fmt.Errorf("sandbox %q: %w", name, ErrNotFound)
	}
	var err error
	if s.g != nil {
		err = s.g.db.Discard()
	} else {
		err = s.erase()
	}
	s.g, s.gone = nil, true
	w.mu.Lock()
	delete(w.sandboxes, name)
	delete(w.open, s)
	w.mu.Unlock()
	w.alarm.drop(s)
	return err
}

// start runs f beside the caller. Close waits for it, and nothing starts once
// it began to wait.
func (w *World) start(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closing {
		w.work.Go(f)
	}
}

// enter counts a caller's own work among what a stop waits for; leave ends it.
func (w *World) enter() (leave func(), err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closing {
		return nil, ErrClosed
	}
	w.work.Add(1)
	return w.work.Done, nil
}

// Close stops the loop, waits for what is in flight and closes every file.
func (w *World) Close(ctx context.Context) error {
	w.mu.Lock()
	w.closing = true
	all := make([]*Sandbox, 0, len(w.sandboxes))
	for _, s := range w.sandboxes {
		all = append(all, s)
	}
	w.mu.Unlock()
	w.cancel()
	done := make(chan struct{})
	go func() { w.work.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
		w.cut() // a send that is cut off is not an attempt
		<-done
	}
	w.cut()
	var errs []error
	for _, s := range all {
		errs = append(errs, s.shut())
	}
	return errors.Join(errs...)
}

// makeRoom closes the least recently used idle sandboxes while too many are
// open, but not the one that is wanted: others may have been used after it was
// asked for. It is called without any sandbox's gate held.
func (w *World) makeRoom(wanted *Sandbox) {
	w.mu.Lock()
	over := len(w.open) - w.o.MaxOpen
	var idle []*Sandbox
	if over > 0 {
		idle = slices.Collect(maps.Keys(w.open))
	}
	w.mu.Unlock()
	slices.SortFunc(idle, func(a, b *Sandbox) int { return cmp.Compare(a.used.Load(), b.used.Load()) })
	for _, s := range idle {
		if over <= 0 {
			return
		}
		if s != wanted && s.rest() {
			over--
		}
	}
}
