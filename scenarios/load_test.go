package scenarios

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func loadSample(t testing.TB) *Scenario {
	t.Helper()
	data, err := os.ReadFile("testdata/valid/sample.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Load("sample.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// golden compares with testdata/name, or rewrites it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-update rewrites it):\n%s", path, diff)
	}
}

func TestLoadSample(t *testing.T) {
	s := loadSample(t)
	b, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "valid/sample.golden", string(b)+"\n")
}

func TestLoadForms(t *testing.T) {
	s := loadSample(t)
	op := s.Operation("POST /things")
	var lets []string
	for _, l := range op.Let {
		lets = append(lets, l.Name)
	}
	for name, c := range map[string][2]any{
		"let order with a merge": {"rate double usd", strings.Join(lets, " ")},
		"verb and kind":          {"create thing", op.Verb + " " + op.Kind},
		"digits":                 {json.Number("4012.50"), s.Data["rates"].(map[string]any)["COP"]},
		"text stays text":        {"002x", s.Data["banks"].([]any)[1].(map[string]any)["code"]},
		"yes is text":            {"yes", s.Data["banks"].([]any)[1].(map[string]any)["name"]},
		"merged data":            {map[string]any{"a": json.Number("1"), "b": "three"}, s.Data["more"]},
		"copy none":              {[]string{}, *s.Operation("DELETE /things/{id}").Copy},
		"copy not said":          {(*[]string)(nil), s.Operation("GET /things").Copy},
		"one state":              {[]string{"DONE"}, s.Operation("POST /things/{id}/finish").Done},
		"one schema":             {[]string{"Quote"}, s.Resource("quote").Schema},
		"start expression":       {"request.body.amount > 100 ? 'HELD' : 'OPEN'", s.Resource("quote").Status.Start.Expr},
		"start state":            {"NEW", *s.Resource("thing").Status.Start.Const},
		"word of one state":      {[]string{"DONE"}, s.Resource("thing").Status.Words["plain"]["OVER"]},
		"days":                   {24 * time.Hour, s.Webhooks.Retry[2].Span()},
		"after":                  {2 * time.Second, s.Resource("thing").Moves[0].After.Span()},
		"no after":               {(*Duration)(nil), s.Resource("thing").Moves[1].After},
		"signature":              {"x-signature", s.Webhooks.Header},
		"secret":                 {32, s.Webhooks.SecretMin},
		"short filter":           {Filter{Param: "name", Field: "data.name"}, s.Operation("GET /things").Where[0]},
		"long filter":            {Filter{Param: "from", Field: "created", Op: ">=", Line: 97}, s.Operation("GET /things").Where[1]},
		"merged filter":          {Filter{Param: "ids", Field: "id", Op: "in", Line: 97}, s.Operation("GET /things").Where[2]},
		"contract":               {"contract", s.Operation("GET /openapi.json").Verb + s.Operation("GET /openapi.json").Kind},
		"reply alone":            {"reply", s.Operation("GET /ping").Verb},
		"seed kind":              {"member", s.Seed[0].Create},
		"names":                  {[]string{"quote", "other", "rate", "double", "usd", "next"}, op.Names()},
		"no such resource":       {(*Resource)(nil), s.Resource("nope")},
		"no such operation":      {(*Operation)(nil), s.Operation("nope")},
	} {
		if diff := cmp.Diff(c[0], c[1]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if line := op.Require[0].Line; line != 86 {
		t.Errorf("require stands in line %d", line)
	}
}

// Every file in testdata/load is wrong; the golden beside it says how.
func TestLoadErrors(t *testing.T) {
	files, err := filepath.Glob("testdata/load/*.yaml")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s, err := Load(filepath.Base(file), data)
			if err == nil {
				t.Fatalf("loaded: %+v", s)
			}
			golden(t, "load/"+name+".golden", err.Error()+"\n")
		})
	}
}

func TestLoadSurvivesHostileFiles(t *testing.T) {
	bomb := "provider: x\ncontract: y\ndata:\n  a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n"
	for i := 1; i < 12; i++ {
		bomb += strings.ReplaceAll("  aN: &aN [*aP,*aP,*aP,*aP,*aP,*aP,*aP,*aP,*aP,*aP]\n", "N", string(rune('0'+i)))
		bomb = strings.ReplaceAll(bomb, "aP", "a"+string(rune('0'+i-1)))
	}
	for name, src := range map[string]string{
		"bomb":  bomb,
		"deep":  "provider: x\ncontract: y\ndata: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000),
		"cycle": "provider: x\ncontract: y\ndata: &a {b: *a}",
		"self":  "provider: x\ncontract: y\ndata: &a *a",
		"merge": "provider: x\ncontract: y\ndata: &a {<<: *a}",
		"bytes": "\x00\xff\xfe: [",
	} {
		start := time.Now()
		if _, err := Load("x.yaml", []byte(src)); err == nil {
			t.Errorf("%s loaded", name)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s took %s", name, took)
		}
	}
}
