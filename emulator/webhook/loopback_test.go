package webhook

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// receiver is a TLS server on loopback whose certificate is valid for 127.0.0.1 during the given hours from now.
func receiver(t *testing.T, from, to time.Duration, highest uint16) (url string, roots *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(from), NotAfter: time.Now().Add(to),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}}, MinVersion: tls.VersionTLS10, MaxVersion: highest}
	server.StartTLS()
	t.Cleanup(server.Close)
	roots = x509.NewCertPool()
	roots.AddCert(leaf)
	return server.URL, roots
}

func TestTLS(t *testing.T) {
	good, goodRoots := receiver(t, -time.Hour, time.Hour, tls.VersionTLS13)
	old, oldRoots := receiver(t, -time.Hour, time.Hour, tls.VersionTLS11)
	twelve, twelveRoots := receiver(t, -time.Hour, time.Hour, tls.VersionTLS12)
	expired, expiredRoots := receiver(t, -2*time.Hour, -time.Hour, tls.VersionTLS13)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	tests := []struct {
		name, url string
		roots     *x509.CertPool
		want      string // "" for a reply
	}{
		{"trusted", good, goodRoots, ""},
		{"TLS 1.2", twelve, twelveRoots, ""},
		{"self-signed", good, x509.NewCertPool(), "certificate signed by unknown authority"},
		{"wrong name", strings.Replace(good, "127.0.0.1", "wrong.test", 1), goodRoots, "certificate is not valid for any names, but wanted to match wrong.test"},
		{"expired", expired, expiredRoots, "certificate has expired or is not yet valid"},
		{"TLS 1.1", old, oldRoots, "protocol version not supported"},
		{"no TLS", strings.Replace(plain.URL, "http:", "https:", 1), nil, "the server does not speak TLS there; is it an http:// address?"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := New(Options{RootCAs: tt.roots, Resolver: dns("127.0.0.1")})
			defer s.Close()
			r := s.Send(t.Context(), Request{URL: tt.url})
			switch {
			case tt.want == "" && (r.Err != nil || r.Status != 200):
				t.Errorf("%d, %v", r.Status, r.Err)
			case tt.want == "":
			case class(t, r) != ClassTLS || !strings.HasPrefix(r.Err.Error(), "no trustworthy TLS connection to ") || !strings.Contains(r.Err.Error(), ": "+tt.want):
				t.Errorf("%s: %s", class(t, r), r.Err)
			}
		})
	}
}

func TestLoopback(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "" {
			t.Error("compression was asked for")
		}
		_, _ = io.Copy(w, r.Body)
	}))
	t.Cleanup(server.Close)
	s := New(Options{Egress: EgressLocal, Now: time.Now})
	defer s.Close()
	r := s.Send(t.Context(), Request{URL: server.URL, Body: []byte("echo")})
	if r.Err != nil || r.Status != 200 || string(r.Body) != "echo" || r.Duration <= 0 {
		t.Errorf("%+v", r)
	}

	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	r = s.Send(t.Context(), Request{URL: "http://" + address})
	if want := "no connection to " + address + ": connection refused"; class(t, r) != ClassConnect || r.Err.Error() != want {
		t.Errorf("%s: %v, want %s", class(t, r), r.Err, want)
	}
}

func TestReset(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		_, _ = conn.Read(make([]byte, 10))   // not all of it
		_ = conn.(*net.TCPConn).SetLinger(0) // so that closing resets
		_ = conn.Close()
	}()
	s := New(Options{})
	defer s.Close()
	r := s.Send(t.Context(), Request{URL: "http://" + listener.Addr().String(), Body: make([]byte, 1<<20)})
	if class(t, r) != ClassNetwork || r.Err.Error() != "the receiver closed the connection without a reply" {
		t.Errorf("%s: %v", class(t, r), r.Err)
	}
}

