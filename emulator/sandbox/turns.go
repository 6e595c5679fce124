package sandbox

import (
	"context"
	"slices"

	"github.com/sandgate/sandgate/emulator/store"
)

// progress is how far a lane came while nothing of it was recorded yet.
type progress struct {
	done  int64 // number of the last delivery that has come to its end
	stuck int64 // when the head is tried next, 0 = it is not waiting
}

// sendLane sends the attempts of one lane and one instant, one after the other.
func (s *Sandbox) sendLane(ctx context.Context, lane []*sending) (err error) {
	if slices.ContainsFunc(lane, func(at *sending) bool { return at.delivery.Lane != "" }) {
		slices.SortStableFunc(lane, func(a, b *sending) int { return int(a.delivery.Seq - b.delivery.Seq) })
	}
	var p progress
	for i, at := range lane {
		if err = s.sendInTurn(ctx, at, &p); err != nil {
			cutOff(lane[i:])
			return err
		}
	}
	return nil
}

// cutOff marks attempts that were not made to their end.
func cutOff(all []*sending) {
	for _, at := range all {
		at.cut = true
	}
}

// sendInTurn sends an attempt, unless it is in a lane whose head is not done
// with. Who asks for one by hand gets it whoever waits.
func (s *Sandbox) sendInTurn(ctx context.Context, at *sending, p *progress) error {
	if at.delivery.Lane == "" || at.timer.B == triggerManual || !at.found {
		return s.send(ctx, at)
	}
	if p.stuck == 0 {
		var err error
		if p.stuck, err = s.ahead(at, p.done); err != nil {
			return err
		}
	}
	if at.behind = p.stuck; at.behind != 0 {
		return nil
	}
	if err := s.send(ctx, at); err != nil {
		return err
	}
	if p.done, p.stuck = at.delivery.Seq, s.judge(at).due; at.provider == nil {
		p.stuck = at.timer.Due
	}
	return nil
}

// ahead is when the one before an attempt's delivery in its lane is tried
// next, of those that come after number done; 0 = none has to be waited for.
func (s *Sandbox) ahead(at *sending, done int64) (due int64, err error) {
	g, err := s.pin()
	if err != nil {
		return 0, err
	}
	defer s.unpin()
	if g.epoch != at.epoch {
		return 0, nil
	}
	return due, g.db.View(func(c *store.Conn) (err error) {
		due, err = c.Ahead(at.delivery.Lane, done, at.delivery.Seq)
		return err
	})
}
