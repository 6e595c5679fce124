package scenarios

import (
	"regexp"
	"slices"
	"strings"
)

// parentOf is the collection that the things of a noun stand under.
func (g *guess) parentOf(n *noun) *noun {
	end := len(n.segments) - 1
	if end < 2 || !isParam(n.segments[end-1]) {
		return nil
	}
	return g.s.owner(n.segments[:end])
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
	if can, known := g.made.Load(k); known {
		return can.(bool)
	}
	if slices.Contains(g.asking, k) {
		return true // whether it can be made hangs on itself
	}
	can := false
	for _, n := range k.nouns {
		for _, p := range g.s.near(n) {
			for _, method := range p.order {
				can = can || (method == "POST" || method == "PUT") && g.isMaking(p, method, k)
			}
		}
	}
	if len(g.asking) == 0 {
		g.made.Store(k, can)
	}
	return can
}

// isMaking reports an operation that makes one of a kind.
func (g *guess) isMaking(p *pathPlace, method string, k *shape) bool {
	o := p.methods[method]
	other := &guess{Inference: g.Inference, s: g.s, p: p, method: method, op: o, out: &Operation{Key: o.Key()}, asking: append(slices.Clone(g.asking), k)}
	op, _, ok := other.decide()
	return ok && op.Kind == k.name && (op.Verb == "create" || op.Verb == "put")
}

// near are the places of a noun, its items and what stands one segment below.
func (s *shapes) near(n *noun) []*pathPlace {
	var out []*pathPlace
	if n.at != nil {
		out = append(out, n.at)
	}
	out = append(out, n.items...)
	return append(out, s.below[n.path]...)
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
