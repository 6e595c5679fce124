package scenarios

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// toDecimal reads any value that is a number.
func toDecimal(v any) (Decimal, bool) {
	switch n := v.(type) {
	case Decimal:
		return n, true
	case json.Number:
		d, err := ParseDecimal(string(n))
		return d, err == nil
	case int:
		return Decimal{small: int64(n)}, true
	case int64:
		return Decimal{small: n}, true
	case int32:
		return Decimal{small: int64(n)}, true
	}
	return Decimal{}, false
}

func isNumber(v any) bool {
	switch v.(type) {
	case Decimal, json.Number, int, int64, int32:
		return true
	}
	return false
}

// toInt reads a whole number for a count or an index.
func toInt(v any) (int, bool) {
	d, ok := toDecimal(v)
	if !ok {
		return 0, false
	}
	n, ok := d.Int64()
	return int(n), ok && int64(int32(n)) == n
}

func toList(v any) ([]any, bool) {
	switch l := v.(type) {
	case []any:
		return l, true
	case []string:
		return anys(l), true
	case []map[string]any:
		return anys(l), true
	}
	return nil, false
}

func anys[T any](l []T) []any {
	out := make([]any, len(l))
	for i, v := range l {
		out[i] = v
	}
	return out
}

func toMap(v any) (map[string]any, bool) {
	switch m := v.(type) {
	case map[string]any:
		return m, true
	case map[string]string:
		out := make(map[string]any, len(m))
		for k, v := range m {
			out[k] = v
		}
		return out, true
	}
	return nil, false
}

// toTime reads an instant: a time, an ISO text, or milliseconds.
func toTime(v any) (time.Time, bool) {
	switch t := v.(type) {
	case time.Time:
		return t, true
	case string:
		return parseTime(t)
	}
	if d, ok := toDecimal(v); ok {
		if n, ok := d.Round(0, Down).Int64(); ok {
			return time.UnixMilli(n).UTC(), true
		}
	}
	return time.Time{}, false
}

func parseTime(s string) (time.Time, bool) {
	if len(s) < len(time.DateOnly) || len(s) > 40 {
		return time.Time{}, false
	}
	for _, form := range []string{time.RFC3339Nano, time.DateOnly, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04:05.999999999Z0700"} {
		if t, err := time.Parse(form, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// describe names a value's kind for a message; it never shows the value.
func describe(v any) string {
	switch v.(type) {
	case nil:
		return "nothing"
	case string:
		return "text"
	case bool:
		return "true or false"
	case time.Time:
		return "a time"
	case time.Duration:
		return "a duration"
	}
	if isNumber(v) {
		return "a number"
	}
	if _, ok := toList(v); ok {
		return "a list"
	}
	if _, ok := v.(map[string]any); ok {
		return "an object"
	}
	if _, ok := v.(map[string]string); ok {
		return "an object"
	}
	return "something else"
}

// equal compares by value: numbers as numbers, instants as instants.
func equal(a, b any) bool { return equalDepth(a, b, 0) }

func equalDepth(a, b any, depth int) bool {
	if a == nil || b == nil || depth > 100 {
		return a == nil && b == nil
	}
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			return x == y
		}
		if y, ok := b.(time.Time); ok {
			t, ok := parseTime(x)
			return ok && t.Equal(y)
		}
		return false
	case bool:
		y, ok := b.(bool)
		return ok && x == y
	case time.Time:
		y, ok := b.(time.Time)
		if s, is := b.(string); is {
			y, ok = parseTime(s)
		}
		return ok && x.Equal(y)
	case time.Duration:
		y, ok := b.(time.Duration)
		return ok && x == y
	}
	if x, ok := toDecimal(a); ok {
		y, ok := toDecimal(b)
		return ok && x.Equal(y)
	}
	return equalParts(a, b, depth+1)
}

func equalParts(a, b any, depth int) bool {
	if x, ok := toList(a); ok {
		y, ok := toList(b)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !equalDepth(x[i], y[i], depth) {
				return false
			}
		}
		return true
	}
	x, ok := toMap(a)
	y, also := toMap(b)
	if !ok || !also || len(x) != len(y) {
		return false
	}
	for k, v := range x {
		w, ok := y[k]
		if !ok || !equalDepth(v, w, depth) {
			return false
		}
	}
	return true
}

// order compares two values of one kind.
func order(a, b any) (int, error) {
	if x, ok := toDecimal(a); ok {
		if y, ok := toDecimal(b); ok {
			return x.Cmp(y), nil
		}
	}
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			return strings.Compare(x, y), nil
		}
		if y, ok := b.(time.Time); ok {
			if t, ok := parseTime(x); ok {
				return t.Compare(y), nil
			}
		}
	case time.Time:
		if y, ok := b.(time.Time); ok {
			return x.Compare(y), nil
		}
		if y, ok := b.(string); ok {
			if t, ok := parseTime(y); ok {
				return x.Compare(t), nil
			}
		}
	case time.Duration:
		if y, ok := b.(time.Duration); ok {
			return cmp.Compare(x, y), nil
		}
	}
	hint := ""
	if _, ok := a.(time.Time); ok && isNumber(b) {
		hint = "; say instant(…)"
	} else if _, ok := b.(time.Time); ok && isNumber(a) {
		hint = "; say instant(…)"
	}
	return 0, fmt.Errorf("cannot compare %s with %s%s", describe(a), describe(b), hint)
}

// clip shortens text for a message.
func clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}
