package scenarios

import (
	"strings"

	"github.com/sandgate/sandgate/openapi"
)

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