func TestParseURL(t *testing.T) {
	for _, raw := range []string{"http://localhost", "https://example.com:65535/a?b=c#d", "http://[::1]:1/", "HTTP://EXAMPLE.COM/", "http://ex.test:/"} {
		if u, err := ParseURL(raw); err != nil || u == nil {
			t.Errorf("ParseURL(%q): %v", raw, err)
		}
	}
	for raw, want := range map[string]string{
		"":                         "expected a URL that begins with http:// or https://",
		"example.com/x":            "expected a URL that begins with http:// or https://",
		"ftp://example.com":        "expected a URL that begins with http:// or https://",
		"file:///etc/passwd":       "expected a URL that begins with http:// or https://",
		"javascript:alert(1)":      "expected a URL that begins with http:// or https://",
		"http:example.com":         "the URL has no host",
		"http:///x":                "the URL has no host",
		"http://:80/":              "the URL has no host",
		"http://a:b@example.com":   "a user name or password cannot stand in the URL",
		"http://@example.com":      "a user name or password cannot stand in the URL",
		"http://example.com:0":     "the URL's port is not between 1 and 65535",
		"http://example.com:65536": "the URL's port is not between 1 and 65535",
		"http://example.com:http":  `not a URL: invalid port ":http" after host`,
		"http://exa mple.com":      `not a URL: invalid character " " in host name`,
		"http://x/\n?secret=1":     "not a URL: net/url: invalid control character in URL",
		"http://x/%zz":             `not a URL: invalid URL escape "%zz"`,
	} {
		if u, err := ParseURL(raw); err == nil || err.Error() != want {
			t.Errorf("ParseURL(%q) = %v, %v, want %s", raw, u, err, want)
		}
	}
}

func TestCurl(t *testing.T) {
	tests := []struct {
		name string
		r    Request
		want string
	}{
		{
			"usual",
			Request{URL: "http://localhost:3000/hook", Header: http.Header{"X-Signature-Sha256": {"ab12"}, "Content-Type": {"application/json"}}, Body: []byte(`{"a":"it's"}`)},
			`curl -i -X POST 'http://localhost:3000/hook' -H 'Content-Type: application/json' -H 'X-Signature-Sha256: ab12' --data-raw '{"a":"it'\''s"}'`,
		},
		{
			"secrets",
			Request{URL: "https://me:pass@x.test/a@b?c=@", Header: http.Header{"Authorization": {"Bearer s3cret"}, "Asaas-Access-Token": {"s3cret"}, "x-api-key": {"s3cret"}, "Idempotency-Key": {"k1"}}},
			`curl -i -X POST 'https://x.test/a@b?c=@' -H 'Asaas-Access-Token: hidden' -H 'Authorization: hidden' -H 'Idempotency-Key: k1' -H 'x-api-key: hidden' -H 'Content-Type:' --data-raw ''`,
		},
		{
			"odd",
			Request{URL: "http://[::1]/?a[]=1", Header: http.Header{"X-Empty": {""}, "X-Two": {"1", "2"}, "bad name": {"x"}, "X-Bad": {"a\nb"}, "content-type": {"text/plain"}}, Body: []byte("@file")},
			`curl -i -X POST 'http://[::1]/?a[]=1' -g -H 'X-Empty;' -H 'X-Two: 1' -H 'X-Two: 2' -H 'content-type: text/plain' --data-raw '@file'`,
		},
		{
			"bytes",
			Request{URL: "http://x.test/", Header: http.Header{"Content-Type": {"a/b"}}, Body: []byte("\x00\xff")},
			`printf %s 'AP8=' | base64 -d | curl -i -X POST 'http://x.test/' -H 'Content-Type: a/b' --data-binary @-`,
		},
	}
	for _, tt := range tests {
		if got := Curl(tt.r); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

// The line, run by a shell, sends the very same bytes.
func TestCurlRuns(t *testing.T) {
	for _, tool := range []string{"sh", "curl", "base64"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	bodies := make(chan []byte, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.Header.Get("X-Quote") != `it's "$HOME" \n` || r.Header.Get("Content-Type") != "" {
			t.Errorf("%s %v", r.Method, r.Header)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		bodies <- body
	}))
	t.Cleanup(server.Close)
	for _, body := range []string{"", `{"name":"José's $(id) \"x\" ` + "`id`" + ` \\ 🙂"}`, "a\r\n b\n\n", "@/etc/passwd", "\x00\x01\xff", strings.Repeat("long ", maxArgument/4)} {
		r := Request{URL: server.URL + "/a[1]{b}", Header: http.Header{"X-Quote": {`it's "$HOME" \n`}}, Body: []byte(body)}
		line := Curl(r) + " --noproxy '*' -s"
		command := exec.CommandContext(t.Context(), "sh", "-s")
		command.Stdin = strings.NewReader(line)
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%.200s: %v\n%s", line, err, out)
		}
		if got := <-bodies; !bytes.Equal(got, []byte(body)) {
			t.Errorf("sent %.100q, want %.100q", got, body)
		}
	}
}
