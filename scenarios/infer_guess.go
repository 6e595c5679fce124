package scenarios

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sandgate/sandgate/openapi"
)

// guess finds out what one operation does.
type guess struct {
	*Inference
	s      *shapes
	p      *pathPlace
	method string
	op     *openapi.Operation
	out    *Operation
	asking []*shape // kinds that it is being found out of whether they can be made
}

func (g *guess) decide() (*Operation, string, bool) {
	var why string
	switch n := g.p.noun; {
	case n == nil || g.p.verb != "":
		why = g.tail()
	case n.at == g.p:
		why = g.collection(n)
	default:
		why = g.item(n)
	}
	if why == "" || g.out.Verb == "" {
		return nil, "", false
	}
	return g.out, why, true
}

func (g *guess) reply() *openapi.Schema { return g.replyOf(g.op) }

// does binds the operation to a verb and a kind.
func (g *guess) does(verb string, k *shape) {
	g.out.Verb, g.out.Kind = verb, k.name
	list := verb == "list"
	if s := g.reply(); s != nil {
		found := ShapeOf(s, list || isListReply(s))
		g.out.Envelope = strings.Join(found.Path, ".")
		if !list && found.Object != nil {
			g.deeper(k, found)
		}
	}
	if plan, err := g.doc.Plan(g.op); err == nil && list {
		g.out.Pages = PagesOf(plan)
		g.filters(k, plan)
	}
	if verb == "update" {
		g.out.Patch = patchOf(g.op, g.doc)
	}
}

// deeper finds the object inside another that a reply shows, such as the
// command that cancels it.
func (g *guess) deeper(k *shape, found Shape) {
	l := g.lookOf(k)
	if l.object == nil || like(found.Object, l.object) {
		return
	}
	for _, name := range found.Object.Properties() {
		if inner := found.Object.Property(name); isObject(inner) && like(object(inner), l.object) {
			g.out.Envelope = strings.Join(append(slices.Clone(found.Path), name), ".")
			return
		}
	}
}

// like tells whether two schemas show the same kind: one is the other, or most
// of the smaller one's properties are in both.
func like(a, b *openapi.Schema) bool {
	if a == nil || b == nil {
		return false
	}
	if a == b || a.Name() != "" && a.Name() == b.Name() {
		return true
	}
	small, large := a, b
	if len(small.Properties()) > len(large.Properties()) {
		small, large = large, small
	}
	if len(small.Properties()) < 3 {
		return false
	}
	want := 7
	if a.Name() != "" && b.Name() != "" {
		want = 9 // other names, other things, unless nearly all is the same
	}
	both := 0
	for _, name := range small.Properties() {
		if large.Has(name) {
			both++
		}
	}
	return both*10 >= len(small.Properties())*want
}

// about reports a reply that shows objects of a kind, alone or in a list.
func (g *guess) about(k *shape) bool {
	s, l := g.reply(), g.lookOf(k)
	if s == nil || l.object == nil {
		return false
	}
	return like(ShapeOf(s, isListReply(s)).Object, l.object)
}

// collection is an operation on a collection, or on a thing of which there is one.
func (g *guess) collection(n *noun) string {
	end := len(n.segments)
	parent := g.parentOf(n)
	if before := g.s.nouns[blank(n.segments[:end-1], "")]; before != nil && len(n.items) == 0 {
		if why, sure := g.belongs(before, n); sure {
			return why
		}
	}
	switch g.within(end); {
	case parent != nil && parent.kind == n.kind && g.method != "GET":
		return g.act(parent, lastWord(n), end-2)
	case g.isSingle(n):
		return g.single(n)
	case parent != nil && g.isOf(n, parent):
		return g.ofParent(n, parent)
	case g.method == "POST":
		return g.create(n)
	case g.method == "GET" || g.method == "HEAD":
		if g.isCatalogue(n.kind) || parent != nil && parent.kind == n.kind || g.about(n.kind) && !isListReply(g.reply()) {
			return g.facet(n)
		}
		g.does("list", n.kind)
		g.sorted(n)
		return "GET on the collection of " + many(n)
	}
	if parent != nil {
		return g.beside(parent)
	}
	return ""
}

