package webhook

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"
)

// The classes of a Failure.
const (
	ClassRequest  = "request"  // the URL or a header cannot be sent
	ClassBlocked  = "blocked"  // the egress policy forbids the address
	ClassDNS      = "dns"      // the host has no address
	ClassConnect  = "connect"  // no connection
	ClassTLS      = "tls"      // no trustworthy connection
	ClassTimeout  = "timeout"  // not complete within the deadline
	ClassNetwork  = "network"  // the connection broke, or what came is not HTTP
	ClassCanceled = "canceled" // our own side gave up, as at a shutdown: not the receiver's doing
)

// Failure is why a send got no complete reply. Message is for a person and holds no secrets.
type Failure struct {
	Class   string
	Message string
}

func (f *Failure) Error() string { return f.Message }

func failuref(class, format string, args ...any) *Failure {
	return &Failure{Class: class, Message: fmt.Sprintf(format, args...)}
}

// stages of a send, as far as the transport reported them.
const (
	connecting int32 = iota
	securing
	waiting
	reading
)

// failed turns an error of the transport into a Failure. Parent is the caller's context, without the send's own deadline.
func failed(parent context.Context, err error, stage int32, host string, limit time.Duration) *Failure {
	var own *Failure
	var slow net.Error
	switch {
	case errors.Is(parent.Err(), context.Canceled):
		return failuref(ClassCanceled, "the send was cut short on our side")
	case errors.As(err, &own):
		return own
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &slow) && slow.Timeout():
		if stage == securing && parent.Err() == nil && !errors.Is(err, context.DeadlineExceeded) {
			limit = ConnectTimeout
		}
		return late(stage, host, limit)
	case stage == securing:
		return failuref(ClassTLS, "no trustworthy TLS connection to %s: %s", host, tlsText(err))
	}
	return failuref(ClassNetwork, "%s", networkText(err, stage))
}

func late(stage int32, host string, limit time.Duration) *Failure {
	what := map[int32]string{
		connecting: "no connection to " + host,
		securing:   "no TLS handshake with " + host,
		waiting:    "no reply from " + host,
		reading:    "no complete reply body from " + host,
	}[stage]
	return failuref(ClassTimeout, "%s within %s", what, limit)
}

// dialFailure explains why no candidate address accepted a connection.
func dialFailure(err error, target string) *Failure {
	var errno syscall.Errno
	var slow net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &slow) && slow.Timeout():
		return failuref(ClassTimeout, "no connection to %s within %s", target, ConnectTimeout)
	case errors.As(err, &errno):
		return failuref(ClassConnect, "no connection to %s: %s", target, errno)
	}
	return failuref(ClassConnect, "no connection to %s: %s", target, plain(err))
}

// lookupFailure explains why a host has no address.
func lookupFailure(err error, host string) *Failure {
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return failuref(ClassDNS, "no address for host %s", host)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &dns) && dns.IsTimeout:
		return failuref(ClassDNS, "no address for host %s within %s", host, ConnectTimeout)
	case errors.As(err, &dns):
		return failuref(ClassDNS, "no address for host %s: %s", host, dns.Err)
	}
	return failuref(ClassDNS, "no address for host %s: %s", host, plain(err))
}

func tlsText(err error) string {
	var record tls.RecordHeaderError
	text := plain(err)
	switch {
	case errors.As(err, &record), strings.Contains(text, "HTTP response to HTTPS client"):
		return "the server does not speak TLS there; is it an http:// address?"
	case errors.Is(err, io.EOF):
		return "the server closed the connection"
	}
	for _, prefix := range []string{"remote error: ", "tls: ", "failed to verify certificate: ", "x509: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	return text
}

func networkText(err error, stage int32) string {
	text := plain(err)
	switch {
	case strings.Contains(text, "response headers exceeded"):
		return "the reply's headers are larger than 64 KiB"
	case stage == reading:
		return "the connection broke before the reply body was complete"
	case hungUp(err):
		return "the receiver closed the connection without a reply"
	case strings.Contains(text, "malformed "): // the rest would repeat what came
		return "the reply is not HTTP"
	}
	if _, detail, ok := strings.Cut(text, "transport connection broken: "); ok {
		return "the reply is not valid HTTP: " + strings.TrimPrefix(detail, "http: ")
	}
	return "no reply: " + text
}

// hungUp tells whether the other side is gone. Which of these errors shows up is a matter of luck.
func hungUp(err error) bool {
	for _, sign := range []error{io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe, net.ErrClosed, syscall.ECONNRESET, syscall.EPIPE} {
		if errors.Is(err, sign) {
			return true
		}
	}
	return strings.Contains(err.Error(), "server closed idle connection")
}

// plain is an error's text without the operations and the addresses that Go puts around it.
func plain(err error) string {
	for {
		var op *net.OpError
		if !errors.As(err, &op) || op.Err == nil {
			return strings.TrimPrefix(err.Error(), "net/http: ")
		}
		err = op.Err
	}
}
