package scenarios

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// rule is what a struct needs beyond its types.
type rule struct {
	needs   []string            // keys that must be there
	choices map[string][]string // key -> the words it may be
}

var rules = map[reflect.Type]rule{
	reflect.TypeFor[Scenario]():        {needs: []string{"provider"}},
	reflect.TypeFor[Require]():         {needs: []string{"when", "else"}},
	reflect.TypeFor[Fetch]():           {needs: []string{"kind"}},
	reflect.TypeFor[Once]():            {needs: []string{"by", "field"}},
	reflect.TypeFor[Parent]():          {needs: []string{"kind"}},
	reflect.TypeFor[Within]():          {needs: []string{"kind", "id"}},
	reflect.TypeFor[Stamps]():          {choices: map[string][]string{"time": {"iso-ms", "iso", "unix", "unix-ms"}}},
	reflect.TypeFor[ErrorShape]():      {needs: []string{"status"}},
	reflect.TypeFor[EndpointMapping](): {needs: []string{"url"}},
	reflect.TypeFor[KeyMapping]():      {needs: []string{"hash"}},
	reflect.TypeFor[Move]():            {needs: []string{"from"}},
	reflect.TypeFor[CallbackSource]():  {needs: []string{"proof", "type"}},
	reflect.TypeFor[CallbackHandler](): {needs: []string{"move", "id"}},
	reflect.TypeFor[CallbackSend]():    {needs: []string{"kind", "object"}},
	reflect.TypeFor[Challenge]():       {needs: []string{"kind", "state", "token", "results"}},
	reflect.TypeFor[View]():            {needs: []string{"path", "kind", "show", "states"}},
	reflect.TypeFor[ViewState]():       {needs: []string{"title"}},
	reflect.TypeFor[Dialect]():         {choices: map[string][]string{"time": {"iso-ms", "iso", "unix", "unix-ms"}, "names": {"snake"}, "untyped": {"json"}}},
	reflect.TypeFor[Webhooks]():        {choices: map[string][]string{"retry-from": {"previous", "first"}, "order": Orders, "resend": {"now", "then"}}},
	reflect.TypeFor[Disable]():         {needs: []string{"after"}},
	reflect.TypeFor[Filter]():          {choices: map[string][]string{"op": {"=", "!=", "<", "<=", ">", ">=", "in", "contains", "has", "missing", "present", "from", "to"}}},
	reflect.TypeFor[Idempotency]():     {choices: map[string][]string{"scope": {"owner", "address"}, "keep": {"success", "executed"}, "concurrent": {"conflict", "wait"}}},
	reflect.TypeFor[Resource]():        {choices: map[string][]string{"table": {TableEvent, TableDelivery}}},
	reflect.TypeFor[Limits]():          {choices: map[string][]string{"reset": {"seconds", "epoch"}}},
	reflect.TypeFor[Rate]():            {needs: []string{"rate", "burst"}},
	reflect.TypeFor[Schedule]():        {needs: []string{"reset"}},
	reflect.TypeFor[Windows]():         {needs: []string{"span", "read", "write"}},
	reflect.TypeFor[Operation]():       {choices: map[string][]string{"auth": {"none", "required"}, "patch": {"json-patch", "merge-patch"}}},
}

// complete checks a struct that has been read.
func (l *loader) complete(n ast.Node, v reflect.Value, what string, read map[string]pair) {
	r := rules[v.Type()]
	if l.part != "" && v.Type() == reflect.TypeFor[Scenario]() {
		r.needs = nil // another file has them
	}
	for _, name := range r.needs {
		if _, ok := read[name]; !ok {
			l.fail(n, "%s needs %s", what, name)
		}
	}
	for name, words := range r.choices {
		p, ok := read[name]
		if !ok {
			continue
		}
		if word := l.text1(p.value); !slices.Contains(words, word) {
			l.fail(p.value, "%s cannot be %q%s", name, clip(word, 40), suggest(word, words))
		}
	}
	switch s := v.Addr().Interface().(type) {
	case *Step:
		l.completeStep(n, s, read)
	case *Fetch:
		if (s.ID == "") == (s.By == "" && s.Is == "") || (s.By == "") != (s.Is == "") {
			l.fail(n, "%s is found either by id, or by a field (by:) that equals something (is:)", what)
		}
	case *Dialect:
		l.idForms(read["id"], s.ID)
	case *Webhooks:
		l.idForm(read["event"], s.Event)
		l.failures(read["fails-on"], s.FailsOn)
	case *Keys:
		l.keys(read["prefix"], s.Prefix)
	case *Move:
		if s.After != nil && s.At != "" {
			l.fail(read["at"].key, "%s happens by itself either after a while or at an instant, not both", what)
		}
	case *Resource:
		l.completeResource(n, s, what, read)
	case *Rate:
		l.completeRate(read, map[string]int{"rate": s.Rate, "burst": s.Burst})
	case *Schedule:
		l.completeSchedule(s, read)
	case *Windows:
		l.completeWindows(s, read)
	case *Operation:
		l.completeOperation(s, read)
	}
}

