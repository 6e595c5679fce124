package scenarios

import (
	"slices"
	"strings"

	"github.com/sandgate/sandgate/openapi"
)

// Resource is a kind as the contract shows it, nil if there is none of that
// name.
func (i *Inference) Resource(kind string) (*Resource, error) {
	s := i.shapes()
	k := s.kinds[kind]
	if k == nil {
		return nil, nil
	}
	r := &Resource{Kind: kind}
	g := &guess{Inference: i, s: s}
	single := slices.ContainsFunc(k.nouns, func(n *noun) bool {
		return g.isSingle(n)
	})
	if single {
		r.Singleton = true
		r.Assumed = !slices.ContainsFunc(k.nouns, func(n *noun) bool {
			at := n.at.methods
			return at["DELETE"] != nil || at["POST"] != nil && at["PUT"] != nil
		})
	}
	r.Parent = g.parent(k)
	l := i.lookOf(k)
	if l.object == nil {
		r.IDField = idParam(k)
		return r, nil
	}
	if r.Schema = []string{l.key}; l.object.Name() != "" {
		r.Schema = []string{l.object.Name()}
	}
	if r.IDField = g.idField(k, l.object); r.IDField != "" {
		r.ID = g.formFor(k, l.object.Property(r.IDField))
	}
	if r.IDField == "id" {
		r.IDField = ""
	} else if r.IDField == "" && !single && string(l.object.Field("additionalProperties")) != "false" {
		r.IDField = paramIn(k) // or nobody could tell which one it is
	}
	r.Stamps = stampsOf(l.object)
	if st := g.statusOf(k); st != nil {
		var start any = st.start
		r.Status = Status{Field: st.field, Start: Template{Const: &start}}
		r.Moves = g.moves(k)
	}
	for _, name := range l.object.Properties() {
		if p := l.object.Property(name); plainWord(name) == "metadata" && p.Type() == "object" {
			r.Merge = append(r.Merge, name)
		}
	}
	r.References, r.Expand = g.references(k, l.object)
	return r, nil
}

// idParam is what paths call the id, where nothing shows the objects and the
// name says that it is one.
func idParam(k *shape) string {
	for _, name := range paramsOf(k) {
		if slices.Contains(idEndings, strings.ToLower(name)) && name != "id" {
			return name
		}
	}
	return ""
}

// paramIn is what paths call the id of what can be read, "" if nothing can.
func paramIn(k *shape) string {
	for _, n := range k.nouns {
		for _, item := range n.busiest() {
			if item.methods["GET"] != nil {
				return strings.Trim(item.segments[len(item.segments)-1], "{}")
			}
		}
	}
	return ""
}

// formFor is how ids look: as the property tells, else as paths want them.
func (g *guess) formFor(k *shape, property *openapi.Schema) string {
	if form := formOf(property); form != "" {
		return form
	}
	for _, n := range k.nouns {
		for _, item := range n.busiest() {
			o := item.methods["GET"]
			if o == nil {
				continue
			}
			plan, err := g.doc.Plan(o)
			if err != nil {
				continue
			}
			name := strings.Trim(item.segments[len(item.segments)-1], "{}")
			for _, p := range plan.Params {
				if p.In == "path" && p.Name == name && p.Schema.Type() == property.Type() {
					return formOf(p.Schema)
				}
			}
		}
	}
	return ""
}

// parent is the kind that a kind's path goes through, and the field that shows it.
func (g *guess) parent(k *shape) *Parent {
	for _, n := range k.nouns {
		p := g.parentOf(n)
		if p == nil || p.kind == nil || p.kind == k || !g.canBe(p.kind) {
			continue
		}
		out := &Parent{Kind: p.kind.name}
		if l := g.lookOf(k); l.object != nil {
			param := strings.Trim(g.paramBelow(n), "{}")
			out.Field = fieldNaming(l.object, p, param)
		}
		return out
	}
	return nil
}

// paramBelow is what the parent's parameter is called.
func (g *guess) paramBelow(n *noun) string { return n.segments[len(n.segments)-2] }

// fieldNaming is the property of an object that names one of a kind.
func fieldNaming(s *openapi.Schema, n *noun, param string) string {
	ends := ""
	for _, name := range s.Properties() {
		word := snakeWord(name)
		switch {
		case name == param && param != "id", idLike(word, n.word), idLike(word, n.kind.name):
			if p := s.Property(name); !isList(p) {
				return name
			}
		case param != "" && strings.Contains(param, "_") && strings.HasSuffix(word, "_"+snakeWord(param)):
			ends = name
		}
	}
	return ends
}

var idEndings = []string{"id", "uid", "uuid", "code", "ref", "reference", "guid", "token", "key", "sid"}

