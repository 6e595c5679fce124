package sandbox

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestNamesAreCutBetweenCharacters(t *testing.T) {
	if got := clipName(strings.Repeat("a", 79) + "é" + strings.Repeat("b", 9)); !utf8.ValidString(got) || got != strings.Repeat("a", 79)+"…" {
		t.Errorf("%q", got)
	}
}
