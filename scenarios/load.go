package scenarios

import (
	"cmp"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// Load reads a scenario from YAML. Its error lists everything that is wrong
// with the file's structure, each with file, line and column.
func Load(file string, data []byte) (*Scenario, error) {
	l := &loader{file: file}
	s := &Scenario{File: file}
	if root := l.parseYAML(data); root != nil {
		l.decode(root, reflect.ValueOf(s).Elem(), "a scenario")
	}
	if l.sort(); len(l.errs) > 0 {
		return nil, l.errs
	}
	return s, nil
}

func (l *loader) sort() {
	slices.SortStableFunc(l.errs, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// decode reads a node into a Go value, by its type.
func (l *loader) decode(n ast.Node, v reflect.Value, what string) {
	if !l.enter(n) {
		return
	}
	defer l.leave()
	switch p := v.Addr().Interface().(type) {
	case *string:
		*p = l.text(n, what)
	case *int:
		l.integer(n, p, what)
	case *bool:
		l.boolean(n, p, what)
	case *Duration:
		l.duration(n, p, what)
	case **Duration:
		*p = new(Duration)
		l.duration(n, *p, what)
	case *Percent:
		l.percent(n, p, what)
	case *Template:
		*p = l.template(n)
	case *[]string:
		*p = l.words(n, what)
	case **[]string:
		words := l.orNone(n, what)
		*p = &words
	case *Events:
		if names := l.orNone(n, what); len(names) > 0 {
			*p = names
		}
	case **Events:
		events := Events(l.orNone(n, what))
		*p = &events
	case *map[string]any:
		*p, _ = l.data(n).(map[string]any)
	case *[]*Resource:
		*p = named(l, n, what, l.resource)
	case *[]*Operation:
		*p = named(l, n, what, l.operation)
	case *[]*Move:
		*p = named(l, n, what, l.move)
	case *[]*CallbackSource:
		*p = named(l, n, what, l.callbackSource)
	case *[]*CallbackHandler:
		*p = named(l, n, what, l.callbackHandler)
	case *[]*CallbackSend:
		*p = named(l, n, what, l.callbackSend)
	case *[]Fetch:
		*p = named(l, n, what, l.load)
	case *[]Let:
		*p = named(l, n, what, l.let)
	case *[]Setting:
		*p = named(l, n, what, l.setting)
	case *[]Pair:
		*p = named(l, n, what, l.couple)
	case **Idempotency:
		*p = l.idempotency(n)
	case *[]Filter:
		*p = named(l, n, what, l.filter)
	default:
		l.compound(n, v, what)
	}
}

// compound reads structs, and lists and mappings of them.
func (l *loader) compound(n ast.Node, v reflect.Value, what string) {
	switch v.Kind() {
	case reflect.Struct:
		l.object(n, v, what)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		l.decode(n, v.Elem(), what)
	case reflect.Slice:
		items := l.items(n, what)
		v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
		for i, item := range items {
			l.decode(item, v.Index(i), "an entry of "+what)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for _, p := range l.pairs(n, what) {
			e := reflect.New(v.Type().Elem()).Elem()
			l.decode(p.value, e, p.name)
			v.SetMapIndex(reflect.ValueOf(p.name), e)
		}
	}
}

// named reads a mapping whose keys are names, in file order.
func named[T any](l *loader, n ast.Node, what string, read func(pair) T) []T {
	var out []T
	for _, p := range l.pairs(n, what) {
		if !l.enter(p.value) {
			return out
		}
		out = append(out, read(p))
		l.leave()
	}
	return out
}

// extra is a key of a struct that is no field of its own.
type extra func(p pair)

// object reads a mapping into a struct by its yaml tags. It returns the pairs
// that were read, by name.
func (l *loader) object(n ast.Node, v reflect.Value, what string) map[string]pair {
	return l.objectWith(n, v, what, l.extras(v))
}

func (l *loader) objectWith(n ast.Node, v reflect.Value, what string, extras map[string]extra) map[string]pair {
	fields := fieldsOf(v.Type())
	read, unknown := map[string]pair{}, 0
	for _, p := range l.pairs(n, what) {
		if f, ok := extras[p.name]; ok {
			if f == nil {
				unknown++
				l.unknown(p, what, fields, extras)
				continue
			}
			read[p.name] = p
			f(p)
			continue
		}
		i, ok := fields[p.name]
		if !ok {
			unknown++
			l.unknown(p, what, fields, extras)
			continue
		}
		read[p.name] = p
		l.decode(p.value, v.FieldByIndex(i), p.name)
	}
	l.setLine(n, v)
	if unknown == 0 && l.isMapping(n) { // else what seems to be missing is there, misspelt
		l.complete(n, v, what, read)
	}
	return read
}

func (l *loader) isMapping(n ast.Node) bool {
	switch l.resolve(n).(type) {
	case *ast.MappingNode, *ast.MappingValueNode, *ast.NullNode, nil:
		return true
	}
	return false
}

func (l *loader) unknown(p pair, what string, fields map[string][]int, extras map[string]extra) {
	var known []string
	for k := range fields {
		if f, ok := extras[k]; !ok || f != nil {
			known = append(known, k)
		}
	}
	for k, f := range extras {
		if f != nil {
			known = append(known, k)
		}
	}
	hint := suggest(p.name, known)
	if _, empty := p.value.(*ast.NullNode); empty && strings.Contains(p.name, " ") {
		hint = "; text with a comma in it needs quotes here"
	}
	l.fail(p.key, "%s has no key %q%s", what, clip(p.name, 60), hint)
}

// fieldsOf maps yaml names to fields, those of embedded structs included.
func fieldsOf(t reflect.Type) map[string][]int {
	out := map[string][]int{}
	for _, f := range reflect.VisibleFields(t) {
		if name := f.Tag.Get("yaml"); name != "" && name != "-" {
			out[name] = f.Index
		}
	}
	return out
}

func (l *loader) setLine(n ast.Node, v reflect.Value) {
	if f := v.FieldByName("Line"); f.IsValid() && f.Int() == 0 {
		f.SetInt(int64(lineOf(n)))
	}
}

func (l *loader) integer(n ast.Node, p *int, what string) {
	if i, err := strconv.Atoi(l.text1(n)); err == nil {
		*p = i
		return
	}
	l.fail(n, "%s is a whole number", what)
}

func (l *loader) boolean(n ast.Node, p *bool, what string) {
	if b, ok := l.resolve(n).(*ast.BoolNode); ok {
		*p = b.Value
		return
	}
	l.fail(n, "%s is true or false", what)
}

func (l *loader) duration(n ast.Node, p *Duration, what string) {
	d, err := parseDuration(l.text1(n))
	if err != nil || d < 0 {
		l.fail(n, "%s is a duration like 30s, 5m, 1h30m or 2d", what)
		return
	}
	*p = Duration(d)
}

// text1 is the text of a scalar, "" of anything else.
func (l *loader) text1(n ast.Node) string {
	switch l.resolve(n).(type) {
	case *ast.MappingNode, *ast.MappingValueNode, *ast.SequenceNode:
		return ""
	}
	return l.text(n, "")
}

func (l *loader) items(n ast.Node, what string) []ast.Node {
	switch m := l.resolve(n).(type) {
	case *ast.SequenceNode:
		return m.Values
	case *ast.NullNode, nil:
		return nil
	}
	l.fail(n, "%s is a list", what)
	return nil
}

// words reads a list of text, or one text.
func (l *loader) words(n ast.Node, what string) []string {
	if _, ok := l.resolve(n).(*ast.SequenceNode); !ok {
		if s := l.text(n, what); s != "" {
			return []string{s}
		}
		return nil
	}
	var out []string
	for _, item := range l.items(n, what) {
		out = append(out, l.text(item, "an entry of "+what))
	}
	return out
}

// orNone reads words, or the word none for an empty list.
func (l *loader) orNone(n ast.Node, what string) []string {
	words := []string{}
	if l.text1(n) == "none" {
		return words
	}
	return append(words, l.words(n, what)...)
}

// data reads any YAML as JSON values; strings stay strings.
func (l *loader) data(n ast.Node) any {
	if !l.enter(n) {
		return nil
	}
	defer l.leave()
	switch m := l.resolve(n).(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		out := map[string]any{}
		for _, p := range l.pairs(m, "data") {
			out[p.name] = l.data(p.value)
		}
		return out
	case *ast.SequenceNode:
		out := make([]any, len(m.Values))
		for i, v := range m.Values {
			out[i] = l.data(v)
		}
		return out
	default:
		v, _, _ := l.scalar(m)
		return v
	}
}

// template reads a value with expressions in it.
func (l *loader) template(n ast.Node) Template {
	t := Template{Line: lineOf(n)}
	if !l.enter(n) {
		return t
	}
	defer l.leave()
	switch m := l.resolve(n).(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		t.Map = true
		for _, p := range l.pairs(m, "a template") {
			t.Fields = append(t.Fields, Field{p.name, l.template(p.value)})
		}
	case *ast.SequenceNode:
		t.Seq = true
		for _, item := range m.Values {
			t.List = append(t.List, l.template(item))
		}
	default:
		v, isText, ok := l.scalar(m)
		if !ok {
			return t
		}
		if !isText {
			t.Const = &v
			return t
		}
		if t.Expr = v.(string); strings.TrimSpace(t.Expr) == "" {
			l.fail(n, "an expression is missing; empty text is \"''\"")
		}
	}
	return t
}

// Span is the duration as Go's own.
func (d Duration) Span() time.Duration { return time.Duration(d) }
