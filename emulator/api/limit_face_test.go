package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/clock"
)

// handWall is a wall time that only a test moves.
type handWall struct {
	mu sync.Mutex
	at time.Time
}

func (w *handWall) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *handWall) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(d)
}

func (w *handWall) NewTimer(time.Duration) clock.Timer { return never{} }

type never struct{}

func (never) C() <-chan time.Time { return nil }
func (never) Stop() bool          { return true }

// limited is a rig with rate limits on a wall time that stands.
func limited(t *testing.T, change ...func(*emulator.Options)) (*rig, *handWall) {
	w := &handWall{at: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	return newRig(t, append([]func(*emulator.Options){func(o *emulator.Options) { o.RateLimit, o.Wall = "on", w }}, change...)...), w
}

// spelled are the headers as they were written: Go would spell them otherwise.
func spelled(w *httptest.ResponseRecorder) map[string][]string { return w.Header() }

// numbers reads the x-ratelimit headers.
func numbers(t *testing.T, w *httptest.ResponseRecorder) (limit, remaining, reset int) {
	t.Helper()
	out := [3]int{}
	for i, name := range []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} {
		values := spelled(w)[name]
		if len(values) != 1 {
			t.Fatalf("%d: %s: %q in %v", w.Code, name, values, w.Header())
		}
		n, err := strconv.Atoi(values[0])
		if err != nil {
			t.Fatal(err)
		}
		out[i] = n
	}
	return out[0], out[1], out[2]
}

const aUser = "/api/v2/users/" + seedUser

// TestR3EveryReplyTells: success, 400, 401, 404, 405, 413 and the page that no
// provider has carry the headers, in the spelling of the provider.
func TestR3EveryReplyTells(t *testing.T) {
	r, _ := limited(t)
	for _, c := range []struct {
		status       int
		method, path string
		headers      []string
	}{
		{200, "GET", aUser, []string{asKey}},
		{200, "HEAD", aUser, []string{asKey}},
		{401, "GET", aUser, nil},
		{404, "GET", "/api/v2/users/" + seedAccount, []string{asKey}},
		{404, "GET", "/nowhere", []string{asKey}},
		{405, "DELETE", "/api/v2/auth/login", []string{asKey}},
		{400, "POST", cashIn, []string{asKey}},
	} {
		w := r.send(c.method, c.path, "", c.headers...)
		if w.Code != c.status {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, w.Code, c.status)
		}
		if limit, _, _ := numbers(t, w); limit != 1000 {
			t.Errorf("%s %s: the limit is %d", c.method, c.path, limit)
		}
	}
	page, _ := limited(t, func(o *emulator.Options) { o.Providers = []string{"kobana-billing"} })
	view, _ := limited(t, func(o *emulator.Options) { o.Providers = []string{"kobbopay"} })
	for path, r := range map[string]*rig{"/3ds/default/nothing": page, "/3ds/style.css": page, "/openapi.json": page, "/pay/nothing": view, "/pay/style.css": view} {
		if limit, remaining, _ := numbers(t, r.send("GET", path, "")); limit != 1000 || remaining == 1000 {
			t.Errorf("%s: %d of %d", path, remaining, limit)
		}
	}
	two, _ := limited(t, func(o *emulator.Options) { o.Providers = nil })
	if w := two.send("GET", "/nowhere", ""); w.Code != 404 {
		t.Error(w.Code)
	} else if limit, _, _ := numbers(t, w); limit != 1000 {
		t.Error("a path that no provider has shows no limit")
	}
}

// TestR3HeadersAreTrue: what they say is what the next request meets.
func TestR3HeadersAreTrue(t *testing.T) {
	r, wall := limited(t, func(o *emulator.Options) { o.RateLimit = "2/4" })
	for want := 3; want >= 0; want-- {
		w := r.send("GET", aUser, "", asKey)
		if limit, remaining, reset := numbers(t, w); w.Code != 200 || limit != 4 || remaining != want || reset != (4-want+1)/2 {
			t.Fatalf("%d: %d of %d, reset in %d, want %d", w.Code, remaining, limit, reset, want)
		}
	}
	w := r.send("GET", aUser, "", asKey)
	refused(t, w, 429, "REQUEST.0005", "")
	after, err := strconv.Atoi(w.Header().Get("Retry-After"))
	if err != nil || after < 1 {
		t.Fatalf("Retry-After: %q", w.Header().Get("Retry-After"))
	}
	if _, remaining, reset := numbers(t, w); remaining != 0 || reset != 2 {
		t.Errorf("refused, with %d left and reset in %d", remaining, reset)
	}
	wall.pass(time.Duration(after) * time.Second)
	w = r.send("GET", aUser, "", asKey)
	if _, remaining, _ := numbers(t, w); w.Code != 200 || remaining != 1 {
		t.Errorf("after Retry-After: %d, %d left", w.Code, remaining)
	}
	_, _, reset := numbers(t, w)
	wall.pass(time.Duration(reset) * time.Second)
	if _, remaining, _ := numbers(t, r.send("GET", aUser, "", asKey)); remaining != 3 {
		t.Errorf("after the reset that was told, %d are left of 4", remaining)
	}
}

