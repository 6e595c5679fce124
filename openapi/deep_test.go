package openapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sandgate/sandgate/openapi"
)

// styleContract has a parameter for every style there is.
const styleContract = `{"openapi":"3.0.3","paths":{
"/q":{"get":{"parameters":[
	{"in":"query","name":"created","style":"deepObject","explode":true,"schema":{"anyOf":[{"type":"object","properties":{"gte":{"type":"integer"},"in":{"type":"array","items":{"type":"integer"}},"in2":{"type":"object","properties":{"x":{"type":"boolean"}}}}},{"type":"integer"}]}},
	{"in":"query","name":"expand","style":"deepObject","explode":true,"schema":{"type":"array","items":{"type":"string"}}},
	{"in":"query","name":"ids[]","schema":{"type":"array","items":{"type":"integer"}}},
	{"in":"query","name":"filter[status]","schema":{"type":"string","enum":["open"]}},
	{"in":"query","name":"color","schema":{"type":"object","properties":{"R":{"type":"integer"},"G":{"type":"integer"}}}},
	{"in":"query","name":"flat","explode":false,"schema":{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"}}}},
	{"in":"query","name":"spaced","style":"spaceDelimited","explode":false,"schema":{"type":"array","items":{"type":"integer"}}},
	{"in":"query","name":"piped","style":"pipeDelimited","explode":false,"schema":{"type":"object","additionalProperties":{"type":"integer"}}},
	{"in":"query","name":"json","content":{"application/json":{"schema":{"type":"array","items":{"type":"integer"}}}}},
	{"in":"query","name":"flag","allowEmptyValue":true,"schema":{"type":"boolean"}},
	{"in":"query","name":"since","allowReserved":true,"schema":{"type":"string","format":"uri"}},
	{"in":"query","name":"when","schema":{"oneOf":[{"type":"string","enum":["now"]},{"type":"integer"}]}},
	{"in":"query","name":"page","schema":{"type":"object","properties":{"size":{"type":"integer"}},"additionalProperties":false},"style":"deepObject"},
	{"in":"cookie","name":"prefs","explode":false,"schema":{"type":"array","items":{"type":"integer"}}},
	{"in":"cookie","name":"shop","explode":false,"schema":{"type":"object","properties":{"id":{"type":"integer"}}}},
	{"in":"header","name":"X-List","schema":{"type":"array","items":{"type":"integer"}}},
	{"in":"header","name":"X-Map","explode":true,"schema":{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"boolean"}}}}
]}},
"/p/{v}":{"parameters":[{"in":"path","name":"v","required":true,"schema":{"type":"array","items":{"type":"integer"}}}],"get":{},
	"post":{"parameters":[{"in":"path","name":"v","required":true,"style":"label","schema":{"type":"array","items":{"type":"integer"}}}]},
	"put":{"parameters":[{"in":"path","name":"v","required":true,"style":"matrix","schema":{"type":"array","items":{"type":"integer"}}}]},
	"patch":{"parameters":[{"in":"path","name":"v","required":true,"style":"matrix","explode":true,"schema":{"type":"array","items":{"type":"integer"}}}]},
	"delete":{"parameters":[{"in":"path","name":"v","required":true,"style":"label","explode":true,"schema":{"type":"object","properties":{"R":{"type":"integer"},"G":{"type":"integer"}}}}]}},
"/o/{v}":{"parameters":[{"in":"path","name":"v","required":true,"schema":{"type":"object","properties":{"R":{"type":"integer"},"G":{"type":"integer"}}}}],"get":{},
	"post":{"parameters":[{"in":"path","name":"v","required":true,"explode":true,"schema":{"type":"object","properties":{"R":{"type":"integer"},"G":{"type":"integer"}}}}]},
	"put":{"parameters":[{"in":"path","name":"v","required":true,"style":"matrix","schema":{"type":"object","properties":{"R":{"type":"integer"},"G":{"type":"integer"}}}}]},
	"patch":{"parameters":[{"in":"path","name":"v","required":true,"style":"matrix","explode":true,"schema":{"type":"object","properties":{"R":{"type":"integer"},"G":{"type":"integer"}}}}]},
	"delete":{"parameters":[{"in":"path","name":"v","required":true,"style":"matrix","schema":{"type":"integer"}}]}}
}}`

