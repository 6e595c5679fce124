package openapi

import (
	"bytes"
	"encoding/json"
)

// block reads the node that starts at the position, inside a collection whose column is parent. It stands on a line of its own, or behind a dash.
func (r *yamlReader) block(parent int) error {
	if r.pos >= len(r.src) {
		return r.null()
	}
	switch c := r.src[r.pos]; c {
	case '-':
		if r.blankAt(r.pos + 1) {
			return r.sequence(r.col())
		}
	case '?':
		if r.blankAt(r.pos + 1) {
			return r.fail("this reader does not know explicit keys")
		}
	case '{', '[':
		return r.inline(parent)
	case '&', '!':
		return r.properties(parent, true)
	}
	if name, merge, ok, err := r.key(); err != nil {
		return err
	} else if ok {
		return r.mapping(r.col(), name, merge)
	}
	return r.inline(parent)
}

func (r *yamlReader) null() error {
	r.out = append(r.out, "null"...)
	return nil
}

// key looks whether a member's name stands at the position; the position stays.
func (r *yamlReader) key() (name []byte, merge, ok bool, err error) {
	from, out := r.pos, len(r.out)
	defer func() { r.pos, r.out = from, r.out[:out] }()
	if c := r.src[from]; c == '"' || c == '\'' {
		start := r.start
		text, err := r.quoted(-1)
		sameLine := start == r.start
		r.start = start
		if err != nil {
			return nil, false, false, err
		}
		for r.pos < len(r.src) && (r.src[r.pos] == ' ' || r.src[r.pos] == '\t') {
			r.pos++
		}
		return text, false, sameLine && r.pos < len(r.src) && r.src[r.pos] == ':' && r.blankAt(r.pos+1), nil
	}
	if end := plainKey(r.src, from); end >= 0 {
		name = bytes.TrimRight(r.src[from:end], " \t")
		if c := r.src[from]; bytes.IndexByte([]byte("*&!|>@`%,]}#"), c) >= 0 {
			return nil, false, false, r.fail("a name cannot start with %q here", c)
		}
		return name, string(name) == "<<", true, nil
	}
	return nil, false, false, nil
}

// plainKey finds the colon behind a plain name that starts at i, or -1.
func plainKey(src []byte, i int) int {
	for ; i < len(src); i++ {
		switch src[i] {
		case '\n':
			return -1
		case ':':
			if i+1 >= len(src) || isBlank(src[i+1]) {
				return i
			}
		case '#':
			if i > 0 && isBlank(src[i-1]) {
				return -1
			}
		}
	}
	return -1
}

// mapping reads the members that start at a column. The first one's name has been seen already.
func (r *yamlReader) mapping(col int, name []byte, merge bool) error {
	if err := r.begin(true); err != nil {
		return err
	}
	for ok := true; ok; {
		if name == nil {
			var err error
			if name, merge, ok, err = r.key(); err != nil {
				return err
			} else if !ok && r.src[r.pos] == '?' {
				return r.fail("this reader does not know explicit keys")
			} else if !ok {
				return r.fail("a name and a colon belong here, as on the lines above")
			}
		}
		if err := r.pair(col, name, merge); err != nil {
			return err
		}
		name = nil
		var err error
		if ok, err = r.another(col); err != nil {
			return err
		}
		if ok && r.src[r.pos] == '-' && r.blankAt(r.pos+1) {
			return r.fail("a dash between the members of a mapping")
		}
	}
	return r.end()
}

// pair reads one member of a block mapping.
func (r *yamlReader) pair(col int, name []byte, merge bool) error {
	pos := r.pos
	r.toColon()
	if merge {
		return r.mergeKey(func() error { return r.value(col) })
	}
	if err := r.member(name, pos); err != nil {
		return err
	}
	return r.value(col)
}

// toColon goes behind the colon of the name at the position, which key has looked at.
func (r *yamlReader) toColon() {
	if c := r.src[r.pos]; c == '"' || c == '\'' {
		out := len(r.out)
		_, _ = r.quoted(-1)
		r.out = r.out[:out]
	} else {
		r.pos = plainKey(r.src, r.pos)
	}
	for r.src[r.pos] != ':' {
		r.pos++
	}
	r.pos++
}

// value reads what stands behind the colon of a member in the mapping at a column.
func (r *yamlReader) value(col int) error {
	if !r.spaces() {
		return r.inline(col)
	}
	if err := r.skip(); err != nil {
		return err
	}
	switch at := r.col(); {
	case r.pos >= len(r.src) || at < col:
		return r.null()
	case at > col:
		return r.block(col)
	case r.src[r.pos] == '-' && r.blankAt(r.pos+1):
		return r.sequence(col) // a list may stand right under its name
	}
	return r.null()
}

// another goes to the next token and says whether it belongs to the collection at a column.
func (r *yamlReader) another(col int) (bool, error) {
	if err := r.skip(); err != nil {
		return false, err
	}
	at := r.col()
	switch {
	case r.pos >= len(r.src):
		return false, nil
	case len(bytes.TrimLeft(r.src[r.start:r.pos], " ")) > 0:
		return false, r.fail("unexpected text after a value")
	case at > col:
		return false, r.fail("this line is indented more than those above that it belongs to")
	}
	return at == col, nil
}

