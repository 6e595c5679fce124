package sandbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/scenarios"
)

// ErrCallbackOver says that a callback is not to be worked on again.
var ErrCallbackOver = errors.New("only a callback that failed, was ignored or waits can be processed")

// misfit is a callback that does not fit what is stored.
type misfit struct{ reason string }

func (m *misfit) Error() string { return m.reason }

// errIgnored says that nobody does anything with an event.
var errIgnored = errors.New("nothing follows from such an event")

// fireCallback works on a callback that was received.
func (s *Sandbox) fireCallback(g *generation, tx *store.Tx, t store.Timer, b *batch) (*act, error) {
	row, ok, err := tx.Callback(t.A)
	if err != nil || !ok || row.Status != CallbackReceived {
		return nil, err
	}
	at := time.UnixMilli(t.Due).UTC()
	b.fired = append(b.fired, Fired{Due: at, Kind: timerCallback, ID: row.ID, What: strings.TrimSpace(row.Source + " " + row.Type)})
	return s.workCallback(g, tx, &row, at)
}

// workCallback does what a callback says, or nothing of it, and notes what
// became of it.
func (s *Sandbox) workCallback(g *generation, tx *store.Tx, row *store.Callback, at time.Time) (*act, error) {
	var a *act
	err := tx.Nested(func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v", p) // undone like any other failure
			}
		}()
		p := s.w.providers[row.Provider]
		if p == nil {
			return &misfit{row.Provider + " is not being served"}
		}
		a = s.newAct(g, p, tx.Conn, tx, at)
		a.by = doer{who: "callback " + row.Source, operation: strings.TrimSpace("callback " + row.Type), request: row.ID}
		// Of its own, so that ids do not depend on which request came between.
		a.env.Random = rand.NewChaCha8(s.seedFor("callback " + row.ID + " " + strconv.Itoa(row.Runs)))
		return a.handleCallback(row)
	})
	if err != nil {
		a = nil
	}
	row.Status, row.Reason = s.outcome(row, err)
	row.Runs, row.Processed = row.Runs+1, at.UnixMilli()
	return a, tx.FinishCallback(row)
}

// outcome says what became of a callback, and why.
func (s *Sandbox) outcome(row *store.Callback, err error) (status, reason string) {
	var no *misfit
	var refused *Refusal
	var wrong *scenarios.Error
	switch {
	case err == nil:
		return CallbackProcessed, ""
	case errors.Is(err, errIgnored):
		return CallbackIgnored, errIgnored.Error()
	case errors.As(err, &no):
		return CallbackFailed, no.reason
	case errors.As(err, &refused):
		return CallbackFailed, refused.Code + ": " + strings.Join(refused.Messages, "; ")
	}
	s.w.o.Log.Error("callback", "sandbox", s.name, "callback", row.ID, "source", row.Source, "type", row.Type, "error", err)
	if errors.As(err, &wrong) {
		return CallbackFailed, "scenario_error: " + wrong.Error()
	}
	return CallbackFailed, "internal error; see the log"
}

// handleCallback finds what an event is about and moves it.
func (a *act) handleCallback(row *store.Callback) error {
	h, err := a.callbackHandler(row)
	if err != nil {
		return err
	}
	o, err := a.callbackTarget(h)
	if o == nil || err != nil {
		return err
	}
	row.Kind, row.Resource = o.kind.Short, o.row.ID
	a.owner = o.row.Owner
	a.vars()["resource"] = o.vars()
	if h.known != nil {
		if known, err := h.known.True(&a.env); known || err != nil {
			return err
		}
	}
	with, err := a.parameters(h.with)
	if err != nil {
		return err
	}
	a.vars()["with"] = with
	before := o.row.Status
	if err := a.steps(h.first); err != nil {
		return err
	}
	if err := a.moveBy(o, h.spec.By); err != nil {
		if errors.Is(err, errNoMove) {
			return misfitOf(o, h.spec.By, before)
		}
		return err
	}
	a.vars()["resource"] = o.vars()
	return a.steps(h.then)
}

