// Command gen writes the compact JSON that package openapi embeds, from the YAML beside it. It runs in the folder of that package:
// each folder <provider>/ with YAML files, and each <provider>.yaml, becomes <provider>.json, to be read, and <provider>.json.gz, which is embedded;
// so does each <provider>.overlay.yaml.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sandgate/sandgate/openapi"
)

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(dir string) error {
	sources, err := sources(dir)
	if err != nil {
		return err
	}
	for _, s := range sources {
		data, err := s.build()
		if err == nil {
			err = check(data)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		if err := openapi.WritePacked(filepath.Join(dir, s.name+".json"), data); err != nil {
			return err
		}
	}
	return overlays(dir)
}

// overlays writes those that are built in, which change a contract that the user brings.
func overlays(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.overlay.yaml"))
	if err != nil {
		return err
	}
	for _, file := range files {
		data, err := overlay(file)
		if err == nil {
			err = openapi.WritePacked(strings.TrimSuffix(file, ".yaml")+".json", data)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(file), err)
		}
	}
	return nil
}

func overlay(file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	data, err := openapi.FromYAML(text)
	if err == nil {
		err = openapi.CheckOverlay(data)
	}
	return append(data, '\n'), err
}

// source is one provider's YAML files, in alphabetical order.
type source struct {
	name  string
	files []string
}

func sources(dir string) ([]source, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var list []source
	for _, e := range entries {
		if !e.IsDir() {
			// A name with a second dot is no contract: NAME.overlay.yaml changes one.
			if name, ok := strings.CutSuffix(e.Name(), ".yaml"); ok && !strings.Contains(name, ".") {
				list = append(list, source{name, []string{filepath.Join(dir, e.Name())}})
			}
			continue
		}
		if e.Name() == "testdata" {
			continue
		}
		files, err := filepath.Glob(filepath.Join(dir, e.Name(), "*.yaml"))
		if err != nil {
			return nil, err
		}
		if slices.Sort(files); len(files) > 0 {
			list = append(list, source{e.Name(), files})
		}
	}
	return list, nil
}

// document is an OpenAPI document under construction: maps whose order is kept.
type document struct {
	root       object
	tags       [][]byte
	paths      object
	components object
	sections   map[string]*object
}

type object struct {
	names  []string
	values map[string]json.RawMessage
}

func (o *object) add(name string, value json.RawMessage) error {
	if _, twice := o.values[name]; twice {
		return fmt.Errorf("%s is there twice", name)
	}
	if o.values == nil {
		o.values = map[string]json.RawMessage{}
	}
	o.names = append(o.names, name)
	o.values[name] = value
	return nil
}

func (o *object) write(b *bytes.Buffer) {
	b.WriteByte('{')
	for i, name := range o.names {
		if i > 0 {
			b.WriteByte(',')
		}
		key, _ := openapi.Marshal(name, nil)
		b.Write(key)
		b.WriteByte(':')
		b.Write(o.values[name])
	}
	b.WriteByte('}')
}

// build merges the files: paths, each map of components, and tags are joined; the other fields of the root stand in one file only.
func (s source) build() ([]byte, error) {
	d := &document{sections: map[string]*object{}}
	for _, file := range s.files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		data, err := openapi.FromYAML(text)
		if err == nil {
			err = d.merge(data)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(file), err)
		}
	}
	var b bytes.Buffer
	if err := d.finish(); err != nil {
		return nil, err
	}
	d.root.write(&b)
	b.WriteByte('\n')
	return b.Bytes(), nil
}

func (d *document) merge(data []byte) error {
	return openapi.Members(data, func(name string, value json.RawMessage) error {
		switch name {
		case "tags":
			var list []json.RawMessage
			if err := json.Unmarshal(value, &list); err != nil {
				return fmt.Errorf("tags: %w", err)
			}
			for _, tag := range list {
				d.tags = append(d.tags, tag)
			}
			return nil
		case "paths":
			return openapi.Members(value, d.paths.add)
		case "components":
			return openapi.Members(value, d.mergeSection)
		}
		return d.root.add(name, value)
	})
}

func (d *document) mergeSection(kind string, value json.RawMessage) error {
	if d.sections[kind] == nil {
		d.sections[kind] = &object{}
		d.components.names = append(d.components.names, kind)
	}
	if err := openapi.Members(value, d.sections[kind].add); err != nil {
		return fmt.Errorf("components/%s: %w", kind, err)
	}
	return nil
}

// finish puts the merged parts behind the fields of the root.
func (d *document) finish() error {
	if len(d.tags) > 0 {
		list := append([]byte{'['}, bytes.Join(d.tags, []byte{','})...)
		if err := d.root.add("tags", append(list, ']')); err != nil {
			return err
		}
	}
	var paths, components bytes.Buffer
	d.paths.write(&paths)
	if err := d.root.add("paths", paths.Bytes()); err != nil {
		return err
	}
	d.components.values = map[string]json.RawMessage{}
	for kind, section := range d.sections {
		var b bytes.Buffer
		section.write(&b)
		d.components.values[kind] = b.Bytes()
	}
	d.components.write(&components)
	return d.root.add("components", components.Bytes())
}

// check reads every part of a contract, so that a broken one is not written: what would be repaired in a user's is a fault in ours.
func check(data []byte) error {
	d, err := openapi.Load(data)
	if err != nil {
		return err
	}
	var faults []error
	for _, o := range d.Operations() {
		if _, err := d.Plan(o); err != nil {
			faults = append(faults, err)
		}
	}
	for _, r := range d.Inspect() {
		faults = append(faults, fmt.Errorf("%s: %s", r.Pointer, r.Problem))
	}
	return errors.Join(faults...)
}
