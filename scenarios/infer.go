package scenarios

import (
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
	for _, ext := range []string{".json", ".xml", ".{format}"} { // the form of the reply, as in /Accounts/{Sid}.json
		p.segments[last] = strings.TrimSuffix(p.segments[last], ext)
	}
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
