package openapi

import (
	"encoding/json"
	"math"
	"sync"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

// maxWalk bounds the schemas that one validation looks at: variants inside variants multiply. What is beyond it is let through.
const maxWalk = 500_000

// walker tells whether a value fits, stopping at the first fault. A valid value costs it no memory.
type walker struct {
	request bool // what is readOnly is not asked for
	left    int
	levels  []around
	lent    *[]around
}

// frame is the place, in the walker's list, of one of the schemas that are about the same value, one inside the other; 0 is none.
type frame int

type around struct {
	schema *Schema
	up     frame
	deep   int
}

// levels are lent to walkers: only a schema with parts or variants needs them.
var levels = sync.Pool{New: func() any { list := make([]around, 0, 32); return &list }}

func (w *walker) done() {
	if w.lent != nil {
		clear(w.levels[:cap(w.levels)]) // no schema is held
		*w.lent = w.levels[:0]
		levels.Put(w.lent)
		w.lent = nil
	}
}

// round tells a circle, or a chain that is longer than any that is meant.
func (w *walker) round(f frame, s *Schema) bool {
	if f > 0 && w.levels[f-1].deep > maxNested {
		return true
	}
	for ; f > 0; f = w.levels[f-1].up {
		if w.levels[f-1].schema == s {
			return true
		}
	}
	return false
}

// enter goes into a schema that is about the same value as the one at up; leave goes out of it.
func (w *walker) enter(s *Schema, up frame) frame {
	deep := 0
	if up > 0 {
		deep = w.levels[up-1].deep + 1
	}
	if w.lent == nil {
		w.lent, _ = levels.Get().(*[]around)
		w.levels = (*w.lent)[:0]
	}
	w.levels = append(w.levels, around{s, up, deep})
	return frame(len(w.levels))
}

func (w *walker) leave() { w.levels = w.levels[:len(w.levels)-1] }

func (s *Schema) fits(v any) bool {
	w := walker{left: maxWalk}
	defer w.done()
	return w.fits(s, v, 0)
}

// fits says whether a value is valid for a schema. What is about the same value again is not asked twice.
func (w *walker) fits(s *Schema, v any, up frame) bool {
	if w.left--; w.left < 0 {
		return true
	}
	n := s.rules()
	if n.always != nil {
		return *n.always
	}
	if v == nil && n.nullOK {
		return true
	}
	if !n.composed {
		return w.own(s, n, v, up)
	}
	if w.round(up, s) {
		return true
	}
	here := w.enter(s, up)
	ok := v == nil && !n.nullHere() || w.own(s, n, v, here)
	ok = ok && w.composed(n, v, here)
	w.leave()
	return ok || w.left < 0
}

// nullHere says whether a schema with parts or variants judges null itself. In OpenAPI 3.0 it leaves that to them.
func (n *rules) nullHere() bool {
	return n.modern || len(n.allOf)+len(n.oneOf)+len(n.anyOf) == 0
}

// noNull says whether a schema that is not nullable refuses null by itself. JSON Schema's untyped schemas take it; OpenAPI 3.0 has no null, and there
// only a schema that says nothing at all takes it.
func (n *rules) noNull() bool {
	if n.types != 0 {
		return n.types&isNull == 0
	}
	return !n.modern && !n.blank() && len(n.kin.Enum) == 0 // one that lists null was asked before
}

// blank says whether a schema limits nothing.
func (n *rules) blank() bool {
	k := &n.kin
	return len(n.order) == 0 && n.extra == nil && !n.closed && n.items == nil && len(n.required) == 0 && len(k.Enum) == 0 && k.Format == "" && k.Pattern == "" &&
		k.Min == nil && k.Max == nil && k.MinLength == 0 && k.MaxLength == nil && k.MinItems == 0 && k.MaxItems == nil && !n.composed
}

// own asks a schema's own keywords and its children.
func (w *walker) own(s *Schema, n *rules, v any, here frame) bool {
	if len(n.kin.Enum) > 0 && !n.lists(v) {
		return false
	}
	switch v := v.(type) {
	case nil:
		return !n.noNull()
	case bool:
		return n.types.permits(isBoolean)
	case string:
		return n.text(v)
	case json.Number:
		return n.numeral(v)
	case float64:
		return !math.IsNaN(v) && !math.IsInf(v, 0) && n.number(v)
	case int:
		return n.number(float64(v))
	case int32:
		return n.number(float64(v))
	case int64:
		return n.number(float64(v))
	case []any:
		return w.array(s, n, v, here)
	case map[string]any:
		return w.object(s, n, v, here)
	}
	return false
}

// lists says whether a value is in the enum.
func (n *rules) lists(v any) bool {
	text, ok := v.(string)
	if ok && n.words != nil {
		return n.words[text]
	}
	for _, other := range n.kin.Enum {
		if ok {
			if o, same := other.(string); same && o == text {
				return true
			}
			continue
		}
		if sameValue(other, v) {
			return true
		}
	}
	return false
}

func (n *rules) text(v string) bool {
	k := &n.kin
	if !n.types.permits(isString) {
		return false
	}
	if k.MinLength != 0 || k.MaxLength != nil {
		if length := uint64(utf8.RuneCountInString(v)); length < k.MinLength || k.MaxLength != nil && length > *k.MaxLength {
			return false
		}
	}
	if k.Pattern != "" && !n.pattern().MatchString(v) {
		return false
	}
	return n.format == nil || n.format(v)
}

func (n *rules) pattern() matcher {
	n.compiling.Do(func() {
		m := compiled(n.kin.Pattern)
		if n.matches = m.matcher; m.problem != "" {
			n.schema.doc.repaired(n.schema.pointer()+"/pattern", m.problem, m.meaning)
		}
	})
	return n.matches
}

// numeral is number without reading the digits where they do not matter.
func (n *rules) numeral(v json.Number) bool {
	k := &n.kin
	if n.types.permits(isNumeric) && len(v) < 300 && k.Min == nil && k.Max == nil && k.MultipleOf == nil && !k.ExclusiveMin.IsSet() && !k.ExclusiveMax.IsSet() {
		for i := range len(v) {
			if v[i] == 'e' || v[i] == 'E' {
				f, err := v.Float64()
				return err == nil && n.number(f)
			}
		}
		return true
	}
	f, err := v.Float64()
	return err == nil && n.number(f)
}

func whole(f float64) bool { return f == math.Trunc(f) && !math.IsInf(f, 0) }

func (n *rules) number(f float64) bool {
	k := &n.kin
	if !n.types.permits(isNumeric | isInteger) {
		return false
	}
	if n.types&(isInteger|isNumeric) == isInteger {
		if !whole(f) {
			return false
		}
		if k.Format != "" && !n.integer(f) {
			return false
		}
	}
	if b := k.ExclusiveMin; b.Value != nil && f <= *b.Value || b.Value == nil && b.Bool != nil && *b.Bool && k.Min != nil && f <= *k.Min {
		return false
	}
	if b := k.ExclusiveMax; b.Value != nil && f >= *b.Value || b.Value == nil && b.Bool != nil && *b.Bool && k.Max != nil && f >= *k.Max {
		return false
	}
	if k.Min != nil && f < *k.Min || k.Max != nil && f > *k.Max {
		return false
	}
	return k.MultipleOf == nil || multiple(f, *k.MultipleOf)
}

// integer asks an integer's format; kin decides at the edge of what a float64 holds.
func (n *rules) integer(f float64) bool {
	switch n.kin.Format {
	case "int32":
		return f >= math.MinInt32 && f <= math.MaxInt32
	case "int64":
		if math.Abs(f) < 1<<53 {
			return true
		}
		only := openapi3.Schema{Type: &openapi3.Types{openapi3.TypeInteger}, Format: n.kin.Format}
		return only.VisitJSON(f, quick...) == nil
	}
	return true
}

// multiple asks kin, which is exact, unless the answer is plain.
func multiple(f, of float64) bool {
	if whole(f) && whole(of) && math.Abs(f) < 1<<53 {
		return math.Mod(f, of) == 0
	}
	if math.Abs(f-math.Round(f/of)*of) <= math.Abs(f)*(1.0/(1<<53)) {
		return true
	}
	only := openapi3.Schema{MultipleOf: &of}
	return only.VisitJSON(f, quick...) == nil
}
