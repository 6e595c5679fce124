package openapi

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// OpenOptions say how a document is read from disk.
type OpenOptions struct {
	Overlays []string     // files, applied in order …
	Before   [][]byte     // … after these texts
	Cache    string       // folder of compiled indexes, "" = none
	Version  string       // of who reads: what another one compiled is not used
	Later    func(func()) // takes what may wait until the first answer, nil = it is done at once
}

// Open reads a document from a file, or from a folder of files. What it refers to in other files of its folder becomes part of it; then the overlays
// are applied: overlay.yaml beside the contract of a folder, then those of the options.
func Open(path string, o OpenOptions) (*Document, error) {
	f, root, err := openFolder(path)
	if err != nil {
		return nil, err
	}
	defer f.close()
	data, err := f.read(root)
	if err != nil {
		return nil, err
	}
	overlays, err := f.overlays(path, o)
	if err != nil {
		return nil, err
	}
	c := newCache(o, data, dataOf(overlays))
	if d := c.load(f); d != nil {
		d.brought = true
		return d, nil
	}
	f.restart(data)
	text, found, err := assemble(f, root, data, overlays)
	if err != nil {
		return nil, err
	}
	d, err := indexed(text, found)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	d.brought = true
	if c != nil {
		files := f.sums
		o.later(func() { c.keep(d, files) })
	}
	return d, nil
}

func (o OpenOptions) later(task func()) {
	if o.Later == nil {
		task()
		return
	}
	o.Later(task)
}

// overlay is one change to a document.
type overlay struct {
	path string
	data []byte
}

func dataOf(list []overlay) [][]byte {
	var out [][]byte
	for _, o := range list {
		out = append(out, o.data)
	}
	return out
}

// overlays reads what changes the document, in order.
func (f *folder) overlays(path string, o OpenOptions) (list []overlay, err error) {
	for _, data := range o.Before {
		list = append(list, overlay{"built in", data})
	}
	paths := o.Overlays
	if beside := f.overlay(path); beside != "" && !slices.Contains(paths, beside) {
		paths = append([]string{beside}, paths...)
	}
	for _, path := range paths {
		data, err := readFile(path)
		if err != nil {
			return nil, err
		}
		list = append(list, overlay{path, data})
	}
	return list, nil
}

// assemble makes one JSON text of a document, the files that it refers to, and the overlays.
func assemble(f *folder, root string, data []byte, overlays []overlay) ([]byte, []Repair, error) {
	text, found, err := readText(data)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", f.path(root), err)
	}
	text, more, err := bundle(f, root, text)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", f.path(root), err)
	}
	found = append(found, more...)
	for _, o := range overlays {
		var notes []Repair
		if text, notes, err = overlaid(text, o.data); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", o.path, err)
		}
		found = append(found, notes...)
	}
	return text, found, nil
}

// rootNames are the names under which a folder holds its contract, and those of an overlay beside it.
var (
	rootNames    = []string{"openapi.yaml", "openapi.yml", "openapi.json"}
	overlayNames = []string{"overlay.yaml", "overlay.yml", "overlay.json"}
)

// overlay is the overlay that belongs to a folder by its name. A file that is named by itself has no such one: what else is in its folder may be
// anything.
func (f *folder) overlay(path string) string {
	if f.dir != path {
		return ""
	}
	for _, name := range overlayNames {
		if info, err := f.root.Stat(name); err == nil && info.Mode().IsRegular() {
			return filepath.Join(f.dir, name)
		}
	}
	return ""
}

// findRoot finds the contract in a folder: by its name, or as the only file with a field openapi.
func (f *folder) findRoot() (string, error) {
	var found []string
	for _, name := range rootNames {
		if info, err := f.root.Stat(name); err == nil && info.Mode().IsRegular() {
			found = append(found, name)
		}
	}
	var others []string
	if len(found) == 0 {
		var err error
		if found, others, err = f.search(); err != nil {
			return "", err
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return "", fmt.Errorf("%s: several files may be the contract: %s; name one of them", f.dir, clipList(found))
	case len(others) > 0:
		return "", fmt.Errorf("%s: no contract: want openapi.yaml, openapi.yml or openapi.json, or one file with a field openapi, have %s", f.dir, clipList(others))
	}
	return "", fmt.Errorf("%s: no contract: want openapi.yaml, openapi.yml or openapi.json, or one file with a field openapi; there is no YAML and no JSON", f.dir)
}

// search looks at the files of a folder, not at those of the folders in it.
func (f *folder) search() (found, others []string, err error) {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		name := e.Name()
		if !e.Type().IsRegular() || !slices.Contains([]string{".yaml", ".yml", ".json"}, strings.ToLower(filepath.Ext(name))) {
			continue
		}
		data, err := f.read(name)
		if err != nil {
			return nil, nil, err
		}
		others = append(others, name)
		if !strings.Contains(string(data), "openapi") {
			continue
		}
		text, _, err := readText(data)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", f.path(name), err)
		}
		if _, ok := member(text, "openapi"); ok {
			found = append(found, name)
		}
	}
	return found, others, nil
}

func clipList(names []string) string {
	if len(names) > 12 {
		return strings.Join(names[:12], ", ") + fmt.Sprintf(", … (%d in all)", len(names))
	}
	return strings.Join(names, ", ")
}
