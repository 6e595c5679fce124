package clock

import (
	"encoding/json"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// fakeWall is moved by hand. Its timers are never asked for.
type fakeWall struct {
	mu  sync.Mutex
	now time.Time
}

func (w *fakeWall) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *fakeWall) NewTimer(time.Duration) Timer { panic("not used") }

func (w *fakeWall) move(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func mode(t testing.TB, s string) Mode {
	t.Helper()
	m, err := ParseMode(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func wantNow(t testing.TB, c *Clock, want time.Time) {
	t.Helper()
	if got := c.Now(); !got.Equal(want) || got.Location() != time.UTC {
		t.Errorf("Now = %v, want %v", got, want)
	}
}

func TestNewAndPassing(t *testing.T) {
	start := time.Date(2030, 1, 2, 3, 4, 5, 6_789_000, time.FixedZone("east", 3600))
	cut := time.Date(2030, 1, 2, 2, 4, 5, 6e6, time.UTC)
	tests := []struct {
		name, mode  string
		start       time.Time
		first, hour time.Time // shown at once, and after one wall hour
	}{
		{"real follows the wall", "real", time.Time{}, noon, noon.Add(time.Hour)},
		{"real with start", "real", start, cut, cut.Add(time.Hour)},
		{"manual begins with the year", "manual", time.Time{}, ManualStart, ManualStart},
		{"manual with start", "manual", start, cut, cut},
		{"scaled", "x60", time.Time{}, noon, noon.Add(60 * time.Hour)},
		{"scaled past 63 bits of nanoseconds", "x1000000", start, cut, cut.Add(1_000_000 * time.Hour)},
		{"clamped at the last year", "x1000000", latest.Add(-time.Hour), latest.Add(-time.Hour), latest},
		{"start beyond JSON", "manual", latest.AddDate(5, 0, 0), latest, latest},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wall := &fakeWall{now: noon}
			c := New(wall, mode(t, tt.mode), tt.start)
			wantNow(t, c, tt.first)
			wall.move(time.Hour)
			wantNow(t, c, tt.hour)
		})
	}
}

func TestRealShowsTheWallsMilliseconds(t *testing.T) {
	wall := &fakeWall{now: noon.Add(700 * time.Microsecond)}
	c := New(wall, Mode{}, time.Time{})
	wall.move(400 * time.Microsecond)
	wantNow(t, c, noon.Add(time.Millisecond))
}

func TestYearsAtFullSpeed(t *testing.T) {
	wall := &fakeWall{now: noon}
	c := New(wall, mode(t, "x1000000"), time.Time{})
	wall.move(24 * time.Hour)
	wantNow(t, c, noon.AddDate(0, 0, 1_000_000))
}

func TestHoldMoveRelease(t *testing.T) {
	wall := &fakeWall{now: noon}
	c := New(wall, mode(t, "x10"), time.Time{})
	c.MoveTo(noon.Add(time.Hour)) // running: no effect
	wantNow(t, c, noon)

	c.Hold()
	wall.move(time.Minute)
	wantNow(t, c, noon)
	c.MoveTo(noon.Add(time.Hour))
	wantNow(t, c, noon.Add(time.Hour))
	c.MoveTo(noon) // earlier: ignored
	wantNow(t, c, noon.Add(time.Hour))
	if d, ever := c.Until(noon.Add(2 * time.Hour)); ever {
		t.Errorf("held Until = %v, true", d)
	}
	c.SetMode(mode(t, "x2"))
	wall.move(time.Minute)
	wantNow(t, c, noon.Add(time.Hour))

	c.Release()
	wall.move(time.Minute)
	wantNow(t, c, noon.Add(time.Hour+2*time.Minute))

	c.SetMode(mode(t, "manual"))
	c.MoveTo(noon.Add(3 * time.Hour))
	c.SetMode(mode(t, "real"))
	wantNow(t, c, noon.Add(3*time.Hour))
	wall.move(time.Second)
	wantNow(t, c, noon.Add(3*time.Hour+time.Second))
}

func TestHoldAndReleaseMustAlternate(t *testing.T) {
	panics := func(f func()) (yes bool) {
		defer func() { yes = recover() != nil }()
		f()
		return false
	}
	c := New(&fakeWall{now: noon}, Mode{}, time.Time{})
	if !panics(c.Release) {
		t.Error("Release of a clock that is not held: no panic")
	}
	c.Hold()
	if !panics(c.Hold) {
		t.Error("nested Hold: no panic")
	}
	c.Release() // the lock was not left behind
}

func TestWallSetBack(t *testing.T) {
	wall := &fakeWall{now: noon}
	c := New(wall, Mode{}, time.Time{})
	wall.move(-time.Hour) // before anything was read
	wantNow(t, c, noon)
	wall.move(time.Minute)
	wantNow(t, c, noon.Add(time.Minute))
	wall.move(-24 * time.Hour)
	wantNow(t, c, noon.Add(time.Minute))
	wall.move(time.Minute)
	wantNow(t, c, noon.Add(2*time.Minute))
}

func TestUntil(t *testing.T) {
	tests := []struct {
		mode string
		t    time.Duration // from now
		want time.Duration
		ever bool
	}{
		{"real", -time.Hour, 0, true},
		{"real", 0, 0, true},
		{"real", time.Hour, time.Hour, true},
		{"real", 1, time.Millisecond, true}, // Now shows whole milliseconds only
		{"manual", 0, 0, true},
		{"manual", time.Millisecond, 0, false},
		{"x60", time.Hour, time.Minute, true},
		{"x3", time.Millisecond, 333_334, true},
		{"x1000000", time.Millisecond, 1, true},
	}
	for _, tt := range tests {
		c := New(&fakeWall{now: noon}, mode(t, tt.mode), time.Time{})
		if got, ever := c.Until(noon.Add(tt.t)); tt.mode != "manual" && (got != tt.want || ever != tt.ever) {
			t.Errorf("%s: Until(+%v) = %v, %v, want %v, %v", tt.mode, tt.t, got, ever, tt.want, tt.ever)
		}
		c = New(&fakeWall{now: noon}, mode(t, tt.mode), noon)
		if got, ever := c.Until(noon.Add(tt.t)); got != tt.want || ever != tt.ever {
			t.Errorf("%s started: Until(+%v) = %v, %v, want %v, %v", tt.mode, tt.t, got, ever, tt.want, tt.ever)
		}
	}
	c := New(&fakeWall{now: noon}, Mode{}, noon)
	if got, ever := c.Until(noon.AddDate(500, 0, 0)); got != 1<<63-1 || !ever {
		t.Errorf("Until in 500 years = %v, %v", got, ever)
	}
	if got, ever := c.Until(latest.Add(1)); ever {
		t.Errorf("Until beyond the last year = %v, true", got)
	}
}

func TestRestore(t *testing.T) {
	at := noon.Add(5_000_000)
	tests := []struct {
		name  string
		state State
		gone  time.Duration // wall time since the state was taken
		want  time.Time
	}{
		{"real goes on while the process is down", State{Mode{Kind: Real}, at, noon}, time.Hour, at.Add(time.Hour)},
		{"scaled too", State{Mode{Scaled, 60}, at, noon}, time.Minute, at.Add(time.Hour)},
		{"manual stands", State{Mode{Kind: Manual}, at, noon}, time.Hour, at},
		{"never earlier, whatever the wall says", State{Mode{Kind: Real}, at, noon}, -time.Hour, at},
		{"never earlier, fractions included", State{Mode{Kind: Manual}, at.Add(1), noon}, 0, at.Add(time.Millisecond)},
		{"no anchor", State{Mode{Kind: Real}, at, time.Time{}}, time.Hour, at},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			raw, err := json.Marshal(tt.state)
			if err != nil {
				t.Fatal(err)
			}
			var s State
			if err := json.Unmarshal(raw, &s); err != nil {
				t.Fatal(err)
			}
			wall := &fakeWall{now: noon.Add(tt.gone)}
			c := Restore(wall, s)
			wantNow(t, c, tt.want)
			if s.Mode.Kind != Manual {
				wall.move(time.Hour)
				if !c.Now().After(tt.want) {
					t.Error("a restored clock stands still")
				}
			}
		})
	}
}

