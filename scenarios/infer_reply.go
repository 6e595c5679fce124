package scenarios

import (
	"slices"
	"strings"

	"github.com/sandgate/sandgate/openapi"
)

// Shape is where a reply holds what it is about.
type Shape struct {
	Path   []string        // properties on the way to it; none = the reply itself
	List   bool            // it is a list of objects
	Object *openapi.Schema // the object, or one of the list
}

// companions stand beside the object or the list that a reply is about.
var companions = wordSet(`status success ok message messages code error errors meta metadata links link pagination paging page pages total
	totalcount count hasmore next previous prev url object type requestid timestamp version warnings resultcode detail details title issuccess
	responsecode responsemessage description self first last limit offset size perpage pagesize cursor nextcursor nextpage nextpagetoken took
	filters parametros paginacao parameters totalpages totalelements totalitems totalresults numberofelements currentpage lastpage statuscode
	statusmessage elapsed currentpageindex summary aggregations query sort empty`)

// listNames are what lists are called.
var listNames = []string{"data", "items", "results", "list", "records", "content", "values", "entries", "elements", "rows", "objects", "resources", "result", "collection", "value"}

// ShapeOf finds the object or the list in a reply.
func ShapeOf(reply *openapi.Schema, list bool) Shape {
	reply = object(reply)
	if reply == nil {
		return Shape{}
	}
	if list {
		if found, ok := listIn(reply, 3); ok {
			return found
		}
	}
	return objectIn(reply)
}

// object chooses among variants the one that is an object, where only one is:
// what is left of something deleted, and an error, are other things.
func object(s *openapi.Schema) *openapi.Schema {
	if s == nil || s.Type() != "" {
		return s
	}
	var found []*openapi.Schema
	for _, v := range s.Variants() {
		name := plainWord(v.Name())
		if t := v.Type(); (t == "object" || t == "array" || t == "") && !strings.HasPrefix(name, "deleted") && !strings.Contains(name, "error") {
			found = append(found, v)
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	return s
}

func isObject(s *openapi.Schema) bool {
	s = object(s)
	return s != nil && (s.Type() == "object" || s.Type() == "" && len(s.Properties()) > 0)
}

func isList(s *openapi.Schema) bool {
	s = object(s)
	return s != nil && s.Type() == "array"
}

// isObjects tells a list of objects from one of texts.
func isObjects(s *openapi.Schema) bool {
	if !isList(s) {
		return false
	}
	items := object(s).Items()
	if items == nil {
		return true
	}
	return isObject(items) || items.Type() == "" && len(items.Enum()) == 0
}

// listIn finds the list that a reply is, or that stands in it.
func listIn(s *openapi.Schema, depth int) (Shape, bool) {
	switch s = object(s); {
	case s == nil || depth == 0:
		return Shape{}, false
	case s.Type() == "array":
		return Shape{List: true, Object: s.Items()}, true
	}
	if name := listName(s); name != "" {
		return Shape{Path: []string{name}, List: true, Object: object(s.Property(name)).Items()}, true
	}
	for _, name := range s.Properties() {
		inner := s.Property(name)
		word := plainWord(name)
		if !isObject(inner) || word != "embedded" && !slices.Contains(envelopeNames, word) && !isPlural(snakeWord(name)) || word != "embedded" && !envelopes(s, name) {
			continue
		}
		if found, ok := listIn(inner, depth-1); ok {
			found.Path = append([]string{name}, found.Path...)
			return found, true
		}
	}
	return Shape{}, false
}

// listName is the property that holds the list: one that is called so, else
// the first list of objects that is no companion.
func listName(s *openapi.Schema) string {
	found := ""
	for _, name := range s.Properties() {
		switch inner := s.Property(name); {
		case !isObjects(inner):
			if slices.Contains(listNames, plainWord(name)) && isList(inner) {
				return name
			}
		case slices.Contains(listNames, plainWord(name)):
			return name
		case found == "" && !companions[plainWord(name)]:
			found = name
		}
	}
	return found
}

// isItself tells an object with an id of its own, which is no list whatever else it has: to know that first saves reading
// what each of its properties is.
func isItself(s *openapi.Schema) bool {
	return slices.ContainsFunc(s.Properties(), func(name string) bool {
		word := plainWord(name)
		return (word == "id" || word == "uid" || word == "uuid") && !companions[word] && !isList(s.Property(name)) && !isObject(s.Property(name))
	})
}

// isListReply tells a reply that is a list from one object that has lists: all
// else that it has is about the list.
func isListReply(s *openapi.Schema) bool {
	switch s = object(s); {
	case s == nil:
		return false
	case s.Type() == "array":
		return true
	case isItself(s):
		return false
	}
	shape, ok := listIn(s, 3)
	if !ok {
		return false
	}
	at := s
	for i, name := range shape.Path {
		others := 0
		for _, other := range at.Properties() {
			switch word := plainWord(other); {
			case other == name || companions[word]:
			case word == "id" || word == "uid" || word == "uuid":
				return false
			case isObjects(at.Property(other)):
				others += 2
			default:
				others++
			}
		}
		if others > 2 || others > 0 && i < len(shape.Path)-1 {
			return false
		}
		at = object(at.Property(name))
	}
	return true
}

// envelopes tells whether all beside a property are its companions.
func envelopes(s *openapi.Schema, name string) bool {
	for _, other := range s.Properties() {
		if other != name && !companions[plainWord(other)] {
			return false
		}
	}
	return true
}

// aloneWithID tells whether what else stands beside an object with an id are companions, and objects and lists that go with it.
func aloneWithID(s *openapi.Schema, name string) bool {
	return !slices.ContainsFunc(s.Properties(), func(other string) bool {
		return other != name && !companions[plainWord(other)] && isScalar(s.Property(other))
	})
}

// envelopeNames hold the object itself, whatever it has.
var envelopeNames = []string{"data", "result", "response", "payload", "item", "resource", "entity", "record"}

// saysNothing tells a schema that allows everything.
func saysNothing(s *openapi.Schema) bool {
	return s.Type() == "" && len(s.Variants()) == 0 && len(s.Properties()) == 0 && len(s.Enum()) == 0
}

func hasID(s *openapi.Schema) bool {
	return slices.ContainsFunc(s.Properties(), func(name string) bool {
		return slices.Contains(idNames, strings.ToLower(name)) || strings.HasSuffix(snakeWord(name), "_id")
	})
}

// objectIn finds the object in an envelope: the one property that is not
// about the reply itself.
func objectIn(s *openapi.Schema) Shape {
	var path []string
	named := false // the envelope is called like what is in it: it is the last
	for range 3 {
		switch {
		case s.Type() == "array":
			return Shape{Path: path, List: true, Object: s.Items()}
		case s.Has("id"):
			return Shape{Path: path, Object: s}
		}
		inner := ""
		for _, name := range s.Properties() {
			p, word := s.Property(name), plainWord(name)
			known := slices.Contains(envelopeNames, word)
			if !named && (isObject(p) && (known || hasID(object(p)) || len(s.Properties()) == 1 && len(object(p).Properties()) > 2) || known && saysNothing(p) || isList(p) && word == "data") && (known || !companions[word]) && (envelopes(s, name) || known && hasID(object(p)) && aloneWithID(s, name)) {
				inner = name
			}
		}
		if inner == "" {
			break
		}
		path = append(slices.Clone(path), inner)
		named = !slices.Contains(envelopeNames, plainWord(inner))
		s = object(s.Property(inner))
	}
	return Shape{Path: path, Object: s}
}
