package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/expr-lang/expr/ast"
)

// op calls an operator or function by its own name, or works it out now when
// everything is constant.
func (r *rewriter) op(n ast.Node, name string, args ...ast.Node) ast.Node {
	f := operators[name]
	if known := functions[name]; known != nil && f == nil && !known.world {
		f = known.call
	}
	if made, ok := r.fold(n, name, f, args); ok {
		return made
	}
	callee := at(n, &ast.IdentifierNode{Value: name})
	return at(n, &ast.CallNode{Callee: callee, Arguments: args})
}

func (r *rewriter) fold(n ast.Node, name string, f call, args []ast.Node) (ast.Node, bool) {
	if f == nil || len(r.faults) > 0 || len(args) == 0 {
		return nil, false
	}
	values := make([]any, len(args))
	for i, a := range args {
		v, ok := constant(a)
		if !ok {
			return nil, false
		}
		values[i] = v
	}
	v, err := f(values...)
	if err != nil {
		return r.fail(n, "%v", err), true
	}
	if v == nil && values[0] != nil && functions[name] != nil && functions[name].reads {
		return r.fail(n, "%s: the text is not readable", name), true
	}
	switch v := v.(type) {
	case nil:
		return at(n, &ast.NilNode{}), true
	case string:
		return at(n, &ast.StringNode{Value: v}), true
	case bool:
		return at(n, &ast.BoolNode{Value: v}), true
	case Decimal, int, int64, time.Time, time.Duration:
		return at(n, &ast.ConstantNode{Value: v}), true
	}
	return nil, false // lists and objects are made anew each time
}

// constant is the value of a node that has one already.
func constant(n ast.Node) (any, bool) {
	switch n := n.(type) {
	case *ast.NilNode:
		return nil, true
	case *ast.BoolNode:
		return n.Value, true
	case *ast.StringNode:
		return n.Value, true
	case *ast.ConstantNode:
		return n.Value, true
	}
	return nil, false
}

// foldList makes one constant of a list of constants.
func foldList(n ast.Node) ast.Node {
	array, ok := n.(*ast.ArrayNode)
	if !ok {
		return n
	}
	list := make([]any, len(array.Nodes))
	for i, item := range array.Nodes {
		if list[i], ok = constant(item); !ok {
			return n
		}
	}
	return at(n, &ast.ConstantNode{Value: list})
}

func (r *rewriter) call(n *ast.CallNode) ast.Node {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return r.fail(n, "values have no methods; call a function: f(x)")
	}
	f := functions[callee.Value]
	if f == nil && r.names[callee.Value] {
		return r.fail(callee, "%s is a name, not a function", callee.Value)
	}
	if f == nil {
		return r.fail(callee, "unknown function %q%s", clip(callee.Value, 60), suggest(callee.Value, functionNames()))
	}
	outer := r.ordered
	r.ordered = f.ordered
	args := r.nodes(n.Arguments)
	if r.ordered = outer; len(args) < f.min || f.max >= 0 && len(args) > f.max {
		return r.fail(n, "%s takes %s arguments, not %d: %s", callee.Value, f.arity(), len(args), f.doc.Usage)
	}
	if f.first != nil {
		if v, ok := constant(args[0]); ok {
			if err := f.first(v); err != nil {
				return r.fail(n.Arguments[0], "%v", err)
			}
		}
	}
	if f.world {
		r.world = true
		args = append([]ast.Node{&ast.IdentifierNode{Value: "$env"}}, args...)
	}
	return r.op(n, callee.Value, args...)
}

// orderedMap makes a list of [name, value] of an object.
func (r *rewriter) orderedMap(n *ast.MapNode) ast.Node {
	var args []ast.Node
	for _, p := range n.Pairs {
		pair := p.(*ast.PairNode)
		args = append(args, r.node(pair.Key), r.node(pair.Value))
	}
	return r.op(n, "ordered", args...)
}

func functionNames() []string {
	return append(slices.Collect(maps.Keys(functions)), loops...)
}

// loops are the functions that take a predicate; expr's own machine runs them.
var loops = []string{"all", "any", "filter", "findIndex", "findLast", "findLastIndex", "groupBy", "map", "none", "one", "reduce", "sortBy", "sum"}

func (r *rewriter) builtin(n *ast.BuiltinNode) ast.Node {
	if len(n.Arguments) == 0 {
		return r.fail(n, "%s takes a list", n.Name)
	}
	outer := r.ordered
	r.ordered = false
	list := r.op(n.Arguments[0], "each", r.node(n.Arguments[0]))
	if n.Name == "map" {
		r.ordered = outer
	}
	defer func() { r.ordered = outer }()
	switch n.Name {
	case "sum":
		if len(n.Arguments) == 2 {
			list = r.mapped(n, list, n.Arguments[1])
		}
		return r.op(n, "sum", list)
	case "sortBy", "groupBy":
		return r.keyed(n, list)
	}
	args := []ast.Node{list}
	if len(n.Arguments) > 1 {
		args = append(args, r.predicate(n.Arguments[1], n.Name != "map" && n.Name != "reduce"))
	}
	for _, rest := range n.Arguments[min(2, len(n.Arguments)):] {
		args = append(args, r.node(rest))
	}
	return at(n, &ast.BuiltinNode{Name: n.Name, Arguments: args})
}

func (r *rewriter) mapped(n, list, predicate ast.Node) ast.Node {
	return at(n, &ast.BuiltinNode{Name: "map", Arguments: []ast.Node{list, r.predicate(predicate, false)}})
}

// keyed evaluates the keys first and hands list and keys to our own function,
// which can order exact numbers and gives objects with text keys.
func (r *rewriter) keyed(n *ast.BuiltinNode, list ast.Node) ast.Node {
	r.hidden++
	name := fmt.Sprintf("$list%d", r.hidden)
	use := func() ast.Node { return at(n, &ast.IdentifierNode{Value: name}) }
	args := []ast.Node{use(), r.mapped(n, use(), n.Arguments[1])}
	for _, rest := range n.Arguments[2:] {
		args = append(args, r.node(rest))
	}
	callee := at(n, &ast.IdentifierNode{Value: n.Name})
	body := at(n, &ast.CallNode{Callee: callee, Arguments: args})
	return at(n, &ast.VariableDeclaratorNode{Name: name, Value: list, Expr: body})
}

func (r *rewriter) predicate(n ast.Node, condition bool) ast.Node {
	if p, ok := n.(*ast.PredicateNode); ok {
		n = p.Node
	}
	r.inside++
	defer func() { r.inside-- }()
	if condition {
		return at(n, &ast.PredicateNode{Node: r.condition(n)})
	}
	return at(n, &ast.PredicateNode{Node: r.node(n)})
}
