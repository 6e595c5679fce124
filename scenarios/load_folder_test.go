package scenarios

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func loadFolder(t testing.TB) *Scenario {
	t.Helper()
	s, err := LoadFolder("folder", os.DirFS("testdata/folder"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLoadFolder(t *testing.T) {
	s := loadFolder(t)
	b, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "folder/folder.golden", string(b)+"\n")
	data, err := Resolve(s)
	if err != nil {
		t.Fatal(err)
	}
	again, err := decodeResolved(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s, again); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(standard(t, data), again); diff != "" {
		t.Error(diff)
	}
}

func TestLoadFolderForms(t *testing.T) {
	s := loadFolder(t)
	invoice, plan := s.Resource("invoice"), s.Resource("plan")
	pay := s.Operation("POST /invoices/{id}/pay")
	moves := map[string]*Move{}
	for _, m := range invoice.Moves {
		moves[m.Name] = m
	}
	for name, c := range map[string][2]any{
		"file":              {"folder/_root.yaml", s.File},
		"resource's file":   {"folder/plans.yaml", plan.File},
		"operation's file":  {"folder/invoices.yaml", pay.File},
		"section's file":    {"folder/invoices.yaml", s.FileOf("challenge")},
		"root's section":    {"folder/_root.yaml", s.FileOf("dialect")},
		"kinds in order":    {"item invoice plan", s.Resources[0].Kind + " " + s.Resources[1].Kind + " " + s.Resources[2].Kind},
		"seeds in order":    {[]string{"folder/_root.yaml", "folder/plans.yaml"}, []string{s.Seed[0].File, s.Seed[1].File}},
		"config":            {2, len(s.Config)},
		"data":              {json.Number("1"), s.Data["cycles"].(map[string]any)["monthly"]},
		"errors":            {4, len(s.Errors)},
		"unique in order":   {[]Pair{{"slug", "slug_taken"}, {"external_id", "slug_taken"}}, plan.Unique},
		"references":        {[]Pair{{"plan_id", "plan"}}, invoice.References},
		"events":            {Events{"invoice.created", "invoice.opened"}, invoice.Emit.Create},
		"one event":         {Events{"invoice.updated"}, invoice.Emit.Update},
		"no events":         {&Events{}, moves["wait"].Emit},
		"events not said":   {(*Events)(nil), moves["overdue"].Emit},
		"state stays":       {"", moves["note"].To},
		"at":                {"endOfDay(resource.due_date)", moves["overdue"].At},
		"nested steps":      {"remove", func() string { v, _ := moves["pay"].Then[1].Do[1].Do[1].Kind(); return v }()},
		"let in order":      {[]string{"cents", "plan"}, moves["pay"].Then[0].Makes()},
		"binds":             {[]string{"item", "index"}, invoice.Then[0].Binds()},
		"step's with":       {"changed.slug", moves["pay"].Then[1].Do[2].With.Fields[0].Value.Expr},
		"status expression": {"failed > 0 ? 207 : 200", pay.Status.Expr},
		"status constant":   {any(json.Number("202")), *s.Operation("POST /invoices").Status.Const},
		"names":             {[]string{"first", "double"}, s.Operation("POST /invoices").Names()},
		"stands for":        {"The bank", pay.StandsFor},
		"results":           {[]string{"note", "pay"}, s.Challenge.Results["N"]},
		"filter":            {Filter{Param: "renews", Field: "created", Op: "from", Value: "startOfMonth(now)", When: "request.query.renews == 'month'", Line: 21}, s.Operation("GET /plans").Where[2]},
	} {
		if diff := cmp.Diff(c[0], c[1]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestLoadFolderErrors(t *testing.T) {
	root := "provider: x\ncontract: x\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"no root":      {map[string]string{"a.yaml": root}, []string{"f: a scenario in several files begins with _root.yaml"}},
		"needs":        {map[string]string{"_root.yaml": "title: X", "a.yaml": "contract: x"}, []string{"f/_root.yaml:1:1: a scenario needs provider"}},
		"same section": {map[string]string{"_root.yaml": root + "auth: {}", "a.yaml": "title: A\nauth: {}"}, []string{"f/a.yaml:2:1: auth stands in f/_root.yaml:3 already"}},
		"same entry": {
			map[string]string{"_root.yaml": root, "a.yaml": "errors:\n  E: {status: 400}\ndata: {x: 1}", "b.yaml": "errors: {F: {status: 400}}\ndata:\n  x: 2\nresources: {k: {}}", "c.yaml": "resources:\n  k: {}\nerrors: {E: {status: 401}}"},
			[]string{"f/b.yaml:3:3: data x stands in f/a.yaml:3 already", "f/c.yaml:2:3: resources k stands in f/b.yaml:4 already", "f/c.yaml:3:10: errors E stands in f/a.yaml:2 already"},
		},
		"unknown keys":     {map[string]string{"_root.yaml": root, "b.yaml": "resources:\n  k: {schema: A, uniqe: {a: b}}", "a.yaml": "opertions: {}"}, []string{`f/a.yaml:1:1: a scenario has no key "opertions"; did you mean "operations"?`, `f/b.yaml:2:18: resource k has no key "uniqe"; did you mean "unique"?`}},
		"anchors are own":  {map[string]string{"_root.yaml": root + "data: {a: &a 1}", "a.yaml": "data: {b: *a}"}, []string{"f/a.yaml:1:11: no anchor &a"}},
		"twice in a file":  {map[string]string{"_root.yaml": root + "data: {a: 1, a: 2}"}, []string{`f/_root.yaml:3:14: "a" stands here twice`}},
		"the root is none": {map[string]string{"_root.yaml": "[]"}, []string{"f/_root.yaml:1:1: a scenario is a mapping (name: value)"}},
	} {
		files := fstest.MapFS{"notes.txt": {Data: []byte("no scenario")}, "sub/x.yaml": {Data: []byte("nor this")}}
		for file, text := range c.files {
			files[file] = &fstest.MapFile{Data: []byte(text)}
		}
		_, err := LoadFolder("f", files)
		if err == nil {
			t.Errorf("%s: loaded", name)
			continue
		}
		got := strings.Split(err.Error(), "\n")
		for _, want := range c.want {
			if !slices.Contains(got, want) {
				t.Errorf("%s: want %s in\n%v", name, want, err)
			}
		}
		if all := Errors(nil); errors.As(err, &all) && len(all) > len(c.want)+2 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// folderContract knows what testdata/folder needs.
type folderContract struct{}

func (folderContract) Keys() []string {
	return []string{"GET /plans", "DELETE /plans/{id}", "POST /invoices", "POST /invoices/{id}/pay"}
}
func (c folderContract) HasOperation(key string) bool { return slices.Contains(c.Keys(), key) }
func (c folderContract) HasSchema(name string) bool   { return c.Properties(name) != nil }
func (folderContract) Properties(schema string) []string {
	return map[string][]string{
		"Plan":    {"slug", "external_id", "items"},
		"Item":    {"plan_id", "cents", "number"},
		"Invoice": {"plan_id", "lines", "total_cents", "paid_cents", "due_date", "return_url", "text", "status"},
	}[schema]
}

func (folderContract) Enum(schema, property string) []string {
	if schema == "Invoice" && property == "status" {
		return []string{"open", "waiting", "paid", "late"}
	}
	return nil
}
func (folderContract) HasReplyProperty(name string) bool { return name == "data" }

func TestCheckFolder(t *testing.T) {
	for _, p := range Check(loadFolder(t), folderContract{}) {
		t.Error(p)
	}
}

// Each row breaks one file in one place.
func TestCheckFolderFinds(t *testing.T) {
	for _, c := range []struct{ file, old, broken, want string }{
		{"plans", "alias: external_id", "alias: externl_id", `alias: plan has no property "externl_id"`},
		{"plans", "unique: {slug: slug_taken", "unique: {slg: slug_taken", `unique: plan has no property "slg"`},
		{"plans", "external_id: slug_taken}", "external_id: taken}", `unique external_id: no error "taken"`},
		{"plans", "include: {items:", "include: {itms:", `include: plan has no property "itms"; did you mean "items"?`},
		{"plans", "plan_id: resource.id})", "plan_id: resource.idd})", `resource has no member idd`},
		{"plans", "defaults: {slug:", "defaults: {slog:", `plan has no property "slog"`},
		{"plans", "slug: slug\n      text", "slug: slog\n      text", `where slug: plan has no property "slog"`},
		{"plans", "fields: [slug,", "fields: [slog,", `where text: plan has no property "slog"`},
		{"plans", "value: startOfMonth(now)", "value: startOfMonth(nwo)", `unknown name "nwo"`},
		{"plans", "when: today != nil", "when: tody != nil", `unknown name "tody"; did you mean "today"?`},
		{"plans", "sort: -slug", "sort: -slog", `sort: plan has no property "slog"`},
		{"plans", "GET /plans:", "GET /plan:", `no operation GET /plan`},
		{"plans", "set: {slug: \"'pro'\"}", "set: {slog: \"'pro'\"}", `plan has no property "slog"`},
		{"invoices", "references: {plan_id: plan}", "references: {plan_id: pln}", `references plan_id: no resource "pln"; did you mean "plan"?`},
		{"invoices", "references: {plan_id: plan}", "references: {planid: plan}", `references: invoice has no property "planid"`},
		{"_root", ", reference: reference_not_found}", "}", `resource invoice, references needs refusals.reference`},
		{"_root", "state: invalid_state, ", "", `move invoice without else needs refusals.state`},
		{"_root", "envelope: data", "envelope: date", `no reply of the contract has a property "date"`},
		{"_root", "removed: {data: {deleted: true}}", "removed: {data: {deleted: gone}}", `unknown name "gone"`},
		{"_root", "sort: sort_by, ", "", "order says the direction"},
		{"_root", "type: event.type", "type: evnt.type", `unknown name "evnt"`},
		{"invoices", "kind: invoice\n  state", "kind: invoce\n  state", `challenge: no resource "invoce"`},
		{"invoices", "state: waiting\n  token", "state: waitng\n  token", `challenge: invoice has no state "waitng"; did you mean "waiting"?`},
		{"invoices", "token: hidden.challenge", "token: hiden.challenge", `challenge, token: invoice has no property "hiden"`},
		{"invoices", "amount: resource.total_cents}", "amount: resource.total}", `resource has no member total`},
		{"invoices", "return: resource.return_url", "return: resource.url", `resource has no member url`},
		{"invoices", "N: [note, pay]", "N: [note, pya]", `challenge, results N: invoice has no move "pya"; did you mean "pay"?`},
		{"invoices", "A: pay}", "Z: pay}", `no answer is called "Z"`},
		{"invoices", "emit: {create: [invoice.created, invoice.opened]", "emit: {create: [invoice.created, opened]", `an event is FAMILY.ACTION, not "opened"`},
		{"invoices", "emit: [invoice.paid,", "emit: [paid,", `an event is FAMILY.ACTION, not "paid"`},
		{"invoices", "number: index + 1", "number: idx + 1", `unknown name "idx"`},
		{"invoices", "{create: item, set: {cents: 1}", "{create: item, set: {cents: item.cents}", `unknown name "item"`},
		{"invoices", "to: late", "to: lat", `move overdue, to: invoice has no state "lat"`},
		{"invoices", "at: endOfDay(resource.due_date)", "at: endOfDay(resource.due)", `resource has no member due`},
		{"invoices", "when: plan != nil", "when: pln != nil", `unknown name "pln"; did you mean "plan"?`},
		{"invoices", "string(cents)}, as: changed", "string(line)}, as: changed", `unknown name "line"`},
		{"invoices", "by: note, with", "by: nte, with", `invoice has no move "nte"; did you mean "note"?`},
		{"invoices", "with: {text: changed.slug}", "with: {text: changed.slg}", `changed has no member slg`},
		{"invoices", "with: {cents: request.body.cents}", "with: {cents: with.cents}", `unknown name "with"`},
		{"invoices", `status: "failed > 0`, `status: "faild > 0`, `unknown name "faild"`},
		{"invoices", "reply: {double: double}", "reply: {double: duble}", `unknown name "duble"`},
	} {
		files := fstest.MapFS{}
		for _, name := range []string{"_root", "plans", "invoices"} {
			data, err := os.ReadFile("testdata/folder/" + name + ".yaml")
			if err != nil {
				t.Fatal(err)
			}
			if name == c.file {
				if strings.Count(string(data), c.old) != 1 {
					t.Errorf("%q stands %d times in %s", c.old, strings.Count(string(data), c.old), name)
				}
				data = []byte(strings.Replace(string(data), c.old, c.broken, 1))
			}
			files[name+".yaml"] = &fstest.MapFile{Data: data}
		}
		s, err := LoadFolder("folder", files)
		if err != nil {
			t.Errorf("%s: %v", c.broken, err)
			continue
		}
		var all []string
		found := false
		for _, p := range Check(s, folderContract{}) {
			all = append(all, p.String())
			right := p.File == "folder/"+c.file+".yaml" || strings.Contains(c.want, "needs refusals")
			found = found || strings.Contains(p.Message, c.want) && right
		}
		if !found {
			t.Errorf("%s: want %q in\n%s", c.broken, c.want, strings.Join(all, "\n"))
		}
	}
}