func (r *yamlReader) sequence(col int) error {
	if err := r.begin(false); err != nil {
		return err
	}
	for ok := true; ok; {
		if err := r.next(); err != nil {
			return err
		}
		r.pos++
		if err := r.item(col); err != nil {
			return err
		}
		var err error
		if ok, err = r.another(col); err != nil {
			return err
		}
		ok = ok && r.src[r.pos] == '-' && r.blankAt(r.pos+1)
	}
	return r.end()
}

// item reads what stands behind a dash.
func (r *yamlReader) item(col int) error {
	if !r.spaces() {
		if bytes.IndexByte(r.src[r.start:r.pos], '\t') >= 0 {
			return r.fail("this reader does not know a tab behind a dash")
		}
		return r.block(col)
	}
	if err := r.skip(); err != nil {
		return err
	}
	if r.pos >= len(r.src) || r.col() <= col {
		return r.null()
	}
	return r.block(col)
}

// properties reads an anchor or a tag and the node behind it. own says that the node may be a block on the lines below.
func (r *yamlReader) properties(parent int, own bool) error {
	pos := r.pos
	end := pos + 1
	for end < len(r.src) && !isBlank(r.src[end]) && bytes.IndexByte([]byte(",[]{}"), r.src[end]) < 0 {
		end++
	}
	name := string(r.src[pos+1 : end])
	r.pos = end
	if r.src[pos] == '!' {
		if name != "!str" {
			return r.failAt(pos, "this reader does not know the tag !%s", name)
		}
		return r.asText(parent)
	}
	if name == "" {
		return r.failAt(pos, "an anchor has a name")
	}
	r.pending[name] = true
	from := len(r.out)
	if err := r.behind(parent, own); err != nil {
		return err
	}
	delete(r.pending, name)
	r.anchors[name] = bytes.Clone(r.out[from:])
	return r.grow(pos, len(r.out)-from)
}

// behind reads the node behind an anchor.
func (r *yamlReader) behind(parent int, own bool) error {
	if !own {
		return r.flow()
	}
	if r.spaces() {
		return r.value(parent)
	}
	if c := r.src[r.pos]; c != '{' && c != '[' && c != '&' && c != '!' {
		if _, _, ok, err := r.key(); err != nil || ok {
			return r.fail("this reader does not know an anchor on the line of a name")
		}
	}
	return r.inline(parent)
}

// grow counts what anchors and merge keys copy: it is how a short text becomes a long document.
func (r *yamlReader) grow(pos, n int) error {
	if r.grown += n; r.grown > MaxDocument || len(r.out) > MaxDocument {
		return r.refuse(pos, "the document is too large: its aliases make it grow past %d bytes", MaxDocument)
	}
	return nil
}

func (r *yamlReader) alias() error {
	pos := r.pos
	end := pos + 1
	for end < len(r.src) && !isBlank(r.src[end]) && bytes.IndexByte([]byte(",[]{}"), r.src[end]) < 0 {
		end++
	}
	name := string(r.src[pos+1 : end])
	value, ok := r.anchors[name]
	switch {
	case r.pending[name]:
		return r.refuse(pos, "the document is too deep: *%s holds itself", name)
	case !ok:
		return r.failAt(pos, "no anchor &%s before this alias", name)
	}
	r.pos = end
	r.out = append(r.out, value...)
	return r.grow(pos, len(value))
}

// mergeKey reads the value of a merge key (<<) and keeps it for the end of the mapping.
func (r *yamlReader) mergeKey(read func() error) error {
	pos, from := r.pos, len(r.out)
	if err := read(); err != nil {
		return err
	}
	source := bytes.Clone(r.out[from:])
	r.out = r.out[:from]
	o := &r.open[len(r.open)-1]
	keep := func(raw json.RawMessage) error {
		if raw[0] != '{' {
			return r.refuse(pos, "only a mapping can be merged")
		}
		o.merges = append(o.merges, raw)
		return nil
	}
	if source[0] == '[' {
		return eachItem(source, keep)
	}
	return keep(source)
}

// mergeInto writes a mapping again: the members of its merge keys, of which earlier ones win, and its own, which win over all.
func (r *yamlReader) mergeInto(o yamlOpen) error {
	own := bytes.Clone(r.out[o.from:])
	var names []string
	values := map[string]json.RawMessage{}
	size := len(own)
	for i, source := range append(o.merges, own) {
		err := eachMember(source, func(name string, value json.RawMessage) error {
			_, seen := values[name]
			if !seen {
				names = append(names, name)
			}
			if !seen || i == len(o.merges) {
				values[name] = value
			}
			return nil
		})
		if err != nil {
			return err
		}
		size += len(source)
	}
	r.out = append(r.out[:o.from], '{')
	for i, name := range names {
		if i > 0 {
			r.out = append(r.out, ',')
		}
		r.out = append(append(appendString(r.out, name), ':'), values[name]...)
	}
	r.out = append(r.out, '}')
	return r.grow(r.pos, size)
}
