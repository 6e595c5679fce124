package openapi_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sandgate/sandgate/openapi"
)

// routes makes a router for keys such as "GET /a/{id}", through a document, as they come in life.
func routes(t testing.TB, keys ...string) *openapi.Router {
	t.Helper()
	paths := map[string]any{}
	for _, key := range keys {
		method, path, _ := strings.Cut(key, " ")
		item, _ := paths[path].(map[string]any)
		if item == nil {
			item = map[string]any{}
			paths[path] = item
		}
		item[strings.ToLower(method)] = map[string]any{}
	}
	text, err := openapi.Marshal(map[string]any{"openapi": "3.0.3", "paths": paths}, nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := openapi.Load(text)
	if err != nil {
		t.Fatal(err)
	}
	return openapi.NewRouter(d.Operations())
}

var someRoutes = []string{
	"GET /", "GET /a", "POST /a", "GET /a/{id}", "DELETE /a/{key}", "POST /a/search", "GET /a/{id}/b", "GET /a/fixed/c", "POST /a/{id}:capture",
	"GET /a/{id}.pdf", "GET /r/{from}...{to}", "GET /v{n}/x", "PUT /deep/{a}/{b}/{c}", "GET /sp ace/{id}", "PATCH /a/{id}/b", "GET /slash/", "HEAD /own", "GET /own",
}

func TestRouterFinds(t *testing.T) {
	r := routes(t, someRoutes...)
	for _, tc := range []struct {
		request, key string
		params       map[string]string
		allow        []string
	}{
		{"GET /", "GET /", nil, nil},
		{"GET /a", "GET /a", nil, nil},
		{"HEAD /a", "GET /a", nil, nil},
		{"HEAD /own", "HEAD /own", nil, nil},
		{"POST /a", "POST /a", nil, nil},
		{"PUT /a", "", nil, []string{"GET", "HEAD", "POST"}},
		{"GET /a/1", "GET /a/{id}", map[string]string{"id": "1"}, nil},
		{"DELETE /a/1", "DELETE /a/{key}", map[string]string{"key": "1"}, nil},
		{"POST /a/search", "POST /a/search", nil, nil},
		{"GET /a/search", "GET /a/{id}", map[string]string{"id": "search"}, nil},
		{"PATCH /a/search", "", nil, []string{"DELETE", "GET", "HEAD", "POST"}},
		{"GET /a/fixed/c", "GET /a/fixed/c", nil, nil},
		{"GET /a/fixed/b", "GET /a/{id}/b", map[string]string{"id": "fixed"}, nil},
		{"POST /a/1:capture", "POST /a/{id}:capture", map[string]string{"id": "1"}, nil},
		{"GET /a/1:capture", "GET /a/{id}", map[string]string{"id": "1:capture"}, nil},
		{"POST /a/:capture", "", nil, []string{"DELETE", "GET", "HEAD"}},
		{"GET /a/x.pdf", "GET /a/{id}.pdf", map[string]string{"id": "x"}, nil},
		{"GET /r/1...9", "GET /r/{from}...{to}", map[string]string{"from": "1", "to": "9"}, nil},
		{"GET /v2/x", "GET /v{n}/x", map[string]string{"n": "2"}, nil},
		{"GET /v/x", "", nil, nil},
		{"GET /a/b%2Fc", "GET /a/{id}", map[string]string{"id": "b/c"}, nil},
		{"GET /a/%C3%A4%20b", "GET /a/{id}", map[string]string{"id": "ä b"}, nil},
		{"GET /a/%zz", "", nil, nil},
		{"GET /%61", "GET /a", nil, nil},
		{"GET /sp%20ace/1", "GET /sp ace/{id}", map[string]string{"id": "1"}, nil},
		{"PUT /deep/1/2/3", "PUT /deep/{a}/{b}/{c}", map[string]string{"a": "1", "b": "2", "c": "3"}, nil},
		{"PUT /deep/1/2", "", nil, nil},
		{"PUT /deep//2/3", "", nil, nil},
		{"GET /a/", "", nil, nil},
		{"GET //a", "", nil, nil},
		{"GET /slash/", "GET /slash/", nil, nil},
		{"GET /slash", "", nil, nil},
		{"GET /nothing", "", nil, nil},
		{"GET a", "", nil, nil},
		{"GET ", "", nil, nil},
		{"BREW /a", "", nil, []string{"GET", "HEAD", "POST"}},
	} {
		t.Run(tc.request, func(t *testing.T) {
			method, path, _ := strings.Cut(tc.request, " ")
			op, params, allow := r.Find(method, path)
			key := ""
			if op != nil {
				key = op.Key()
			}
			if key != tc.key {
				t.Errorf("found %q, want %q", key, tc.key)
			}
			if diff := cmp.Diff(tc.params, params); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tc.allow, allow); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRouterFindsEveryOperation(t *testing.T) {
	for _, name := range openapi.Names() {
		d, err := openapi.Embedded(name)
		if err != nil {
			t.Fatal(err)
		}
		r := openapi.NewRouter(d.Operations())
		for _, o := range d.Operations() {
			// A value that looks like nothing static.
			if got, _, _ := r.Find(o.Method, fill(o.Path, "0zz%2F0")); got != o {
				t.Errorf("%s is not found", o.Key())
			}
		}
	}
}

// fill replaces the parameters of a template.
func fill(template, with string) string {
	for {
		open := strings.IndexByte(template, '{')
		end := strings.IndexByte(template[max(open, 0):], '}')
		if open < 0 || end < 0 {
			return template
		}
		template = template[:open] + with + template[open+end+1:]
	}
}

func FuzzRouterFind(f *testing.F) {
	r := routes(f, someRoutes...)
	for _, seed := range []string{"/", "/a/1", "/a/%2f", "/a/x.pdf", "/r/1...9", "/a/:capture", "//", "/%", "/v1/x", strings.Repeat("/a", 1000)} {
		f.Add("GET", seed)
	}
	f.Fuzz(func(t *testing.T, method, path string) {
		op, params, allow := r.Find(method, path)
		if op == nil {
			for _, m := range allow {
				if again, _, _ := r.Find(m, path); again == nil {
					t.Fatalf("allow says %s, which finds nothing", m)
				}
			}
			return
		}
		// The template with the parameters put back is the path, decoded segment by segment.
		want := op.Path
		for name, v := range params {
			want = strings.ReplaceAll(want, "{"+name+"}", url.PathEscape(v))
		}
		if got, err := decoded(path); err != nil || got != must(decoded(want)) {
			t.Fatalf("%s %q found %s with %v", method, path, op.Key(), params)
		}
	})
}

func decoded(path string) (string, error) {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		d, err := url.PathUnescape(s)
		if err != nil {
			return "", err
		}
		segments[i] = url.PathEscape(d)
	}
	return strings.Join(segments, "/"), nil
}

func must(s string, _ error) string { return s }

// Paths of one shape are told apart by the forms of their parameters.
func TestRouterTwins(t *testing.T) {
	d, err := openapi.Load([]byte(`{"openapi":"3.0.0","info":{"title":"T","version":"1"},"paths":{
"/rec/{token}":{"get":{"parameters":[{"in":"path","name":"token","required":true,"schema":{"type":"string"}}],"responses":{"200":{"description":"ok"}}}},
"/rec/{id}":{"get":{"parameters":[{"in":"path","name":"id","required":true,"schema":{"type":"string","pattern":"^R[0-9]{4}$"}}],"responses":{"200":{"description":"ok"}}}},
"/bill/{number}":{"get":{"parameters":[{"in":"path","name":"number","required":true,"schema":{"type":"string"}}],"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"type":"object","properties":{"number":{"type":"string","pattern":"^B[0-9]+$"}}}}}}}}},
"/bill/{token}":{"get":{"parameters":[{"in":"path","name":"token","required":true,"schema":{"type":"string"}}],"responses":{"200":{"description":"ok"}}}},
"/rec/{n}/x":{"get":{"parameters":[{"in":"path","name":"n","required":true,"schema":{"type":"integer"}}],"responses":{"200":{"description":"ok"}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	r := openapi.NewRouter(d.Operations()).Among(d.Plan)
	for path, want := range map[string]string{
		"/rec/R1234": "/rec/{id}", "/rec/R12345": "/rec/{token}", "/rec/abc": "/rec/{token}", "/rec/7/x": "/rec/{n}/x",
		"/bill/B12": "/bill/{number}", "/bill/12": "/bill/{token}",
	} {
		op, params, _ := r.Find("GET", path)
		if op == nil || op.Path != want || len(params) != 1 {
			t.Errorf("%s: %v %v, want %s", path, op, params, want)
		}
	}
}
