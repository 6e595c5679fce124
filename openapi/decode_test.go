package openapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sandgate/sandgate/openapi"
)

const someID = "7f0a8ad6-29a1-4a66-a6c4-8bb398eb78d1"

// rules writes violations as "pointer rule", for tests to compare.
func rules(bad []openapi.Violation) []string {
	var list []string
	for _, v := range bad {
		list = append(list, v.Pointer+" "+v.Rule)
	}
	return list
}

func TestDecodeQuery(t *testing.T) {
	p := plan(t, shop(t), "GET /orders")
	for _, tc := range []struct {
		name, query string
		want        map[string]any
		bad         []string
	}{
		{"nothing", "", nil, nil},
		{"typed", "limit=20&paid=true&status=OPEN", map[string]any{"limit": json.Number("20"), "paid": true, "status": "OPEN"}, nil},
		{"undeclared is ignored", "nobody=1&limit=2", map[string]any{"limit": json.Number("2")}, nil},
		{"repeated", "tags=aa&tags=bb", map[string]any{"tags": []any{"aa", "bb"}}, nil},
		{"brackets", "tags[]=aa&tags[]=bb", map[string]any{"tags": []any{"aa", "bb"}}, nil},
		{"commas", "tags=aa,bb&ids=1,2", map[string]any{"tags": []any{"aa", "bb"}, "ids": []any{json.Number("1"), json.Number("2")}}, nil},
		{"empty list", "tags=", map[string]any{"tags": []any{}}, nil},
		{"deep object", "filter[total]=12.50&filter[name]=x", map[string]any{"filter": map[string]any{"total": json.Number("12.50"), "name": "x"}}, nil},
		{"JSON", "raw=" + `{"a":1}`, map[string]any{"raw": map[string]any{"a": json.Number("1")}}, nil},
		{"escaped", "since=2026-01-01T00:00:00%2B02:00", map[string]any{"since": "2026-01-01T00:00:00+02:00"}, nil},
		{"all at once", "limit=0&status=GONE&tags=a,bb,c&paid=yes&since=now&ids=1,x,3,4&filter[total]=y&raw={}", nil, []string{
			"/query/limit minimum", "/query/status enum", "/query/tags/0 minLength", "/query/tags/2 minLength", "/query/ids maxItems",
			"/query/ids/1 type", "/query/since format", "/query/paid type", "/query/filter/total type", "/query/raw/a required",
		}},
		{"bad JSON", "raw=" + `{"a":`, nil, []string{"/query/raw/a json"}},
		{"not a number", "limit=007", nil, []string{"/query/limit type"}},
		{"not whole", "limit=1.5", nil, []string{"/query/limit type"}},
		{"empty number", "limit=", nil, []string{"/query/limit type"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/orders?"+strings.ReplaceAll(tc.query, `"`, "%22"), nil)
			v, bad := p.Decode(r, nil, nil)
			if diff := cmp.Diff(tc.bad, rules(bad)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tc.want, v.Query); tc.bad == nil && diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecodeHeaderCookieAndPath(t *testing.T) {
	d := shop(t)
	r := httptest.NewRequest(http.MethodGet, "/orders", nil)
	r.Header.Set("x-request-id", "no uuid")
	r.Header.Set("Accept", "text/html")
	r.AddCookie(&http.Cookie{Name: "session", Value: "abc"})
	_, bad := plan(t, d, "GET /orders").Decode(r, nil, nil)
	if diff := cmp.Diff([]string{"/header/X-Request-Id format", "/cookie/session minLength"}, rules(bad)); diff != "" {
		t.Error(diff)
	}
	get := plan(t, d, "GET /orders/{id}")
	v, bad := get.Decode(r, map[string]string{"id": someID}, nil)
	if bad != nil || v.Path["id"] != someID {
		t.Errorf("path %v, violations %v", v.Path, bad)
	}
	_, bad = get.Decode(r, map[string]string{"id": "12"}, nil)
	want := openapi.Violation{Pointer: "/path/id", Rule: "format", Expected: "uuid", Got: `string "12"`}
	if diff := cmp.Diff([]openapi.Violation{want}, bad); diff != "" {
		t.Error(diff)
	}
	v, bad = plan(t, d, "GET /nodes/{n}").Decode(r, map[string]string{"n": "12"}, nil)
	if bad != nil || v.Path["n"] != json.Number("12") {
		t.Errorf("path %v, violations %v", v.Path, bad)
	}
	_, bad = plan(t, d, "GET /nodes/{n}").Decode(r, map[string]string{"n": "2147483648"}, nil)
	if diff := cmp.Diff([]string{"/path/n format"}, rules(bad)); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeBody(t *testing.T) {
	d := shop(t)
	const good = `{"email":"ada@example.com","total":{"currency":"EUR","amount":10.50},"lines":[{"sku":"a"}]}`
	for _, tc := range []struct {
		name, key, media, body string
		bad                    []string
	}{
		{"good", "POST /orders", "application/json", good, nil},
		{"charset", "POST /orders", "Application/JSON; charset=UTF-8", good, nil},
		{"unknown property", "POST /orders", "application/json", good[:len(good)-1] + `,"nobody":1}`, nil},
		{"missing", "POST /orders", "application/json", "", []string{"/body required"}},
		{"other type", "POST /orders", "text/plain", good, []string{"/header/content-type contentType"}},
		{"other charset", "POST /orders", "application/json; charset=latin1", good, []string{"/header/content-type contentType"}},
		{"no type", "POST /orders", "", good, []string{"/header/content-type contentType"}},
		{"odd type", "POST /orders", ";;", good, []string{"/header/content-type contentType"}},
		{"bad JSON", "POST /orders", "application/json", `{"email":}`, []string{"/body/email json"}},
		{"text after", "POST /orders", "application/json", good + "x", []string{"/body json"}},
		{"not an object", "POST /orders", "application/json", `[]`, []string{"/body type"}},
		{"null", "POST /orders", "application/json", `null`, []string{"/body type"}},
		{"optional body", "POST /orders/search", "", "", nil},
		{"form", "POST /orders/search", "application/x-www-form-urlencoded", "q=a+b&page=2&tags[]=x&tags[]=y", nil},
		{"bad form", "POST /orders/search", "application/x-www-form-urlencoded", "page=x", []string{"/body/page type", "/body/q required"}},
		{"text", "POST /orders/search", "text/csv", "a,b", nil},
		{"long text", "POST /orders/search", "text/csv", "a,b,c,d", []string{"/body maxLength"}},
		{"body that nobody asked for", "GET /orders/{id}", "application/json", `{`, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/", nil)
			if tc.media != "" {
				r.Header.Set("Content-Type", tc.media)
			}
			_, bad := plan(t, d, tc.key).Decode(r, map[string]string{"id": someID}, []byte(tc.body))
			if diff := cmp.Diff(tc.bad, rules(bad)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecodeFormValues(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	v, _ := plan(t, shop(t), "POST /orders/search").Decode(r, nil, []byte("q=a+b&page=2&tags=x&other=1"))
	want := map[string]any{"q": "a b", "page": json.Number("2"), "tags": []any{"x"}, "other": "1"}
	if diff := cmp.Diff(want, v.Body); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeReportsEveryPlaceAtOnce(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Request-Id", "x")
	_, bad := plan(t, shop(t), "POST /orders").Decode(r, nil, []byte(`{"email":1,"lines":[]}`))
	want := []string{"/header/X-Request-Id format", "/body/email type", "/body/lines minItems", "/body/total required"}
	if diff := cmp.Diff(want, rules(bad)); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeDoesNotAskForWhatOnlyRepliesHave(t *testing.T) {
	d, err := openapi.Load([]byte(`{"openapi":"3.0.3","paths":{"/a":{"post":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/A"}}}}}}},
		"components":{"schemas":{"A":{"type":"object","required":["id","name"],"properties":{"id":{"type":"string","readOnly":true},"name":{"type":"string"},
		"b":{"oneOf":[{"$ref":"#/components/schemas/A"},{"type":"string"}]}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	p := plan(t, d, "POST /a")
	for body, want := range map[string][]string{
		`{"name":"x"}`:                  nil,
		`{}`:                            {"/body/name required"},
		`{"name":"x","b":{"name":1}}`:   {"/body/b/name type", "/body/b oneOf"},
		`{"name":"x","b":{"name":"y"}}`: nil,
	} {
		r := httptest.NewRequest(http.MethodPost, "/a", nil)
		r.Header.Set("Content-Type", "application/json")
		_, bad := p.Decode(r, nil, []byte(body))
		if diff := cmp.Diff(want, rules(bad)); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	}
	if bad := schema(t, d, "A").Validate(map[string]any{"name": "x"}, ""); len(bad) != 1 {
		t.Errorf("a reply without id: %v", bad)
	}
}
