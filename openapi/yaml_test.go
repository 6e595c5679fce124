package openapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sandgate/sandgate/openapi"
)

func TestFromYAML(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"order", "z: 1\na: 2\nm: {y: 1, b: 2}", `{"z":1,"a":2,"m":{"y":1,"b":2}}`},
		{"numbers keep their digits", "- 10.50\n- 1e3\n- -0\n- 9007199254740993\n- 0x1F\n- 0o17\n- 1_000\n- .5", `[10.50,1e3,-0,9007199254740993,31,15,1000,0.5]`},
		{"strings", "- no\n- 'a''b'\n- \"a\\nb\"\n- 2026-01-01\n- '12'\n- !!str 12\n- <b>&", `["no","a'b","a\nb","2026-01-01","12","12","<b>&"]`},
		{"other scalars", "- true\n- null\n- ~\n-", `[true,null,null,null]`},
		{"blocks", "a: |\n  x\n  y\nb: >-\n  x\n  y", `{"a":"x\ny\n","b":"x y"}`},
		{"keys", "200: a\n4XX: b\ntrue: c\n'x y': d", `{"200":"a","4XX":"b","true":"c","x y":"d"}`},
		{"anchors", "a: &x {n: 1}\nb: *x", `{"a":{"n":1},"b":{"n":1}}`},
		{"merge", "a: &x {n: 1, m: 2}\nb:\n  <<: *x\n  n: 3", `{"a":{"n":1,"m":2},"b":{"n":3,"m":2}}`},
		{"merge of several", "a: &x {n: 1}\nb: &y {n: 2, o: 3}\nc:\n  <<: [*x, *y]", `{"a":{"n":1},"b":{"n":2,"o":3},"c":{"n":1,"o":3}}`},
		{"empty collections", "a: {}\nb: []", `{"a":{},"b":[]}`},
		{"comment", "# one\na: 1 # two\n# three", `{"a":1}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := openapi.FromYAML([]byte(tc.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFromYAMLRefuses(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&bomb, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	for _, tc := range []struct{ name, text, want string }{
		{"bomb", bomb.String(), "too large"},
		{"itself", "a: &x [*x]", "too"},
		{"merges itself", "a: &x\n  <<: *x", "too deep"},
		{"infinite", "a: .inf", "no JSON form"},
		{"not a number", "a: .nan", "no JSON form"},
		{"merge of a scalar", "a:\n  <<: 1", "only a mapping"},
		{"duplicate", "a: 1\na: 2", "2:1:"},
		{"tab", "a:\n\t- b", "2:1: a tab cannot indent: YAML wants spaces"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, err := openapi.FromYAML([]byte(tc.text)); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%.80s, error %v does not say %q", got, err, tc.want)
			}
		})
	}
}
