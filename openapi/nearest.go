package openapi

import (
	"strings"
)

// Nearest is the known word that word was probably meant to be, or "".
func Nearest(word string, known []string) string {
	if len(word) < 2 {
		return "" // one letter is near to any other
	}
	best, least := "", max(1, min(len(word)/3, 4))
	for _, k := range known {
		d := distance(strings.ToLower(word), strings.ToLower(k), least+1)
		if d < least || d == least && (best == "" || k < best) {
			best, least = k, d
		}
	}
	return best
}

// distance counts edits, a swap of neighbours being one; limit and above are all the same.
func distance(a, b string, limit int) int {
	if max(len(a)-len(b), len(b)-len(a)) >= limit || len(a) > 200 || len(b) > 200 {
		return limit
	}
	older, old, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range old {
		old[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(old[j]+1, row[j-1]+1, old[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
		older, old, row = old, row, older
	}
	return old[len(b)]
}
