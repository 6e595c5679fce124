package emulator

import (
	"path/filepath"
	"regexp"
	"strings"

	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// loadSpec reads a contract that the user brings and what the contract itself
// says about it.
func loadSpec(spec string, set map[string]*setting, only bool, o Options) (*sandbox.Provider, error) {
	name, path, named := strings.Cut(spec, "=")
	if !named {
		name, path = mountNameOf(spec), spec
	}
	doc, err := openapi.Open(path, openapi.OpenOptions{})
	if err != nil {
		return nil, err
	}
	s := scenarios.NewInference(doc).Scenario(name)
	return sandbox.NewProvider(s, doc, inEnvironment(s, mySettings(s, set, only), o.Environment))
}

var notInMount = regexp.MustCompile(`[^a-z0-9]+`)

// mountNameOf makes a mount's name of a file's.
func mountNameOf(path string) string {
	stem := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	return strings.Trim(notInMount.ReplaceAllString(strings.ToLower(stem), "-"), "-")
}
