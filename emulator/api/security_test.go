package api_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sandgate/sandgate/emulator"
)

// newSpecRig serves a contract that has no scenario.
func newSpecRig(t *testing.T, contract string, change ...func(*emulator.Options)) *rig {
	t.Helper()
	file := filepath.Join(t.TempDir(), "mine.json")
	if err := os.WriteFile(file, []byte(contract), 0o600); err != nil {
		t.Fatal(err)
	}
	return newRig(t, append([]func(*emulator.Options){func(o *emulator.Options) { o.Providers, o.Specs = nil, []string{file} }}, change...)...)
}

// secured is a contract whose operations ask for credentials in every way.
const secured = `{"openapi":"3.0.3","info":{"title":"Mine","version":"1"},"security":[{"bearer":[]},{"basic":[]},{"header":[]},{"query":[]},{"cookie":[]},{"oauth":[]}],
"paths":{
"/closed":{"get":{"responses":{"200":{"description":"","content":{"application/json":{"schema":{"type":"object"}}}},
	"4XX":{"description":"","content":{"application/problem+json":{"schema":{"type":"object","required":["status","detail"],"properties":{"status":{"type":"integer"},"detail":{"type":"string"}}}}}}}}},
"/open":{"get":{"security":[],"responses":{"200":{"description":""}}}},
"/either":{"get":{"security":[{"bearer":[]},{}],"responses":{"200":{"description":""}}}}},
"components":{"securitySchemes":{"bearer":{"type":"http","scheme":"bearer"},"basic":{"type":"http","scheme":"basic"},
"header":{"type":"apiKey","in":"header","name":"X-Key"},"query":{"type":"apiKey","in":"query","name":"api_key"},"cookie":{"type":"apiKey","in":"cookie","name":"sid"},
"oauth":{"type":"oauth2","flows":{"clientCredentials":{"tokenUrl":"https://auth.example.com/oauth/token","scopes":{"read":"","write":""}}}}}}}`

func TestCredentialsOfTheContract(t *testing.T) {
	r := newSpecRig(t, secured)
	for name, c := range map[string]struct {
		path, header string
		status       int
		in           string
	}{
		"bearer":                {"/closed", "Authorization: Bearer any", 200, "default"},
		"basic, user":           {"/closed", "Authorization: Basic " + basic("sk_test_ws_one", ""), 200, "one"},
		"basic, password":       {"/closed", "Authorization: Basic " + basic("", "sk_test_ws_two"), 200, "two"},
		"header":                {"/closed", "X-Key: sk_test_ws_three", 200, "three"},
		"query":                 {"/closed?api_key=sk_test_ws_four", "X-Other: 1", 200, "four"},
		"query among others":    {"/closed?a=1&api_key=sk_test_ws_four&b=%20", "X-Other: 1", 200, "four"},
		"cookie":                {"/closed", "Cookie: sid=sk_test_ws_five; other=1", 200, "five"},
		"none":                  {"/closed", "X-Other: 1", 401, ""},
		"empty":                 {"/closed?api_key=", "Authorization: Basic " + basic("", ""), 401, ""},
		"live":                  {"/closed", "X-Key: sk_live_abc", 401, "default"},
		"live in the query":     {"/closed?api_key=sk_live_abc", "X-Other: 1", 401, "default"},
		"anonymous":             {"/open", "X-Other: 1", 200, "default"},
		"anonymous, named":      {"/open", "X-Key: sk_test_ws_three", 200, "three"},
		"with or without":       {"/either", "X-Other: 1", 200, "default"},
		"a token nobody issued": {"/closed", "Authorization: Bearer sgt_access_00", 401, "default"},
	} {
		t.Run(name, func(t *testing.T) {
			w := r.send("GET", c.path, "", c.header)
			if got := w.Header().Get("Sandgate-Sandbox"); w.Code != c.status || got != c.in {
				t.Fatalf("%d in %q: %s", w.Code, got, w.Body)
			}
			if c.status != http.StatusUnauthorized {
				return
			}
			if got := w.Header().Get("Content-Type"); got != "application/problem+json" || !strings.Contains(w.Body.String(), `"status":401`) {
				t.Errorf("%s %s", got, w.Body)
			}
			asked := strings.Join(w.Header().Values("WWW-Authenticate"), ", ")
			for _, scheme := range []string{"Bearer", `Basic realm="mine"`, `name="X-Key"`, `name="api_key"`, `name="sid"`} {
				if !strings.Contains(asked, scheme) {
					t.Errorf("WWW-Authenticate %s lacks %s", asked, scheme)
				}
			}
			if strings.Contains(w.Body.String(), "abc") {
				t.Errorf("the reply repeats the credential: %s", w.Body)
			}
		})
	}
}

func basic(user, password string) string {
	r, _ := http.NewRequest("GET", "/", nil)
	r.SetBasicAuth(user, password)
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Basic ")
}

