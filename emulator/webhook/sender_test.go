package webhook

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const okReply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// However slowly, endlessly or strangely a receiver answers, the send ends in time and says what happened.
func TestHostileReceivers(t *testing.T) {
	const limit = 5 * time.Second
	drip := func(head, part string) *pipes {
		return answering(func(out net.Conn, _ int) bool {
			for _, err := io.WriteString(out, head); err == nil; _, err = io.WriteString(out, part) {
				time.Sleep(1200 * time.Millisecond) // virtual
			}
			return false
		})
	}
	flood := func(head, part string) *pipes {
		return answering(func(out net.Conn, _ int) bool {
			for _, err := io.WriteString(out, head); err == nil; _, err = io.WriteString(out, part) {
			}
			return false
		})
	}
	kilobyte := strings.Repeat("x", 1024)
	tests := []struct {
		name    string
		net     *pipes
		took    time.Duration
		status  int
		body    int // bytes kept
		class   string
		message string
	}{
		{"silent", answering(func(net.Conn, int) bool { return true }), limit, 0, 0, ClassTimeout, "no reply from 127.0.0.1:9000 within 5s"},
		{"dripping header", drip("HTTP/1.1 200 OK\r\nX: ", "y"), limit, 0, 0, ClassTimeout, "no reply from 127.0.0.1:9000 within 5s"},
		{"dripping body", drip("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", "y"), limit, 200, 4, ClassTimeout, "no complete reply body from 127.0.0.1:9000 within 5s"},
		{"dripping chunks", drip("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\ny\r\n"), limit, 200, 4, ClassTimeout, "no complete reply body from 127.0.0.1:9000 within 5s"},
		{"body without end", flood("HTTP/1.1 200 OK\r\n\r\n", kilobyte), 0, 200, MaxReplyBody, "", ""},
		{"chunks without end", flood("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "400\r\n"+kilobyte+"\r\n"), 0, 200, MaxReplyBody, "", ""},
		{"a length beyond belief", flood("HTTP/1.1 200 OK\r\nContent-Length: 9000000000000000000\r\n\r\n", kilobyte), 0, 200, MaxReplyBody, "", ""},
		{"headers without end", flood("HTTP/1.1 200 OK\r\n", "X-Y: "+kilobyte+"\r\n"), 0, 0, 0, ClassNetwork, "the reply's headers are larger than 64 KiB"},
		{"interim replies without end", flood("", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"), 0, 0, 0, ClassNetwork, "the reply's headers are larger than 64 KiB"},
		{"switching protocols", drip("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", ""), 0, 101, 0, "", ""},
		{"no HTTP", text("220 mail.test ESMTP\r\n"), 0, 0, 0, ClassNetwork, "the reply is not HTTP"},
		{"bad status", text("HTTP/1.1 2x0 OK\r\n\r\n"), 0, 0, 0, ClassNetwork, "the reply is not HTTP"},
		{"bad header", text("HTTP/1.1 200 OK\r\n: x\r\n\r\n"), 0, 0, 0, ClassNetwork, "the reply is not HTTP"},
		{"bad length", text("HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n"), 0, 0, 0, ClassNetwork, `the reply is not valid HTTP: bad Content-Length "abc"`},
		{"two lengths", text("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), 0, 0, 0, ClassNetwork, `the reply is not valid HTTP: message cannot contain multiple Content-Length headers; got ["1" "2"]`},
		{"hangs up", text(""), 0, 0, 0, ClassNetwork, "the receiver closed the connection without a reply"},
		{"hangs up in the header", text("HTTP/1.1 200 OK\r\nX: y"), 0, 0, 0, ClassNetwork, "the receiver closed the connection without a reply"},
		{"hangs up in the body", text("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), 0, 200, 3, ClassNetwork, "the connection broke before the reply body was complete"},
		{"compressed without being asked", text("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00"), 0, 200, 4, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, tt.net, func(t *testing.T, s *Sender, elapsed func() time.Duration) {
				r := s.Send(t.Context(), post(limit))
				if r.Status != tt.status || len(r.Body) != tt.body || r.Truncated != (tt.body == MaxReplyBody) {
					t.Errorf("status %d, %d bytes, truncated %v; want %d, %d", r.Status, len(r.Body), r.Truncated, tt.status, tt.body)
				}
				if took := elapsed(); took != tt.took || r.Duration != took {
					t.Errorf("took %v, Duration %v, want %v", took, r.Duration, tt.took)
				}
				if tt.class == "" {
					if r.Err != nil {
						t.Error(r.Err)
					}
				} else if got := class(t, r); got != tt.class || r.Err.Error() != tt.message {
					t.Errorf("%s: %s, want %s: %s", got, r.Err, tt.class, tt.message)
				}
				if _, requests := tt.net.counts(); requests != 1 {
					t.Errorf("%d requests, want 1", requests)
				}
			})
		})
	}
}

// Each limit, one under and one over.
func TestReplyLimits(t *testing.T) {
	reply := func(header, body int) string {
		return "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("h", header) + fmt.Sprintf("\r\nContent-Length: %d\r\n\r\n", body) + strings.Repeat("b", body)
	}
	overhead := len(reply(0, 0))
	tests := []struct {
		header, body int
		truncated    bool
		class        string
	}{
		{0, MaxReplyBody, false, ""},
		{0, MaxReplyBody + 1, true, ""},
		{MaxReplyHeader - overhead - 1, 0, false, ""},
		{MaxReplyHeader + 8<<10, 0, false, ClassNetwork}, // the transport reads on to the end of its buffer
	}
	for _, tt := range tests {
		bubble(t, text(reply(tt.header, tt.body)), func(t *testing.T, s *Sender, _ func() time.Duration) {
			r := s.Send(t.Context(), post(0))
			if tt.class != "" {
				if got := class(t, r); got != tt.class {
					t.Errorf("header %d: %s %v", tt.header, got, r.Err)
				}
				return
			}
			if r.Err != nil || r.Truncated != tt.truncated || len(r.Body) != min(tt.body, MaxReplyBody) {
				t.Errorf("header %d, body %d: %d bytes, truncated %v, %v", tt.header, tt.body, len(r.Body), r.Truncated, r.Err)
			}
		})
	}
}

// Every status comes back as it was, and nothing is sent a second time.
func TestStatusIsTheCallersMatter(t *testing.T) {
	for status := 200; status <= 599; status++ {
		p := text(fmt.Sprintf("HTTP/1.1 %d X\r\nLocation: http://127.0.0.1:9000/elsewhere\r\nContent-Length: 0\r\n\r\n", status))
		bubble(t, p, func(t *testing.T, s *Sender, _ func() time.Duration) {
			r := s.Send(t.Context(), post(time.Second))
			if r.Err != nil || r.Status != status || r.Header.Get("Location") == "" {
				t.Errorf("status %d: %+v", status, r)
			}
			if got := fmt.Sprint(p.requests); got != "[POST /hook 7]" {
				t.Errorf("status %d: the receiver saw %s", status, got)
			}
		})
	}
}

func TestTheSendersOwnSide(t *testing.T) {
	mute := &pipes{receive: func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }}
	never := func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	tests := []struct {
		name    string
		options Options
		request Request
		took    time.Duration
		class   string
		message string
	}{
		{"connecting takes longer than the timeout", Options{Dial: never}, post(2 * time.Second), 2 * time.Second, ClassTimeout, "no connection to 127.0.0.1:9000 within 2s"},
		{"connecting takes longer than it may", Options{Dial: never}, post(0), ConnectTimeout, ClassTimeout, "no connection to 127.0.0.1:9000 within 5s"},
		{"TLS takes longer than it may", Options{Dial: mute.dial}, Request{URL: "https://127.0.0.1:9000/"}, ConnectTimeout, ClassTimeout, "no TLS handshake with 127.0.0.1:9000 within 5s"},
		{"looking up takes longer than it may", Options{Resolver: slowDNS{}}, Request{URL: "http://slow.test/"}, ConnectTimeout, ClassDNS, "no address for host slow.test within 5s"},
		{"no such host", Options{Resolver: noDNS{&net.DNSError{Err: "no such host", Name: "x", IsNotFound: true}}}, Request{URL: "http://nowhere.test/"}, 0, ClassDNS, "no address for host nowhere.test"},
		{"broken name service", Options{Resolver: noDNS{&net.DNSError{Err: "server misbehaving", Name: "x"}}}, Request{URL: "http://nowhere.test/"}, 0, ClassDNS, "no address for host nowhere.test: server misbehaving"},
		{"empty answer", Options{Resolver: dns("")}, Request{URL: "http://nowhere.test/"}, 0, ClassDNS, "no address for host nowhere.test: the answer is empty"},
		{"refused", Options{Dial: new(closedNet).dial}, post(0), 0, ClassConnect, "no connection to 127.0.0.1:9000: no route here"},
		{"not HTTP", Options{}, Request{URL: "ftp://127.0.0.1/"}, 0, ClassRequest, "expected a URL that begins with http:// or https://"},
		{"bad header name", Options{}, Request{URL: "http://127.0.0.1/", Header: http.Header{"Z z": {"x"}, "B b": {"x"}}}, 0, ClassRequest, `header "B b" cannot be sent`},
		{"bad header value", Options{}, Request{URL: "http://127.0.0.1/", Header: http.Header{"A": {"x\r\nEvil: y"}}}, 0, ClassRequest, `header "A" cannot be sent`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tt.options.Now = time.Now
				s := New(tt.options)
				defer s.Close()
				r := s.Send(t.Context(), tt.request)
				if got := class(t, r); got != tt.class || r.Err.Error() != tt.message || r.Duration != tt.took {
					t.Errorf("%s: %s after %v, want %s: %s after %v", got, r.Err, r.Duration, tt.class, tt.message, tt.took)
				}
			})
		})
	}
}

type slowDNS struct{}

func (slowDNS) LookupNetIP(ctx context.Context, _, _ string) ([]netip.Addr, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

type noDNS struct{ err error }

func (d noDNS) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) { return nil, d.err }

// An address that swallows packets leaves time for the next one.
func TestSecondAddress(t *testing.T) {
	p := text(okReply)
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		if strings.HasPrefix(address, "[") {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return p.dial(ctx, network, address)
	}
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Dial: dial, Resolver: dns("::1 127.0.0.1"), Now: time.Now})
		defer s.Close()
		r := s.Send(t.Context(), Request{URL: "http://localhost/", Timeout: 5 * time.Second})
		if r.Status != 200 || r.Duration != ConnectTimeout/2 {
			t.Errorf("%+v", r)
		}
	})
}

