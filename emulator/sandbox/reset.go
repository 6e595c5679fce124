package sandbox

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/sandgate/sandgate/emulator/clock"
	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/scenarios"
)

// Reset swaps in a fresh file under a new epoch. Requests that are under way
// finish on the old one first; results of old sends are dropped. Keys,
// tokens and endpoints survive; the clock and the id stream go on unless the
// sandbox is rewound.
func (s *Sandbox) Reset(_ context.Context, rewind bool) error {
	if s.advancing.Load() {
		return ErrBusy
	}
	s.step.Lock()
	defer s.step.Unlock()
	return s.swap(byControl, rewind)
}

// reset is one whose time has come, with the step held.
func (s *Sandbox) reset(_ context.Context, rewind bool) error { return s.swap(byClock, rewind) }

// swap does it, with the step held.
func (s *Sandbox) swap(by string, rewind bool) error {
	s.gate.Lock()
	defer s.gate.Unlock()
	err := s.load()
	if errors.Is(err, store.ErrVersion) { // nothing in there can survive: start from no file
		err = errors.Join(s.erase(), s.load())
		return err
	}
	if err != nil {
		return err
	}
	old := s.g
	keep, err := s.survivors(old.db)
	if err != nil {
		return err
	}
	keep.by, keep.rewind = by, rewind
	was := s.time()
	if rewind {
		s.clock.Store(clock.New(s.w.o.Wall, s.w.o.Mode, s.w.o.Start))
		keep.draws, keep.numbers = 0, nil
	}
	db, err := store.Create(s.file(old.epoch+1), s.storeOptions(), func(tx *store.Tx) error { return s.populate(tx, keep) })
	if err != nil {
		s.clock.Store(was)
		return err
	}
	s.g, s.epoch = &generation{db: db, epoch: old.epoch + 1}, old.epoch+1
	s.w.alarm.drop(s)
	s.begin()
	return old.db.Discard()
}

// forgetKeys is how long after its end a token is still known as expired, and
// not as one that never was.
const forgetKeys = 30 * 24 * time.Hour

// kept is what a reset carries over.
type kept struct {
	seq       int64
	draws     int64
	before    int64 // keys that expired earlier are let go
	keys      []store.Key
	endpoints []store.Endpoint
	resources []store.Resource

	by         string // whoever asked for the reset
	rewind     bool
	rows, last int64  // of the audit log: how many there were, and the number of the last
	manner     string // of webhooks, as it is stored; "" = not chosen
	numbers    map[string]string
}

func (s *Sandbox) survivors(db *store.DB) (*kept, error) {
	k := &kept{}
	return k, db.View(func(c *store.Conn) (err error) {
		k.seq, k.draws = c.Seq(), c.Draws()
		first, last, err := c.AuditRange()
		if err != nil {
			return err
		}
		if k.last = last; last > 0 {
			k.rows = last - first + 1
		}
		if k.manner, _, err = c.Meta(metaManner); err != nil {
			return err
		}
		if k.numbers, err = c.Metas(metaNumber); err != nil {
			return err
		}
		k.before = s.time().Now().Add(-forgetKeys).UnixMilli()
		if k.keys, err = c.Keys(); err != nil {
			return err
		}
		if k.endpoints, err = c.AllEndpoints(); err != nil {
			return err
		}
		for _, p := range s.w.o.Providers {
			for _, r := range p.surviving() {
				rows, err := c.Resources(store.Query{Kind: p.Name() + "/" + r.Kind, Oldest: true, Limit: 1 << 30})
				if err != nil {
					return err
				}
				k.resources = append(k.resources, rows...)
			}
		}
		return nil
	})
}

// populate fills a fresh file: what survived, the clock, the seed objects,
// the reset schedule.
func (s *Sandbox) populate(tx *store.Tx, keep *kept) error {
	if keep != nil {
		if err := carry(tx, keep); err != nil {
			return err
		}
		if err := auditKept(tx, s.time().Now().UnixMilli(), keep); err != nil {
			return err
		}
	}
	if err := errors.Join(s.keepClock(tx), s.keepCursors(tx)); err != nil {
		return err
	}
	for _, p := range s.w.o.Providers {
		if err := s.plant(tx, p); err != nil {
			return err
		}
	}
	if err := s.rearm(tx, keep); err != nil {
		return err
	}
	if _, err := s.addReset(tx, s.time().Now()); err != nil {
		return err
	}
	var err error
	s.first, _, err = tx.NextDue()
	return err
}

// begin arranges for the first timer of a file that was just made.
func (s *Sandbox) begin() {
	if s.first != 0 {
		s.wake(s.first)
	}
}

