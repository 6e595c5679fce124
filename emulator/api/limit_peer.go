package api

import (
	"net/netip"
	"strings"
)

// Proxies are networks whose word about where a request came from counts.
type Proxies []netip.Prefix

// holds reports an address of a trusted proxy.
func (p Proxies) holds(a netip.Addr) bool {
	for _, network := range p {
		if network.Contains(a) {
			return true
		}
	}
	return false
}

// address is where the request came from: the other end of the connection,
// unless that is a trusted proxy. Then X-Forwarded-For is read from right to
// left, up to the first address that no trusted proxy has: whatever stands
// left of it is the sender's own invention.
func (x *exchange) address() netip.Addr {
	peer, err := netip.ParseAddrPort(x.r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	at, trusted := peer.Addr().Unmap().WithZone(""), x.f.o.Limits.Trust
	if !trusted.holds(at) {
		return network(at)
	}
	hops := strings.Split(strings.Join(x.r.Header["X-Forwarded-For"], ","), ",")
	for i := len(hops) - 1; i >= 0 && trusted.holds(at); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		at = hop.Unmap().WithZone("")
	}
	return network(at)
}

// network is the part of an address that its owner cannot choose freely: of
// IPv6 the first 64 bits.
func network(a netip.Addr) netip.Addr {
	if !a.Is6() {
		return a
	}
	if p, err := a.Prefix(64); err == nil {
		return p.Addr()
	}
	return a
}
