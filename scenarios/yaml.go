package scenarios

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits of a file: nodes, aliases followed, and depth.
const (
	maxNodes = 200000
	maxDepth = 100
)

// loader reads one file and collects everything that is wrong with it.
type loader struct {
	file    string
	part    string // the same, of a scenario in several files
	errs    Errors
	anchors map[string]ast.Node
	nodes   int
	depth   int
}

// parseYAML gives the file's one document; nil after an error.
func (l *loader) parseYAML(data []byte) (root ast.Node) {
	defer func() {
		if r := recover(); r != nil { // a parser's panic is bad input, not our end
			root = nil
			l.errs = append(l.errs, &Error{File: l.file, Message: "this is not readable as YAML"})
		}
	}()
	f, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		l.syntax(err)
		return nil
	}
	var bodies []ast.Node
	for _, d := range f.Docs {
		if d.Body != nil {
			bodies = append(bodies, d.Body)
		}
	}
	if len(bodies) != 1 {
		l.errs = append(l.errs, &Error{File: l.file, Message: fmt.Sprintf("one YAML document is needed here, not %d", len(bodies))})
		return nil
	}
	l.anchors = map[string]ast.Node{}
	ast.Walk(anchorFinder{l}, bodies[0])
	return bodies[0]
}

func (l *loader) syntax(err error) {
	e := &Error{File: l.file, Message: err.Error()}
	if s, ok := err.(interface {
		GetToken() *token.Token
		GetMessage() string
	}); ok {
		e.Message = s.GetMessage()
		if t := s.GetToken(); t != nil && t.Position != nil {
			e.Line, e.Column = t.Position.Line, t.Position.Column
		}
	}
	l.errs = append(l.errs, e)
}

type anchorFinder struct{ l *loader }

func (f anchorFinder) Visit(n ast.Node) ast.Visitor {
	if a, ok := n.(*ast.AnchorNode); ok && a.Name != nil {
		f.l.anchors[a.Name.String()] = a.Value
	}
	return f
}

func (l *loader) fail(n ast.Node, format string, args ...any) {
	line, column := place(n)
	l.errs = append(l.errs, &Error{File: l.file, Line: line, Column: column, Message: fmt.Sprintf(format, args...)})
}

// place is where a person would look for the node: a mapping begins at its
// first key.
func place(n ast.Node) (line, column int) {
	switch m := n.(type) {
	case nil:
		return 0, 0
	case *ast.MappingNode:
		if !m.IsFlowStyle && len(m.Values) > 0 {
			return place(m.Values[0])
		}
	case *ast.MappingValueNode:
		if m.Key != nil {
			return place(m.Key)
		}
	case *ast.LiteralNode:
		if m.Start != nil {
			return m.Start.Position.Line, m.Start.Position.Column
		}
	}
	t := n.GetToken()
	if t == nil || t.Position == nil {
		return 0, 0
	}
	return t.Position.Line, t.Position.Column
}

func lineOf(n ast.Node) int { line, _ := place(n); return line }

// enter counts nodes and depth, so that aliases cannot blow a file up.
func (l *loader) enter(n ast.Node) bool {
	l.nodes++
	l.depth++
	if l.nodes == maxNodes || l.depth == maxDepth {
		l.fail(n, "the file is too large or too deep")
	}
	return l.nodes < maxNodes && l.depth < maxDepth
}

func (l *loader) leave() { l.depth-- }

// resolve follows anchors, aliases and the tag !!str.
func (l *loader) resolve(n ast.Node) ast.Node {
	for range maxDepth {
		switch m := n.(type) {
		case *ast.AnchorNode:
			n = m.Value
		case *ast.AliasNode:
			name := m.Value.String()
			target, ok := l.anchors[name]
			if !ok {
				l.fail(m, "no anchor &%s", clip(name, 40))
				return nil
			}
			n = target
		case *ast.MappingKeyNode:
			n = m.Value
		default:
			return n
		}
	}
	l.fail(n, "the alias leads to itself")
	return nil
}

// pair is one entry of a mapping.
type pair struct {
	name  string
	key   ast.Node
	value ast.Node
}

