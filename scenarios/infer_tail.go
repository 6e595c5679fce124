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
		return g.actOn(segments, g.p.verb, n-1)
	case g.p.verb != "":
		if before := g.s.nouns[blank(segments, "")]; before != nil {
			return g.beneath(before, g.p.verb)
		}
	case isParam(segments[n-1]) && n > 2 && !isParam(segments[n-2]):
		if n > 3 && isParam(segments[n-3]) {
			return g.actOn(segments[:n-2], snakeWord(segments[n-2]), n-3)
		}
		return g.wordBefore(n - 1)
	case n > 1 && isParam(segments[n-2]):
		return g.actOn(segments[:n-1], snakeWord(segments[n-1]), n-2)
	case n > 1:
		word := snakeWord(segments[n-1])
		if before := g.s.nouns[blank(segments[:n-1], "")]; before != nil {
			return g.beneath(before, word)
		}
		if n > 2 && isParam(segments[n-3]) {
			if !slices.Contains(groupWords, singular(snakeWord(segments[n-2]))) {
				word = snakeWord(segments[n-2]) + "_" + word
			}
			return g.actOn(segments[:n-2], word, n-3)
		}
	}
	return ""
}

// groupWords stand before actions: /orders/{id}/actions/cancel.
var groupWords = []string{"action", "command", "operation", "transition", "event", "manage", "workflow", "method"}

// actOn is an action on an item, wherever the collection is that has it.
func (g *guess) actOn(segments []string, word string, param int) string {
	if owner := g.s.owner(segments); owner != nil {
		return g.act(owner, word, param)
	}
	for end := len(segments); end > 0; end-- {
		if isParam(segments[end-1]) {
			continue
		}
		stem := singular(snakeWord(segments[end-1]))
		for _, k := range g.s.order {
			if k.nouns[0].word == stem && g.about(k) {
				return g.act(k.nouns[0], word, param)
			}
		}
		break
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
			return "GET that lists the " + many(before)
		}
		g.does("read", before.kind)
		g.byField(before.kind, g.name(param), pathParam(g.name(param)))
		return "GET that shows a " + one(before) + " by its " + g.name(param)
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
	k, first := n.kind, firstPart(word)
	g.upTo(param)
	what := spaced(word)
	switch {
	case removeWords[first] && (first == word || strings.HasSuffix(word, "_"+n.word)) && g.method != "GET":
		g.does("remove", k)
		return what + " of the " + one(n)
	case g.method == "GET" && (!isAction(word) || g.moveOf(k, word) == nil):
		if g.about(k) && !isListReply(g.reply()) {
			g.does("read", k)
			return "GET that shows the " + one(n) + " itself"
		}
		return g.existing(n, param)
	case g.method != "DELETE" && g.moveOf(k, word) != nil:
		return g.moves1(k, word, what)
	}
	switch s := g.reply(); {
	case s != nil && copies(first) && g.about(k) && !isListReply(s):
		g.does("create", k)
		return spaced(word) + " makes another " + one(n)
	case s == nil || g.about(k) || g.within1(k):
		g.does("update", k)
		if !changeWords[first] {
			g.out.Copy, g.out.Patch = &[]string{}, ""
		}
		return what + " of the " + one(n) + ", which no state tells of"
	}
	return g.existing(n, param)
}

func (g *guess) moves1(k *shape, word, what string) string {
	m := g.moveOf(k, word)
	g.does("move", k)
	g.out.By = []string{m.Name}
	return what + " makes the " + strings.ReplaceAll(k.nouns[0].word, "_", " ") + " " + m.To
}

// within1 reports a reply that holds one of the kind deeper down.
func (g *guess) within1(k *shape) bool {
	found, l := ShapeOf(g.reply(), false), g.lookOf(k)
	if found.Object == nil || l.object == nil {
		return false
	}
	return slices.ContainsFunc(found.Object.Properties(), func(name string) bool {
		inner := found.Object.Property(name)
		return isObject(inner) && like(object(inner), l.object)
	})
}

func spaced(word string) string { return strings.ReplaceAll(word, "_", " ") }

