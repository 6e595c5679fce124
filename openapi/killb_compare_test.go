package openapi_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// comparison reports where the document says something else than the facts. What the document adds must carry the mark of its source.
type comparison struct {
	t      *testing.T
	sent   map[string]bool
	strict bool // the facts name every bound, default, refusal and tag
}

func (c *comparison) schema(name string, want *factSchema, got *openapi3.SchemaRef) {
	switch {
	case want.typ != nil:
		c.same(name, want.typ, got, false)
	case want.base != "" && (len(got.Value.AllOf) != 2 || refName(got.Value.AllOf[0]) != want.base):
		c.t.Errorf("%s: does not extend %s", name, want.base)
	case want.base != "":
		c.fields(name, want.fields, got.Value.AllOf[1].Value, false)
	case want.free && sourceOf(got.Value.Extensions) != "": // given a shape by the source that the mark names
	case want.free:
		c.same(name, &factType{kind: "map"}, got, false)
	default:
		c.fields(name, want.fields, got.Value, c.sent[name])
	}
}

func (c *comparison) fields(at string, want []factField, got *openapi3.Schema, sent bool) {
	c.t.Helper()
	if len(got.AllOf) == 1 && len(got.Properties) == 0 {
		got = got.AllOf[0].Value
	}
	if !got.Type.Is("object") {
		c.t.Errorf("%s: not an object", at)
	}
	known := map[string]bool{}
	for _, field := range want {
		known[field.name] = true
		at, property := at+"."+field.name, got.Properties[field.name]
		if property == nil {
			c.t.Errorf("%s is missing", at)
			continue
		}
		required := field.required && !(field.byDefault && sent)
		if slices.Contains(got.Required, field.name) != required {
			c.t.Errorf("%s: required is not %v", at, required)
		}
		if property.Value.Nullable != field.nullable && field.typ.kind != "any" && sourceOf(property.Value.Extensions) == "" {
			c.t.Errorf("%s: nullable is not %v", at, field.nullable)
		}
		if field.byDefault && property.Value.Default == nil && sent {
			c.t.Errorf("%s: the default is missing", at)
		}
		c.same(at, field.typ, property, false)
	}
	for name, property := range got.Properties {
		if !known[name] && sourceOf(property.Value.Extensions) == "" {
			c.t.Errorf("%s.%s is neither in the facts nor marked with %s", at, name, sourceMark)
		}
	}
}

// plainTypes gives the type, and the format where there is one, of the kinds without structure.
var plainTypes = map[string][2]string{
	"string": {"string"}, "number": {"number"}, "bool": {"boolean"}, "alphanumeric": {"string"},
	"int": {"integer"}, "date": {"string", "date"}, "email": {"string", "email"}, "uri": {"string", "uri"},
	"uuid": {"string", "uuid"}, "datetime": {"string", "date-time"}, "binary": {"string", "binary"},
}

func (c *comparison) same(at string, want *factType, got *openapi3.SchemaRef, marked bool) {
	c.t.Helper()
	v := got.Value
	marked = marked || sourceOf(v.Extensions) != ""
	if c.strict && !marked {
		c.bounds(at, want.bounds, v)
	}
	switch want.kind {
	case "any":
		if (v.Type != nil || len(v.Properties)+len(v.AllOf)+len(v.AnyOf)+len(v.OneOf) > 0) && !marked {
			c.t.Errorf("%s: has a shape that the facts do not know", at)
		}
	case "ref":
		if refName(got) != want.ref && !(marked && slices.Contains(variantNames(v), want.ref)) {
			c.t.Errorf("%s: not a %s", at, want.ref)
		}
	case "array":
		if !v.Type.Is("array") {
			c.t.Errorf("%s: not an array", at)
			return
		}
		c.same(at+"[]", want.item, v.Items, marked)
	case "object":
		c.fields(at, want.fields, v, true)
	case "map":
		if !marked { // given a shape by the source that the mark names
			c.free(at, want, v)
		}
	case "enum":
		c.enum(at, want.words, v)
	case "oneOf", "allOf":
		c.union(at, want, got, marked)
	case "anyOf":
		c.anyOf(at, want, v)
	default:
		plain, ok := plainTypes[want.kind]
		switch {
		case !ok:
			c.t.Errorf("%s: the facts have an unknown kind %q", at, want.kind)
		case !v.Type.Is(plain[0]), plain[1] != "" && v.Format != plain[1]:
			c.t.Errorf("%s: not a %s", at, want.kind)
		case len(want.words) > 0:
			if got := strings.Fields(strings.Trim(fmt.Sprint(v.Enum), "[]")); !sameSet(got, want.words) {
				c.t.Errorf("%s: the enum is %v, not %v", at, got, want.words)
			}
		case len(v.Enum) > 0 && !marked:
			c.t.Errorf("%s: has an enum that the facts do not know", at)
		case want.kind == "alphanumeric" && v.Pattern != "^[A-Za-z0-9]+$":
			c.t.Errorf("%s: takes more than letters and digits", at)
		}
	}
}

