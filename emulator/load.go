package emulator

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// loadProvider reads one provider: a built-in name, or the path of a scenario
// file whose contract is built in or stands beside it. Settings that belong
// to it are taken out of set, unless it is the only provider: then all do.
func loadProvider(name string, set map[string]string, only bool) (*sandbox.Provider, error) {
	s, folder, err := loadScenario(name)
	if err != nil {
		return nil, err
	}
	doc, err := loadContract(s.Contract, folder)
	if err != nil {
		return nil, fmt.Errorf("%s: contract: %w", s.File, err)
	}
	mine := map[string]string{}
	for path, value := range set {
		if only || slices.ContainsFunc(s.Config, func(c scenarios.Setting) bool { return c.Path == path }) {
			mine[path] = value
			delete(set, path)
		}
	}
	return sandbox.NewProvider(s, doc, mine)
}

func loadScenario(name string) (s *scenarios.Scenario, folder string, err error) {
	if slices.Contains(scenarios.Names(), name) {
		s, err = scenarios.Embedded(name)
		return s, "", err
	}
	if !strings.HasSuffix(name, ".yaml") && !strings.HasSuffix(name, ".yml") {
		return nil, "", fmt.Errorf("there is no built-in provider %q; there are %s, or give the path of a scenario file (.yaml)", name, strings.Join(scenarios.Names(), ", "))
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, "", err
	}
	s, err = scenarios.Load(name, data)
	return s, filepath.Dir(name), err
}

func loadContract(name, folder string) (*openapi.Document, error) {
	if slices.Contains(openapi.Names(), name) {
		return openapi.Embedded(name)
	}
	if folder == "" || !filepath.IsLocal(name) {
		return nil, fmt.Errorf("%q is neither built in nor a file in the scenario's folder", name)
	}
	data, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		return nil, err
	}
	return openapi.Load(data)
}
