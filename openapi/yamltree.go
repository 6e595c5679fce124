package openapi

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxNodes bounds what the aliases of a YAML document may grow to.
const maxNodes = 5_000_000

// treeYAML turns a YAML document into JSON by way of the library's syntax tree. It knows all of YAML, and needs some 80 times the text's size in memory:
// maxTree bounds it.
func treeYAML(data []byte, strict bool) ([]byte, error) {
	var options []parser.Option
	if !strict {
		options = append(options, parser.AllowDuplicateMapKey())
	}
	// The parser folds a block at the end of a text without a newline wrongly.
	file, err := parser.ParseBytes(append(bytes.Clone(data), '\n'), 0, options...)
	if err != nil {
		return nil, errors.New(placed(strings.TrimSpace(yaml.FormatError(err, false, false))))
	}
	var body ast.Node
	for _, doc := range file.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.CommentType {
			continue
		}
		if body != nil {
			return nil, errManyYAML
		}
		body = doc.Body
	}
	if body == nil {
		return nil, errEmpty
	}
	w := yamlWriter{anchors: map[string]ast.Node{}}
	if err := w.node(body, 0); err != nil {
		return nil, err
	}
	return w.out, nil
}

// placed writes the place of an error as all others are written: 3:1: for the library's [3:1].
func placed(message string) string {
	place, rest, ok := strings.Cut(strings.TrimPrefix(message, "["), "] ")
	if line, column, both := strings.Cut(place, ":"); !ok || !both || !isIndex(line) || !isIndex(column) {
		return message
	}
	return place + ": " + rest
}

type yamlWriter struct {
	out     []byte
	nodes   int
	anchors map[string]ast.Node
}

func at(n ast.Node, format string, args ...any) error {
	place := ""
	if t := n.GetToken(); t != nil && t.Position != nil {
		place = fmt.Sprintf("%d:%d: ", t.Position.Line, t.Position.Column)
	}
	return fmt.Errorf("%s%s", place, fmt.Sprintf(format, args...))
}

func (w *yamlWriter) node(n ast.Node, depth int) error {
	if w.nodes++; w.nodes > maxNodes || depth > 10*MaxDepth {
		return at(n, "the document is too large or too deep")
	}
	switch n := n.(type) {
	case nil, *ast.NullNode:
		w.out = append(w.out, "null"...)
	case *ast.StringNode:
		if n.Token.Type == token.StringType && isNumber(n.Value) {
			w.out = append(w.out, n.Value...) // 1e3, which the parser takes for text
		} else {
			w.out = appendString(w.out, n.Value)
		}
	case *ast.LiteralNode:
		w.out = appendString(w.out, n.Value.Value)
	case *ast.BoolNode:
		w.out = strconv.AppendBool(w.out, n.Value)
	case *ast.IntegerNode:
		w.integer(n)
	case *ast.FloatNode:
		w.float(n)
	case *ast.MappingNode:
		return w.mapping(n.Values, depth)
	case *ast.MappingValueNode:
		return w.mapping([]*ast.MappingValueNode{n}, depth)
	case *ast.SequenceNode:
		return w.sequence(n, depth)
	case *ast.AnchorNode:
		w.anchors[n.Name.GetToken().Value] = n.Value
		return w.node(n.Value, depth+1)
	case *ast.AliasNode:
		target, err := w.alias(n)
		if err != nil {
			return err
		}
		return w.node(target, depth+1)
	case *ast.TagNode:
		return w.tag(n, depth)
	default:
		return at(n, "a %s has no JSON form", strings.ToLower(n.Type().String()))
	}
	return nil
}

func (w *yamlWriter) alias(n *ast.AliasNode) (ast.Node, error) {
	name := n.Value.GetToken().Value
	target, ok := w.anchors[name]
	if !ok {
		return nil, at(n, "no anchor &%s before this alias", name)
	}
	return target, nil
}

// tag writes !!str 12 as a string; other tags do not change the value.
func (w *yamlWriter) tag(n *ast.TagNode, depth int) error {
	if scalar, ok := n.Value.(ast.ScalarNode); ok && n.Start.Value == "!!str" {
		w.out = appendString(w.out, scalar.GetToken().Value)
		return nil
	}
	return w.node(n.Value, depth+1)
}

