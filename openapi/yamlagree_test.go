package openapi

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Our reader and the library read the same text the same way.
func TestYAMLReadersAgree(t *testing.T) {
	texts := map[string]string{}
	for _, pattern := range []string{"../openapi/*/*.yaml", "../scenarios/*/*.yaml", "../scenarios/*.yaml", "../testcards/*.yaml", "testdata/*.yaml", "../../shared/specs/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			texts[file] = string(data)
		}
	}
	if len(texts) < 20 {
		t.Fatalf("only %d files", len(texts))
	}
	for i, text := range yamlSamples {
		texts[string(rune('A'+i))] = text
	}
	for name, text := range texts {
		agree(t, name, text)
	}
}

var yamlSamples = []string{
	"a:\n- 1\n- b: 2\n  c: 3\n-\n  d: 4\n- - 5\n  - 6\ne: 7",
	"a: one\n  two\n\n  three\nb: 'it''s\n  folded\n\n  here'\nc: \"x\\\n  y\\tz\\u00e9\\U0001F600\n  w\"",
	"a: |+\n  x\n\n\nb: |-\n  x\n   y\n\n  z\n\nc: >\n  one\n  two\n\n  three\n   more\n  less\nd: |2\n   x\ne: >-\n\n  lead\n",
	"a: {b: [1, 'two', \"three\", {c: d}], e: , f: {}, \"g\":1}\nh: [a b,\n  c # comment\n  , d]",
	"# head\n---\na: 1 # tail\n# more\n",
	"x: &x {a: 1}\ny: &y\n  b: 2\nz:\n  <<: [*x, *y]\n  b: 3\nw: *x\nv: [*x, *y]",
	"- a: &s text\n  b: *s\n-   c: 1\n    d: 2",
	"a: http://x.y/z?q=1#frag\nb: a:b\nc: -x\nd: ?x\ne: a#b\nf: x, y\n",
	"200: ok\n'404': no\n\"x y\": z\n? complex\n: value",
	"a: !!str 12\nb: !!str\nc: 0x1F\nd: 1_000\ne: .5\nf: -0\ng: +1\nh: 1e3\ni: 2026-01-01\nj: 12:30\nk: no\nl: Null\nm: TRUE",
	"a:\n  - x\n  -  y\n\n  # between\n  - z\nb:\n\n  c: 1",
	"a: \"b\"   \nb: 'c' # d\nc:   \n  'e'",
	"\"a\": 1\n'b': 2\nc d: 3\ne:\n    f: |\n\n      two\n      three\n    g: 1\n",
	"a: >-\n  para\n  - list\n  - list\n\n    code\n    code\n\n  end\nb: 1",
	"text", "'text'", "[1, 2]", "- 1", "a: b\n...\n", "%YAML 1.2\n---\na: 1", "a: |\n x\n  y\n z", "a: 'x: y'\nb: \"#\"",
}

// agree compares the readers; what ours says that it does not know is the library's.
func agree(t *testing.T, name, text string) {
	t.Helper()
	want, wantErr := treeYAML([]byte(text), true)
	if wantErr != nil {
		return
	}
	clean, err := plainText([]byte(text))
	if err != nil {
		return
	}
	body, line, err := oneYAML(clean)
	var got []byte
	if err == nil {
		got, err = newYAMLReader(body, line, true).document()
	}
	if err != nil {
		if !strings.Contains(err.Error(), "does not know") {
			t.Errorf("%s: %v; the library reads %.200s", name, err, want)
		}
		return
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s: %.2000s", name, diff)
	}
}

// Whatever the text, our reader ends, and what it writes is JSON.
func FuzzYAML(f *testing.F) {
	for _, text := range yamlSamples {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		clean, err := plainText(text)
		if err != nil {
			return
		}
		body, line, err := oneYAML(clean)
		if err != nil {
			return
		}
		for _, strict := range []bool{true, false} {
			if out, err := newYAMLReader(body, line, strict).document(); err == nil && !json.Valid(out) {
				t.Errorf("%q becomes %q", text, out)
			}
		}
	})
}