// TestR3Dialects: the same limit in the other two dialects.
func TestR3Dialects(t *testing.T) {
	const list = "/v1/invoices"
	kobana := func(headers, rate string) (*rig, *handWall) {
		return limited(t, func(o *emulator.Options) {
			o.Providers, o.Set, o.RateLimit = []string{"kobana-billing"}, map[string]string{"limits.headers": headers}, rate
		})
	}
	send := func(r *rig, method string) *httptest.ResponseRecorder {
		return r.send(method, list, "", asKey, "User-Agent: tests (dev@sandgate.test)")
	}
	r, wall := kobana("ratelimit", "on")
	wall.pass(time.Minute)
	for i := range 61 {
		w := send(r, "GET")
		h := spelled(w)
		want := map[string]string{"ratelimit-limit": "60", "ratelimit-remaining": strconv.Itoa(max(59-i, 0)), "ratelimit-reset": "3600", "ratelimit-name": "read"}
		for name, value := range want {
			if len(h[name]) != 1 || h[name][0] != value {
				t.Fatalf("request %d: %s is %q, want %s", i, name, h[name], value)
			}
		}
		if (w.Code == 429) != (i == 60) {
			t.Fatalf("request %d: %d %s", i, w.Code, w.Body)
		}
		if i == 60 && (h["Retry-After"][0] != "3600" || !strings.Contains(w.Body.String(), "rate_limit_exceeded")) {
			t.Errorf("%v %s", h, w.Body)
		}
	}
	if w := send(r, "POST"); w.Code == 429 || spelled(w)["ratelimit-limit"][0] != "1000" {
		t.Errorf("a write: %d %v", w.Code, w.Header())
	}
	r, _ = kobana("ietf", "2/5")
	for i := range 6 {
		h := spelled(send(r, "GET"))
		policy, left := h["RateLimit-Policy"], h["RateLimit"]
		if len(policy) != 1 || policy[0] != `"default";q=5;w=3` || len(left) != 1 || left[0] != `"default";r=`+strconv.Itoa(max(4-i, 0))+`;t=1` {
			t.Errorf("request %d: %q %q", i, policy, left)
		}
		if i == 5 && h["Retry-After"][0] != "1" {
			t.Errorf("Retry-After %q is not t", h["Retry-After"])
		}
	}
}

// TestR4FailuresCountPerAddress: bad credentials use up the address, and never
// the owner of a good one.
func TestR4FailuresCountPerAddress(t *testing.T) {
	r, _ := limited(t)
	for i := range 1001 {
		w := r.send("GET", aUser, "", "Authorization: Bearer sgt_access_0000")
		if want := map[bool]int{false: 401, true: 429}[i == 1000]; w.Code != want {
			t.Fatalf("bad credential %d: %d, want %d", i, w.Code, want)
		}
	}
	if w := r.send("POST", "/api/v2/auth/login", `{"email":"dev@sandgate.test","password":"sandgate-dev-1"}`); w.Code != 429 {
		t.Errorf("a login from there: %d", w.Code)
	}
	w := r.send("GET", aUser, "", asKey)
	if _, remaining, _ := numbers(t, w); w.Code != 200 || remaining != 999 {
		t.Errorf("the owner of a good key: %d, %d left", w.Code, remaining)
	}
	if w := r.send("GET", aUser, "", "Authorization: Bearer sk_test_ws_other_x"); w.Code == 429 {
		t.Errorf("another sandbox: %d", w.Code)
	}
}

// TestRefusalIsNotRemembered: the limiter stands before idempotency, so a 429
// is no reply that a key remembers.
func TestRefusalIsNotRemembered(t *testing.T) {
	r, wall := limited(t, func(o *emulator.Options) {
		o.Providers, o.RateLimit = []string{"kobana-billing"}, "1/1"
	})
	send := func() *httptest.ResponseRecorder {
		return r.send("POST", "/v1/customers", `{"kind":"natural","name":"Ana"}`, asKey, "User-Agent: tests (dev@sandgate.test)", "Idempotency-Key: 6f1c")
	}
	r.send("GET", "/v1/invoices", "", asKey, "User-Agent: tests (dev@sandgate.test)")
	if w := send(); w.Code != http.StatusTooManyRequests {
		t.Fatal(w.Code, w.Body)
	}
	wall.pass(time.Second)
	first := send()
	if first.Code == http.StatusTooManyRequests || first.Header().Get("Idempotent-Replayed") != "" {
		t.Fatal(first.Code, first.Body)
	}
	if first.Code != http.StatusCreated {
		t.Fatal(first.Code, first.Body)
	}
	wall.pass(time.Second)
	if again := send(); again.Body.String() != first.Body.String() || spelled(again)["X-RateLimit-Limit"] == nil {
		t.Errorf("%d %s", again.Code, again.Body)
	}
}

