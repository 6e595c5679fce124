package openapi

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// sameValue compares JSON values, as an enum and RFC 6902 have it: numbers by what they are worth, to the last digit, objects in whatever order.
func sameValue(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		other, ok := b.(map[string]any)
		if !ok || len(a) != len(other) {
			return false
		}
		for name, v := range a {
			if w, there := other[name]; !there || !sameValue(v, w) {
				return false
			}
		}
		return true
	case []any:
		other, ok := b.([]any)
		return ok && slices.EqualFunc(a, other, sameValue)
	case string:
		other, ok := b.(string)
		return ok && a == other
	case bool:
		other, ok := b.(bool)
		return ok && a == other
	case nil:
		return b == nil
	}
	x, ok := digits(a)
	if !ok {
		return false
	}
	y, ok := digits(b)
	return ok && (x == y || worth(x) == worth(y))
}

// digits writes a number as JSON has it.
func digits(v any) (string, bool) {
	switch v := v.(type) {
	case json.Number:
		return string(v), true
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), true
	case int:
		return strconv.Itoa(v), true
	case int32:
		return strconv.FormatInt(int64(v), 10), true
	case int64:
		return strconv.FormatInt(v, 10), true
	}
	return "", false
}

// worth writes a number so that those of the same value are written alike: 1.50, 15e-1 and 0.15E1 are "15e-1".
func worth(n string) string {
	sign := ""
	if strings.HasPrefix(n, "-") {
		sign, n = "-", n[1:]
	}
	exponent := 0
	if i := strings.IndexAny(n, "eE"); i >= 0 {
		e, err := strconv.Atoi(strings.TrimPrefix(n[i+1:], "+"))
		if err != nil || e > 1<<40 || e < -1<<40 {
			return sign + n
		}
		exponent, n = e, n[:i]
	}
	whole, fraction, _ := strings.Cut(n, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	exponent -= len(fraction)
	short := strings.TrimRight(digits, "0")
	if short == "" {
		return "0"
	}
	return sign + short + "e" + strconv.Itoa(exponent+len(digits)-len(short))
}
