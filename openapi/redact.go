package openapi

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// hiddenValue stands for a value whose name says that it is secret.
const hiddenValue = `"***"`

// Redact takes card numbers and secrets out of a JSON text. The bytes of everything else stay as they are, so that it reads as it came; false means
// that it is no JSON.
func Redact(raw []byte) ([]byte, bool) {
	r := redactor{raw: raw, dec: json.NewDecoder(bytes.NewReader(raw))}
	r.dec.UseNumber()
	for r.seen == 0 || len(r.open) > 0 { // one value
		before := r.dec.InputOffset()
		token, err := r.dec.Token()
		if err != nil || len(r.open) > MaxDepth {
			break
		}
		start := before
		for strings.IndexByte(" \t\r\n,:", raw[start]) >= 0 {
			start++
		}
		r.token(token, int(start), int(r.dec.InputOffset()))
	}
	if len(r.open) > 0 || r.seen == 0 || len(bytes.TrimSpace(raw[r.dec.InputOffset():])) > 0 {
		return nil, false
	}
	return append(r.out, raw[r.copied:]...), true
}

// redactor walks through the tokens of a JSON text.
type redactor struct {
	raw    []byte
	dec    *json.Decoder
	out    []byte
	copied int // bytes of raw that are in out, or were replaced
	seen   int
	open   []level
}

// level is an object or list around the token.
type level struct {
	object, named bool // named: a member's name was read, its value comes
	name          string
}

func (r *redactor) token(token json.Token, start, end int) {
	r.seen++
	if d, ok := token.(json.Delim); ok {
		if d == '{' || d == '[' {
			r.open = append(r.open, level{object: d == '{'})
			return
		}
		r.open = r.open[:len(r.open)-1]
		r.valued()
		return
	}
	if n := len(r.open); n > 0 && r.open[n-1].object && !r.open[n-1].named {
		name, _ := token.(string)
		r.open[n-1].name, r.open[n-1].named = name, true
		if masked := maskDigits(name); masked != name {
			r.put(quoted(masked), start, end)
		}
		return
	}
	switch v := token.(type) {
	case string:
		if masked := maskDigits(v); v != "" && r.secret() {
			r.put(hiddenValue, start, end)
		} else if masked != v {
			r.put(quoted(masked), start, end)
		}
	case json.Number:
		if masked := maskDigits(v.String()); r.secret() {
			r.put(hiddenValue, start, end)
		} else if masked != v.String() {
			r.put(quoted(masked), start, end)
		}
	}
	r.valued()
}

// valued ends the member that the value belongs to.
func (r *redactor) valued() {
	if n := len(r.open); n > 0 {
		r.open[n-1].named = false
	}
}

// secret asks the names on the way to the value.
func (r *redactor) secret() bool {
	var names []string
	for _, l := range r.open {
		if l.object {
			names = append(names, l.name)
		}
	}
	return secretPath(names[max(0, len(names)-2):])
}

func (r *redactor) put(text string, start, end int) {
	r.out = append(append(r.out, r.raw[r.copied:start]...), text...)
	r.copied = end
}

func quoted(s string) string {
	raw, _ := json.Marshal(s)
	return string(raw)
}

// RedactForm is Redact for an urlencoded form.
func RedactForm(raw []byte) ([]byte, bool) {
	pairs := strings.Split(string(raw), "&")
	for i, pair := range pairs {
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(rawName)
		value, err2 := url.QueryUnescape(rawValue)
		if err != nil || err2 != nil {
			return nil, false
		}
		path := formPath(name)
		clean, cleanName := maskDigits(value), maskDigits(name)
		if secretPath(path[max(0, len(path)-2):]) && value != "" {
			clean = "***"
		}
		if clean != value || cleanName != name {
			pairs[i] = url.QueryEscape(cleanName) + "=" + url.QueryEscape(clean)
		}
	}
	return []byte(strings.Join(pairs, "&")), true
}

// formPath is the way that a form's name with brackets means: a[b][c].
func formPath(name string) []string {
	return strings.Split(strings.ReplaceAll(name, "]", ""), "[")
}

// DecodeForm decodes an urlencoded form; a[b]=c is a member in an object. Values are texts, and a name that comes twice counts once. It has the limits
// of DecodeJSON.
func DecodeForm(raw []byte) (map[string]any, *Violation) {
	fields, err := url.ParseQuery(string(raw))
	if err != nil {
		return nil, &Violation{Rule: "form", Expected: "an urlencoded form", Got: "text that is not one"}
	}
	if len(fields) > MaxMembers {
		return nil, &Violation{Rule: "limit", Expected: "at most 10000 members", Got: "more"}
	}
	out := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		path := formPath(name)
		if len(path) > MaxDepth {
			return nil, &Violation{Rule: "limit", Expected: "at most 64 levels", Got: "more"}
		}
		at := out
		for _, step := range path[:len(path)-1] {
			inner, ok := at[step].(map[string]any)
			if !ok {
				inner = map[string]any{}
				at[step] = inner
			}
			at = inner
		}
		if _, there := at[path[len(path)-1]].(map[string]any); !there {
			at[path[len(path)-1]] = strings.ToValidUTF8(fields[name][0], "\uFFFD")
		}
	}
	return out, nil
}
