package emulator_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/sandgate/sandgate/"

// plan is the house: which packages of ours each package may import. Arrows
// run downwards only; ground packages import none.
var plan = map[string][]string{
	"cmd/sandgate":     {"emulator", "emulator/sandbox", "emulator/clock", "emulator/store", "emulator/webhook", "scenarios", "openapi", "testcards"},
	"emulator":         {"emulator/api", "emulator/control", "emulator/sandbox", "emulator/store", "emulator/webhook", "emulator/clock", "scenarios", "openapi", "testcards"},
	"emulator/api":     {"emulator/sandbox", "emulator/clock", "scenarios", "openapi"},
	"emulator/control": {"emulator/sandbox", "emulator/clock", "scenarios", "openapi", "testcards"},
	"emulator/sandbox": {"scenarios", "openapi", "testcards", "emulator/store", "emulator/webhook", "emulator/clock"},
	"scenarios":        {"openapi", "emulator/clock"},
	"openapi":          {},
	"testcards":        {},
	"emulator/store":   {},
	"emulator/webhook": {},
	"emulator/clock":   {},
	"openapi/gen":      {"openapi"},
	"scenarios/gen":    {"scenarios", "openapi"},
	"testcards/gen":    {"testcards"},
}

// providers are names that no Go code may know: a provider is data.
var providers = []string{"killb", "kobana", "kobbopay", "stripe"}

// forbidden calls make a run depend on the machine. Only the packages named
// may make them.
var forbidden = map[string][]string{
	"time.Now":           {"emulator/clock", "cmd/sandgate"},
	"time.Sleep":         {},
	"time.After":         {},
	"time.NewTimer":      {"emulator/clock"},
	"time.NewTicker":     {},
	"net.Dial":           {},
	"net.DialTimeout":    {},
	"http.Get":           {},
	"http.Post":          {},
	"http.DefaultClient": {},
	"rand.Int":           {},
	"rand.IntN":          {},
	"rand.Float64":       {},
	"os.Exit":            {"cmd/sandgate", "openapi/gen", "scenarios/gen", "testcards/gen"},
}

type source struct {
	pkg, path string
	file      *ast.File
	text      string
	lines     int
}

// sources parses every Go file of the module.
func sources(t *testing.T) (code, tests []source) {
	t.Helper()
	onebyone(t) // to read source text is no matter of races
	root, set := "..", token.NewFileSet()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() && !strings.HasSuffix(path, ".go") {
			return err
		}
		if d.IsDir() {
			if strings.HasPrefix(d.Name(), ".") && d.Name() != ".." || d.Name() == "testdata" {
				return filepath.SkipDir
			}
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(set, path, data, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		s := source{filepath.ToSlash(filepath.Dir(rel)), filepath.ToSlash(rel), file, string(data), strings.Count(string(data), "\n")}
		if strings.HasSuffix(path, "_test.go") {
			tests = append(tests, s)
		} else {
			code = append(code, s)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return code, tests
}

func TestHouseArrowsRunDownwards(t *testing.T) {
	code, _ := sources(t)
	for _, s := range code {
		allowed, known := plan[s.pkg]
		if !known {
			t.Errorf("%s: package %s is not in the plan", s.path, s.pkg)
			continue
		}
		for _, spec := range s.file.Imports {
			path := strings.Trim(spec.Path.Value, `"`)
			if ours, ok := strings.CutPrefix(path, module); ok && !slices.Contains(allowed, ours) {
				t.Errorf("%s imports %s, which the plan does not allow", s.path, ours)
			}
		}
	}
}

func TestHouseKnowsNoProvider(t *testing.T) {
	code, _ := sources(t)
	for _, s := range code {
		for i, line := range strings.Split(s.text, "\n") {
			for _, name := range providers {
				if strings.Contains(strings.ToLower(line), name) {
					t.Errorf("%s:%d names a provider: %s", s.path, i+1, strings.TrimSpace(line))
				}
			}
		}
	}
}

func TestHouseInjectsTimeAndChance(t *testing.T) {
	code, _ := sources(t)
	for _, s := range code {
		ast.Inspect(s.file, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := selector.X.(*ast.Ident)
			if !ok {
				return true
			}
			allowed, is := forbidden[pkg.Name+"."+selector.Sel.Name]
			if is && !slices.Contains(allowed, s.pkg) {
				t.Errorf("%s uses %s.%s", s.path, pkg.Name, selector.Sel.Name)
			}
			return true
		})
	}
}

func TestHousePackagesSayWhatTheyOwn(t *testing.T) {
	code, _ := sources(t)
	said := map[string]string{}
	for _, s := range code {
		if s.file.Doc != nil && (filepath.Base(s.path) == "doc.go" || s.file.Name.Name == "main") {
			said[s.pkg] += s.file.Doc.Text()
		}
	}
	for pkg := range plan {
		text := strings.TrimSpace(said[pkg])
		if text == "" {
			t.Errorf("%s has no package comment in doc.go", pkg)
		} else if strings.Count(text, ". ")+strings.Count(text, ".\n")+1 < 2 && !strings.HasSuffix(pkg, "/gen") {
			t.Errorf("%s: two sentences, what it owns and what it never does", pkg)
		}
	}
}

func TestHouseRoomsAreSmall(t *testing.T) {
	code, _ := sources(t)
	for _, s := range code {
		if s.lines > 450 {
			t.Errorf("%s has %d lines; is it still one room?", s.path, s.lines)
		}
	}
}
