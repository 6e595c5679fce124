package clock

import "time"

// Wall is the time outside the sandbox. Tests and simulations give their own.
type Wall interface {
	Now() time.Time
	NewTimer(d time.Duration) Timer
}

// Timer fires once on C, unless stopped first.
type Timer interface {
	C() <-chan time.Time
	Stop() bool
}

// System is the wall time of this machine.
var System Wall = system{}

type system struct{}

func (system) Now() time.Time                 { return time.Now() }
func (system) NewTimer(d time.Duration) Timer { return systemTimer{time.NewTimer(d)} }

type systemTimer struct{ timer *time.Timer }

func (t systemTimer) C() <-chan time.Time { return t.timer.C }
func (t systemTimer) Stop() bool          { return t.timer.Stop() }
