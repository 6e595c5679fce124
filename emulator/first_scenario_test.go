package emulator_test

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
)

// A first scenario, as it is written, has no mistakes and changes nothing: every operation does what it does without.
func TestFirstScenarioChangesNothing(t *testing.T) {
	onebyone(t)
	if _, err := os.Stat(realContracts); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the folder of real contracts is not there: %v", err)
		}
		t.Skip("the folder of real contracts is not there")
	}
	files, err := filepath.Glob(filepath.Join(realContracts, "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, ".md") }) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			bare := emulator.Options{Specs: []string{file}, Cache: "off"}
			name, text, err := emulator.FirstScenario(bare)
			if err != nil {
				t.Fatal(err)
			}
			written := filepath.Join(t.TempDir(), name+".scenario.yaml")
			if err := os.WriteFile(written, text, 0o600); err != nil {
				t.Fatal(err)
			}
			with := emulator.Options{Specs: []string{file}, Scenarios: []string{written}, Cache: "off"}
			report, err := emulator.CheckAll(with)
			if err != nil {
				t.Fatal(err)
			}
			for _, problem := range report.Problems[:min(len(report.Problems), 20)] {
				t.Errorf("check: %v", problem)
			}
			want, got := routesOf(t, bare), routesOf(t, with)
			for i, r := range want {
				if i < len(got) && !reflect.DeepEqual(r, got[i]) {
					t.Errorf("without it: %+v\n   with it: %+v", r, got[i])
				}
			}
			if len(want) != len(got) {
				t.Errorf("%d routes without it, %d with it", len(want), len(got))
			}
		})
	}
}

func routesOf(t *testing.T, o emulator.Options) []sandbox.Route {
	t.Helper()
	providers, err := emulator.Providers(o)
	if err != nil {
		t.Fatal(err)
	}
	routes, err := providers[0].Routes()
	if err != nil {
		t.Fatal(err)
	}
	return routes
}
