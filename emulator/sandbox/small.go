package sandbox

import (
	"strings"
	"time"
)

// pointed reads a JSON pointer out of the request document, to show what came.
func pointed(request any, pointer string) any {
	v := request
	for _, name := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[name]
	}
	return v
}

// exprPointer turns `request.body.rampId` into "/body/rampId".
func exprPointer(src string) string {
	rest, ok := strings.CutPrefix(src, "request.")
	if !ok || strings.ContainsAny(rest, " ()[]?") {
		return ""
	}
	return "/" + strings.ReplaceAll(rest, ".", "/")
}

// parseInstant reads a date or an instant of a period filter. A date alone
// means its first moment, or its last one for an upper bound.
func parseInstant(s, op string) (time.Time, bool) {
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t, true
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}, false
	}
	if op == "<=" || op == ">" {
		t = t.Add(24*time.Hour - time.Millisecond)
	}
	return t, true
}
