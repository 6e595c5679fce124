package sandbox

import "sync"

// flight is one delivery of one epoch: a rewound sandbox gives ids again.
type flight struct {
	epoch int64
	id    string
}

// flights are the deliveries being sent right now. What goes to one endpoint
// about one resource keeps its order: it flies in one lane, one at a time.
type flights struct {
	mu    sync.Mutex
	empty *sync.Cond
	ids   map[flight]int64      // the timer that each flies for
	next  map[flight]bool       // those that another timer waits behind
	lanes map[string][]*sending // those waiting behind the one in the air
}

func (f *flights) init() {
	f.empty = sync.NewCond(&f.mu)
	f.ids = map[flight]int64{}
	f.next = map[flight]bool{}
	f.lanes = map[string][]*sending{}
}

// has reports a delivery that is being sent. When it lands, a timer other than
// its own gets another turn.
func (f *flights) has(a flight, timer int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	flying, ok := f.ids[a]
	if ok && flying != timer {
		f.next[a] = true
	}
	return ok
}

func (f *flights) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.ids)
}

// join takes an attempt in. It reports true when the lane was free and the
// caller has to fly it.
func (f *flights) join(at *sending) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ids[at.flight()] = at.timer.Seq
	waiting, busy := f.lanes[at.lane()]
	if busy {
		f.lanes[at.lane()] = append(waiting, at)
		return false
	}
	f.lanes[at.lane()] = nil
	return true
}

// land ends an attempt and gives the next one of its lane, or nil. It reports
// whether a timer waited behind the attempt.
func (f *flights) land(at *sending) (next *sending, behind bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.ids, at.flight())
	behind = f.next[at.flight()]
	delete(f.next, at.flight())
	if len(f.ids) == 0 {
		f.empty.Broadcast()
	}
	waiting := f.lanes[at.lane()]
	if len(waiting) == 0 {
		delete(f.lanes, at.lane())
		return nil, behind
	}
	f.lanes[at.lane()] = waiting[1:]
	return waiting[0], behind
}

// wait returns when nothing is in flight.
func (f *flights) wait() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.ids) > 0 {
		f.empty.Wait()
	}
}