func TestCanceled(t *testing.T) {
	p := answering(func(net.Conn, int) bool { return true })
	bubble(t, p, func(t *testing.T, s *Sender, elapsed func() time.Duration) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if r := s.Send(ctx, post(0)); class(t, r) != ClassCanceled || elapsed() != time.Second {
			t.Errorf("%v after %v", r.Err, elapsed())
		}
	})
}

func TestConnectionsAreKept(t *testing.T) {
	p := answering(func(out net.Conn, _ int) bool { _, err := io.WriteString(out, okReply); return err == nil })
	bubble(t, p, func(t *testing.T, s *Sender, _ func() time.Duration) {
		for i, pause := range []time.Duration{0, 0, 3 * time.Second, idleTimeout + 1} {
			time.Sleep(pause) // virtual
			if r := s.Send(t.Context(), post(0)); r.Err != nil {
				t.Fatal(i, r.Err)
			}
			synctest.Wait() // the connection is back in the pool
		}
		if dials, requests := p.counts(); dials != 2 || requests != 4 {
			t.Errorf("%d dials for %d requests, want 2 for 4", dials, requests)
		}
	})
}

func TestSixtyFourWorkers(t *testing.T) {
	gate := make(chan struct{})
	p := answering(func(out net.Conn, _ int) bool { <-gate; _, err := io.WriteString(out, okReply); return err == nil })
	synctest.Test(t, func(t *testing.T) {
		gate = make(chan struct{})
		s := New(Options{Dial: p.dial})
		defer s.Close()
		for range 3 {
			var group sync.WaitGroup
			for range 64 {
				group.Go(func() {
					if r := s.Send(t.Context(), post(0)); r.Err != nil {
						t.Error(r.Err)
					}
				})
			}
			synctest.Wait() // all 64 wait for their reply
			for range 64 {
				gate <- struct{}{}
			}
			group.Wait()
			synctest.Wait()
		}
		if dials, requests := p.counts(); dials != 64 || requests != 192 {
			t.Errorf("%d dials for %d requests, want 64 for 192", dials, requests)
		}
	})
}

