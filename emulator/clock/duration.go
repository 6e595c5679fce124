package clock

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// ParseDuration reads Go's durations and the unit d, which is 24 hours: "90s", "1h30m", "365d", "1d12h", "-0.5d".
func ParseDuration(s string) (time.Duration, error) {
	d, ok := parseDuration(s)
	if !ok {
		return 0, fmt.Errorf("duration %q: expected numbers with units such as 90s, 1h30m, 7d or 1d12h, at most 106751d", s)
	}
	return d, nil
}

func parseDuration(s string) (time.Duration, bool) {
	rest, negative := strings.CutPrefix(s, "-")
	if !negative {
		rest = strings.TrimPrefix(rest, "+")
	}
	if rest == "0" {
		return 0, true
	}
	var sum time.Duration
	for first := true; first || rest != ""; first = false {
		number := rest[:prefixOf(rest, "0123456789.")]
		rest = rest[len(number):]
		unit := rest[:len(rest)-len(strings.TrimLeft(rest, "dhmsnuµμ"))]
		rest = rest[len(unit):]
		factor := time.Duration(1)
		if unit == "d" {
			unit, factor = "h", 24
		}
		part, err := time.ParseDuration(number + unit)
		if err != nil || unit == "" || part > math.MaxInt64/factor || part*factor > math.MaxInt64-sum {
			return 0, false
		}
		sum += part * factor
	}
	if negative {
		sum = -sum
	}
	return sum, true
}

// prefixOf is the length of the longest prefix of s made of the bytes in set.
func prefixOf(s, set string) int {
	for i := range len(s) {
		if strings.IndexByte(set, s[i]) < 0 {
			return i
		}
	}
	return len(s)
}
