package scenarios

import (
	"maps"
	"slices"
	"strings"
)

// ViolationNames are the names that dialect.argument sees beside the fixed ones.
var ViolationNames = []string{"pointer", "rule", "expected", "got", "near"}

// MemberNames are the names that auth.caller sees beside the fixed ones.
var MemberNames = []string{"member"}

// Names are the names that an operation's loads, lets and steps make.
func (o *Operation) Names() []string {
	var out []string
	for _, l := range o.Load {
		out = append(out, l.Name)
	}
	for _, l := range o.Let {
		out = append(out, l.Name)
	}
	return append(append(out, StepNames(o.Before)...), StepNames(o.Then)...)
}

// MoveNames are the names that a move's expressions see beside the fixed ones.
var MoveNames = []string{"with"}

// StepNames are the names that steps make for the steps after them in their
// list, and for what stands under those.
func StepNames(steps []Step) []string {
	var out []string
	for _, s := range steps {
		out = append(out, s.Makes()...)
	}
	return out
}

// Makes are the names that the step makes for the steps after it.
func (s *Step) Makes() []string {
	var out []string
	if s.As != "" {
		out = append(out, s.As)
	}
	for _, l := range s.Let {
		out = append(out, l.Name)
	}
	return out
}

// Binds are the names that the step's own expressions and steps see, all but
// `each` itself.
func (s *Step) Binds() []string {
	if s.Each == "" {
		return nil
	}
	return []string{"item", "index"}
}

// scope is what is known at one place of the file.
type scope struct {
	names []string
	kinds map[string]string // name -> kind of the stored resource that it is
}

// with adds a name. Kind "" = nothing is known about its members.
func (s scope) with(name, kind string) scope {
	kinds := maps.Clone(s.kinds)
	if kinds == nil {
		kinds = map[string]string{}
	}
	kinds[name] = kind
	return scope{append(slices.Clip(s.names), name), kinds}
}

func (c *check) expression(line int, src string, in scope) {
	if src == "" {
		return
	}
	p, err := Compile(src, line, Scope{File: c.file, Names: in.names})
	if err != nil {
		c.report(err)
		return
	}
	c.paths(p, in)
}

func (c *check) template(t Template, in scope) {
	v, err := CompileTemplate(t, Scope{File: c.file, Names: in.names})
	if err != nil {
		c.report(err)
		return
	}
	c.value(v, in)
}

func (c *check) value(v *Value, in scope) {
	if v.program != nil {
		c.paths(v.program, in)
	}
	for _, f := range v.fields {
		c.value(f.Value, in)
	}
	for _, item := range v.list {
		c.value(item, in)
	}
}

func (c *check) report(err error) {
	var all Errors
	all.add(err)
	for _, e := range all {
		c.problems = append(c.problems, Problem{e.File, e.Line, e.Message})
	}
}

// paths checks that member chains lead somewhere: settings, constant tables,
// the caller, and stored resources.
func (c *check) paths(p *Program, in scope) {
	for _, path := range p.paths {
		if len(path) < 2 {
			continue
		}
		var known []string
		member := path[1]
		switch path[0] {
		case "config":
			member, known = c.setting(path[1:])
		case "data":
			known = slices.Collect(maps.Keys(c.s.Data))
		case "caller":
			for _, f := range c.s.Auth.Caller.Fields {
				known = append(known, f.Name)
			}
		default:
			known = c.shape(in.kinds[path[0]])
		}
		if len(known) > 0 && !slices.Contains(known, member) {
			c.report(p.fault(path[0] + " has no member " + member + suggest(member, known)))
		}
	}
}

// setting gives a config path and the paths that there are, with their
// beginnings.
func (c *check) setting(path []string) (string, []string) {
	var known []string
	for _, s := range c.s.Config {
		parts := strings.Split(s.Path, ".")
		for i := range parts {
			known = append(known, strings.Join(parts[:i+1], "."))
		}
	}
	if len(known) == 0 {
		known = []string{"(nothing)"}
	}
	return strings.Join(path, "."), known
}
