// Command gen writes the resolved form of every scenario in the folder where
// it runs: PROVIDER.yaml, or the folder PROVIDER, becomes PROVIDER.json, the
// same bytes every time.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run works in the folder of the YAML files, where go generate stands.
func run(dir string) error {
	sources, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return err
	}
	roots, err := filepath.Glob(filepath.Join(dir, "*", scenarios.RootFile))
	if err != nil {
		return err
	}
	for _, root := range roots {
		sources = append(sources, filepath.Dir(root))
	}
	for _, source := range sources {
		s, err := load(source)
		if err != nil {
			return err
		}
		resolved, err := scenarios.Resolve(s)
		if err != nil {
			return fmt.Errorf("%s: %w", source, err)
		}
		target := strings.TrimSuffix(source, ".yaml") + ".json"
		if err := openapi.WritePacked(target, resolved); err != nil {
			return err
		}
	}
	return nil
}

// load reads a file, or a folder of them.
func load(source string) (*scenarios.Scenario, error) {
	name := filepath.Base(source)
	if !strings.HasSuffix(name, ".yaml") {
		return scenarios.LoadFolder(name, os.DirFS(source))
	}
	data, err := os.ReadFile(source)
	if err != nil {
		return nil, err
	}
	return scenarios.Load(name, data)
}
