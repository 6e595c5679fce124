package scenarios

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sandgate/sandgate/openapi"
)

// pathPlace is one path of the contract, whatever its parameters are called.
type pathPlace struct {
	path     string // as written, without a slash at the end
	segments []string
	verb     string // of {id}:verb
	methods  map[string]*openapi.Operation
	order    []string // methods as written

	noun *noun // what the path is about
	of   *noun // what it does something with
}

// noun is the collection, or the single thing, that a path ends in.
type noun struct {
	word     string       // its last fixed segment, in the singular
	path     string       // with every parameter as {}
	segments []string     // the same
	at       *pathPlace   // the path itself; nil if nothing is done on it
	items    []*pathPlace // with one more parameter
	tails    []*pathPlace // with a word that says what is done, where nothing is done on the path itself
	kind     *shape
}

// shape is a kind as paths show it: the nouns that show the same things.
type shape struct {
	name  string
	nouns []*noun
	own   bool // the caller's own, beside a collection of others
}

// shapes is what the paths of a contract say, with no look at schemas but at
// their names.
type shapes struct {
	doc    *openapi.Document
	places map[string]*pathPlace // by the path with every parameter as {}
	byKey  map[string]*pathPlace // by operation
	nouns  map[string]*noun
	kinds  map[string]*shape
	order  []*shape                // as the contract mentions them
	below  map[string][]*pathPlace // what ends one fixed segment below a path
}

func newShapes(doc *openapi.Document) *shapes {
	s := &shapes{doc: doc, places: map[string]*pathPlace{}, byKey: map[string]*pathPlace{}, nouns: map[string]*noun{}, kinds: map[string]*shape{}, below: map[string][]*pathPlace{}}
	var places []*pathPlace
	exact := map[string]*pathPlace{}
	for _, o := range doc.Operations() {
		p := newPlace(o.Path)
		// Items may call their parameter otherwise: they stay apart, since GET may be there under each.
		id := blank(p.segments, p.verb)
		same := s.places[id]
		if n := len(p.segments); n > 0 && isParam(p.segments[n-1]) && p.verb == "" && same != nil && same.path != p.path {
			same = exact[p.path]
		}
		if same == nil {
			same = p
			places = append(places, p)
			exact[p.path] = p
			if s.places[id] == nil {
				s.places[id] = p
			}
		}
		p = same
		if p.methods[o.Method] == nil {
			p.methods[o.Method] = o
			p.order = append(p.order, o.Method)
		}
		s.byKey[o.Key()] = p
	}
	for _, p := range places {
		s.addNoun(p)
		if n := len(p.segments); n > 1 && !isParam(p.segments[n-1]) {
			above := blank(p.segments[:n-1], "")
			s.below[above] = append(s.below[above], p)
		}
	}
	s.name()
	return s
}

func newPlace(path string) *pathPlace {
	p := &pathPlace{path: strings.TrimRight(path, "/"), methods: map[string]*openapi.Operation{}}
	p.segments = strings.Split(strings.TrimPrefix(p.path, "/"), "/")
	if p.path == "" {
		p.segments = nil
		return p
	}
	last := len(p.segments) - 1
	if head, verb, ok := strings.Cut(p.segments[last], ":"); ok && head != "" && !strings.ContainsAny(verb, "{}") {
		p.segments[last], p.verb = head, snakeWord(verb)
	}
	return p
}

// blank is a path whose parameters have no names.
func blank(segments []string, verb string) string {
	var out strings.Builder
	for _, segment := range segments {
		if out.WriteByte('/'); isParam(segment) {
			segment = "{}"
		}
		out.WriteString(segment)
	}
	if verb != "" {
		out.WriteByte(':')
		out.WriteString(verb)
	}
	return out.String()
}

