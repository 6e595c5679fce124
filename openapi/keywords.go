package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// keywords reads the keywords of one schema. What is malformed is taken for what its author must have meant, or left out, and remembered as a repair:
// it never makes a value refused that the author would have taken.
type keywords struct {
	s *Schema
	n *rules
}

const leftOut = "left out"

func (k *keywords) repair(keyword, problem, meaning string) {
	pointer := k.s.pointer()
	if keyword != "" {
		pointer += "/" + keyword
	}
	k.s.doc.repaired(pointer, problem, meaning)
}

func lower(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// keyword reads one keyword; those that are unknown are left in raw.
func (k *keywords) keyword(keyword string, value json.RawMessage) {
	kin := &k.n.kin
	switch keyword {
	case "type":
		k.types(value)
	case "format":
		kin.Format = k.text(keyword, value)
	case "description":
		kin.Description, _ = text(value)
	case "pattern":
		kin.Pattern = k.text(keyword, value)
	case "enum":
		k.enum(value)
	case "const":
		if v, ok := k.value(keyword, value); ok {
			kin.Enum, k.n.constant = []any{v}, true
		}
	case "default":
		kin.Default, _ = k.value(keyword, value)
	case "example":
		kin.Example, _ = k.value(keyword, value)
	case "examples":
		k.examples(value)
	case "nullable":
		kin.Nullable = k.flag(keyword, value)
	case "readOnly":
		kin.ReadOnly = k.flag(keyword, value)
	case "writeOnly":
		kin.WriteOnly = k.flag(keyword, value)
	case "uniqueItems":
		kin.UniqueItems = k.flag(keyword, value)
	case "required":
		k.n.required = k.required(value)
	case siblingsKeyword:
		k.n.siblings = readSiblings(k.s.doc, k.s.raw)
	default:
		if !k.bound(keyword, value) {
			k.structure(keyword, value)
		}
	}
}

// bound reads the keywords that limit a value by a number.
func (k *keywords) bound(keyword string, value json.RawMessage) bool {
	kin := &k.n.kin
	switch keyword {
	case "minimum":
		kin.Min = k.number(keyword, value)
	case "maximum":
		kin.Max = k.number(keyword, value)
	case "multipleOf":
		if kin.MultipleOf = k.number(keyword, value); kin.MultipleOf != nil && *kin.MultipleOf <= 0 {
			k.repair(keyword, "a number above 0 belongs here", leftOut)
			kin.MultipleOf = nil
		}
	case "exclusiveMinimum":
		kin.ExclusiveMin = k.exclusive(keyword, value)
	case "exclusiveMaximum":
		kin.ExclusiveMax = k.exclusive(keyword, value)
	case "minLength":
		kin.MinLength = k.least(keyword, value)
	case "maxLength":
		kin.MaxLength = k.count(keyword, value)
	case "minItems":
		kin.MinItems = k.least(keyword, value)
	case "maxItems":
		kin.MaxItems = k.count(keyword, value)
	case "minProperties":
		kin.MinProps = k.least(keyword, value)
	case "maxProperties":
		kin.MaxProps = k.count(keyword, value)
	case "minContains":
		if n := k.count(keyword, value); n != nil {
			k.n.leastHas = *n
		}
	case "maxContains":
		k.n.mostHas = k.count(keyword, value)
	default:
		return false
	}
	return true
}

func (k *keywords) value(keyword string, raw json.RawMessage) (any, bool) {
	v, err := decodeValue(raw)
	if err != nil {
		k.repair(keyword, err.Error(), leftOut)
		return nil, false
	}
	return v, true
}

func (k *keywords) text(keyword string, raw json.RawMessage) string {
	s, err := text(raw)
	if err != nil && string(raw) != "null" {
		k.repair(keyword, err.Error(), leftOut)
	}
	return s
}

// flag reads a boolean, also one in quotes.
func (k *keywords) flag(keyword string, raw json.RawMessage) bool {
	yes, err := truth(raw)
	if err == nil || string(raw) == "null" {
		return yes
	}
	word, _ := text(raw)
	switch lower(word) {
	case "true", "yes":
		k.repair(keyword, err.Error(), "true")
		return true
	case "false", "no":
		k.repair(keyword, err.Error(), "false")
		return false
	}
	k.repair(keyword, err.Error(), leftOut)
	return false
}

// number reads a number, also one in quotes.
func (k *keywords) number(keyword string, raw json.RawMessage) *float64 {
	f, err := number(raw)
	if err == nil {
		return &f
	}
	if word, no := text(raw); no == nil && isNumber(strings.TrimSpace(word)) {
		if f, no := strconv.ParseFloat(strings.TrimSpace(word), 64); no == nil {
			k.repair(keyword, err.Error(), "the number "+strings.TrimSpace(word))
			return &f
		}
	}
	if string(raw) != "null" {
		k.repair(keyword, err.Error(), leftOut)
	}
	return nil
}

func (k *keywords) count(keyword string, raw json.RawMessage) *uint64 {
	f := k.number(keyword, raw)
	if f == nil {
		return nil
	}
	if *f < 0 || *f > 1<<53 || *f != float64(uint64(*f)) {
		k.repair(keyword, "want a whole number, have "+show(string(raw)), leftOut)
		return nil
	}
	n := uint64(*f)
	return &n
}

func (k *keywords) least(keyword string, raw json.RawMessage) uint64 {
	if n := k.count(keyword, raw); n != nil {
		return *n
	}
	return 0
}

// exclusive reads a flag beside minimum, as OpenAPI 3.0 has it, or a bound of its own, as 3.1 has it; whichever stands there is meant.
func (k *keywords) exclusive(keyword string, raw json.RawMessage) openapi3.ExclusiveBound {
	yes, err := truth(raw)
	if err == nil || strings.HasPrefix(string(raw), `"t`) || strings.HasPrefix(string(raw), `"f`) {
		if err != nil {
			yes = k.flag(keyword, raw)
		}
		if k.n.modern {
			k.repair(keyword, "a boolean is OpenAPI 3.0's way", "the bound beside it is excluded: "+strconv.FormatBool(yes))
		}
		return openapi3.ExclusiveBound{Bool: &yes}
	}
	f := k.number(keyword, raw)
	if f != nil && !k.n.modern {
		k.repair(keyword, "a number is OpenAPI 3.1's way", "a bound of its own")
	}
	return openapi3.ExclusiveBound{Value: f}
}

func (k *keywords) enum(raw json.RawMessage) {
	if k.n.constant {
		return
	}
	if len(raw) == 0 || raw[0] != '[' {
		if string(raw) != "null" {
			k.repair("enum", "want an array, have "+kindOf(raw), leftOut)
		}
		return
	}
	_ = eachItem(raw, func(item json.RawMessage) error {
		if v, ok := k.value("enum", item); ok {
			k.n.kin.Enum = append(k.n.kin.Enum, v)
		}
		return nil
	})
	if len(k.n.kin.Enum) == 0 {
		k.repair("enum", "a list without values lets nothing through", leftOut)
	}
}

// examples takes the first of a list of examples for the example.
func (k *keywords) examples(raw json.RawMessage) {
	if len(raw) == 0 || raw[0] != '[' || k.n.kin.Example != nil {
		return
	}
	_ = eachItem(raw, func(item json.RawMessage) error {
		if k.n.kin.Example == nil {
			k.n.kin.Example, _ = k.value("examples", item)
		}
		return nil
	})
}

// required reads which properties an object must have. A boolean here is the habit of older languages: it is about the property itself, and the
// object around it is asked (requiredHere).
func (k *keywords) required(raw json.RawMessage) (names []string) {
	switch {
	case len(raw) > 0 && raw[0] == '[':
		_ = eachItem(raw, func(item json.RawMessage) error {
			name, err := text(item)
			if err != nil {
				k.repair("required", err.Error(), leftOut)
				return nil
			}
			names = append(names, name)
			return nil
		})
		return names
	case string(raw) == "null":
		return nil
	}
	word, isText := text(raw)
	switch _, isFlag := truth(raw); {
	case isFlag == nil || isText == nil && (word == "true" || word == "false"):
		k.repair("required", "want an array, have "+kindOf(raw), requiredMeaning(k.s.place.keyword == "properties", strings.Trim(string(raw), `"`)))
	case isText == nil && word != "":
		k.repair("required", "want an array, have a string", fmt.Sprintf("the property %q", word))
		return []string{word}
	default:
		k.repair("required", "want an array, have "+kindOf(raw), leftOut)
	}
	return nil
}

func requiredMeaning(property bool, word string) string {
	if property && word == "true" {
		return "the object that has this property requires it"
	}
	return leftOut
}

var requiredWord = []byte(`"required"`)

// requiredHere tells a property that says of itself that it is required.
func requiredHere(raw json.RawMessage) bool {
	if !bytes.Contains(raw, requiredWord) {
		return false
	}
	value, _ := member(raw, "required")
	return string(value) == "true" || string(value) == `"true"`
}
