package emulator

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/sandgate/sandgate/emulator/sandbox"
)

// TB is the part of testing.TB that Start needs.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Gate is a server that listens on a free local port for one test.
type Gate struct {
	*Server
	URL string // http://127.0.0.1:port
	t   TB
}

// Start serves providers for one test, on a manual clock and without rate
// limits, and stops with it:
//
//	gate := emulator.Start(t, "name")
//	client.BaseURL = gate.URL
//	gate.Advance(6 * time.Hour)
func Start(t TB, providers ...string) *Gate {
	t.Helper()
	return StartWith(t, Options{Providers: providers, Clock: "manual", Seed: 1, CheckReplies: true, RateLimit: "off"})
}

// StartWith is Start with every option open.
func StartWith(t TB, o Options) *Gate {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatalf("sandgate: %v", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("sandgate: %v", err)
	}
	if at, err := netip.ParseAddrPort(l.Addr().String()); err == nil {
		s.OwnAddresses(at)
	}
	h := &http.Server{Handler: s, ReadHeaderTimeout: 5 * time.Second}
	go h.Serve(l)
	t.Cleanup(func() {
		t.Helper()
		if err := h.Shutdown(context.Background()); err != nil {
			t.Fatalf("sandgate: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Fatalf("sandgate: %v", err)
		}
	})
	return &Gate{Server: s, URL: "http://" + l.Addr().String(), t: t}
}

// Advance moves the default sandbox's clock and returns what fired, when all
// is quiet.
func (g *Gate) Advance(by time.Duration) sandbox.Advanced {
	g.t.Helper()
	out, err := g.Server.Advance(by)
	if err != nil {
		g.t.Fatalf("sandgate: advance %s: %v", by, err)
	}
	return out
}

// Reset brings the default sandbox back to its seed objects.
func (g *Gate) Reset() {
	g.t.Helper()
	if err := g.Server.Reset(); err != nil {
		g.t.Fatalf("sandgate: reset: %v", err)
	}
}
