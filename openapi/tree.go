package openapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
)

// tree is a JSON value that can be changed. It is taken apart where somebody looks, and what nobody changed is written as it was.
type tree struct {
	raw     json.RawMessage // the text, unless changed
	kind    byte            // its first character: { [ " t f n, or 0 for a number
	opened  bool
	changed bool
	parent  *tree
	name    string // in the parent, if that is an object
	kids    []*tree
	index   map[string]*tree // of many kids
	count   *int             // values taken apart in the whole tree
}

// maxOpened bounds what an overlay may take apart: a path such as $..x takes all.
const maxOpened = 1_000_000

var errOpened = errors.New("the document is too large for an overlay that looks everywhere in it: name the way to what it changes")

func newTree(raw json.RawMessage, parent *tree, name string, count *int) *tree {
	t := &tree{raw: raw, parent: parent, name: name, count: count}
	switch raw[0] {
	case '{', '[', '"', 't', 'f', 'n':
		t.kind = raw[0]
	}
	return t
}

// open takes an object or array apart.
func (t *tree) open() error {
	if t.opened || t.kind != '{' && t.kind != '[' {
		return nil
	}
	t.opened = true
	add := func(name string, value json.RawMessage) error {
		if *t.count++; *t.count > maxOpened {
			return errOpened
		}
		if t.kind == '{' {
			if i := t.find(name); i != nil {
				i.raw, i.kind = value, newTree(value, nil, "", nil).kind // the last one counts
				return nil
			}
		}
		t.append(newTree(value, t, name, t.count))
		return nil
	}
	if t.kind == '[' {
		return eachItem(t.raw, func(value json.RawMessage) error { return add("", value) })
	}
	return eachMember(t.raw, add)
}

func (t *tree) append(kid *tree) {
	kid.parent = t
	t.kids = append(t.kids, kid)
	if t.kind != '{' {
		return
	}
	if t.index != nil {
		t.index[kid.name] = kid
	} else if len(t.kids) > 16 {
		t.index = make(map[string]*tree, 64)
		for _, k := range t.kids {
			t.index[k.name] = k
		}
	}
}

// find is the member of a name, nil if there is none. The object is open.
func (t *tree) find(name string) *tree {
	if t.kind != '{' {
		return nil
	}
	if t.index != nil {
		return t.index[name]
	}
	for _, k := range t.kids {
		if k.name == name {
			return k
		}
	}
	return nil
}

// touch notes that a value changed, and with it those that it is in.
func (t *tree) touch() {
	for ; t != nil && !t.changed; t = t.parent {
		t.changed = true
	}
}

// merge puts an overlay's value into this one: members go into members, items behind items, anything else in its place.
func (t *tree) merge(update json.RawMessage) error {
	if err := t.open(); err != nil {
		return err
	}
	t.touch()
	switch {
	case t.kind == '[' && update[0] == '[':
		return eachItem(update, t.push)
	case t.kind == '[':
		return t.push(update)
	}
	return eachMember(update, func(name string, value json.RawMessage) error {
		kid := t.find(name)
		if kid == nil {
			t.append(newTree(value, t, name, t.count))
			return nil
		}
		if kid.kind == value[0] && (kid.kind == '{' || kid.kind == '[') {
			return kid.merge(value)
		}
		kid.replace(value)
		return nil
	})
}

func (t *tree) push(value json.RawMessage) error {
	if *t.count++; *t.count > maxOpened {
		return errOpened
	}
	t.append(newTree(value, t, "", t.count))
	return nil
}

func (t *tree) replace(value json.RawMessage) {
	t.touch()
	fresh := newTree(value, t.parent, t.name, t.count)
	t.raw, t.kind, t.opened, t.changed, t.kids, t.index = value, fresh.kind, false, false, nil, nil
}

// remove takes values out of where they are.
func remove(values []*tree) {
	gone := make(map[*tree]bool, len(values))
	parents := make(map[*tree]bool)
	var order []*tree
	for _, t := range values {
		gone[t] = true
		if !parents[t.parent] {
			parents[t.parent] = true
			order = append(order, t.parent)
		}
	}
	for _, p := range order {
		p.touch()
		p.kids = slices.DeleteFunc(p.kids, func(k *tree) bool { return gone[k] })
		p.index = nil
		if len(p.kids) > 16 && p.kind == '{' {
			p.index = make(map[string]*tree, len(p.kids))
			for _, k := range p.kids {
				p.index[k.name] = k
			}
		}
	}
}

// write appends the value's text.
func (t *tree) write(out []byte) []byte {
	if !t.changed {
		return append(out, t.raw...)
	}
	closing := t.kind + 2
	out = append(out, t.kind)
	for i, k := range t.kids {
		if i > 0 {
			out = append(out, ',')
		}
		if t.kind == '{' {
			out = append(appendString(out, k.name), ':')
		}
		out = k.write(out)
	}
	return append(out, closing)
}

// pointer is where the value is, as a JSON pointer.
func (t *tree) pointer() string {
	if t.parent == nil {
		return ""
	}
	if t.parent.kind == '[' {
		return t.parent.pointer() + "/" + strconv.Itoa(slices.Index(t.parent.kids, t))
	}
	return t.parent.pointer() + "/" + escapeToken(t.name)
}

// same compares two values as JSON: the order of members does not count.
func (t *tree) same(other *tree) bool {
	if t.kind != other.kind {
		return false
	}
	switch t.kind {
	case 0:
		return compareNumbers(t.raw, other.raw) == 0
	case '"':
		a, b := t.text(), other.text()
		return a == b
	case '{', '[':
		if t.open() != nil || other.open() != nil || len(t.kids) != len(other.kids) {
			return false
		}
		for i, kid := range t.kids {
			twin := other.kids[i]
			if t.kind == '{' {
				twin = other.find(kid.name)
			}
			if twin == nil || !kid.same(twin) {
				return false
			}
		}
		return true
	}
	return bytes.Equal(t.raw, other.raw)
}

// text is a string's value.
func (t *tree) text() string {
	s, _ := text(t.raw)
	return s
}

// compareNumbers orders two JSON numbers.
func compareNumbers(a, b []byte) int {
	x, errX := strconv.ParseInt(string(a), 10, 64)
	y, errY := strconv.ParseInt(string(b), 10, 64)
	if errX == nil && errY == nil {
		return compare(x, y)
	}
	f, _ := strconv.ParseFloat(string(a), 64)
	g, _ := strconv.ParseFloat(string(b), 64)
	return compare(f, g)
}

func compare[T int64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
