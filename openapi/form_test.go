package openapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sandgate/sandgate/openapi"
)

// formContract takes one form; every rule of forms has a property of its own.
const formContract = `{"openapi":"3.0.3","paths":{"/f":{"post":{"requestBody":{"content":{"application/x-www-form-urlencoded":{
"encoding":{"tags":{"style":"form","explode":false},"range":{"style":"form","explode":false},"blob":{"contentType":"application/json"},"piped":{"style":"pipeDelimited","explode":false}},
"schema":{"type":"object","additionalProperties":false,"properties":{
	"amount":{"type":"integer"},"rate":{"type":"number"},"live":{"type":"boolean"},"name":{"type":"string"},"only":{"type":"string","enum":["a","b"]},
	"ends":{"anyOf":[{"type":"string","enum":["now"]},{"type":"integer"},{"type":"string","enum":[""]}]},
	"address":{"anyOf":[{"type":"object","required":["line"],"properties":{"line":{"type":"string"},"zip":{"type":"string"}}},{"type":"string","enum":[""]}]},
	"metadata":{"anyOf":[{"type":"object","additionalProperties":{"type":"string"}},{"type":"string","enum":[""]}]},
	"items":{"type":"array","items":{"type":"object","required":["price"],"properties":{"price":{"type":"string"},"quantity":{"type":"integer"},"tax":{"type":"array","items":{"type":"string"}}}}},
	"expand":{"type":"array","items":{"type":"string"}},"numbers":{"type":"array","items":{"type":"integer"}},
	"maybe":{"anyOf":[{"type":"array","items":{"type":"integer"}},{"type":"string","enum":[""]}]},
	"source":{"anyOf":[{"type":"object","required":["number"],"properties":{"object":{"type":"string","enum":["card"]},"number":{"type":"string"}}},
		{"type":"object","required":["object","count"],"properties":{"object":{"type":"string","enum":["pile"]},"count":{"type":"integer"},"number":{"type":"integer"}}},{"type":"string"}]},
	"either":{"anyOf":[{"type":"array","items":{"type":"integer"}},{"type":"object","additionalProperties":{"type":"string"}}]},
	"gone":{"type":"integer","nullable":true},"tree":{"$ref":"#/components/schemas/Tree"},"who":{"allOf":[{"type":"object","properties":{"age":{"type":"integer"}}},{"$ref":"#/components/schemas/Tree"}]},
	"tags":{"type":"array","items":{"type":"string"}},"range":{"type":"object","properties":{"from":{"type":"integer"},"to":{"type":"integer"}}},
	"piped":{"type":"array","items":{"type":"integer"}},"blob":{"type":"object","properties":{"n":{"type":"integer"}}},
	"a.b":{"type":"string"},"ids[]":{"type":"array","items":{"type":"integer"}}
}}}}}}}},"components":{"schemas":{"Tree":{"type":"object","properties":{"name":{"type":"string"},"leaf":{"type":"integer"},"next":{"$ref":"#/components/schemas/Tree"}}}}}}`

