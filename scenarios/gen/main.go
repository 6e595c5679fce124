// Command gen writes the resolved form of every scenario in the folder where
// it runs: PROVIDER.yaml, or the folder PROVIDER, becomes PROVIDER.json, the
// same bytes every time.
package main

import (
	"bytes"
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
		if err := writeBoth(target, resolved); err != nil {
			return err
		}
	}
	return nil
}

// writeBoth leaves alone what is up to date. The JSON is there to be read, the
// .gz is what is embedded.
func writeBoth(target string, data []byte) error {
	if old, err := os.ReadFile(target); err != nil || !bytes.Equal(old, data) {
		if err := os.WriteFile(target, data, 0o644); err != nil {
			return err
		}
	}
	target += ".gz"
	old, _ := os.ReadFile(target)
	packed, err := openapi.Repack(data, old)
	if err != nil || bytes.Equal(old, packed) {
		return err
	}
	return os.WriteFile(target, packed, 0o644)
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
