package openapi

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Validate checks a value and returns every violation, pointers starting with prefix. A valid value costs one walk and next to no memory; only one
// that is not valid is looked at more closely.
func (s *Schema) Validate(v any, prefix string) []Violation {
	return s.validate(v, prefix, false)
}

// validate is Validate, or in a request the same without asking for what only replies have (readOnly).
func (s *Schema) validate(v any, prefix string, request bool) []Violation {
	return s.judgeSiblings(v, prefix, request, s.validateOwn(v, prefix, request))
}

func (s *Schema) validateOwn(v any, prefix string, request bool) []Violation {
	if s.fits(v) {
		return nil
	}
	// kin knows JSON's own kinds only; a value that writes itself is validated as what it writes.
	plain, changed := plainValue(v)
	if changed && s.fits(plain) {
		return nil
	}
	visits := maxVisits
	c := collector{root: plain, prefix: prefix, left: &visits, request: request}
	c.visit(s.kin, plain, nil, 0)
	if len(c.found) == 0 && !c.excused {
		c.add(nil, "schema", "a value that fits the schema", describe(plain, true))
	}
	return c.found
}

func (s *Schema) fits(v any) bool { return s.kin.VisitJSON(v, quick...) == nil }

// plainValue replaces what is no JSON kind by what it is written as.
func plainValue(v any) (plain any, changed bool) {
	switch v := v.(type) {
	case nil, string, bool, json.Number, int, int64, float64:
		return v, false
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, item := range v {
			p, c := plainValue(item)
			out[name], changed = p, changed || c
		}
		return out, changed
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			p, c := plainValue(item)
			out[i], changed = p, changed || c
		}
		return out, changed
	}
	b, err := appendOther(nil, v, nil, 0)
	if err != nil {
		return v, false
	}
	if plain, err = decodeValue(b); err != nil {
		return v, false
	}
	return plain, true
}

// maxFound bounds what one value can report, maxRounds how often the same value is looked at through nested oneOf, anyOf and allOf, and maxVisits
// the work of it all: variants inside variants multiply.
const (
	maxFound  = 100
	maxRounds = 16
	maxVisits = 2_000
)

// collector turns kin's errors into violations. kin stops inside allOf, oneOf and anyOf at what it calls one error; the collector goes into those
// itself, so that nothing is left out and a oneOf is explained by its best variant.
type collector struct {
	root   any
	prefix string
	found  []Violation
	left   *int // visits, shared with the collectors of variants

	request bool // do not ask for what is readOnly
	excused bool // something was not asked for
}

// visit adds what is wrong with the value at path.
func (c *collector) visit(s *openapi3.Schema, value any, path []string, round int) {
	if *c.left--; *c.left < 0 || round > maxRounds || len(c.found) >= maxFound {
		return
	}
	c.take(s.VisitJSON(value, every...), path, round)
}

func (c *collector) take(err error, path []string, round int) {
	var multi openapi3.MultiError
	switch e := err.(type) {
	case nil:
	case openapi3.MultiError:
		multi = e
	case *openapi3.SchemaError:
		c.schemaError(e, slices.Concat(path, e.JSONPointer()), round)
	default:
		var inner *openapi3.SchemaError
		if errors.As(err, &inner) {
			c.schemaError(inner, slices.Concat(path, inner.JSONPointer()), round)
			return
		}
		c.add(path, "schema", "a value that fits the schema", "one that does not")
	}
	for _, e := range multi {
		c.take(e, path, round)
	}
}

func (c *collector) schemaError(e *openapi3.SchemaError, at []string, round int) {
	value, _ := c.at(at)
	switch e.SchemaField {
	case "allOf", "oneOf", "anyOf", "not", "discriminator":
		c.composed(e.Schema, value, at, round+1)
	case "properties":
		c.undeclared(e.Schema, value, at)
	default:
		c.plain(e.Schema, e.SchemaField, value, at)
	}
}

