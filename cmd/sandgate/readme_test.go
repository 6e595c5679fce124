package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sandgate/sandgate/emulator"
)

var update = flag.Bool("update", false, "rewrite the generated parts of the README and the golden files")

const (
	readme = "../../README.md"
	home   = "http://localhost:7420" // where the README's server listens
)

// step is one command of the README with what it says that it prints.
type step struct {
	line    int
	command string
	want    []string
	needs   string // a file
}

// steps reads the ```console blocks of the README: `$ ` begins a command, the
// lines up to the next one are its output. A command that ends in <<'END' goes
// on to that word. A block for FILE needs one that the reader brings.
func steps(t *testing.T) []step {
	t.Helper()
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	var out []step
	inside, here, needs := false, false, ""
	for i, line := range strings.Split(string(text), "\n") {
		switch {
		case here:
			out[len(out)-1].command += "\n" + line
			here = line != "END"
		case strings.HasPrefix(line, "```"):
			inside = line == "```console" || strings.HasPrefix(line, "```console ")
			needs = strings.TrimPrefix(strings.TrimPrefix(line, "```console"), " for ")
		case inside && strings.HasPrefix(line, "$ "):
			out = append(out, step{line: i + 1, command: line[2:], needs: needs})
			here = strings.HasSuffix(line, "<<'END'")
		case inside && len(out) > 0:
			out[len(out)-1].want = append(out[len(out)-1].want, line)
		}
	}
	return out
}

// TestReadme runs every command of the README in one shell, as a newcomer
// would, and compares what is printed.
func TestReadme(t *testing.T) {
	onebyone(t)
	for _, tool := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("%s must be present in CI", tool)
			}
			t.Skipf("%s is not installed; the README's commands need it", tool)
		}
	}
	server := startForReadme(t)
	shell := newShell(t, server)
	for _, s := range steps(t) {
		if s.needs != "" && !brought(t, s.needs) {
			continue
		}
		got := shell.run(t, strings.ReplaceAll(s.command, home, server))
		for i := range got {
			got[i] = strings.ReplaceAll(got[i], server, home)
		}
		if err := likeLines(s.want, got); err != nil {
			t.Errorf("README.md:%d: %s\n%v\nprinted:\n%s", s.line, s.command, err, strings.Join(got, "\n"))
		}
	}
}

// startForReadme serves everything, as the README's first command does.
func startForReadme(t *testing.T) string {
	t.Helper()
	bin := asCommand(t)
	t.Setenv("PATH", filepath.Dir(bin)+string(os.PathListSeparator)+os.Getenv("PATH"))
	cmd := exec.Command(bin, "serve", "--port", "0")
	cmd.Env = append(os.Environ(), "SANDGATE_URL=")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		if _, base, ok := strings.Cut(lines.Text(), " listens on "); ok {
			go func() {
				for lines.Scan() {
				}
			}()
			return base
		}
	}
	t.Fatal("the server ended before it listened")
	return ""
}

// realContracts are documents that a reader would bring.
const realContracts = "../../../shared/specs"

// brought tells whether a file that a reader would bring is here; CI has all.
func brought(t *testing.T, file string) bool {
	t.Helper()
	_, err := os.Stat(filepath.Join(realContracts, file))
	if err != nil && os.Getenv("CI") == "true" {
		t.Errorf("%s must be present in CI: %v", file, err)
	}
	return err == nil
}

// bring puts what a reader would have into the folder of the commands.
func bring(t *testing.T, dir string) {
	t.Helper()
	root, err := filepath.Abs(realContracts)
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(root, "*.json"))
	for _, file := range files {
		if err := os.Symlink(file, filepath.Join(dir, filepath.Base(file))); err != nil {
			t.Fatal(err)
		}
	}
}

type shell struct {
	in  *bufio.Writer
	out *bufio.Scanner
	n   int
}

func newShell(t *testing.T, server string) *shell {
	t.Helper()
	cmd := exec.Command("bash", "--norc")
	cmd.Dir = t.TempDir()
	bring(t, cmd.Dir)
	cmd.Env = append(os.Environ(), "SANDGATE_URL="+server)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); cmd.Wait() })
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	return &shell{in: bufio.NewWriter(in), out: lines}
}

