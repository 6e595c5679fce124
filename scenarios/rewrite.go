package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// rewriter turns a parsed expression into one that means what our language
// means: exact operators, missing members that are nil, no methods, and
// functions that get the Env. It makes new nodes and leaves the old alone,
// because the parser shares nodes (a < b < c).
type rewriter struct {
	source []rune
	names  map[string]bool // known names
	locals []string        // of let, innermost last
	hidden int             // names made up so far
	inside int             // depth of predicates
	// ordered is set where an object keeps the order in which it is written.
	ordered bool
	paths   [][]string // member chains that were met
	world   bool       // a function that looks at the world was met
	faults  []fault
}

type fault struct {
	at      int // rune in the source
	message string
}

func (r *rewriter) fail(n ast.Node, format string, args ...any) ast.Node {
	r.faults = append(r.faults, fault{n.Location().From, fmt.Sprintf(format, args...)})
	return &ast.NilNode{}
}

// at gives a new node the place of the one it stands for.
func at(n ast.Node, made ast.Node) ast.Node {
	made.SetLocation(n.Location())
	return made
}

func (r *rewriter) node(n ast.Node) ast.Node {
	switch n := n.(type) {
	case *ast.NilNode, *ast.BoolNode, *ast.StringNode:
		return n
	case *ast.IntegerNode:
		return r.number(n, strconv.Itoa(n.Value))
	case *ast.FloatNode:
		return r.number(n, strconv.FormatFloat(n.Value, 'f', -1, 64))
	case *ast.IdentifierNode, *ast.MemberNode:
		return r.member(n)
	case *ast.ChainNode:
		return r.node(n.Node)
	case *ast.PointerNode:
		return r.pointer(n)
	case *ast.UnaryNode:
		return r.unary(n)
	case *ast.BinaryNode:
		return r.binary(n)
	case *ast.SliceNode:
		return r.op(n, "slice", r.node(n.Node), r.optional(n.From), r.optional(n.To))
	case *ast.CallNode:
		return r.call(n)
	case *ast.BuiltinNode:
		return r.builtin(n)
	case *ast.ConditionalNode:
		return r.conditional(n)
	case *ast.ArrayNode:
		return at(n, &ast.ArrayNode{Nodes: r.nodes(n.Nodes)})
	case *ast.MapNode:
		if r.ordered {
			return r.orderedMap(n)
		}
		return at(n, &ast.MapNode{Pairs: r.nodes(n.Pairs)})
	case *ast.PairNode:
		return at(n, &ast.PairNode{Key: r.node(n.Key), Value: r.node(n.Value)})
	case *ast.VariableDeclaratorNode:
		return r.let(n)
	}
	return r.fail(n, "this form is not part of the language")
}

func (r *rewriter) nodes(list []ast.Node) []ast.Node {
	out := make([]ast.Node, len(list))
	for i, n := range list {
		out[i] = r.node(n)
	}
	return out
}

func (r *rewriter) optional(n ast.Node) ast.Node {
	if n == nil {
		return &ast.NilNode{}
	}
	return r.node(n)
}

// number makes an exact constant of a literal's own digits.
func (r *rewriter) number(n ast.Node, value string) ast.Node {
	loc := n.Location()
	if 0 <= loc.From && loc.From < loc.To && loc.To <= len(r.source) {
		text := strings.ReplaceAll(string(r.source[loc.From:loc.To]), "_", "")
		if strings.HasPrefix(text, ".") {
			text = "0" + text
		}
		if !strings.ContainsAny(text, "xXoObB") {
			value = strings.Replace(strings.TrimSuffix(text, "."), ".e", "e", 1)
		}
	}
	for len(value) > 1 && value[0] == '0' && value[1] >= '0' && value[1] <= '9' {
		value = value[1:]
	}
	d, err := ParseDecimal(value)
	if err != nil {
		return r.fail(n, "%v", err)
	}
	return at(n, &ast.ConstantNode{Value: d})
}

// member turns a chain a.b.c from a known name into one look-up.
func (r *rewriter) member(n ast.Node) ast.Node {
	var names []string
	for base := n; ; {
		switch b := base.(type) {
		case *ast.ChainNode:
			base = b.Node
			continue
		case *ast.MemberNode:
			if name, ok := b.Property.(*ast.StringNode); ok {
				names = append(names, name.Value)
				base = b.Node
				continue
			}
		case *ast.IdentifierNode:
			if slices.Contains(r.locals, b.Value) {
				break
			}
			if !r.names[b.Value] {
				return r.unknown(b)
			}
			names = append(names, b.Value)
			slices.Reverse(names)
			r.paths = append(r.paths, names)
			return r.op(n, "path", &ast.IdentifierNode{Value: "$env"}, &ast.ConstantNode{Value: names})
		}
		break
	}
	if m, ok := n.(*ast.MemberNode); ok {
		return r.op(n, "[]", r.node(m.Node), r.node(m.Property))
	}
	return at(n, &ast.IdentifierNode{Value: n.(*ast.IdentifierNode).Value})
}

