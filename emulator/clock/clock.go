package clock

import (
	"math"
	"math/bits"
	"sync"
	"time"
)

// Instants outside these bounds are brought back to them: what lies beyond has no four-digit year, hence no JSON.
var (
	earliest = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC)
)

// ManualStart is where a manual clock begins when no start is given.
var ManualStart = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// State is a clock as it is persisted: an anchor pair.
// The sandbox time at a wall instant w is Sandbox + (w - Wall) × rate.
type State struct {
	Mode    Mode      `json:"mode"`
	Sandbox time.Time `json:"sandbox"`
	Wall    time.Time `json:"wall"`
}

// Clock is a sandbox's time: UTC, whole milliseconds, forward only. Safe for concurrent use.
type Clock struct {
	wall Wall

	mu    sync.Mutex
	mode  Mode
	held  bool
	base  int64     // sandbox time at since, in Unix milliseconds
	since time.Time // wall instant of base; unread while held or manual
	last  int64     // latest answer of Now, in Unix milliseconds
}

// New makes a clock that shows start now. A zero start means the wall's time (real, scaled) or ManualStart (manual).
func New(wall Wall, mode Mode, start time.Time) *Clock {
	w := reading(wall)
	c := &Clock{wall: wall, mode: mode, since: w}
	switch {
	case !start.IsZero():
		c.base = floorMS(start)
	case mode.Kind == Manual:
		c.base = floorMS(ManualStart)
	default:
		c.base = floorMS(w)
		// Both tick together, so that a real clock shows exactly the wall's milliseconds.
		c.since = w.Truncate(time.Millisecond)
	}
	c.last = c.base
	return c
}

// Restore makes the clock that State described, with the time gone by since then. It is never earlier than s.Sandbox.
func Restore(wall Wall, s State) *Clock {
	w := reading(wall)
	c := &Clock{wall: wall, mode: s.Mode, base: ceilMS(s.Sandbox), since: s.Wall.Round(0)}
	if s.Wall.IsZero() || c.since.After(w) { // no anchor, or a wall that was set back meanwhile
		c.since = w
	}
	c.last = c.base
	return c
}

// Now is the sandbox's time. It never decreases.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, _ := c.now()
	return fromMS(now)
}

// State is what to persist: Restore goes on from it.
func (c *Clock) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, w := c.now()
	if c.running() { // the wall instant at which this millisecond began: nothing is lost to rounding
		if began := c.since.Add(wallFor(now-c.base, c.mode.rate())); began.Before(w) {
			w = began
		}
	}
	return State{Mode: c.mode, Sandbox: fromMS(now), Wall: w.UTC()}
}

// SetMode changes how time passes from now on. What Now shows does not jump.
func (c *Clock) SetMode(mode Mode) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.base, c.since = c.now()
	c.mode = mode
}

// Hold freezes time at Now, because an advance is under way. Holding a held clock is a programming error and panics.
func (c *Clock) Hold() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held {
		panic("clock: Hold of a clock that is held")
	}
	c.base, c.since = c.now()
	c.held = true
}

// Release lets time pass again from the held instant, at the mode's rate. Releasing a clock that is not held is a programming error and panics.
func (c *Clock) Release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.held {
		panic("clock: Release of a clock that is not held")
	}
	c.base, c.since = c.now()
	c.held = false
}

// MoveTo puts a held or manual clock forward to t, cut to whole milliseconds.
// It does nothing on a running clock, or when t is not later than Now.
func (c *Clock) MoveTo(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if to := floorMS(t); !c.running() && to > c.base {
		c.base, c.last = to, to
	}
}

// Until is the wall time that passes before Now is t or later: 0 when it already is.
// Not ever when t lies ahead of a held or manual clock, or beyond the year 9999.
// More than 292 years are reported as 292: whoever wakes up asks again.
func (c *Clock) Until(t time.Time) (wall time.Duration, ever bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, w := c.now()
	if !t.After(fromMS(now)) {
		return 0, true
	}
	if !c.running() || t.After(latest) {
		return 0, false
	}
	return max(wallFor(ceilMS(t)-c.base, c.mode.rate())-w.Sub(c.since), 1), true
}

func (c *Clock) running() bool { return !c.held && c.mode.rate() > 0 }

// now is the sandbox's time in Unix milliseconds and the wall reading that it was made from. The caller holds mu.
func (c *Clock) now() (int64, time.Time) {
	w := reading(c.wall)
	if !c.running() {
		return c.base, w
	}
	now := c.base + min(sandboxFor(w.Sub(c.since), c.mode.rate()), floorMS(latest)-c.base)
	if now < c.last || w.Before(c.since) { // the wall was set back: go on from the last answer rather than stand still until it catches up
		now, c.base, c.since = c.last, c.last, w
	}
	c.last = now
	return now, w
}

// reading is the wall's time without Go's monotonic part: that one stops while a machine sleeps, and a sandbox's time does not.
func reading(wall Wall) time.Time { return wall.Now().Round(0) }

// sandboxFor is how many whole sandbox milliseconds pass in wall time d at rate. 128-bit inside: three hours at x1000000 are beyond 63 bits of nanoseconds.
func sandboxFor(d time.Duration, rate int64) int64 {
	if d <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(d), uint64(rate))
	ms, _ := bits.Div64(hi, lo, uint64(time.Millisecond)) // hi < MaxRate/2, so it cannot overflow
	return int64(min(ms, math.MaxInt64))
}

// wallFor is the least wall time in which ms sandbox milliseconds pass at rate.
func wallFor(ms, rate int64) time.Duration {
	hi, lo := bits.Mul64(uint64(ms), uint64(time.Millisecond))
	lo, carry := bits.Add64(lo, uint64(rate-1), 0)
	hi += carry
	if hi >= uint64(rate) {
		return math.MaxInt64
	}
	d, _ := bits.Div64(hi, lo, uint64(rate))
	return time.Duration(min(d, math.MaxInt64))
}

func fromMS(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func floorMS(t time.Time) int64 {
	switch {
	case t.Before(earliest):
		return earliest.UnixMilli()
	case t.After(latest):
		return latest.UnixMilli()
	}
	return t.UnixMilli()
}

func ceilMS(t time.Time) int64 {
	ms := floorMS(t)
	if fromMS(ms).Before(t) && ms < latest.UnixMilli() {
		ms++
	}
	return ms
}
