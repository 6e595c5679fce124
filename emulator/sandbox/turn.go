package sandbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
)

// Fired is one timer that ran.
type Fired struct {
	Due  time.Time `json:"due"`
	Kind string    `json:"kind"` // move, attempt, reset, callback
	ID   string    `json:"id"`   // the resource or delivery
	What string    `json:"what,omitempty"`
}

// batchSize bounds one transaction of the timer loop, so that requests get
// their turn between.
const batchSize = 256

// batch is what one transaction of the loop did and what it left to do.
type batch struct {
	fired    []Fired
	skipped  []Fired
	attempts []store.Timer
	reset    *store.Timer
	added    int64 // due of a timer that a skipped reset put in its place
	done     bool  // nothing else is due
	behind   bool  // but resends of what was just handed out
}

// wake arranges for what is due at a sandbox instant (unix ms).
func (s *Sandbox) wake(due int64) {
	wait, ever := s.time().Until(time.UnixMilli(due).UTC())
	switch {
	case !ever:
	case wait <= 0:
		s.kick()
	default:
		s.w.alarm.set(s, s.w.o.Wall.Now().Add(wait))
	}
}

// kick lets the loop take a turn soon. Many kicks make one turn.
func (s *Sandbox) kick() {
	if s.w.ctx.Err() == nil && s.turns.Add(1) == 1 {
		s.w.start(s.run)
	}
}

func (s *Sandbox) run() {
	for {
		n := s.turns.Load()
		if s.w.ctx.Err() == nil {
			if err := s.turn(); err != nil && s.w.ctx.Err() == nil {
				s.again("timer loop", err)
			}
		}
		if s.turns.CompareAndSwap(n, 0) {
			s.w.makeRoom(nil) // many that woke together may have found no one idle to close
			return
		}
	}
}

// again logs an error of the store and takes another turn in a second: it must
// not end the loop. A file that is gone, or that is not ours to read, stays so.
func (s *Sandbox) again(what string, err error, about ...any) {
	if errors.Is(err, errRemoved) {
		return
	}
	s.w.o.Log.Error(what, append([]any{"sandbox", s.name, "error", err}, about...)...)
	if !errors.Is(err, store.ErrVersion) && !errors.Is(err, store.ErrSealed) {
		s.w.alarm.set(s, s.w.o.Wall.Now().Add(time.Second))
	}
}

// turn runs everything that is due now and asks to be woken for the rest.
// Attempts are sent beside the loop; each records itself.
func (s *Sandbox) turn() error {
	s.step.Lock()
	defer s.step.Unlock()
	s.w.loops <- struct{}{} // else a thousand that are due at once open a thousand files
	defer func() { <-s.w.loops }()
	var until time.Time
	for {
		if err := s.w.ctx.Err(); err != nil {
			return err // a stop does not wait for all that is due
		}
		until = s.time().Now()
		b, epoch, err := s.runOnce(until, rules{resets: true})
		if err != nil {
			return err
		}
		if err := s.launch(b.attempts, epoch); err != nil {
			return err
		}
		if b.reset != nil {
			if err := s.reset(s.w.ctx, false); err != nil {
				return err
			}
		}
		if b.done && !b.behind {
			break
		}
	}
	return s.armNext(until)
}

// armNext asks for the next turn: what is due after an instant up to which
// everything was run. The clock may be past it by now.
func (s *Sandbox) armNext(done time.Time) error {
	g, err := s.pin()
	if err != nil {
		return err
	}
	defer s.unpin()
	return g.db.View(func(c *store.Conn) error {
		due, ok, err := c.NextDueAfter(done.UnixMilli())
		if err == nil && ok {
			s.wake(due)
		}
		return err
	})
}

// rules say how a run of the loop treats time and resets.
type rules struct {
	step   bool // move the clock to each instant; stop at attempts to send them there
	resets bool // due resets happen; else they are skipped and listed
}

