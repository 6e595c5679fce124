// Command gen checks every deck in the folder where it runs and writes it in
// compact form: PROVIDER.yaml becomes PROVIDER.json, the same bytes every time.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/sandgate/sandgate/testcards"
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
	for _, source := range sources {
		data, err := os.ReadFile(source)
		if err != nil {
			return err
		}
		d, err := testcards.Load(filepath.Base(source), data)
		if err != nil {
			return err
		}
		compact, err := json.Marshal(d)
		if err != nil {
			return fmt.Errorf("%s: %w", source, err)
		}
		target := strings.TrimSuffix(source, ".yaml") + ".json"
		if old, err := os.ReadFile(target); err == nil && bytes.Equal(old, compact) {
			continue
		}
		if err := os.WriteFile(target, compact, 0o644); err != nil {
			return err
		}
	}
	return nil
}