// addNoun finds the collection that a path is an item of, or the thing that it
// names itself.
func (s *shapes) addNoun(p *pathPlace) {
	n := len(p.segments)
	if n == 0 || p.verb != "" && !isParam(p.segments[n-1]) {
		return
	}
	end := n
	for end > 0 && isParam(p.segments[end-1]) {
		end--
	}
	if end == 0 || isPrefix(p.segments[end-1]) {
		return
	}
	word := snakeWord(p.segments[end-1])
	switch item := end < n; {
	case item && end == n-1 && s.bare(p.segments[:end]) && s.hasItems(p.segments):
		end = n
	case item && end < n-1 && s.bare(p.segments[:end]) && s.places[blank(p.segments[:n-1], "")] != nil:
		end = n - 1 // imports/{collection}/{id}: the parameter in the middle says which collection
	case !item && s.isTail(p, word):
		if s.bare(p.segments[:end-1]) && !s.hasItems(p.segments[:end-1]) && s.isRPC(p.segments[:end-1], word) {
			s.addTail(p)
		}
		return
	case item && p.verb == "" && s.isTail(s.at(p.segments[:end]), word):
		return
	}
	id := blank(p.segments[:end], "")
	c := s.nouns[id]
	if c == nil {
		c = &noun{word: singular(word), path: id, segments: p.segments[:end]}
		s.nouns[id] = c
	}
	if p.noun = c; end == n {
		c.at = p
	} else if p.verb == "" {
		c.items = append(c.items, p)
	}
}

// addTail makes a noun of what stands before create, get and list.
func (s *shapes) addTail(p *pathPlace) {
	before := p.segments[:len(p.segments)-1]
	if isParam(before[len(before)-1]) {
		return
	}
	id := blank(before, "")
	n := s.nouns[id]
	if n == nil {
		n = &noun{word: singular(snakeWord(before[len(before)-1])), path: id, segments: before}
		s.nouns[id] = n
	}
	n.tails = append(n.tails, p)
	p.of = n
}

func (s *shapes) at(segments []string) *pathPlace {
	if p := s.places[blank(segments, "")]; p != nil {
		return p
	}
	return &pathPlace{segments: segments, methods: map[string]*openapi.Operation{}}
}

// bare reports a path on which nothing is done.
func (s *shapes) bare(segments []string) bool { return s.places[blank(segments, "")] == nil }

// isTail reports a last segment that says what is done with what stands
// before it, or how that is looked for.
func (s *shapes) isTail(p *pathPlace, word string) bool {
	n := len(p.segments)
	if n < 2 || isPrefix(p.segments[n-2]) {
		return false
	}
	underItem := isParam(p.segments[n-2])
	first := firstPart(word)
	switch {
	case !underItem && s.bare(p.segments[:n-1]) && !s.hasItems(p.segments[:n-1]):
		if n > 2 && isParam(p.segments[n-3]) && !s.hasItems(p.segments) { // actions/send-message
			return isAction(word) || word == "add" || word == "remove"
		}
		return s.isRPC(p.segments[:n-1], word) || createWords[word] && p.methods["GET"] == nil || (isAction(word) || readWords[word]) && p.methods["POST"] == nil && p.methods["DELETE"] == nil
	case s.hasItems(p.segments):
		// verify/{reference} and pause/{code} are done with what stands before.
		return !isPlural(word) && (isAction(word) || readWords[first] || listWords[word]) && p.methods["POST"] == nil
	case isAction(word):
		return true
	case underItem:
		return false
	}
	return listWords[word] || createWords[first] || readWords[word] && p.methods["GET"] == nil
}

// isRPC reports words that do everything by POST: /transfer/create, /transfer/get.
func (s *shapes) isRPC(before []string, word string) bool {
	if !createWords[word] && !readWords[word] && !listWords[word] && !isAction(word) {
		return false
	}
	found := 0
	for _, w := range []string{"create", "get", "list", "update", "delete", "remove", "cancel", "search"} {
		if s.places[blank(before, "")+"/"+w] != nil {
			found++
		}
	}
	return found >= 2
}

func (s *shapes) hasItems(segments []string) bool {
	return s.places[blank(segments, "")+"/{}"] != nil
}

