package openapi

import (
	"slices"
	"strconv"
)

func numberTree(n int) *tree { return literalTree(strconv.Itoa(n)) }

// or reads a filter's expression.
func (p *pathParser) or() pathTest {
	if p.depth++; p.depth > maxPathDepth {
		p.fail("too many parentheses")
	}
	defer func() { p.depth-- }()
	list := pathOr{p.and()}
	for p.blanks(); p.eat("||"); p.blanks() {
		list = append(list, p.and())
	}
	return list
}

func (p *pathParser) and() pathTest {
	list := pathAnd{p.basic()}
	for p.blanks(); p.eat("&&"); p.blanks() {
		list = append(list, p.basic())
	}
	return list
}

// basic reads a test: in parentheses, a comparison, or that something is there.
func (p *pathParser) basic() pathTest {
	p.blanks()
	if p.fault != nil {
		return pathOr{}
	}
	if p.eat("!") {
		p.blanks()
		if p.eat("(") {
			return pathNot{p.parenthesis()}
		}
		return pathNot{p.exists(p.value())}
	}
	if p.eat("(") {
		return p.parenthesis()
	}
	left := p.value()
	from := p.i
	p.blanks()
	for _, op := range []string{"==", "!=", "<=", ">=", "<", ">"} {
		if p.eat(op) {
			p.blanks()
			right := p.value()
			p.comparable(left)
			p.comparable(right)
			return pathCompare{op, left, right}
		}
	}
	p.i = from
	return p.exists(left)
}

func (p *pathParser) parenthesis() pathTest {
	test := p.or()
	if p.blanks(); !p.eat(")") {
		p.fail("want )")
	}
	return test
}

func (p *pathParser) exists(v pathValue) pathTest {
	if v.literal != nil || v.call != "" && v.call != "match" && v.call != "search" {
		p.fail("want a comparison")
	}
	return pathExists{v}
}

// comparable refuses what may be several values, or a truth.
func (p *pathParser) comparable(v pathValue) {
	if v.call == "match" || v.call == "search" {
		p.fail("%s() is not compared: it holds or it does not", v.call)
	}
	if v.path != nil && !v.path.single() {
		p.fail("only a path to one value can be compared")
	}
}

// single says whether a path leads to one value at most.
func (j *jsonPath) single() bool {
	return !slices.ContainsFunc(j.segments, func(s pathSegment) bool {
		return s.deep || len(s.selectors) != 1 || s.selectors[0].kind != 'n' && s.selectors[0].kind != 'i'
	})
}

// value reads a literal, a path or a function.
func (p *pathParser) value() pathValue {
	if p.i >= len(p.s) {
		p.fail("want a value")
		return pathValue{}
	}
	switch c := p.s[p.i]; {
	case p.eat("@"):
		return pathValue{path: p.path(), relative: true}
	case p.eat("$"):
		return pathValue{path: p.path()}
	case c == '"' || c == '\'':
		return pathValue{literal: literalTree(string(appendString(nil, p.quoted())))}
	case c == '-' || c >= '0' && c <= '9':
		end := p.i + numberEnd(p.s[p.i:])
		if end <= p.i {
			p.fail("want a number")
			return pathValue{}
		}
		text := p.s[p.i:end]
		p.i = end
		return pathValue{literal: literalTree(text)}
	}
	from := p.i
	for p.i < len(p.s) && (p.s[p.i] >= 'a' && p.s[p.i] <= 'z' || p.i > from && (p.s[p.i] == '_' || p.s[p.i] >= '0' && p.s[p.i] <= '9')) {
		p.i++
	}
	word := p.s[from:p.i]
	switch word {
	case "true", "false", "null":
		return pathValue{literal: literalTree(word)}
	}
	if !p.eat("(") {
		p.i = from
		p.fail("want a value: @, $, a text in quotes, a number, true, false, null or a function")
		return pathValue{}
	}
	return p.call(word)
}

// pathFunctions are the functions of RFC 9535 with the number of what they are given.
var pathFunctions = map[string]int{"length": 1, "count": 1, "value": 1, "match": 2, "search": 2}

func (p *pathParser) call(name string) pathValue {
	want, ok := pathFunctions[name]
	if !ok {
		p.fail("there is no function %s(); there are length, count, value, match and search", clip(name))
		return pathValue{}
	}
	if p.depth++; p.depth > maxPathDepth {
		p.fail("too many functions inside one another")
	}
	defer func() { p.depth-- }()
	v := pathValue{call: name}
	for p.fault == nil {
		p.blanks()
		v.args = append(v.args, p.value())
		if p.blanks(); p.eat(")") {
			break
		}
		if !p.eat(",") {
			p.fail("want , or )")
		}
	}
	nodes := name == "count" || name == "value"
	switch {
	case p.fault != nil:
	case len(v.args) != want:
		p.fail("%s() takes %d", name, want)
	case nodes && v.args[0].path == nil:
		p.fail("%s() takes a path", name)
	case !nodes:
		for _, arg := range v.args {
			p.comparable(arg)
		}
	}
	return v
}
