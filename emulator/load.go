package emulator

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// mySettings are those that mean this provider: PATH means every provider
// that has it, PROVIDER.PATH one. They are marked as used.
func mySettings(s *scenarios.Scenario, set map[string]*setting, only bool) map[string]string {
	has := func(path string) bool {
		return slices.ContainsFunc(s.Config, func(c scenarios.Setting) bool { return c.Path == path })
	}
	mine := map[string]string{}
	for path, given := range set {
		if own, ok := strings.CutPrefix(path, s.Provider+"."); ok {
			mine[own], given.used = given.value, true
		}
	}
	for path, given := range set {
		if given.used && strings.HasPrefix(path, s.Provider+".") || !only && !has(path) {
			continue
		}
		given.used = true
		if _, narrower := mine[path]; !narrower {
			mine[path] = given.value
		}
	}
	return mine
}

// setting is one --set, until a provider takes it.
type setting struct {
	value string
	used  bool
}

// loadBoth reads a built-in scenario and its contract, at the same time where
// the contract has its name.
func loadBoth(name string, builtIn func(string) (*scenarios.Scenario, error)) (*scenarios.Scenario, *openapi.Document, error) {
	early := make(chan *openapi.Document, 1)
	if slices.Contains(openapi.Names(), name) {
		go func() {
			doc, _ := openapi.Embedded(name) // an error shows itself below
			early <- doc
		}()
	} else {
		early <- nil
	}
	s, err := builtIn(name)
	doc := <-early
	if err != nil {
		return nil, nil, err
	}
	if doc == nil || s.Contract != name {
		if doc, err = openapi.Embedded(s.Contract); err != nil {
			return nil, nil, fmt.Errorf("%s: contract: %w", s.File, err)
		}
	}
	return s, doc, nil
}

// loadScenario reads a built-in scenario with the function given, else a file
// or a folder of files. Contracts of the user's own stand beside them.
func loadScenario(name string, builtIn func(string) (*scenarios.Scenario, error)) (s *scenarios.Scenario, folder string, err error) {
	if slices.Contains(scenarios.Names(), name) {
		s, err = builtIn(name)
		return s, "", err
	}
	if _, err := os.Stat(filepath.Join(name, scenarios.RootFile)); err == nil {
		s, err = scenarios.LoadFolder(filepath.Base(name), os.DirFS(name))
		return s, name, err
	}
	if !strings.HasSuffix(name, ".yaml") && !strings.HasSuffix(name, ".yml") {
		return nil, "", fmt.Errorf("there is no built-in provider %q; there are %s, or give the path of a scenario file (.yaml) or folder (with %s)",
			name, strings.Join(scenarios.Names(), ", "), scenarios.RootFile)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, "", err
	}
	s, err = scenarios.Load(name, data)
	return s, filepath.Dir(name), err
}
