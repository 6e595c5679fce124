package openapi

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// maxListed is how many values of an enum a message names.
const maxListed = 12

// expectedBy puts a keyword into words.
func expectedBy(schema *Schema, keyword string) string {
	s := schema.model()
	switch keyword {
	case "type":
		return typeWord(schema)
	case "enum", "const":
		return listed(s.Enum)
	case "format":
		return s.Format
	case "pattern":
		return "text that matches " + s.Pattern
	case "minimum":
		return "at least " + decimal(s.Min)
	case "maximum":
		return "at most " + decimal(s.Max)
	case "exclusiveMinimum":
		return "more than " + decimal(bound(s.ExclusiveMin, s.Min))
	case "exclusiveMaximum":
		return "less than " + decimal(bound(s.ExclusiveMax, s.Max))
	case "multipleOf":
		return "a multiple of " + decimal(s.MultipleOf)
	case "minLength":
		return "at least " + plural(int(s.MinLength), "character")
	case "maxLength":
		return "at most " + plural(int(*s.MaxLength), "character")
	case "minItems":
		return "at least " + plural(int(s.MinItems), "item")
	case "maxItems":
		return "at most " + plural(int(*s.MaxItems), "item")
	case "uniqueItems":
		return "each item once"
	case "minProperties":
		return "at least " + plural(int(s.MinProps), "property")
	case "maxProperties":
		return "at most " + plural(int(*s.MaxProps), "property")
	case "boolean":
		return "nothing"
	}
	return "a value that fits " + keyword
}

func bound(exclusive openapi3.ExclusiveBound, other *float64) *float64 {
	if exclusive.Value != nil {
		return exclusive.Value
	}
	return other
}

func decimal(f *float64) string {
	if f == nil {
		return "the bound"
	}
	return strconv.FormatFloat(*f, 'f', -1, 64)
}

// typeWord names the types allowed.
func typeWord(s *Schema) string {
	kin := s.model()
	types := kin.Type.Slice()
	if kin.Nullable && len(types) == 1 {
		return types[0] + " or null"
	}
	if len(types) > 0 {
		return strings.Join(types, " or ")
	}
	return impliedType(s, maxHops)
}

// impliedType names what a schema without a type still says about it.
func impliedType(s *Schema, hops int) string {
	n := s.rules()
	switch {
	case len(n.order) > 0 || len(n.required) > 0:
		return openapi3.TypeObject
	case n.items != nil:
		return openapi3.TypeArray
	case hops > 0:
		// The first part or variant speaks for the others.
		first := firstOf(n.allOf, n.oneOf, n.anyOf)
		if first == nil {
			break
		}
		if types := first.schema().model().Type.Slice(); len(types) > 0 {
			return strings.Join(types, " or ")
		}
		return impliedType(first.schema(), hops-1)
	}
	return "a value"
}

func firstOf(lists ...[]*child) *child {
	for _, list := range lists {
		if len(list) > 0 {
			return list[0]
		}
	}
	return nil
}

// expectedProperty describes a property that is missing.
func expectedProperty(s *Schema) string {
	if s == nil {
		return "a value"
	}
	if len(s.model().Enum) > 0 {
		return listed(s.model().Enum)
	}
	for _, part := range s.parts() {
		if len(part.model().Enum) > 0 {
			return listed(part.model().Enum)
		}
	}
	return typeWord(s)
}

func listed(values []any) string {
	var words []string
	for i, v := range values {
		if i == maxListed {
			words = append(words, fmt.Sprintf("… (%d in all)", len(values)))
			break
		}
		b, err := Marshal(v, nil)
		if err != nil {
			continue
		}
		words = append(words, show(string(b)))
	}
	if len(values) == 1 {
		return words[0]
	}
	return "one of " + strings.Join(words, ", ")
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	if strings.HasSuffix(word, "y") {
		return fmt.Sprintf("%d %sies", n, strings.TrimSuffix(word, "y"))
	}
	return fmt.Sprintf("%d %ss", n, word)
}
