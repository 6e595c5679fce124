package openapi_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sandgate/sandgate/openapi"
)

func TestServerPaths(t *testing.T) {
	for _, c := range []struct {
		name, servers string
		want          []string
	}{
		{"none", ``, nil},
		{"no path", `servers: [{url: "https://api.shop.test"}, {url: "https://api.shop.test/"}, {url: /}]`, nil},
		{"path", `servers: [{url: "https://api.shop.test/api/v2/"}]`, []string{"/api/v2"}},
		{"several", `servers: [{url: "https://a.test/v1"}, {url: "https://b.test/sandbox/v1"}, {url: "https://c.test/v1"}]`, []string{"/sandbox/v1", "/v1"}},
		{"relative", `servers: [{url: /v3}, {url: v4}]`, []string{"/v3", "/v4"}},
		{"variables", `servers: [{url: "https://{region}.shop.test:{port}/{base}/x", variables: {region: {default: eu}, port: {default: 8443}, base: {default: v1, enum: [v1, v2]}}}]`, []string{"/v1/x", "/v2/x"}},
		{"a variable without a value", `servers: [{url: "https://shop.test/{base}"}]`, []string{"/%7Bbase%7D"}},
		{"escaped", `servers: [{url: "https://shop.test/a%20b"}]`, []string{"/a%20b"}},
		{"broken", `servers: [{url: 7}, {}, {url: "https://shop.test/%zz"}]`, nil},
	} {
		d, err := openapi.Load([]byte("openapi: 3.0.3\npaths: {}\n" + c.servers + "\n"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, d.ServerPaths()); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	d, err := openapi.Load([]byte("openapi: 3.0.3\nservers: [{url: /a}]\npaths:\n  /x:\n    servers: [{url: /b}]\n    get: {servers: [{url: /c}]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"/a", "/b", "/c"}, d.ServerPaths()); diff != "" {
		t.Error(diff)
	}
}

// A request may have the server's path or not; a path of the document's own wins.
func TestRouterUnder(t *testing.T) {
	d, err := openapi.Load([]byte("openapi: 3.0.3\nservers: [{url: /v1}, {url: /v1/deep}]\npaths:\n  /v1/mine: {get: {}}\n  /mine: {get: {}, put: {}}\n  /: {get: {}}\n  /x/{id}: {post: {}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	r := openapi.NewRouter(d.Operations()).Under(d.ServerPaths)
	for request, want := range map[string]string{
		"GET /mine": "GET /mine", "GET /v1/mine": "GET /v1/mine", "PUT /v1/mine": "GET", "GET /v1/v1/mine": "GET /v1/mine", "GET /v1/deep/mine": "GET /mine", "PUT /v1/deep/mine": "PUT /mine",
		"GET /v1": "GET /", "GET /v1/": "GET /", "GET /v1x": "", "GET /v2/mine": "", "POST /v1/x/7": "POST /x/{id}", "GET /v1/x/7": "POST",
	} {
		method, path, _ := strings.Cut(request, " ")
		op, params, allow := r.Find(method, path)
		got := strings.Join(allow, ",")
		if op != nil {
			got = op.Key()
		}
		if !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%s: %q, want %q", request, got, want)
		}
		if want == "POST /x/{id}" && params["id"] != "7" {
			t.Errorf("%s: %v", request, params)
		}
	}
}