// runOnce takes what is due, earliest first, in one transaction. Moves run
// there, each at its own instant; attempts and resets are handed back.
func (s *Sandbox) runOnce(until time.Time, r rules) (b batch, epoch int64, err error) {
	g, err := s.pin()
	if err != nil {
		return b, 0, err
	}
	defer s.unpin()
	var last *act
	var due int64
	var forget bool
	err = g.db.Write(context.WithoutCancel(s.w.ctx), func(tx *store.Tx) error {
		b, due, forget = batch{}, 0, false
		q := &queue{s: s, tx: tx, epoch: g.epoch, until: until.UnixMilli()}
		if !r.step && s.flights.count() >= maxFlights {
			q.skip = timerAttempt
			s.crowded.Store(true)
		}
		for len(b.fired)+len(b.skipped) < batchSize && len(b.attempts) < batchSize && b.reset == nil {
			t, ok, err := q.next()
			if err != nil {
				return err
			}
			if !ok {
				b.done, b.behind = true, q.behind
				break
			}
			if len(b.attempts) > 0 && r.step && (t.Kind != timerAttempt || t.Due != b.attempts[0].Due) {
				break
			}
			if r.step {
				s.time().MoveTo(time.UnixMilli(t.Due).UTC())
			}
			if t.Kind == timerAttempt {
				b.attempts = append(b.attempts, t)
				continue
			}
			a, err := s.fire(g, tx, t, r, &b)
			if err != nil {
				return err
			}
			if t.Kind == timerReset {
				q.renew() // the next reset may be due as well
			}
			if a == nil {
				q.added(b.added)
				b.added = 0
				continue
			}
			last = a
			if a.due != 0 && (due == 0 || a.due < due) {
				due = a.due
			}
			forget = forget || a.forget
			q.added(a.due)
		}
		if r.step {
			return s.keepClock(tx)
		}
		return nil
	})
	if err == nil && last != nil {
		last.due, last.forget = due, forget
		s.committed(last)
	}
	return b, g.epoch, err
}

// queue reads due timers in order, a page at a time, leaving out what is
// being sent already.
type queue struct {
	s     *Sandbox
	tx    *store.Tx
	epoch int64
	until int64
	page  []store.Timer
	whole bool           // the page held everything that is due
	skip  string         // a kind that is left for later
	given map[int64]bool // attempts handed out, or passed over: their rows stay until recorded

	sent   map[string]bool // deliveries of these
	behind bool            // one of them has a resend waiting
}

const pageOfTimers = 64

// take hands an attempt out, once, and one of a delivery at a time.
func (q *queue) take(t store.Timer) bool {
	if q.given == nil {
		q.given, q.sent = map[int64]bool{}, map[string]bool{}
	}
	if q.given[t.Seq] {
		return false
	}
	q.given[t.Seq] = true
	if q.s.flights.has(flight{q.epoch, t.A}, t.Seq) {
		return false
	}
	again := q.sent[t.A]
	q.behind, q.sent[t.A] = q.behind || again, true
	return !again
}

func (q *queue) next() (store.Timer, bool, error) {
	for {
		for len(q.page) > 0 {
			t := q.page[0]
			q.page = q.page[1:]
			if t.Kind != timerAttempt {
				return t, true, nil
			}
			if q.take(t) {
				return t, true, nil
			}
		}
		if q.whole {
			return store.Timer{}, false, nil
		}
		limit := pageOfTimers + len(q.given) + q.s.flights.count()
		page, err := q.tx.NextTimers(q.until, limit, q.skip)
		if err != nil {
			return store.Timer{}, false, err
		}
		q.page, q.whole = page, len(page) < limit
	}
}

// added drops the page when a timer was added that belongs before its end.
func (q *queue) added(due int64) {
	if due != 0 && due <= q.until && (q.whole || len(q.page) == 0 || due < q.page[len(q.page)-1].Due) {
		q.renew()
	}
}

