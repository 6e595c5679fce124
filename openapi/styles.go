package openapi

import "strings"

// styled reads one text of a path, header or cookie by its style: simple 3,4 · label .3.4 · matrix ;id=3;id=4 · and objects in each of them.
func (d *decoder) styled(p *Param, given string) any {
	pairs, by := p.Explode, ","
	switch p.Style {
	case "label":
		if rest, ok := strings.CutPrefix(given, "."); ok {
			given = rest
			if p.Explode || !strings.Contains(given, ",") {
				by = "."
			}
		}
	case "matrix":
		if rest, ok := strings.CutPrefix(given, ";"); ok {
			given = d.matrix(p, rest)
			if p.Explode {
				by = ";"
			}
		}
	case "form":
		pairs = false
	}
	switch {
	case isKind(p.Schema, "array") && !isKind(p.Schema, "string"):
		return typed(trimmed(p, strings.Split(given, by)), p.Schema, by)
	case isKind(p.Schema, "object") && !isKind(p.Schema, "string") && !strings.HasPrefix(given, "{") && given != "":
		texts := trimmed(p, strings.Split(given, by))
		if pairs {
			texts = paired(texts)
		}
		f := formReader{base: "/" + p.In}
		return f.joined(texts, p.Schema, "/"+p.In+"/"+escapeToken(p.Name))
	}
	return formText(given, p.Schema)
}

// matrix takes the name off: of the whole, or of each item.
func (d *decoder) matrix(p *Param, given string) string {
	name := p.Name + "="
	if !p.Explode || !isKind(p.Schema, "array") {
		return strings.TrimPrefix(given, name)
	}
	items := strings.Split(given, ";")
	for i := range items {
		items[i] = strings.TrimPrefix(items[i], name)
	}
	return strings.Join(items, ";")
}

// trimmed takes the spaces off that a header may have after its commas.
func trimmed(p *Param, texts []string) []string {
	if p.In == "header" {
		for i := range texts {
			texts[i] = strings.TrimSpace(texts[i])
		}
	}
	return texts
}

// paired makes name=value into name and value.
func paired(texts []string) []string {
	out := make([]string, 0, 2*len(texts))
	for _, text := range texts {
		name, value, _ := strings.Cut(text, "=")
		out = append(out, name, value)
	}
	return out
}
