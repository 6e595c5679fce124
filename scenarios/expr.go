package scenarios

import (
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

const maxExpression = 4000

// fixedNames are known to every expression.
var fixedNames = []string{"request", "resource", "now", "config", "data", "caller", "event", "attempt", "error", "auth", "tokens", "callback", "contract"}

// Scope is where an expression stands and which names it knows beyond the
// fixed ones.
type Scope struct {
	File  string
	Names []string
	// Lazy puts the work off to the first use of each expression: for scenarios
	// that were checked whole when they were built in.
	Lazy bool
}

// Program is a compiled expression; safe for concurrent use.
type Program struct {
	Source string
	file   string
	line   int

	constant bool
	value    any
	path     []string    // a plain member chain
	code     *vm.Program // anything else

	paths [][]string // member chains in it
	world bool       // it looks at the store, the clock or chance

	names []string   // known beyond the fixed ones
	once  *sync.Once // nil = built
	err   error
}

// Compile checks and compiles one expression. Its error lists everything that
// is wrong with the names in it.
func Compile(src string, line int, scope Scope) (*Program, error) {
	p := &Program{Source: src, file: scope.File, line: line}
	if strings.TrimSpace(src) == "" {
		return nil, p.fault("an expression is missing")
	}
	if len(src) > maxExpression {
		return nil, p.fault(fmt.Sprintf("an expression has at most %d characters", maxExpression))
	}
	p.names = scope.Names
	if scope.Lazy {
		if !p.obvious() {
			p.once = new(sync.Once)
		}
		return p, nil
	}
	if err := p.build(); err != nil {
		return nil, err
	}
	return p, nil
}

// obvious recognises the commonest expressions without parsing them: a text
// in quotes, and a chain of members that begins with a known name.
func (p *Program) obvious() bool {
	src := p.Source
	if n := len(src); n >= 2 && src[0] == '\'' && src[n-1] == '\'' && !strings.ContainsAny(src[1:n-1], "'\\") {
		p.constant, p.value = true, src[1:n-1]
		return true
	}
	for i := range len(src) {
		c := src[i]
		word := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !word && (i == 0 || c != '.' && (c < '0' || c > '9')) {
			return false
		}
	}
	names := strings.Split(src, ".")
	if slices.Contains(names, "") || !slices.Contains(fixedNames, names[0]) && !slices.Contains(p.names, names[0]) {
		return false
	}
	for _, name := range names {
		if name[0] >= '0' && name[0] <= '9' {
			return false
		}
	}
	p.path, p.paths = names, [][]string{names}
	return true
}

// ready builds what was put off.
func (p *Program) ready() error {
	if p.once == nil {
		return nil
	}
	p.once.Do(func() {
		if known, ok := built.Load(p.Source); ok {
			k := known.(*Program)
			p.constant, p.value, p.path, p.code, p.paths, p.world = k.constant, k.value, k.path, k.code, k.paths, k.world
			return
		}
		if p.err = p.build(); p.err == nil {
			built.Store(p.Source, p)
		}
	})
	return p.err
}

// built holds what was put off and then built, by source: scenarios say the
// same things often. Only scenarios that are built in come here, so it is
// bounded by them.
var built sync.Map

func (p *Program) build() error {
	src := p.Source
	tree, err := parse(src)
	if err != nil {
		return p.wrap(err)
	}
	r := &rewriter{source: []rune(src), names: known(p.names)}
	tree.Node = r.node(tree.Node)
	if len(r.faults) > 0 {
		return p.faults(r.faults)
	}
	p.paths, p.world = r.paths, r.world
	if p.constant, p.path = plain(tree.Node); p.constant || p.path != nil {
		p.value, _ = constant(tree.Node)
		return nil
	}
	if p.code, err = assemble(tree); err != nil {
		return p.wrap(err)
	}
	return nil
}

// plain recognises what needs no machine: constants and member chains.
func plain(n ast.Node) (bool, []string) {
	if _, ok := constant(n); ok {
		return true, nil
	}
	call, ok := n.(*ast.CallNode)
	if !ok || call.Callee.(*ast.IdentifierNode).Value != "path" {
		return false, nil
	}
	return false, call.Arguments[1].(*ast.ConstantNode).Value.([]string)
}

func known(names []string) map[string]bool {
	out := make(map[string]bool, len(fixedNames)+len(names))
	for _, list := range [][]string{fixedNames, names} {
		for _, n := range list {
			out[n] = true
		}
	}
	return out
}

// parsing holds what the parser must know: which calls are ours.
var parsing = sync.OnceValue(func() *conf.Config {
	c := conf.CreateNew()
	c.Optimize = true
	for _, f := range builtin.Builtins {
		if !f.Predicate {
			c.Disabled[f.Name] = true
		}
	}
	c.Builtins = map[string]*builtin.Function{}
	for _, list := range []map[string]call{operators, calls()} {
		for name, f := range list {
			c.Functions[name] = &builtin.Function{Name: name, Func: f}
		}
	}
	return c
})

// sums stay with the parser, which knows their optional predicate.
var parserKnows = []string{"sum", "sortBy", "groupBy"}

func calls() map[string]call {
	out := make(map[string]call, len(functions))
	for name, f := range functions {
		out[name] = f.entry()
	}
	return out
}

func parse(src string) (tree *parser.Tree, err error) {
	defer recovered(&err)
	base := parsing()
	c := *base
	c.Functions = overrides()
	return parser.ParseWithConfig(src, &c)
}

// overrides are our functions without those whose predicates expr must parse.
var overrides = sync.OnceValue(func() conf.FunctionsTable {
	out := maps.Clone(parsing().Functions)
	for _, name := range parserKnows {
		delete(out, name)
	}
	return out
})

func assemble(tree *parser.Tree) (code *vm.Program, err error) {
	defer recovered(&err)
	c := *parsing() // the cache of types in it is not for sharing
	if _, err := checker.Check(tree, &c); err != nil {
		return nil, err
	}
	return compiler.Compile(tree, &c)
}

func recovered(err *error) {
	if r := recover(); r != nil {
		*err = errors.New("this expression cannot be compiled")
	}
}

var machines = sync.Pool{New: func() any { return new(vm.VM) }}

// Run evaluates the expression. The result may share lists and objects with
// env: never change it in place.
func (p *Program) Run(env *Env) (any, error) {
	if err := p.ready(); err != nil {
		return nil, err
	}
	switch {
	case p.constant:
		return p.value, nil
	case p.path != nil:
		return env.path(p.path), nil
	}
	machine := machines.Get().(*vm.VM)
	v, err := machine.Run(p.code, env)
	if err != nil {
		return nil, p.wrap(err) // the machine is left behind with its stack
	}
	machines.Put(machine)
	return v, nil
}

// True evaluates a condition: nil and missing are false.
func (p *Program) True(env *Env) (bool, error) {
	v, err := p.Run(env)
	if err != nil {
		return false, err
	}
	b, err := truth(v)
	if err != nil {
		return false, p.fault(err.Error())
	}
	return b.(bool), nil
}

// Constant is the value of an expression that needs no Env.
func (p *Program) Constant() (any, bool) {
	if p.ready() != nil {
		return nil, false
	}
	return p.value, p.constant
}

func (p *Program) fault(message string) *Error {
	return &Error{File: p.file, Line: p.line, Message: "in " + quoteSource(p.Source) + ": " + message}
}

func (p *Program) faults(list []fault) error {
	var all Errors
	slices.SortStableFunc(list, func(a, b fault) int { return a.at - b.at })
	runes := []rune(p.Source)
	for _, f := range list {
		e := p.fault(f.message)
		if e.Line > 0 { // the line within an expression of several
			e.Line += strings.Count(string(runes[:min(f.at, len(runes))]), "\n")
		}
		all = append(all, e)
	}
	return all.orOne()
}

// wrap says in our words what went wrong; expr's own text can hold values and
// names of Go's types. What a look-up returned can be unwrapped.
func (p *Program) wrap(err error) *Error {
	var machine *file.Error
	if !errors.As(err, &machine) {
		return p.fault(err.Error())
	}
	var panicked runtime.Error
	switch {
	case machine.Prev == nil:
		message := machine.Message
		if strings.HasSuffix(message, `Operator(":")`) {
			message += "; inside map and the like an object stands in parentheses: ({…})"
		}
		return p.fault(message)
	case errors.As(machine.Prev, &panicked):
		return p.fault("a value is of the wrong kind here")
	}
	e := p.fault(machine.Prev.Error())
	e.cause = machine.Prev
	return e
}

func quoteSource(src string) string {
	return "`" + clip(strings.Join(strings.Fields(src), " "), 80) + "`"
}
