package emulator_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/webhook"
)

// signedScenario sends a webhook for every box, signed by a scheme.
const signedScenario = `
provider: signed
title: Signed
contract: signed.openapi.yaml
webhooks:
  signature: {header: %s, scheme: "'%s'"}
  content-type: application/json
  timeout: 5s
  retry: [0s]
  body: {id: event.id, type: event.type, data: event.data}
resources: {box: {schema: [Box], emit: {create: BOX.CREATE}}}
`

// secretFor is a secret of the form that a scheme asks for.
func secretFor(scheme string) string {
	switch scheme {
	case "standard-webhooks-v1":
		return "whsec_" + base64.StdEncoding.EncodeToString([]byte("a key of 32 bytes, for this test"))
	case "standard-webhooks-v1a":
		return "whsk_" + base64.StdEncoding.EncodeToString([]byte("a seed of 32 bytes for this test"))
	}
	return "a-secret-of-more-than-32-characters-é"
}

// captured is a webhook as it came in.
type captured struct {
	header http.Header
	body   []byte
}

// signedShop is a server whose webhooks are captured.
type signedShop struct {
	*edge
	scheme string
	mu     sync.Mutex
	all    []captured
}

func newSignedShop(t *testing.T, scheme string, o emulator.Options) *signedShop {
	t.Helper()
	shop := &signedShop{scheme: scheme}
	sink := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		shop.mu.Lock()
		defer shop.mu.Unlock()
		shop.all = append(shop.all, captured{r.Header.Clone(), body})
	}))
	t.Cleanup(sink.Close)
	dir := t.TempDir()
	file := filepath.Join(dir, "signed.yaml")
	for name, text := range map[string]string{
		file: fmt.Sprintf(signedScenario, shop.header(), scheme) + workshopOperations, filepath.Join(dir, "signed.openapi.yaml"): workshopContract,
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o.Providers, o.Clock, o.Seed = []string{file}, "manual", 7
	s := newServer(t, o)
	shop.edge = &edge{s, t}
	shop.want(201, "POST", "/_sandgate/endpoints", "", `{"url":"`+sink.URL+`","secret":"`+secretFor(scheme)+`"}`)
	return shop
}

// header is the one in which the scheme is at home.
func (s *signedShop) header() string {
	if strings.HasPrefix(s.scheme, "standard") {
		return "webhook-signature"
	}
	return "X-Signature"
}