func TestStateJSON(t *testing.T) {
	c := New(&fakeWall{now: noon}, mode(t, "x60"), time.Time{})
	raw, err := json.Marshal(c.State())
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"mode":"x60","sandbox":"2026-05-01T12:00:00Z","wall":"2026-05-01T12:00:00Z"}`
	if string(raw) != want {
		t.Errorf("State = %s, want %s", raw, want)
	}
	if err := json.Unmarshal([]byte(`{"mode":"fast"}`), new(State)); err == nil {
		t.Error("an unknown mode was read")
	}
}

// Whatever happens: Now never decreases, Until tells the truth, and a persisted state restores to what it showed.
func TestClockProperties(t *testing.T) {
	modes := rapid.OneOf(
		rapid.Just(Mode{Kind: Real}), rapid.Just(Mode{Kind: Manual}),
		rapid.Custom(func(t *rapid.T) Mode { return Mode{Scaled, rapid.Int64Range(MinRate, MaxRate).Draw(t, "rate")} }))
	steps := rapid.OneOf(rapid.Int64Range(0, 3e6), rapid.Int64Range(0, int64(30*24*time.Hour)), rapid.Int64Range(-int64(time.Hour), 0))

	rapid.Check(t, func(t *rapid.T) {
		wall := &fakeWall{now: noon.Add(time.Duration(rapid.Int64Range(0, 1e9).Draw(t, "begin")))}
		var start time.Time
		if rapid.Bool().Draw(t, "started") {
			start = time.UnixMilli(rapid.Int64Range(-1e12, 4e12).Draw(t, "start"))
		}
		m := modes.Draw(t, "mode")
		c, held := New(wall, m, start), false
		last := c.Now()
		t.Repeat(map[string]func(*rapid.T){
			"wall":    func(t *rapid.T) { wall.move(time.Duration(steps.Draw(t, "step"))) },
			"setMode": func(t *rapid.T) { m = modes.Draw(t, "mode"); c.SetMode(m) },
			"moveTo":  func(t *rapid.T) { c.MoveTo(last.Add(time.Duration(steps.Draw(t, "by")))) },
			"toggle": func(t *rapid.T) {
				if held {
					c.Release()
				} else {
					c.Hold()
				}
				held = !held
			},
			"restore": func(t *rapid.T) {
				s := c.State()
				if shown := c.Now(); !s.Sandbox.Equal(shown) {
					t.Fatalf("State shows %v, the clock %v", s.Sandbox, shown)
				}
				r := Restore(wall, s)
				if got := r.Now(); !got.Equal(s.Sandbox) {
					t.Fatalf("restored to %v, was %v", got, s.Sandbox)
				}
				if held {
					r.Hold()
				}
				c = r
			},
			"until": func(t *rapid.T) {
				target := c.Now().Add(time.Duration(steps.Draw(t, "ahead")))
				d, ever := c.Until(target)
				switch reached := !c.Now().Before(target); {
				case reached != (ever && d == 0):
					t.Fatalf("Until(%v) = %v, %v at %v", target, d, ever, c.Now())
				case reached:
				case ever == (held || m.Kind == Manual) && !target.After(latest):
					t.Fatalf("ever = %v in %v, held %v", ever, m, held)
				case ever:
					wall.move(d - 1)
					if got := c.Now(); !got.Before(target) {
						t.Fatalf("%v is reached before Until = %v", target, d)
					}
					wall.move(1)
					if got := c.Now(); got.Before(target) {
						t.Fatalf("%v is not reached after Until = %v: %v", target, d, got)
					}
				}
			},
			"": func(t *rapid.T) {
				now := c.Now()
				if now.Before(last) {
					t.Fatalf("time went back from %v to %v", last, now)
				}
				if now.Nanosecond()%1e6 != 0 {
					t.Fatalf("%v is not whole milliseconds", now)
				}
				last = now
			},
		})
	})
}

func TestSystem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New(System, mode(t, "x60"), time.Time{})
		due := c.Now().Add(6 * time.Hour)
		d, _ := c.Until(due)
		timer := System.NewTimer(d)
		<-timer.C()
		wantNow(t, c, due)
		if timer.Stop() {
			t.Error("a timer that fired can still be stopped")
		}
		if !System.NewTimer(time.Hour).Stop() {
			t.Error("a running timer cannot be stopped")
		}
	})
}

func TestConcurrentUse(t *testing.T) {
	wall := &fakeWall{now: noon}
	c := New(wall, mode(t, "x60"), time.Time{})
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			last := c.Now()
			for range 200 {
				wall.move(time.Millisecond)
				if i == 0 {
					c.Hold()
					c.MoveTo(c.Now().Add(time.Second))
					c.SetMode(Mode{Scaled, 7})
					c.Release()
				}
				c.Until(last.Add(time.Hour))
				if now := c.Now(); now.Before(last) {
					t.Errorf("time went back from %v to %v", last, now)
				} else {
					last = now
				}
				c.State()
			}
		})
	}
	group.Wait()
}
