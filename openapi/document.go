package openapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// MaxDocument is the largest document that Load accepts, in bytes.
const MaxDocument = 32 << 20

// Document is the index of one OpenAPI document: raw JSON by name. Schemas and plans are built from it on their first use and shared.
// It is safe for concurrent use.
type Document struct {
	raw        []byte
	openapi    string
	title      string
	version    string
	root       map[string]json.RawMessage
	components map[string]*section
	operations []*Operation
	byKey      map[string]*Operation
	linked     []linkedItem

	mu      sync.Mutex
	schemas map[string]*Schema // by reference, "#/components/schemas/X"
	repairs repairs

	anchoring sync.Once
	anchors   map[string]json.RawMessage
}

// section is one map of the document whose order counts.
type section struct {
	names []string
	raw   map[string]json.RawMessage
}

func readSection(raw []byte, i int) (*section, int, error) {
	s := &section{raw: map[string]json.RawMessage{}}
	end, err := walkMembers(raw, i, func(name string, start int) (int, error) {
		end := skipValue(raw, start)
		if end < 0 {
			return -1, errScan
		}
		if _, seen := s.raw[name]; !seen {
			s.names = append(s.names, name)
		}
		s.raw[name] = raw[start:end:end]
		return end, nil
	})
	return s, end, err
}

// Load indexes a document given as JSON or YAML. It checks the text and the structure down to the operations; schemas are looked at when they are needed.
func Load(data []byte) (*Document, error) {
	if len(data) > MaxDocument {
		return nil, fmt.Errorf("the document has %d bytes, the limit is %d", len(data), MaxDocument)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if i := skipSpace(data, 0); i < len(data) && data[i] == '{' {
		if json.Valid(data) {
			return index(data)
		}
		// A flow-style YAML document starts with a brace too, but an error about JSON is what its author can use.
		return nil, syntaxError(data)
	}
	converted, _, err := fromYAML(data, false)
	if err != nil {
		return nil, err
	}
	return index(converted)
}

func syntaxError(data []byte) error {
	var ignored json.RawMessage
	err := json.Unmarshal(data, &ignored)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		before := data[:min(int(syntax.Offset), len(data))]
		line := 1 + bytes.Count(before, []byte("\n"))
		return fmt.Errorf("%d:%d: %w", line, len(before)-bytes.LastIndexByte(before, '\n')-1, err)
	}
	return err
}

// index reads the names in a document whose text is known to be valid JSON.
func index(data []byte) (*Document, error) {
	d := &Document{
		raw: data, root: map[string]json.RawMessage{}, components: map[string]*section{},
		byKey: map[string]*Operation{}, schemas: map[string]*Schema{},
	}
	_, err := walkMembers(data, skipSpace(data, 0), func(name string, start int) (end int, err error) {
		switch name {
		case "paths":
			end, err = d.readPaths(start)
		case "components":
			end, err = d.readComponents(start)
		default:
			end = skipValue(data, start)
		}
		if err == nil && end >= 0 {
			d.root[name] = data[start:end:end]
		}
		return end, err
	})
	if err == nil {
		err = d.readHead()
	}
	if err == nil {
		err = d.readLinked()
	}
	if err != nil {
		return nil, err
	}
	for _, o := range d.operations {
		d.byKey[o.Key()] = o
	}
	return d, nil
}

func (d *Document) readComponents(i int) (int, error) {
	return walkMembers(d.raw, i, func(kind string, start int) (int, error) {
		s, end, err := readSection(d.raw, start)
		if err != nil {
			return -1, fmt.Errorf("components/%s: %w", kind, err)
		}
		d.components[kind] = s
		return end, nil
	})
}

func (d *Document) readHead() error {
	version, ok := d.root["openapi"]
	if !ok {
		return fmt.Errorf("no field openapi: this is no OpenAPI 3 document")
	}
	var err error
	if d.openapi, err = text(version); err != nil {
		return fmt.Errorf("openapi: %w", err)
	}
	if info, ok := d.root["info"]; ok {
		// A title or version of another kind (YAML turns 1.0 into a number) is no reason to refuse a document.
		if title, ok := member(info, "title"); ok {
			d.title, _ = text(title)
		}
		if version, ok := member(info, "version"); ok {
			if d.version, err = text(version); err != nil {
				d.version = string(version)
			}
		}
	}
	return nil
}

// Title is info.title.
func (d *Document) Title() string { return d.title }

// Version is info.version, the version of the contract.
func (d *Document) Version() string { return d.version }

// OpenAPI is the version of the OpenAPI language, such as "3.0.3".
func (d *Document) OpenAPI() string { return d.openapi }

// Raw is the whole document as JSON. The caller does not change it.
func (d *Document) Raw() []byte { return d.raw }

// Field returns a field of the root, such as "servers" or "x-anything"; nil if it is absent.
func (d *Document) Field(name string) json.RawMessage { return d.root[name] }

// Operations lists the operations in the order of the document. The caller does not change the slice.
func (d *Document) Operations() []*Operation { return d.operations }

// Operation finds an operation by its key, "METHOD /path".
func (d *Document) Operation(key string) (*Operation, bool) {
	o, ok := d.byKey[key]
	return o, ok
}

// Names lists the components of a kind ("schemas", "examples", …) in the order of the document.
func (d *Document) Names(kind string) []string {
	if s := d.components[kind]; s != nil {
		return slices.Clone(s.names)
	}
	return nil
}

// Component returns a component's raw JSON.
func (d *Document) Component(kind, name string) (json.RawMessage, bool) {
	if s := d.components[kind]; s != nil {
		raw, ok := s.raw[name]
		return raw, ok
	}
	return nil, false
}