// many is what the things of a noun are called.
func many(n *noun) string {
	last := strings.ReplaceAll(lastWord(n), "_", " ")
	if isPlural(lastWord(n)) {
		return last
	}
	return strings.ReplaceAll(n.word, "_", " ") + " objects"
}

func one(n *noun) string { return strings.ReplaceAll(n.word, "_", " ") }

// belongs is an operation whose last segment may say which of a collection it
// is about, or what is done with it.
func (g *guess) belongs(before, n *noun) (why string, sure bool) {
	if g.singular(before) {
		return "", false
	}
	if len(n.at.methods) == 1 || n.kind == before.kind {
		if why = g.beneath(before, lastWord(n)); why != "" {
			return why, true
		}
		// What can only be read under a collection is computed from it.
		if g.method == "GET" && len(before.items) > 0 && !isListReply(g.reply()) {
			return "", true
		}
	}
	return "", false
}

// sorted narrows a list to the things whose type is what the path says, where
// other paths lead to things of another type.
func (g *guess) sorted(n *noun) {
	if field, word := g.typeOf(n); field != "" {
		g.out.Where = append(g.out.Where, Filter{Param: field, Field: field, Op: "=", Value: strconv.Quote(word), When: "true"})
	}
}

// typeOf is the property, and its value, that tells the things of this path
// from others of their kind.
func (g *guess) typeOf(n *noun) (field, word string) {
	l := g.lookOf(n.kind)
	if l.object == nil || n == n.kind.nouns[0] {
		return "", ""
	}
	for _, name := range l.object.Properties() {
		if !slices.Contains([]string{"type", "kind", "method", "category", "objecttype"}, plainWord(name)) {
			continue
		}
		for _, v := range l.object.Property(name).Enum() {
			if text, ok := v.(string); ok && plainWord(singular(snakeWord(text))) == plainWord(n.word) {
				return name, text
			}
		}
	}
	return "", ""
}

func (g *guess) hasItems(k *shape) bool {
	return slices.ContainsFunc(k.nouns, func(n *noun) bool { return len(n.items) > 0 })
}

// isCatalogue reports a list of things that nothing in the contract makes or
// shows one by one.
func (g *guess) isCatalogue(k *shape) bool {
	return !slices.ContainsFunc(k.nouns, func(n *noun) bool {
		return len(n.items) > 0 || n.at != nil && n.at.methods["POST"] != nil
	})
}

// create is POST on a collection, unless what it answers tells otherwise.
func (g *guess) create(n *noun) string {
	s, parent := g.reply(), g.parentOf(n)
	lonely := len(n.items) == 0 && n.at.methods["GET"] == nil // nothing reads it here
	switch {
	case lonely && parent != nil && g.ofItem(n, parent, s):
		return g.act(parent, lastWord(n), len(n.segments)-2)
	case lonely && !g.hasItems(n.kind) && (s == nil || isListReply(s) || g.idField(n.kind, ShapeOf(s, false).Object) == ""):
		if parent != nil {
			return g.beside(parent)
		}
		return ""
	}
	g.does("create", n.kind)
	if field, word := g.typeOf(n); field != "" {
		g.out.Set = Template{Map: true, Fields: []Field{{field, Template{Expr: strconv.Quote(word)}}}}
	}
	return "POST on the collection of " + many(n)
}

func sameName(a, b *openapi.Schema) bool {
	return a != nil && b != nil && (a == b || a.Name() != "" && a.Name() == b.Name())
}