// name gathers the nouns that are one kind, and names the kinds.
func (s *shapes) name() {
	groups, order := map[string][]*noun{}, []string{}
	seen := map[*noun]bool{}
	for _, o := range s.doc.Operations() {
		n := cmp.Or(s.byKey[o.Key()].noun, s.byKey[o.Key()].of)
		if n == nil || seen[n] {
			continue
		}
		if seen[n] = true; groups[n.word] == nil {
			order = append(order, n.word)
		}
		groups[n.word] = append(groups[n.word], n)
	}
	keys := map[*noun]string{}  // of the schema that is called like the noun
	owner := map[string]*noun{} // the noun that a schema is called like
	best := map[string]int{}
	for _, word := range order {
		for _, n := range byDepth(groups[word]) {
			key, related := s.schemaOf(n)
			if keys[n] = key; related > best[key] {
				owner[key], best[key] = n, related
			}
		}
	}
	for _, word := range order {
		s.split(word, groups[word], keys, owner)
	}
	s.adopt(order, groups, keys, owner)
}

// split makes kinds of the nouns that end in the same word.
func (s *shapes) split(word string, nouns []*noun, keys map[*noun]string, owner map[string]*noun) {
	var kinds []*shape
	known := map[*shape]string{}
	for _, n := range byDepth(nouns) {
		key := keys[n]
		if o := owner[key]; o != nil && o.word != word && relation(key, word) == 0 {
			continue // it shows things of another kind
		}
		i := slices.IndexFunc(kinds, func(k *shape) bool { return !k.own && s.same(n, key, k, known[k]) })
		if i < 0 || isOwn(n, nouns) {
			i = len(kinds)
			kinds = append(kinds, &shape{own: isOwn(n, nouns)})
		}
		k := kinds[i]
		k.nouns, n.kind = append(k.nouns, n), k
		known[k] = cmp.Or(known[k], key)
	}
	for i, k := range kinds {
		top := len(fixedOf(k.nouns[0].segments)) == 1
		k.name = word
		if k.own && s.kinds["own_"+word] == nil {
			k.name = "own_" + word
		} else if len(kinds) > 1 && !(top && i == 0) || s.kinds[word] != nil {
			k.name = s.longer(k.nouns[0], word)
		}
		s.kinds[k.name] = k
		s.order = append(s.order, k)
	}
}

// isOwn tells /account from /accounts: the caller's own beside all of them.
func isOwn(n *noun, group []*noun) bool {
	if len(n.items) > 0 || n.at == nil || n.at.methods["GET"] == nil || strings.Contains(n.path, "{}") || isPlural(snakeWord(n.segments[len(n.segments)-1])) {
		return false
	}
	return slices.ContainsFunc(group, func(other *noun) bool {
		return other != n && len(other.items) > 0 && isPlural(snakeWord(other.segments[len(other.segments)-1]))
	})
}

// adopt gives the nouns that show things of a kind called otherwise to it.
func (s *shapes) adopt(order []string, groups map[string][]*noun, keys map[*noun]string, owner map[string]*noun) {
	for _, word := range order {
		for _, n := range groups[word] {
			if n.kind == nil {
				n.kind = owner[keys[n]].kind
				n.kind.nouns = append(n.kind.nouns, n)
			}
		}
	}
}

// byDepth puts what stands alone before what stands under something.
func byDepth(nouns []*noun) []*noun {
	out := slices.Clone(nouns)
	slices.SortStableFunc(out, func(a, b *noun) int { return cmp.Compare(len(fixedOf(a.segments)), len(fixedOf(b.segments))) })
	return out
}

// same tells whether a noun shows the things of a kind: by the name of their
// schema, else because it is the same path below some parent.
func (s *shapes) same(n *noun, key string, k *shape, kindKey string) bool {
	if key != "" && kindKey != "" {
		return key == kindKey && relation(key, n.word) > 0 && (hasMany(n) || slices.ContainsFunc(k.nouns, hasMany))
	}
	for _, other := range k.nouns {
		if slices.ContainsFunc(other.segments, isParam) == slices.ContainsFunc(n.segments, isParam) {
			continue
		}
		if slices.Equal(reduced(other.segments), reduced(n.segments)) {
			return true
		}
	}
	return false
}

