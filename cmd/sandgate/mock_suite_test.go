package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sandgate/sandgate/emulator"
)

var (
	mockSuite    = flag.String("mock-suite", "", "packages of stripe-go whose own tests run on us, such as . or ./...")
	mockScenario = flag.Bool("mock-scenario", false, "… with the built-in scenario, not the document alone")
)

// TestMockSuite runs the tests that stripe-go has for stripe-mock on its
// document as a drop-in: an id that was never made is answered. They want
// HTTPS and the name of the mock, which a proxy in front of us gives. It is a
// measurement, and fails for nothing but not running:
//
//	go test ./cmd/sandgate -run TestMockSuite -timeout 30m -v -args -mock-suite ./...
func TestMockSuite(t *testing.T) {
	if *mockSuite == "" {
		t.Skip("say -mock-suite ./... to run it")
	}
	spec := filepath.Join(publishedSpecs, "stripe.json")
	if !haveSpecs() {
		t.Skip("no published contracts beside the project")
	}
	o := emulator.Options{Specs: []string{spec}, UnknownIDs: "create", RateLimit: "off"}
	if *mockScenario {
		o.Providers = []string{"stripe"}
	}
	srv, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	behind := httptest.NewServer(srv)
	defer behind.Close()
	target, _ := url.Parse(behind.URL)
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(r *http.Response) error {
		r.Header.Set("Stripe-Mock-Version", "master")
		return nil
	}
	front := httptest.NewUnstartedServer(proxy)
	if front.Listener, err = net.Listen("tcp", "localhost:0"); err != nil {
		t.Fatal(err)
	}
	front.EnableHTTP2 = true
	front.StartTLS()
	defer front.Close()
	_, port, _ := net.SplitHostPort(front.Listener.Addr().String())
	passed, failed := runSuite(t, libraryCopy(t), port)
	for _, name := range failed {
		t.Log("failed: ", name)
	}
	if t.Logf("%d passed, %d failed", passed, len(failed)); passed == 0 {
		t.Fatal("no test ran")
	}
}

// libraryCopy is a copy of the library that the consumer uses: its tests write
// beside it.
func libraryCopy(t *testing.T) string {
	t.Helper()
	source := filepath.Join(consumersDir, "stripe-go")
	list := exec.Command("go", "list", "-C", source, "-m", "-f", "{{.Dir}}", "github.com/stripe/stripe-go/v85")
	out, err := list.Output()
	if err != nil {
		t.Skip("the modules of consumers/stripe-go cannot be had: ", err)
	}
	dir := filepath.Join(t.TempDir(), "library")
	if err := os.CopyFS(dir, os.DirFS(strings.TrimSpace(string(out)))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// runSuite counts what passes and names what fails.
func runSuite(t *testing.T, dir, port string) (passed int, failed []string) {
	t.Helper()
	cmd := exec.Command("go", append([]string{"test", "-json", "-p", "1"}, strings.Fields(*mockSuite)...)...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "STRIPE_MOCK_PORT="+port, "GOFLAGS=-mod=mod")
	out, _ := cmd.Output() // it fails where a test does
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		var e struct{ Action, Package, Test string }
		if json.Unmarshal(lines.Bytes(), &e) != nil || e.Test == "" {
			continue
		}
		switch e.Action {
		case "pass":
			passed++
		case "fail":
			failed = append(failed, e.Package+" "+e.Test)
		}
	}
	return passed, failed
}
