package control_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sandgate/sandgate/emulator"
)

// hostile is what a browser can be made to send by a page of somebody else's,
// or a name that was pointed at us.
var hostile = [][]string{
	{"Host: evil.example"},
	{"Host: evil.example:7420"},
	{"Host: 127.0.0.1.evil.example"},
	{"Host: localhost.evil.example:7420"},
	{"Host: evil.example."},
	{"Host: evil."},
	{"Host: .local"},
	{"Host: local."},
	{"Host: a..local"},
	{"Host: evil.local.example"},
	{"Host: example.internal.com"},
	{"Host: xlocalhost.com"},
	{"Host: 127.0.0.1.nip.io"},
	{"Host: 0x7f.1.evil.example"},
	{"Host: [::1].evil.example"},
	{"Host: [::1%25lo]"},
	{"Host: ::1"},
	{"Host: evil.example#localhost"},
	{"Host: localhost@evil.example"},
	{"Host: localhost/evil.example"},
	{"Host: localhost evil.example"},
	{"Host: localhost:evil"},
	{"Host: localhost:"},
	{"Host: évil.local"},
	{"Host: "},
	{"Host: evil.example", "Origin: http://evil.example"}, // a rebound name: Origin and Host agree
	{"Host: evil.example:7420", "Origin: http://evil.example:7420", "Sec-Fetch-Site: same-origin"},
	{"Host: sub.allowed.example.evil.example"},
	{"Host: allowed.example.evil"},
	{"Origin: http://evil.example"},
	{"Origin: https://evil.example"},
	{"Origin: null"},
	{"Origin: "},
	{"Origin: http://127.0.0.1"},
	{"Origin: http://127.0.0.1:3000"},
	{"Origin: http://localhost:7420"},
	{"Origin: http://127.0.0.1:7420.evil.example"},
	{"Origin: http://127.0.0.1:7420@evil.example"},
	{"Origin: http://user@127.0.0.1:7420"},
	{"Origin: http://127.0.0.1:7420/"},
	{"Origin: http://127.0.0.1:7420?x"},
	{"Origin: file://"},
	{"Origin: chrome-extension://abcdef"},
	{"Origin: ftp://127.0.0.1:7420"},
	{"Origin: 127.0.0.1:7420"},
	{"Origin: http://127.0.0.1:7420", "Origin: http://evil.example"},
	{"Origin: http://127.0.0.1:7420 http://evil.example"},
	{"Sec-Fetch-Site: cross-site"},
	{"Sec-Fetch-Site: CROSS-SITE"},
	{"Sec-Fetch-Site: unheard-of"},
	{"Sec-Fetch-Site: cross-site", "Origin: http://127.0.0.1:7420"},
	{"Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"},
	{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-User: ?1"},
	{"Sec-Fetch-Site: cross-site", "Content-Type: text/plain"},
	{"Host: evil.example", "X-Forwarded-Host: localhost"},
	{"Host: evil.example", "Authorization: Bearer the-token"},
	{"Origin: http://evil.example", "Authorization: Bearer the-token"},
}

// friendly is what must keep working.
var friendly = [][]string{
	{},
	{"Host: localhost"},
	{"Host: LOCALHOST:7420"},
	{"Host: [::1]:7420"},
	{"Host: [::1]"},
	{"Host: 192.168.1.20:7420"},
	{"Host: sandgate:7420"},
	{"Host: my_service"},
	{"Host: killb.localhost:7420"},
	{"Host: host.docker.internal:7420"},
	{"Host: mac.local"},
	{"Host: ci.allowed.example"},
	{"Host: exact.example:7420"},
	{"Origin: http://127.0.0.1:7420", "Sec-Fetch-Site: same-origin"},
	{"Host: localhost", "Origin: http://localhost:80"},
	{"Host: sandgate.internal", "Origin: https://sandgate.internal:443"},
	{"Sec-Fetch-Site: none"},
}

// everyRoute gives one well-said request for each route of the contract.
func (r *rig) everyRoute() (out [][3]string) {
	bodies := map[string]string{
		"PUT /_sandgate/clock": `{"mode":"real"}`, "POST /_sandgate/clock/advance": `{"by":"1h"}`, "POST /_sandgate/reset": `{"rewind":true}`,
		"POST /_sandgate/endpoints": `{"provider":"killb","url":"http://127.0.0.1:9"}`, "PATCH /_sandgate/endpoints/{id}": `{"active":false}`,
	}
	endpoint := r.want(201, "POST", "/_sandgate/endpoints", `{"provider":"killb","url":"http://127.0.0.1:9"}`, "Authorization: Bearer the-token")["id"].(string)
	for _, op := range r.doc.Operations() {
		path := strings.NewReplacer("{id}", endpoint, "{name}", "default").Replace(op.Path)
		out = append(out, [3]string{op.Method, path, bodies[op.Key()]})
	}
	return out
}

// state is everything that a control request can change.
func (r *rig) state() string {
	var b strings.Builder
	for _, path := range []string{"clock", "events", "deliveries", "endpoints", "sandboxes", "requests", "audit"} {
		b.WriteString(r.send("GET", "/_sandgate/"+path, "", "Authorization: Bearer the-token").Body.String())
	}
	return b.String()
}

func trustRig(t *testing.T) *rig {
	return newRig(t, func(o *emulator.Options) { o.AllowHosts = []string{"*.allowed.example", "Exact.example"} })
}

func TestHostile(t *testing.T) {
	if len(hostile) < 40 {
		t.Fatalf("%d combinations", len(hostile))
	}
	r := trustRig(t)
	r.newUser("ana")
	routes := r.everyRoute()
	r.want(200, "POST", "/_sandgate/clock/advance", `{"by":"1m"}`)
	before := r.state()
	for _, headers := range hostile {
		for _, c := range routes {
			w := r.send(c[0], c[1], c[2], headers...)
			if w.Code != http.StatusForbidden {
				t.Errorf("%v: %s %s answers %d", headers, c[0], c[1], w.Code)
			}
			if w.Header().Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%v: %s %s allows an origin", headers, c[0], c[1])
			}
		}
		if now := r.state(); now != before {
			t.Fatalf("%v changed something:\n%s\n%s", headers, before, now)
		}
	}
	// A preflight is never answered with leave.
	for _, c := range routes {
		w := r.send("OPTIONS", c[1], "", "Access-Control-Request-Method: "+c[0])
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Access-Control-Allow-Methods") != "" {
			t.Errorf("OPTIONS %s: %d", c[1], w.Code)
		}
	}
}

