package scenarios

import (
	"strings"
	"sync"

	"github.com/sandgate/sandgate/openapi"
)

// Inference is what a contract says by itself about the operations and kinds
// that a scenario leaves out. It is worked out piece by piece, on first use,
// and safe for concurrent use.
type Inference struct {
	doc    *openapi.Document
	shapes func() *shapes

	mu    sync.Mutex
	looks map[*shape]*look
	made  sync.Map // *shape -> whether something makes one
}

// NewInference looks at nothing yet.
func NewInference(doc *openapi.Document) *Inference {
	return &Inference{doc: doc, shapes: sync.OnceValue(func() *shapes { return newShapes(doc) }), looks: map[*shape]*look{}}
}

// Operation is what an operation does, and why that is thought; ok is false
// where the contract does not tell.
func (i *Inference) Operation(key string) (op *Operation, why string, ok bool) {
	s := i.shapes()
	p := s.byKey[key]
	if p == nil {
		return nil, "", false
	}
	method, _, _ := strings.Cut(key, " ")
	o, ok := i.doc.Operation(key)
	if !ok {
		return nil, "", false
	}
	g := &guess{Inference: i, s: s, p: p, method: method, op: o, out: &Operation{Key: key}}
	if op, why, ok = g.decide(); ok && method != "GET" {
		op.Idempotency = g.idempotency()
	}
	return op, why, ok
}

// Kinds lists what the contract is about, as it mentions them.
func (i *Inference) Kinds() []string {
	var out []string
	for _, k := range i.shapes().order {
		out = append(out, k.name)
	}
	return out
}

// replyOf is the schema of an operation's success reply, nil if it has none.
func (i *Inference) replyOf(o *openapi.Operation) *openapi.Schema {
	if o == nil {
		return nil
	}
	plan, err := i.doc.Plan(o)
	if err != nil {
		return nil
	}
	reply := plan.Reply(plan.Success)
	if reply == nil || plan.Success == 0 {
		return nil
	}
	return reply.Schema
}

// look is a kind's objects as a reply shows them.
type look struct {
	once   sync.Once
	key    string          // the operation whose reply it is
	object *openapi.Schema // nil if no reply shows one
	bodies bool
}

// lookOf finds the fullest description of a kind's objects.
func (i *Inference) lookOf(k *shape) *look {
	i.mu.Lock()
	l := i.looks[k]
	if l == nil {
		l = &look{}
		i.looks[k] = l
	}
	i.mu.Unlock()
	l.once.Do(func() { i.find(k, l) })
	return l
}

func (i *Inference) find(k *shape, l *look) {
	for _, o := range i.showing(k) {
		s := i.replyOf(o)
		if s == nil {
			continue
		}
		found := ShapeOf(s, false)
		if found.Object == nil || found.List || isListReply(s) {
			found = ShapeOf(s, true)
		}
		if found.Object != nil && len(found.Object.Properties()) > 0 {
			l.key, l.object = o.Key(), found.Object
			return
		}
	}
}

// showing are the operations whose reply shows one of a kind, the best first.
func (i *Inference) showing(k *shape) []*openapi.Operation {
	var out []*openapi.Operation
	add := func(p *pathPlace, methods ...string) {
		for _, m := range methods {
			if p != nil && p.methods[m] != nil {
				out = append(out, p.methods[m])
			}
		}
	}
	for _, n := range k.nouns {
		for _, item := range n.busiest() {
			add(item, "GET")
		}
	}
	for _, n := range k.nouns {
		add(n.at, "POST")
		for _, item := range n.items {
			add(item, "PUT", "PATCH", "POST")
		}
	}
	for _, n := range k.nouns {
		add(n.at, "GET", "PUT", "PATCH")
		for _, tail := range n.tails {
			add(tail, "GET", "POST")
		}
	}
	return out
}
