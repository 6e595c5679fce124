package openapi

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// choose explains a value that fits none of the variants of a oneOf or anyOf, or more than one of a oneOf. Beside the violation of the keyword itself it
// reports those of the variant that the value seems to mean: the one that a discriminator or a telling field names, else the one with the
// fewest violations. If several are equally close, it reports what all of them complain about.
func (c *collector) choose(rule string, n *rules, variants []*child, value any, path []string, here frame, round int) {
	var tries [][]Violation
	matched := 0
	for _, variant := range variants {
		t := collector{root: c.root, prefix: c.prefix, left: c.left, walker: c.walker}
		if c.walker.fits(variant.schema(), value, here) {
			matched++
		} else {
			if t.visit(variant.schema(), value, path, here, round); len(t.found) == 0 {
				t.add(path, "schema", "a value that fits the schema", describe(value, true))
			}
		}
		tries = append(tries, t.found)
	}
	chosen, wrong := n.chosen(variants, value)
	switch {
	case wrong != nil:
		c.add(append(slices.Clone(path), n.kin.Discriminator.PropertyName), wrong.Rule, wrong.Expected, wrong.Got)
		c.add(path, rule, variantsWord(variants), "one that the discriminator does not name")
		return
	case chosen >= 0:
		c.found = append(c.found, tries[chosen]...)
	case matched > 1:
		c.add(path, rule, "exactly one variant", fmt.Sprintf("%d that fit", matched))
		return
	default:
		c.found = append(c.found, closest(tries, c.meant(variants, tries, value, path))...)
	}
	c.add(path, rule, variantsWord(variants), "a value that fits none of them")
}

// chosen returns the variant that the discriminator names, or -1, or what is wrong with the discriminator.
func (n *rules) chosen(variants []*child, value any) (int, *Violation) {
	object, ok := value.(map[string]any)
	d := n.kin.Discriminator
	if d == nil || !ok {
		return -1, nil
	}
	var keys []any
	for _, key := range slices.Sorted(maps.Keys(d.Mapping)) {
		keys = append(keys, key)
	}
	expected := "the name of a variant"
	if len(keys) > 0 {
		expected = listed(keys)
	}
	raw, ok := object[d.PropertyName]
	if !ok {
		return -1, &Violation{Rule: "required", Expected: expected, Got: "nothing"}
	}
	name, ok := raw.(string)
	if !ok {
		return -1, &Violation{Rule: "type", Expected: "string", Got: kindOfValue(raw)}
	}
	i, ok := n.choice(variants).by[name]
	_, mapped := d.Mapping[name]
	switch {
	case ok:
		return i, nil
	case len(keys) == 0 || mapped:
		return -1, nil
	}
	return -1, &Violation{Rule: "enum", Expected: expected, Got: describe(name, secretName(d.PropertyName))}
}

// meant marks the variants that the value seems to mean.
func (c *collector) meant(variants []*child, tries [][]Violation, value any, path []string) []int {
	if i := tellingField(variants, value); i >= 0 {
		return []int{i}
	}
	if i := c.siblingName(variants, path); i >= 0 {
		return []int{i}
	}
	here := c.pointer(path)
	fewest := farness(tries[0], here)
	for _, t := range tries {
		fewest = min(fewest, farness(t, here))
	}
	var best []int
	for i, t := range tries {
		if farness(t, here) == fewest {
			best = append(best, i)
		}
	}
	return best
}

// farness says how far a value is from a variant: a value of another type is farther than any number of faults inside it.
func farness(try []Violation, here string) int {
	far := len(try)
	for _, v := range try {
		if v.Rule == "type" && v.Pointer == here {
			far += maxFound
		}
	}
	return far
}

// closest is what all the chosen tries have in common.
func closest(tries [][]Violation, near []int) []Violation {
	var common []Violation
	for _, v := range tries[near[0]] {
		shared := true
		for _, i := range near[1:] {
			shared = shared && slices.ContainsFunc(tries[i], func(o Violation) bool { return o.Pointer == v.Pointer && o.Rule == v.Rule })
		}
		if shared {
			common = append(common, v)
		}
	}
	return common
}

// tellingField finds the one variant whose enum of a property holds the value's, where the variants' enums of that property differ.
func tellingField(variants []*child, value any) int {
	object, ok := value.(map[string]any)
	if !ok {
		return -1
	}
	fits, found := -1, 0
	for i, variant := range variants {
		for name, v := range object {
			text, isText := v.(string)
			if isText && tells(variant.schema(), name, text) && only(variants, i, name, text) {
				fits, found = i, found+1
				break
			}
		}
	}
	if found == 1 {
		return fits
	}
	return -1
}

// only says whether no other variant lists the value, and each of them lists something.
func only(variants []*child, mine int, name, text string) bool {
	for i, variant := range variants {
		if i == mine {
			continue
		}
		f := variant.schema().merged().byName[name]
		if f == nil || len(f.schema.facets().Enum) == 0 || slices.Contains(f.schema.facets().Enum, any(text)) {
			return false
		}
	}
	return true
}

// siblingName finds a variant by what stands beside it: {"type": "PIX", "data": …} means the variant PixAccountDto of data. Of several whose
// names begin so, the shortest is meant.
func (c *collector) siblingName(variants []*child, path []string) int {
	if len(path) == 0 {
		return -1
	}
	parent, _ := c.at(path[:len(path)-1])
	object, ok := parent.(map[string]any)
	if !ok {
		return -1
	}
	return namedBy(object, len(variants), func(i int) string { return variants[i].label() })
}

// namedBy finds the one of n schema names that a type, kind or method in the object stands for; -1 if none does.
func namedBy(object map[string]any, n int, schema func(int) string) int {
	for _, key := range []string{"type", "kind", "method", "object"} {
		text, _ := object[key].(string)
		word := PlainName(text)
		if word == "" {
			continue
		}
		best, length := -1, 0
		for i := range n {
			name := PlainName(schema(i))
			if strings.Contains(name, word) && (best < 0 || len(name) < length) {
				best, length = i, len(name)
			}
		}
		if best >= 0 {
			return best
		}
	}
	return -1
}

func variantsWord(variants []*child) string {
	var names []string
	for _, variant := range variants {
		name := variant.label()
		if name == "" {
			return fmt.Sprintf("one of %d variants", len(variants))
		}
		if len(names) == maxListed {
			names = append(names, fmt.Sprintf("… (%d in all)", len(variants)))
			break
		}
		names = append(names, name)
	}
	return "one of " + strings.Join(names, ", ")
}

// label is the last part of the reference to a variant, "" if it is written in place.
func (c *child) label() string {
	ref := c.ref()
	return ref[strings.LastIndexByte(ref, '/')+1:]
}