// TestRateLimitOff: constant headers, so that runs repeat to the byte.
func TestRateLimitOff(t *testing.T) {
	r, wall := limited(t, func(o *emulator.Options) { o.RateLimit = "off" })
	for range 3 {
		if limit, remaining, reset := numbers(t, r.send("GET", aUser, "", asKey)); limit != 1000 || remaining != 1000 || reset != 0 {
			t.Errorf("%d of %d, %d", remaining, limit, reset)
		}
		wall.pass(time.Millisecond)
	}
}

// TestR1PerOperation: an operation's own limit stands beside the caller's, and
// the tighter one is shown.
func TestR1PerOperation(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"own.yaml": `
provider: own
contract: own.openapi.yaml
auth: {credentials: [{header: x-key}]}
dialect: {error: {code: error.code}}
operations:
  GET /tight: {reply: {ok: true}, limit: {rate: 1, burst: 2}}
  GET /wide: {reply: {ok: true}}
`,
		"own.openapi.yaml": `
openapi: 3.0.3
info: {title: Own, version: '1'}
paths:
  /tight: {get: {responses: {'200': {description: x, content: {application/json: {schema: {type: object}}}}}}}
  /wide: {get: {responses: {'200': {description: x, content: {application/json: {schema: {type: object}}}}}}}
`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, wall := limited(t, func(o *emulator.Options) { o.Providers = []string{filepath.Join(dir, "own.yaml")} })
	for i, want := range []struct{ status, limit, remaining int }{{200, 2, 1}, {200, 2, 0}, {429, 2, 0}} {
		w := r.send("GET", "/tight", "", "x-key: k")
		if limit, remaining, _ := numbers(t, w); w.Code != want.status || limit != want.limit || remaining != want.remaining {
			t.Errorf("request %d: %d, %d of %d", i, w.Code, remaining, limit)
		}
	}
	if limit, remaining, _ := numbers(t, r.send("GET", "/wide", "", "x-key: k")); limit != 1000 || remaining != 997 {
		t.Errorf("what was refused cost the caller: %d of %d", remaining, limit)
	}
	if w := r.send("GET", "/tight", "", "x-key: sk_test_ws_b_x"); w.Code != 200 {
		t.Errorf("another sandbox: %d", w.Code)
	}
	wall.pass(time.Second)
	if w := r.send("GET", "/tight", "", "x-key: k"); w.Code != 200 {
		t.Errorf("a second later: %d", w.Code)
	}
}

// TestR1PerKey: an issued key with a rate of its own has its own bucket, and
// leaves the organisation's alone.
func TestR1PerKey(t *testing.T) {
	r, wall := limited(t, func(o *emulator.Options) { o.Providers = []string{"kobana-billing"} })
	const agent = "User-Agent: tests (dev@sandgate.test)"
	w := r.send("POST", "/v1/api_keys", `{"name":"slow","permissions":["invoices:read"],"rate_limit":{"requests_per_second":1,"burst":2}}`, asKey, agent)
	var made struct {
		Data struct {
			Key string `json:"key"`
		} `json:"data"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &made); err != nil || made.Data.Key == "" {
		t.Fatal(w.Code, w.Body)
	}
	for i, want := range []struct{ status, remaining int }{{200, 1}, {200, 0}, {429, 0}} {
		w := r.send("GET", "/v1/invoices", "", bearer(made.Data.Key), agent)
		if limit, remaining, _ := numbers(t, w); w.Code != want.status || limit != 2 || remaining != want.remaining {
			t.Errorf("request %d: %d, %d of %d: %s", i, w.Code, remaining, limit, w.Body)
		}
	}
	if _, remaining, _ := numbers(t, r.send("GET", "/v1/invoices", "", asKey, agent)); remaining != 998 {
		t.Errorf("the organisation has %d left", remaining)
	}
	wall.pass(time.Second)
	if w := r.send("GET", "/v1/customers", "", bearer(made.Data.Key), agent); w.Code != 403 {
		t.Errorf("what the key may not: %d", w.Code)
	} else if limit, remaining, _ := numbers(t, w); limit != 2 || remaining != 0 {
		t.Errorf("a 403 counts for its key: %d of %d", remaining, limit)
	}
}
