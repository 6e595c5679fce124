package emulator_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sandgate/sandgate/emulator"
)

// TestETag asks again for what was read: the tag of the reply saves its body
// until the object changes, for HEAD, lists and files too.
func TestETag(t *testing.T) {
	s, err := emulator.New(emulator.Options{Providers: []string{"kobana-billing"}, Clock: "manual", Seed: 9, Egress: "none", RateLimit: "off"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	call := func(method, path, tag, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer sk_test_sandgate")
		r.Header.Set("User-Agent", "tests")
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		if tag != "" {
			r.Header.Set("If-None-Match", tag)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	const plan = "/v1/plans/e0000000-0000-4000-8000-000000000001"
	for _, path := range []string{plan, "/v1/plans", "/v1/invoices/b0000000-0000-4000-8000-000000000001/pdf"} {
		first := call("GET", path, "", "")
		tag := first.Header().Get("ETag")
		if first.Code != 200 || len(tag) < 3 || tag[0] != '"' {
			t.Fatalf("%s: %d with tag %s", path, first.Code, tag)
		}
		for _, again := range []string{tag, "W/" + tag, `"other", ` + tag} {
			for _, method := range []string{"GET", "HEAD"} {
				w := call(method, path, again, "")
				if w.Code != 304 || w.Body.Len() > 0 || w.Header().Get("ETag") != tag || w.Header().Get("Content-Type") != "" {
					t.Errorf("%s %s with %s: %d, %d bytes, %v", method, path, again, w.Code, w.Body.Len(), w.Header())
				}
			}
		}
	}
	tag := call("GET", plan, "", "").Header().Get("ETag")
	if w := call("PATCH", plan, "", `{"description":"Now with more"}`); w.Code != 200 || w.Header().Get("ETag") != "" {
		t.Fatalf("PATCH: %d, tag %q", w.Code, w.Header().Get("ETag"))
	}
	if w := call("GET", plan, tag, ""); w.Code != 200 || w.Header().Get("ETag") == tag {
		t.Errorf("after a change: %d with tag %s, it was %s", w.Code, w.Header().Get("ETag"), tag)
	}
}
