package scenarios

import (
	"regexp"
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

// singular reports a noun of which there is one.
func (g *guess) singular(n *noun) bool { return n.at != nil && g.isSingle(n) }

// isOf reports the one thing of a kind that belongs to a parent, such as the
// dispute of a charge.
func (g *guess) isOf(n, parent *noun) bool {
	if len(n.items) > 0 || n.kind == parent.kind || !g.hasItems(n.kind) || isPlural(lastWord(n)) {
		return false
	}
	get := n.at.methods["GET"]
	return get != nil && isObject(g.replyOf(get)) && !isListReply(g.replyOf(get))
}

// ofParent finds it by the field that names the parent.
func (g *guess) ofParent(n, parent *noun) string {
	if !g.findOf(n, parent) {
		return g.beside(parent)
	}
	verb := map[string]string{"GET": "read", "HEAD": "read", "PUT": "update", "PATCH": "update", "POST": "update", "DELETE": "remove"}[g.method]
	id := g.out.ID
	g.does(verb, n.kind)
	g.out.ID = id
	return g.method + " on the " + one(n) + " of the " + one(parent)
}

func (g *guess) findOf(n, parent *noun) bool {
	l := g.lookOf(n.kind)
	param := len(n.segments) - 2
	if l.object == nil {
		return false
	}
	field := fieldNaming(l.object, parent, strings.Trim(n.segments[param], "{}"))
	if field == "" {
		return false
	}
	g.out.ID = `find("` + n.kind.name + `", "` + field + `", ` + pathParam(g.name(param)) + `)?.id`
	return true
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

// isSingle tells a thing of which there is one: it has no items, and reading
// it shows no list.
func (g *guess) isSingle(n *noun) bool {
	if n.at == nil || g.hasItems(n.kind) {
		return false
	}
	get := n.at.methods["GET"]
	if get == nil {
		return n.at.methods["POST"] == nil
	}
	s := g.replyOf(get)
	if s == nil {
		return !isPlural(lastWord(n))
	}
	return !isListReply(s) && isObject(s) && !g.paged(get)
}

// paged reports parameters that choose a page: what comes is a list, whatever
// the contract shows of it.
func (g *guess) paged(o *openapi.Operation) bool {
	plan, err := g.doc.Plan(o)
	if err != nil {
		return false
	}
	page, _ := queryParam(plan, pageParams)
	limit, _ := queryParam(plan, limitParams)
	return page != "" && limit != ""
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

// single is a thing of which there is one, or one for each parent.
func (g *guess) single(n *noun) string {
	verb := map[string]string{"GET": "read", "HEAD": "read", "PUT": "put", "PATCH": "update", "DELETE": "remove", "POST": "create"}[g.method]
	at, parent := n.at.methods, g.parentOf(n)
	switch {
	case verb == "":
		return ""
	case parent != nil && at["GET"] == nil:
		if why := g.property(n, parent); why != "" {
			return why
		}
		if at["DELETE"] == nil {
			return g.act(parent, lastWord(n), len(n.segments)-2)
		}
	case len(at) == 1 && g.method == "GET":
		return g.facet(n)
	case at["GET"] == nil && at["DELETE"] == nil:
		return "" // nothing shows what became of it
	case verb == "put" && at["POST"] != nil:
		verb = "update"
	case verb == "create" && (at["PUT"] == nil || at["DELETE"] == nil) && (at["DELETE"] == nil || at["GET"] == nil):
		verb = "update"
	}
	g.does(verb, n.kind)
	if parent != nil {
		return g.method + " on the only " + one(n) + " of the " + one(parent)
	}
	return g.method + " on the only " + one(n)
}

// property is something that a path puts into a thing, or takes out of it.
func (g *guess) property(n, parent *noun) string {
	l := g.lookOf(parent.kind)
	if l.object == nil {
		return ""
	}
	for _, name := range l.object.Properties() {
		if snakeWord(name) != lastWord(n) {
			continue
		}
		g.upTo(len(n.segments) - 2)
		g.does("update", parent.kind)
		if g.method == "DELETE" {
			g.out.Copy = &[]string{}
			g.out.Set = Template{Map: true, Fields: []Field{{name, Template{Expr: "nil"}}}}
			return "DELETE of a property of the " + one(parent)
		}
		return g.method + " of a property of the " + one(parent)
	}
	return ""
}

// facet is something that can only be read about a thing, or about everything.
func (g *guess) facet(n *noun) string {
	parent := g.parentOf(n)
	switch {
	case parent == nil && (strings.Contains(n.path, "{}") || g.hasItems(n.kind) || isListReply(g.reply()) || !isObject(g.reply())):
		return ""
	case parent == nil:
		g.does("read", n.kind)
		return "GET on the only " + one(n)
	case g.about(parent.kind) && !isListReply(g.reply()):
		g.upTo(len(n.segments) - 2)
		g.does("read", parent.kind)
		return "GET that shows the " + one(parent) + " itself"
	}
	return g.beside(parent)
}

// beside answers a sample where what stands before it is known to be there.
func (g *guess) beside(parent *noun) string {
	if len(g.out.Within) == 0 {
		return ""
	}
	g.out.Verb, g.out.ID, g.out.Envelope = "sample", "", ""
	return "generated from the schema, and the " + one(parent) + " must exist"
}

// parentOf is the collection that the things of a noun stand under.
func (g *guess) parentOf(n *noun) *noun {
	for end := len(n.segments) - 1; end > 1; end-- {
		if isParam(n.segments[end-1]) {
			return g.s.owner(n.segments[:end])
		}
		return nil
	}
	return nil
}

// owner is the collection that a path ending in a parameter is an item of.
func (s *shapes) owner(segments []string) *noun {
	end := len(segments)
	for end > 0 && isParam(segments[end-1]) {
		end--
	}
	if n := s.nouns[blank(segments[:len(segments)-1], "")]; n != nil {
		return n
	}
	return s.nouns[blank(segments[:end], "")]
}

// within notes the things that a path goes through, up to a segment.
func (g *guess) within(end int) {
	for i := 1; i < end; i++ {
		if !isParam(g.p.segments[i]) || i+1 < end && isParam(g.p.segments[i+1]) {
			continue
		}
		n := g.s.owner(g.p.segments[:i+1])
		if n == nil || n.kind == nil || !g.canBe(n.kind) {
			continue
		}
		g.out.Within = append(g.out.Within, Within{Kind: n.kind.name, ID: pathParam(g.name(i))})
	}
}

// upTo makes the parameter of a segment the id of what the operation is about.
func (g *guess) upTo(i int) {
	g.out.Within = nil
	g.within(i)
	if slices.ContainsFunc(g.p.segments[i+1:], isParam) {
		g.out.ID = pathParam(g.name(i))
	}
}

// name is what this operation calls the parameter of a segment.
func (g *guess) name(i int) string {
	segment := g.op.Segments[i]
	segment, _, _ = strings.Cut(strings.TrimPrefix(segment, "{"), "}")
	return segment
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func pathParam(name string) string { return "request.path" + memberOf(name) }

func memberOf(name string) string {
	if identifier.MatchString(name) {
		return "." + name
	}
	return `["` + strings.ReplaceAll(name, `"`, `\"`) + `"]`
}

// canBe reports a kind that something in the contract makes.
func (g *guess) canBe(k *shape) bool {
	if can, known := g.made.Load(k); known {
		return can.(bool)
	}
	if slices.Contains(g.asking, k) {
		return true // whether it can be made hangs on itself
	}
	can := false
	for _, n := range k.nouns {
		for _, p := range g.s.near(n) {
			for _, method := range p.order {
				can = can || (method == "POST" || method == "PUT") && g.isMaking(p, method, k)
			}
		}
	}
	if len(g.asking) == 0 {
		g.made.Store(k, can)
	}
	return can
}

// isMaking reports an operation that makes one of a kind.
func (g *guess) isMaking(p *pathPlace, method string, k *shape) bool {
	o := p.methods[method]
	other := &guess{Inference: g.Inference, s: g.s, p: p, method: method, op: o, out: &Operation{Key: o.Key()}, asking: append(slices.Clone(g.asking), k)}
	op, _, ok := other.decide()
	return ok && op.Kind == k.name && (op.Verb == "create" || op.Verb == "put")
}

// near are the places of a noun, its items and what stands one segment below.
func (s *shapes) near(n *noun) []*pathPlace {
	var out []*pathPlace
	if n.at != nil {
		out = append(out, n.at)
	}
	out = append(out, n.items...)
	return append(out, s.below[n.path]...)
}

// puts reports an item that PUT makes: nothing else does.
func (g *guess) puts(n *noun, item *pathPlace) bool {
	put := item.methods["PUT"]
	if put == nil {
		return false
	}
	for _, other := range n.kind.nouns {
		if other.at != nil && other.at.methods["POST"] != nil {
			return strings.Contains(string(put.Field("responses")), `"201"`)
		}
	}
	return true
}

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
	case parent != nil && !g.canBe(n.kind) && !g.isShown(n.kind):
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

// isShown reports a kind that can be read one by one.
func (g *guess) isShown(k *shape) bool { return g.readable(k) }

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
