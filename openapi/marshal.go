package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// maxWriteDepth stops a value that contains itself.
const maxWriteDepth = 1000

// Marshal writes v as compact JSON: no HTML escaping, properties in the schema's order and then the others sorted by name. Numbers and whatever
// has a MarshalJSON keep their digits. A nil schema sorts everything.
func Marshal(v any, s *Schema) ([]byte, error) {
	return AppendJSON(make([]byte, 0, 512), v, s)
}

// AppendJSON is Marshal onto the end of b.
func AppendJSON(b []byte, v any, s *Schema) ([]byte, error) {
	return appendValue(b, v, s, 0)
}

func appendValue(b []byte, v any, s *Schema, depth int) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case string:
		return appendString(b, v), nil
	case map[string]any:
		if v == nil {
			return append(b, "null"...), nil
		}
		return appendObject(b, v, s, depth+1)
	case []any:
		return appendArray(b, v, s, depth+1)
	case json.Number:
		if !isNumber(string(v)) {
			return b, fmt.Errorf("%q is no JSON number", show(string(v)))
		}
		return append(b, v...), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case int:
		return strconv.AppendInt(b, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(b, v, 10), nil
	}
	return appendOther(b, v, s, depth+1)
}

// appendOther writes the kinds that are rare in bodies.
func appendOther(b []byte, v any, s *Schema, depth int) ([]byte, error) {
	switch v := v.(type) {
	case json.Marshaler:
		raw, err := v.MarshalJSON()
		if err != nil {
			return b, err
		}
		return appendRaw(b, raw)
	case []string:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = item
		}
		return appendArray(b, list, s, depth)
	case []map[string]any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = item
		}
		return appendArray(b, list, s, depth)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return b, fmt.Errorf("a number that is not finite has no JSON form")
		}
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return b, err
	}
	return append(b, bytes.TrimRight(out.Bytes(), "\n")...), nil
}

func appendRaw(b, raw []byte) ([]byte, error) {
	start := len(b)
	out := bytes.NewBuffer(b)
	if err := json.Compact(out, raw); err != nil {
		return b[:start], err
	}
	return out.Bytes(), nil
}

func appendArray(b []byte, list []any, s *Schema, depth int) ([]byte, error) {
	if depth > maxWriteDepth {
		return b, errTooDeep
	}
	if list == nil {
		return append(b, "null"...), nil
	}
	var items *Schema
	if s != nil {
		items = s.itemsOf()
	}
	b = append(b, '[')
	for i, item := range list {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendValue(b, item, items, depth); err != nil {
			return b, fmt.Errorf("%d: %w", i, err)
		}
	}
	return append(b, ']'), nil
}

var errTooDeep = fmt.Errorf("the value has more than %d levels", maxWriteDepth)

// itemsOf is Items, looked for in the variants too.
func (s *Schema) itemsOf() *Schema {
	if items := s.Items(); items != nil {
		return items
	}
	for _, variant := range s.choices() {
		if items := variant.Items(); items != nil {
			return items
		}
	}
	return nil
}

func appendObject(b []byte, m map[string]any, s *Schema, depth int) ([]byte, error) {
	if depth > maxWriteDepth {
		return b, errTooDeep
	}
	w := objectWriter{b: append(b, '{'), m: m, depth: depth}
	var extra *Schema
	if s != nil {
		v := s.merged()
		if extra = v.extra; len(v.fields) > 0 {
			w.fields(v, nil)
		}
		seen := v
		for hops := 0; len(seen.variants) > 0 && w.err == nil && hops < maxHops; hops++ {
			variant := fitting(m, seen.variants)
			if variant == nil {
				break
			}
			w.before = append(w.before, seen)
			seen = variant.merged()
			w.fields(seen, w.before)
			if extra == nil {
				extra = seen.extra
			}
		}
		w.before = append(w.before, seen)
	}
	if w.err == nil && w.written < len(m) {
		w.rest(extra)
	}
	return append(w.b, '}'), w.err
}

// fitting picks the first variant whose required properties are all there.
func fitting(m map[string]any, variants []*Schema) *Schema {
	for _, variant := range variants {
		fits := true
		for _, name := range variant.merged().required {
			if _, ok := m[name]; !ok {
				fits = false
				break
			}
		}
		if fits {
			return variant
		}
	}
	return nil
}

// objectWriter writes the members of one object. before are the views already written, so that a property that two of them declare comes once.
type objectWriter struct {
	b       []byte
	m       map[string]any
	written int
	depth   int
	before  []*view
	err     error
}

func (w *objectWriter) fields(v *view, before []*view) {
	for _, f := range v.fields {
		value, ok := w.m[f.name]
		if !ok || declared(before, f.name) {
			continue
		}
		if w.member(f.key, value, f.schema); w.err != nil {
			w.err = fmt.Errorf("%s: %w", f.name, w.err)
			return
		}
	}
}

func declared(views []*view, name string) bool {
	for _, v := range views {
		if v.byName[name] != nil {
			return true
		}
	}
	return false
}

func (w *objectWriter) member(key []byte, value any, s *Schema) {
	if w.written > 0 {
		w.b = append(w.b, ',')
	}
	w.written++
	w.b, w.err = appendValue(append(w.b, key...), value, s, w.depth)
}

// rest writes what no schema declares, sorted.
func (w *objectWriter) rest(extra *Schema) {
	names := make([]string, 0, len(w.m)-w.written)
	for name := range w.m {
		if !declared(w.before, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if w.written > 0 {
			w.b = append(w.b, ',')
		}
		w.written++
		w.b = append(appendString(w.b, name), ':')
		if w.b, w.err = appendValue(w.b, w.m[name], extra, w.depth); w.err != nil {
			w.err = fmt.Errorf("%s: %w", name, w.err)
			return
		}
	}
}

const hexDigits = "0123456789abcdef"

// appendString writes a JSON string. Only what JSON demands is escaped.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				b = append(append(b, s[start:i]...), "\ufffd"...)
				start = i + 1
			}
			i += size
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
	return append(append(b, s[start:]...), '"')
}
