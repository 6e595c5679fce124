package openapi

import (
	"net/url"
	"strconv"
	"strings"
)

// form decodes an urlencoded body. Names nest by brackets (items[0][price], expand[], metadata[key]); what a name stands for is the schema's to say,
// so metadata[0] is a property where the schema has an object there.
func (d *decoder) form(body []byte, s *Schema, how map[string]encoding) {
	f := formReader{how: how, base: "/body"}
	root, ok := f.read(string(body), s)
	if ok {
		d.values.Body = f.whole(root, s)
	}
	d.found = append(d.found, f.found...)
	if ok {
		d.found = append(d.found, s.validate(d.values.Body, "/body", true)...)
	}
}

// whole is the body itself: an object, or a list where the contract has one (0[name]=…).
func (f *formReader) whole(root *branch, s *Schema) any {
	if isKind(s, "array") && !isKind(s, "object") {
		return f.nested(root, s, "/body")
	}
	return f.fields(root, s, "/body")
}

// formReader turns names with brackets into a value. tries bounds how often it may try the variants of a schema inside one another.
type formReader struct {
	how     map[string]encoding
	base    string // where pointers begin
	found   []Violation
	members int
	tries   int
}

func (f *formReader) add(pointer, rule, expected, got string) {
	f.found = append(f.found, Violation{Pointer: pointer, Rule: rule, Expected: expected, Got: got})
}

// branch is what stands under one name: texts, or further names, or items without an index. It knows no types yet.
type branch struct {
	texts  []string
	first  [1]string // where texts begins
	values []any     // that came as JSON, in a part of their own
	names  []string  // of what stands below, in order
	below  []*branch
	index  map[string]*branch // of below, where there are many
	pushed []*branch
}

// fewNames is up to where looking through names is faster than a map.
const fewNames = 12

// under is what stands below a name, nil if nothing does.
func (b *branch) under(name string) *branch {
	if b.index != nil {
		return b.index[name]
	}
	for i, known := range b.names {
		if known == name {
			return b.below[i]
		}
	}
	return nil
}

func (f *formReader) child(b *branch, name string) *branch {
	if c := b.under(name); c != nil {
		return c
	}
	f.members++
	c := &branch{}
	c.texts = c.first[:0]
	b.names, b.below = append(b.names, name), append(b.below, c)
	if b.index != nil {
		b.index[name] = c
	} else if len(b.names) > fewNames {
		b.index = make(map[string]*branch, 2*fewNames)
		for i, known := range b.names {
			b.index[known] = b.below[i]
		}
	}
	return c
}

// read takes the form apart, in the order in which it came.
func (f *formReader) read(text string, s *Schema) (*branch, bool) {
	root := &branch{}
	for pair := range strings.SplitSeq(text, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err := unescaped(name)
		if err == nil {
			value, err = unescaped(value)
		}
		if err != nil || strings.Contains(pair, ";") && !strings.Contains(pair, "=") {
			f.add("/body", "form", "an urlencoded form", "text that is not one")
			return nil, false
		}
		if !f.put(root, f.tokens(name, s), value) {
			return nil, false
		}
	}
	return root, true
}

func unescaped(s string) (string, error) {
	if !strings.ContainsAny(s, "%+") {
		return s, nil
	}
	return url.QueryUnescape(s)
}

// tokens splits a name at its brackets. A name that the schema itself declares is one token, and so is one whose brackets do not match.
func (f *formReader) tokens(name string, s *Schema) []string {
	if s != nil && s.Has(name) {
		return []string{name}
	}
	stem, rest, nested := strings.Cut(name, "[")
	if stem == "" || nested && !strings.HasSuffix(rest, "]") {
		return []string{name}
	}
	tokens := append(make([]string, 0, 4), stem)
	if strings.Contains(stem, ".") {
		tokens = dotted(stem, s, maxHops)
	}
	if !nested {
		return tokens
	}
	for inner := range strings.SplitSeq(strings.TrimSuffix(rest, "]"), "][") {
		if strings.ContainsAny(inner, "[]") {
			return []string{name}
		}
		tokens = append(tokens, inner)
	}
	return tokens
}

// dotted splits a.b where the schema has no such property but an a that takes a b.
func dotted(name string, s *Schema, hops int) []string {
	head, rest, ok := strings.Cut(name, ".")
	if !ok || s == nil || hops == 0 || s.Has(name) {
		return []string{name}
	}
	child := s.Property(head)
	if child == nil || !isKind(child, "object") {
		return []string{name}
	}
	tokens := dotted(rest, child, hops-1)
	if fieldOf(child, tokens[0]) == nil {
		return []string{name}
	}
	return append([]string{head}, tokens...)
}

// put hangs a value into the tree. An empty token is an item without an index: a new one as soon as what it would hold is there already.
func (f *formReader) put(at *branch, tokens []string, value any) bool {
	if len(tokens) > MaxDepth {
		f.add(f.base, "limit", "at most "+strconv.Itoa(MaxDepth)+" levels", "more")
		return false
	}
	for i, token := range tokens {
		if token != "" || i == 0 {
			at = f.child(at, token)
			continue
		}
		if n := len(at.pushed); n == 0 || i == len(tokens)-1 || at.pushed[n-1].has(tokens[i+1:]) {
			at.pushed = append(at.pushed, &branch{})
			f.members++
		}
		at = at.pushed[len(at.pushed)-1]
	}
	if !at.bare() {
		f.members++
	}
	if f.members > MaxMembers {
		f.add(f.base, "limit", "at most "+strconv.Itoa(MaxMembers)+" members", "more")
		return false
	}
	if text, ok := value.(string); ok {
		at.texts = append(at.texts, text)
	} else {
		at.values = append(at.values, value)
	}
	return true
}

// bare tells whether no value stands under the name itself.
func (b *branch) bare() bool { return len(b.texts)+len(b.values) == 0 }

// has tells whether something stands under the names already.
func (b *branch) has(tokens []string) bool {
	if !b.bare() {
		return true // a value takes nothing more in
	}
	for _, token := range tokens {
		if token == "" {
			return false
		}
		if b = b.under(token); b == nil {
			return false
		}
	}
	return true
}
