package openapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// MaxDocument is the largest document that Load accepts, in bytes.
const MaxDocument = 32 << 20

// Document is the index of one OpenAPI document: raw JSON by name. Schemas and plans are built from it on their first use and shared.
// It is safe for concurrent use.
type Document struct {
	raw        []byte
	brought    bool // it is somebody else's: it may mean otherwise than it says
	openapi    string
	title      string
	version    string
	root       map[string]json.RawMessage
	components map[string]*section
	operations []*Operation
	byKey      map[string]*Operation
	linked     []linkedItem
	aliases    []alias

	mu      sync.Mutex
	schemas map[string]*Schema // by reference, "#/components/schemas/X"
	repairs repairs
	before  []Repair // what was repaired before there was an index

	anchoring sync.Once
	anchors   map[string]json.RawMessage
}

// section is one map of the document whose order counts.
type section struct {
	names []string
	raw   map[string]json.RawMessage
}

// Load indexes a document given as JSON or YAML. It checks the text and the structure down to the operations; schemas are looked at when they are needed.
func Load(data []byte) (*Document, error) {
	text, repairs, err := readText(data)
	if err != nil {
		return nil, err
	}
	return indexed(text, repairs)
}

// readText turns JSON or YAML into JSON that is within the limits.
func readText(data []byte) ([]byte, []Repair, error) {
	if len(data) > MaxDocument {
		return nil, nil, fmt.Errorf("the document has %d bytes, the limit is %d", len(data), MaxDocument)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if i := skipSpace(data, 0); i < len(data) && data[i] == '{' {
		err := checkText(data)
		if err == nil {
			return data, nil, nil
		}
		// A flow-style YAML document starts with a brace too; it is YAML if YAML says so, but an error about JSON is what its author can use.
		if len(data) <= maxTree {
			if converted, repairs, no := fromYAML(data, false); no == nil && checkText(converted) == nil {
				return converted, append(repairs, Repair{"", "the JSON is broken: " + err.Error(), "the YAML that it is"}), nil
			}
		}
		return nil, nil, err
	}
	converted, repairs, err := fromYAML(data, false)
	if err == nil {
		err = checkText(converted)
	}
	return converted, repairs, err
}

// indexed is index with what was repaired before.
func indexed(data []byte, repairs []Repair) (*Document, error) {
	d, err := index(data)
	if err != nil {
		return nil, err
	}
	d.before = repairs
	d.tell(repairs)
	for _, r := range repairs {
		d.repaired(r.Pointer, r.Problem, r.Meaning)
	}
	return d, nil
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
	if err != nil {
		return nil, err
	}
	d.readLinked()
	d.readAliases(d.aliases)
	d.linked, d.aliases = nil, nil
	return d, d.settle()
}

// readComponents notes where each component is.
func (d *Document) readComponents(i int) (int, error) {
	return d.readObject("/components", "no components", i, func(kind string, start int) (int, error) {
		if strings.HasPrefix(kind, "x-") && kind != filesSection {
			return skipValue(d.raw, start), nil
		}
		s := &section{raw: map[string]json.RawMessage{}}
		d.components[kind] = s
		return d.readObject("/components/"+escapeToken(kind), "no "+kind, start, func(name string, start int) (int, error) {
			end := skipValue(d.raw, start)
			if end < 0 {
				return -1, errScan
			}
			if _, seen := s.raw[name]; !seen {
				s.names = append(s.names, name)
			} else {
				d.repaired("/components/"+escapeToken(kind)+"/"+escapeToken(name), twice, lastCounts)
			}
			s.raw[name] = d.raw[start:end:end]
			return end, nil
		})
	})
}

// readObject walks the object at i; anything else there is a repair.
func (d *Document) readObject(pointer, meaning string, i int, fn func(name string, start int) (end int, err error)) (int, error) {
	if i < len(d.raw) && d.raw[i] == '{' {
		return walkMembers(d.raw, i, fn)
	}
	end := skipValue(d.raw, i)
	if end < 0 {
		return -1, errScan
	}
	d.wantObject(pointer, d.raw[i:end], meaning)
	return end, nil
}

// wantObject says whether there is an object; anything else is a repair. PHP writes an empty object as an empty list.
func (d *Document) wantObject(pointer string, raw json.RawMessage, meaning string) bool {
	if len(raw) > 0 && raw[0] == '{' {
		return true
	}
	d.repaired(pointer, "want an object, have "+kindOf(raw), meaning)
	return false
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
