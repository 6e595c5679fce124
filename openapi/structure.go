package openapi

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

func (k *keywords) child(raw json.RawMessage, keyword, token string) *child {
	return &child{raw: raw, up: k.s, keyword: keyword, token: token}
}

// structure reads the keywords that hold schemas.
func (k *keywords) structure(keyword string, value json.RawMessage) {
	n := k.n
	switch keyword {
	case "properties":
		k.properties(value)
	case "patternProperties":
		k.patterns(value)
	case "additionalProperties":
		k.additional(value)
	case "propertyNames":
		n.names = k.one(keyword, value)
	case "items":
		k.items(value)
	case "additionalItems":
		k.beyond(value)
	case "prefixItems":
		n.prefix = k.list(keyword, value)
	case "contains":
		n.contains = k.one(keyword, value)
	case "allOf":
		n.allOf = append(n.allOf, k.list(keyword, value)...)
	case "oneOf":
		n.oneOf = k.list(keyword, value)
	case "anyOf":
		n.anyOf = k.list(keyword, value)
	case "not":
		n.not = k.one(keyword, value)
	case "if":
		n.cond = k.one(keyword, value)
	case "then":
		n.then = k.one(keyword, value)
	case "else":
		n.els = k.one(keyword, value)
	case "unevaluatedProperties":
		n.restProps = k.one(keyword, value)
	case "unevaluatedItems":
		n.restItems = k.one(keyword, value)
	case "dependentRequired", "dependentSchemas", "dependencies":
		k.dependent(keyword, value)
	case "discriminator":
		n.kin.Discriminator = k.discriminator(value)
	}
}

// one reads a keyword that holds a schema; null there says nothing.
func (k *keywords) one(keyword string, value json.RawMessage) *child {
	if string(value) == "null" {
		k.repair(keyword, "want a schema, have null", leftOut)
		return nil
	}
	return k.child(value, keyword, "")
}

// list reads a keyword that holds a list of schemas; a schema alone is a list of one.
func (k *keywords) list(keyword string, value json.RawMessage) (list []*child) {
	switch {
	case len(value) > 0 && value[0] == '{':
		k.repair(keyword, "want an array, have an object", "a list of one schema")
		return []*child{k.child(value, keyword, "")}
	case len(value) == 0 || value[0] != '[':
		k.repair(keyword, "want an array, have "+kindOf(value), leftOut)
		return nil
	}
	i := 0
	_ = eachItem(value, func(item json.RawMessage) error {
		token := strconv.Itoa(i)
		if i++; string(item) == "null" {
			item = json.RawMessage(`{"enum":[null]}`)
			k.repair(keyword+"/"+token, "want a schema, have null", "the value null")
		}
		list = append(list, k.child(item, keyword, token))
		return nil
	})
	if list == nil {
		k.repair(keyword, "a list without schemas says nothing", leftOut)
	}
	return list
}

func (k *keywords) properties(value json.RawMessage) {
	if len(value) == 0 || value[0] != '{' {
		k.repair("properties", "want an object, have "+kindOf(value), leftOut)
		return
	}
	n := k.n
	if n.props == nil {
		n.props = map[string]*child{}
	}
	_ = eachMember(value, func(name string, item json.RawMessage) error {
		if n.props[name] == nil {
			n.order = append(n.order, name)
		}
		n.props[name] = k.child(item, "properties", name)
		return nil
	})
}

func (k *keywords) patterns(value json.RawMessage) {
	if len(value) == 0 || value[0] != '{' {
		k.repair("patternProperties", "want an object, have "+kindOf(value), leftOut)
		return
	}
	_ = eachMember(value, func(pattern string, item json.RawMessage) error {
		m := compiled(pattern)
		if m.problem != "" {
			// What the pattern would not have caught must not be held to its schema, nor be refused as undeclared.
			k.repair("patternProperties/"+escapeToken(pattern), m.problem, leftOut+"; any property may be there")
			k.n.open()
			return nil
		}
		k.n.patterns = append(k.n.patterns, patterned{m, k.child(item, "patternProperties", pattern)})
		return nil
	})
}

// open lets all properties through from here on.
func (n *rules) open() {
	n.patterns = append(n.patterns, patterned{anything{}, madeChild(&Schema{doc: &Document{}, raw: json.RawMessage("true")})})
}

func (k *keywords) additional(value json.RawMessage) {
	if yes, err := truth(value); err == nil {
		k.n.said = true
		k.n.closed = !yes
		return
	}
	if len(value) > 0 && value[0] == '"' {
		if word, _ := text(value); lower(word) == "false" || lower(word) == "true" {
			yes := k.flag("additionalProperties", value)
			k.n.said = true
			k.n.closed = !yes
			return
		}
	}
	k.n.extra = k.one("additionalProperties", value)
}

// items reads the schema of items; a list of them is what prefixItems was before.
func (k *keywords) items(value json.RawMessage) {
	if len(value) == 0 || value[0] != '[' {
		k.n.items = k.one("items", value)
		return
	}
	k.n.prefix = k.list("items", value)
	k.repair("items", "want a schema, have an array", "prefixItems")
}

