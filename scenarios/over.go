package scenarios

import "slices"

// Over is the resource as a scenario says it, with what it leaves out as the
// contract shows it. Either may be nil.
func (r *Resource) Over(inferred *Resource) *Resource {
	switch {
	case r == nil:
		return inferred
	case inferred == nil:
		return r
	}
	out := *r
	if len(out.Schema) == 0 {
		out.Schema = inferred.Schema
	}
	if out.ID == "" {
		out.ID = inferred.ID
	}
	if out.Status.Field == "" && out.Status.Start.IsZero() {
		out.Status.Field, out.Status.Start = inferred.Status.Field, inferred.Status.Start
	} else if out.Status.Field == inferred.Status.Field && out.Status.Start.IsZero() {
		out.Status.Start = inferred.Status.Start
	}
	out.Singleton = out.Singleton || inferred.Singleton
	out.References = pairsOver(r.References, inferred.References)
	if out.Status.Field == inferred.Status.Field {
		out.Moves = movesOver(r.Moves, inferred.Moves)
	}
	out.Nature = r.Nature.over(inferred.Nature)
	return &out
}

func (n Nature) over(inferred Nature) Nature {
	if n.IDField == "" {
		n.IDField = inferred.IDField
	}
	if n.Stamps == nil {
		n.Stamps = inferred.Stamps
	}
	if n.Parent == nil {
		n.Parent = inferred.Parent
	}
	if n.Merge == nil {
		n.Merge = inferred.Merge
	}
	n.Expand = pairsOver(n.Expand, inferred.Expand)
	n.Assumed = n.Assumed || inferred.Assumed
	return n
}

// pairsOver are pairs, and those of others whose names they lack.
func pairsOver(own, others []Pair) []Pair {
	out := slices.Clone(own)
	for _, other := range others {
		if !slices.ContainsFunc(own, func(p Pair) bool { return p.Name == other.Name }) {
			out = append(out, other)
		}
	}
	return out
}

func movesOver(own, others []*Move) []*Move {
	out := slices.Clone(own)
	for _, other := range others {
		if !slices.ContainsFunc(own, func(m *Move) bool { return m.Name == other.Name }) {
			out = append(out, other)
		}
	}
	return out
}
