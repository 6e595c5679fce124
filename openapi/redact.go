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

// Redact takes card numbers and secrets out of a JSON text that is kept. The bytes of everything else stay as they are, so that it reads as it came
// and means what it meant; false means that it is no JSON.
func Redact(raw []byte) ([]byte, bool) { return redact(raw, true) }

func redact(raw []byte, cards bool) ([]byte, bool) {
	r := redactor{raw: raw, cards: cards, dec: json.NewDecoder(bytes.NewReader(raw)), hiding: -1}
	r.dec.UseNumber()
	for r.seen == 0 || len(r.open) > 0 { // one value
		before := r.dec.InputOffset()
		token, err := r.dec.Token()
		if err != nil || len(r.open) > 2*MaxDepth {
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
	cards  bool // card numbers go too, not secrets alone
	dec    *json.Decoder
	out    []byte
	copied int // bytes of raw that are in out, or were replaced
	seen   int
	open   []level
	hiding int // the level at which a secret began that is more than one token, -1 = none
	from   int // where that was
}

// level is an object or list around the token.
type level struct {
	object, named bool // named: a member's name was read, its value comes
	name          string
}

func (r *redactor) token(token json.Token, start, end int) {
	r.seen++
	n := len(r.open)
	d, _ := token.(json.Delim)
	switch {
	case d == '{' || d == '[':
		if r.hiding < 0 && r.secret() {
			r.hiding, r.from = n, start
		}
		r.open = append(r.open, level{object: d == '{'})
		return
	case d != 0:
		r.open = r.open[:n-1]
		if r.hiding == n-1 {
			r.hiding = -1
			r.put(hiddenValue, r.from, end)
		}
	case n > 0 && r.open[n-1].object && !r.open[n-1].named:
		name, _ := token.(string)
		r.open[n-1].name, r.open[n-1].named = name, true
		r.text(name, start, end)
		return
	case token != nil && token != "" && r.secret():
		r.put(hiddenValue, start, end)
	default:
		switch v := token.(type) {
		case string:
			r.text(v, start, end)
		case json.Number:
			r.text(v.String(), start, end)
		}
	}
	if n := len(r.open); n > 0 {
		r.open[n-1].named = false // the member has its value
	}
}

// text hides the card numbers in a name or a value.
func (r *redactor) text(v string, start, end int) {
	if masked := MaskCards(v); r.cards && masked != v {
		raw, _ := json.Marshal(masked)
		r.put(string(raw), start, end)
	}
}

// secret asks the name of the value that comes, and of a card's number the one around it.
func (r *redactor) secret() bool {
	n := len(r.open)
	if n == 0 || !r.open[n-1].named {
		return false
	}
	own := r.open[n-1].name
	if !r.cards {
		return secretName(own)
	}
	for _, l := range slices.Backward(r.open[:n-1]) {
		if l.object {
			return secretPath([]string{l.name, own})
		}
	}
	return secretPath([]string{own})
}

func (r *redactor) put(text string, start, end int) {
	if r.hiding < 0 {
		r.out = append(append(r.out, r.raw[r.copied:start]...), text...)
		r.copied = end
	}
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
		clean, cleanName := MaskCards(value), MaskCards(name)
		if secretPath(path) && value != "" {
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
