package openapi

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

func (c *collector) array(s *Schema, n *rules, v []any, path []string, here frame) {
	for i, item := range v {
		if child := n.item(i); child != nil {
			c.below(child.schema(), item, path, strconv.Itoa(i))
		}
	}
	if n.sealed && len(v) > len(n.prefix) {
		c.add(path, "items", "at most "+plural(len(n.prefix), "item"), plural(len(v), "item"))
	}
	if n.contains != nil && !c.walker.contains(n, v) {
		c.add(path, "contains", containsWord(n), "others")
	}
	if n.restItems == nil {
		return
	}
	for i, item := range v {
		if !c.walker.knowsItem(s, v, i, here) && !c.walker.fits(n.restItems.schema(), item, 0) {
			c.rest(s, n.restItems.schema(), "unevaluatedItems", "no such item", item, path, strconv.Itoa(i))
		}
	}
}

func containsWord(n *rules) string {
	word := "an item that is " + typeWord(n.contains.schema())
	if n.leastHas != 1 {
		word = "at least " + plural(int(n.leastHas), "item") + " that fit"
	}
	if n.mostHas != nil {
		word += ", at most " + strconv.FormatUint(*n.mostHas, 10)
	}
	return word
}

func (c *collector) object(s *Schema, n *rules, v map[string]any, path []string, here frame) {
	form := n.form(v)
	for _, name := range slices.Sorted(maps.Keys(v)) {
		c.member(s, n, name, v[name], path, form)
		if n.restProps != nil && !c.walker.knows(s, v, name, here) && !c.walker.fits(n.restProps.schema(), v[name], 0) {
			c.rest(s, n.restProps.schema(), "unevaluatedProperties", "no such property", v[name], path, name)
		}
	}
	for _, name := range n.required {
		c.require(s, n, v, name, path, here)
	}
	for _, name := range slices.Sorted(maps.Keys(n.needs)) {
		if _, ok := v[name]; ok {
			for _, other := range n.needs[name] {
				c.require(s, n, v, other, path, here)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(n.holds)) {
		if _, ok := v[name]; ok && !c.walker.fits(n.holds[name].schema(), v, here) {
			c.visit(n.holds[name].schema(), v, path, here, 1)
		}
	}
}

func (c *collector) member(s *Schema, n *rules, name string, v any, path []string, form *Schema) {
	known := false
	if form != nil && name == n.siblings.Of {
		known = true
		c.below(form, v, path, name)
	} else if child := n.props[name]; child != nil {
		known = true
		c.below(child.schema(), v, path, name)
	}
	for _, p := range n.patterns {
		if p.matches.MatchString(name) {
			known = true
			c.below(p.schema.schema(), v, path, name)
		}
	}
	switch {
	case known:
	case n.closed:
		c.undeclared(s, "additionalProperties", name, v, path)
	case n.extra != nil:
		c.below(n.extra.schema(), v, path, name)
	}
	if n.names != nil && !c.walker.fits(n.names.schema(), name, 0) {
		c.add(append(slices.Clone(path), name), "propertyNames", "another name", describe(name, secretName(name)))
	}
}

// undeclared names a property that is refused because nobody declares it.
func (c *collector) undeclared(s *Schema, rule, name string, v any, path []string) {
	at := append(slices.Clone(path), name)
	c.addNear(at, rule, "no such property", kindOfValue(v), Nearest(name, s.Properties()))
}

// rest is about a property or item that only an unevaluated… speaks of.
func (c *collector) rest(of, s *Schema, rule, expected string, v any, path []string, token string) {
	if always := s.rules().always; always != nil {
		near := ""
		if rule == "unevaluatedProperties" {
			near = Nearest(token, of.Properties())
		}
		c.addNear(append(slices.Clone(path), token), rule, expected, kindOfValue(v), near)
		return
	}
	c.below(s, v, path, token)
}

func (c *collector) require(s *Schema, n *rules, v map[string]any, name string, path []string, here frame) {
	if _, ok := v[name]; ok || c.walker.excused(s, name, here) {
		return
	}
	var property *Schema
	if child := n.props[name]; child != nil {
		property = child.schema()
	}
	c.add(append(slices.Clone(path), name), "required", expectedProperty(property), "nothing")
}

// composed looks at the parts and variants of a schema that a value does not fit.
func (c *collector) composed(s *Schema, n *rules, v any, path []string, here frame, round int) {
	for _, part := range n.allOf {
		if !c.walker.fits(part.schema(), v, here) {
			c.visit(part.schema(), v, path, here, round)
		}
	}
	if n.not != nil && c.walker.fits(n.not.schema(), v, here) {
		c.add(path, "not", "a value that the contract does not exclude", c.describe(s, v, path))
	}
	if n.cond != nil && !c.walker.conditional(n, v, here) {
		next := n.els
		if c.walker.fits(n.cond.schema(), v, here) {
			next = n.then
		}
		c.visit(next.schema(), v, path, here, round)
	}
	if !c.walker.oneOf(n, v, here) {
		c.choose("oneOf", n, n.oneOf, v, path, here, round)
	}
	if !c.walker.anyOf(n, v, here) {
		c.choose("anyOf", n, n.anyOf, v, path, here, round)
	}
}

// plain reports one keyword.
func (c *collector) plain(s *Schema, n *rules, keyword string, v any, path []string) {
	switch keyword {
	case "enum":
		if n.constant {
			keyword = "const"
		}
		c.addNear(path, keyword, expectedBy(s, keyword), c.describe(s, v, path), c.nearValue(s, v, path))
		return
	case "minLength", "maxLength":
		if text, ok := v.(string); ok {
			c.add(path, keyword, expectedBy(s, keyword), plural(len([]rune(text)), "character"))
			return
		}
	case "minItems", "maxItems":
		if list, ok := v.([]any); ok {
			c.add(path, keyword, expectedBy(s, keyword), plural(len(list), "item"))
			return
		}
	case "minProperties", "maxProperties":
		if object, ok := v.(map[string]any); ok {
			c.add(path, keyword, expectedBy(s, keyword), plural(len(object), "property"))
			return
		}
	}
	c.add(path, keyword, expectedBy(s, keyword), c.describe(s, v, path))
}

// nearValue is the value of an enum that a text was probably meant to be.
func (c *collector) nearValue(s *Schema, v any, path []string) string {
	text, ok := v.(string)
	if !ok || c.secret(s, path) {
		return ""
	}
	var known []string
	for _, v := range s.model().Enum {
		if word, ok := v.(string); ok {
			known = append(known, word)
		}
	}
	return Nearest(text, known)
}

// describe says what came, unless the schema or a name on the way says that it is a secret.
func (c *collector) describe(s *Schema, v any, path []string) string {
	return describe(v, c.secret(s, path))
}

func (c *collector) secret(s *Schema, path []string) bool {
	secret := s.model().WriteOnly || s.model().Format == "password" || secretPath(path)
	if len(path) == 0 {
		// A parameter's value has no path of its own; its name is the end of the prefix.
		secret = secret || secretName(c.prefix[strings.LastIndexByte(c.prefix, '/')+1:])
	}
	return secret
}
