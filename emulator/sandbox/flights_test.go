package sandbox

import (
	"testing"

	"github.com/sandgate/sandgate/emulator/store"
)

// A timer that came due while its delivery was in the air is told of when that
// lands: the loop passed it over. The flight's own timer is not one of these.
func TestWhatCameDueBehindAFlight(t *testing.T) {
	var f flights
	f.init()
	at := &sending{timer: store.Timer{Seq: 1, A: "d"}}
	for _, c := range []struct {
		seen   int64
		behind bool
	}{{1, false}, {2, true}, {1, false}} {
		f.join(at)
		if !f.has(at.flight(), c.seen) {
			t.Fatal("it is in the air")
		}
		if _, behind := f.land(at); behind != c.behind {
			t.Errorf("timer %d waits behind timer 1: %v", c.seen, behind)
		}
		if f.has(at.flight(), c.seen) {
			t.Error("it has landed")
		}
	}
}
