package openapi

import (
	"encoding/json"
	"strings"
)

// How deep a sample goes. Optional properties are left out from optionalDepth on, arrays stay as short as allowed from listDepth on, and what a
// circle of required properties still asks for ends at sampleDepth.
const (
	optionalDepth = 2
	listDepth     = 4
	sampleDepth   = 8
	sampleValues  = 5_000 // in one sample, whatever a contract asks for
)

// Sample invents a value that fits the schema: believable by the names and formats of its properties, the same for the same faker, and valid.
// override replaces properties of the outermost object; the caller answers for their fitting.
func (s *Schema) Sample(f Faker, override map[string]any) any {
	g := newSampler(f, full)
	v := g.root(s, override)
	if s.fits(v) || len(override) > 0 && g.fitsWithout(s, v, override) {
		return v
	}
	// What is optional may be what makes a value fit several variants, or none.
	g.mode, g.left = lean, sampleValues
	if lean := g.root(s, override); s.fits(lean) {
		return lean
	}
	if example := s.facets().Example; example != nil && s.fits(example) && len(override) == 0 {
		return copyValue(example)
	}
	return v
}

// mode is how much a sampler invents beside what it must.
type mode int

const (
	lean  mode = iota // what is required
	quiet             // what nearly every object has, as little as can be of the rest
	full              // what is optional too
)

// sampler invents values. left is how many it may still make.
type sampler struct {
	fake   Faker
	mode   mode
	left   int
	fill   bool // complete what fits, too
	self   *person
	at     *locality
	walked int // schemas that its values were held against
}

func newSampler(f Faker, m mode) *sampler { return &sampler{fake: f, mode: m, left: sampleValues} }

// fits says whether a value is valid, until the sampler has looked at more than any contract needs.
func (g *sampler) fits(s *Schema, v any) bool {
	if g.walked > maxWalk {
		return true
	}
	w := walker{left: maxWalk}
	defer w.done()
	ok := w.fits(s, v, 0)
	g.walked += maxWalk - w.left
	return ok
}

func (g *sampler) root(s *Schema, override map[string]any) any {
	if len(override) == 0 {
		return g.value(s, "", 0, nil)
	}
	object := make(map[string]any, len(override))
	for name, v := range override {
		object[name] = v
	}
	return g.value(s, "", 0, object)
}

// fitsWithout says whether all that is wrong with v is in what the caller put there.
func (g *sampler) fitsWithout(s *Schema, v any, override map[string]any) bool {
	for _, violation := range s.Validate(v, "") {
		name, _, _ := strings.Cut(strings.TrimPrefix(violation.Pointer, "/"), "/")
		if _, given := override[unescapeToken(name)]; !given {
			return false
		}
	}
	return true
}

// value invents a value for a schema that stands under a name. given are the properties that an object begins with.
func (g *sampler) value(s *Schema, name string, depth int, given map[string]any) any {
	if g.left--; g.left < 0 || depth > maxRounds {
		return nil
	}
	switch {
	case len(s.facets().Enum) > 0:
		return g.pick(s, name)
	case len(s.merged().variants) > 0:
		return g.variant(s, name, depth, given)
	}
	switch s.Type() {
	case "object":
		return g.object(s, depth, given)
	case "array":
		return g.array(s, name, depth)
	case "boolean":
		if b, ok := s.facets().Example.(bool); ok {
			return b
		}
		return g.truth(name)
	case "number", "integer":
		return g.number(s, name)
	case "string":
		return g.text(s, name)
	}
	if given != nil {
		return given
	}
	return g.untyped(s, name)
}

// untyped invents a value for a schema that names no type.
func (g *sampler) untyped(s *Schema, name string) any {
	for _, v := range []any{s.facets().Example, s.facets().Default, g.text(s, name), json.Number("1"), true, map[string]any{}, []any{}} {
		if v != nil && g.fits(s, v) {
			return copyValue(v)
		}
	}
	return nil
}

// pick takes one of the values listed, null last.
func (g *sampler) pick(s *Schema, name string) any {
	if v := g.likely(s, name); v != nil {
		return v
	}
	start := g.fake.Intn(len(s.facets().Enum))
	for i := range s.facets().Enum {
		v := s.facets().Enum[(start+i)%len(s.facets().Enum)]
		if v != nil && g.fits(s, v) {
			return copyValue(v)
		}
	}
	return copyValue(s.facets().Enum[start])
}

func (g *sampler) object(s *Schema, depth int, object map[string]any) any {
	if object == nil {
		object = map[string]any{}
	}
	if g.mode == quiet {
		g.complete(s, object, depth)
		return object
	}
	v := s.merged()
	g.begin(s, object)
	defer g.agree(s, object, given(object))
	for _, f := range v.fields {
		if _, given := object[f.name]; given || !g.wanted(v, f, depth) {
			continue
		}
		object[f.name] = g.property(s.formOf(f, object), f.name, depth+1, object)
	}
	g.unlisted(v, object, depth)
	if len(v.fields) == 0 {
		g.freeForm(s, object, depth)
	}
	return object
}

// wanted decides whether a property is in the sample.
func (g *sampler) wanted(v *view, f *field, depth int) bool {
	if depth >= sampleDepth {
		return false
	}
	if v.requires(f.name) {
		return true
	}
	return depth < optionalDepth && g.mode == full && !f.schema.facets().WriteOnly
}

// property invents what stands under a name. What has not happened yet (deletedAt, canceledAt) is null where it may be.
func (g *sampler) property(s *Schema, name string, depth int, parent map[string]any) any {
	if s.Nullable() {
		if depth >= sampleDepth || unlikely(name) {
			return nil
		}
	}
	if len(s.merged().variants) > 0 && len(s.facets().Enum) == 0 {
		return g.variantBeside(s, name, depth, parent)
	}
	if role(name) && len(s.Properties()) > 0 {
		var v any
		g.someoneElse(func() { v = g.value(s, name, depth, nil) })
		return v
	}
	return g.value(s, name, depth, nil)
}

