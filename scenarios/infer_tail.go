package scenarios

import (
	"slices"
	"strings"

	"github.com/sandgate/sandgate/openapi"
)

// tail is an operation whose path ends in what is done, or how something is
// looked for.
func (g *guess) tail() string {
	segments := g.p.segments
	n := len(segments)
	switch {
	case n == 0:
		return ""
	case g.p.verb != "" && isParam(segments[n-1]):
		if owner := g.s.owner(segments); owner != nil {
			return g.act(owner, g.p.verb, n-1)
		}
	case g.p.verb != "":
		if before := g.s.nouns[blank(segments, "")]; before != nil {
			return g.beneath(before, g.p.verb)
		}
	case isParam(segments[n-1]) && n > 2:
		return g.wordBefore(n - 1)
	case n > 1 && isParam(segments[n-2]):
		if owner := g.s.owner(segments[:n-1]); owner != nil {
			return g.act(owner, snakeWord(segments[n-1]), n-2)
		}
	case n > 1:
		if before := g.s.nouns[blank(segments[:n-1], "")]; before != nil {
			return g.beneath(before, snakeWord(segments[n-1]))
		}
	}
	return ""
}

// wordBefore is an operation whose word stands before the id: pause/{code}.
func (g *guess) wordBefore(param int) string {
	word := snakeWord(g.p.segments[param-1])
	before := g.s.nouns[blank(g.p.segments[:param-1], "")]
	if before == nil {
		return ""
	}
	if g.method == "GET" && (readWords[firstPart(word)] && doWords[firstPart(word)] || !isAction(word)) || g.method == "HEAD" {
		if !g.about(before.kind) {
			return ""
		}
		if isListReply(g.reply()) {
			g.does("list", before.kind)
			return "GET that lists " + before.word + " objects"
		}
		g.does("read", before.kind)
		g.byField(before.kind, g.name(param), pathParam(g.name(param)))
		return "GET that shows a " + before.word + " by its " + g.name(param)
	}
	return g.act(before, word, param)
}

// byField makes the id that of the one whose field has the value, where the
// parameter is called like a field that is not the id.
func (g *guess) byField(k *shape, name, value string) {
	l := g.lookOf(k)
	if l.object == nil || !l.object.Has(name) || name == g.idField(k, l.object) {
		return
	}
	g.out.ID = `find("` + k.name + `", "` + name + `", ` + value + `)?.` + "id"
}

// act is something done with one of a kind: a move where its name says what
// becomes of the status, else a change that stores nothing.
func (g *guess) act(n *noun, word string, param int) string {
	k := n.kind
	g.upTo(param)
	first := firstPart(word)
	what := " of a " + n.word
	switch {
	case removeWords[first] && (first == word || strings.HasSuffix(word, n.word)) && (g.method == "DELETE" || g.method == "POST" || g.method == "PUT"):
		g.does("remove", k)
		return g.method + " " + word + what
	case g.method == "GET" && isAction(word) && g.moveOf(k, word) == nil:
		if g.about(k) && !isListReply(g.reply()) {
			g.does("read", k)
			return "GET that shows the " + n.word + " itself"
		}
		return g.existing(n, param)
	case g.moveOf(k, word) != nil && g.method != "DELETE":
		m := g.moveOf(k, word)
		g.does("move", k)
		g.out.By = []string{m.Name}
		return word + what + " makes it " + m.To
	}
	s := g.reply()
	switch {
	case g.copies(first) && s != nil && g.about(k) && !isListReply(s):
		g.does("create", k)
		return word + " makes another " + n.word
	case s == nil || g.about(k):
	default:
		g.does("update", k)
		if g.out.Envelope == "" || !strings.Contains(g.out.Envelope, ".") {
			g.out = &Operation{Key: g.out.Key}
			g.upTo(param)
			return g.existing(n, param)
		}
	}
	g.does("update", k)
	if !changeWords[first] {
		g.out.Copy = &[]string{}
	}
	return word + what + ", which says nothing about its status"
}

func (g *guess) copies(first string) bool {
	return first == "duplicate" || first == "clone" || first == "copy"
}

// existing answers a sample where the thing itself is there.
func (g *guess) existing(n *noun, param int) string {
	if !g.canBe(n.kind) {
		return ""
	}
	g.out.ID = ""
	g.out.Within = append(g.out.Within, Within{Kind: n.kind.name, ID: pathParam(g.name(param))})
	return g.beside(n)
}