func (r *rewriter) unknown(n *ast.IdentifierNode) ast.Node {
	if functions[n.Value] != nil {
		return r.fail(n, "%s is a function: %s", n.Value, functions[n.Value].doc.Usage)
	}
	known := append(slices.Collect(maps.Keys(r.names)), r.locals...)
	hint := suggest(n.Value, known)
	if !strings.Contains(hint, "did you mean") {
		hint = `; text stands in quotes: "'` + clip(n.Value, 40) + `'"`
	}
	return r.fail(n, "unknown name %q%s", clip(n.Value, 60), hint)
}

func (r *rewriter) pointer(n *ast.PointerNode) ast.Node {
	switch {
	case r.inside == 0:
		return r.fail(n, "# stands only inside map, filter and the like")
	case n.Name != "" && n.Name != "index" && n.Name != "acc":
		return r.fail(n, "unknown #%s%s", n.Name, suggest(n.Name, []string{"index", "acc"}))
	}
	return at(n, &ast.PointerNode{Name: n.Name})
}

func (r *rewriter) unary(n *ast.UnaryNode) ast.Node {
	switch n.Operator {
	case "-":
		return r.op(n, "neg", r.node(n.Node))
	case "+":
		return r.op(n, "pos", r.node(n.Node))
	case "!", "not":
		return at(n, &ast.UnaryNode{Operator: "not", Node: r.condition(n.Node)})
	}
	return r.fail(n, "unknown operator %s", n.Operator)
}

func (r *rewriter) binary(n *ast.BinaryNode) ast.Node {
	switch n.Operator {
	case "and", "&&":
		return at(n, &ast.BinaryNode{Operator: "and", Left: r.condition(n.Left), Right: r.condition(n.Right)})
	case "or", "||":
		return at(n, &ast.BinaryNode{Operator: "or", Left: r.condition(n.Left), Right: r.condition(n.Right)})
	case "??":
		return at(n, &ast.BinaryNode{Operator: "??", Left: r.node(n.Left), Right: r.node(n.Right)})
	}
	if left, ok := n.Left.(*ast.UnaryNode); ok && (left.Operator == "not" || left.Operator == "!") {
		// expr binds not tighter than comparison; nobody means that
		return r.fail(left, "write %s (… %s …): it binds tighter than %s", left.Operator, n.Operator, n.Operator)
	}
	left, right := r.node(n.Left), r.node(n.Right)
	switch n.Operator {
	case "^":
		return r.op(n, "**", left, right)
	case "matches":
		return r.matches(n, left, right)
	case "in":
		right = foldList(right)
	}
	if operators[n.Operator] == nil {
		return r.fail(n, "unknown operator %s", n.Operator)
	}
	return r.op(n, n.Operator, left, right)
}

// matches compiles a constant pattern here, once.
func (r *rewriter) matches(n *ast.BinaryNode, left, right ast.Node) ast.Node {
	if v, ok := constant(right); ok && v != nil {
		re, err := pattern(v)
		if err != nil {
			return r.fail(n.Right, "%v", err)
		}
		right = &ast.ConstantNode{Value: re}
	}
	return r.op(n, "matches", left, right)
}

// condition is a node whose value is true or false, missing being false.
func (r *rewriter) condition(n ast.Node) ast.Node {
	made := r.node(n)
	switch m := made.(type) {
	case *ast.BoolNode:
		return made
	case *ast.UnaryNode:
		return made // only not is left
	case *ast.BinaryNode:
		if m.Operator != "??" {
			return made
		}
	case *ast.BuiltinNode:
		if m.Name == "any" || m.Name == "all" || m.Name == "none" || m.Name == "one" {
			return made
		}
	case *ast.CallNode:
		switch m.Callee.(*ast.IdentifierNode).Value {
		case "==", "!=", "<", "<=", ">", ">=", "in", "contains", "startsWith", "endsWith", "matches":
			return made
		}
	}
	return r.op(n, "truth", made)
}

func (r *rewriter) conditional(n *ast.ConditionalNode) ast.Node {
	if n.Exp1 == n.Cond { // a ?: b
		return at(n, &ast.BinaryNode{Operator: "??", Left: r.op(n, "some", r.node(n.Cond)), Right: r.node(n.Exp2)})
	}
	return at(n, &ast.ConditionalNode{Ternary: true, Cond: r.condition(n.Cond), Exp1: r.node(n.Exp1), Exp2: r.node(n.Exp2)})
}

func (r *rewriter) let(n *ast.VariableDeclaratorNode) ast.Node {
	outer := r.ordered
	r.ordered = false // members of a local are looked up by name
	value := r.node(n.Value)
	r.ordered = outer
	r.locals = append(r.locals, n.Name)
	body := r.node(n.Expr)
	r.locals = r.locals[:len(r.locals)-1]
	return at(n, &ast.VariableDeclaratorNode{Name: n.Name, Value: value, Expr: body})
}
