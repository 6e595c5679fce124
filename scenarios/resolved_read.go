package scenarios

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// reader decodes what Resolve wrote, in one pass and mostly without
// reflection. encoding/json takes more than twice as long, and a process
// waits for this before its first answer; a test holds the two together.
// Texts are parts of the data, so that it stays in memory.
type reader struct {
	data   string
	at     int
	err    error
	fields map[reflect.Type]map[string][]int // json name -> field number
	// outline leaves the greater part of operations for later.
	outline bool
}

func (r *reader) fail(want string) {
	if r.err == nil {
		r.err = fmt.Errorf("offset %d: no %s", r.at, want)
	}
	r.at = len(r.data) // every loop ends here
}

func (r *reader) peek() byte {
	if r.at < len(r.data) {
		return r.data[r.at]
	}
	return 0
}

// take reads one byte of structure.
func (r *reader) take(c byte) bool {
	if r.peek() != c {
		return false
	}
	r.at++
	return true
}

func (r *reader) word(w string) bool {
	if !strings.HasPrefix(r.data[r.at:], w) {
		return false
	}
	r.at += len(w)
	return true
}

// raw is a number or word up to the next sign of structure.
func (r *reader) raw() string {
	start := r.at
	for c := r.peek(); c != 0 && c != ',' && c != '}' && c != ']'; c = r.peek() {
		r.at++
	}
	return r.data[start:r.at]
}

func (r *reader) text() string {
	if !r.take('"') {
		r.fail("text")
		return ""
	}
	rest := r.data[r.at:]
	end := strings.IndexByte(rest, '"')
	if end < 0 {
		r.fail("end of text")
		return ""
	}
	if strings.IndexByte(rest[:end], '\\') >= 0 {
		return r.escaped()
	}
	r.at += end + 1
	return rest[:end]
}

// escaped reads a text with backslashes in it, up to its end.
func (r *reader) escaped() string {
	start := r.at
	var b strings.Builder
	for r.at < len(r.data) {
		c := r.data[r.at]
		r.at++
		if c == '"' {
			return b.String()
		}
		if c != '\\' {
			b.WriteByte(c)
			continue
		}
		switch c = r.peek(); c {
		case '"', '\\', '/':
			b.WriteByte(c)
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		default:
			return r.rare(start)
		}
		r.at++
	}
	r.fail("end of text")
	return ""
}

// rare leaves a text with escapes such as \u2028 to encoding/json.
func (r *reader) rare(start int) (s string) {
	for r.at = start; r.at < len(r.data); r.at++ {
		switch r.data[r.at] {
		case '\\':
			r.at++
		case '"':
			r.at++
			if json.Unmarshal([]byte(r.data[start-1:r.at]), &s) != nil {
				r.fail("readable text")
			}
			return s
		}
	}
	r.fail("end of text")
	return ""
}

func (r *reader) integer() int64 {
	n, err := strconv.ParseInt(r.raw(), 10, 64)
	if err != nil {
		r.fail("whole number")
	}
	return n
}

// open and more go through an object or a list: for open; more { name or
// element }.
func (r *reader) open(begin byte) bool {
	if !r.take(begin) {
		r.fail("object or list")
	}
	return true
}

func (r *reader) more(end byte, first *bool) bool {
	if r.take(end) {
		return false
	}
	if !*first && !r.take(',') || r.at >= len(r.data) {
		r.fail("end of object or list")
		return false
	}
	*first = false
	return true
}

func (r *reader) name() string {
	name := r.text()
	if !r.take(':') {
		r.fail("member")
	}
	return name
}

// any reads a value of no known type.
func (r *reader) any() any {
	switch r.peek() {
	case '"':
		return r.text()
	case '{':
		out := map[string]any{}
		for first := r.open('{'); r.more('}', &first); {
			name := r.name()
			out[name] = r.any()
		}
		return out
	case '[':
		out := []any{}
		for first := r.open('['); r.more(']', &first); {
			out = append(out, r.any())
		}
		return out
	}
	switch w := r.raw(); w {
	case "null":
		return nil
	case "true":
		return true
	case "false":
		return false
	default:
		if _, ok := scanNumber(w); !ok {
			r.fail("value")
		}
		return json.Number(w)
	}
}

