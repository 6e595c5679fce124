package openapi

import "strings"

// maxPathStart is how many segments may be missing, or be too many, at the beginning of a path that is near to another.
const maxPathStart = 2

// NearestPath is the path of the contract that a path without an operation was probably meant to be, "" if none is near. Of several that are equally
// near, one that has the method goes first, then the one with more fixed segments, then the first in the document.
func (d *Document) NearestPath(method, path string) string {
	given := strings.Split(strings.Trim(path, "/"), "/")
	if len(path) > 500 || len(given) > MaxDepth {
		return ""
	}
	limit := max(1, min(len(path)/5, 4))
	best, least := "", 4*limit+4
	for _, o := range d.operations {
		cost := pathCost(o.Segments, given, limit)
		if cost > limit {
			continue
		}
		if cost *= 4; o.Method != strings.ToUpper(method) {
			cost += 2
		}
		if len(o.names) > 0 {
			cost++
		}
		if cost < least {
			best, least = o.Path, cost
		}
	}
	return best
}

// pathCost counts the edits between a path's template and a path; above limit it does not matter how many.
func pathCost(template, given []string, limit int) int {
	start := 0
	for ; len(template) > len(given); start++ {
		if template = template[1:]; start == maxPathStart || len(template) == 0 {
			return limit + 1
		}
	}
	for ; len(given) > len(template); start++ {
		if given = given[1:]; start == maxPathStart || len(given) == 0 {
			return limit + 1
		}
	}
	cost, fixed := start, 0
	for i, segment := range template {
		if strings.Contains(segment, "{") {
			continue
		}
		if fixed++; segment == given[i] {
			continue
		}
		near := distance(strings.ToLower(segment), strings.ToLower(given[i]), limit+1)
		if cost += max(near, 1); near*2 > len(segment) || cost > limit {
			return limit + 1
		}
	}
	if fixed == 0 {
		return limit + 1
	}
	return cost
}
