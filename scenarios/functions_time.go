package scenarios

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

var timeFunctions = []*function{
	pure(1, 1, "ms(t)", "milliseconds since 1970 of a time, or of a duration", milliseconds),
	pure(1, 1, "seconds(t)", "seconds since 1970 of a time, or of a duration", wholeSeconds),
	pure(1, 1, "iso(t)", "a time as 2026-01-31T12:00:00.000Z", iso),
	reading(1, 1, "instant(x)", "the time in an ISO text or in milliseconds since 1970, nil when there is none", instant),
	reading(1, 1, "duration(s)", "a span like '30s', '1d12h'; numbers multiply it", duration),
	pure(1, 1, "startOfDay(t)", "midnight (UTC) before t", truncated(func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	})),
	pure(1, 1, "startOfMonth(t)", "midnight (UTC) of the first day of its month", truncated(func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	})),
	pure(2, 2, "years(date, t)", "whole years from a date to t (an age), nil when one is not a date", years),
}

func formatTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func milliseconds(args ...any) (any, error) {
	if d, ok := args[0].(time.Duration); ok {
		return d.Milliseconds(), nil
	}
	t, err := timeOf("ms", args[0])
	if t == nil || err != nil {
		return nil, err
	}
	return t.UnixMilli(), nil
}

func wholeSeconds(args ...any) (any, error) {
	if d, ok := args[0].(time.Duration); ok {
		return int64(d / time.Second), nil
	}
	t, err := timeOf("seconds", args[0])
	if t == nil || err != nil {
		return nil, err
	}
	return t.Unix(), nil
}

// timeOf reads a time; nil and unreadable text give nil.
func timeOf(name string, v any) (*time.Time, error) {
	t, ok := toTime(v)
	if ok {
		return &t, nil
	}
	if _, text := v.(string); text || v == nil {
		return nil, nil
	}
	return nil, fmt.Errorf("%s takes a time, not %s", name, describe(v))
}

func iso(args ...any) (any, error) {
	t, err := timeOf("iso", args[0])
	if t == nil || err != nil {
		return nil, err
	}
	if t.Year() < 0 || t.Year() > 9999 {
		return nil, errors.New("iso: the year is beyond 9999")
	}
	return formatTime(*t), nil
}

func instant(args ...any) (any, error) {
	t, err := timeOf("instant", args[0])
	if t == nil || err != nil {
		return nil, err
	}
	return *t, nil
}

func duration(args ...any) (any, error) {
	switch v := args[0].(type) {
	case nil:
		return nil, nil
	case time.Duration:
		return v, nil
	case string:
		d, err := parseDuration(v)
		if err != nil {
			return nil, nil
		}
		return d, nil
	}
	return nil, fmt.Errorf("duration takes text, not %s", describe(args[0]))
}

func truncated(f func(time.Time) time.Time) call {
	return func(args ...any) (any, error) {
		t, err := timeOf("a day or month", args[0])
		if t == nil || err != nil {
			return nil, err
		}
		return f(t.UTC()), nil
	}
}

func years(args ...any) (any, error) {
	from, err := timeOf("years", args[0])
	if from == nil || err != nil {
		return nil, err
	}
	to, err := timeOf("years", args[1])
	if to == nil || err != nil {
		return nil, err
	}
	a, b := from.UTC(), to.UTC()
	n := b.Year() - a.Year()
	if b.Month() < a.Month() || b.Month() == a.Month() && b.Day() < a.Day() {
		n--
	}
	return n, nil
}

// parseDuration reads Go's durations and d for days of 24 hours.
func parseDuration(s string) (time.Duration, error) {
	bad := fmt.Errorf("%q is not a duration; write one like 30s, 5m, 1h30m or 2d", clip(s, 40))
	rest, sign := s, time.Duration(1)
	if cut, ok := strings.CutPrefix(rest, "-"); ok {
		rest, sign = cut, -1
	}
	var days time.Duration
	if head, tail, ok := strings.Cut(rest, "d"); ok {
		n, err := strconv.ParseFloat(head, 64)
		if err != nil || head == "" || strings.Trim(head, "0123456789.") != "" || n > math.MaxInt64/float64(24*time.Hour)/2 {
			return 0, bad
		}
		days, rest = time.Duration(n*float64(24*time.Hour)), tail
		if rest == "" {
			return sign * days, nil
		}
	}
	if rest == "" || rest[0] == '-' || rest[0] == '+' {
		return 0, bad
	}
	d, err := time.ParseDuration(rest)
	if err != nil || d > math.MaxInt64-days {
		return 0, bad
	}
	return sign * (days + d), nil
}
