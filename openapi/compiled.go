package openapi

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"reflect"
	"strings"
)

// A compiled document is what index found in it, with the text that it was found in, in tables that are read in one go:
//
//	magic, format, checksum of the rest, length of the tables, length of the text
//	the tables: strings by length, places in the text by offset and length
//	the text, then pieces that repairs put elsewhere
const (
	compiledMagic  = "sandgate contract"
	compiledFormat = 2
	compiledHead   = len(compiledMagic) + 4*4
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errCompiled = errors.New("no compiled contract, or a damaged one")

// compile writes the document's index. The schemas that were built since are not part of it.
func (d *Document) compile(files []fingerprint) []byte {
	w := tableWriter{text: d.raw}
	w.strings(d.openapi, d.title, d.version)
	w.count(len(files))
	for _, f := range files {
		w.strings(f.name, string(f.sum[:]))
	}
	w.count(len(d.root))
	for name, raw := range d.root {
		w.strings(name)
		w.place(raw)
	}
	w.count(len(d.components))
	for kind, s := range d.components {
		w.strings(kind)
		w.count(len(s.names))
		for _, name := range s.names {
			w.strings(name)
			w.place(s.raw[name])
		}
	}
	w.count(len(d.operations))
	for _, o := range d.operations {
		w.strings(o.Method, o.Path, o.ID, o.Summary, o.at)
		w.count(len(o.Tags))
		w.strings(o.Tags...)
		about := d.ReplyNames(o)
		w.count(len(about))
		w.strings(about...)
		w.place(o.raw)
		w.place(o.shared)
	}
	for _, list := range [][]Repair{d.Repairs(), d.before} {
		w.count(len(list))
		for _, r := range list {
			w.strings(r.Pointer, r.Problem, r.Meaning)
		}
	}
	out := make([]byte, compiledHead, compiledHead+len(w.out)+len(d.raw)+len(w.extra))
	out = append(append(append(out, w.out...), d.raw...), w.extra...)
	copy(out, compiledMagic)
	head := out[len(compiledMagic):]
	binary.LittleEndian.PutUint32(head[8:], uint32(len(w.out)))
	binary.LittleEndian.PutUint32(head[12:], uint32(len(d.raw)))
	binary.LittleEndian.PutUint32(head[0:], compiledFormat)
	binary.LittleEndian.PutUint32(head[4:], crc32.Checksum(head[8:], castagnoli))
	return out
}

// tableWriter writes the tables of a compiled document.
type tableWriter struct {
	out, text, extra []byte
}

func (w *tableWriter) count(n int) { w.out = binary.AppendUvarint(w.out, uint64(n)) }

func (w *tableWriter) strings(list ...string) {
	for _, s := range list {
		w.count(len(s))
		w.out = append(w.out, s...)
	}
}

// place says where a raw value is in the text; what is elsewhere is put after it.
func (w *tableWriter) place(raw json.RawMessage) {
	if len(raw) == 0 {
		w.count(0)
		return
	}
	from := int(reflect.ValueOf(raw).Pointer() - reflect.ValueOf(w.text).Pointer())
	if from < 0 || from+len(raw) > len(w.text) {
		from = len(w.text) + len(w.extra)
		w.extra = append(w.extra, raw...)
	}
	w.count(len(raw))
	w.count(from)
}

// decompile reads what compile wrote, and which files it was made of. Any doubt is an error.
func decompile(data []byte) (d *Document, files []fingerprint, err error) {
	if len(data) < compiledHead || string(data[:len(compiledMagic)]) != compiledMagic {
		return nil, nil, errCompiled
	}
	head := data[len(compiledMagic):]
	tables, text := int(binary.LittleEndian.Uint32(head[8:])), int(binary.LittleEndian.Uint32(head[12:]))
	if binary.LittleEndian.Uint32(head) != compiledFormat || binary.LittleEndian.Uint32(head[4:]) != crc32.Checksum(head[8:], castagnoli) || len(data)-compiledHead < tables+text {
		return nil, nil, errCompiled
	}
	data = data[compiledHead:]
	r := tableReader{in: string(data[:tables]), text: data[tables:]}
	d = &Document{raw: r.text[:text:text], schemas: map[string]*Schema{}, openapi: r.string(), title: r.string(), version: r.string()}
	for range r.count() {
		f := fingerprint{name: r.string()}
		copy(f.sum[:], r.string())
		files = append(files, f)
	}
	d.root = map[string]json.RawMessage{}
	for range r.count() {
		name := r.string()
		d.root[name] = r.place()
	}
	d.components = map[string]*section{}
	for range r.count() {
		kind := r.string()
		d.components[kind] = r.section()
	}
	r.operations(d)
	for range r.count() {
		d.repaired(r.string(), r.string(), r.string())
	}
	for range r.count() {
		d.before = append(d.before, Repair{r.string(), r.string(), r.string()})
	}
	d.tell(d.before)
	if r.bad || r.at != len(r.in) {
		return nil, nil, errCompiled
	}
	return d, files, nil
}

// maxRoom is for how many of something room is made because a file says so: its checksum is no proof of who wrote it.
const maxRoom = 100_000

// tableReader reads the tables of a compiled document. What does not fit sets bad and reads as nothing.
type tableReader struct {
	in   string
	at   int
	text []byte
	bad  bool
}

func (r *tableReader) number() int {
	n, shift := uint64(0), 0
	for r.at < len(r.in) && shift < 35 {
		b := r.in[r.at]
		r.at++
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return int(n)
		}
		shift += 7
	}
	r.bad = true
	return 0
}