// beneath is an operation whose word stands after a collection: search,
// pending, cancel.
func (g *guess) beneath(n *noun, word string) string {
	k, first := n.kind, firstPart(word)
	reply := g.reply()
	about := g.about(k)
	read := g.method == "GET" || g.method == "HEAD"
	switch {
	case (read || g.method == "POST") && reply != nil && isListReply(reply) && (listWords[first] || about && read):
		if !listWords[first] && !about {
			return ""
		}
		g.does("list", k)
		g.ofState(k, word)
		return g.method + " that lists " + n.word + " objects"
	case read && about:
		return g.findBy(n, word)
	case read:
		return ""
	case g.method == "POST" && about && !g.bodyID(k, first) && g.idField(k, ShapeOf(reply, false).Object) != "" && !isListReply(reply):
		g.does("create", k)
		return word + " makes a " + n.word
	case isAction(word) || removeWords[first]:
		if !g.bodyID(k, first) {
			return ""
		}
		id := g.out.ID
		why := g.actByBody(n, word)
		if g.out.Verb != "" {
			g.out.ID = id
		}
		return why
	}
	return ""
}

// actByBody is act, with the id in the body.
func (g *guess) actByBody(n *noun, word string) string {
	k, first := n.kind, firstPart(word)
	m := g.moveOf(k, word)
	what := " of the " + n.word + " that the body names"
	switch {
	case removeWords[first]:
		g.does("remove", k)
	case m != nil:
		g.does("move", k)
		g.out.By = []string{m.Name}
		return word + what + " makes it " + m.To
	case g.reply() == nil || g.about(k):
		g.does("update", k)
		if !changeWords[first] {
			g.out.Copy = &[]string{}
		}
	default:
		return ""
	}
	return word + what
}

// bodyID finds the property of the request that names the one it is about.
func (g *guess) bodyID(k *shape, _ string) bool {
	plan, err := g.doc.Plan(g.op)
	if err != nil || plan.Body == nil {
		return false
	}
	field := ""
	if l := g.lookOf(k); l.object != nil {
		field = g.idField(k, l.object)
	}
	for _, media := range plan.Body.Types {
		body := object(plan.Body.Media[media])
		if body == nil {
			continue
		}
		for _, name := range body.Properties() {
			word := snakeWord(name)
			switch p := body.Property(name); {
			case isList(p):
			case isObject(p):
				if (word == k.name || word == k.nouns[0].word) && field != "" && p.Has(field) {
					g.out.ID = "request.body" + memberOf(name) + memberOf(field)
					return true
				}
			case name == field, word == "id", idLike(word, k.nouns[0].word), word == "code" && strings.HasSuffix(field, "_code"):
				g.out.ID = "request.body" + memberOf(name)
				return true
			}
		}
	}
	return false
}

// idLike tells customer_id and customer from other fields.
func idLike(word, kind string) bool {
	tail, ok := strings.CutPrefix(word, kind)
	return ok && (tail == "" || slices.Contains(idEndings, strings.TrimPrefix(tail, "_")))
}

// ofState narrows a list whose path ends in a state.
func (g *guess) ofState(k *shape, word string) {
	status := g.statusOf(k)
	if status == nil {
		return
	}
	for _, state := range status.states {
		if plainWord(state) == plainWord(word) {
			g.out.Where = append(g.out.Where, Filter{Param: word, Field: status.field, Op: "=", Value: `"` + state + `"`, When: "true"})
		}
	}
}

// findBy reads the one that a query parameter tells.
func (g *guess) findBy(n *noun, word string) string {
	plan, err := g.doc.Plan(g.op)
	l := g.lookOf(n.kind)
	if err != nil || l.object == nil {
		return ""
	}
	var fields []openapi.Param
	for _, p := range plan.Params {
		if p.In == "query" && l.object.Has(p.Name) && (p.Required || p.Name == word) {
			fields = append(fields, p)
		}
	}
	if len(fields) == 0 {
		return ""
	}
	name := fields[0].Name
	g.does("read", n.kind)
	if value := "request.query" + memberOf(name); name == g.idField(n.kind, l.object) {
		g.out.ID = value
	} else {
		g.byField(n.kind, name, value)
	}
	return "GET that shows a " + n.word + " by its " + name
}
