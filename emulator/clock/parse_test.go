package clock

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseMode(t *testing.T) {
	for s, want := range map[string]Mode{
		"real": {Kind: Real}, "manual": {Kind: Manual}, "x2": {Scaled, 2}, "x60": {Scaled, 60}, "x1000000": {Scaled, 1_000_000},
	} {
		got, err := ParseMode(s)
		if err != nil || got != want || got.String() != s {
			t.Errorf("ParseMode(%q) = %+v, %v; String %q", s, got, err, got)
		}
	}
	for _, s := range []string{"", "x", "x0", "x1", "x-2", "x+2", "x1000001", "x1.5", "60", "X60", "fast", "x99999999999999999999", " real"} {
		if got, err := ParseMode(s); err == nil {
			t.Errorf("ParseMode(%q) = %+v, want an error", s, got)
		}
	}
	if got := (Mode{}).String(); got != "real" {
		t.Errorf("zero Mode is %q", got)
	}
}

func TestParseDuration(t *testing.T) {
	const day = 24 * time.Hour
	for s, want := range map[string]time.Duration{
		"0": 0, "0s": 0, "0d": 0, "90s": 90 * time.Second, "1h30m": 90 * time.Minute, "250ms": 250 * time.Millisecond, "5us": 5000, "5µs": 5000, "5μs": 5000,
		"365d": 365 * day, "1d12h": 36 * time.Hour, "1.5d": 36 * time.Hour, "12h1d": 36 * time.Hour, ".5d": 12 * time.Hour, "1d1d": 2 * day,
		"-1d": -day, "+1d": day, "-1d1ns": -day - 1, "-0.5d": -12 * time.Hour, "106751d": 106751 * day,
	} {
		if got, err := ParseDuration(s); err != nil || got != want {
			t.Errorf("ParseDuration(%q) = %v, %v, want %v", s, got, err, want)
		}
	}
	for _, s := range []string{
		"", "d", "-", "+", "1", "1 d", " 1d", "1d ", "--1d", "1d-1h", ".d", "1..5d", "1x", "1dd", "1dh", "1D", "1w", "1e3d", "106752d", "106751d24h", "99999999999999999999d", "1d0",
	} {
		if got, err := ParseDuration(s); err == nil {
			t.Errorf("ParseDuration(%q) = %v, want an error", s, got)
		}
	}
}

// Whatever Go prints, with days in front or not, is read back.
func TestParseDurationReadsGo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(-1<<62, 1<<62).Draw(t, "d"))
		if got, err := ParseDuration(d.String()); err != nil || got != d {
			t.Fatalf("ParseDuration(%q) = %v, %v", d.String(), got, err)
		}
		s := rapid.StringMatching(`[-+]?([0-9.]{0,4}[dhmsnuµ]{0,2}){0,3}`).Draw(t, "s")
		want, plain := time.ParseDuration(s)
		if got, err := ParseDuration(s); plain == nil && (err != nil || got != want) {
			t.Fatalf("ParseDuration(%q) = %v, %v, want %v", s, got, err, want)
		}
	})
}