// ofItem reports a POST under an item that acts on the item itself: it answers
// it, or its word says what becomes of it.
func (g *guess) ofItem(n, parent *noun, s *openapi.Schema) bool {
	switch {
	case s != nil && g.hasItems(n.kind) && sameName(ShapeOf(s, false).Object, g.lookOf(n.kind).object):
		return n.kind == parent.kind
	case s != nil && g.about(parent.kind):
		return true
	case isPlural(lastWord(n)):
		return false
	case g.moveOf(parent.kind, n.word) != nil:
		return true
	}
	return s == nil && g.lookOf(n.kind).object == nil && g.canBe(parent.kind)
}

func lastWord(n *noun) string { return snakeWord(n.segments[len(n.segments)-1]) }

// item is an operation on one of a collection.
func (g *guess) item(n *noun) string {
	last := len(g.p.segments) - 1
	verb := map[string]string{"GET": "read", "HEAD": "read", "PUT": "update", "PATCH": "update", "DELETE": "remove", "POST": "update"}[g.method]
	word, parent := last-1, g.parentOf(n)
	switch {
	case verb == "":
		return ""
	case parent != nil && parent.kind == n.kind && !g.hasOwnItem(n):
		return g.act(parent, lastWord(n), word-1)
	case parent != nil && g.method != "GET" && len(g.p.methods) == 1 && !g.canBe(n.kind) && len(n.kind.nouns) == 1 && n.at == nil:
		return g.act(parent, lastWord(n), word-1) // protest/{type} of a bill
	case g.method == "GET" && g.isFacet(n):
		return g.aboutItem(n, last)
	}
	g.within(last)
	switch {
	case parent != nil && !g.canBe(n.kind) && !g.readable(n.kind):
		return g.beside(parent)
	case isListReply(g.reply()) && g.method == "GET" && !g.about(n.kind):
		return ""
	}
	why := g.method + " on one of the " + many(n)
	if g.method == "PUT" && g.puts(n, g.p) {
		verb, why = "put", "PUT with the caller's own id"
	}
	g.does(verb, n.kind)
	return why
}

// hasOwnItem reports a collection whose items are read at its own path.
func (g *guess) hasOwnItem(n *noun) bool {
	return n.at != nil || slices.ContainsFunc(n.items, func(p *pathPlace) bool { return p.methods["GET"] != nil })
}

// isFacet recognises X/timeline/{id}, where the id is that of an X.
func (g *guess) isFacet(n *noun) bool {
	end := len(n.segments) - 1
	before := g.s.nouns[blank(n.segments[:end], "")]
	if before == nil || len(before.items) == 0 || len(n.items) != 1 || len(n.kind.nouns) != 1 || n.at != nil || len(n.items[0].methods) != 1 {
		return false
	}
	param := snakeWord(g.name(len(g.p.segments) - 1))
	return !strings.Contains(param, n.word)
}

// aboutItem shows something about one of the collection before, or the ones of
// it that belong to another.
func (g *guess) aboutItem(n *noun, last int) string {
	before := g.s.nouns[blank(n.segments[:len(n.segments)-1], "")]
	param := g.name(last)
	if !g.about(before.kind) {
		return g.existing(before, last)
	}
	l := g.lookOf(before.kind)
	if !isListReply(g.reply()) {
		return g.existing(before, last)
	}
	g.does("list", before.kind)
	if field := fieldNaming(l.object, n, param); field != "" {
		g.out.Where = append(g.out.Where, Filter{Param: param, Field: field, Op: "=", Value: pathParam(param), When: "true"})
	}
	return "GET that lists the " + many(before) + " of the " + one(n)
}

// patchOf says how a change is written, by the media type of its body.
func patchOf(o *openapi.Operation, doc *openapi.Document) string {
	plan, err := doc.Plan(o)
	if err != nil || plan.Body == nil {
		return ""
	}
	for media, schema := range plan.Body.Media {
		switch {
		case strings.Contains(media, "json-patch"):
			return "json-patch"
		case strings.Contains(media, "merge-patch"):
			return "merge-patch"
		case isList(schema) && object(schema).Items() != nil && object(schema).Items().Has("op") && object(schema).Items().Has("path"):
			return "json-patch"
		}
	}
	return ""
}