// A credential that stands in the address is in no log and in no reply, accepted or not.
func TestCredentialInTheQueryIsNotShown(t *testing.T) {
	var log bytes.Buffer
	const mark = "cnryQuery99"
	r := newSpecRig(t, secured, func(o *emulator.Options) {
		o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	said := ""
	for _, path := range []string{"/closed?api_key=" + mark, "/closed?api%5Fkey=" + mark, "/closed?api_key=sk_live_" + mark, "/open?api_key=" + mark, "/closed?x=1&api_key=" + mark + "&api_key=" + mark} {
		w := r.send("GET", path, "")
		said += w.Body.String()
		for _, values := range w.Header() {
			said += strings.Join(values, " ")
		}
	}
	for _, path := range []string{"/_sandgate/requests", "/_sandgate/audit", "/_sandgate/events"} {
		said += r.send("GET", path, "").Body.String()
	}
	if said += log.String(); strings.Contains(said, mark) || !strings.Contains(said, "/closed") {
		t.Errorf("the credential is shown, or nothing is: %s", said)
	}
}

func TestOAuthTokens(t *testing.T) {
	r := newSpecRig(t, secured)
	const form = "Content-Type: application/x-www-form-urlencoded"
	ask := func(body string, headers ...string) (int, map[string]any, http.Header) {
		w := r.send("POST", "/oauth/token", body, append(headers, form)...)
		var out map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		return w.Code, out, w.Header()
	}
	for name, c := range map[string]struct {
		body, header, in, scope string
	}{
		"in the body":   {"grant_type=client_credentials&client_id=me&client_secret=x", "X-Other: 1", "default", "read write"},
		"by basic":      {"grant_type=client_credentials&scope=read", "Authorization: Basic " + basic("me_ws_shop", "x"), "shop", "read"},
		"another world": {"grant_type=client_credentials&client_id=me&scope=write", "Sandgate-Sandbox: other", "other", "write"},
	} {
		status, out, header := ask(c.body, c.header)
		token, _ := out["access_token"].(string)
		if status != 200 || out["token_type"] != "Bearer" || out["expires_in"] != 3600.0 || out["scope"] != c.scope || header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %v", name, status, out)
		}
		w := r.send("GET", "/closed", "", "Authorization: Bearer "+token)
		if w.Code != 200 || w.Header().Get("Sandgate-Sandbox") != c.in {
			t.Errorf("%s: with the token: %d in %s: %s", name, w.Code, w.Header().Get("Sandgate-Sandbox"), w.Body)
		}
		again, next, _ := ask("grant_type=refresh_token&client_id=me&refresh_token=" + out["refresh_token"].(string))
		if again != 200 || next["access_token"] == token {
			t.Errorf("%s: refreshed: %d %v", name, again, next)
		}
		if used, said, _ := ask("grant_type=refresh_token&client_id=me&refresh_token=" + out["refresh_token"].(string)); used != 400 || said["error"] != "invalid_grant" {
			t.Errorf("%s: a token that is used up: %d %v", name, used, said)
		}
	}
	for name, c := range map[string]struct {
		body   string
		status int
		code   string
	}{
		"no grant type": {"client_id=me", 400, "invalid_request"},
		"another grant": {"grant_type=client_credential&client_id=me", 400, "unsupported_grant_type"},
		"not declared":  {"grant_type=password&client_id=me&username=a&password=b", 400, "unsupported_grant_type"},
		"no client":     {"grant_type=client_credentials", 401, "invalid_client"},
		"a live client": {"grant_type=client_credentials&client_id=me&client_secret=sk_live_abc", 401, "invalid_client"},
		"unknown scope": {"grant_type=client_credentials&client_id=me&scope=raed", 400, "invalid_scope"},
		"a wrong token": {"grant_type=refresh_token&client_id=me&refresh_token=sgt_refresh_00", 400, "invalid_grant"},
		"bad name":      {"grant_type=client_credentials&client_id=me_ws_A!", 401, "invalid_client"},
	} {
		status, out, header := ask(c.body)
		if status != c.status || out["error"] != c.code || out["error_description"] == "" {
			t.Errorf("%s: %d %v", name, status, out)
		}
		if (header.Get("WWW-Authenticate") != "") != (status == 401) {
			t.Errorf("%s: WWW-Authenticate %q", name, header.Get("WWW-Authenticate"))
		}
	}
	if w := r.send("POST", "/oauth/token", `{"grant_type":"client_credentials"}`); w.Code != 400 || !strings.Contains(w.Body.String(), "invalid_request") {
		t.Errorf("JSON: %d %s", w.Code, w.Body)
	}
	if w := r.send("GET", "/oauth/token", ""); w.Code != 404 {
		t.Errorf("GET: %d %s", w.Code, w.Body)
	}
}
