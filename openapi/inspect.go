package openapi

import (
	"strconv"
	"strings"
)

// maxInspected bounds how many schemas Inspect reads.
const maxInspected = 1_000_000

// Inspect looks at every part of the document, as serving it would bit by bit, and lists all repairs.
func (d *Document) Inspect() []Repair {
	i := inspector{seen: map[*Schema]bool{}}
	for _, o := range d.operations {
		p, err := d.Plan(o)
		if err != nil {
			d.repaired("/paths/"+escapeToken(o.Path)+"/"+strings.ToLower(o.Method), err.Error(), leftOut)
			continue
		}
		i.plan(p)
	}
	for _, name := range d.Names("schemas") {
		at := "/components/schemas/" + escapeToken(name)
		raw, _ := d.Component("schemas", name)
		if ref, ok := d.pureReference(raw); ok {
			if _, err := d.linkedSchema(ref); err != nil {
				d.repaired(at+"/$ref", err.Error(), "any value")
				continue
			}
		}
		if s, err := d.Schema(name); err == nil {
			i.add(s)
		}
	}
	i.walk()
	return d.Repairs()
}

// inspector reads schemas, each once.
type inspector struct {
	seen map[*Schema]bool
	open []*Schema
}

func (i *inspector) plan(p *Plan) {
	for _, param := range p.Params {
		i.add(param.Schema)
	}
	if p.Body != nil {
		for _, s := range p.Body.Media {
			i.add(s)
		}
	}
	for _, r := range p.Replies {
		i.add(r.Schema)
	}
	for _, r := range p.ranges {
		if r != nil {
			i.add(r.Schema)
		}
	}
	if p.other != nil {
		i.add(p.other.Schema)
	}
}

func (i *inspector) add(s *Schema) {
	if s != nil && !i.seen[s] && len(i.seen) < maxInspected {
		i.seen[s] = true
		i.open = append(i.open, s)
	}
}

func (i *inspector) walk() {
	for len(i.open) > 0 {
		s := i.open[len(i.open)-1]
		i.open = i.open[:len(i.open)-1]
		n := readRules(s) // for a moment: a document may have more schemas than anybody is going to use
		if n.kin.Pattern != "" {
			n.pattern()
		}
		if d := n.kin.Discriminator; d != nil {
			i.mapping(s, n)
		}
		for _, c := range n.children() {
			i.add(c.schema())
		}
	}
}

// mapping reports what a discriminator maps to no variant.
func (i *inspector) mapping(s *Schema, n *rules) {
	variants := n.variants()
	if len(variants) == 0 {
		return
	}
	for value, target := range n.kin.Discriminator.Mapping {
		if variantFor(variants, target.Ref) < 0 {
			s.doc.repaired(s.pointer()+"/discriminator/mapping/"+escapeToken(value), strconv.Quote(show(target.Ref))+" is none of the variants", "any variant")
		}
	}
}

// children are all schemas below a schema.
func (n *rules) children() []*child {
	var all []*child
	for _, name := range n.order {
		all = append(all, n.props[name])
	}
	for _, p := range n.patterns {
		all = append(all, p.schema)
	}
	for _, c := range n.holds {
		all = append(all, c)
	}
	all = append(append(append(append(all, n.allOf...), n.oneOf...), n.anyOf...), n.prefix...)
	for _, c := range []*child{n.extra, n.names, n.items, n.contains, n.not, n.cond, n.then, n.els, n.restProps, n.restItems} {
		if c != nil {
			all = append(all, c)
		}
	}
	return all
}