// hasMany reports a noun of which there is surely more than one.
func hasMany(n *noun) bool { return len(n.items) > 0 || isPlural(lastWord(n)) }

// fixedOf are the segments that name something.
func fixedOf(segments []string) []string {
	var out []string
	for _, segment := range segments {
		if !isParam(segment) && !isPrefix(segment) {
			out = append(out, segment)
		}
	}
	return out
}

// reduced leaves out the parents: users/{id}/stores is stores.
func reduced(segments []string) []string {
	var out []string
	for i, segment := range segments {
		if isParam(segment) || isPrefix(segment) || i+1 < len(segments) && isParam(segments[i+1]) {
			continue
		}
		out = append(out, segment)
	}
	return out
}

// longer puts the segments before it to a name until it is the only one.
func (s *shapes) longer(n *noun, name string) string {
	before := fixedOf(n.segments)
	for _, segment := range slices.Backward(before[:max(len(before)-1, 0)]) {
		name = singular(snakeWord(segment)) + "_" + name
		if s.kinds[name] == nil {
			return name
		}
	}
	for base, i := name, 2; s.kinds[name] != nil; i++ {
		name = base + "_" + string(rune('0'+i%10))
	}
	return name
}

// schemaOf is the name of the schema of what a noun shows: one that is named
// like it, which is more the less else is in its name, else the first that its
// replies name; what reading shows says more than what writing answers.
func (s *shapes) schemaOf(n *noun) (name string, related int) {
	for _, o := range n.showing() {
		names := s.doc.ReplyNames(o)
		for i := range names {
			names[i] = canon(names[i])
		}
		for _, candidate := range names {
			if r := relation(candidate, n.word); r > related {
				name, related = candidate, r
			}
		}
		if related > 0 {
			return name, related
		}
		if len(names) > 0 && name == "" {
			name = names[0]
		}
		if name != "" && o.Method == "GET" {
			return name, 0
		}
	}
	return name, 0
}

// showing are the operations whose replies show what a noun is about.
func (n *noun) showing() []*openapi.Operation {
	var ops []*openapi.Operation
	add := func(p *pathPlace, method string) {
		if p != nil && p.methods[method] != nil {
			ops = append(ops, p.methods[method])
		}
	}
	for _, item := range n.busiest() {
		add(item, "GET")
	}
	add(n.at, "GET")
	for _, method := range []string{"PUT", "PATCH", "POST"} {
		for _, item := range n.items {
			add(item, method)
		}
	}
	add(n.at, "POST")
	for _, tail := range n.tails {
		add(tail, "POST")
	}
	return ops
}

// busiest are a noun's items, those on which most can be done first.
func (n *noun) busiest() []*pathPlace {
	out := slices.Clone(n.items)
	slices.SortStableFunc(out, func(a, b *pathPlace) int { return cmp.Compare(len(b.methods), len(a.methods)) })
	return out
}

// noise are parts of schemas' names that do not say what they are of.
var noise = wordSet("create created get fetch update updated show find search post put patch new response responses dto model entity object output view result results reply ok success schema")

// canon is a schema's name without noise: CreateOrderResponse is an order.
func canon(schema string) string {
	var out []string
	parts := strings.Split(snakeWord(schema), "_")
	for _, part := range parts {
		if !noise[part] {
			out = append(out, part)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return strings.Join(out, "_")
}

// relation tells how surely a schema is called like a word: 2 if its name ends in it.
func relation(name, word string) int {
	within := strings.Contains("_"+name+"_", "_"+word+"_") || strings.Contains("_"+singular(name)+"_", "_"+word+"_") ||
		len(word) > 3 && strings.Contains(plainWord(name), plainWord(word))
	switch {
	case !within:
		return 0
	case strings.HasSuffix(singular(name), word):
		return 2
	}
	return 1
}
