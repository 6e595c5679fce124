package scenarios

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sandgate/sandgate/openapi"
)

// realContracts are published documents of real providers.
func realContracts(t *testing.T) []string {
	t.Helper()
	const folder = "../../shared/specs"
	if _, err := os.Stat(folder); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the folder of real contracts is not there: %v", err)
		}
		t.Skip("the folder of real contracts is not there")
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, ".md") })
}

func openReal(t *testing.T, file string) *openapi.Document {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi.Load(data)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// What is understood of each operation of the real contracts, and why, is kept: a rule that changes shows what else it changes.
func TestRealContractsAreInferred(t *testing.T) {
	for _, file := range realContracts(t) {
		name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
		t.Run(name, func(t *testing.T) {
			doc := openReal(t, file)
			i := NewInference(doc)
			var table strings.Builder
			counts := map[string]int{}
			for _, o := range doc.Operations() {
				op, why, ok := i.Operation(o.Key())
				if !ok {
					op, why = &Operation{Verb: "sample"}, "nothing is known"
				}
				counts[op.Verb]++
				fmt.Fprintf(&table, "%s | %s | %s\n", o.Key(), strings.TrimSpace(op.Verb+" "+op.Kind), why)
			}
			for _, verb := range slices.Sorted(maps.Keys(counts)) {
				fmt.Fprintf(&table, "%4d %s\n", counts[verb], verb)
			}
			golden := filepath.Join("testdata", "inferred", name+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(table.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if table.String() != string(want) {
				t.Errorf("what is inferred differs from %s (-update rewrites it):\n%s", golden, differing(string(want), table.String()))
			}
		})
	}
}

// differing shows the lines that two texts do not share.
func differing(want, got string) string {
	var out []string
	for _, side := range []struct{ mark, text, other string }{{"- ", want, got}, {"+ ", got, want}} {
		have := strings.Split(side.other, "\n")
		for _, line := range strings.Split(side.text, "\n") {
			if !slices.Contains(have, line) && len(out) < 40 {
				out = append(out, side.mark+line)
			}
		}
	}
	return strings.Join(out, "\n")
}

// The written scenario is one that loads; with every comment of an operation taken away, too.
func TestFirstScenarioLoads(t *testing.T) {
	for _, file := range realContracts(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			doc := openReal(t, file)
			text, err := NewInference(doc).YAML("mine")
			if err != nil {
				t.Fatal(err)
			}
			s, err := Load("mine.yaml", text)
			if err != nil {
				t.Fatalf("as written: %v", err)
			}
			if !s.Infer || s.Provider != "mine" || len(s.Operations) != 0 {
				t.Errorf("infer %v, provider %q, %d operations", s.Infer, s.Provider, len(s.Operations))
			}
			i := NewInference(doc)
			for _, r := range s.Resources {
				inferred, err := i.Resource(r.Kind)
				if err != nil || inferred == nil || shown(inferred) != shown(r) {
					t.Errorf("%s is written as\n%s\nand inferred as\n%s", r.Kind, shown(r), shown(inferred))
				}
			}
			s, err = Load("mine.yaml", []byte(uncommented(string(text))))
			if err != nil {
				t.Fatalf("with its comments taken away: %v", err)
			}
			for _, op := range s.Operations {
				inferred, _, _ := i.Operation(op.Key)
				if inferred == nil || line(inferred) != line(op) {
					t.Errorf("%s is written as\n%s\nand inferred as\n%s", op.Key, line(op), line(inferred))
				}
			}
		})
	}
}

// uncommented takes the # of every operation away.
func uncommented(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if rest, ok := strings.CutPrefix(line, "  # "); ok && strings.Contains(rest, ": {") && !strings.HasPrefix(rest, "made by") {
			lines[i] = "  " + rest
		}
	}
	return strings.Join(lines, "\n")
}

// line is an operation on one line.
func line(op *Operation) string {
	if op == nil {
		return "nothing"
	}
	pages := ""
	if op.Pages != nil {
		pages = fmt.Sprint(*op.Pages)
	}
	var where []string
	for _, f := range op.Where {
		f.Line = 0
		where = append(where, fmt.Sprint(f))
	}
	copies := "all"
	if op.Copy != nil {
		copies = fmt.Sprint(*op.Copy)
	}
	set := []string{}
	for _, f := range op.Set.Fields {
		set = append(set, f.Name+"="+f.Value.Expr)
	}
	return fmt.Sprint(op.Verb, op.Kind, op.ID, op.By, op.Within, op.Envelope, op.Patch, op.Idempotency, copies, set, where, pages)
}
