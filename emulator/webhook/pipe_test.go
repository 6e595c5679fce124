package webhook

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a network in memory: each dial gives the far end of a net.Pipe to receive. Time in it is synctest's.
type pipes struct {
	receive func(net.Conn)
	group   sync.WaitGroup // receivers at work

	mu       sync.Mutex
	dialed   []string
	requests []string // request line, length of the body
}

func (p *pipes) dial(_ context.Context, _, address string) (net.Conn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dialed = append(p.dialed, address)
	near, far := net.Pipe()
	p.group.Go(func() {
		defer far.Close()
		p.receive(far)
	})
	return near, nil
}

func (p *pipes) counts() (dials, requests int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.dialed), len(p.requests)
}

// request reads one whole request, and notes it.
func (p *pipes) request(in *bufio.Reader) (*http.Request, bool) {
	r, err := http.ReadRequest(in)
	if err != nil {
		return nil, false
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests = append(p.requests, fmt.Sprintf("%s %s %d", r.Method, r.RequestURI, len(body)))
	return r, true
}

// answering makes a receiver that reads requests and writes what answer does, until answer says that this was all.
func answering(answer func(out net.Conn, n int) (more bool)) *pipes {
	p := new(pipes)
	p.receive = func(conn net.Conn) {
		in := bufio.NewReader(conn)
		for n := 1; ; n++ {
			if _, ok := p.request(in); !ok || !answer(conn, n) {
				return
			}
		}
	}
	return p
}

// text answers every request with the same bytes, then closes.
func text(reply string) *pipes {
	return answering(func(out net.Conn, _ int) bool { _, _ = io.WriteString(out, reply); return false })
}

// bubble runs f in virtual time with a sender over p. Elapsed is the virtual time since the start.
func bubble(t *testing.T, p *pipes, f func(t *testing.T, s *Sender, elapsed func() time.Duration)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Dial: p.dial, Now: time.Now})
		defer p.group.Wait()
		defer s.Close()
		began := time.Now()
		f(t, s, func() time.Duration { return time.Since(began) })
	})
}

func post(timeout time.Duration) Request {
	return Request{URL: "http://127.0.0.1:9000/hook", Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"a":1}`), Timeout: timeout}
}
