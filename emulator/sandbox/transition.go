package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
)

// become puts an object into a state. It is the only place that does.
func (o *object) become(state string) {
	o.row.Status = state
	if field := o.kind.spec.Status.Field; field != "" {
		o.body[field] = state
	}
}

// note writes the history row of a state that was just entered.
func (a *act) note(o *object, move, from, why string) error {
	return a.tx.InsertTransition(&store.Transition{Kind: o.kind.Name, ID: o.row.ID, Move: move, From: from, To: o.row.Status, Why: why, At: a.ms()})
}

// enter changes the state of a stored object: history, and the timers that
// belonged to the old state go.
func (a *act) enter(o *object, move, to, why string) error {
	from := o.row.Status
	o.become(to)
	if err := a.note(o, move, from, why); err != nil {
		return err
	}
	_, err := a.tx.RemoveTimers(timerMove, timerRef(o.kind.Name, o.row.ID))
	return err
}

// schedule sets the timers of the moves that happen at an instant of their
// own, after every change: what the instant is computed from may be new.
func (a *act) schedule(o *object) error {
	if len(o.kind.timed) == 0 {
		return nil
	}
	ref := timerRef(o.kind.Name, o.row.ID)
	var timers []store.Timer
	for _, m := range o.kind.timed {
		if !m.fits(o.row.Status) {
			continue
		}
		at, ok, err := a.instantOf(o, m)
		if err != nil {
			return err
		}
		due := at.UnixMilli()
		if ran, made := a.ran[ref+" "+m.name]; !ok || made && due <= min(ran, a.ms()) {
			continue // it has just run for this instant; one that is past and later catches up
		}
		timers = append(timers, store.Timer{Due: max(due, a.ms()), Kind: timerAt, A: ref, B: m.name})
	}
	if o.scheduled && slices.Equal(timers, o.timers) {
		return nil // as this act set them before
	}
	o.scheduled, o.timers = true, timers
	if _, err := a.tx.RemoveTimers(timerAt, ref); err != nil {
		return err
	}
	for _, t := range timers {
		if err := a.addTimer(t); err != nil {
			return err
		}
	}
	return nil
}

// running notes that a timed move is made, and the instant that it is for: its
// own where it has one, else now.
func (a *act) running(o *object, m *move) error {
	if m.at == nil {
		return nil
	}
	at, ok, err := a.instantOf(o, m)
	if err != nil {
		return err
	}
	if a.ran == nil {
		a.ran = map[string]int64{}
	}
	ref := timerRef(o.kind.Name, o.row.ID) + " " + m.name
	if a.ran[ref] = a.ms(); ok {
		a.ran[ref] = at.UnixMilli()
	}
	return nil
}

// instantOf asks a move when it happens by itself.
func (a *act) instantOf(o *object, m *move) (at time.Time, ok bool, err error) {
	if wanted, err := a.wants(o, m); err != nil || !wanted {
		return at, false, err
	}
	err = a.with("resource", o.vars(), func() error {
		v, err := m.at.Run(&a.env)
		if err != nil || v == nil {
			return err
		}
		if at, ok = asInstant(v); !ok {
			return fmt.Errorf("%s:%d: at: not an instant: %v", m.scope.File, m.spec.Line, v)
		}
		return nil
	})
	return at, ok, err
}

// asInstant reads an instant, or a stored one in its text.
func asInstant(v any) (time.Time, bool) {
	switch v := v.(type) {
	case time.Time:
		return v, true
	case string:
		t, err := time.Parse(time.RFC3339Nano, v)
		return t, err == nil
	}
	return time.Time{}, false
}

// await schedules the moves that happen by themselves from the object's state.
func (a *act) await(o *object) error {
	for _, m := range o.kind.auto[o.row.Status] {
		ok, err := a.wants(o, m)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		due := a.now.Add(m.after).UnixMilli()
		if err := a.addTimer(store.Timer{Due: due, Kind: timerMove, A: timerRef(o.kind.Name, o.row.ID), B: m.name}); err != nil {
			return err
		}
	}
	return nil
}

// wants asks a move's own guard about an object.
func (a *act) wants(o *object, m *move) (ok bool, err error) {
	if err := m.ready(); err != nil || m.when == nil {
		return err == nil, err
	}
	err = a.with("resource", o.vars(), func() error {
		ok, err = m.when.True(&a.env)
		return err
	})
	return ok, err
}

// errNoMove says that none of the moves asked for fits the object's state.
var errNoMove = errors.New("no move fits")

// moveBy makes the first of the named moves that fits.
func (a *act) moveBy(o *object, names []string) error {
	for _, name := range names {
		m := o.kind.moves[name]
		if m == nil {
			return fmt.Errorf("%s has no move %q", o.kind.Short, name)
		}
		if !m.fits(o.row.Status) {
			continue
		}
		ok, err := a.wants(o, m)
		if err != nil {
			return err
		}
		if ok {
			return a.makeMove(o, m)
		}
	}
	return errNoMove
}

// makeMove performs one move: status, values, event, timers, then what follows.
func (a *act) makeMove(o *object, m *move) error {
	if err := m.ready(); err != nil {
		return err
	}
	if told := a.s.w.o.Moved; told != nil {
		told(a.p.Name(), o.kind.Short, m.name)
	}
	before := o.vars()
	if err := a.running(o, m); err != nil {
		return err
	}
	if m.to != "" {
		if err := a.enter(o, m.name, m.to, m.why); err != nil {
			return err
		}
	}
	if m.set != nil {
		if err := a.with("resource", before, func() error { return m.set.EvalFields(&a.env, o.assign) }); err != nil {
			return err
		}
	}
	a.moving = "move " + m.name
	if err := a.save(o, m.emit); err != nil {
		return err
	}
	if m.to != "" {
		if err := a.await(o); err != nil {
			return err
		}
	}
	if len(m.then) == 0 {
		return nil
	}
	return a.with("resource", o.vars(), func() error { return a.steps(m.then) })
}

func timerRef(kind, id string) string { return kind + "/" + id }
