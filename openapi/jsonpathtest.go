package openapi

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// pathTest is a filter's expression.
type pathTest interface {
	holds(root, at *tree) (bool, error)
}

type (
	pathOr  []pathTest
	pathAnd []pathTest
	pathNot struct{ test pathTest }
	// pathCompare compares two values: == != < <= > >=.
	pathCompare struct {
		op          string
		left, right pathValue
	}
	pathExists struct{ value pathValue }
)

func (l pathOr) holds(root, at *tree) (bool, error) {
	for _, t := range l {
		if yes, err := t.holds(root, at); yes || err != nil {
			return yes, err
		}
	}
	return false, nil
}

func (l pathAnd) holds(root, at *tree) (bool, error) {
	for _, t := range l {
		if yes, err := t.holds(root, at); !yes || err != nil {
			return false, err
		}
	}
	return true, nil
}

func (n pathNot) holds(root, at *tree) (bool, error) {
	yes, err := n.test.holds(root, at)
	return !yes, err
}

func (e pathExists) holds(root, at *tree) (bool, error) {
	if e.value.call != "" {
		v, err := e.value.one(root, at)
		return v != nil && v.kind == 't', err
	}
	list, err := e.value.all(root, at)
	return len(list) > 0, err
}

func (c pathCompare) holds(root, at *tree) (bool, error) {
	a, err := c.left.one(root, at)
	if err != nil {
		return false, err
	}
	b, err := c.right.one(root, at)
	if err != nil {
		return false, err
	}
	switch c.op {
	case "==":
		return equalValues(a, b), nil
	case "!=":
		return !equalValues(a, b), nil
	case "<":
		return lessValue(a, b), nil
	case ">":
		return lessValue(b, a), nil
	case "<=":
		return lessValue(a, b) || equalValues(a, b), nil
	}
	return lessValue(b, a) || equalValues(a, b), nil
}

func equalValues(a, b *tree) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.same(b)
}

func lessValue(a, b *tree) bool {
	if a == nil || b == nil || a.kind != b.kind {
		return false
	}
	switch a.kind {
	case 0:
		return compareNumbers(a.raw, b.raw) < 0
	case '"':
		return a.text() < b.text()
	}
	return false
}

// pathValue is a side of a comparison, or what a function is given: a literal, a path, or a function's value.
type pathValue struct {
	literal  *tree
	path     *jsonPath
	relative bool // @, not $
	call     string
	args     []pathValue
}

// all are the values that a path leads to.
func (v pathValue) all(root, at *tree) ([]*tree, error) {
	if v.relative {
		return v.path.nodes(root, at)
	}
	return v.path.nodes(root, root)
}

// one is the value; nil is that there is none.
func (v pathValue) one(root, at *tree) (*tree, error) {
	switch {
	case v.literal != nil:
		return v.literal, nil
	case v.call != "":
		return v.called(root, at)
	}
	list, err := v.all(root, at)
	if err != nil || len(list) != 1 {
		return nil, err
	}
	return list[0], nil
}

func (v pathValue) called(root, at *tree) (*tree, error) {
	if v.call == "count" {
		list, err := v.args[0].all(root, at)
		return numberTree(len(list)), err
	}
	first, err := v.args[0].one(root, at)
	if err != nil || first == nil || v.call == "value" {
		return first, err
	}
	if v.call == "length" {
		switch first.kind {
		case '"':
			return numberTree(utf8.RuneCountInString(first.text())), nil
		case '{', '[':
			err := first.open()
			return numberTree(len(first.kids)), err
		}
		return nil, nil
	}
	pattern, err := v.args[1].one(root, at)
	if err != nil || pattern == nil || pattern.kind != '"' || first.kind != '"' {
		return nil, err
	}
	if re := iRegexp(pattern.text(), v.call == "match"); re != nil && re.MatchString(first.text()) {
		return literalTree("true"), nil
	}
	return literalTree("false"), nil
}

// iRegexp is an RFC 9485 expression; nil if it is none.
func iRegexp(pattern string, whole bool) *regexp.Regexp {
	if len(pattern) > 1000 {
		return nil
	}
	var b strings.Builder
	class := false
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\' && i+1 < len(pattern):
			b.WriteString(pattern[i : i+2])
			i++
			continue
		case c == '[':
			class = true
		case c == ']':
			class = false
		case c == '.' && !class:
			b.WriteString(`[^\n\r]`)
			continue
		}
		b.WriteByte(pattern[i])
	}
	text := b.String()
	if whole {
		text = `\A(?:` + text + `)\z`
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil
	}
	return re
}

func literalTree(text string) *tree { return newTree([]byte(text), nil, "", new(int)) }