// beyond is additionalItems, which counts only beside a list of items.
func (k *keywords) beyond(value json.RawMessage) {
	listed, _ := member(k.s.raw, "items")
	if len(listed) == 0 || listed[0] != '[' {
		return
	}
	if yes, err := truth(value); err == nil {
		k.n.sealed = !yes
		return
	}
	k.n.items = k.one("additionalItems", value)
}

func (k *keywords) dependent(keyword string, value json.RawMessage) {
	if len(value) == 0 || value[0] != '{' {
		k.repair(keyword, "want an object, have "+kindOf(value), leftOut)
		return
	}
	n := k.n
	_ = eachMember(value, func(name string, item json.RawMessage) error {
		if len(item) > 0 && item[0] == '[' {
			if n.needs == nil {
				n.needs = map[string][]string{}
			}
			names, err := texts(item)
			if err != nil {
				k.repair(keyword+"/"+escapeToken(name), err.Error(), leftOut)
			} else {
				n.needs[name] = append(n.needs[name], names...)
			}
			return nil
		}
		if keyword == "dependentRequired" {
			k.repair(keyword+"/"+escapeToken(name), "want an array, have "+kindOf(item), leftOut)
			return nil
		}
		if n.holds == nil {
			n.holds = map[string]*child{}
		}
		n.holds[name] = k.child(item, keyword, name)
		return nil
	})
}

func (k *keywords) discriminator(value json.RawMessage) *openapi3.Discriminator {
	if name, err := text(value); err == nil && name != "" {
		k.repair("discriminator", "want an object, have a string", "the name of the property")
		return &openapi3.Discriminator{PropertyName: name}
	}
	name, _ := member(value, "propertyName")
	property, err := text(name)
	if err != nil || property == "" {
		k.repair("discriminator", "no propertyName", leftOut)
		return nil
	}
	d := &openapi3.Discriminator{PropertyName: property}
	mapping, ok := member(value, "mapping")
	if !ok || string(mapping) == "null" {
		return d
	}
	d.Mapping = map[string]openapi3.MappingRef{}
	err = eachMember(mapping, func(name string, target json.RawMessage) error {
		ref, err := text(target)
		if err != nil {
			// {"$ref": …} is how some write it.
			inner, ok := reference(target)
			k.repair("discriminator/mapping/"+escapeToken(name), err.Error(), map[bool]string{true: inner, false: leftOut}[ok])
			if ref = inner; !ok {
				return nil
			}
		}
		d.Mapping[name] = openapi3.MappingRef{Ref: ref}
		return nil
	})
	if err != nil {
		k.repair("discriminator/mapping", err.Error(), leftOut)
	}
	return d
}

// typeWords are the words that stand for types, right and wrong, with the format that goes with a wrong one.
var typeWords = map[string][2]string{
	"null": {"null"}, "boolean": {"boolean"}, "string": {"string"}, "number": {"number"}, "integer": {"integer"}, "array": {"array"}, "object": {"object"},
	"bool": {"boolean"}, "str": {"string"}, "text": {"string"}, "char": {"string"}, "varchar": {"string"}, "enum": {"string"}, "file": {"string", "binary"},
	"binary": {"string", "binary"}, "date": {"string", "date"}, "datetime": {"string", "date-time"}, "date-time": {"string", "date-time"},
	"uuid": {"string", "uuid"}, "email": {"string", "email"}, "uri": {"string", "uri"}, "url": {"string", "uri"}, "password": {"string", "password"},
	"int": {"integer"}, "int32": {"integer", "int32"}, "int64": {"integer", "int64"}, "long": {"integer", "int64"}, "short": {"integer"}, "float": {"number"},
	"double": {"number"}, "decimal": {"number"}, "numeric": {"number"}, "list": {"array"}, "map": {"object"}, "dict": {"object"}, "hash": {"object"}, "json": {"object"},
}

func (k *keywords) types(raw json.RawMessage) {
	var list []string
	if string(raw) == "null" {
		return
	}
	if len(raw) > 0 && raw[0] == '[' {
		_ = eachItem(raw, func(item json.RawMessage) error {
			if string(item) == "null" {
				item = json.RawMessage(`"null"`)
			}
			list = k.typeWord(list, item)
			return nil
		})
	} else if list = k.typeWord(nil, raw); len(list) == 1 && list[0] == "" {
		list = nil
	}
	if len(list) == 0 || slices.Contains(list, "") {
		return // a type that is not known may be any
	}
	types := openapi3.Types(list)
	k.n.kin.Type = &types
}

// typeWord adds the type that a word names; "" is one that is not known.
func (k *keywords) typeWord(list []string, raw json.RawMessage) []string {
	word, err := text(raw)
	if err != nil {
		k.repair("type", err.Error(), leftOut)
		return append(list, "")
	}
	known, ok := typeWords[lower(word)]
	switch {
	case !ok:
		k.repair("type", "the type "+show(word)+" is not known", "any type")
	case known[0] != word:
		k.repair("type", "the type "+show(word)+" is not known", strings.TrimSpace(known[0]+" "+known[1]))
		if known[1] != "" && k.n.kin.Format == "" {
			k.n.kin.Format = known[1]
		}
	}
	if slices.Contains(list, known[0]) {
		return list
	}
	return append(list, known[0])
}