// integer keeps the text of a decimal number and computes the others (0x, 0o, _).
func (w *yamlWriter) integer(n *ast.IntegerNode) {
	if s := n.GetToken().Value; isNumber(s) {
		w.out = append(w.out, s...)
		return
	}
	w.out = fmt.Append(w.out, n.Value)
}

func (w *yamlWriter) float(n *ast.FloatNode) {
	if s := n.GetToken().Value; isNumber(s) {
		w.out = append(w.out, s...)
		return
	}
	w.out = strconv.AppendFloat(w.out, n.Value, 'g', -1, 64)
}

func (w *yamlWriter) sequence(n *ast.SequenceNode, depth int) error {
	w.out = append(w.out, '[')
	for i, item := range n.Values {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		if err := w.node(item, depth+1); err != nil {
			return err
		}
	}
	w.out = append(w.out, ']')
	return nil
}

func (w *yamlWriter) mapping(values []*ast.MappingValueNode, depth int) error {
	pairs, err := w.merge(values, nil, depth)
	if err != nil {
		return err
	}
	w.out = append(w.out, '{')
	for i, p := range pairs {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		w.out = append(appendString(w.out, p.name), ':')
		if err := w.node(p.value, depth+1); err != nil {
			return err
		}
	}
	w.out = append(w.out, '}')
	return nil
}

type yamlPair struct {
	name  string
	value ast.Node
}

// merge lists the members of a mapping with those of its merge keys (<<), which what is written in the mapping itself overrides.
func (w *yamlWriter) merge(values []*ast.MappingValueNode, pairs []yamlPair, depth int) ([]yamlPair, error) {
	if depth > 10*MaxDepth {
		return nil, at(values[0], "merge keys go too deep")
	}
	for _, v := range values {
		if !v.Key.IsMergeKey() {
			continue
		}
		sources := []ast.Node{v.Value}
		if list, ok := v.Value.(*ast.SequenceNode); ok {
			sources = list.Values
		}
		for _, source := range sources {
			inner, err := w.mergeSource(source)
			if err != nil {
				return nil, err
			}
			merged, err := w.merge(inner, nil, depth+1)
			if err != nil {
				return nil, err
			}
			for _, p := range merged {
				pairs = put(pairs, p, false)
			}
		}
	}
	merged := len(pairs) > 0
	for _, v := range values {
		if v.Key.IsMergeKey() {
			continue
		}
		name, err := w.key(v.Key)
		if err != nil {
			return nil, err
		}
		if p := (yamlPair{name, v.Value}); merged {
			pairs = put(pairs, p, true)
		} else {
			pairs = append(pairs, p) // the parser has refused names that come twice
		}
	}
	return pairs, nil
}

func (w *yamlWriter) mergeSource(n ast.Node) ([]*ast.MappingValueNode, error) {
	if alias, ok := n.(*ast.AliasNode); ok {
		target, err := w.alias(alias)
		if err != nil {
			return nil, err
		}
		n = target
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, nil
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, nil
	}
	return nil, at(n, "only a mapping can be merged")
}

func put(pairs []yamlPair, p yamlPair, override bool) []yamlPair {
	for i := range pairs {
		if pairs[i].name == p.name {
			if override {
				pairs[i] = p
			}
			return pairs
		}
	}
	return append(pairs, p)
}

// key returns a member's name; numbers and booleans are names by their text, such as the 200 of a response.
func (w *yamlWriter) key(n ast.Node) (string, error) {
	switch k := n.(type) {
	case *ast.StringNode:
		return k.Value, nil
	case *ast.LiteralNode:
		return k.Value.Value, nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
		return k.GetToken().Value, nil
	case *ast.AnchorNode:
		w.anchors[k.Name.GetToken().Value] = k.Value
		return w.key(k.Value)
	case *ast.MappingKeyNode:
		return w.key(k.Value)
	}
	return "", at(n, "a name must be text")
}