// TestSameSite: another port of this machine may read a link, and no more.
func TestSameSite(t *testing.T) {
	r := trustRig(t)
	for _, c := range r.everyRoute() {
		w := r.send(c[0], c[1], c[2], "Sec-Fetch-Site: same-site")
		if refused := w.Code == http.StatusForbidden; refused != (c[0] != "GET") {
			t.Errorf("%s %s: %d", c[0], c[1], w.Code)
		}
	}
}

func TestFriendly(t *testing.T) {
	r := trustRig(t)
	for _, headers := range friendly {
		if w := r.send("POST", "/_sandgate/reset", "", headers...); w.Code != 200 {
			t.Errorf("%v: %d %s", headers, w.Code, w.Body)
		}
	}
}

func TestToken(t *testing.T) {
	r := newRig(t, func(o *emulator.Options) { o.ControlToken = "the-token" })
	for _, c := range r.everyRoute() {
		open := c[1] == "/_sandgate/health" || c[1] == "/_sandgate/ready"
		for _, header := range []string{
			"X: y", "Authorization: Bearer", "Authorization: Bearer ", "Authorization: Bearer the-toke", "Authorization: Bearer the-token2",
			"Authorization: the-token", "Authorization: Basic dGhlLXRva2Vu", "Authorization: Bearer THE-TOKEN",
		} {
			w := r.send(c[0], c[1], c[2], header)
			if open && w.Code != 200 || !open && w.Code != http.StatusUnauthorized {
				t.Errorf("%s: %s %s answers %d", header, c[0], c[1], w.Code)
			}
			if !open && w.Header().Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s: no WWW-Authenticate", c[0], c[1])
			}
		}
	}
	r.want(200, "GET", "/_sandgate/clock", "", "Authorization: bearer the-token")
}

// TestContractAndRoutes: every operation of the document is routed, and
// nothing else is.
func TestContractAndRoutes(t *testing.T) {
	r := newRig(t)
	documented := map[string]bool{}
	for _, op := range r.doc.Operations() {
		documented[op.Key()] = true
		if op.ID == "" || op.Summary == "" {
			t.Errorf("%s has no operationId or summary", op.Key())
		}
		if _, err := r.doc.Plan(op); err != nil {
			t.Error(err)
		}
	}
	tried := map[string]bool{}
	for _, op := range r.doc.Operations() {
		for _, method := range []string{"GET", "PUT", "POST", "PATCH", "DELETE"} {
			key := method + " " + op.Path
			if tried[key] {
				continue
			}
			tried[key] = true
			req := httptest.NewRequest(method, "http://localhost"+strings.NewReplacer("{id}", "none", "{name}", "none").Replace(op.Path), strings.NewReader("{"))
			w := httptest.NewRecorder()
			r.srv.ServeHTTP(w, req)
			routed := w.Code != http.StatusMethodNotAllowed && !strings.Contains(w.Body.String(), "no such path")
			if routed != documented[key] {
				t.Errorf("%s: routed %v, documented %v (%s)", key, routed, documented[key], fmt.Sprint(w.Code))
			}
		}
	}
}