// bounds compares the keywords that limit a value, and the default.
func (c *comparison) bounds(at string, want map[string]any, v *openapi3.Schema) {
	c.t.Helper()
	got := map[string]any{}
	number := func(keyword string, n *float64) {
		if n != nil {
			got[keyword] = *n
		}
	}
	count := func(keyword string, n *uint64) {
		if n != nil && *n > 0 {
			got[keyword] = float64(*n)
		}
	}
	number("minimum", v.Min)
	number("maximum", v.Max)
	count("minLength", &v.MinLength)
	count("maxLength", v.MaxLength)
	count("minItems", &v.MinItems)
	count("maxItems", v.MaxItems)
	if v.ExclusiveMin.IsTrue() {
		got["exclusiveMinimum"] = "true"
	}
	if v.Pattern != "" {
		got["pattern"] = v.Pattern
	}
	switch value := v.Default.(type) {
	case nil:
	case float64:
		got["default"] = value
	default:
		got["default"] = fmt.Sprint(value)
	}
	if !maps.Equal(got, want) {
		c.t.Errorf("%s: the bounds are %v, not %v", at, got, want)
	}
}

// anyOf holds when each form is there in its place.
func (c *comparison) anyOf(at string, want *factType, got *openapi3.Schema) {
	c.t.Helper()
	if len(got.AnyOf) != len(want.of) {
		c.t.Errorf("%s: offers %d forms, not %d", at, len(got.AnyOf), len(want.of))
		return
	}
	for i, form := range want.of {
		c.same(at, form, got.AnyOf[i], false)
	}
}

func (c *comparison) free(at string, want *factType, got *openapi3.Schema) {
	c.t.Helper()
	values := got.AdditionalProperties
	switch {
	case !got.Type.Is("object") || len(got.Properties) > 0:
		c.t.Errorf("%s: not a free object", at)
	case want.item != nil && values.Schema != nil:
		c.same(at+".*", want.item, values.Schema, false)
	case want.item != nil || values.Has == nil || !*values.Has:
		c.t.Errorf("%s: the values of the free object are not as in the facts", at)
	}
}

func (c *comparison) enum(at string, want []string, got *openapi3.Schema) {
	c.t.Helper()
	added, _ := got.Extensions["x-sandgate-added"].([]any)
	var words []string
	for _, word := range got.Enum {
		if word == nil && got.Nullable { // which OpenAPI 3.0.3 wants there
			continue
		}
		if !slices.Contains(added, word) {
			words = append(words, word.(string))
		}
	}
	if !got.Type.Is("string") || !sameSet(words, want) {
		c.t.Errorf("%s: the enum is %v, not %v", at, words, want)
	}
	if (len(added) > 0) != (sourceOf(got.Extensions) != "") {
		c.t.Errorf("%s: added words need the mark of their source, and the mark needs words", at)
	}
}

// union holds whether it is written as oneOf, as anyOf (where forms overlap) or, for an allOf of one schema, as that schema.
func (c *comparison) union(at string, want *factType, got *openapi3.SchemaRef, marked bool) {
	c.t.Helper()
	var names []string
	for _, variant := range want.of {
		if variant.ref != "" && !slices.Contains(names, variant.ref) {
			names = append(names, variant.ref)
		}
	}
	if want.kind == "allOf" {
		if len(names) != 1 || refName(got) != names[0] {
			c.t.Errorf("%s: not a %v", at, names)
		}
		return
	}
	offered := variantNames(got.Value)
	for _, name := range names {
		if !slices.Contains(offered, name) {
			c.t.Errorf("%s: does not take a %s", at, name)
		}
	}
	if len(offered) > len(names) && !marked {
		c.t.Errorf("%s: takes %v, the facts only %v", at, offered, names)
	}
}

