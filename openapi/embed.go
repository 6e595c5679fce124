package openapi

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed *.json.gz
var embedded embed.FS

// Names lists the documents that are built in, sorted.
func Names() []string {
	entries, _ := embedded.ReadDir(".")
	var names []string
	for _, entry := range entries {
		// A name with a second dot is no contract: NAME.overlay changes one that the user brings.
		if name := strings.TrimSuffix(entry.Name(), ".json.gz"); !strings.Contains(name, ".") {
			names = append(names, name)
		}
	}
	return names
}

// Embedded indexes a built-in document.
func Embedded(name string) (*Document, error) {
	packed, err := embedded.ReadFile(name + ".json.gz")
	if err != nil {
		return nil, fmt.Errorf("no built-in contract %q; there are: %s", name, strings.Join(Names(), ", "))
	}
	data, err := Unpack(packed)
	if err != nil {
		return nil, fmt.Errorf("%s.json.gz: %w", name, err)
	}
	// The text was valid when go generate wrote it.
	return index(data)
}

// Overlay is the built-in overlay for a contract that the user brings; false if there is none of that name.
func Overlay(name string) ([]byte, bool) {
	packed, err := embedded.ReadFile(name + ".overlay.json.gz")
	if err != nil {
		return nil, false
	}
	data, err := Unpack(packed)
	return data, err == nil
}
