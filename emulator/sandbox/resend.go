package sandbox

import (
	"context"
	"fmt"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
)

// Redeliver sends a delivery again now, whatever became of it. A pending
// retry is replaced; on failure the schedule goes on from the new number.
func (s *Sandbox) Redeliver(ctx context.Context, id string) error {
	// Behind an advance that is under way, not refused by it, and behind others
	// who ask for the same: each of them gets an attempt of its own.
	s.step.Lock()
	defer s.step.Unlock()
	s.flights.wait()
	if err := s.oweAgain(ctx, id); err != nil {
		return err
	}
	_, err := s.travel(ctx, func(now time.Time) time.Time { return now }, true)
	return err
}

// oweAgain writes the debt.
func (s *Sandbox) oweAgain(ctx context.Context, id string) error {
	g, err := s.pin()
	if err != nil {
		return err
	}
	defer s.unpin()
	return g.db.Write(ctx, func(tx *store.Tx) error {
		d, ok, err := tx.Delivery(id)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("delivery %s: %w", id, ErrNotFound)
		}
		if _, err := tx.RemoveTimers(timerAttempt, id); err != nil {
			return err
		}
		now := s.time().Now().UnixMilli()
		if _, err := tx.AddTimer(store.Timer{Due: now, Kind: timerAttempt, A: id, B: triggerManual}); err != nil {
			return err
		}
		d.Status, d.Due, d.Updated = DeliveryPending, now, now
		return tx.UpdateDelivery(&d)
	})
}