// renew has the next timer read from the file again.
func (q *queue) renew() { q.page, q.whole = nil, false }

// maxSpins bounds how often one object makes one move at one instant. Catching
// up may need many; moves that lead back to each other have no end.
const maxSpins = 10_000

// spins counts the moves of the instant that the loop is at.
type spins struct {
	at   int64
	made map[string]int
}

func (n *spins) exceeded(t store.Timer) bool {
	if n.made == nil {
		n.made = map[string]int{}
	}
	if n.at != t.Due {
		n.at = t.Due
		clear(n.made)
	}
	move := t.A + " " + t.B
	n.made[move]++
	return n.made[move] > maxSpins
}

// fire runs a move, or notes a reset. A move that fails is logged and
// dropped: one bad rule must not stop every other timer.
func (s *Sandbox) fire(g *generation, tx *store.Tx, t store.Timer, r rules, b *batch) (*act, error) {
	if there, err := tx.RemoveTimer(t.Seq); err != nil || !there {
		return nil, err // what ran before it took it away
	}
	at := time.UnixMilli(t.Due).UTC()
	if t.Kind == timerReset {
		if r.resets {
			b.reset = &t
			b.fired = append(b.fired, Fired{Due: at, Kind: timerReset, ID: s.name})
			return nil, nil
		}
		b.skipped = append(b.skipped, Fired{Due: at, Kind: timerReset, ID: s.name})
		next, err := s.addReset(tx, at)
		b.added = next
		return nil, err
	}
	if t.Kind == timerCallback {
		return s.fireCallback(g, tx, t, b)
	}
	provider, rest, _ := strings.Cut(t.A, "/")
	kind, id, _ := strings.Cut(rest, "/")
	b.fired = append(b.fired, Fired{Due: at, Kind: timerMove, ID: id, What: kind + " " + t.B})
	if s.spins.exceeded(t) {
		s.w.o.Log.Error("move", "sandbox", s.name, "kind", kind, "id", id, "move", t.B, "error", fmt.Sprintf("made %d times at one instant: it never lets time go on", maxSpins))
		return nil, nil
	}
	var a *act
	err := tx.Nested(func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v", p) // undone like any other failure
			}
		}()
		a, err = s.fireMove(g, tx, provider, kind, id, t.B, at)
		return err
	})
	if err != nil {
		s.w.o.Log.Error("move", "sandbox", s.name, "kind", kind, "id", id, "move", t.B, "error", err)
		return nil, nil
	}
	return a, nil
}

func (s *Sandbox) fireMove(g *generation, tx *store.Tx, provider, short, id, name string, at time.Time) (*act, error) {
	p := s.w.providers[provider]
	if p == nil {
		return nil, nil // its provider is not being served now
	}
	kind, err := p.Kind(short)
	if err != nil {
		return nil, err
	}
	m := kind.moves[name]
	if m == nil {
		return nil, fmt.Errorf("%s has no move %q", short, name)
	}
	a := s.newAct(g, p, tx.Conn, tx, at)
	a.by = doer{who: byClock, operation: "timer " + name}
	o, err := a.get(kind, id)
	if err != nil || o == nil {
		return a, err
	}
	a.owner = o.row.Owner
	if !m.fits(o.row.Status) {
		return a, nil
	}
	ok, err := a.wants(o, m)
	if err != nil || !ok {
		return a, err
	}
	return a, a.makeMove(o, m)
}

// Pause holds the timer loop until resume is called: a load test can pile up
// work and then time how it is worked off.
func (s *Sandbox) Pause() (resume func()) {
	s.step.Lock()
	return s.step.Unlock
}

// Raw runs f on the sandbox's file, past every rule. It is for tests that
// need volume.
func (s *Sandbox) Raw(f func(*store.Tx) error) error {
	g, err := s.pin()
	if err != nil {
		return err
	}
	defer s.unpin()
	return g.db.Write(s.w.ctx, f)
}
