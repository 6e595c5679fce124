package webhook

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"time"
)

// ConnectTimeout bounds looking up a host and connecting to it, all candidates together. It never outlasts a request's own timeout.
const ConnectTimeout = 5 * time.Second

// Resolver finds a host's addresses. *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// DialFunc opens a connection to address, which is an IP literal with a port.
type DialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// dial is the transport's only way out. It looks up the host, checks what was found, and dials the checked address itself,
// so that a name which answers differently a moment later changes nothing.
func (s *Sender) dial(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, ConnectTimeout)
	defer cancel()
	host, digits, err := net.SplitHostPort(address)
	if err != nil {
		return nil, failuref(ClassRequest, "the URL has no usable host and port")
	}
	port, err := strconv.ParseUint(digits, 10, 16)
	if err != nil {
		return nil, failuref(ClassRequest, "the URL has no usable port")
	}
	found, err := s.lookup(ctx, host)
	if err != nil {
		return nil, lookupFailure(err, host)
	}
	targets, blocked := s.check(host, found, uint16(port))
	if blocked != nil {
		return nil, blocked
	}
	var last error
	share := ConnectTimeout / time.Duration(len(targets))
	for _, target := range targets {
		conn, err := s.dialOne(ctx, network, target, share)
		if err == nil {
			return conn, nil
		}
		last = dialFailure(err, describe(host, target))
	}
	return nil, last
}

func (s *Sender) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr}, nil
	}
	found, err := s.resolver.LookupNetIP(ctx, "ip", host)
	if err == nil && len(found) == 0 {
		err = errors.New("the answer is empty")
	}
	return found, err
}

// check keeps the candidates that may be called. None left means blocked; under EgressPublic one bad candidate does,
// because a public name that also points inside is an attack or a mistake. Elsewhere link-local answers are ordinary.
func (s *Sender) check(host string, found []netip.Addr, port uint16) ([]netip.AddrPort, *Failure) {
	var targets []netip.AddrPort
	var blocked *Failure
	for _, addr := range found {
		addr = addr.WithZone("").Unmap() // zones matter to link-local addresses only, and those are refused
		target := netip.AddrPortFrom(addr, port)
		text := s.egress.refusal(host, target.Addr())
		if text == "" && s.refuse != nil && (s.refuse(target) || s.refuse(netip.AddrPortFrom(unwrap(addr), port))) {
			text = "blocked: " + describe(host, target) + " is this emulator itself, which no --egress setting allows"
		}
		switch {
		case text == "":
			targets = append(targets, target)
		case blocked == nil:
			blocked = failuref(ClassBlocked, "%s", text)
		}
	}
	if len(targets) > 0 && s.egress != EgressPublic {
		return targets, nil
	}
	return targets, blocked
}

// dialOne gives a candidate its share of the time, so that one which swallows packets leaves some for the next.
func (s *Sender) dialOne(ctx context.Context, network string, target netip.AddrPort, share time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, share)
	defer cancel()
	return s.dialer(ctx, network, target.String())
}

// describe is an address and the host name that led to it.
func describe(host string, target netip.AddrPort) string {
	if host == target.Addr().String() {
		return target.String()
	}
	return target.String() + " (" + host + ")"
}