func copies(first string) bool {
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
	if g.singular(n) {
		return g.actSingle(n, word)
	}
	reply := g.reply()
	about, many1 := g.about(k), isListReply(reply)
	read := g.method == "GET" || g.method == "HEAD"
	if listWords[first] && !many1 && reply != nil {
		_, many1 = listIn(object(reply), 2)
	}
	switch {
	case (read || g.method == "POST" && listWords[first]) && (listWords[first] && (many1 || reply == nil) || about && many1):
		g.within(len(n.segments))
		g.does("list", k)
		g.ofState(k, word)
		return g.method + " that lists the " + many(n)
	case read && about && !guessWords[word]:
		return g.findBy(n, word)
	case read || g.method == "DELETE":
		return ""
	case g.method == "POST" && readWords[word] && about && !many1 && g.bodyID(k):
		id := g.out.ID
		g.does("read", k)
		g.out.ID = id
		return "POST that shows the " + one(n) + " that the body names"
	case g.method == "POST" && g.makes(n, word):
		g.within(len(n.segments))
		g.does("create", k)
		return spaced(word) + " makes a " + one(n)
	case (isAction(word) || removeWords[first]) && g.bodyID(k):
		return g.actByBody(n, word)
	}
	return ""
}

// makes reports a POST below a collection that makes one of it: it answers
// one, and nothing in its body names one that is there.
func (g *guess) makes(n *noun, word string) bool {
	k, s := n.kind, g.reply()
	found := ShapeOf(s, false)
	first := firstPart(word)
	if found.Object == nil || isListReply(s) || readWords[word] || guessWords[word] || g.bodyID(k) && !createWords[first] {
		g.out.ID = ""
		return false
	}
	g.out.ID = ""
	if g.about(k) {
		return g.idField(k, found.Object) != ""
	}
	l := g.lookOf(k)
	return createWords[first] && l.object != nil && slices.ContainsFunc(found.Object.Properties(), func(name string) bool {
		word := snakeWord(name)
		return l.object.Has(name) && (name == g.idField(k, l.object) || word == "reference" || word == "token")
	})
}

// actSingle is something done with a thing of which there is one.
func (g *guess) actSingle(n *noun, word string) string {
	g.within(len(n.segments))
	what := spaced(word) + " of the only " + one(n)
	switch {
	case g.method == "GET":
		return g.besideAny(n)
	case g.moveOf(n.kind, word) != nil:
		return g.moves1(n.kind, word, what)
	case g.reply() == nil || g.about(n.kind):
		g.does("update", n.kind)
		if !changeWords[firstPart(word)] {
			g.out.Copy = &[]string{}
		}
		return what + ", which no state tells of"
	}
	return g.besideAny(n)
}

func (g *guess) besideAny(n *noun) string {
	if parent := g.parentOf(n); parent != nil {
		return g.beside(parent)
	}
	return ""
}

// actByBody is act, with the id in the body.
func (g *guess) actByBody(n *noun, word string) string {
	k, id := n.kind, g.out.ID
	what := spaced(word) + " of the " + one(n) + " that the body names"
	switch {
	case removeWords[firstPart(word)]:
		g.does("remove", k)
	case g.moveOf(k, word) != nil:
		what = g.moves1(k, word, spaced(word)) + ", which the body names"
	case g.reply() == nil || g.about(k):
		g.does("update", k)
		if !changeWords[firstPart(word)] {
			g.out.Copy = &[]string{}
		}
	case g.canBe(k):
		g.out.Within = []Within{{Kind: k.name, ID: id}}
		return g.beside(n)
	default:
		return ""
	}
	g.out.ID = id
	return what
}

// bodyID finds the property of the request that names the one it is about.
func (g *guess) bodyID(k *shape) bool {
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
		if p.In == "query" && (l.object.Has(p.Name) && (p.Required || p.Name == word) || p.Required && l.object.Has(word)) {
			fields = append(fields, p)
		}
	}
	if len(fields) == 0 {
		return ""
	}
	name, value := fields[0].Name, "request.query"+memberOf(fields[0].Name)
	if !l.object.Has(name) {
		name = word
	}
	g.does("read", n.kind)
	if name == g.idField(n.kind, l.object) {
		g.out.ID = value
	} else {
		g.byField(n.kind, name, value)
	}
	return "GET that shows a " + one(n) + " by its " + name
}
