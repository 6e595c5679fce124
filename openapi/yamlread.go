package openapi

import (
	"bytes"
	"fmt"
	"strconv"
)

// yamlReader reads the YAML that contracts are written in, by recursive descent, straight into JSON: block and flow collections, every kind of
// scalar, comments, anchors, aliases and merge keys, !!str. Explicit keys (?), other tags and collections as keys it does not know.
type yamlReader struct {
	src    []byte
	pos    int
	start  int // where the line of pos starts
	line   int // lines before src
	out    []byte
	strict bool
	final  bool // the error is a refusal: nobody else is asked

	open    []yamlOpen
	members []yamlMember
	anchors map[string][]byte
	pending map[string]bool // anchors whose value is being read
	grown   int             // bytes that anchors and merge keys copied
	repairs []Repair
}

// yamlOpen is a collection that is being read.
type yamlOpen struct {
	from    int // where it starts in out
	base    int // its first member in members
	count   int
	mapping bool
	names   map[string]int // once there are many
	merges  [][]byte
}

type yamlMember struct {
	name []byte
	from int // where it starts in out
}

const (
	maxNesting   = 500     // arrays and objects inside one another, in a document
	maxContained = 100_000 // members or items of one of them
	maxTwice     = 100     // names that come twice
)

func newYAMLReader(src []byte, line int, strict bool) *yamlReader {
	return &yamlReader{
		src: src, line: line, strict: strict, out: make([]byte, 0, len(src)),
		anchors: map[string][]byte{}, pending: map[string]bool{},
	}
}

func (r *yamlReader) document() ([]byte, error) {
	for r.pos < len(r.src) && r.src[r.pos] == '%' {
		r.pos += max(bytes.IndexByte(r.src[r.pos:], '\n'), 0) + 1
		r.start = r.pos
	}
	if err := r.skip(); err != nil {
		return nil, err
	}
	err := r.block(-1)
	if err == nil {
		err = r.skip()
	}
	if err == nil && r.pos < len(r.src) {
		err = r.fail("the text goes on after the document's value; is the indentation right?")
	}
	return r.out, err
}

func (r *yamlReader) failAt(pos int, format string, args ...any) error {
	line, column := lineOf(r.src, pos)
	return fmt.Errorf("%d:%d: %w", r.line+line, column, fmt.Errorf(format, args...))
}

func (r *yamlReader) tabAt(pos int) error { return r.failAt(pos, "%w", errTab) }

func (r *yamlReader) fail(format string, args ...any) error { return r.failAt(r.pos, format, args...) }

// refuse is an error that the library would not know better.
func (r *yamlReader) refuse(pos int, format string, args ...any) error {
	r.final = true
	return r.failAt(pos, format, args...)
}

// col is how far the position is into its line.
func (r *yamlReader) col() int { return r.pos - r.start }

// skip goes to the next token, over blanks, comments and line ends.
func (r *yamlReader) skip() error {
	tab, blank := -1, r.pos == r.start
	for r.pos < len(r.src) {
		switch r.src[r.pos] {
		case ' ':
			r.pos++
		case '\t':
			if tab = r.pos; !blank {
				tab = -1
			}
			r.pos++
		case '\n':
			r.pos++
			r.start, tab, blank = r.pos, -1, true
		case '#':
			if r.pos > 0 && !isBlank(r.src[r.pos-1]) && r.pos != r.start {
				return r.fail("a comment has a space before it")
			}
			r.toLineEnd()
		default:
			if tab >= 0 {
				return r.tabAt(tab)
			}
			return nil
		}
	}
	return nil
}

func (r *yamlReader) toLineEnd() {
	if i := bytes.IndexByte(r.src[r.pos:], '\n'); i >= 0 {
		r.pos += i
	} else {
		r.pos = len(r.src)
	}
}