// boxes makes n boxes with what is easily spoiled on the way, and delivers their webhooks.
func (s *signedShop) boxes(n int) []captured {
	s.t.Helper()
	for i := range n {
		s.want(201, "POST", "/boxes", "", fmt.Sprintf(`{"label":"José 東京 🙂 <a href=\"x\">&amp;</a> https:\/\/example.com\/%d \u2028","n":9007199254740993,"extra":{"d":10.50}}`, i))
	}
	if _, err := s.Advance(0); err != nil {
		s.t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.all
	s.all = nil
	if len(all) != n {
		s.t.Fatalf("%d webhooks of %d", len(all), n)
	}
	return all
}

// received is a captured webhook for our own verifier.
func (s *signedShop) received(c captured) webhook.Received {
	return webhook.Received{
		Scheme: s.scheme, Value: c.header.Get(s.header()), Header: c.header, Body: c.body, DataID: dataID(c.body),
		Secrets: []string{secretFor(s.scheme)}, Now: time.Now(), Tolerance: 5 * time.Minute,
	}
}

// dataID cuts the id of the box out of a body.
func dataID(body []byte) string {
	_, rest, _ := bytes.Cut(body, []byte(`"data":{"id":"`))
	id, _, _ := bytes.Cut(rest, []byte(`"`))
	return string(id)
}

// TestW5SignaturesAreOfTheWallClock moves the sandbox's clock by 400 days: consumers with the usual tolerance accept every
// webhook, unless the signature's time was asked to be the sandbox's.
func TestW5SignaturesAreOfTheWallClock(t *testing.T) {
	n := 500
	if testing.Short() {
		n = 20
	}
	for _, scheme := range []string{"t,v1", "standard-webhooks-v1"} {
		for mode, good := range map[string]bool{"wall": true, "sandbox": false} {
			shop := newSignedShop(t, scheme, emulator.Options{SignatureTime: mode})
			if _, err := shop.Advance(400 * 24 * time.Hour); err != nil {
				t.Fatal(err)
			}
			count := n
			if !good {
				count = n / 10
			}
			for _, c := range shop.boxes(count) {
				got := webhook.Explain(shop.received(c))
				if got.Valid != good || !good && !strings.HasPrefix(got.Reason, "timestamp-") {
					t.Fatalf("%s, signature time %s: %+v", scheme, mode, got)
				}
			}
		}
	}
}

// TestW4G3IndependentVerifiers has programs in four other languages verify what was sent, each with the cryptography of its own.
func TestW4G3IndependentVerifiers(t *testing.T) {
	var lines strings.Builder
	schemes := webhook.Schemes()
	const each = 12
	for _, scheme := range schemes {
		shop := newSignedShop(t, scheme, emulator.Options{})
		for _, c := range shop.boxes(each) {
			if got := webhook.Explain(shop.received(c)); !got.Valid {
				t.Errorf("%s: %+v", scheme, got)
			}
			h := c.header
			fmt.Fprintln(&lines, strings.Join([]string{
				scheme, secretFor(scheme), h.Get(shop.header()), h.Get("webhook-id"), h.Get("webhook-timestamp"), h.Get("x-request-id"), dataID(c.body), base64.StdEncoding.EncodeToString(c.body),
			}, "|"))
		}
	}
	spoiled := strings.ReplaceAll(strings.ReplaceAll(lines.String(), "|e", "|f"), "|a-secret", "|b-secret") // other bodies, other secrets
	spoiled = strings.ReplaceAll(strings.ReplaceAll(spoiled, "whsec_", "whsec_AAAA"), "whsk_", "whsk_AAAA")
	for _, v := range []struct {
		command, script string
		each            int
		unable          []string
	}{
		{"node", "verify.js", each, nil},
		{"python3", "verify.py", each, []string{"standard-webhooks-v1a"}}, // where the cryptography package is missing
		{"perl", "verify.pl", each, []string{"standard-webhooks-v1a"}},
		{"sh", "verify.sh", 2, nil}, // starts a dozen processes for each
	} {
		t.Run(v.command, func(t *testing.T) {
			tools := []string{v.command}
			if v.command == "sh" {
				tools = append(tools, "openssl", "od")
			}
			for _, tool := range tools {
				if _, err := exec.LookPath(tool); err != nil {
					if os.Getenv("CI") == "true" {
						t.Fatal(tool + " is not installed")
					}
					t.Skip(tool + " is not installed")
				}
			}
			for word, text := range map[string]string{"good": lines.String(), "bad": spoiled} {
				file := filepath.Join(t.TempDir(), word)
				var some strings.Builder
				for i, line := range strings.SplitAfter(text, "\n") {
					if i%each < v.each {
						some.WriteString(line)
					}
				}
				if err := os.WriteFile(file, []byte(some.String()), 0o600); err != nil {
					t.Fatal(err)
				}
				out, err := exec.Command(v.command, filepath.Join("webhook", "testdata", "verifiers", v.script), file).CombinedOutput()
				if err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
				said := strings.Fields(string(out))
				if len(said) != 2*v.each*len(schemes) {
					t.Fatalf("%d words of %d\n%s", len(said), 2*v.each*len(schemes), out)
				}
				for i := 0; i < len(said); i += 2 {
					able := said[i+1] != "unable" || !slices.Contains(v.unable, said[i])
					if able && said[i+1] != word {
						t.Errorf("webhook %d, %s: %s, want %s", i/2, said[i], said[i+1], word)
					}
				}
			}
		})
	}
}
