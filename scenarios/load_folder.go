package scenarios

import (
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// RootFile is the first file of a scenario that is a folder.
const RootFile = "_root.yaml"

// LoadFolder reads a scenario from the *.yaml files of a folder, RootFile
// first and the others by name. Messages name a file as folder/file.
func LoadFolder(folder string, files fs.FS) (*Scenario, error) {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil, err
	}
	at := slices.Index(names, RootFile)
	if at < 0 {
		return nil, fmt.Errorf("%s: a scenario in several files begins with %s", folder, RootFile)
	}
	names = append([]string{RootFile}, slices.Delete(names, at, at+1)...)
	m := &merger{whole: &Scenario{File: path.Join(folder, RootFile)}, places: map[string]string{}}
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		m.file(path.Join(folder, name), data)
	}
	if m.root != nil {
		for _, need := range rules[reflect.TypeFor[Scenario]()].needs {
			if m.places[need] == "" {
				m.root.fail(m.rootNode, "a scenario needs %s", need)
			}
		}
	}
	if all := m.errors(); len(all) > 0 {
		return nil, all
	}
	return m.whole, nil
}

// merger makes one scenario of several files.
type merger struct {
	whole    *Scenario
	places   map[string]string // what was read already -> where
	loaders  []*loader
	root     *loader
	rootNode ast.Node
}

func (m *merger) errors() (all Errors) {
	for _, l := range m.loaders {
		l.sort()
		all = append(all, l.errs...)
	}
	return all
}

// shared are the top keys that several files may have. The names in them are
// theirs alone, but for seed, which is a list.
var shared = []string{"config", "data", "refusals", "errors", "resources", "operations", "seed"}

func (m *merger) file(name string, data []byte) {
	l := &loader{file: name, part: name}
	m.loaders = append(m.loaders, l)
	root := l.parseYAML(data)
	if m.root == nil {
		m.root, m.rootNode = l, root
	}
	if root == nil {
		return
	}
	part := &Scenario{}
	l.decode(root, reflect.ValueOf(part).Elem(), "a scenario")
	from, to := reflect.ValueOf(part).Elem(), reflect.ValueOf(m.whole).Elem()
	fields := fieldsOf(from.Type())
	for _, p := range l.quietly(root) {
		i, ok := fields[p.name]
		if !ok {
			continue
		}
		if slices.Contains(shared, p.name) {
			if p.name != "seed" {
				for _, entry := range l.quietly(p.value) {
					m.claim(l, p.name+" "+entry.name, entry)
				}
			}
			joinEntries(to.FieldByIndex(i), from.FieldByIndex(i))
			continue
		}
		m.claim(l, p.name, p)
		to.FieldByIndex(i).Set(from.FieldByIndex(i))
		if name != m.whole.File {
			if m.whole.Sections == nil {
				m.whole.Sections = map[string]string{}
			}
			m.whole.Sections[p.name] = name
		}
	}
}

// claim notes where something stands; a second place is an error.
func (m *merger) claim(l *loader, what string, p pair) {
	if old := m.places[what]; old != "" && !strings.HasPrefix(old, l.file+":") {
		l.fail(p.key, "%s stands in %s already", clip(what, 80), old)
		return
	}
	line, _ := place(p.key)
	m.places[what] = fmt.Sprintf("%s:%d", l.file, line)
}

// quietly gives the entries of a mapping that was read, and whose faults are
// known.
func (l *loader) quietly(n ast.Node) []pair {
	before := len(l.errs)
	out := l.pairs(n, "")
	l.errs = l.errs[:before]
	return out
}

// joinEntries adds the entries of a mapping or a list.
func joinEntries(to, from reflect.Value) {
	switch from.Kind() {
	case reflect.Slice:
		to.Set(reflect.AppendSlice(to, from))
	case reflect.Map:
		if to.IsNil() {
			to.Set(from)
			return
		}
		for it := from.MapRange(); it.Next(); {
			to.SetMapIndex(it.Key(), it.Value())
		}
	}
}

// FileOf is the file that a top key stands in.
func (s *Scenario) FileOf(section string) string {
	if name := s.Sections[section]; name != "" {
		return name
	}
	return s.File
}