// at finds a value under the root; what is missing is nil.
func (c *collector) at(path []string) (any, bool) {
	v := c.root
	for _, token := range path {
		switch parent := v.(type) {
		case map[string]any:
			child, ok := parent[token]
			if !ok {
				return nil, false
			}
			v = child
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(parent) {
				return nil, false
			}
			v = parent[i]
		default:
			return nil, false
		}
	}
	return v, true
}

func (c *collector) add(path []string, rule, expected, got string) {
	v := Violation{Pointer: c.pointer(path), Rule: rule, Expected: expected, Got: got}
	same := func(o Violation) bool { return o.Pointer == v.Pointer && o.Rule == v.Rule }
	if len(c.found) < maxFound && !slices.ContainsFunc(c.found, same) {
		c.found = append(c.found, v)
	}
}

func (c *collector) pointer(path []string) string {
	pointer := c.prefix
	for _, token := range path {
		pointer += "/" + escapeToken(token)
	}
	return pointer
}

// undeclared names each property that additionalProperties: false refuses; kin points at the object only.
func (c *collector) undeclared(s *openapi3.Schema, value any, path []string) {
	object, _ := value.(map[string]any)
	var names []string
	for name := range object {
		if s.Properties[name] == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		c.add(append(slices.Clone(path), name), "additionalProperties", "no such property", kindOfValue(object[name]))
	}
}

// composed looks at a value that fails allOf, oneOf, anyOf or not: at the schema's own keywords, then at each part.
func (c *collector) composed(s *openapi3.Schema, value any, path []string, round int) {
	own := *s
	own.AllOf, own.OneOf, own.AnyOf, own.Not, own.Discriminator = nil, nil, nil, nil, nil
	c.visit(&own, value, path, round)
	for _, part := range s.AllOf {
		c.visit(part.Value, value, path, round)
	}
	if s.Not != nil && s.Not.Value.VisitJSON(value, quick...) == nil {
		c.add(path, "not", "a value that the contract does not exclude", c.describe(s, value, path))
	}
	c.choose("oneOf", s, s.OneOf, value, path, round)
	c.choose("anyOf", s, s.AnyOf, value, path, round)
}

// plain reports one keyword.
func (c *collector) plain(s *openapi3.Schema, keyword string, value any, path []string) {
	switch keyword {
	case "required":
		property := c.property(s, path)
		if c.request && property != nil && property.ReadOnly {
			c.excused = true
			return
		}
		c.add(path, "required", expectedProperty(property), "nothing")
		return
	case "nullable":
		c.add(path, "type", typeWord(s), "null")
		return
	case "minLength", "maxLength":
		if text, ok := value.(string); ok {
			c.add(path, keyword, expectedBy(s, keyword), plural(len([]rune(text)), "character"))
			return
		}
	case "minItems", "maxItems":
		if list, ok := value.([]any); ok {
			c.add(path, keyword, expectedBy(s, keyword), plural(len(list), "item"))
			return
		}
	case "minProperties", "maxProperties":
		if object, ok := value.(map[string]any); ok {
			c.add(path, keyword, expectedBy(s, keyword), plural(len(object), "property"))
			return
		}
	}
	c.add(path, keyword, expectedBy(s, keyword), c.describe(s, value, path))
}

// property finds the schema of a missing property: kin's error carries the object's.
func (c *collector) property(object *openapi3.Schema, path []string) *openapi3.Schema {
	if len(path) == 0 {
		return nil
	}
	if ref := object.Properties[path[len(path)-1]]; ref != nil {
		return ref.Value
	}
	return nil
}

// describe says what came, unless the schema or a name on the way says that it is a secret.
func (c *collector) describe(s *openapi3.Schema, value any, path []string) string {
	secret := s.WriteOnly || s.Format == "password" || secretPath(path)
	if len(path) == 0 {
		// A parameter's value has no path of its own; its name is the end of the prefix.
		secret = secret || secretName(c.prefix[strings.LastIndexByte(c.prefix, '/')+1:])
	}
	return describe(value, secret)
}