// A receiver that restarted between two deliveries costs nothing; one that dies on a delivery fails it, and is not asked twice.
func TestKeptConnectionCloses(t *testing.T) {
	restarted := text(okReply)
	bubble(t, restarted, func(t *testing.T, s *Sender, _ func() time.Duration) {
		for range 3 {
			if r := s.Send(t.Context(), post(0)); r.Err != nil {
				t.Error(r.Err)
			}
			synctest.Wait()
		}
	})
	for _, body := range []string{"", `{"a":1}`} {
		dying := answering(func(out net.Conn, n int) bool {
			if n == 1 {
				_, _ = io.WriteString(out, okReply)
			}
			return n == 1
		})
		bubble(t, dying, func(t *testing.T, s *Sender, _ func() time.Duration) {
			r := Request{URL: "http://127.0.0.1/", Body: []byte(body), Header: http.Header{"Idempotency-Key": {"k"}}}
			if r := s.Send(t.Context(), r); r.Err != nil {
				t.Error(r.Err)
			}
			synctest.Wait()
			if r := s.Send(t.Context(), r); r.Err == nil || class(t, r) != ClassNetwork {
				t.Errorf("%+v", r)
			}
			if _, requests := dying.counts(); requests != 2 {
				t.Errorf("%d requests for 2 sends", requests)
			}
		})
	}
}

