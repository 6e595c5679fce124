package openapi

import "bytes"

// inline reads a node that starts on the line of its name or dash, inside a collection whose column is parent: no block collection.
func (r *yamlReader) inline(parent int) error {
	var err error
	switch c := r.src[r.pos]; c {
	case '{', '[', '*', '"', '\'':
		if err = r.flow(); err == nil && !r.spaces() {
			err = r.fail("unexpected text after a value")
		}
	case '&', '!':
		err = r.properties(parent, true)
	case '|', '>':
		err = r.literal(parent, c == '>')
	default:
		var text []byte
		if text, err = r.plain(parent, false); err == nil {
			err = r.scalar(text)
		}
	}
	return err
}

// flow reads a node inside brackets, or one that is told by its first character.
func (r *yamlReader) flow() error {
	if err := r.skip(); err != nil {
		return err
	}
	if r.pos >= len(r.src) {
		return r.fail("the text ends inside brackets")
	}
	switch c := r.src[r.pos]; c {
	case '{':
		return r.flowMapping()
	case '[':
		return r.flowSequence()
	case '*':
		return r.alias()
	case '&', '!':
		return r.properties(-1, false)
	case '"', '\'':
		text, err := r.quoted(-1)
		if err == nil {
			r.out = appendString(r.out, string(text))
		}
		return err
	case ',', ']', '}':
		return r.null()
	}
	text, err := r.plain(-1, true)
	if err == nil {
		err = r.scalar(text)
	}
	return err
}

func (r *yamlReader) flowMapping() error {
	from := r.pos
	if err := r.begin(true); err != nil {
		return err
	}
	for r.pos++; ; {
		if done, err := r.closes('}', from); err != nil || done {
			return err
		}
		name, merge, pos, err := r.flowName()
		if err != nil {
			return err
		}
		read := r.flow
		if r.pos >= len(r.src) || r.src[r.pos] != ':' {
			read = r.null
		} else {
			r.pos++
		}
		if merge {
			err = r.mergeKey(read)
		} else if err = r.member(name, pos); err == nil {
			err = read()
		}
		if err == nil {
			err = r.comma('}')
		}
		if err != nil {
			return err
		}
	}
}

// flowName reads a name inside braces and goes to the colon behind it.
func (r *yamlReader) flowName() (name []byte, merge bool, pos int, err error) {
	pos = r.pos
	switch c := r.src[pos]; c {
	case '"', '\'':
		name, err = r.quoted(-1)
	case '[', '{', '*', '&', '!', '?':
		err = r.fail("this reader does not know a name that starts with %q", c)
	default:
		name, err = r.plain(-1, true)
		merge = string(name) == "<<"
	}
	if err == nil {
		err = r.skip()
	}
	return name, merge, pos, err
}

func (r *yamlReader) flowSequence() error {
	from := r.pos
	if err := r.begin(false); err != nil {
		return err
	}
	for r.pos++; ; {
		if done, err := r.closes(']', from); err != nil || done {
			return err
		}
		if err := r.next(); err != nil {
			return err
		}
		err := r.flow()
		if err == nil {
			err = r.comma(']')
		}
		if err != nil {
			return err
		}
	}
}

// closes ends the collection if its bracket is next.
func (r *yamlReader) closes(bracket byte, from int) (bool, error) {
	if err := r.skip(); err != nil {
		return false, err
	}
	if r.pos >= len(r.src) {
		return false, r.failAt(from, "this bracket is never closed")
	}
	if r.src[r.pos] != bracket {
		return false, nil
	}
	r.pos++
	return true, r.end()
}

// comma goes over the comma behind a member, or up to the closing bracket.
func (r *yamlReader) comma(bracket byte) error {
	if err := r.skip(); err != nil {
		return err
	}
	switch {
	case r.pos < len(r.src) && r.src[r.pos] == ',':
		r.pos++
	case r.pos >= len(r.src) || r.src[r.pos] != bracket:
		return r.fail("a comma or %q belongs here", bracket)
	}
	return nil
}

// asText reads a scalar as the text that it is written as.
func (r *yamlReader) asText(parent int) error {
	if r.spaces() {
		return r.fail("this reader does not know a !!str on a line of its own")
	}
	switch c := r.src[r.pos]; {
	case c == '"' || c == '\'' || c == '|' || c == '>':
		return r.inline(parent)
	case bytes.IndexByte([]byte("{[*&!"), c) >= 0:
		return r.fail("this reader does not know what !!str does to %q", c)
	}
	text, err := r.plain(parent, parent < 0)
	if err == nil {
		r.out = appendString(r.out, string(text))
	}
	return err
}
