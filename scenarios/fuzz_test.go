package scenarios

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// FuzzExpression: whatever is written, compiling and running it ends in a
// value or an error, and the same program gives the same value twice.
func FuzzExpression(f *testing.F) {
	for _, table := range functionTable {
		for src := range table {
			f.Add(src)
		}
	}
	for _, src := range []string{"B.amount > 10 and not B.nope", "1..3 | map(# * 2)", "let x = 1; x", "{a: [1, B.x?.y[0]]}", "B.text matches '^(a|b)*$'", "reduce(1..99, #acc * #, 1)", "10 ** 999", "#", "((((1))))", "sortBy(B.rows, .n, 'desc')[0:1]"} {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		src = strings.ReplaceAll(src, "B.", "request.body.")
		p, err := Compile(src, 1, testScope)
		if err != nil {
			return
		}
		v, err := p.Run(testEnv())
		if err != nil {
			if strings.Contains(err.Error(), "interface conversion") || strings.Contains(err.Error(), "runtime error") {
				t.Fatalf("%s: %v", src, err)
			}
			return
		}
		again, err := p.Run(testEnv())
		if err != nil || !equal(v, again) {
			t.Fatalf("%s: %s, then %s, %v", src, show(v), show(again), err)
		}
		_, _ = json.Marshal(v)
		_, _ = p.True(testEnv())
		_, _ = p.Run(nil)
	})
}

// FuzzLoad: whatever is in a file, it loads or is refused; what loads can be
// embedded and checked.
func FuzzLoad(f *testing.F) {
	sample, err := os.ReadFile("testdata/valid/sample.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sample)
	for _, src := range []string{"", "a: &a [*a]", "provider: x\ncontract: y\noperations: {GET /a: {reply: {a: null}}}", "- {", "? [a]\n: b", "provider: !!binary x", "<<: {<<: *b}", "a: |\n\tx", "provider: x\ncontract: y\nseed: [{create: a, set: {<<: [*b, {c: 1}]}}]"} {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		s, err := Load("fuzz.yaml", data)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an empty error")
			}
			return
		}
		resolved, err := Resolve(s)
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodeResolved(resolved)
		if err != nil {
			t.Fatal(err)
		}
		if !utf8.Valid(data) {
			return // the standard reader mends what is embedded only for our own files
		}
		if diff := cmp.Diff(standard(t, resolved), again); diff != "" {
			t.Fatal(diff)
		}
		if twice, err := Resolve(again); err != nil || string(twice) != string(resolved) {
			t.Fatalf("%s\nbecame\n%s", resolved, twice)
		}
		_ = Check(s, openContract{})
		_, _ = s.Settings(nil)
	})
}
