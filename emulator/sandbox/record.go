package sandbox

import (
	"errors"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
)

// record is what one attempt leaves behind: its row, and success, the next
// attempt, or permanent failure. It answers when the loop is wanted next.
func (s *Sandbox) record(g *generation, tx *store.Tx, at *sending) (next int64, err error) {
	switch {
	case !at.found:
		_, err := tx.RemoveTimer(at.timer.Seq)
		return 0, err
	case at.behind != 0:
		if at.behind == at.timer.Due {
			return at.behind, nil
		}
		return at.behind, tx.Postpone(at.delivery.ID, at.timer.Seq, at.behind)
	case at.provider == nil: // its provider is not being served now: kept for later
		return 0, tx.MoveTimer(at.timer.Seq, at.timer.Due+time.Hour.Milliseconds(), at.timer.B)
	}
	if err := tx.InsertAttempt(attemptRow(at)); err != nil {
		return 0, err
	}
	d, v := at.delivery, s.judge(at)
	d.First = at.first()
	d.Attempts++
	d.Updated, d.URL = at.timer.Due, at.url()
	if next, err = s.goOn(tx, at, &d, v); err != nil {
		return 0, err
	}
	due, err := s.weigh(g, tx, at)
	if due != 0 && (next == 0 || due < next) {
		next = due
	}
	return next, err
}

// goOn is what follows an attempt: a resend that waits behind it, the next
// attempt, or the end.
func (s *Sandbox) goOn(tx *store.Tx, at *sending, d *store.Delivery, v verdict) (next int64, err error) {
	if due, waits, err := resent(tx, at, d); waits || err != nil {
		return due, err
	}
	d.Status, d.Due = v.status, v.due
	if v.due != 0 {
		// The same timer goes on, so that retries of one instant keep the order of their events.
		next, err = v.due, tx.MoveTimer(at.timer.Seq, v.due, v.trigger)
	} else {
		next, err = s.end(tx, at)
	}
	return next, errors.Join(err, tx.UpdateDelivery(d))
}

// end takes away the timer of a delivery that is over, and has the next of its
// lane go.
func (s *Sandbox) end(tx *store.Tx, at *sending) (next int64, err error) {
	if _, err := tx.RemoveTimer(at.timer.Seq); err != nil || at.delivery.Lane == "" {
		return 0, err
	}
	return tx.Release(at.delivery.Lane, at.delivery.Seq, at.timer.Due)
}

// url is where an attempt goes: to where its endpoint is now, or was then.
func (at *sending) url() string {
	if at.provider != nil && at.provider.Scenario.Webhooks.Resend == "then" || at.endpoint.ID == "" {
		return at.delivery.URL
	}
	return at.endpoint.URL
}

// hopeless reports an error that stays however often one tries: there is
// nothing left to write to.
func hopeless(err error) bool { return errors.Is(err, errRemoved) || errors.Is(err, store.ErrVersion) }

func attemptRow(at *sending) store.Attempt {
	r := at.response
	row := store.Attempt{
		Delivery: at.delivery.ID, Number: at.delivery.Attempts + 1, Trigger: "schedule", Due: at.timer.Due,
		Started: at.started.UnixMilli(), DurationUS: r.Duration.Microseconds(), RequestBody: at.request.Body,
		ResponseStatus: r.Status, ResponseBody: r.Body, URL: at.url(),
	}
	if at.timer.B != "" {
		row.Trigger = at.timer.B
	}
	if r.Err != nil {
		row.Error = r.Err.Error()
	}
	row.RequestHeader, row.ResponseHeader = flatten(at.request.Header), flatten(r.Header)
	return row
}
