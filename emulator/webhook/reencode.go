package webhook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonForm is one of the ways in which programs write the same JSON.
type jsonForm struct {
	indent              string // "" = on one line
	spaced              bool   // a space after each comma and colon
	sorted              bool
	ascii, slash, angle bool // what is escaped: beyond ASCII, slashes, the characters of HTML
	floats              bool // numbers as a float64 has them
}

func (f jsonForm) String() string {
	words := []string{"compact JSON"}
	switch {
	case f.indent == "\t":
		words[0] = "JSON indented by tabs"
	case f.indent != "":
		words[0] = fmt.Sprintf("JSON indented by %d spaces", len(f.indent))
	case f.spaced:
		words[0] = "JSON with a space after commas and colons"
	}
	for _, word := range []struct {
		is   bool
		text string
	}{
		{f.sorted, "its keys sorted"},
		{f.ascii, "non-ASCII characters escaped"},
		{f.slash, "slashes escaped"},
		{f.angle, "<, > and & escaped"},
		{f.floats, "numbers as a float prints them"},
	} {
		if word.is {
			words = append(words, word.text)
		}
	}
	return strings.Join(words, ", ")
}

// jsonForms are those that are tried, the usual ones first.
func jsonForms() (all []jsonForm) {
	layouts := []jsonForm{{}, {indent: "  "}, {spaced: true}, {indent: "    "}, {indent: "\t"}}
	escapes := []jsonForm{{}, {ascii: true}, {angle: true}, {slash: true}, {ascii: true, slash: true}}
	for _, sorted := range []bool{false, true} {
		for _, escape := range escapes {
			for _, f := range layouts {
				f.sorted, f.ascii, f.angle, f.slash = sorted, escape.ascii, escape.angle, escape.slash
				all = append(all, f)
			}
		}
	}
	return append(all, jsonForm{floats: true}, jsonForm{floats: true, sorted: true})
}

// node is a JSON value whose members keep their order.
type node struct {
	scalar  any // string, json.Number, bool or nil
	open    byte
	members []member
}

type member struct {
	name  string
	value node
}

// parseJSON reads one value, with nothing behind it.
func parseJSON(body []byte) (node, bool) {
	if !json.Valid(body) {
		return node{}, false
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	n, err := parseNode(d)
	if err != nil {
		return node{}, false
	}
	_, err = d.Token()
	return n, err == io.EOF
}

func parseNode(d *json.Decoder) (node, error) {
	token, err := d.Token()
	if err != nil {
		return node{}, err
	}
	open, ok := token.(json.Delim)
	if !ok {
		return node{scalar: token}, nil
	}
	n := node{open: byte(open)}
	for d.More() {
		var m member
		if open == '{' {
			name, err := d.Token()
			if err != nil {
				return n, err
			}
			m.name, _ = name.(string)
		}
		if m.value, err = parseNode(d); err != nil {
			return n, err
		}
		n.members = append(n.members, m)
	}
	_, err = d.Token()
	return n, err
}

// write appends a value in the form.
func (f jsonForm) write(b []byte, n node, depth int) []byte {
	if n.open == 0 {
		return f.scalar(b, n.scalar)
	}
	members := n.members
	if f.sorted && n.open == '{' {
		members = slices.Clone(members)
		slices.SortStableFunc(members, func(a, b member) int { return strings.Compare(a.name, b.name) })
	}
	b = append(b, n.open)
	for i, m := range members {
		if i > 0 {
			b = append(b, ',')
		}
		b = f.gap(b, depth+1, i > 0)
		if n.open == '{' {
			b = append(f.text(b, m.name), ':')
			if f.spaced || f.indent != "" {
				b = append(b, ' ')
			}
		}
		b = f.write(b, m.value, depth+1)
	}
	if len(members) > 0 {
		b = f.gap(b, depth, false)
	}
	return append(b, n.open+2) // } and ] stand two behind { and [
}

func (f jsonForm) gap(b []byte, depth int, comma bool) []byte {
	if f.indent != "" {
		return append(append(b, '\n'), strings.Repeat(f.indent, depth)...)
	}
	if f.spaced && comma {
		return append(b, ' ')
	}
	return b
}

func (f jsonForm) scalar(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return f.text(b, v)
	case json.Number:
		if x, err := v.Float64(); f.floats && err == nil {
			raw, _ := json.Marshal(x)
			return append(b, raw...)
		}
		return append(b, v...)
	case bool:
		return strconv.AppendBool(b, v)
	}
	return append(b, "null"...)
}

var shortEscapes = map[rune]string{'"': `\"`, '\\': `\\`, '\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`}

func (f jsonForm) text(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		short, ok := shortEscapes[r]
		switch {
		case ok:
			b = append(b, short...)
		case r == '/' && f.slash:
			b = append(b, `\/`...)
		case r < ' ', f.ascii && r > '~', f.angle && (strings.ContainsRune("<>&", r) || r == '\u2028' || r == '\u2029'):
			for _, unit := range utf16.Encode([]rune{r}) {
				b = fmt.Appendf(b, `\u%04x`, unit)
			}
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
