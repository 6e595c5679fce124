package emulator_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
)

const soundContract = `
openapi: 3.0.3
info: {title: Tiny, version: '1'}
paths:
  /boxes:
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Box'}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Box'}}}}}
components:
  schemas:
    Box: {type: object, properties: {id: {type: string}, status: {type: string}}}
`

// writeTiny puts a scenario and its contract into a folder.
func writeTiny(t *testing.T, dir, file, scenario string) string {
	t.Helper()
	for name, text := range map[string]string{file: scenario, "tiny.openapi.yaml": soundContract} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, file)
}

const soundScenario = `
provider: NAME
title: Tiny
contract: tiny.openapi.yaml
resources: {box: {schema: [Box], status: {field: status, start: NEW}, moves: {open: {from: NEW, to: OPEN, after: SPAN}}}}
operations: {POST /boxes: {create: box}}
webhooks: {signature: {header: x-s, scheme: "'SCHEME'"}, body: {id: event.id}}
`

// TestUnsoundProvidersAreRefused: what would only show itself when it is too
// late is refused at the start, with the file and what is wrong.
func TestUnsoundProvidersAreRefused(t *testing.T) {
	for _, c := range []struct{ name, span, scheme, want string }{
		{"tiny", "1s", "hmac-sha256-hex", ""},
		{"_sandgate", "1s", "hmac-sha256-hex", "a name is of a-z"},
		{"tiny", "0s", "hmac-sha256-hex", "`after`"},
		{"tiny", "1s", "hmac-md5", "no signature scheme \"hmac-md5\""},
	} {
		text := strings.NewReplacer("NAME", c.name, "SPAN", c.span, "SCHEME", c.scheme).Replace(soundScenario)
		_, err := emulator.LoadProviders([]string{writeTiny(t, t.TempDir(), "tiny.yaml", text)}, nil)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%+v: %v", c, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%+v: got %v", c, err)
		}
	}
}

func TestOneNameOneMount(t *testing.T) {
	text := strings.NewReplacer("NAME", "tiny", "SPAN", "1s", "SCHEME", "hmac-sha256-hex").Replace(soundScenario)
	dir := t.TempDir()
	_, err := emulator.LoadProviders([]string{writeTiny(t, dir, "a.yaml", text), writeTiny(t, dir, "b.yaml", text)}, nil)
	if err == nil || !strings.Contains(err.Error(), "one name, one mount") {
		t.Errorf("two providers of one name: %v", err)
	}
}

// TestSecretsFitTheScheme: a secret that the scheme cannot sign with is refused where it is given, and not at the first event.
func TestSecretsFitTheScheme(t *testing.T) {
	text := strings.NewReplacer("NAME", "tiny", "SPAN", "1s", "SCHEME", "standard-webhooks-v1").Replace(soundScenario)
	_, err := emulator.LoadProviders([]string{writeTiny(t, t.TempDir(), "tiny.yaml", text+"credentials: {secret: plain}\n")}, nil)
	if err == nil || !strings.Contains(err.Error(), "credentials: secret: signature scheme standard-webhooks-v1: its secret is whsec_") {
		t.Errorf("a development secret that cannot sign: %v", err)
	}
	s, err := emulator.New(emulator.Options{Providers: []string{writeTiny(t, t.TempDir(), "tiny.yaml", text)}, Clock: "manual", Seed: 1, Egress: "none"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	e := &edge{s, t}
	for body, status := range map[string]int{
		`{"url":"http://127.0.0.1:1/"}`: 400, `{"url":"http://127.0.0.1:1/","secret":"plain"}`: 400,
		`{"url":"http://127.0.0.1:1/","secret":"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}`: 201,
	} {
		e.want(status, "POST", "/_sandgate/endpoints", "", body)
	}
}

// TestNoCredentialsAskedFor: a scenario that names no place for a credential
// asks for none.
func TestNoCredentialsAskedFor(t *testing.T) {
	text := strings.NewReplacer("NAME", "tiny", "SPAN", "1s", "SCHEME", "hmac-sha256-hex").Replace(soundScenario)
	s, err := emulator.New(emulator.Options{Providers: []string{writeTiny(t, t.TempDir(), "tiny.yaml", text)}, Clock: "manual", Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r := httptest.NewRequest("POST", "/boxes", strings.NewReader(`{}`))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != 201 {
		t.Errorf("without a credential: %d %s", w.Code, w.Body)
	}
}

// TestRemovedEndpointIsNotTriedAgain: one attempt says that it is gone, and
// the delivery has failed for good.
func TestRemovedEndpointIsNotTriedAgain(t *testing.T) {
	gate := emulator.StartWith(t, emulator.Options{Providers: []string{"killb"}, Clock: "manual", Seed: 1, Egress: "none"})
	send(t, gate.URL, "POST", "/api/v2/webhooks", `{"url":"http://127.0.0.1:1/","secret":"whsec_sandgate_development_only_0000","events":["USER"]}`)
	send(t, gate.URL, "POST", "/api/v2/users", userBody(1))
	gate.Advance(time.Second)
	box, err := gate.Sandbox("")
	if err != nil {
		t.Fatal(err)
	}
	all, err := box.Endpoints()
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest("DELETE", "/api/v2/webhooks", nil)
	r.Header.Set("Authorization", "Bearer sk_test_sandgate")
	gate.ServeHTTP(w, r)
	if w.Code != 200 {
		t.Fatal(w.Code, w.Body)
	}
	gate.Advance(24 * time.Hour)
	deliveries, _, err := box.Deliveries(sandbox.DeliveryFilter{}, 10, "")
	if err != nil || len(deliveries) != 1 || deliveries[0].Attempts != 2 || deliveries[0].Status != sandbox.DeliveryFailed {
		t.Errorf("deliveries: %+v %v", deliveries, err)
	}
}