// spaces goes over blanks and reports whether the line, but for a comment, ends there.
func (r *yamlReader) spaces() bool {
	for r.pos < len(r.src) && (r.src[r.pos] == ' ' || r.src[r.pos] == '\t') {
		r.pos++
	}
	return r.pos >= len(r.src) || r.src[r.pos] == '\n' || r.src[r.pos] == '#' && (r.pos == r.start || isBlank(r.src[r.pos-1]))
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' }

// blankAt says whether the text ends at i or has a blank there.
func (r *yamlReader) blankAt(i int) bool { return i >= len(r.src) || isBlank(r.src[i]) }

// begin opens a collection in out.
func (r *yamlReader) begin(mapping bool) error {
	if len(r.open) >= maxNesting {
		return r.refuse(r.pos, "the document is too deep: more than %d collections inside one another", maxNesting)
	}
	r.open = append(r.open, yamlOpen{from: len(r.out), base: len(r.members), mapping: mapping})
	if mapping {
		r.out = append(r.out, '{')
	} else {
		r.out = append(r.out, '[')
	}
	return nil
}

// next makes room for one more member or item.
func (r *yamlReader) next() error {
	o := &r.open[len(r.open)-1]
	if o.count++; o.count > maxContained {
		return r.refuse(r.pos, "the document is too large: more than %d members in one collection", maxContained)
	}
	if o.mapping && len(r.members) > o.base || !o.mapping && o.count > 1 {
		r.out = append(r.out, ',')
	}
	return nil
}

// member starts a member of the mapping that is open. pos is where its name stands.
func (r *yamlReader) member(name []byte, pos int) error {
	o := &r.open[len(r.open)-1]
	if i := r.twin(o, name); i >= 0 {
		if err := r.drop(o, i, pos); err != nil {
			return err
		}
	}
	if err := r.next(); err != nil {
		return err
	}
	if o.names != nil {
		o.names[string(name)] = len(r.members)
	}
	r.members = append(r.members, yamlMember{name, len(r.out)})
	r.out = append(appendString(r.out, string(name)), ':')
	return nil
}

// twin finds a member of the same name.
func (r *yamlReader) twin(o *yamlOpen, name []byte) int {
	mine := r.members[o.base:]
	if len(mine) < 16 {
		for i := range mine {
			if bytes.Equal(mine[i].name, name) {
				return o.base + i
			}
		}
		return -1
	}
	if o.names == nil {
		o.names = make(map[string]int, 64)
		for i, m := range mine {
			o.names[string(m.name)] = o.base + i
		}
	}
	if i, ok := o.names[string(name)]; ok {
		return i
	}
	return -1
}

// drop takes a member out whose name comes again: the last one counts, as in JSON.
func (r *yamlReader) drop(o *yamlOpen, i, pos int) error {
	if r.strict {
		return r.failAt(pos, "the name %.80q comes twice in this mapping", r.members[i].name)
	}
	if len(r.repairs) >= maxTwice {
		return r.refuse(pos, "the document is too broken: more than %d repairs before it can be read", maxTwice)
	}
	line := r.line + 1 + bytes.Count(r.src[:pos], []byte("\n"))
	r.repairs = append(r.repairs, Repair{r.pointer(r.members[i].name), "the name comes twice in one mapping", fmt.Sprintf("the last one counts, at line %d", line)})
	end := len(r.out)
	if i+1 < len(r.members) {
		end = r.members[i+1].from
	} else if i > o.base {
		r.members[i].from-- // with the comma before it, as nothing comes after it
	}
	from := r.members[i].from
	r.out = append(r.out[:from], r.out[end:]...)
	r.members = append(r.members[:i], r.members[i+1:]...)
	for j := i; j < len(r.members); j++ {
		r.members[j].from -= end - from
	}
	o.names = nil
	return nil
}

// pointer is the JSON pointer of a member of the mapping that is open.
func (r *yamlReader) pointer(last []byte) string {
	return r.path(len(r.open)-1) + "/" + escapeToken(string(last))
}

// here is the JSON pointer of the value being read.
func (r *yamlReader) here() string { return r.path(len(r.open)) }

func (r *yamlReader) path(depth int) string {
	p := ""
	for i, o := range r.open[:depth] {
		end := len(r.members)
		if i+1 < len(r.open) {
			end = r.open[i+1].base
		}
		if !o.mapping {
			p += "/" + strconv.Itoa(o.count-1)
		} else if end > o.base {
			p += "/" + escapeToken(string(r.members[end-1].name))
		}
	}
	return p
}

// end closes the collection.
func (r *yamlReader) end() error {
	o := r.open[len(r.open)-1]
	r.open, r.members = r.open[:len(r.open)-1], r.members[:o.base]
	if !o.mapping {
		r.out = append(r.out, ']')
		return nil
	}
	r.out = append(r.out, '}')
	if o.merges == nil {
		return nil
	}
	return r.mergeInto(o)
}
