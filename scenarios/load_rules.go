package scenarios

import (
	"reflect"
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
	reflect.TypeFor[Scenario]():        {needs: []string{"provider", "contract"}},
	reflect.TypeFor[Require]():         {needs: []string{"when", "else"}},
	reflect.TypeFor[Fetch]():           {needs: []string{"kind"}},
	reflect.TypeFor[Once]():            {needs: []string{"by", "field"}},
	reflect.TypeFor[CredentialPlace](): {needs: []string{"header"}},
	reflect.TypeFor[ErrorShape]():      {needs: []string{"status"}},
	reflect.TypeFor[EndpointMapping](): {needs: []string{"url"}},
	reflect.TypeFor[Move]():            {needs: []string{"from", "to"}},
	reflect.TypeFor[Dialect]():         {choices: map[string][]string{"time": {"iso-ms", "iso", "unix", "unix-ms"}}},
	reflect.TypeFor[Webhooks]():        {choices: map[string][]string{"retry-from": {"previous", "first"}}},
	reflect.TypeFor[Filter]():          {choices: map[string][]string{"op": {"=", "!=", "<", "<=", ">", ">=", "in", "contains", "has"}}},
	reflect.TypeFor[Operation]():       {choices: map[string][]string{"auth": {"none", "required"}}},
}

// complete checks a struct that has been read.
func (l *loader) complete(n ast.Node, v reflect.Value, what string, read map[string]pair) {
	r := rules[v.Type()]
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
		if p, ok := read["id"]; ok && s.ID != "uuid" && !strings.HasPrefix(s.ID, "prefix:") {
			l.fail(p.value, "id is uuid or prefix:xx_")
		}
	}
}

func (l *loader) completeStep(n ast.Node, s *Step, read map[string]pair) {
	count := 0
	for _, kind := range []string{s.Create, s.Update, s.Move, s.Remove} {
		if kind != "" {
			count++
		}
	}
	if count != 1 {
		l.fail(n, "a step does one thing: create, update, move or remove a kind")
		return
	}
	if _, ok := read["by"]; ok && s.Move == "" {
		l.fail(read["by"].key, "by names moves, and this step moves nothing")
	}
	if s.Move != "" && len(s.By) == 0 {
		l.fail(n, "a step that moves a kind says by which move (by:)")
	}
}

// Kind is what a step is about, and what it does with it.
func (s *Step) Kind() (verb, kind string) {
	switch {
	case s.Create != "":
		return "create", s.Create
	case s.Update != "":
		return "update", s.Update
	case s.Move != "":
		return "move", s.Move
	}
	return "remove", s.Remove
}
