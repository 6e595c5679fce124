package openapi

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

var (
	errTab      = errors.New("a tab cannot indent: YAML wants spaces")
	errEmpty    = errors.New("the document is empty")
	errManyYAML = errors.New("more than one YAML document: a contract is one, so split the file at its --- lines")
)

// maxTree is the longest text that is handed to the YAML library, in bytes.
const maxTree = 256 << 10

// FromYAML turns a YAML document into compact JSON and keeps the order of its members and the digits of its numbers. A name that comes twice in one
// mapping is an error.
func FromYAML(data []byte) ([]byte, error) {
	out, _, err := fromYAML(data, true)
	return out, err
}

// fromYAML reads YAML with our own reader, which is some fifty times as fast as the library and needs no more memory than the text: contracts have
// megabytes. What our reader does not know, and what it finds wrong, is asked of the library, which knows all of YAML and words errors well, if the
// text is short enough for it.
func fromYAML(data []byte, strict bool) ([]byte, []Repair, error) {
	data, err := plainText(data)
	if err != nil {
		return nil, nil, err
	}
	body, line, err := oneYAML(data)
	if err != nil {
		return nil, nil, err
	}
	r := newYAMLReader(body, line, strict)
	out, err := r.document()
	if err == nil || r.final || len(data) > maxTree || !treeable(data) {
		return out, r.repairs, err
	}
	out, treeErr := treeYAML(data, strict)
	if treeErr != nil && errors.Is(err, errTab) {
		return nil, nil, err // the library says that a character cannot start a token, and shows it: nobody sees a tab
	}
	return out, nil, treeErr
}

// plainText is the text in UTF-8 with lines that end in a newline.
func plainText(data []byte) ([]byte, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if len(data) > 1 && (data[0] == 0xff && data[1] == 0xfe || data[0] == 0xfe && data[1] == 0xff) {
		data = fromUTF16(data)
	}
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return nil, fmt.Errorf("line %d: a NUL byte: this is no text", 1+bytes.Count(data[:i], []byte("\n")))
	}
	if !utf8.Valid(data) {
		i := 0
		for i < len(data) {
			if r, size := utf8.DecodeRune(data[i:]); r == utf8.RuneError && size == 1 {
				break
			} else {
				i += size
			}
		}
		return nil, fmt.Errorf("line %d: bytes that are not UTF-8: save the document as UTF-8", 1+bytes.Count(data[:i], []byte("\n")))
	}
	if bytes.IndexByte(data, '\r') >= 0 {
		data = bytes.ReplaceAll(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	}
	return data, nil
}

// fromUTF16 decodes what some editors write, told by its first two bytes.
func fromUTF16(data []byte) []byte {
	var order binary.ByteOrder = binary.LittleEndian
	if data[0] == 0xfe {
		order = binary.BigEndian
	}
	units := make([]uint16, 0, len(data)/2)
	for i := 2; i+1 < len(data); i += 2 {
		units = append(units, order.Uint16(data[i:]))
	}
	return []byte(string(utf16.Decode(units)))
}

// oneYAML finds the one document of a YAML stream: without directives, markers, and documents that hold nothing but comments. line is how many lines
// stand before it.
func oneYAML(data []byte) (body []byte, line int, err error) {
	found := false
	start, startLine, n := 0, 0, 0
	take := func(end int) {
		part := data[start:end]
		if hasContent(part) {
			if found {
				err = errManyYAML
			}
			body, line, found = part, startLine, true
		}
	}
	for at := 0; at < len(data); n++ {
		end := len(data)
		if i := bytes.IndexByte(data[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		if c := data[at]; (c == '-' || c == '.') && isMarker(data[at:end]) {
			take(at)
			start, startLine = at+3, n
			if c == '.' {
				start, startLine = end, n+1
			}
		}
		at = end
	}
	take(len(data))
	if !found && err == nil {
		err = errEmpty
	}
	return body, line, err
}

// isMarker tells the line --- or … that separates documents.
func isMarker(line []byte) bool {
	if len(line) < 3 || line[1] != line[0] || line[2] != line[0] {
		return false
	}
	return len(line) == 3 || line[3] == '\n' || line[3] == ' ' || line[3] == '\t'
}

// hasContent says whether there is more than comments and directives.
func hasContent(part []byte) bool {
	for len(part) > 0 {
		var line []byte
		line, part, _ = bytes.Cut(part, []byte("\n"))
		directive := len(line) > 0 && line[0] == '%'
		if line = bytes.TrimLeft(line, " \t"); len(line) > 0 && line[0] != '#' && !directive {
			return true
		}
	}
	return false
}

// treeable says whether the library can be trusted with a text: its parser goes down into a function for each thing inside another, and Go ends a
// process whose stack is too deep.
func treeable(data []byte) bool {
	if bytes.Count(data, []byte("&"))+bytes.Count(data, []byte("!"))+bytes.Count(data, []byte("?")) > 10_000 {
		return false
	}
	depth := 0
	for _, c := range data {
		switch c {
		case '[', '{':
			if depth++; depth > maxNesting {
				return false
			}
		case ']', '}':
			depth = max(depth-1, 0)
		}
	}
	for line := range bytes.Lines(data) {
		if n := bytes.Count(line, []byte("- ")); n > maxNesting && slices.Max(line) != 0 && len(bytes.Trim(line, "- \n")) < len(line)/2 {
			return false
		}
	}
	return true
}
