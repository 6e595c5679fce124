package openapi

import "bytes"

// literal reads a block scalar (| or >) inside a collection whose column is parent.
func (r *yamlReader) literal(parent int, folded bool) error {
	indent, chomp := 0, byte(0)
	for r.pos++; r.pos < len(r.src); r.pos++ {
		c := r.src[r.pos]
		if c >= '1' && c <= '9' && indent == 0 {
			indent = max(parent, 0) + int(c-'0')
		} else if (c == '-' || c == '+') && chomp == 0 {
			chomp = c
		} else {
			break
		}
	}
	if !r.spaces() {
		return r.fail("unexpected text behind | or >")
	}
	r.toLineEnd()
	r.pos = min(r.pos+1, len(r.src))
	r.start = r.pos
	if indent == 0 {
		indent = r.literalIndent(parent)
	}
	text, err := r.literalLines(indent, folded)
	if err != nil {
		return err
	}
	body := bytes.TrimRight(text, "\n")
	switch {
	case chomp == '+':
		body = text
	case chomp == 0 && len(body) > 0:
		body = text[:len(body)+1]
	}
	r.out = appendString(r.out, string(body))
	return nil
}

// literalIndent is the indentation of the first line that is not empty, or one that no line has.
func (r *yamlReader) literalIndent(parent int) int {
	for i := r.pos; i < len(r.src); {
		n := 0
		for i < len(r.src) && r.src[i] == ' ' {
			i, n = i+1, n+1
		}
		if i < len(r.src) && r.src[i] == '\n' {
			i++
			continue
		}
		if i < len(r.src) && n > parent {
			return n
		}
		break
	}
	return max(parent+1, 1)
}

// literalLines reads the lines that have at least the indentation. The text ends with a newline for each line and for each empty one.
func (r *yamlReader) literalLines(indent int, folded bool) ([]byte, error) {
	text := make([]byte, 0, 128)
	breaks, spaced, first := 0, false, true // line ends not yet written; whether the last line started with a blank
	for r.pos < len(r.src) {
		i, n := r.pos, 0
		for n < indent && i < len(r.src) && r.src[i] == ' ' {
			i, n = i+1, n+1
		}
		end := len(r.src)
		if k := bytes.IndexByte(r.src[i:], '\n'); k >= 0 {
			end = i + k
		}
		if n < indent {
			if i < end && r.src[i] == '\t' && len(bytes.TrimLeft(r.src[i:end], " \t")) > 0 {
				return nil, r.tabAt(i)
			}
			if len(bytes.TrimLeft(r.src[i:end], " \t")) > 0 {
				break
			}
			i = end
		}
		line := r.src[i:end]
		if len(line) == 0 {
			breaks++
		} else {
			blank := line[0] == ' ' || line[0] == '\t'
			text = joinLine(text, breaks, folded && !first && !blank && !spaced, first)
			text = append(text, line...)
			breaks, spaced, first = 1, blank, false
		}
		r.pos = min(end+1, len(r.src))
		r.start = r.pos
		if end == len(r.src) {
			break
		}
	}
	for range breaks {
		text = append(text, '\n')
	}
	return text, nil
}

// joinLine writes the line ends before a line; where lines fold, one is a space and more are one less.
func joinLine(text []byte, breaks int, fold, first bool) []byte {
	if fold {
		return foldInto(text, breaks)
	}
	for range breaks {
		text = append(text, '\n')
	}
	return text
}