func carry(tx *store.Tx, keep *kept) error {
	tx.SetSeq(keep.seq)
	tx.SetDraws(keep.draws)
	if keep.manner != "" {
		if err := tx.SetMeta(metaManner, keep.manner); err != nil {
			return err
		}
	}
	for _, name := range sortedKeys(keep.numbers) {
		if err := tx.SetMeta(name, keep.numbers[name]); err != nil {
			return err
		}
	}
	for i := range keep.keys {
		if end := keep.keys[i].Expires; end != 0 && end < keep.before && keep.keys[i].Kind != keyAPI {
			continue // so long over that nobody will ask
		}
		if err := tx.InsertKey(keep.keys[i]); err != nil {
			return err
		}
	}
	for i := range keep.endpoints {
		if err := tx.InsertEndpoint(keep.endpoints[i]); err != nil {
			return err
		}
	}
	for i := range keep.resources {
		if err := tx.InsertResource(&keep.resources[i]); err != nil {
			return err
		}
	}
	return nil
}

// plant makes a provider's seed objects. They belong to the development
// member's owner as soon as that member exists, and make no events.
func (s *Sandbox) plant(tx *store.Tx, p *Provider) error {
	a := &act{s: s, p: p, conn: tx.Conn, tx: tx, now: s.time().Now(), quiet: true, by: doer{who: bySeed, operation: "seed"}}
	a.env = scenarios.Env{
		Now: a.now, Lookup: lookup{a}, Random: &stream{a: a}, KeyHead: s.keyHead(p),
		Vars: map[string]any{"now": a.now, "config": p.Config, "data": p.Scenario.Data, "caller": nil},
	}
	// Take a number even if everything that draws survived: a rewound run must
	// go on with the same one.
	if _, err := a.env.Random.Read(nil); err != nil {
		return err
	}
	steps, err := p.seedSteps()
	if err != nil {
		return err
	}
	for _, st := range steps {
		if err := a.plantOne(st); err != nil {
			return err
		}
	}
	return nil
}

func (a *act) plantOne(st step) error {
	p := a.p
	if p.Scenario.Auth.Member != "" && a.vars()["caller"] == nil {
		if err := a.actAsDefault(); err != nil {
			return err
		}
	}
	if st.spec.Create != "" && st.id != nil {
		kind, err := p.Kind(st.spec.Create)
		if err != nil {
			return err
		}
		v, err := st.id.Run(&a.env)
		if err != nil {
			return err
		}
		id, _ := v.(string)
		if _, ok, err := a.conn.Resource(kind.Name, id); ok || err != nil {
			return err // it survived the reset
		}
	}
	return a.steps([]step{st})
}

// actAsDefault becomes the development member once it exists.
func (a *act) actAsDefault() error {
	kind, err := a.p.Kind(a.p.Scenario.Auth.Member)
	if err != nil {
		return err
	}
	row, ok, err := a.conn.Resource(kind.Name, a.p.Scenario.Auth.Default)
	if err != nil || !ok {
		return err
	}
	o, err := openObject(kind, row)
	if err != nil {
		return err
	}
	caller, err := a.p.callerOf(o)
	if err != nil {
		return err
	}
	m, _ := caller.(map[string]any)
	a.vars()["caller"] = m
	a.owner, err = a.p.ownerFor(m)
	return err
}

// seedSteps compiles the seed once.
func (p *Provider) seedSteps() ([]step, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seed == nil && len(p.Scenario.Seed) > 0 {
		var err error
		c := &compiler{scope: p.scope(kindNames), err: &err}
		p.seed = c.steps(p.Scenario.Seed)
		if err != nil {
			p.seed = nil
			return nil, err
		}
	}
	return p.seed, nil
}

// metaReset is when the next reset is due.
const metaReset = "reset"

// addReset schedules the next reset after an instant, when one was asked for.
func (s *Sandbox) addReset(tx *store.Tx, after time.Time) (due int64, err error) {
	if s.w.o.ResetCron == nil {
		return 0, nil
	}
	next, ok := s.w.o.ResetCron.Next(after)
	if !ok {
		return 0, nil
	}
	due = next.UnixMilli()
	if err := tx.SetMeta(metaReset, strconv.FormatInt(due, 10)); err != nil {
		return 0, err
	}
	_, err = tx.AddTimer(store.Timer{Due: due, Kind: timerReset})
	return due, err
}

// reschedule makes the resets of a file that an earlier process left follow
// the schedule of this one. A reset that it would have made too, and that fell
// due meanwhile, is still made.
func (s *Sandbox) reschedule(tx *store.Tx) error {
	if _, err := tx.RemoveTimers(timerReset, ""); err != nil || s.w.o.ResetCron == nil {
		return err
	}
	text, _, err := tx.Meta(metaReset)
	if err != nil {
		return err
	}
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
		before := time.UnixMilli(ms - 1).UTC()
		if next, ok := s.w.o.ResetCron.Next(before); ok && next.UnixMilli() == ms {
			_, err := s.addReset(tx, before)
			return err
		}
	}
	_, err = s.addReset(tx, s.time().Now())
	return err
}
