package openapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// The functions of this file walk JSON text level by level and hand out raw values without decoding them. They expect text that json.Valid has
// accepted; on anything else they return errScan or stop early, and never read past the end.

var errScan = errors.New("malformed JSON")

// walkMembers goes through the object that starts at i. fn is told where a member's value starts and returns where it ends, so that it can go down
// into the value and nothing is scanned twice.
func walkMembers(raw []byte, i int, fn func(name string, start int) (end int, err error)) (int, error) {
	if i >= len(raw) || raw[i] != '{' {
		return -1, fmt.Errorf("want an object, have %s", kindOf(raw[min(i, len(raw)):]))
	}
	for i = skipSpace(raw, i+1); i < len(raw) && raw[i] != '}'; {
		end := skipValue(raw, i)
		if end < 0 || raw[i] != '"' {
			return -1, errScan
		}
		name, err := unquote(raw[i:end])
		if err != nil {
			return -1, err
		}
		i = skipSpace(raw, end)
		if i >= len(raw) || raw[i] != ':' {
			return -1, errScan
		}
		if end, err = fn(name, skipSpace(raw, i+1)); err != nil {
			return -1, err
		} else if end < 0 {
			return -1, errScan
		}
		if i = skipSpace(raw, end); i < len(raw) && raw[i] == ',' {
			i = skipSpace(raw, i+1)
		}
	}
	if i >= len(raw) {
		return -1, errScan
	}
	return i + 1, nil
}

// eachMember calls fn for every member of the object in raw, in the order of the text. A raw value that is no object is an error.
func eachMember(raw []byte, fn func(name string, value json.RawMessage) error) error {
	_, err := walkMembers(raw, skipSpace(raw, 0), func(name string, start int) (int, error) {
		end := skipValue(raw, start)
		if end < 0 {
			return -1, errScan
		}
		return end, fn(name, json.RawMessage(raw[start:end:end]))
	})
	return err
}

// eachItem calls fn for every item of the array in raw.
func eachItem(raw []byte, fn func(value json.RawMessage) error) error {
	i := skipSpace(raw, 0)
	if i >= len(raw) || raw[i] != '[' {
		return fmt.Errorf("want an array, have %s", kindOf(raw))
	}
	for i = skipSpace(raw, i+1); i < len(raw) && raw[i] != ']'; {
		end := skipValue(raw, i)
		if end < 0 {
			return errScan
		}
		if err := fn(json.RawMessage(raw[i:end:end])); err != nil {
			return err
		}
		if i = skipSpace(raw, end); i < len(raw) && raw[i] == ',' {
			i = skipSpace(raw, i+1)
		}
	}
	if i >= len(raw) {
		return errScan
	}
	return nil
}

// member returns one member of an object; ok is false if there is none or raw is no object.
func member(raw []byte, name string) (value json.RawMessage, ok bool) {
	if !mayHave(raw, name) {
		return nil, false
	}
	_ = eachMember(raw, func(n string, v json.RawMessage) error {
		if n == name {
			value, ok = v, true
		}
		return nil
	})
	return value, ok
}

// mayHave is false where no member can have the name, which is much faster found than what stands where: most
// operations have no security of their own, and a start asks all of them.
func mayHave(raw []byte, name string) bool {
	for i := range len(name) {
		if c := name[i] | 0x20; (c < 'a' || c > 'z') && name[i] != '-' {
			return true // it may be written with an escape
		}
	}
	return bytes.Contains(raw, []byte(`"`+name+`"`)) || bytes.Contains(raw, []byte(`\u`))
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skipValue returns the index after the value that starts at i, or -1.
func skipValue(b []byte, i int) int {
	if i >= len(b) {
		return -1
	}
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		return skipNested(b, i)
	case ',', ':', '}', ']':
		return -1
	}
	for i < len(b) {
		switch b[i] {
		case ',', '}', ']', ' ', '\n', '\t', '\r':
			return i
		}
		i++
	}
	return i
}

func skipNested(b []byte, i int) int {
	for depth := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			if i = skipString(b, i) - 1; i < 0 {
				return -1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

func skipString(b []byte, i int) int {
	// Most strings of a contract are short: looking at each byte is quicker than calling IndexByte.
	for j := i + 1; j < len(b) && j < i+24; j++ {
		if b[j] == '"' {
			return j + 1
		}
		if b[j] == '\\' {
			break
		}
	}
	for from := i + 1; ; {
		n := bytes.IndexByte(b[from:], '"')
		if n < 0 {
			return -1
		}
		end := from + n
		back := end
		for b[back-1] == '\\' && back-1 > i {
			back--
		}
		if (end-back)%2 == 0 {
			return end + 1
		}
		from = end + 1
	}
}

// unquote decodes a JSON string; the plain case, nearly all names, costs one copy.
func unquote(b []byte) (string, error) {
	if bytes.IndexByte(b, '\\') < 0 && len(b) >= 2 {
		return string(b[1 : len(b)-1]), nil
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return "", errScan
	}
	return s, nil
}

func kindOf(raw []byte) string {
	i := skipSpace(raw, 0)
	if i >= len(raw) {
		return "nothing"
	}
	switch raw[i] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

// text returns the string in raw; a value of another kind is an error.
func text(raw []byte) (string, error) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", fmt.Errorf("want a string, have %s", kindOf(raw))
	}
	return unquote(raw)
}

func texts(raw []byte) ([]string, error) {
	var list []string
	err := eachItem(raw, func(v json.RawMessage) error {
		s, err := text(v)
		list = append(list, s)
		return err
	})
	return list, err
}

func truth(raw []byte) (bool, error) {
	switch string(raw) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, fmt.Errorf("want a boolean, have %s", kindOf(raw))
}

func number(raw []byte) (float64, error) {
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil {
		return 0, fmt.Errorf("want a number, have %s", kindOf(raw))
	}
	return f, nil
}

// Members calls fn for every member of a JSON object in the order of the text.
func Members(raw []byte, fn func(name string, value json.RawMessage) error) error {
	return eachMember(raw, fn)
}