// count is how many of something follow, each of which takes a byte at least.
func (r *tableReader) count() int {
	n := r.number()
	if n > len(r.in)-r.at {
		r.bad = true
		return 0
	}
	return n
}

func (r *tableReader) string() string {
	n := r.count()
	s := r.in[r.at : r.at+n]
	r.at += n
	return s
}

func (r *tableReader) place() json.RawMessage {
	n := r.number()
	if n == 0 {
		return nil
	}
	from := r.number()
	if from > len(r.text) || n > len(r.text)-from {
		r.bad = true
		return nil
	}
	return r.text[from : from+n : from+n]
}

func (r *tableReader) section() *section {
	n := r.count()
	s := &section{raw: make(map[string]json.RawMessage, min(n, maxRoom))}
	if n > 0 {
		s.names = make([]string, 0, min(n, maxRoom))
	}
	for range n {
		name := r.string()
		s.names = append(s.names, name)
		s.raw[name] = r.place()
	}
	return s
}

func (r *tableReader) operations(d *Document) {
	n := r.count()
	if n > maxRoom {
		r.bad = true
		return
	}
	list := make([]Operation, n)
	d.operations, d.byKey = make([]*Operation, 0, n), make(map[string]*Operation, n)
	for i := range list {
		o := &list[i]
		o.Method, o.Path, o.ID, o.Summary, o.at = r.string(), r.string(), r.string(), r.string(), r.string()
		for range r.count() {
			o.Tags = append(o.Tags, r.string())
		}
		for range r.count() {
			o.about = append(o.about, r.string())
		}
		o.peeked = true
		o.raw, o.shared = r.place(), r.place()
		if r.bad || o.Path == "" {
			r.bad = true
			return
		}
		if i > 0 && list[i-1].Path == o.Path {
			o.Segments, o.names = list[i-1].Segments, list[i-1].names
		} else {
			o.Segments = strings.Split(o.Path[1:], "/")
			o.names = templateNames(o.Segments)
		}
		d.operations = append(d.operations, o)
		d.byKey[o.Key()] = o
	}
}

// fingerprint is a file that a document was made of.
type fingerprint struct {
	name string
	sum  [16]byte
}

func (f fingerprint) String() string { return fmt.Sprintf("%s %x", f.name, f.sum) }
