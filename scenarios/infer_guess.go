package scenarios

import (
	"regexp"
	"slices"
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
	both := 0
	for _, name := range small.Properties() {
		if large.Has(name) {
			both++
		}
	}
	return both*10 >= len(small.Properties())*7
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
	g.within(len(n.segments))
	if before := g.s.nouns[blank(n.segments[:len(n.segments)-1], "")]; before != nil && len(n.items) == 0 && len(n.at.methods) == 1 {
		if why := g.beneath(before, lastWord(n)); why != "" {
			return why
		}
	}
	switch {
	case g.isSingle(n):
		return g.single(n)
	case g.method == "POST":
		return g.create(n)
	case g.method == "GET" || g.method == "HEAD":
		if g.isCatalogue(n.kind) {
			return ""
		}
		g.does("list", n.kind)
		return "GET on a collection of " + n.word + " objects"
	}
	return ""
}

// isSingle tells a thing of which there is one: it has no items, and reading
// it shows no list.
func (g *guess) isSingle(n *noun) bool {
	if n.at == nil || len(n.items) > 0 {
		return false
	}
	get := n.at.methods["GET"]
	if get == nil {
		return n.at.methods["POST"] == nil
	}
	s := g.replyOf(get)
	if s == nil {
		return !isPlural(snakeWord(n.segments[len(n.segments)-1]))
	}
	return !isListReply(s) && isObject(s)
}

// isCatalogue reports a list of things that nothing in the contract makes or
// shows one by one.
func (g *guess) isCatalogue(k *shape) bool {
	return !slices.ContainsFunc(k.nouns, func(n *noun) bool {
		return len(n.items) > 0 || n.at != nil && n.at.methods["POST"] != nil
	})
}

func (g *guess) create(n *noun) string {
	s := g.reply()
	if s != nil && len(n.items) == 0 && n.at.methods["GET"] == nil {
		if parent := g.parentOf(n); parent != nil && (g.about(parent.kind) || g.moveOf(parent.kind, n.word) != nil && !isPlural(lastWord(n))) {
			return g.act(parent, lastWord(n), len(n.segments)-2)
		}
		if found := ShapeOf(s, isListReply(s)); g.idField(n.kind, found.Object) == "" {
			if parent := g.parentOf(n); parent != nil {
				return g.beside(parent)
			}
			return ""
		}
	}
	if s == nil && len(n.items) == 0 && g.lookOf(n.kind).object == nil {
		if parent := g.parentOf(n); parent != nil && !isPlural(lastWord(n)) {
			return g.act(parent, lastWord(n), len(n.segments)-2)
		}
	}
	g.does("create", n.kind)
	return "POST on a collection of " + n.word + " objects"
}

func lastWord(n *noun) string { return snakeWord(n.segments[len(n.segments)-1]) }

// single is a thing of which there is one, or one for each parent.
func (g *guess) single(n *noun) string {
	verb := map[string]string{"GET": "read", "HEAD": "read", "PUT": "put", "PATCH": "update", "DELETE": "remove", "POST": "create"}[g.method]
	at := n.at.methods
	switch {
	case verb == "":
		return ""
	case len(at) == 1 && g.method == "GET":
		return g.facet(n)
	case verb == "put" && at["POST"] != nil, verb == "create" && at["PUT"] == nil && at["DELETE"] == nil:
		verb = "update"
	case verb == "create" && at["PUT"] != nil && at["DELETE"] == nil:
		verb = "update"
	}
	g.does(verb, n.kind)
	return g.method + " on the only " + n.word + under(n)
}

func under(n *noun) string {
	if slices.ContainsFunc(n.segments, isParam) {
		return " of its parent"
	}
	return ""
}

// facet is something that can only be read about a thing, or about everything.
func (g *guess) facet(n *noun) string {
	parent := g.parentOf(n)
	switch {
	case parent == nil && strings.Contains(n.path, "{}"):
		return ""
	case parent == nil:
		g.does("read", n.kind)
		return "GET on the only " + n.word
	case g.about(parent.kind):
		g.upTo(len(n.segments) - 2)
		g.does("read", parent.kind)
		return "GET that shows the " + parent.word + " itself"
	}
	return g.beside(parent)
}

// beside answers a sample where what stands before it is known to be there.
func (g *guess) beside(parent *noun) string {
	if len(g.out.Within) == 0 {
		return ""
	}
	g.out.Verb = "sample"
	return "generated from the schema; the " + parent.word + " must exist"
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
	return slices.ContainsFunc(k.nouns, func(n *noun) bool {
		if n.at != nil && n.at.methods["POST"] != nil {
			return true
		}
		return slices.ContainsFunc(n.items, func(p *pathPlace) bool { return g.puts(n, p) })
	})
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
	g.within(last)
	verb := map[string]string{"GET": "read", "HEAD": "read", "PUT": "update", "PATCH": "update", "DELETE": "remove", "POST": "update"}[g.method]
	why := "an item of the collection"
	switch {
	case verb == "":
		return ""
	case g.method == "PUT" && g.puts(n, g.p):
		verb, why = "put", "PUT with the caller's id"
	case g.method == "POST" && len(g.p.methods) == 1 && !g.known(n):
		return ""
	}
	g.does(verb, n.kind)
	return g.method + " on " + why + " of " + n.word + " objects"
}

func (g *guess) known(n *noun) bool { return g.canBe(n.kind) }

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
