package openapi

import "slices"

// twins are operations that the shape of a path cannot tell apart: GET /rec/{idRec} and GET /rec/{recUrlAccessToken}. Contracts have them where
// the forms of the parameters differ, so those are what decides.
type twins struct {
	of   map[*Operation][]*Operation // by the first one, which is among them
	plan func(*Operation) (*Plan, error)
}

func (t *twins) twin(first, other *Operation) {
	if t.of == nil {
		t.of = map[*Operation][]*Operation{}
	}
	if t.of[first] == nil {
		t.of[first] = []*Operation{first}
	}
	t.of[first] = append(t.of[first], other)
}

// settle puts first the one whose path has more operations: the other is a second way to it.
func (t *twins) settle(ops []*Operation) {
	if t.of == nil {
		return
	}
	count := map[string]int{}
	for _, op := range ops {
		count[op.Path]++
	}
	for _, list := range t.of {
		slices.SortStableFunc(list, func(a, b *Operation) int { return count[b.Path] - count[a.Path] })
	}
}

// Among lets a router choose between operations of one shape by whether the parameters of the path fit.
func (r *Router) Among(plan func(*Operation) (*Plan, error)) *Router {
	r.plan = plan
	return r
}

// among prefers the one whose parameters are told by their form and fit, then the first one that takes anything.
func (t *twins) among(op *Operation, values []string) *Operation {
	list := t.of[op]
	if list == nil {
		return op
	}
	if t.plan == nil {
		return list[0]
	}
	var loose *Operation
	for _, twin := range list {
		told, fit := t.fits(twin, values)
		switch {
		case fit && told:
			return twin
		case fit && loose == nil:
			loose = twin
		}
	}
	if loose != nil {
		return loose
	}
	return list[0]
}

// fits reports whether the path's values are what the operation's parameters may be, and whether that says anything.
func (t *twins) fits(op *Operation, values []string) (told, fit bool) {
	plan, err := t.plan(op)
	if err != nil {
		return false, false
	}
	for i, name := range op.names {
		for j := range plan.Params {
			p := &plan.Params[j]
			if p.In != "path" || p.Name != name || p.Schema == nil {
				continue
			}
			if len(p.Schema.Validate(typed(values[i:i+1], p.Schema, separator(p)), "")) > 0 {
				return false, false
			}
			if tellsForm(p.Schema) {
				told = true
				continue
			}
			shown := plan.shows(name)
			if shown == nil || !tellsForm(shown) {
				continue
			}
			if told = true; len(shown.Validate(typed(values[i:i+1], shown, separator(p)), "")) > 0 {
				return false, false
			}
		}
	}
	return told, true
}

// tellsForm reports a schema that says what its values look like.
func tellsForm(s *Schema) bool {
	f := s.facets()
	return f.Pattern != "" || f.Format != "" || len(f.Enum) > 0 || f.MinLength > 0 || s.Type() != "string"
}

// shows is the property of the success reply that is called like a parameter: what is asked for by it looks like it.
func (p *Plan) shows(name string) *Schema {
	reply := p.Reply(p.Success)
	if reply == nil || reply.Schema == nil || !reply.Schema.Has(name) {
		return nil
	}
	if s := reply.Schema.Property(name); s.Type() == "string" || s.Type() == "integer" {
		return s
	}
	return nil
}
