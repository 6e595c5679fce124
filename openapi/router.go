package openapi

import (
	"net/url"
	"slices"
	"strings"
)

// Router finds the operation of a request in a tree of path segments. A static segment goes before one with a parameter in it, that before a bare
// parameter; a path that fits but lacks the method is left for the next one that fits. It is immutable and safe for concurrent use.
type Router struct {
	root  node
	under func() []string // further paths that all of it stands below
	twins
}

type node struct {
	static  map[string]*node
	partial []*partial // segments such as "{id}:capture"
	param   *node
	methods map[string]*Operation
}

// partial is a segment of fixed text and parameters in turn: text[0] {names[0]} text[1] {names[1]} … text[n].
type partial struct {
	segment string // with the parameters' names left out
	text    []string
	next    *node
}

// NewRouter makes a router for the operations. Of two with the same method and shape of path the first one wins, but see Among.
func NewRouter(ops []*Operation) *Router {
	r := &Router{}
	for _, op := range ops {
		n := &r.root
		for _, segment := range op.Segments {
			n = n.child(segment)
		}
		if n.methods == nil {
			n.methods = map[string]*Operation{}
		}
		if first := n.methods[op.Method]; first == nil {
			n.methods[op.Method] = op
		} else {
			r.twin(first, op)
		}
	}
	return r
}

func (n *node) child(segment string) *node {
	text, names := splitTemplate(segment)
	switch {
	case len(names) == 0:
		// A template is written decoded or encoded; requests are compared decoded.
		if decoded, err := url.PathUnescape(segment); err == nil {
			segment = decoded
		}
		if n.static == nil {
			n.static = map[string]*node{}
		}
		if n.static[segment] == nil {
			n.static[segment] = &node{}
		}
		return n.static[segment]
	case len(names) == 1 && text[0] == "" && text[1] == "":
		if n.param == nil {
			n.param = &node{}
		}
		return n.param
	}
	shape := strings.Join(text, "{}")
	for _, p := range n.partial {
		if p.segment == shape {
			return p.next
		}
	}
	p := &partial{segment: shape, text: text, next: &node{}}
	n.partial = append(n.partial, p)
	// The more fixed text, the earlier it is tried.
	slices.SortStableFunc(n.partial, func(a, b *partial) int { return len(b.segment) - len(a.segment) })
	return p.next
}

// splitTemplate takes a segment apart; it has one more text than names.
func splitTemplate(segment string) (text, names []string) {
	for {
		open := strings.IndexByte(segment, '{')
		if open < 0 {
			break
		}
		end := strings.IndexByte(segment[open:], '}')
		if end < 2 {
			break
		}
		text = append(text, segment[:open])
		names = append(names, segment[open+1:open+end])
		segment = segment[open+end+1:]
	}
	return append(text, segment), names
}

func templateNames(segments []string) (names []string) {
	for _, segment := range segments {
		if strings.IndexByte(segment, '{') >= 0 {
			_, inside := splitTemplate(segment)
			names = append(names, inside...)
		}
	}
	return names
}

// search is the state of one Find.
type search struct {
	method string
	op     *Operation
	allow  []string
	values []string
	buffer [8]string
}

// Find looks up a method and an escaped path, as (*url.URL).EscapedPath gives it. A HEAD request is answered by GET where HEAD is not declared.
// params are percent-decoded. If the path exists under other methods only, op is nil and allow lists them.
func (r *Router) Find(method, path string) (op *Operation, params map[string]string, allow []string) {
	if op, params, allow = r.find(method, path); op == nil && len(allow) == 0 {
		return r.findUnder(method, path)
	}
	return op, params, allow
}

func (r *Router) find(method, path string) (op *Operation, params map[string]string, allow []string) {
	if path == "" || path[0] != '/' {
		return nil, nil, nil
	}
	s := search{method: method}
	s.values = s.buffer[:0]
	if !s.walk(&r.root, path[1:]) {
		slices.Sort(s.allow)
		return nil, nil, slices.Compact(s.allow)
	}
	s.op = r.among(s.op, s.values)
	return s.op, s.params(), nil
}

// walk follows rest, the path without its leading slash, and reports whether it ended at an operation.
func (s *search) walk(n *node, rest string) bool {
	segment, rest, more := strings.Cut(rest, "/")
	if strings.IndexByte(segment, '%') >= 0 {
		decoded, err := url.PathUnescape(segment)
		if err != nil {
			return false
		}
		segment = decoded
	}
	if next := n.static[segment]; next != nil && s.enter(next, rest, more) {
		return true
	}
	depth := len(s.values)
	for _, p := range n.partial {
		if s.match(p.text, segment) && s.enter(p.next, rest, more) {
			return true
		}
		s.values = s.values[:depth]
	}
	if n.param != nil && segment != "" {
		s.values = append(s.values, segment)
		if s.enter(n.param, rest, more) {
			return true
		}
		s.values = s.values[:depth]
	}
	return false
}

func (s *search) enter(n *node, rest string, more bool) bool {
	if more {
		return s.walk(n, rest)
	}
	if len(n.methods) == 0 {
		return false
	}
	if s.op = n.methods[s.method]; s.op == nil && s.method == "HEAD" {
		s.op = n.methods["GET"]
	}
	if s.op != nil {
		return true
	}
	for method := range n.methods {
		s.allow = append(s.allow, method)
		if method == "GET" {
			s.allow = append(s.allow, "HEAD")
		}
	}
	return false
}

// match fits a segment to fixed texts with something between each two of them, and keeps what is between.
func (s *search) match(text []string, segment string) bool {
	rest, ok := strings.CutPrefix(segment, text[0])
	if !ok {
		return false
	}
	for i, fixed := range text[1:] {
		end := len(rest) - len(fixed)
		if last := i == len(text)-2; !last && fixed != "" {
			end = strings.Index(rest, fixed)
		} else if last && !strings.HasSuffix(rest, fixed) {
			return false
		}
		if end <= 0 {
			return false
		}
		s.values = append(s.values, rest[:end])
		rest = rest[end+len(fixed):]
	}
	return true
}

// params names the values by the operation's own template.
func (s *search) params() map[string]string {
	if len(s.values) == 0 {
		return nil
	}
	params := make(map[string]string, len(s.values))
	for i, name := range s.op.names {
		params[name] = s.values[i]
	}
	return params
}
