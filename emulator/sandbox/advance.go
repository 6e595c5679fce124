package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sandgate/sandgate/emulator/clock"
	"github.com/sandgate/sandgate/emulator/store"
)

// Advanced is what an advance did.
type Advanced struct {
	Now     time.Time `json:"now"`
	Fired   []Fired   `json:"fired"`
	Skipped []Fired   `json:"skipped"`
}

// Now is the sandbox's time.
func (s *Sandbox) Now() (time.Time, error) {
	if _, err := s.pin(); err != nil { // the clock is in the file
		return time.Time{}, err
	}
	defer s.unpin()
	return s.time().Now(), nil
}

// Clock describes the sandbox's clock.
func (s *Sandbox) Clock() (clock.State, error) {
	if _, err := s.pin(); err != nil {
		return clock.State{}, err
	}
	defer s.unpin()
	return s.time().State(), nil
}

// SetMode changes how the clock runs; its instant stays.
func (s *Sandbox) SetMode(ctx context.Context, mode clock.Mode) error {
	if s.advancing.Load() {
		return ErrBusy
	}
	s.step.Lock()
	defer s.step.Unlock()
	g, err := s.pin()
	if err != nil {
		return err
	}
	before := s.time().Now()
	s.time().SetMode(mode)
	err = g.db.Write(ctx, s.keepClock)
	s.unpin()
	return errors.Join(err, s.armNext(before))
}

// AdvanceBy moves the clock forward by a span; everything due on the way
// fires at its own instant. It returns when nothing is in flight any more.
func (s *Sandbox) AdvanceBy(ctx context.Context, by time.Duration, resets bool) (Advanced, error) {
	if by < 0 {
		return Advanced{}, fmt.Errorf("%w: by %s", ErrBackward, by)
	}
	return s.advance(ctx, func(now time.Time) time.Time { return now.Add(by) }, resets)
}

// AdvanceTo moves the clock forward to an instant.
func (s *Sandbox) AdvanceTo(ctx context.Context, to time.Time, resets bool) (Advanced, error) {
	return s.advance(ctx, func(time.Time) time.Time { return to }, resets)
}

// Settle runs what is due now and waits until all is quiet.
func (s *Sandbox) Settle(ctx context.Context) (Advanced, error) { return s.AdvanceBy(ctx, 0, false) }

func (s *Sandbox) advance(ctx context.Context, target func(time.Time) time.Time, resets bool) (Advanced, error) {
	if !s.advancing.CompareAndSwap(false, true) {
		return Advanced{}, ErrBusy
	}
	defer s.advancing.Store(false)
	leave, err := s.w.enter()
	if err != nil {
		return Advanced{}, err
	}
	defer leave()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.w.sends, cancel)() // a stop without patience cuts its sends
	s.step.Lock()
	defer s.step.Unlock()
	return s.travel(ctx, target, resets)
}

// travel moves the clock and runs what is due on the way, with the step held.
func (s *Sandbox) travel(ctx context.Context, target func(time.Time) time.Time, resets bool) (Advanced, error) {
	s.flights.wait()
	if _, err := s.pin(); err != nil {
		return Advanced{}, err
	}
	s.unpin()
	s.time().Hold()
	now := s.time().Now()
	to := target(now)
	out := Advanced{Fired: []Fired{}, Skipped: []Fired{}}
	var err error
	if to.Before(now) {
		err = fmt.Errorf("%w: it is %s already", ErrBackward, now.Format(time.RFC3339Nano))
	} else if err = s.stepTo(ctx, to, resets, &out); err == nil {
		s.time().MoveTo(to)
	}
	s.time().Release()
	out.Now = s.time().Now()
	if err == nil {
		err = s.keepClockNow(ctx)
	}
	if err != nil {
		s.kick() // it stopped on the way: what is due where it stands, and what comes after, is the loop's
		return out, err
	}
	return out, s.armNext(to)
}

// stepTo walks through every due instant up to and including one.
func (s *Sandbox) stepTo(ctx context.Context, to time.Time, resets bool, out *Advanced) error {
	for {
		if s.w.ctx.Err() != nil {
			return ErrClosed
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		b, epoch, err := s.runOnce(to, rules{step: true, resets: resets})
		if err != nil {
			return err
		}
		out.Fired = append(out.Fired, b.fired...)
		out.Skipped = append(out.Skipped, b.skipped...)
		if b.reset != nil {
			if err := s.reset(ctx, false); err != nil {
				return err
			}
			continue
		}
		if len(b.attempts) > 0 {
			made, err := s.sendAll(ctx, b.attempts, epoch)
			for _, t := range made {
				out.Fired = append(out.Fired, Fired{Due: time.UnixMilli(t.Due).UTC(), Kind: t.Kind, ID: t.A, What: t.B})
			}
			if err != nil {
				return err
			}
			continue
		}
		if b.done {
			return nil
		}
	}
}

func (s *Sandbox) keepClockNow(ctx context.Context) error {
	g, err := s.pin()
	if err != nil {
		return err
	}
	defer s.unpin()
	return g.db.Write(ctx, s.keepClock)
}

// keepClock writes the clock beside the data that its instants are in.
func (s *Sandbox) keepClock(tx *store.Tx) error {
	text, err := json.Marshal(s.time().State())
	if err != nil {
		return err
	}
	return tx.SetMeta(metaClock, string(text))
}

func decodeClock(text string) (clock.State, error) {
	var state clock.State
	if err := json.Unmarshal([]byte(text), &state); err != nil {
		return state, fmt.Errorf("stored clock: %w", err)
	}
	return state, nil
}
