package control_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/openapi"
)

// rig is an emulator with a manual clock, and its control API's contract.
type rig struct {
	t   *testing.T
	srv *emulator.Server
	doc *openapi.Document
}

func newRig(t *testing.T, change ...func(*emulator.Options)) *rig {
	t.Helper()
	o := emulator.Options{Clock: "manual", Seed: 7, Data: t.TempDir(), Version: "test", RateLimit: "off"}
	for _, f := range change {
		f(&o)
	}
	srv, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
	})
	r := &rig{t: t, srv: srv}
	w := r.send("GET", "/_sandgate/openapi.json", "", "Authorization: Bearer "+o.ControlToken)
	if r.doc, err = openapi.Load(w.Body.Bytes()); err != nil {
		t.Fatal(err)
	}
	return r
}

// send sends a request as a program on this machine would. Headers are
// "Name: value"; one that begins with "Host:" sets the Host.
func (r *rig) send(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r.t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	req := httptest.NewRequest(method, "http://127.0.0.1:7420"+path, in)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			req.Host = value
			continue
		}
		req.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	r.srv.ServeHTTP(w, req)
	if r.doc != nil && strings.HasPrefix(path, "/_sandgate/") {
		r.obeys(method, req.URL.Path, w)
	}
	return w
}

// obeys holds a reply against the control API's own contract.
func (r *rig) obeys(method, path string, w *httptest.ResponseRecorder) {
	r.t.Helper()
	if method == http.MethodHead {
		return
	}
	op, _, _ := openapi.NewRouter(r.doc.Operations()).Find(method, path)
	if op == nil {
		return
	}
	plan, err := r.doc.Plan(op)
	if err != nil {
		r.t.Fatal(err)
	}
	declared := plan.Reply(w.Code)
	switch {
	case declared == nil:
		r.t.Errorf("%s %s answers %d, which the contract lacks", method, path, w.Code)
	case declared.Schema == nil:
		if w.Body.Len() > 0 {
			r.t.Errorf("%s %s answers %d with a body, which the contract lacks", method, path, w.Code)
		}
	default:
		v, bad := openapi.DecodeJSON(w.Body.Bytes())
		if bad != nil {
			r.t.Errorf("%s %s answers %d with %s: %s", method, path, w.Code, bad, w.Body)
			return
		}
		for _, violation := range declared.Schema.Validate(v, "") {
			r.t.Errorf("%s %s answers %d: %s\n%s", method, path, w.Code, violation, w.Body)
		}
	}
}

// want sends and expects a status; the answer is decoded.
func (r *rig) want(status int, method, path, body string, headers ...string) map[string]any {
	r.t.Helper()
	w := r.send(method, path, body, headers...)
	if w.Code != status {
		r.t.Fatalf("%s %s %s: status %d, want %d\n%s", method, path, body, w.Code, status, w.Body)
	}
	if w.Body.Len() == 0 {
		return nil
	}
	var out map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		r.t.Fatalf("%s %s: %v\n%s", method, path, err, w.Body)
	}
	return out
}

// refused expects a refusal with a code and pointer.
func (r *rig) refused(status int, code, pointer, method, path, body string, headers ...string) string {
	r.t.Helper()
	out := r.want(status, method, path, body, headers...)
	e, _ := out["error"].(map[string]any)
	got, _ := e["pointer"].(string)
	if e["code"] != code || got != pointer {
		r.t.Errorf("%s %s %s: refused with %v at %q, want %s at %q", method, path, body, e["code"], got, code, pointer)
	}
	message, _ := e["message"].(string)
	return message
}

func data(out map[string]any) []any {
	list, _ := out["data"].([]any)
	return list
}

func field(v any, path ...string) any {
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

// newUser makes something happen at the provider: one event, at least.
func (r *rig) newUser(name string, headers ...string) {
	r.t.Helper()
	headers = append(headers, "Authorization: Bearer sk_test_sandgate", "Content-Type: application/json")
	w := r.send("POST", "/killb/api/v2/users", strings.ReplaceAll(userBody, "NAME", name), headers...)
	if w.Code != http.StatusCreated {
		r.t.Fatalf("create a user: %d %s", w.Code, w.Body)
	}
}

const userBody = `{"type":"PERSON","accessLevel":"L2","data":{"firstName":"NAME","lastName":"Silva","email":"NAME@example.com","phone":"+5511999999999",
	"dateOfBirth":"1990-05-17","document":{"type":"PASSPORT","number":"YA123456","issuedCountryCode":"BR"},
	"address":{"street1":"Rua 1","city":"Sao Paulo","state":"SP","zipCode":"01000-000","countryCode":"BR"}}}`