// run sends a command and reads up to the mark that follows it.
func (s *shell) run(t *testing.T, command string) []string {
	t.Helper()
	s.n++
	mark := fmt.Sprintf("-- end of command %d --", s.n)
	fmt.Fprintf(s.in, "%s\nprintf '\\n%s\\n'\n", command, mark)
	if err := s.in.Flush(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for s.out.Scan() {
		if s.out.Text() == mark {
			for len(got) > 0 && got[len(got)-1] == "" {
				got = got[:len(got)-1]
			}
			return got
		}
		got = append(got, s.out.Text())
	}
	t.Fatalf("the shell ended after: %s", command)
	return nil
}

// likeLines compares lines; … stands for anything within a line, and a line
// of … alone for any lines.
func likeLines(want, got []string) error {
	if len(want) == 1 && want[0] == "…" {
		return nil
	}
	if len(want) != len(got) {
		return fmt.Errorf("%d lines, the README shows %d", len(got), len(want))
	}
	for i, line := range want {
		pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*") + "$"
		if !regexp.MustCompile(pattern).MatchString(got[i]) {
			return fmt.Errorf("line %d is not like the README's: %s", i+1, line)
		}
	}
	return nil
}

// TestReadmeRoutes keeps the table of what is modelled true.
func TestReadmeRoutes(t *testing.T) {
	onebyone(t)
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?s)<!-- routes: ([\w-]+) -->\n(.*?)<!-- /routes -->`).FindAllStringSubmatch(string(text), -1) {
		want := routesTable(t, m[1])
		if m[2] == want {
			continue
		}
		if !*update {
			t.Errorf("the table of %s in the README is out of date: go test ./cmd/sandgate -run Readme -update", m[1])
			continue
		}
		text = []byte(strings.Replace(string(text), m[0], "<!-- routes: "+m[1]+" -->\n"+want+"<!-- /routes -->", 1))
		if err := os.WriteFile(readme, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestReadmeContracts keeps the table of real contracts true: it is the golden
// of the test that counts.
func TestReadmeContracts(t *testing.T) {
	golden, err := os.ReadFile("../../emulator/testdata/contracts.golden")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	want := "| contract | operations | planned | routed | valid | round trips |\n|---|---|---|---|---|---|\n"
	for _, line := range strings.Split(strings.TrimSpace(string(golden)), "\n")[1:] {
		f := strings.Fields(line) // name, operations, planned, routed, valid, %, success, %, creatable, round, %
		want += fmt.Sprintf("| %s | %s | %s | %s | %s (%s) | %s of %s |\n", f[0], f[1], f[2], f[3], f[4], f[5], f[9], f[8])
	}
	block := regexp.MustCompile(`(?s)<!-- contracts -->\n(.*?)<!-- /contracts -->`).FindStringSubmatch(string(text))
	switch {
	case block == nil:
		t.Fatal("the README has no table of contracts")
	case block[1] == want:
	case !*update:
		t.Error("the table of contracts in the README is out of date: go test ./cmd/sandgate -run Readme -update")
	default:
		text = []byte(strings.Replace(string(text), block[0], "<!-- contracts -->\n"+want+"<!-- /contracts -->", 1))
		if err := os.WriteFile(readme, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// routesTable sums the routes up by area, the first fixed segment after the
// version.
func routesTable(t *testing.T, name string) string {
	t.Helper()
	providers, err := emulator.LoadProviders([]string{name}, nil)
	if err != nil {
		t.Fatal(err)
	}
	routes, err := providers[0].Routes()
	if err != nil {
		t.Fatal(err)
	}
	counts, order, total := map[string]map[string]int{}, []string{}, map[string]int{}
	for _, r := range routes {
		area := areaOf(r.Operation)
		if counts[area] == nil {
			counts[area] = map[string]int{}
			order = append(order, area)
		}
		counts[area][r.Depth]++
		total[r.Depth]++
	}
	var b strings.Builder
	fmt.Fprintf(&b, "`sandgate routes %s` prints all %d with what each does and why.\n\n| area | modelled | generic | sample |\n|---|---|---|---|\n", name, len(routes))
	row := func(area string, n map[string]int) {
		fmt.Fprintf(&b, "| %s | %d | %d | %d |\n", area, n["modelled"], n["generic"], n["sample"])
	}
	for _, area := range order {
		row(area, counts[area])
	}
	row("**all**", total)
	return b.String()
}

func areaOf(operation string) string {
	_, path, _ := strings.Cut(operation, " ")
	for _, segment := range strings.Split(path, "/") {
		if segment != "" && segment != "api" && !regexp.MustCompile(`^v\d+$`).MatchString(segment) {
			return segment
		}
	}
	return path
}

// TestRoutesGolden keeps what every operation does and how deep it goes: a
// change of either shows in a diff.
func TestRoutesGolden(t *testing.T) {
	onebyone(t)
	for _, name := range emulator.BuiltIn() {
		providers, err := emulator.LoadProviders([]string{name}, nil)
		if err != nil {
			t.Fatal(err)
		}
		routes, err := providers[0].Routes()
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, r := range routes {
			fmt.Fprintf(&b, "%s\t%s\t%s\n", r.Operation, r.Action, r.Depth)
		}
		golden := filepath.Join("testdata", name+"_routes.golden")
		if *update {
			if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if b.String() != string(want) {
			t.Errorf("the routes of %s changed: go test ./cmd/sandgate -run Golden -update, and read the diff", name)
		}
	}
}