func TestWhatIsSent(t *testing.T) {
	var sent string
	p := new(pipes)
	p.receive = func(conn net.Conn) {
		in := bufio.NewReader(conn)
		for line := ""; line != "\r\n"; sent += line {
			var err error
			if line, err = in.ReadString('\n'); err != nil {
				return
			}
		}
		body := make([]byte, 7)
		_, _ = io.ReadFull(in, body)
		sent += string(body)
		_, _ = io.WriteString(conn, okReply)
	}
	r := post(0)
	r.URL = "http://127.0.0.1:9000/hook?a=b#part"
	for name, value := range map[string]string{"x-signature-sha256": "ab", "host": "evil.test", "Content-length": "9", "Transfer-Encoding": "chunked", "Connection": "close", "user-agent": "Receiver-Test/1"} {
		r.Header[name] = []string{value}
	}
	before := fmt.Sprint(r.Header)
	bubble(t, p, func(t *testing.T, s *Sender, _ func() time.Duration) {
		if r := s.Send(t.Context(), r); r.Err != nil || string(r.Body) != "ok" {
			t.Errorf("%+v", r)
		}
	})
	const want = "POST /hook?a=b HTTP/1.1\r\nHost: 127.0.0.1:9000\r\nUser-Agent: Receiver-Test/1\r\nContent-Length: 7\r\nContent-Type: application/json\r\nx-signature-sha256: ab\r\n\r\n{\"a\":1}"
	if sent != want {
		t.Errorf("sent\n%q, want\n%q", sent, want)
	}
	if after := fmt.Sprint(r.Header); after != before {
		t.Errorf("the request's headers became %s", after)
	}
}

func TestFailureIsAnError(t *testing.T) {
	err := error(failuref(ClassDNS, "no %s", "name"))
	var f *Failure
	if !errors.As(fmt.Errorf("send: %w", err), &f) || f.Class != ClassDNS || err.Error() != "no name" {
		t.Errorf("%#v", f)
	}
}
