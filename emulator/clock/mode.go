package clock

import (
	"fmt"
	"strconv"
	"strings"
)

// The kinds of Mode.
const (
	Real   = "real"   // sandbox seconds pass as wall seconds do
	Manual = "manual" // time stands still until it is moved
	Scaled = "scaled" // Rate sandbox seconds pass in one wall second
)

// The bounds of a scaled mode's rate.
const (
	MinRate = 2
	MaxRate = 1_000_000
)

// Mode says how a sandbox's time passes. The zero Mode is real.
type Mode struct {
	Kind string
	Rate int64 // sandbox seconds in a wall second; only read when Kind is Scaled
}

// ParseMode reads "real", "manual" or "x60" (x2 to x1000000).
func ParseMode(s string) (Mode, error) {
	switch s {
	case Real, Manual:
		return Mode{Kind: s}, nil
	}
	digits, ok := strings.CutPrefix(s, "x")
	rate, err := strconv.ParseUint(digits, 10, 32)
	if !ok || err != nil || rate < MinRate || rate > MaxRate {
		return Mode{}, fmt.Errorf("clock mode %q: expected real, manual, or x%d to x%d", s, MinRate, MaxRate)
	}
	return Mode{Kind: Scaled, Rate: int64(rate)}, nil
}

// String is what ParseMode reads.
func (m Mode) String() string {
	switch m.Kind {
	case Manual:
		return Manual
	case Scaled:
		return "x" + strconv.FormatInt(m.rate(), 10)
	}
	return Real
}

// MarshalText makes a Mode one JSON string, as ParseMode reads it.
func (m Mode) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText is ParseMode.
func (m *Mode) UnmarshalText(b []byte) error {
	mode, err := ParseMode(string(b))
	if err != nil {
		return err
	}
	*m = mode
	return nil
}

// rate is sandbox time per wall time; 0 for manual.
func (m Mode) rate() int64 {
	switch m.Kind {
	case Manual:
		return 0
	case Scaled:
		return min(max(m.Rate, 1), MaxRate)
	}
	return 1
}
