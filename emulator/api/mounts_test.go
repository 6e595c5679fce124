package api_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sandgate/sandgate/emulator"
)

// tiny is a second provider, of one resource, that shares a path with the
// first.
const (
	tinyScenario = `
provider: tiny
title: Tiny
contract: tiny.openapi.yaml
auth: {credentials: [{header: x-tiny-key}]}
dialect: {id: 'prefix:th_', time: iso-ms, error: {oops: error.code}, internal: {oops: error.code}}
refusals: {}
errors: {}
resources: {thing: {schema: [Thing]}}
operations:
  POST /things: {create: thing}
  GET /things/{id}: {read: thing}
  GET /api/v2/banks: {reply: {from: "'tiny'"}}
`
	tinyContract = `
openapi: 3.0.3
info: {title: Tiny, version: '1'}
paths:
  /things:
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}}
  /things/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: found, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}}
  /api/v2/banks:
    get: {responses: {'200': {description: banks, content: {application/json: {schema: {type: object}}}}}}
components:
  schemas:
    Thing: {type: object, properties: {id: {type: string}, name: {type: string}}}
`
)

func tiny(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range map[string]string{"tiny.yaml": tinyScenario, "tiny.openapi.yaml": tinyContract} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "tiny.yaml")
}

func TestOneProviderAnswersAtBothMounts(t *testing.T) {
	r := newRig(t)
	r.want(http.StatusOK, "GET", "/api/v2/auth/me", "", asKey)
	r.want(http.StatusOK, "GET", "/killb/api/v2/auth/me", "", asKey)
	refused(t, r.send("GET", "/killb/killb/api/v2/auth/me", "", asKey), 404, "ROUTE.0001", "/path")
	refused(t, r.send("GET", "/other/api/v2/auth/me", "", asKey), 404, "ROUTE.0001", "/path")
	refused(t, r.send("GET", "/killb", "", asKey), 404, "ROUTE.0001", "/path")
}

func TestSeveralProviders(t *testing.T) {
	r := newRig(t, func(o *emulator.Options) { o.Providers = append(o.Providers, tiny(t)) })
	const shared, own, theirs = "/api/v2/banks?countryCode=CO", "/api/v2/auth/me", "/things/th_1"
	for name, c := range map[string]struct {
		path, host string
		status     int
		says       string
	}{
		"by prefix":                                {"/killb" + shared, "", 200, "Bancolombia"},
		"by prefix, the other":                     {"/tiny" + shared, "", 200, `"tiny"`},
		"the prefix beats the host":                {"/tiny" + shared, "killb.localhost", 200, `"tiny"`},
		"by host":                                  {shared, "killb.localhost", 200, "Bancolombia"},
		"by host, with a port":                     {shared, "tiny.localhost:7420", 200, `"tiny"`},
		"by host, in capitals":                     {shared, "KillB.localhost", 200, "Bancolombia"},
		"the host decides":                         {own, "tiny.localhost", 404, `"no-route"`},
		"only one has the path":                    {own, "", 200, "dev@sandgate.test"},
		"only one has the path, the other":         {theirs, "", 404, `"not-found"`},
		"both have the path":                       {shared, "", 404, "/killb/ /tiny/"},
		"nobody has the path":                      {"/nothing", "", 404, "/killb/ /tiny/"},
		"the root":                                 {"/", "", 404, "/killb/ /tiny/"},
		"only one has the path, if not the method": {"/things", "", 405, `"no-method"`},
	} {
		t.Run(name, func(t *testing.T) {
			headers := []string{asKey, "x-tiny-key: k"}
			if c.host != "" {
				headers = append(headers, "Host: "+c.host)
			}
			w := r.send("GET", c.path, "", headers...)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
				t.Errorf("%d %s, want %d and %s", w.Code, w.Body, c.status, c.says)
			}
		})
	}
}

// TestProvidersShareASandboxNotObjects makes an object at one provider; the
// other has no such thing.
func TestProvidersShareASandboxNotObjects(t *testing.T) {
	r := newRig(t, func(o *emulator.Options) { o.Providers = append(o.Providers, tiny(t)) })
	made := r.want(http.StatusCreated, "POST", "/tiny/things", `{"name":"one"}`, "x-tiny-key: k")
	r.want(http.StatusOK, "GET", "/tiny/things/"+text(made, "id"), "", "x-tiny-key: k")
	refused(t, r.send("GET", "/killb/api/v2/ramps/"+text(made, "id"), "", asKey), 404, "RAMP.0006", "")
	if w := r.send("GET", "/tiny/things/"+text(made, "id"), ""); w.Code != http.StatusUnauthorized || !strings.Contains(w.Body.String(), "oops") {
		t.Errorf("no key: %d %s", w.Code, w.Body)
	}
}

func TestMethods(t *testing.T) {
	r := newRig(t)
	for method, path := range map[string]string{"DELETE": "/api/v2/ramps", "BREW": "/api/v2/ramps", "HEAD": cashIn, "OPTIONS": "/api/v2/ramps"} {
		w := r.send(method, path, "", asKey)
		allow := "GET, HEAD, POST"
		if path == cashIn {
			allow = "POST"
		}
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != allow {
			t.Errorf("%s %s: %d, Allow %q", method, path, w.Code, w.Header().Get("Allow"))
		}
		if method != "HEAD" {
			refused(t, w, 405, "ROUTE.0002", "/method")
		} else if w.Body.Len() > 0 {
			t.Errorf("HEAD has a body: %s", w.Body)
		}
	}
	get, head := r.send("GET", "/api/v2/users/"+seedUser, "", asKey), r.send("HEAD", "/api/v2/users/"+seedUser, "", asKey)
	if head.Code != get.Code || head.Body.Len() > 0 || head.Header().Get("Content-Length") != get.Header().Get("Content-Length") {
		t.Errorf("HEAD: %d, %d bytes, %v; GET: %d, %v", head.Code, head.Body.Len(), head.Header(), get.Code, get.Header())
	}
}

// TestLinks follows where a reply says that it can be paid.
func TestLinks(t *testing.T) {
	for name, c := range map[string]struct{ public, mount, host, begins string }{
		"the request's host":   {"", "", "gate.test:8080", "http://gate.test:8080/pay/"},
		"below the mount":      {"", "/killb", "gate.test", "http://gate.test/killb/pay/"},
		"a public URL":         {"https://pay.example", "", "gate.test", "https://pay.example/pay/"},
		"a public URL, prefix": {"https://pay.example", "/killb", "gate.test", "https://pay.example/killb/pay/"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(o *emulator.Options) { o.PublicURL = c.public })
			host := "Host: " + c.host
			quote := r.want(http.StatusCreated, "POST", c.mount+"/api/v2/quotations", quotation, asKey, host)
			w := r.send("POST", c.mount+"/api/v2/ramps", ramp(text(quote, "id")), asKey, host)
			if !strings.Contains(w.Body.String(), `"url":"`+c.begins) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}

const quotation = `{"fromCurrency":"COP","toCurrency":"USDC","amount":200000,"amountIsToCurrency":false,"cashInMethod":"PSE","cashOutMethod":"POLYGON"}`

func ramp(quote string) string {
	return `{"quotationId":"` + quote + `","userId":"` + seedUser + `","accountId":"` + seedAccount + `"}`
}
