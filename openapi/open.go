package openapi

import (
	"fmt"
	"os"
)

// OpenOptions say how a document is read from disk.
type OpenOptions struct {
	Overlays []string // files, applied in order
	Cache    string   // folder of compiled indexes, "" = none
}

// Open reads a document from a file, or from a folder of files.
func Open(path string, _ OpenOptions) (*Document, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	d, err := Load(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return d, nil
}
