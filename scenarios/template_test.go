package scenarios

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// templateOf reads a template from YAML, as a file would.
func templateOf(t testing.TB, yaml string) Template {
	t.Helper()
	l := &loader{file: "t.yaml"}
	root := l.parseYAML([]byte(yaml))
	out := l.template(root)
	if len(l.errs) > 0 {
		t.Fatal(l.errs)
	}
	return out
}

func TestTemplateEval(t *testing.T) {
	for yaml, want := range map[string]string{
		"request.body.text":                  `"hello"`,
		"'''quoted'''":                       `"quoted"`,
		`"'quoted'"`:                         `"quoted"`,
		"5":                                  "5",
		"1.50":                               "1.50",
		"true":                               "true",
		"null":                               "null",
		"{a: request.body.nope, b: null}":    `{"b":null}`,
		"{a: request.body.null, b: 'nil'}":   `{}`,
		"{a: {b: request.body.nope}, c: []}": `{"a":{},"c":[]}`,
		"[request.body.text, 1, null, request.body.nope, {x: 2}]": `["hello",1,null,null,{"x":2}]`,
		"{sum: request.body.amount * 2, list: request.body.list}": `{"list":[1,2.5,3],"sum":20.2}`,
		"{200: request.body.whole, yes: \"'no'\"}":                `{"200":3,"yes":"no"}`,
		"|\n  request.body.whole\n    + 1\n":                      "4",
		"!!str now == nil":                                        "false",
	} {
		v, err := CompileTemplate(templateOf(t, yaml), testScope)
		if err != nil {
			t.Errorf("%s: %v", yaml, err)
			continue
		}
		got, err := v.Eval(testEnv())
		if err != nil {
			t.Errorf("%s: %v", yaml, err)
			continue
		}
		if b, _ := json.Marshal(got); string(b) != want {
			t.Errorf("%s = %s, want %s", yaml, b, want)
		}
	}
}

func TestTemplateKeepsOrder(t *testing.T) {
	v, err := CompileTemplate(templateOf(t, "{z: 1, a: request.body.text, m: request.body.nope, b: null}"), testScope)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	err = v.EvalFields(testEnv(), func(name string, _ any) error {
		names = append(names, name)
		return nil
	})
	if got := strings.Join(names, " "); err != nil || got != "z a b" {
		t.Errorf("fields %s, %v", got, err)
	}
	if len(v.Fields()) != 4 || v.Fields()[0].Name != "z" || v.Field("a") == nil || v.Field("q") != nil || !v.IsMapping() {
		t.Error("the fields are not what was written")
	}
	stop := errors.New("stop")
	if err := v.EvalFields(testEnv(), func(string, any) error { return stop }); err != stop {
		t.Errorf("the callback's error became %v", err)
	}
}

func TestTemplateErrorsAllAtOnce(t *testing.T) {
	_, err := CompileTemplate(templateOf(t, "a: nope\nb:\n  - 1 +\n  - {c: uper('x')}\n"), Scope{File: "t.yaml"})
	want := "t.yaml:1: in `nope`: unknown name \"nope\"; text stands in quotes: \"'nope'\"\n" +
		"t.yaml:3: in `1 +`: unexpected token EOF\n" +
		"t.yaml:4: in `uper('x')`: unknown function \"uper\"; did you mean \"upper\"?"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestTemplateThatWasNotWritten(t *testing.T) {
	v, err := CompileTemplate(Template{}, testScope)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := v.Eval(testEnv()); got != nil || err != nil {
		t.Errorf("%v, %v", got, err)
	}
	if c, ok := v.Constant(); !ok || c != nil {
		t.Errorf("constant %v %v", c, ok)
	}
	if !(Template{}).IsZero() || templateOf(t, "{}").IsZero() || templateOf(t, "[]").IsZero() || templateOf(t, "null").IsZero() {
		t.Error("IsZero mistakes a written template")
	}
}

func TestTemplateRunErrorNamesTheLine(t *testing.T) {
	v, err := CompileTemplate(templateOf(t, "a: 1\nb: [request.body.text * 2]\n"), Scope{File: "t.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Eval(testEnv()); err == nil || !strings.HasPrefix(err.Error(), "t.yaml:2: in `request.body.text * 2`: ") {
		t.Errorf("%v", err)
	}
}
