package scenarios

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sandgate/sandgate/openapi"
)

// suggest is the end of a message about an unknown word: the nearest known
// one, or the whole choice when it is short.
func suggest(word string, known []string) string {
	if near := Nearest(word, known); near != "" {
		return "; did you mean " + strconv.Quote(near) + "?"
	}
	if len(known) == 0 || len(known) > 14 {
		return ""
	}
	sorted := slices.Sorted(slices.Values(known))
	return "; one of " + strings.Join(slices.Compact(sorted), ", ")
}

// Nearest is the known word that word was probably meant to be, or "".
func Nearest(word string, known []string) string { return openapi.Nearest(word, known) }

// Suggest is the end of a message about an unknown word, for other packages.
func Suggest(word string, known []string) string { return suggest(word, known) }