func unlikely(name string) bool {
	return named(name, "deleted", "canceled", "cancelled", "cancellation", "failed", "failure", "error", "rejected", "rejection", "refunded", "revoked", "suspended")
}

// freeForm fills a map whose names the contract leaves open.
func (g *sampler) freeForm(s *Schema, object map[string]any, depth int) {
	if example, ok := s.facets().Example.(map[string]any); ok && len(object) == 0 && s.fits(example) {
		for name, v := range example {
			object[name] = copyValue(v)
		}
		return
	}
	want := int(s.facets().MinProps)
	extra := s.merged().extra
	if want == 0 && extra != nil && depth < optionalDepth {
		want = 1
	}
	for n := 0; len(object) < want && n < 10*want && g.left > 0; n++ {
		g.left--
		name := g.fake.Say("word")
		if extra != nil {
			object[name] = g.value(extra, name, depth+1, nil)
		} else {
			object[name] = g.fake.Say("word")
		}
	}
}

func (g *sampler) array(s *Schema, name string, depth int) any {
	if prefix := s.prefix(); len(prefix) > 0 {
		return g.tuple(s, prefix, name, depth)
	}
	items := s.Items()
	n := int(s.facets().MinItems)
	if depth < listDepth && g.mode == full {
		n = max(n, 1+g.fake.Intn(2))
	}
	if most := s.facets().MaxItems; most != nil {
		n = min(n, int(*most))
	}
	list := []any{}
	if items == nil || depth >= sampleDepth {
		return list
	}
	name = strings.TrimSuffix(name, "s") // "emails" are each an email
	seen := map[string]bool{}
	for tries := 0; len(list) < n && tries < 20+n && g.left > 0; tries++ {
		var v any
		g.someoneElse(func() { v = g.value(items, name, depth+1, nil) })
		if s.facets().UniqueItems {
			text, err := Marshal(v, nil)
			if err != nil || seen[string(text)] {
				continue
			}
			seen[string(text)] = true
		}
		list = append(list, v)
	}
	return list
}

// tuple is a list whose items have a schema each; beyond them there are only as many as the list must have.
func (g *sampler) tuple(s *Schema, prefix []*child, name string, depth int) any {
	list := []any{}
	if depth >= sampleDepth {
		return list
	}
	n := max(len(prefix), int(s.facets().MinItems))
	if most := s.facets().MaxItems; most != nil {
		n = min(n, int(*most))
	}
	items := s.rules().items
	for i := 0; i < n && g.left > 0 && (i < len(prefix) || items != nil); i++ {
		c := items
		if i < len(prefix) {
			c = prefix[i]
		}
		list = append(list, g.value(c.schema(), name, depth+1, nil))
	}
	return list
}

// variantBeside chooses the variant that a sibling names ({"type": "PIX", "data": …}), if there is one.
func (g *sampler) variantBeside(s *Schema, name string, depth int, parent map[string]any) any {
	variants := s.merged().variants
	if i := namedBy(parent, len(variants), func(i int) string { return variants[i].name }); i >= 0 {
		if v := g.variantOf(s, variants[i], name, depth, nil); g.fits(s, v) {
			return v
		}
	}
	return g.variant(s, name, depth, nil)
}

// variant tries the variants, beginning at a random one, until the value fits the whole schema: that of a oneOf must fit one only.
func (g *sampler) variant(s *Schema, name string, depth int, given map[string]any) any {
	variants := s.merged().variants
	start := g.fake.Intn(len(variants))
	var last any
	for _, mode := range []mode{g.mode, lean} {
		outer := g.mode
		for i := range variants {
			g.mode = mode
			last = g.variantOf(s, variants[(start+i)%len(variants)], name, depth, given)
			g.mode = outer
			if depth >= sampleDepth || g.fits(s, last) {
				return last
			}
		}
	}
	return last
}

func (g *sampler) variantOf(s, variant *Schema, name string, depth int, given map[string]any) any {
	var object map[string]any
	if given != nil || len(s.merged().fields) > 0 || s.facets().Discriminator != nil {
		object = map[string]any{}
		for name, v := range given {
			object[name] = v
		}
		if d := s.facets().Discriminator; d != nil {
			if _, there := object[d.PropertyName]; !there {
				object[d.PropertyName] = discriminatorFor(s, variant)
			}
		}
		object, _ = g.object(s, depth, object).(map[string]any)
	}
	return g.value(variant, name, depth, object)
}

// discriminatorFor is the value by which a discriminator names a variant.
func discriminatorFor(s, variant *Schema) string {
	found := ""
	for key, target := range s.facets().Discriminator.Mapping {
		ref := target.Ref
		if !strings.Contains(ref, "/") {
			ref = schemaRef(ref)
		}
		if ref == schemaRef(variant.name) && (found == "" || key < found) {
			found = key
		}
	}
	if found != "" {
		return found
	}
	if f := variant.merged().byName[s.facets().Discriminator.PropertyName]; f != nil {
		for _, listed := range f.schema.listed() {
			if word, ok := listed.(string); ok {
				return word // no mapping names it: it says itself who it is
			}
		}
	}
	return variant.name
}

// copyValue keeps what a sample holds apart from the contract's own values.
func copyValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, item := range v {
			out[name] = copyValue(item)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = copyValue(item)
		}
		return out
	case json.Number, string, bool, nil:
		return v
	}
	return v
}
