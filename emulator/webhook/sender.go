package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"
)

// The limits of a send.
const (
	DefaultTimeout  = 30 * time.Second // when a Request names none
	MaxReplyBody    = 64 << 10         // bytes kept of a reply's body
	MaxReplyHeader  = 64 << 10         // bytes of a reply's headers
	idlePerReceiver = 128              // kept connections: enough for 64 workers twice over

	// Common receivers close idle connections after 5 s. Letting go first keeps a send from meeting a connection that is being closed.
	idleTimeout = 4 * time.Second
)

// Options configure a Sender. Only Now is needed; without it every Duration is 0.
type Options struct {
	Egress   Egress                      // zero value: EgressAny
	Resolver Resolver                    // nil: the system's
	Dial     DialFunc                    // nil: the network. It only ever gets addresses that were checked.
	Now      func() time.Time            // wall time, for Response.Duration
	Refuse   func(a netip.AddrPort) bool // true for our own listeners, which are never called; nil: none
	RootCAs  *x509.CertPool              // nil: the system's
}

// Sender posts webhooks. Safe for concurrent use; it keeps connections for reuse until Close.
type Sender struct {
	egress    Egress
	resolver  Resolver
	dialer    DialFunc
	now       func() time.Time
	refuse    func(netip.AddrPort) bool
	transport *http.Transport
	trusting  *http.Transport // for receivers whose certificate nobody checks
}

// Request is one POST.
type Request struct {
	URL     string
	Header  http.Header   // Host, framing and connection headers are left out: the transport writes them
	Body    []byte        // sent as it is; not changed or kept
	Timeout time.Duration // wall time for the whole exchange, the reply's body included; 0: DefaultTimeout
	// Insecure takes any certificate, and old TLS. Only EgressAny and EgressLocal bear it.
	Insecure bool
}

// Response is what came of a Request. A status of any kind, redirects too, is a reply and no Err.
type Response struct {
	Status    int           // 0 when no reply began
	Header    http.Header   // may be set beside Err, like Status, when the body broke off
	Body      []byte        // at most MaxReplyBody bytes
	Truncated bool          // the body was longer
	Duration  time.Duration // wall time of the whole exchange
	Err       error         // nil or a *Failure
}

// New makes a Sender. It opens nothing until the first Send.
func New(o Options) *Sender {
	s := &Sender{egress: o.Egress, resolver: o.Resolver, dialer: o.Dial, now: o.Now, refuse: o.Refuse}
	if s.resolver == nil {
		s.resolver = net.DefaultResolver
	}
	if s.dialer == nil {
		s.dialer = (&net.Dialer{}).DialContext
	}
	if s.now == nil {
		s.now = func() time.Time { return time.Time{} }
	}
	s.transport = &http.Transport{
		Proxy:                  nil, // a proxy from the environment would connect in our place, unchecked
		DialContext:            s.dial,
		TLSClientConfig:        &tls.Config{RootCAs: o.RootCAs, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    ConnectTimeout,
		DisableCompression:     true, // neither asked for nor undone: what is kept is what came
		MaxIdleConnsPerHost:    idlePerReceiver,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: MaxReplyHeader,
	}
	s.trusting = s.transport.Clone()
	s.trusting.TLSClientConfig = &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10}
	return s
}

// Close lets go of kept connections. Sends under way are not cut; cancel their context for that.
func (s *Sender) Close() {
	s.transport.CloseIdleConnections()
	s.trusting.CloseIdleConnections()
}

// Send posts r once and waits for the whole reply. It never retries, never follows a redirect, and never returns later than the timeout.
func (s *Sender) Send(ctx context.Context, r Request) Response {
	began := s.now()
	response := s.send(ctx, r)
	response.Duration = s.now().Sub(began)
	return response
}

func (s *Sender) send(parent context.Context, r Request) Response {
	if s.egress == EgressNone {
		return Response{Err: failuref(ClassBlocked, "blocked by --egress none: webhooks are recorded and not sent")}
	}
	u, err := ParseURL(r.URL)
	if err != nil {
		return Response{Err: failuref(ClassRequest, "%s", err)}
	}
	header, bad := headers(r.Header)
	if bad != "" {
		return Response{Err: failuref(ClassRequest, "header %q cannot be sent", bad)}
	}
	transport := s.transport
	if r.Insecure {
		if !s.egress.BearsInsecure() {
			return Response{Err: failuref(ClassTLS, "an endpoint may do without a checked certificate only with --egress any or local")}
		}
		transport = s.trusting
	}
	limit := r.Timeout
	if limit <= 0 {
		limit = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(parent, limit)
	defer cancel()
	var stage atomic.Int32 // the hooks may run after RoundTrip returned
	request := (&http.Request{
		Method: http.MethodPost, URL: u, Host: u.Host, Header: header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(bytes.NewReader(r.Body)), ContentLength: int64(len(r.Body)),
	}).WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		TLSHandshakeStart: func() { stage.CompareAndSwap(connecting, securing) },
		GotConn:           func(httptrace.GotConnInfo) { stage.Store(waiting) },
	}))
	if header["Idempotency-Key"] == nil && header["X-Idempotency-Key"] == nil {
		// Lets the transport go on over a new connection when a kept one closed before a byte was written, and at no other time.
		request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(r.Body)), nil }
	}
	reply, err := transport.RoundTrip(request)
	if err != nil {
		return Response{Err: failed(parent, err, stage.Load(), u.Host, limit)}
	}
	response := Response{Status: reply.StatusCode, Header: reply.Header}
	if response.Body, response.Truncated, err = readReply(reply); err != nil {
		response.Err = failed(parent, err, reading, u.Host, limit)
	}
	return response
}

// readReply reads what is kept of the body, and one byte more to know whether it was all. A body with more to come costs its connection.
func readReply(reply *http.Response) (body []byte, truncated bool, err error) {
	defer reply.Body.Close()
	if reply.StatusCode == http.StatusSwitchingProtocols { // what follows is no body, and no deadline reaches it
		return nil, false, nil
	}
	var kept bytes.Buffer
	if n := reply.ContentLength; n > 0 {
		kept.Grow(int(min(n, MaxReplyBody)) + bytes.MinRead)
	}
	_, err = kept.ReadFrom(io.LimitReader(reply.Body, MaxReplyBody+1))
	body = kept.Bytes()
	if len(body) > MaxReplyBody {
		return body[:MaxReplyBody:MaxReplyBody], true, nil
	}
	return body, false, err
}

// headers copies the headers that a caller may set. Bad is the first name that HTTP cannot carry, or whose value it cannot.
func headers(from http.Header) (to http.Header, bad string) {
	to = make(http.Header, len(from)+1)
	to["User-Agent"] = []string{"Sandgate"}
	for name, values := range from {
		if !sendable(name, values) {
			if bad == "" || name < bad {
				bad = name
			}
			continue
		}
		switch strings.ToLower(name) {
		case "host", "content-length", "transfer-encoding", "connection", "proxy-connection", "keep-alive", "upgrade", "trailer", "te", "expect":
		case "user-agent":
			if name == "User-Agent" || from["User-Agent"] == nil {
				to["User-Agent"] = values
			}
		default:
			to[name] = values
		}
	}
	return to, bad
}

// sendable tells whether a header name is a token and its values hold no control characters but tab (RFC 9110, 5.1 and 5.5).
func sendable(name string, values []string) bool {
	for i := range len(name) {
		c := name[i]
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	for _, value := range values {
		for i := range len(value) {
			if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
				return false
			}
		}
	}
	return name != ""
}