// pairs are the entries of a mapping in file order, merge keys resolved.
func (l *loader) pairs(n ast.Node, what string) []pair {
	n = l.resolve(n)
	var entries []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		entries = m.Values
	case *ast.MappingValueNode:
		entries = []*ast.MappingValueNode{m}
	case *ast.NullNode, nil:
		return nil
	default:
		l.fail(n, "%s is a mapping (name: value)", what)
		return nil
	}
	return l.entries(entries)
}

// entries puts what << merges in its place, except for names that the mapping
// has itself.
func (l *loader) entries(entries []*ast.MappingValueNode) []pair {
	own, seen := map[string]ast.Node{}, map[string]bool{}
	names := make([]string, len(entries))
	for i, e := range entries {
		if e.Key != nil && e.Key.IsMergeKey() {
			continue
		}
		name, ok := l.keyText(e.Key)
		if own[name] != nil {
			l.fail(e.Key, "%q stands here twice", clip(name, 60))
		} else if ok {
			own[name], names[i] = e.Key, name
		}
	}
	var out []pair
	for i, e := range entries {
		if e.Key != nil && e.Key.IsMergeKey() {
			for _, p := range l.merged(e.Value) {
				if own[p.name] == nil && !seen[p.name] {
					seen[p.name] = true
					out = append(out, p)
				}
			}
		} else if names[i] != "" {
			out = append(out, pair{names[i], e.Key, e.Value})
		}
	}
	return out
}

func (l *loader) merged(n ast.Node) []pair {
	if !l.enter(n) {
		return nil
	}
	defer l.leave()
	n = l.resolve(n)
	if s, ok := n.(*ast.SequenceNode); ok {
		var out []pair
		for _, v := range s.Values {
			out = append(out, l.merged(v)...)
		}
		return out
	}
	return l.pairs(n, "what << merges")
}

func (l *loader) keyText(k ast.MapKeyNode) (string, bool) {
	if k == nil {
		return "", false
	}
	switch m := l.resolve(k).(type) {
	case *ast.StringNode:
		return m.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
		return m.GetToken().Value, true
	}
	l.fail(k, "a key is plain text")
	return "", false
}

// text reads a scalar as it is written.
func (l *loader) text(n ast.Node, what string) string {
	switch m := l.resolve(n).(type) {
	case *ast.StringNode:
		return m.Value
	case *ast.LiteralNode:
		return strings.TrimSuffix(m.Value.Value, "\n")
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return m.GetToken().Value
	case *ast.TagNode:
		return l.text(m.Value, what)
	case *ast.NullNode, nil:
		return ""
	default:
		l.fail(n, "%s is text", what)
		return ""
	}
}

// scalar reads a constant; isText tells a string from the rest, because in a
// template a string is an expression.
func (l *loader) scalar(n ast.Node) (v any, isText, ok bool) {
	switch m := n.(type) {
	case *ast.StringNode, *ast.LiteralNode:
		return l.text(m, ""), true, true
	case *ast.IntegerNode, *ast.FloatNode:
		return l.number(m)
	case *ast.InfinityNode, *ast.NanNode:
		l.fail(m, "not a number that JSON knows; quote it if it is text")
		return nil, false, false
	case *ast.BoolNode:
		return m.Value, false, true
	case *ast.NullNode, nil:
		return nil, false, true
	case *ast.TagNode:
		if m.Start.Value != "!!str" {
			l.fail(m, "no tag but !!str is known here")
			return nil, false, false
		}
		return l.text(m.Value, "what follows !!str"), true, true
	}
	return nil, false, false
}

// number keeps the digits that were written. Whatever JSON would write
// otherwise (octal, 1_000) is more likely a mistake than a number.
func (l *loader) number(n ast.Node) (any, bool, bool) {
	written := strings.TrimSpace(n.GetToken().Value)
	if _, ok := scanNumber(written); ok {
		return json.Number(written), false, true
	}
	l.fail(n, "%s is not a plain number; quote it if it is text", clip(written, 40))
	return nil, false, false
}
