package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
)

// Seed objects that every fresh sandbox has.
const (
	seedUser    = "b0000000-0000-4000-8000-000000000001"
	seedAccount = "acc00000-0000-4000-8000-000000000001"
	asKey       = "Authorization: Bearer sk_test_sandgate"
)

// rig is a server with a manual clock, whose replies are held against the
// contract.
type rig struct {
	t *testing.T
	*emulator.Server
}

func newRig(t *testing.T, change ...func(*emulator.Options)) *rig {
	t.Helper()
	o := emulator.Options{Providers: []string{"killb"}, Clock: "manual", Seed: 7, Egress: "none", CheckReplies: true, RateLimit: "off"}
	for _, f := range change {
		f(&o)
	}
	s, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if replies, panics := s.Broken(); replies+panics > 0 {
			t.Errorf("%d replies broke the contract, %d requests panicked", replies, panics)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &rig{t, s}
}

// send sends a request. Headers are "Name: value"; Host sets the Host. A body
// is JSON unless a Content-Type says otherwise.
func (r *rig) send(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r.t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	req := httptest.NewRequest(method, path, in)
	req.Host = "sandgate.test"
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			req.Host = value
			continue
		}
		req.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	return w
}

// want sends a request and insists on its status.
func (r *rig) want(status int, method, path, body string, headers ...string) map[string]any {
	r.t.Helper()
	w := r.send(method, path, body, headers...)
	if w.Code != status {
		r.t.Fatalf("%s %s: %d, want %d: %s", method, path, w.Code, status, w.Body)
	}
	out := map[string]any{}
	json.Unmarshal(w.Body.Bytes(), &out)
	return out
}

// problem is the provider's error.
type problem struct {
	ErrorCode  string   `json:"errorCode"`
	StatusCode string   `json:"statusCode"`
	Message    []string `json:"message"`
	Arguments  []struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	} `json:"arguments"`
}

// refused insists on an error in the provider's own shape that blames a
// pointer ("" = nobody).
func refused(t *testing.T, w *httptest.ResponseRecorder, status int, code, pointer string) {
	t.Helper()
	var p problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Errorf("%d %s: %v", w.Code, w.Body, err)
		return
	}
	if media := w.Header().Get("Content-Type"); media != "application/json; charset=utf-8" {
		t.Errorf("the error is %q", media)
	}
	if w.Code != status || p.ErrorCode != code || p.StatusCode != statusText(status) || len(p.Message) == 0 {
		t.Errorf("got %d %s, want %d %s", w.Code, w.Body, status, code)
	}
	blamed := slices.ContainsFunc(p.Arguments, func(a struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	},
	) bool {
		return a.Key == pointer
	})
	if pointer != "" && !blamed {
		t.Errorf("nobody blames %s: %s", pointer, w.Body)
	}
}

func statusText(status int) string {
	b, _ := json.Marshal(status)
	return string(b)
}

func (r *rig) login(email, password string) (access, refresh string) {
	r.t.Helper()
	out := r.want(http.StatusCreated, "POST", "/api/v2/auth/login", `{"email":"`+email+`","password":"`+password+`"}`)
	return text(out, "accessToken"), text(out, "refreshToken")
}

func (r *rig) signup(email string) (access string) {
	r.t.Helper()
	return text(r.want(http.StatusCreated, "POST", "/api/v2/auth/signup", `{"email":"`+email+`","password":"P@ssw0rd123!"}`), "accessToken")
}

func (r *rig) advance(name string, by time.Duration) {
	r.t.Helper()
	box, err := r.Sandbox(name)
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := box.AdvanceBy(r.t.Context(), by, false); err != nil {
		r.t.Fatal(err)
	}
}

func text(m map[string]any, name string) string { s, _ := m[name].(string); return s }

func bearer(token string) string { return "Authorization: Bearer " + token }
