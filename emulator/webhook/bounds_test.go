package webhook

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"
)

// W9: whatever a receiver sends back, a delivery costs at most 1 MiB. What
// came compressed is neither asked for nor taken apart.
func TestW9BoundedMemory(t *testing.T) {
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	if _, err := zip.Write(make([]byte, 64<<20)); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	if packed.Len() > 70_000 {
		t.Fatalf("64 MiB became %d bytes", packed.Len())
	}
	megabyte := strings.Repeat("y", 1<<20)
	for name, reply := range map[string]string{
		"gzip 1000:1":   fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", packed.Len(), packed.String()),
		"10 MB headers": "HTTP/1.1 200 OK\r\nX: " + strings.Repeat(megabyte, 10) + "\r\n\r\n",
		"10 MB body":    "HTTP/1.1 200 OK\r\n\r\n" + strings.Repeat(megabyte, 10),
	} {
		raw := []byte(reply)
		p := answering(func(out net.Conn, _ int) bool { _, _ = out.Write(raw); return false })
		bubble(t, p, func(t *testing.T, s *Sender, _ func() time.Duration) {
			const sends = 20
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range sends {
				if r := s.Send(t.Context(), post(5*time.Second)); len(r.Body) > MaxReplyBody {
					t.Errorf("%s: %d bytes kept", name, len(r.Body))
				}
			}
			runtime.ReadMemStats(&after)
			if each := (after.TotalAlloc - before.TotalAlloc) / sends; each > 1<<20 {
				t.Errorf("%s: %d bytes a delivery", name, each)
			}
		})
	}
}

// W14: who asks for it takes any certificate, and old TLS, but not where
// strangers may be called.
func TestW14Insecure(t *testing.T) {
	good, _ := receiver(t, -time.Hour, time.Hour, tls.VersionTLS13)
	old, _ := receiver(t, -time.Hour, time.Hour, tls.VersionTLS11)
	expired, _ := receiver(t, -2*time.Hour, -time.Hour, tls.VersionTLS13)
	for name, url := range map[string]string{"self-signed": good, "wrong name": strings.Replace(good, "127.0.0.1", "wrong.test", 1), "expired": expired, "TLS 1.1": old} {
		for _, policy := range []Egress{"", EgressAny, EgressLocal, EgressPublic} {
			s := New(Options{RootCAs: x509.NewCertPool(), Resolver: dns("127.0.0.1"), Egress: policy})
			r := s.Send(t.Context(), Request{URL: url, Insecure: true})
			switch {
			case policy != EgressPublic && (r.Err != nil || r.Status != 200):
				t.Errorf("%s, --egress %s: %v", name, policy, r.Err)
			case policy == EgressPublic && class(t, r) != ClassTLS:
				t.Errorf("%s, --egress %s: %v", name, policy, r)
			}
			if r := s.Send(t.Context(), Request{URL: url}); r.Err == nil {
				t.Errorf("%s, --egress %s: taken without being asked for", name, policy)
			}
			s.Close()
		}
	}
}
