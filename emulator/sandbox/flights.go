package sandbox

import "sync"

// flights are the deliveries being sent right now.
type flights struct {
	mu    sync.Mutex
	empty *sync.Cond
	ids   map[string]bool
}

func (f *flights) init() {
	f.empty = sync.NewCond(&f.mu)
	f.ids = map[string]bool{}
}

func (f *flights) has(id string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ids[id]
}

func (f *flights) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.ids)
}

func (f *flights) add(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ids[id] = true
}

func (f *flights) land(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.ids, id)
	if len(f.ids) == 0 {
		f.empty.Broadcast()
	}
}

// wait returns when nothing is in flight.
func (f *flights) wait() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.ids) > 0 {
		f.empty.Wait()
	}
}
