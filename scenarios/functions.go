package scenarios

import (
	"fmt"
	"slices"
	"strings"
)

// FunctionDoc is one function of the language, for people.
type FunctionDoc struct {
	Name  string
	Usage string
	About string
}

// function is one row of the language's table.
type function struct {
	doc      FunctionDoc
	min, max int // arguments; max -1 = any number
	call     call
	// withEnv is for those that look at the world outside their arguments.
	world   bool
	withEnv func(env *Env, args []any) (any, error)
	// reads: nil means that the argument could not be read, which for a
	// constant is a mistake.
	reads bool
	// first checks a first argument that is constant, where the others are not.
	first func(v any) error
	// ordered keeps the order of objects that are written in the arguments.
	ordered bool
}

func (f *function) arity() string {
	switch {
	case f.max < 0:
		return fmt.Sprintf("%d or more", f.min)
	case f.min == f.max:
		return fmt.Sprint(f.min)
	}
	return fmt.Sprintf("%d to %d", f.min, f.max)
}

// entry is the function as the machine calls it.
func (f *function) entry() call {
	if !f.world {
		return f.call
	}
	return func(args ...any) (any, error) {
		env, _ := args[0].(*Env)
		if env == nil {
			env = &Env{}
		}
		return f.withEnv(env, args[1:])
	}
}

// functions is the whole language beyond its operators.
var functions = table(numberFunctions, textFunctions, timeFunctions, calendarFunctions, listFunctions, objectFunctions, shapeFunctions, cardFunctions, brazilFunctions, documentFunctions, worldFunctions)

func table(parts ...[]*function) map[string]*function {
	out := map[string]*function{}
	for _, part := range parts {
		for _, f := range part {
			f.doc.Name, _, _ = strings.Cut(f.doc.Usage, "(")
			out[f.doc.Name] = f
		}
	}
	return out
}

// pure is a row whose result depends on its arguments only.
func pure(least, most int, usage, about string, f call) *function {
	return &function{doc: FunctionDoc{Usage: usage, About: about}, min: least, max: most, call: f}
}

// reading is pure, and nil for what it cannot read.
func reading(least, most int, usage, about string, f call) *function {
	row := pure(least, most, usage, about, f)
	row.reads = true
	return row
}

// ofText is a function of one text; nil stays nil.
func ofText(usage, about string, f func(string) any) *function {
	name, _, _ := strings.Cut(usage, "(")
	return pure(1, 1, usage, about, func(args ...any) (any, error) {
		s, ok := args[0].(string)
		if args[0] == nil {
			return nil, nil
		}
		if !ok {
			return nil, fmt.Errorf("%s takes text, not %s", name, describe(args[0]))
		}
		return f(s), nil
	})
}

// world is a row that needs the Env.
func world(least, most int, usage, about string, f func(env *Env, args []any) (any, error)) *function {
	return &function{doc: FunctionDoc{Usage: usage, About: about}, min: least, max: most, world: true, withEnv: f}
}

// loopDocs are the functions with a predicate, which expr itself runs.
var loopDocs = []FunctionDoc{
	{"all", "all(list, condition)", "whether the condition holds for every element (`#` or `.field`)"},
	{"any", "any(list, condition)", "whether it holds for at least one"},
	{"none", "none(list, condition)", "whether it holds for none"},
	{"one", "one(list, condition)", "whether it holds for exactly one"},
	{"filter", "filter(list, condition)", "the elements for which it holds"},
	{"map", "map(list, value)", "the value of each element; an object stands in parentheses: map(list, ({id: .id}))"},
	{"findIndex", "findIndex(list, condition)", "position of the first that fits, or nil"},
	{"findLast", "findLast(list, condition)", "the last that fits, or nil"},
	{"findLastIndex", "findLastIndex(list, condition)", "its position, or nil"},
	{"groupBy", "groupBy(list, text)", "object of lists by that text"},
	{"sortBy", "sortBy(list, value[, 'asc' or 'desc'])", "the list in order of the value; missing ones first"},
	{"reduce", "reduce(list, value, start)", "one value from all, `#acc` being the one so far"},
	{"sum", "sum(list[, value])", "exact sum; missing ones are 0"},
}

// Functions lists the language's functions by name.
func Functions() []FunctionDoc {
	out := slices.Clone(loopDocs)
	for name, f := range functions {
		if !slices.ContainsFunc(loopDocs, func(d FunctionDoc) bool { return d.Name == name }) {
			out = append(out, f.doc)
		}
	}
	slices.SortFunc(out, func(a, b FunctionDoc) int { return strings.Compare(a.Name, b.Name) })
	return out
}
