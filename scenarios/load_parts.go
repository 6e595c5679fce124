package scenarios

import (
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// verbs are what an operation can do; each but reply and contract names the
// kind that it is about.
var verbs = []string{"create", "read", "list", "update", "put", "remove", "move", "login", "refresh", "logout", "history", "contract", "redeliver", "replay", "callback"}

var methods = []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}

// extras are the keys that the file writes otherwise than the Go struct; nil
// takes a tag's own name away.
func (l *loader) extras(v reflect.Value) map[string]extra {
	switch s := v.Addr().Interface().(type) {
	case *Webhooks:
		return map[string]extra{
			"header": nil, "scheme": nil, "secret-min": nil,
			"signature": func(p pair) {
				var part struct {
					Header string   `yaml:"header"`
					Scheme Template `yaml:"scheme"`
				}
				l.decode(p.value, reflect.ValueOf(&part).Elem(), "signature")
				s.Header, s.Scheme = part.Header, schemeNamed(part.Scheme)
			},
			"secret": func(p pair) {
				var part struct {
					Min int `yaml:"min"`
				}
				l.decode(p.value, reflect.ValueOf(&part).Elem(), "secret")
				s.SecretMin = part.Min
			},
		}
	case *Disable:
		return map[string]extra{"after": func(p pair) { s.After = l.lasting(p.value) }}
	case *Status:
		return map[string]extra{"start": func(p pair) { s.Start = l.start(p.value) }}
	case *Scenario:
		return map[string]extra{"seed": func(p pair) { s.Seed = l.seed(p.value) }}
	}
	return nil
}

var schemeName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`)

// schemeNamed takes the bare name of a signature scheme, which would be a sum
// of names as an expression, for what it is.
func schemeNamed(t Template) Template {
	if !schemeName.MatchString(t.Expr) {
		return t
	}
	var name any = t.Expr
	return Template{Const: &name, Line: t.Line}
}

// start reads a state, or an expression in ${}.
func (l *loader) start(n ast.Node) Template {
	s := l.text(n, "start")
	if src, ok := Computed(s); ok {
		return Template{Expr: src, Line: lineOf(n)}
	}
	var state any = s
	return Template{Const: &state, Line: lineOf(n)}
}

// Computed is the expression of a text that is one in ${}.
func Computed(s string) (src string, ok bool) {
	inner, ok := strings.CutPrefix(s, "${")
	if !ok || !strings.HasSuffix(inner, "}") {
		return "", false
	}
	return strings.TrimSuffix(inner, "}"), true
}

// seed reads steps whose kind may be written `kind:`.
func (l *loader) seed(n ast.Node) []Step {
	var out []Step
	for _, item := range l.items(n, "seed") {
		s := Step{File: l.part}
		l.objectWith(item, reflect.ValueOf(&s).Elem(), "a step of seed", map[string]extra{
			"kind": func(p pair) { s.Create = l.text(p.value, "kind") },
		})
		out = append(out, s)
	}
	return out
}

func (l *loader) resource(p pair) *Resource {
	r := &Resource{Kind: p.name, Line: lineOf(p.key), File: l.part}
	l.object(p.value, reflect.ValueOf(r).Elem(), "resource "+clip(p.name, 40))
	return r
}

func (l *loader) move(p pair) *Move {
	m := &Move{Name: p.name, Line: lineOf(p.key)}
	l.object(p.value, reflect.ValueOf(m).Elem(), "move "+clip(p.name, 40))
	return m
}

func (l *loader) load(p pair) Fetch {
	out := Fetch{Name: p.name, Line: lineOf(p.key)}
	l.object(p.value, reflect.ValueOf(&out).Elem(), "load "+clip(p.name, 40))
	return out
}

func (l *loader) let(p pair) Let { return Let{p.name, l.template(p.value)} }

func (l *loader) couple(p pair) Pair {
	value := l.text(p.value, p.name)
	if value == "" {
		l.fail(p.key, "%s says nothing", clip(p.name, 40))
	}
	return Pair{p.name, value}
}

func (l *loader) setting(p pair) Setting {
	s := Setting{Path: p.name}
	var body struct {
		About string `yaml:"about"`
	}
	before := len(l.errs)
	read := l.objectWith(p.value, reflect.ValueOf(&body).Elem(), "setting "+clip(p.name, 40), map[string]extra{
		"default": func(p pair) { s.Default = l.data(p.value) },
		"enum": func(p pair) {
			for _, item := range l.items(p.value, "enum") {
				s.Enum = append(s.Enum, l.data(item))
			}
		},
	})
	s.About = body.About
	if _, ok := read["default"]; !ok && len(l.errs) == before {
		l.fail(p.key, "setting %s has no default", clip(p.name, 40))
	} else if len(s.Enum) > 0 && !slices.ContainsFunc(s.Enum, func(e any) bool { return equal(e, s.Default) }) {
		l.fail(p.key, "the default of setting %s is not in its enum", clip(p.name, 40))
	}
	return s
}

// filter reads `param: field` or `param: {field, op, …}`.
func (l *loader) filter(p pair) Filter {
	f, long := Filter{Param: p.name}, false
	switch l.resolve(p.value).(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		long = true
		l.object(p.value, reflect.ValueOf(&f).Elem(), "filter "+clip(p.name, 40))
	default:
		f.Field = l.text(p.value, "the field of a filter")
	}
	switch {
	case f.Field == "" && len(f.Fields) == 0:
		l.fail(p.key, "filter %s names no field", clip(p.name, 40))
	case f.Field != "" && len(f.Fields) > 0:
		l.fail(p.key, "filter %s has either one field or several fields", clip(p.name, 40))
	}
	if f.Line = 0; long {
		f.Line = lineOf(p.key)
	}
	return f
}

func (l *loader) operation(p pair) *Operation {
	o := &Operation{Key: p.name, Line: lineOf(p.key), File: l.part}
	method, path, _ := strings.Cut(p.name, " ")
	if !slices.Contains(methods, method) || !strings.HasPrefix(path, "/") || strings.Contains(path, " ") {
		l.fail(p.key, "an operation is METHOD /path, not %q", clip(p.name, 60))
	}
	extras := map[string]extra{}
	for _, verb := range verbs {
		extras[verb] = func(p pair) {
			if o.Verb != "" {
				l.fail(p.key, "%s does one thing: %s or %s", clip(o.Key, 80), o.Verb, verb)
				return
			}
			o.Verb = verb
			if o.Kind = l.text(p.value, verb); verb == "contract" {
				o.Kind = ""
			} else if verb == "callback" {
				o.ID, o.Kind = o.Kind, "" // an expression: which source calls
			} else if o.Kind == "" {
				l.fail(p.value, "%s names a kind", verb)
			}
		}
	}
	before := len(l.errs)
	read := l.objectWith(p.value, reflect.ValueOf(o).Elem(), "operation "+clip(p.name, 80), extras)
	if _, replies := read["reply"]; o.Verb == "" && replies {
		o.Verb = "reply"
	}
	if o.Verb == "" && len(l.errs) == before { // else the verb is there, misspelt
		l.fail(p.key, "%s does nothing; give it one of %s or reply", clip(o.Key, 80), strings.Join(verbs, ", "))
	}
	return o
}