func formPlan(t testing.TB) *openapi.Plan {
	t.Helper()
	d, err := openapi.Load([]byte(formContract))
	if err != nil {
		t.Fatal(err)
	}
	p, err := d.Plan(d.Operations()[0])
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func decodeForm(p *openapi.Plan, body string) (any, []openapi.Violation) {
	r := httptest.NewRequest(http.MethodPost, "/f", nil)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	v, bad := p.Decode(r, nil, []byte(body))
	return v.Body, bad
}

func TestForm(t *testing.T) {
	p := formPlan(t)
	for _, tc := range []struct{ name, form, want string }{
		{"typed", "amount=10&rate=1.50&live=true&name=007&only=a", `{"amount":10,"rate":1.50,"live":true,"name":"007","only":"a"}`},
		{"text that looks like something else", "name=true", `{"name":"true"}`},
		{"plus and percent", "name=a+b%2Bc%26", `{"name":"a b+c&"}`},
		{"no value", "name", `{"name":""}`},
		{"word or time", "ends=now", `{"ends":"now"}`},
		{"time or word", "ends=1700000000", `{"ends":1700000000}`},
		{"unset", "ends=&address=&metadata=&maybe=", `{"ends":"","address":"","metadata":"","maybe":""}`},
		{"null", "gone=", `{"gone":null}`},
		{"object", "address[line]=x&address[zip]=0123", `{"address":{"line":"x","zip":"0123"}}`},
		{"percent-encoded brackets", "address%5Bline%5D=x", `{"address":{"line":"x"}}`},
		{"metadata", "metadata[order]=12&metadata[0]=x&metadata[a.b]=true&metadata[]=", ""},
		{"metadata keys", "metadata[order]=12&metadata[0]=x&metadata[a.b]=true", `{"metadata":{"order":"12","0":"x","a.b":"true"}}`},
		{"metadata unset", "metadata[order]=", `{"metadata":{"order":""}}`},
		{
			"items by index, in any order, with holes", "items[7][price]=c&items[0][price]=a&items[0][quantity]=2&items[3][price]=b&items[3][tax][0]=t",
			`{"items":[{"price":"a","quantity":2},{"price":"b","tax":["t"]},{"price":"c"}]}`,
		},
		{"index ten after two", "numbers[10]=3&numbers[2]=2&numbers[1]=1", `{"numbers":[1,2,3]}`},
		{
			"items without index", "items[][price]=a&items[][quantity]=1&items[][price]=b&items[][tax][]=x&items[][tax][]=y&items[][price]=c",
			`{"items":[{"price":"a","quantity":1},{"price":"b","tax":["x","y"]},{"price":"c"}]}`,
		},
		{"list by brackets", "expand[]=a&expand[]=b.c", `{"expand":["a","b.c"]}`},
		{"list by index", "expand[0]=a", `{"expand":["a"]}`},
		{"list by repeating", "expand=a&expand=b", `{"expand":["a","b"]}`},
		{"list of one", "expand=a", `{"expand":["a"]}`},
		{"commas stay where nobody says otherwise", "expand=a,b", `{"expand":["a,b"]}`},
		{"commas that can mean nothing else", "numbers=1,2", `{"numbers":[1,2]}`},
		{"list or nothing", "maybe[]=1&maybe[]=2", `{"maybe":[1,2]}`},
		{"the variant that fits", "source[object]=card&source[number]=42", `{"source":{"object":"card","number":"42"}}`},
		{"the other variant", "source[object]=pile&source[count]=1&source[number]=42", `{"source":{"object":"pile","count":1,"number":42}}`},
		{"a variant that is a text", "source=tok_1", `{"source":"tok_1"}`},
		{"list or object", "either[0]=1&either[1]=2", `{"either":[1,2]}`},
		{"object or list", "either[0]=x", `{"either":{"0":"x"}}`},
		{"a circle", "tree[next][next][leaf]=3&tree[name]=4", `{"tree":{"name":"4","next":{"next":{"leaf":3}}}}`},
		{"parts", "who[age]=3&who[name]=3&who[next][leaf]=1", `{"who":{"age":3,"name":"3","next":{"leaf":1}}}`},
		{"list by commas", "tags=a,b", `{"tags":["a","b"]}`},
		{"object by commas", "range=from,1,to,2", `{"range":{"from":1,"to":2}}`},
		{"list by pipes", "piped=1|2", `{"piped":[1,2]}`},
		{"JSON", `blob={"n":1.0}`, `{"blob":{"n":1.0}}`},
		{"JSON that nobody asked for", `tree={"leaf":2}`, `{"tree":{"leaf":2}}`},
		{"dots", "tree.next.leaf=1&address.line=x", `{"tree":{"next":{"leaf":1}},"address":{"line":"x"}}`},
		{"a name with a dot", "a.b=1", `{"a.b":"1"}`},
		{"a name with brackets", "ids[]=1&ids[]=2", `{"ids[]":[1,2]}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, bad := decodeForm(p, tc.form)
			if tc.want == "" {
				if len(bad) == 0 {
					t.Fatalf("%v is accepted", got)
				}
				return
			}
			if bad != nil {
				t.Fatal(bad)
			}
			if diff := cmp.Diff(value(t, tc.want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFormRefused(t *testing.T) {
	p := formPlan(t)
	for _, tc := range []struct {
		name, form string
		bad        []string
	}{
		{"undeclared", "nobody=1&amount=1", []string{"/body/nobody additionalProperties"}},
		{"undeclared, nested", "nobody[a][]=1", []string{"/body/nobody additionalProperties"}},
		{"dots that fit nothing", "tree.nobody=1", []string{"/body/tree.nobody additionalProperties"}},
		{"brackets that do not match", "tree[name=1", []string{"/body/tree[name additionalProperties"}},
		{"types", "amount=1.5&live=yes&only=c&ends=later", []string{"/body/amount type", "/body/ends anyOf", "/body/ends enum", "/body/live type", "/body/only enum"}},
		{"inside", "items[0][quantity]=x&items[5][price]=b&items[5][quantity]=y", []string{"/body/items/0/price required", "/body/items/0/quantity type", "/body/items/1/quantity type"}},
		{"a value and names", "amount=1&amount[b]=2", []string{"/body/amount form", "/body/amount type"}},
		{"a value and names, deeper", "items[0][price]=1&items[0][price][x]=2", []string{"/body/items/0/price form", "/body/items/0/price type"}},
		{"items and names", "numbers[]=1&numbers[x]=2", []string{"/body/numbers form", "/body/numbers type"}},
		{"twice", "amount=1&amount=2", []string{"/body/amount form"}},
		{"names where a list is", "numbers[x]=1", []string{"/body/numbers type"}},
		{"names where a value is", "amount[x]=1", []string{"/body/amount type"}},
		{"an index beyond all", "numbers[999999999]=1", []string{"/body/numbers/999999999 limit"}},
		{"an index that is no number", "numbers[99999999999999999999999]=1", []string{"/body/numbers/999999*************9999 limit"}},
		{"bad JSON", "blob={", []string{"/body/blob json", "/body/blob type"}},
		{"bad percent", "name=%zz", []string{"/body form"}},
		{"too deep", "tree" + strings.Repeat("[next]", 70) + "=1", []string{"/body limit"}},
		{"too many", strings.Repeat("expand[]=a&", 10_001), []string{"/body limit"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, bad := decodeForm(p, tc.form)
			got := rules(bad)
			slices.Sort(got)
			if diff := cmp.Diff(tc.bad, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// An empty form is an empty body: what it lacks is named.
func TestFormEmpty(t *testing.T) {
	for required, want := range map[string][]string{`["a"]`: {"/body/a required"}, `[]`: nil} {
		d, err := openapi.Load([]byte(fmt.Sprintf(`{"openapi":"3.0.3","paths":{"/f":{"post":{"requestBody":{"required":true,"content":{"application/x-www-form-urlencoded":
			{"schema":{"type":"object","required":%s,"properties":{"a":{"type":"string"}}}}}}}}}}`, required)))
		if err != nil {
			t.Fatal(err)
		}
		_, bad := decodeForm(plan(t, d, "POST /f"), "")
		if diff := cmp.Diff(want, rules(bad)); diff != "" {
			t.Error(diff)
		}
	}
}

func FuzzForm(f *testing.F) {
	p := formPlan(f)
	for _, s := range []string{"amount=1", "items[0][price]=a&items[][price]=b", "a[][][b]=1&a[][]=2", "[]=1", "[a]=2&=3", "tree.next.leaf=1", "source[a]=1&source[]=2", "either[00]=1", "%5B%5D=%00", "tags=,", "range=a,b,c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, form string) {
		v, bad := decodeForm(p, form)
		if _, err := openapi.Marshal(v, nil); err != nil {
			t.Fatal(err)
		}
		again, bad2 := decodeForm(p, form)
		if diff := cmp.Diff(v, again); diff != "" || cmp.Diff(bad, bad2) != "" {
			t.Fatalf("twice the same form, not the same value: %s", diff)
		}
	})
}
