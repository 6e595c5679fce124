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
		names = append(names, strings.TrimSuffix(entry.Name(), ".json.gz"))
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