func styles(t *testing.T) *openapi.Document {
	t.Helper()
	d, err := openapi.Load([]byte(styleContract))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestQueryStyles(t *testing.T) {
	p := plan(t, styles(t), "GET /q")
	for _, tc := range []struct{ query, want string }{
		{"created[gte]=1&created[in][]=2&created[in][]=3&created[in2][x]=true", `{"created":{"gte":1,"in":[2,3],"in2":{"x":true}}}`},
		{"created%5Bgte%5D=1", `{"created":{"gte":1}}`},
		{"created=1700000000", `{"created":1700000000}`},
		{"expand[]=a&expand[]=data.b", `{"expand":["a","data.b"]}`},
		{"expand[1]=b&expand[0]=a", `{"expand":["a","b"]}`},
		{"expand=a", `{"expand":["a"]}`},
		{"ids[]=1&ids[]=2", `{"ids[]":[1,2]}`},
		{"filter[status]=open", `{"filter[status]":"open"}`},
		{"R=100&G=200&X=1", `{"color":{"R":100,"G":200}}`},
		{"flat=a,1,b,x", `{"flat":{"a":1,"b":"x"}}`},
		{"flat[a]=1", `{"flat":{"a":1}}`},
		{"spaced=1%202", `{"spaced":[1,2]}`},
		{"spaced=1+2", `{"spaced":[1,2]}`},
		{"piped=R|1|G|2", `{"piped":{"R":1,"G":2}}`},
		{"json=[1,2]", `{"json":[1,2]}`},
		{"flag", `{"flag":""}`},
		{"flag=", `{"flag":""}`},
		{"flag=true", `{"flag":true}`},
		{"since=https://example.com/a?b", `{"since":"https://example.com/a?b"}`},
		{"when=now", `{"when":"now"}`},
		{"when=17", `{"when":17}`},
		{"page[size]=3", `{"page":{"size":3}}`},
		{"nobody[x]=1&%zz=1", `{}`},
	} {
		t.Run(tc.query, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/q", nil)
			r.URL.RawQuery = strings.NewReplacer("|", "%7C", `"`, "%22").Replace(tc.query)
			v, bad := p.Decode(r, nil, nil)
			if bad != nil {
				t.Fatal(bad)
			}
			got := any(v.Query)
			if v.Query == nil {
				got = map[string]any{}
			}
			if diff := cmp.Diff(value(t, tc.want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestQueryStylesRefused(t *testing.T) {
	p := plan(t, styles(t), "GET /q")
	for query, want := range map[string][]string{
		"page[size]=x&page[nobody]=1":  {"/query/page/nobody additionalProperties", "/query/page/size type"},
		"page=1":                       {"/query/page type"},
		"page[size]=1&page[size][x]=2": {"/query/page/size form", "/query/page/size type"},
		"expand[999999999]=x":          {"/query/expand/999999999 limit"},
		"R=x":                          {"/query/color/R type"},
		"flat=a,x":                     {"/query/flat/a type"},
		"json=[":                       {"/query/json/0 json"},
		"filter[status]=shut":          {"/query/filter[status] enum"},
		"flag=x":                       {"/query/flag type"},
		"x" + strings.Repeat("[a]", 100) + "=1&expand[0]=a": {"/query limit"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/q", nil)
		r.URL.RawQuery = query
		_, bad := p.Decode(r, nil, nil)
		if diff := cmp.Diff(want, rules(bad)); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
}

func TestPathHeaderAndCookieStyles(t *testing.T) {
	d := styles(t)
	for _, tc := range []struct{ key, given, want string }{
		{"GET /p/{v}", "3,4", `[3,4]`},
		{"POST /p/{v}", ".3,4", `[3,4]`},
		{"POST /p/{v}", ".3.4", `[3,4]`},
		{"PUT /p/{v}", ";v=3,4", `[3,4]`},
		{"PATCH /p/{v}", ";v=3;v=4", `[3,4]`},
		{"DELETE /p/{v}", ".R=1.G=2", `{"R":1,"G":2}`},
		{"GET /o/{v}", "R,1,G,2", `{"R":1,"G":2}`},
		{"POST /o/{v}", "R=1,G=2", `{"R":1,"G":2}`},
		{"PUT /o/{v}", ";v=R,1,G,2", `{"R":1,"G":2}`},
		{"PATCH /o/{v}", ";R=1;G=2", `{"R":1,"G":2}`},
		{"DELETE /o/{v}", ";v=5", `5`},
		{"DELETE /o/{v}", "5", `5`},
	} {
		v, bad := plan(t, d, tc.key).Decode(httptest.NewRequest(http.MethodGet, "/", nil), map[string]string{"v": tc.given}, nil)
		if diff := cmp.Diff(value(t, tc.want), v.Path["v"]); bad != nil || diff != "" {
			t.Errorf("%s %s: %v %s", tc.key, tc.given, bad, diff)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/q", nil)
	r.Header.Set("Cookie", "prefs=1,2; shop=id,7")
	r.Header.Set("X-List", "1, 2")
	r.Header.Set("X-Map", "a=1, b=true")
	v, bad := plan(t, d, "GET /q").Decode(r, nil, nil)
	if bad != nil {
		t.Fatal(bad)
	}
	for want, got := range map[string]any{`{"prefs":[1,2],"shop":{"id":7}}`: v.Cookie, `{"X-List":[1,2],"X-Map":{"a":1,"b":true}}`: v.Header} {
		if diff := cmp.Diff(value(t, want), got); diff != "" {
			t.Error(diff)
		}
	}
}
