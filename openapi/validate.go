package openapi

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
)

// Validate checks a value and returns every violation, pointers starting with prefix. A valid value costs one walk and next to no memory; only one
// that is not valid is looked at more closely.
func (s *Schema) Validate(v any, prefix string) []Violation {
	return s.validate(v, prefix, false)
}

// validate is Validate, or in a request the same without asking for what only replies have (readOnly).
func (s *Schema) validate(v any, prefix string, request bool) []Violation {
	w := walker{request: request, left: maxWalk}
	defer w.done()
	if w.fits(s, v, 0) {
		return nil
	}
	return s.explain(v, prefix, request)
}

func (s *Schema) explain(v any, prefix string, request bool) []Violation {
	w := &walker{request: request, left: 2 * maxWalk}
	// A value that writes itself is validated as what it writes.
	plain, changed := plainValue(v)
	if changed && w.fits(s, plain, 0) {
		return nil
	}
	visits := maxVisits
	c := collector{root: plain, prefix: prefix, left: &visits, walker: w}
	c.visit(s, plain, nil, 0, 0)
	if len(c.found) == 0 {
		c.add(nil, "schema", "a value that fits the schema", describe(plain, true))
	}
	return c.found
}

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

// collector explains why a value does not fit. It goes where the walker says that something is wrong, asks kin what a schema's own keywords have
// against the value, and goes into allOf, oneOf and anyOf itself, so that nothing is left out and a oneOf is explained by its best variant.
type collector struct {
	root   any
	prefix string
	found  []Violation
	left   *int // visits, shared with the collectors of variants
	walker *walker
}

// visit adds what is wrong with the value at path.
func (c *collector) visit(s *Schema, v any, path []string, up frame, round int) {
	if *c.left--; *c.left < 0 || round > maxRounds || len(c.found) >= maxFound || c.walker.round(up, s) {
		return
	}
	n := s.rules()
	if n.always == nil && v == nil && n.nullOK {
		return
	}
	here := c.walker.enter(s, up)
	defer c.walker.leave()
	if v != nil || !n.composed || n.nullHere() {
		c.own(s, n, v, path, here)
	}
	if n.composed {
		c.composed(s, n, v, path, here, round+1)
	}
}

// own adds what a schema's own keywords and its children have against a value.
func (c *collector) own(s *Schema, n *rules, v any, path []string, here frame) {
	if v == nil && n.always == nil {
		switch {
		case len(n.kin.Enum) > 0 && !n.lists(v):
			c.plain(s, n, "enum", v, path)
		case n.noNull():
			c.add(path, "type", typeWord(s), "null")
		}
		return
	}
	if len(n.kin.Enum) > 0 && !n.lists(v) {
		c.plain(s, n, "enum", v, path)
		return // what is not listed has no other faults
	}
	c.take(s, n, n.kin.VisitJSON(v, every...), v, path)
	switch v := v.(type) {
	case []any:
		if n.kin.UniqueItems && !unique(v) {
			c.plain(s, n, "uniqueItems", v, path)
		}
		c.array(s, n, v, path, here)
	case map[string]any:
		c.object(s, n, v, path, here)
	}
}

// take adds kin's errors and says whether there was none.
func (c *collector) take(s *Schema, n *rules, err error, v any, path []string) bool {
	switch e := err.(type) {
	case nil:
		return true
	case openapi3.MultiError:
		for _, one := range e {
			c.take(s, n, one, v, path)
		}
	case *openapi3.SchemaError:
		c.plain(s, n, e.SchemaField, v, path)
	default:
		var inner *openapi3.SchemaError
		if errors.As(err, &inner) {
			c.plain(s, n, inner.SchemaField, v, path)
			break
		}
		c.add(path, "schema", "a value that fits the schema", "one that does not")
	}
	return false
}

// below goes down into a member or item, if something is wrong with it.
func (c *collector) below(s *Schema, v any, path []string, token string) {
	if !c.walker.fits(s, v, 0) {
		c.visit(s, v, append(path[:len(path):len(path)], token), 0, 0)
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
	c.addNear(path, rule, expected, got, "")
}

func (c *collector) addNear(path []string, rule, expected, got, near string) {
	v := Violation{Pointer: c.pointer(path), Rule: rule, Expected: expected, Got: got, Near: near}
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
	return maskDigits(pointer) // a name may be a card number too
}
