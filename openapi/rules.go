package openapi

import (
	"encoding/json"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

// rules holds a schema's keywords. kin is the model of those about the value as a whole; those that hold schemas are beside it.
type rules struct {
	schema *Schema
	kin    openapi3.Schema
	always *bool // the schema is true or false
	modern bool

	order    []string // properties as written
	props    map[string]*child
	patterns []patterned // patternProperties
	extra    *child      // additionalProperties, if it is a schema
	said     bool        // additionalProperties is a boolean
	closed   bool        // which is false
	required []string
	names    *child // propertyNames
	items    *child
	prefix   []*child // prefixItems
	sealed   bool     // no items beyond prefix
	contains *child
	leastHas uint64 // minContains
	mostHas  *uint64

	allOf, oneOf, anyOf  []*child
	not, cond, then, els *child
	needs                map[string][]string // dependentRequired
	holds                map[string]*child   // dependentSchemas
	restProps, restItems *child              // unevaluatedProperties, unevaluatedItems
	siblings             *siblings           // x-sandgate-variants

	types    typeSet
	constant bool // the enum is a const
	nullOK   bool // null needs no further look
	composed bool // something beside the children is about the same value
	words    map[string]bool
	format   func(string) bool

	compiling sync.Once
	matches   matcher
	byOne     choice // of oneOf, by the discriminator
	byAny     choice // of anyOf
}

type patterned struct {
	matches matcher
	schema  *child
}

// typeSet is a set of JSON types, empty for any.
type typeSet uint8

const (
	isNull typeSet = 1 << iota
	isBoolean
	isString
	isNumeric
	isInteger
	isArray
	isObject
)

var typeBits = map[string]typeSet{
	openapi3.TypeNull: isNull, openapi3.TypeBoolean: isBoolean, openapi3.TypeString: isString, openapi3.TypeNumber: isNumeric,
	openapi3.TypeInteger: isInteger, openapi3.TypeArray: isArray, openapi3.TypeObject: isObject,
}

func (t typeSet) permits(other typeSet) bool { return t == 0 || t&other != 0 }

// variants are the schemas of oneOf, then those of anyOf.
func (n *rules) variants() []*child {
	switch {
	case len(n.anyOf) == 0:
		return n.oneOf
	case len(n.oneOf) == 0:
		return n.anyOf
	}
	return append(n.oneOf[:len(n.oneOf):len(n.oneOf)], n.anyOf...)
}

// readRules reads a schema's keywords. It looks at no other schema.
func readRules(s *Schema) *rules {
	n := &rules{schema: s, leastHas: 1, modern: s.doc.modern()}
	k := &keywords{s: s, n: n}
	switch {
	case len(s.raw) > 0 && s.raw[0] == '{':
		k.object(s.raw)
	case string(s.raw) == "true" || string(s.raw) == "false":
		yes := string(s.raw) == "true"
		n.always, n.kin.Always, n.nullOK = &yes, &yes, yes
		return n
	case len(s.raw) > 0 && s.raw[0] == '"':
		k.word()
	case s.raw != nil:
		k.repair("", "a schema is an object, this is "+kindOf(s.raw), "any value")
	}
	k.settle()
	return n
}

// object reads the members of a schema object. A reference with something beside it is a part like one of allOf.
func (k *keywords) object(raw json.RawMessage) {
	only := false
	if ref, ok := reference(raw); ok && ref == "" {
		k.repair("$ref", "a reference to nothing", leftOut)
	} else if ok {
		k.n.allOf = append(k.n.allOf, k.child(json.RawMessage(`{"$ref":`+string(appendString(nil, ref))+`}`), "$ref", ""))
		only = !k.n.modern
	}
	_ = eachMember(raw, func(keyword string, value json.RawMessage) error {
		switch {
		case !only:
			k.keyword(keyword, value)
		case keyword == "nullable" || keyword == "readOnly" || keyword == "writeOnly":
			k.keyword(keyword, value)
		}
		return nil
	})
}

// word takes a text in a schema's place for the type or the schema that it names.
func (k *keywords) word() {
	name, _ := text(k.s.raw)
	if _, ok := typeWords[lower(name)]; ok {
		k.types(k.s.raw)
		k.repair("", "a schema is an object, this is a string", "the type "+lower(name))
		return
	}
	ref := name
	if _, ok := k.s.doc.Component("schemas", name); ok {
		ref = schemaRef(name)
	}
	if _, err := k.s.doc.find(ref); err == nil {
		k.n.allOf = []*child{k.child(json.RawMessage(`{"$ref":`+string(appendString(nil, ref))+`}`), "$ref", "")}
		k.repair("", "a schema is an object, this is a string", "the schema "+name)
		return
	}
	k.repair("", "a schema is an object, this is a string", "any value")
}