// idNames are properties that are an id wherever they stand, the surest first.
var idNames = []string{"id", "uid", "uuid", "guid", "_id", "sid", "pspreference", "txid"}

// otherIDs are ids where nothing better is there.
var otherIDs = []string{"reference", "code", "token", "key", "slug", "identifier", "number"}

// idField is the property that shows an object's id, "" if none does.
func (g *guess) idField(k *shape, s *openapi.Schema) string {
	if s == nil {
		return ""
	}
	word := k.nouns[0].word
	for _, param := range paramsOf(k) {
		if name := idByParam(s, param, word, k.name); name != "" {
			return name
		}
	}
	for _, want := range idNames {
		for _, name := range s.Properties() {
			if strings.EqualFold(name, want) && isScalar(s.Property(name)) {
				return name
			}
		}
	}
	for _, name := range s.Properties() {
		w := snakeWord(name)
		if isScalar(s.Property(name)) && w != word && (idLike(w, word) || idLike(w, k.name)) {
			return name
		}
	}
	for _, want := range otherIDs {
		if s.Has(want) && isScalar(s.Property(want)) && slices.Contains(s.Required(), want) {
			return want
		}
	}
	return ""
}

func isScalar(s *openapi.Schema) bool {
	switch s.Type() {
	case "string", "integer":
		return true
	case "number", "":
		return len(s.Properties()) == 0 && len(s.Variants()) == 0
	}
	return false
}

// paramsOf are the names that paths give the id of a kind.
func paramsOf(k *shape) []string {
	var out []string
	for _, n := range k.nouns {
		for _, item := range n.items {
			name := strings.Trim(item.segments[len(item.segments)-1], "{}")
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// idByParam finds the property that a path's parameter is about.
func idByParam(s *openapi.Schema, param, word, kind string) string {
	p := snakeWord(param)
	ends, found := 0, ""
	for _, name := range s.Properties() {
		w := snakeWord(name)
		switch {
		case !isScalar(s.Property(name)):
			continue
		case w == p && (p != word && p != kind || !s.Has("id")):
			return name
		case w == word+"_"+p, w == kind+"_"+p, acronym(w) == p, w == strings.Replace(p, word+"_", "", 1) && w != p:
			return name
		case slices.Contains(idEndings, p) && p != "id" && strings.HasSuffix(w, "_"+p):
			ends, found = ends+1, name
		}
	}
	if ends == 1 && !s.Has("id") || ends == 1 && p == "code" {
		return found
	}
	return ""
}

// acronym shortens end_to_end_id to e2eid.
func acronym(word string) string {
	parts := strings.Split(word, "_")
	if len(parts) < 3 || parts[len(parts)-1] != "id" {
		return ""
	}
	out := ""
	for _, part := range parts[:len(parts)-1] {
		if part == "to" {
			out += "2"
		} else if part != "" {
			out += part[:1]
		}
	}
	return out + "id"
}

// references are the fields that name one of another kind, and those of them
// that may show the object itself.
func (g *guess) references(k *shape, s *openapi.Schema) (refs, expand []Pair) {
	for _, name := range s.Properties() {
		p := s.Property(name)
		other, sure := g.kindNamed(snakeWord(name))
		if other == nil || other == k && !sure {
			continue
		}
		if asObject := eitherIDOrObject(p); asObject != nil {
			expand = append(expand, Pair{name, other.name})
			if g.canBe(other) {
				refs = append(refs, Pair{name, other.name})
			}
			continue
		}
		if sure && p.Type() == "string" && p.Format() == "" && len(p.Enum()) == 0 && g.canBe(other) && g.readable(other) {
			refs = append(refs, Pair{name, other.name})
		}
	}
	return refs, expand
}

func (g *guess) readable(k *shape) bool {
	return slices.ContainsFunc(k.nouns, func(n *noun) bool {
		return slices.ContainsFunc(n.items, func(p *pathPlace) bool { return p.methods["GET"] != nil })
	})
}

// kindNamed is the kind that a field is called after: surely, if it says that
// it is an id.
func (g *guess) kindNamed(word string) (k *shape, sure bool) {
	if k = g.s.kinds[word]; k != nil {
		return k, false
	}
	for _, ending := range []string{"_id", "_uid", "_uuid"} {
		if stem, ok := strings.CutSuffix(word, ending); ok && g.s.kinds[stem] != nil {
			return g.s.kinds[stem], true
		}
	}
	return nil, false
}

// eitherIDOrObject recognises a property that is an id, or on demand the object.
func eitherIDOrObject(s *openapi.Schema) *openapi.Schema {
	var asID bool
	var asObject *openapi.Schema
	for _, v := range s.Variants() {
		switch {
		case v.Type() == "string":
			asID = true
		case isObject(v) && asObject == nil:
			asObject = v
		}
	}
	if asID {
		return asObject
	}
	return nil
}
