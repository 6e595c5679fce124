package scenarios

import (
	"embed"
	"fmt"
	"strings"

	"github.com/sandgate/sandgate/openapi"
)

//go:embed *.json.gz
var files embed.FS

// Names are the providers that are built in, in order.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".json.gz"))
	}
	return out
}

// Embedded is a built-in provider. Every call makes a new Scenario.
func Embedded(name string) (*Scenario, error) { return embedded(name, decodeResolved) }

// Outline is the same without the greater part of its operations, which are
// most of a provider and of which a process needs few: each is read by Whole.
func Outline(name string) (*Scenario, error) {
	s, err := embedded(name, decodeOutline)
	if err == nil {
		s.Checked = true
	}
	return s, err
}

func embedded(name string, decode func([]byte) (*Scenario, error)) (*Scenario, error) {
	packed, err := files.ReadFile(name + ".json.gz")
	if err != nil {
		return nil, fmt.Errorf("no provider %q is built in%s", clip(name, 60), suggest(name, Names()))
	}
	data, err := openapi.Unpack(packed)
	if err != nil {
		return nil, fmt.Errorf("%s.json.gz: %w", name, err)
	}
	s, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s.json: %w", name, err)
	}
	return s, nil
}
