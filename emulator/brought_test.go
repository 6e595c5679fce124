package emulator_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/scenarios"
)

// broughtFor is the document that users bring for a provider whose contract is
// not ours, from the published ones beside the project; none = it has its own.
func broughtFor(provider string) []string {
	if slices.Contains(emulator.BuiltIn(), provider) {
		return nil
	}
	return []string{filepath.Join("..", "..", "shared", "specs", provider+".json")}
}

// served are the options that serve a provider, whose document must be at hand.
func served(t *testing.T, provider string) emulator.Options {
	t.Helper()
	specs := broughtFor(provider)
	for _, path := range specs {
		if _, err := os.Stat(path); err == nil {
			continue
		} else if os.Getenv("CI") == "true" {
			t.Fatalf("%s: its document is not at hand: %v", provider, err)
		}
		t.Skipf("%s: its document is not at hand: there is no %s", provider, path)
	}
	return emulator.Options{Providers: []string{provider}, Specs: specs, Clock: "manual", Seed: 7, Egress: "none", RateLimit: "off"}
}

// TestEveryProviderHasScripts wants a folder of them for each.
func TestEveryProviderHasScripts(t *testing.T) {
	for _, name := range scenarios.Names() {
		if scripts, _ := filepath.Glob(filepath.Join("testdata", name, "*.txtar")); len(scripts) == 0 {
			t.Errorf("%s: no behaviour scripts in testdata/%s", name, name)
		}
	}
}
