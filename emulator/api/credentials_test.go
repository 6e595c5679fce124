package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

const me = "/api/v2/auth/me"

func TestCredentials(t *testing.T) {
	r := newRig(t)
	for name, c := range map[string]struct {
		header string
		status int
		in     string // sandbox
	}{
		"bearer":               {"Authorization: Bearer anything", 200, "default"},
		"bearer, lower case":   {"Authorization: bearer anything", 200, "default"},
		"bearer, upper case":   {"Authorization: BEARER anything", 200, "default"},
		"api key":              {"x-api-key: sk_test_sandgate", 200, "default"},
		"api key, capitals":    {"X-API-Key: sk_test_sandgate", 200, "default"},
		"a sandbox in a key":   {"x-api-key: sk_test_ws_one_x", 200, "one"},
		"a sandbox, bearer":    {"Authorization: Bearer sk_test_ws_two", 200, "two"},
		"none":                 {"X-Other: 1", 401, ""},
		"empty":                {"Authorization: ", 401, ""},
		"bearer of nothing":    {"Authorization: Bearer ", 401, ""},
		"another scheme":       {"Authorization: Basic ZGV2OmRldg==", 401, ""},
		"an empty key":         {"x-api-key: ", 401, ""},
		"a live key":           {"x-api-key: sk_live_abc", 401, "default"},
		"a live bearer":        {"Authorization: Bearer sk_live_abc", 401, "default"},
		"a live key, restrict": {"x-api-key: rk_live_abc", 401, "default"},
		"unknown token":        {"Authorization: Bearer sgt_access_00", 401, "default"},
	} {
		t.Run(name, func(t *testing.T) {
			w := r.send("GET", me, "", c.header)
			if got := w.Header().Get("Sandgate-Sandbox"); w.Code != c.status || got != c.in {
				t.Errorf("%d in %q: %s", w.Code, got, w.Body)
			}
			if c.status != http.StatusUnauthorized {
				return
			}
			pointer := ""
			if c.in == "" {
				pointer = "/header/Authorization"
			}
			refused(t, w, 401, "AUTH.0003", pointer)
			if w.Header().Get("WWW-Authenticate") != "Bearer" {
				t.Error("no WWW-Authenticate")
			}
			if strings.Contains(w.Body.String(), "abc") {
				t.Errorf("the reply repeats the credential: %s", w.Body)
			}
		})
	}
}

// TestTokenOfAnotherSandbox carries a token from where it was issued into
// another world, which must not know it.
func TestTokenOfAnotherSandbox(t *testing.T) {
	r := newRig(t)
	token, _ := r.login("dev+ws_alpha@sandgate.test", "sandgate-dev-1")
	r.want(http.StatusOK, "GET", me, "", bearer(token))
	for name, headers := range map[string][]string{
		"renamed":  {bearer(strings.Replace(token, "ws_alpha", "ws_beta", 1))},
		"unnamed":  {bearer(strings.Replace(token, "ws_alpha_", "", 1))},
		"by hand":  {bearer(strings.Replace(token, "ws_alpha_", "", 1)), "Sandgate-Sandbox: alpha"},
		"shortend": {bearer(token[:len(token)-1])},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, r.send("GET", me, "", headers...), 401, "AUTH.0003", "")
		})
	}
	// The name in the token wins over the header: an SDK cannot be led astray.
	if w := r.send("GET", me, "", bearer(token), "Sandgate-Sandbox: beta"); w.Header().Get("Sandgate-Sandbox") != "alpha" {
		t.Errorf("token of alpha with the header of beta: %d in %q", w.Code, w.Header().Get("Sandgate-Sandbox"))
	}
	// A token of the default sandbox names none: with the header of another it
	// is refused there.
	plain, _ := r.login("dev@sandgate.test", "sandgate-dev-1")
	refused(t, r.send("GET", me, "", bearer(plain), "Sandgate-Sandbox: beta"), 401, "AUTH.0003", "")
}

// TestTokenEnds logs out and lets a token grow old, to the millisecond.
func TestTokenEnds(t *testing.T) {
	r := newRig(t)
	old, refresh := r.login("dev@sandgate.test", "sandgate-dev-1")
	gone, _ := r.login("dev@sandgate.test", "sandgate-dev-1")
	r.want(http.StatusOK, "GET", me, "", bearer(gone))
	r.want(http.StatusCreated, "POST", "/api/v2/auth/logout", "", bearer(gone))
	refused(t, r.send("GET", me, "", bearer(gone)), 401, "AUTH.0003", "")

	r.advance("", time.Hour-time.Millisecond)
	r.want(http.StatusOK, "GET", me, "", bearer(old))
	r.advance("", time.Millisecond)
	refused(t, r.send("GET", me, "", bearer(old)), 401, "AUTH.0002", "")

	r.advance("", 30*24*time.Hour-time.Hour-time.Millisecond)
	again := `{"refreshToken":"` + refresh + `"}`
	out := r.want(http.StatusCreated, "POST", "/api/v2/auth/refresh", again)
	last := text(out, "refreshToken")
	refused(t, r.send("POST", "/api/v2/auth/refresh", again), 401, "AUTH.0003", "/body/refreshToken")
	r.advance("", 30*24*time.Hour)
	refused(t, r.send("POST", "/api/v2/auth/refresh", `{"refreshToken":"`+last+`"}`), 401, "AUTH.0002", "/body/refreshToken")
}

func TestTokensAndWebhookSurviveAReset(t *testing.T) {
	r := newRig(t)
	token, refresh := r.login("dev@sandgate.test", "sandgate-dev-1")
	gone, _ := r.login("dev@sandgate.test", "sandgate-dev-1")
	ana := r.signup("ana@example.com")
	r.want(http.StatusCreated, "POST", "/api/v2/auth/logout", "", bearer(gone))
	hook := r.want(http.StatusCreated, "POST", "/api/v2/webhooks",
		`{"url":"http://127.0.0.1:9/hook","secret":"whsec_sandgate_development_only_0000","events":["USER"]}`, asKey)
	for range 3 {
		if err := r.Reset(); err != nil {
			t.Fatal(err)
		}
	}
	r.want(http.StatusOK, "GET", me, "", bearer(token))
	if got := r.want(http.StatusOK, "GET", me, "", bearer(ana)); text(got, "email") != "ana@example.com" {
		t.Errorf("Ana is %v now", got)
	}
	refused(t, r.send("GET", me, "", bearer(gone)), 401, "AUTH.0003", "") // logged out stays logged out
	r.want(http.StatusCreated, "POST", "/api/v2/auth/refresh", `{"refreshToken":"`+refresh+`"}`)
	if got := r.want(http.StatusOK, "GET", "/api/v2/webhooks", "", asKey); text(got, "id") != text(hook, "id") || text(got, "url") != text(hook, "url") {
		t.Errorf("the webhook is %v, was %v", got, hook)
	}
	box, err := r.Sandbox("")
	if err != nil {
		t.Fatal(err)
	}
	if endpoints, err := box.Endpoints(); err != nil || len(endpoints) != 1 || !endpoints[0].Active {
		t.Errorf("endpoints after a reset: %v %v", endpoints, err)
	}
}