func (c *comparison) operation(doc *openapi3.T, want *factOp) {
	c.t.Helper()
	at := want.method + " " + want.path
	item := doc.Paths.Value(want.path)
	if item == nil || item.GetOperation(want.method) == nil {
		c.t.Errorf("%s is missing", at)
		return
	}
	got := item.GetOperation(want.method)
	if got.OperationID != want.id {
		c.t.Errorf("%s: operationId is %s, not %s", at, got.OperationID, want.id)
	}
	c.params(at, want.params, slices.Concat(item.Parameters, got.Parameters))
	c.body(at+" body", want.body, got.RequestBody)
	for status := range got.Responses.Map() {
		if strings.HasPrefix(status, "2") && want.replies[status] == nil {
			c.t.Errorf("%s: answers %s, which the facts do not know", at, status)
		}
	}
	for status, reply := range want.replies {
		if got.Responses.Value(status) == nil {
			c.t.Errorf("%s: %s is missing", at, status)
			continue
		}
		c.reply(at+" "+status, reply, got.Responses.Value(status).Value, status)
	}
	if c.strict {
		c.refusals(at, want, got.Responses)
		if !slices.Equal(got.Tags, []string{want.tag}) {
			c.t.Errorf("%s: the tags are %v, not %s", at, got.Tags, want.tag)
		}
	}
}

// refusals tells what the facts declare from what the document adds by the mark.
func (c *comparison) refusals(at string, want *factOp, got *openapi3.Responses) {
	c.t.Helper()
	for _, status := range want.errors {
		if got.Value(status) == nil || sourceOf(got.Value(status).Value.Extensions) != "" {
			c.t.Errorf("%s: %s is missing, or marked though it is declared", at, status)
		}
	}
	for status, reply := range got.Map() {
		if want.replies[status] == nil && !slices.Contains(want.errors, status) && sourceOf(reply.Value.Extensions) == "" {
			c.t.Errorf("%s: %s is neither in the facts nor marked with %s", at, status, sourceMark)
		}
	}
}

func (c *comparison) params(at string, want []factParam, got openapi3.Parameters) {
	c.t.Helper()
	for _, p := range want {
		at := at + " " + p.name
		found := got.GetByInAndName(p.in, p.name)
		if found == nil {
			c.t.Errorf("%s is missing", at)
			continue
		}
		if found.Required != p.required {
			c.t.Errorf("%s: required is not %v", at, p.required)
		}
		marked := sourceOf(found.Extensions) != ""
		switch {
		case marked: // what is between the facts and the document is what the mark is about
			if !found.Schema.Value.Type.Is("string") {
				c.t.Errorf("%s: not a string", at)
			}
			continue
		case p.in == "path" && found.Schema.Value.MinLength == 1: // a segment of a path is never empty
			bare := *found.Schema.Value
			bare.MinLength = 0
			c.same(at, p.typ, &openapi3.SchemaRef{Value: &bare}, false)
		default:
			c.same(at, p.typ, found.Schema, false)
		}
		if c.strict && found.Schema.Value.Nullable != p.nullable {
			c.t.Errorf("%s: nullable is not %v", at, p.nullable)
		}
	}
	for _, found := range got {
		known := func(p factParam) bool { return p.in == found.Value.In && p.name == found.Value.Name }
		if !slices.ContainsFunc(want, known) && sourceOf(found.Value.Extensions) == "" {
			c.t.Errorf("%s: %s is neither in the facts nor marked with %s", at, found.Value.Name, sourceMark)
		}
	}
}

func (c *comparison) body(at string, want *factBody, got *openapi3.RequestBodyRef) {
	c.t.Helper()
	switch {
	case want == nil && got == nil:
	case want == nil:
		if sourceOf(got.Value.Extensions) == "" || got.Value.Required {
			c.t.Errorf("%s: the facts have none, so it must be marked and optional", at)
		}
	case got == nil:
		c.t.Errorf("%s is missing", at)
	default:
		if got.Value.Required != want.required && sourceOf(got.Value.Extensions) == "" {
			c.t.Errorf("%s: required is not %v", at, want.required)
		}
		c.content(at, want, got.Value.Content, false)
	}
}

func (c *comparison) reply(at string, want *factBody, got *openapi3.Response, status string) {
	c.t.Helper()
	marked := sourceOf(got.Extensions) != ""
	if want.typ != nil {
		c.content(at, want, got.Content, marked)
	} else if len(got.Content) > 0 && !marked {
		c.t.Errorf("%s: has a body, which the facts do not know", at)
	}
}

func (c *comparison) content(at string, want *factBody, got openapi3.Content, marked bool) {
	c.t.Helper()
	if len(got) != 1 || got[want.media] == nil {
		c.t.Errorf("%s: not %s alone", at, want.media)
		return
	}
	c.same(at, want.typ, got[want.media].Schema, marked)
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