// template is most of a scenario.
func (r *reader) template(t *Template) {
	for first := r.open('{'); r.more('}', &first); {
		switch r.name() {
		case "e":
			t.Expr = r.text()
		case "c":
			v := r.any()
			if _, null := v.(map[string]any); null {
				v = nil
			}
			t.Const = &v
		case "l":
			for first := r.open('['); r.more(']', &first); {
				t.List = append(t.List, Template{})
				r.template(&t.List[len(t.List)-1])
			}
		case "f":
			t.Fields = make([]Field, 0, 4)
			for first := r.open('['); r.more(']', &first); {
				t.Fields = append(t.Fields, Field{})
				r.field(&t.Fields[len(t.Fields)-1])
			}
		case "m":
			t.Map = r.word("true")
		case "s":
			t.Seq = r.word("true")
		case "n":
			t.Line = int(r.integer())
		default:
			r.fail("key of a template")
		}
	}
}

func (r *reader) field(f *Field) {
	for first := r.open('{'); r.more('}', &first); {
		if r.name() == "k" {
			f.Name = r.text()
		} else {
			r.template(&f.Value)
		}
	}
}

// value reads whatever the Go value is made for.
func (r *reader) value(v reflect.Value) {
	if v.Type() == templateType {
		r.template(v.Addr().Interface().(*Template))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(r.text())
	case reflect.Int, reflect.Int64:
		v.SetInt(r.integer())
	case reflect.Bool:
		v.SetBool(r.raw() == "true")
	case reflect.Interface:
		if x := r.any(); x != nil {
			v.Set(reflect.ValueOf(x))
		}
	case reflect.Pointer:
		if !r.word("null") {
			v.Set(reflect.New(v.Type().Elem()))
			r.value(v.Elem())
		}
	case reflect.Slice:
		r.slice(v)
	case reflect.Map:
		r.table(v)
	case reflect.Struct:
		fields := r.fieldsOf(v.Type())
		for first := r.open('{'); r.more('}', &first); {
			name := r.name()
			i, ok := fields[name]
			if !ok {
				r.fail("known key, but " + name)
				return
			}
			r.value(v.FieldByIndex(i))
		}
	default:
		r.fail("value of a known type")
	}
}

func (r *reader) slice(v reflect.Value) {
	if r.word("null") {
		return
	}
	if p, ok := v.Addr().Interface().(*[]*Operation); ok && r.outline {
		*p = r.outlines()
		return
	}
	if p, ok := v.Addr().Interface().(*[]string); ok {
		*p = make([]string, 0, 2)
		for first := r.open('['); r.more(']', &first); {
			*p = append(*p, r.text())
		}
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, 4))
	for first := r.open('['); r.more(']', &first); {
		n := v.Len()
		v.Grow(1)
		v.SetLen(n + 1)
		r.value(v.Index(n))
	}
}

func (r *reader) table(v reflect.Value) {
	if r.word("null") {
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for first := r.open('{'); r.more('}', &first); {
		name := r.name()
		e := reflect.New(v.Type().Elem()).Elem()
		r.value(e)
		v.SetMapIndex(reflect.ValueOf(name), e)
	}
}

func (r *reader) fieldsOf(t reflect.Type) map[string][]int {
	if out, ok := r.fields[t]; ok {
		return out
	}
	out := make(map[string][]int, t.NumField())
	for _, f := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			out[name] = f.Index
		}
	}
	r.fields[t] = out
	return out
}

// decodeResolved reads what Resolve wrote.
func decodeResolved(data []byte) (*Scenario, error) { return decodeAs(data, false) }

func decodeOutline(data []byte) (*Scenario, error) { return decodeAs(data, true) }

func decodeAs(data []byte, outline bool) (*Scenario, error) {
	r := &reader{data: string(data), fields: map[reflect.Type]map[string][]int{}, outline: outline}
	s := new(Scenario)
	r.value(reflect.ValueOf(s).Elem())
	if r.take('\n'); r.err == nil && r.at != len(data) {
		return nil, errors.New("text after the end")
	}
	if r.err != nil {
		return nil, r.err
	}
	return s, nil
}
