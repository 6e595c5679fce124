package sandbox

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"github.com/sandgate/sandgate/emulator/clock"
)

// alarm is the one loop that waits: a heap of (wall instant, sandbox). It
// sleeps until the first is due and never polls.
type alarm struct {
	wall clock.Wall
	mu   sync.Mutex
	heap alarmHeap
	at   map[*Sandbox]*alarmItem
	poke chan struct{}
}

type alarmItem struct {
	when  time.Time
	s     *Sandbox
	index int
}

func newAlarm(wall clock.Wall) *alarm {
	return &alarm{wall: wall, at: map[*Sandbox]*alarmItem{}, poke: make(chan struct{}, 1)}
}

// set wakes a sandbox at a wall instant, or earlier if that was asked before.
func (a *alarm) set(s *Sandbox, when time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if item := a.at[s]; item != nil {
		if !when.Before(item.when) {
			return
		}
		item.when = when
		heap.Fix(&a.heap, item.index)
	} else {
		item := &alarmItem{when: when, s: s}
		a.at[s] = item
		heap.Push(&a.heap, item)
	}
	if a.heap[0].s == s {
		select {
		case a.poke <- struct{}{}:
		default:
		}
	}
}

func (a *alarm) drop(s *Sandbox) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if item := a.at[s]; item != nil {
		heap.Remove(&a.heap, item.index)
		delete(a.at, s)
	}
}

// next pops what is due and says how long until the one after it.
func (a *alarm) next() (due []*Sandbox, wait time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.wall.Now()
	for len(a.heap) > 0 {
		if d := a.heap[0].when.Sub(now); d > 0 {
			return due, d
		}
		item := heap.Pop(&a.heap).(*alarmItem)
		delete(a.at, item.s)
		due = append(due, item.s)
	}
	return due, time.Hour
}

func (a *alarm) run(ctx context.Context) {
	for {
		due, wait := a.next()
		for _, s := range due {
			s.kick()
		}
		timer := a.wall.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-a.poke:
			timer.Stop()
		case <-timer.C():
		}
	}
}

type alarmHeap []*alarmItem

func (h alarmHeap) Len() int           { return len(h) }
func (h alarmHeap) Less(i, j int) bool { return h[i].when.Before(h[j].when) }
func (h alarmHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *alarmHeap) Push(x any) {
	item := x.(*alarmItem)
	item.index = len(*h)
	*h = append(*h, item)
}

func (h *alarmHeap) Pop() any {
	old := *h
	item := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return item
}
