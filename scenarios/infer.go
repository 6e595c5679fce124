package scenarios

import (
	"bytes"
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

	above *pathPlace // the nearest place, or place that could be, one segment less
	noun  *noun      // what the path is about
}

// noun is the collection, or the single thing, that a path ends in.
type noun struct {
	word     string       // its last fixed segment, in the singular
	path     string       // with every parameter as {}
	segments []string     // the same
	at       *pathPlace   // the path itself; nil if nothing is done on it
	items    []*pathPlace // with one more parameter
	kind     *shape
}

// shape is a kind as paths show it: the nouns that show the same things.
type shape struct {
	name  string
	nouns []*noun
}

// shapes is what the paths of a contract say, with no look at schemas but at
// their names.
type shapes struct {
	doc    *openapi.Document
	places map[string]*pathPlace // by the path with every parameter as {}
	byKey  map[string]*pathPlace // by operation
	nouns  map[string]*noun
	kinds  map[string]*shape
	order  []*shape // as the contract mentions them
}

func newShapes(doc *openapi.Document) *shapes {
	s := &shapes{doc: doc, places: map[string]*pathPlace{}, byKey: map[string]*pathPlace{}, nouns: map[string]*noun{}, kinds: map[string]*shape{}}
	var places []*pathPlace
	for _, o := range doc.Operations() {
		p := newPlace(o.Path)
		id := blank(p.segments, p.verb)
		if s.places[id] == nil {
			s.places[id] = p
			places = append(places, p)
		}
		p = s.places[id]
		if p.methods[o.Method] == nil {
			p.methods[o.Method] = o
			p.order = append(p.order, o.Method)
		}
		s.byKey[o.Key()] = p
	}
	for _, p := range places {
		s.addNoun(p)
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
	case item && end < n-1 && s.bare(p.segments[:end]) && s.places[blank(p.segments[:n-1], "")] != nil:
		end = n - 1 // imports/{collection}/{id}: the parameter in the middle says which collection
	case !item && s.isTail(p, word):
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
	switch {
	case !underItem && s.bare(p.segments[:n-1]) && !s.hasItems(p.segments[:n-1]):
		return s.isRPC(p.segments[:n-1], word)
	case s.hasItems(p.segments):
		// verify/{reference} and pause/{code} are done with what stands before.
		return !isPlural(word) && (isAction(word) || readWords[firstPart(word)] || listWords[word]) && p.methods["POST"] == nil
	case isAction(word):
		return true
	case underItem:
		return false
	}
	return listWords[word] || word == "new" || word == "create" || word == "bulk"
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
		n := s.byKey[o.Key()].noun
		if n == nil || seen[n] {
			continue
		}
		if seen[n] = true; groups[n.word] == nil {
			order = append(order, n.word)
		}
		groups[n.word] = append(groups[n.word], n)
	}
	for _, word := range order {
		s.split(word, groups[word])
	}
}

// split makes kinds of the nouns that end in the same word.
func (s *shapes) split(word string, nouns []*noun) {
	var kinds []*shape
	keys := map[*shape]string{}
	for _, n := range byDepth(nouns) {
		key := ""
		if len(nouns) > 1 {
			key = s.schemaOf(n)
		}
		i := slices.IndexFunc(kinds, func(k *shape) bool { return s.same(n, key, k, keys[k]) })
		if i < 0 {
			i = len(kinds)
			kinds = append(kinds, &shape{})
		}
		k := kinds[i]
		k.nouns, n.kind = append(k.nouns, n), k
		keys[k] = cmp.Or(keys[k], key)
	}
	for i, k := range kinds {
		top := len(fixedOf(k.nouns[0].segments)) == 1
		k.name = word
		if len(kinds) > 1 && !(top && i == 0) || s.kinds[word] != nil {
			k.name = s.longer(k.nouns[0], word)
		}
		s.kinds[k.name] = k
		s.order = append(s.order, k)
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
		return key == kindKey
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

// fixed are the segments that name something.
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

var schemaPrefix = []byte(`"#/components/schemas/`)

// schemaOf is the name of the schema of what a noun shows, if one is named
// like it: found in the text of the replies, since building schemas costs more.
func (s *shapes) schemaOf(n *noun) string {
	var ops []*openapi.Operation
	add := func(p *pathPlace, method string) {
		if p != nil && p.methods[method] != nil {
			ops = append(ops, p.methods[method])
		}
	}
	for _, method := range []string{"GET", "PUT", "PATCH"} {
		for _, item := range n.items {
			add(item, method)
		}
	}
	add(n.at, "POST")
	add(n.at, "GET")
	stem := plainWord(n.word)
	for _, o := range ops {
		text := o.Field("responses")
		for range 3 { // a reply that is named itself
			ref := bytes.Index(text, []byte(`"#/components/responses/`))
			if ref < 0 || bytes.Contains(text, schemaPrefix) {
				break
			}
			name, _, _ := strings.Cut(string(text[ref+len(`"#/components/responses/`):]), `"`)
			text, _ = s.doc.Component("responses", name)
		}
		for i := 0; i < 4; i++ {
			at := bytes.Index(text, schemaPrefix)
			if at < 0 {
				break
			}
			text = text[at+len(schemaPrefix):]
			name, _, _ := bytes.Cut(text, []byte(`"`))
			if strings.Contains(plainWord(string(name)), stem) {
				return string(name)
			}
		}
	}
	return ""
}