// idForms checks how ids of objects are made.
func (l *loader) idForms(p pair, form string) {
	if p.value == nil || form == "integer" {
		return
	}
	if pattern, ok := strings.CutPrefix(form, "pattern:"); ok {
		if _, err := regexp.Compile(pattern); err != nil {
			l.fail(p.value, "%s: %q is no pattern: %v", p.name, clip(pattern, 60), err)
		}
		return
	}
	for _, prefix := range []string{"like:", "prefix:"} {
		if rest, ok := strings.CutPrefix(form, prefix); ok && rest != "" {
			return
		}
	}
	if form != "uuid" {
		l.fail(p.value, "%s is uuid, integer, prefix:xx_, like:AN-EXAMPLE or pattern:REGEX", p.name)
	}
}

// idForm checks how ids of events are made.
func (l *loader) idForm(p pair, form string) {
	if p.value != nil && form != "uuid" && !strings.HasPrefix(form, "prefix:") {
		l.fail(p.value, "%s is uuid or prefix:xx_", p.name)
	}
}

// of says which verbs a key of an operation is for.
var of = map[string]string{"with": "move", "by": "move", "done": "move", "where": "list", "sort": "list", "oldest": "list", "to": "replay", "pages": "list", "patch": "update"}

func (l *loader) completeOperation(o *Operation, read map[string]pair) {
	for _, name := range slices.Sorted(maps.Keys(of)) {
		if p, ok := read[name]; ok && o.Verb != "" && o.Verb != of[name] {
			l.fail(p.key, "%s belongs to %s, and this is %s", name, of[name], o.Verb)
		}
	}
	if p, ok := read["oldest"]; ok && o.Sort != "" {
		l.fail(p.key, "the list is in one order: sort or oldest")
	}
	if o.Status.IsZero() || o.Status.Expr != "" {
		return
	}
	if o.Status.Const != nil {
		if n, ok := toInt(*o.Status.Const); ok && n >= 100 && n <= 599 {
			return
		}
	}
	l.fail(read["status"].value, "status is a number from 100 to 599, or an expression")
}

// onlyOf says which steps a key of a step is for.
var onlyOf = map[string][]string{
	"id":   {"create", "update", "move", "remove"},
	"set":  {"create", "update", "move"},
	"as":   {"create", "update", "move"},
	"by":   {"move"},
	"with": {"move"},
	"each": {"create", "update", "move", "remove", "do"},
}

func (l *loader) completeStep(n ast.Node, s *Step, read map[string]pair) {
	count := 0
	for _, is := range []bool{s.Create != "", s.Update != "", s.Move != "", s.Remove != "", read["do"].key != nil, read["let"].key != nil} {
		if is {
			count++
		}
	}
	if count != 1 {
		l.fail(n, "a step does one thing: create, update, move or remove a kind, do steps, or let names stand for values")
		return
	}
	verb, _ := s.Kind()
	for _, name := range slices.Sorted(maps.Keys(onlyOf)) {
		if p, ok := read[name]; ok && !slices.Contains(onlyOf[name], verb) {
			l.fail(p.key, "%s stands with %s, and this step is %s", name, strings.Join(onlyOf[name], ", "), verb)
		}
	}
	if p, ok := read["as"]; ok && s.Each != "" {
		l.fail(p.key, "as names one object, and each makes several; as stands in steps under do")
	}
	if s.Move != "" && len(s.By) == 0 {
		l.fail(n, "a step that moves a kind says by which move (by:)")
	}
}

// Kind is what a step does, and the kind that it is about: none for do and let.
func (s *Step) Kind() (verb, kind string) {
	switch {
	case s.Create != "":
		return "create", s.Create
	case s.Update != "":
		return "update", s.Update
	case s.Move != "":
		return "move", s.Move
	case s.Remove != "":
		return "remove", s.Remove
	case s.Let != nil:
		return "let", ""
	}
	return "do", ""
}