// callbackHandler finds what is done with an event, and names what it says.
func (a *act) callbackHandler(row *store.Callback) (*callbackHandler, error) {
	policy, err := a.p.callbacks()
	if err != nil {
		return nil, err
	}
	src := policy[row.Source]
	if src == nil || src.on[row.Type] == nil {
		return nil, errIgnored
	}
	body, bad := readCallback(row.Media, row.Body)
	if bad != nil {
		return nil, &misfit{"the body cannot be read: " + bad.String()}
	}
	a.vars()["body"], a.vars()["header"] = body, callbackHeader(row.Header)
	a.vars()["callback"] = map[string]any{"id": row.Event, "type": row.Type, "source": row.Source}
	h := src.on[row.Type]
	for _, l := range h.lets {
		v, err := l.value.Eval(&a.env)
		if err != nil {
			return nil, err
		}
		a.vars()[l.name] = v
	}
	return h, nil
}

// callbackTarget is the stored object that an event is about.
func (a *act) callbackTarget(h *callbackHandler) (*object, error) {
	kind, err := a.p.Kind(h.spec.Move)
	if err != nil {
		return nil, err
	}
	id, err := textOf(h.id, a)
	if err != nil {
		return nil, err
	}
	if id == "" || strings.ContainsRune(id, 0) {
		return nil, &misfit{"it is about no " + kind.Short + " that is known here"}
	}
	o, err := a.get(kind, id)
	if o == nil && err == nil {
		err = &misfit{fmt.Sprintf("there is no %s %s", kind.Short, clipText(id))}
	}
	return o, err
}

// misfitOf says why none of the moves fits: by the state that the object was
// in, or by a condition.
func misfitOf(o *object, by []string, before string) error {
	var from []string
	for _, name := range by {
		from = append(from, o.kind.moves[name].from...)
	}
	slices.Sort(from)
	about := fmt.Sprintf("%s %s is %s", o.kind.Short, o.row.ID, cmp.Or(before, "there"))
	switch {
	case len(by) == 0:
		return &misfit{about + ", and the event is older than that"}
	case slices.Contains(from, o.row.Status):
		return &misfit{fmt.Sprintf("%s, which would do, but a condition of %s is not met", about, strings.Join(by, ", "))}
	}
	return &misfit{fmt.Sprintf("%s, and %s fits %s", about, strings.Join(by, ", "), strings.Join(slices.Compact(from), ", "))}
}

// ProcessCallback works on a callback now: again on one that failed or was
// ignored, or before its timer on one that waits.
func (s *Sandbox) ProcessCallback(ctx context.Context, id string) (CallbackDetail, error) {
	return s.workNow(ctx, id, func(row *store.Callback) (bool, error) {
		if row.Status == CallbackProcessed || row.Status == CallbackRejected {
			return false, fmt.Errorf("%w; this one was %s", ErrCallbackOver, row.Status)
		}
		return true, nil
	})
}

// CallbackDone is a callback after its worker came to it.
func (s *Sandbox) CallbackDone(ctx context.Context, id string) (CallbackDetail, error) {
	return s.workNow(ctx, id, func(row *store.Callback) (bool, error) { return row.Status == CallbackReceived, nil })
}

func (s *Sandbox) workNow(ctx context.Context, id string, wanted func(*store.Callback) (bool, error)) (CallbackDetail, error) {
	g, err := s.pin()
	if err != nil {
		return CallbackDetail{}, err
	}
	defer s.unpin()
	var a *act
	var row store.Callback
	err = g.db.Write(ctx, func(tx *store.Tx) (err error) {
		var there bool
		if row, there, err = tx.Callback(id); err != nil {
			return err
		}
		if !there {
			return fmt.Errorf("callback %q: %w", id, ErrNotFound)
		}
		work, err := wanted(&row)
		if !work || err != nil {
			return err
		}
		if _, err := tx.RemoveTimers(timerCallback, id); err != nil {
			return err
		}
		a, err = s.workCallback(g, tx, &row, s.time().Now())
		return err
	})
	if err != nil {
		return CallbackDetail{}, err
	}
	if a != nil {
		s.committed(a)
	}
	return detailCallback(&row), nil
}
