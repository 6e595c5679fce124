package openapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// settle makes the keywords of a schema agree with each other, and prepares what every validation asks.
func (k *keywords) settle() {
	n := k.n
	for _, name := range n.order {
		if requiredHere(n.props[name].raw) && !slices.Contains(n.required, name) {
			n.required = append(n.required, name)
			value, _ := member(n.props[name].raw, "required")
			k.s.doc.repaired(k.s.pointer()+"/properties/"+escapeToken(name)+"/required", "want an array, have "+kindOf(value), requiredMeaning(true, "true"))
		}
	}
	for _, t := range n.kin.Type.Slice() {
		n.types |= typeBits[t]
	}
	if n.types&isArray != 0 && n.items == nil && n.prefix == nil && !n.modern {
		k.repair("", "an array without items", "items of any kind")
	}
	k.bounds()
	k.listed()
	k.defaults()
	n.sealed = n.sealed && len(n.prefix) > 0
	n.composed = len(n.allOf)+len(n.oneOf)+len(n.anyOf)+len(n.holds) > 0 || n.not != nil || n.cond != nil
	n.nullOK = n.kin.Nullable || n.types&isNull != 0
	n.format = stringFormats[n.kin.Format]
	if n.kin.Type == nil {
		// kin asks a schema without a type whether it is empty. This mark, which nothing else looks at, makes it answer at once.
		n.kin.AllowEmptyValue = true
	}
}

// bounds leaves out pairs that let nothing through.
func (k *keywords) bounds() {
	kin := &k.n.kin
	if kin.Min != nil && kin.Max != nil && *kin.Min > *kin.Max {
		k.repair("minimum", "more than the maximum", "both are "+leftOut)
		kin.Min, kin.Max, kin.ExclusiveMin, kin.ExclusiveMax = nil, nil, openapi3.ExclusiveBound{}, openapi3.ExclusiveBound{}
	}
	for _, pair := range []struct {
		keyword string
		least   *uint64
		most    **uint64
	}{
		{"minLength", &kin.MinLength, &kin.MaxLength}, {"minItems", &kin.MinItems, &kin.MaxItems}, {"minProperties", &kin.MinProps, &kin.MaxProps},
	} {
		if *pair.most != nil && *pair.least > **pair.most {
			k.repair(pair.keyword, "more than the maximum", "both are "+leftOut)
			*pair.least, *pair.most = 0, nil
		}
	}
	for keyword, alone := range map[string]bool{
		"exclusiveMinimum": kin.ExclusiveMin.Bool != nil && *kin.ExclusiveMin.Bool && kin.Min == nil,
		"exclusiveMaximum": kin.ExclusiveMax.Bool != nil && *kin.ExclusiveMax.Bool && kin.Max == nil,
	} {
		if alone {
			k.repair(keyword, "no bound beside it", leftOut)
		}
	}
}

// listed makes an enum agree with the type: YAML turns 1, yes and 2024-01-01 into what they were not meant to be. A null in the list is meant.
func (k *keywords) listed() {
	n := k.n
	if len(n.kin.Enum) == 0 {
		return
	}
	var fit []any
	for i, v := range n.kin.Enum {
		pointer := fmt.Sprintf("enum/%d", i)
		switch {
		case n.constant && !n.types.permits(bitsOf(v)):
			k.repair("const", "not of the type", "the type is "+leftOut)
			n.types, n.kin.Type = 0, nil
			fit = append(fit, v)
		case v == nil && !n.types.permits(isNull) && !n.kin.Nullable:
			k.repair(pointer, "null in a schema that is not nullable", "nullable")
			n.kin.Nullable = true
			fit = append(fit, v)
		case v == nil || n.types.permits(bitsOf(v)):
			fit = append(fit, v)
		default:
			if made := converted(v, n.types); made != nil {
				k.repair(pointer, "not of the type", describe(made, false))
				fit = append(fit, made)
			} else {
				k.repair(pointer, "not of the type", leftOut)
			}
		}
	}
	if n.kin.Enum = fit; len(fit) == 0 {
		k.repair("enum", "no value of the type", leftOut)
	}
	if len(fit) > maxListed {
		n.words = make(map[string]bool, len(fit))
		for _, v := range fit {
			if text, ok := v.(string); ok {
				n.words[text] = true
			}
		}
	}
}

// defaults leaves a default out that is of another type.
func (k *keywords) defaults() {
	v := k.n.kin.Default
	if v == nil || k.n.types.permits(bitsOf(v)) {
		return
	}
	if made := converted(v, k.n.types); made != nil {
		k.repair("default", "not of the type", describe(made, false))
		k.n.kin.Default = made
		return
	}
	k.repair("default", "not of the type", leftOut)
	k.n.kin.Default = nil
}

// bitsOf is the set of types that a value is of.
func bitsOf(v any) typeSet {
	switch v := v.(type) {
	case nil:
		return isNull
	case bool:
		return isBoolean
	case string:
		return isString
	case []any:
		return isArray
	case map[string]any:
		return isObject
	case json.Number:
		if f, err := v.Float64(); err == nil && whole(f) {
			return isNumeric | isInteger
		}
		return isNumeric
	}
	return 0
}

// converted is a value as the type wants it, nil if that cannot be.
func converted(v any, types typeSet) any {
	switch v := v.(type) {
	case string:
		word := strings.TrimSpace(v)
		switch {
		case types&(isNumeric|isInteger) != 0 && isNumber(word) && types.permits(bitsOf(json.Number(word))):
			return json.Number(word)
		case types&isBoolean != 0 && (lower(word) == "true" || lower(word) == "false"):
			return lower(word) == "true"
		}
	case json.Number:
		if types&isString != 0 {
			return v.String()
		}
	case bool:
		if types&isString != 0 {
			return fmt.Sprint(v)
		}
	}
	return nil
}
