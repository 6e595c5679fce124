package openapi

import "slices"

// visited are the schemas that a walk has been to: parts that share parts would be walked again and again, twice as often with each level.
type visited struct {
	few  []*Schema
	many map[*Schema]bool
}

// first says whether the walk comes to a schema for the first time.
func (v *visited) first(s *Schema) bool {
	if v.many != nil {
		if v.many[s] {
			return false
		}
		v.many[s] = true
		return true
	}
	if slices.Contains(v.few, s) {
		return false
	}
	if v.few = append(v.few, s); len(v.few) > 32 {
		v.many = make(map[*Schema]bool, 128)
		for _, s := range v.few {
			v.many[s] = true
		}
	}
	return true
}
