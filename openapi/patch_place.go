package openapi

import (
	"slices"
	"strconv"
	"strings"
)

// find looks a value up; at names the member of the operation that holds the path.
func (p *patcher) find(at string, path []string) (any, bool) {
	v := p.root
	for i, token := range path {
		next, ok := p.step(v, token)
		if !ok {
			return nil, p.missing(at, path[:i+1], v)
		}
		v = next
	}
	return v, true
}

func (p *patcher) step(v any, token string) (any, bool) {
	switch v := v.(type) {
	case map[string]any:
		child, ok := v[token]
		return child, ok
	case []any:
		if i := itemAt(v, token); i >= 0 && i < len(v) {
			return v[i], true
		}
	}
	return nil, false
}

func (p *patcher) missing(at string, path []string, in any) bool {
	place := ""
	for i, token := range path {
		if name, _, selects := strings.Cut(token, "=="); selects && secretPath(append(slices.Clone(path[:i]), strings.TrimPrefix(name, "@"))) {
			token = name + "==***"
		}
		place += "/" + escapeToken(token)
	}
	got := "nothing at " + show(place)
	if list, ok := in.([]any); ok {
		got = plural(len(list), "item") + " where " + show(place) + " looks"
	}
	return p.refuse(at, "path", "a place that is there", got)
}

// itemAt is the index that a token means, -1 if none.
func itemAt(list []any, token string) int {
	if isIndex(token) {
		if i, err := strconv.Atoi(token); err == nil {
			return i
		}
		return -1
	}
	rest, ok := strings.CutPrefix(token, "@")
	name, value, found := strings.Cut(rest, "==")
	if !ok || !found || len(value) < 2 || value[0] != '\'' && value[0] != '"' || value[len(value)-1] != value[0] {
		return -1
	}
	return slices.IndexFunc(list, func(item any) bool {
		object, _ := item.(map[string]any)
		return object[name] == value[1:len(value)-1]
	})
}

// put sets what is at path, or adds it: into an object under its name, into a list before the item that is there, "-" behind the last.
func (p *patcher) put(path []string, v any, replace bool) bool {
	if len(path) == 0 {
		p.root = v
		return true
	}
	parent, ok := p.find("/path", path[:len(path)-1])
	if !ok {
		return false
	}
	last := path[len(path)-1]
	switch in := parent.(type) {
	case map[string]any:
		in[last] = v
		return true
	case []any:
		i := itemAt(in, last)
		if last == "-" {
			i = len(in)
		}
		if i < 0 || i > len(in) {
			return p.refuse("/path", "index", "an index from 0 to "+strconv.Itoa(len(in))+", or -", show(last))
		}
		if replace {
			in[i] = v
			return true
		}
		p.set(path[:len(path)-1], slices.Insert(slices.Clone(in), i, v))
		return true
	}
	return p.refuse("/path", "path", "a place in an object or a list", kindOfValue(parent))
}

// take removes what is at path, which is there.
func (p *patcher) take(at string, path []string) bool {
	if len(path) == 0 {
		return p.refuse(at, "path", "a place inside the document", "the whole document")
	}
	above, last := path[:len(path)-1], path[len(path)-1]
	parent, ok := p.find(at, above)
	if !ok {
		return false
	}
	switch in := parent.(type) {
	case map[string]any:
		delete(in, last)
	case []any:
		i := itemAt(in, last)
		p.set(above, slices.Delete(slices.Clone(in), i, i+1))
	}
	return true
}

// set puts a list in the place of the one at path.
func (p *patcher) set(path []string, list []any) {
	if len(path) == 0 {
		p.root = list
		return
	}
	parent, _ := p.find("/path", path[:len(path)-1])
	last := path[len(path)-1]
	switch in := parent.(type) {
	case map[string]any:
		in[last] = list
	case []any:
		in[itemAt(in, last)] = list
	}
}
