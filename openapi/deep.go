package openapi

import (
	"net/url"
	"slices"
	"strings"
)

// queryParam finds a query parameter in whatever way its style, or a client's habit, writes it.
func (d *decoder) queryParam(p *Param) (any, bool) {
	d.readQuery()
	if p.Style == "deepObject" && !p.JSON {
		return d.deep(p)
	}
	given := d.query[p.Name]
	if given == nil {
		given = d.query[p.Name+"[]"]
	}
	switch {
	case p.JSON && given != nil:
		return given[0], true
	case len(given) == 1 && p.Empty && given[0] == "":
		return empty{}, true
	case len(given) == 1 && !p.Explode && given[0] != "" && isKind(p.Schema, "object") && strings.Contains(given[0], separator(p)):
		return d.former().joined(strings.Split(given[0], separator(p)), p.Schema, "/query/"+escapeToken(p.Name)), true
	case given != nil:
		return typed(given, p.Schema, separator(p)), true
	case p.Style == "form" && p.Explode && isKind(p.Schema, "object"):
		if v, ok := d.spread(p); ok {
			return v, true
		}
	}
	return d.deep(p)
}

// empty is a parameter without a value that the contract allows to have none.
type empty struct{}

func (d *decoder) readQuery() {
	if d.query == nil {
		// What cannot be parsed is left out, as servers do.
		d.query, _ = url.ParseQuery(d.request.URL.RawQuery)
	}
}

func (d *decoder) former() *formReader { return &formReader{base: "/query"} }

// deep reads name[property]=value, name[]=value and plain name=value into what the schema asks for.
func (d *decoder) deep(p *Param) (any, bool) {
	if d.tree == nil {
		d.tree = d.branches()
	}
	b := d.tree.under(p.Name)
	if b == nil {
		return nil, false
	}
	f := d.former()
	if len(b.texts) > 0 && len(b.names)+len(b.pushed) == 0 {
		if p.Empty && len(b.texts) == 1 && b.texts[0] == "" {
			return empty{}, true
		}
		return typed(b.texts, p.Schema, separator(p)), true
	}
	v := f.value(b, p.Schema, "/query/"+escapeToken(p.Name))
	d.found = append(d.found, f.found...)
	return v, true
}

// branches takes the query apart at the brackets of its names.
func (d *decoder) branches() *branch {
	root, f := &branch{}, d.former()
	for pair := range strings.SplitSeq(d.request.URL.RawQuery, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil || name == "" {
			continue
		}
		if value, err = url.QueryUnescape(value); err != nil {
			continue
		}
		if !f.put(root, f.tokens(name, nil), value) {
			break
		}
	}
	d.found = append(d.found, f.found...)
	return root
}

// spread collects an object whose properties are parameters of their own: style form, exploded.
func (d *decoder) spread(p *Param) (any, bool) {
	b, f := &branch{}, d.former()
	for _, name := range d.spreadNames(p) {
		if given := d.query[name]; given != nil {
			f.child(b, name).texts = given
		}
	}
	if len(b.names) == 0 {
		return nil, false
	}
	v := f.fields(b, p.Schema, "/query")
	d.found = append(d.found, f.found...)
	return v, true
}

// spreadNames are the properties that the object declares, and what nobody declares if it takes any name.
func (d *decoder) spreadNames(p *Param) []string {
	names := slices.Clone(p.Schema.Properties())
	if extraIn(p.Schema, maxHops) == nil {
		return names
	}
	for name := range d.query {
		taken := slices.Contains(names, name)
		for i := range d.plan.Params {
			taken = taken || d.plan.Params[i].In == "query" && d.plan.Params[i].Name == name
		}
		if !taken {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Names are the names in a query that the parameter is written with, without brackets.
func (p *Param) Names() []string {
	names := []string{strings.TrimSuffix(p.Name, "[]")}
	if p.In == "query" && p.Style == "form" && p.Explode && !p.JSON && isKind(p.Schema, "object") {
		names = append(names, p.Schema.Properties()...)
	}
	return names
}

func separator(p *Param) string {
	switch p.Style {
	case "spaceDelimited":
		return " "
	case "pipeDelimited":
		return "|"
	}
	return ","
}
