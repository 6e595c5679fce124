package webhook

import (
	"fmt"
	"net/netip"
)

// Egress says which addresses may be called. It is the value of the --egress flag; the zero value is EgressAny.
type Egress string

// The egress policies. Link-local, metadata, multicast, broadcast and unspecified addresses are refused by all of them.
const (
	EgressAny    Egress = "any"    // every other address
	EgressLocal  Egress = "local"  // loopback and private networks
	EgressPublic Egress = "public" // the public internet
	EgressNone   Egress = "none"   // nothing is sent
)

// ParseEgress reads "any", "local", "public" or "none".
func ParseEgress(s string) (Egress, error) {
	switch e := Egress(s); e {
	case EgressAny, EgressLocal, EgressPublic, EgressNone:
		return e, nil
	}
	return "", fmt.Errorf("--egress %q: expected any, local, public or none", s)
}

// BearsInsecure tells whether a receiver's certificate may go unchecked: on a machine of one's own, not on a shared one.
func (e Egress) BearsInsecure() bool { return e == EgressAny || e == EgressLocal || e == "" }

// reach is how far an address reaches.
type reach int

const (
	public   reach = iota
	special        // set aside by IANA: not on the public internet, and no private network either
	private        // RFC 1918, unique local
	loopback       // this machine
	never          // no policy allows it
)

// allows tells whether the policy lets an address of that reach be called.
func (e Egress) allows(r reach) bool {
	switch e {
	case EgressAny, "":
		return r != never
	case EgressLocal:
		return r == loopback || r == private
	case EgressPublic:
		return r == public
	}
	return false
}

// refusal is why the policy blocks the address, naming the flag; "" when it does not. Host is what the URL said.
func (e Egress) refusal(host string, addr netip.Addr) string {
	r, kind := classify(addr)
	if e.allows(r) {
		return ""
	}
	if e == "" {
		e = EgressAny
	}
	who := addr.String()
	if host != who {
		who += " (" + host + ")"
	}
	text := fmt.Sprintf("blocked by --egress %s: %s is %s", e, who, kind)
	switch {
	case r == never:
		return text + ", which no --egress setting allows"
	case e == EgressLocal:
		return text + "; only loopback and private addresses are called (--egress any lifts this)"
	case e == EgressPublic:
		return text + "; only public addresses are called (--egress any lifts this)"
	}
	return text
}

// block is a range of addresses with one reach.
type block struct {
	prefix netip.Prefix
	reach  reach
	kind   string // with its article, for the refusal
}

func span(prefix string, r reach, kind string) block {
	return block{netip.MustParsePrefix(prefix), r, kind}
}

// blocks4 and blocks6 are IANA's special-purpose registries and the clouds' metadata addresses. The first match counts.
// IPv4 without a match is public.
var blocks4 = []block{
	span("0.0.0.0/8", never, "an unspecified address"),
	span("100.100.100.200/32", never, "a cloud metadata address"),
	span("168.63.129.16/32", never, "a cloud metadata address"),
	span("192.0.0.192/32", never, "a cloud metadata address"),
	span("169.254.169.254/32", never, "a cloud metadata address"),
	span("169.254.0.0/16", never, "a link-local address"),
	span("224.0.0.0/4", never, "a multicast address"),
	span("255.255.255.255/32", never, "the broadcast address"),
	span("127.0.0.0/8", loopback, "a loopback address"),
	span("10.0.0.0/8", private, "a private address"),
	span("172.16.0.0/12", private, "a private address"),
	span("192.168.0.0/16", private, "a private address"),
	span("100.64.0.0/10", special, "a carrier-grade NAT address"),
	span("192.0.0.0/24", special, "a protocol-assignment address"),
	span("192.0.2.0/24", special, "a documentation address"),
	span("192.31.196.0/24", special, "a special-purpose address"),
	span("192.52.193.0/24", special, "a special-purpose address"),
	span("192.88.99.0/24", special, "a 6to4 relay address"),
	span("192.175.48.0/24", special, "a special-purpose address"),
	span("198.18.0.0/15", special, "a benchmarking address"),
	span("198.51.100.0/24", special, "a documentation address"),
	span("203.0.113.0/24", special, "a documentation address"),
	span("240.0.0.0/4", special, "a reserved address"),
}

// IPv6 without a match is special: only 2000::/3 is given out to the public internet.
var blocks6 = []block{
	span("::/128", never, "an unspecified address"),
	span("fd00:ec2::/32", never, "a cloud metadata address"),
	span("fd20:ce::254/128", never, "a cloud metadata address"),
	span("fd00:42::42/128", never, "a cloud metadata address"),
	span("fe80::/10", never, "a link-local address"),
	span("ff00::/8", never, "a multicast address"),
	span("64:ff9b:1::/48", never, "an address of a local NAT64, whose target is not known"),
	span("::1/128", loopback, "a loopback address"),
	span("fc00::/7", private, "a private address"),
	span("2001::/23", special, "a protocol-assignment address"),
	span("2001:db8::/32", special, "a documentation address"),
	span("2620:4f:8000::/48", special, "a special-purpose address"),
	span("3fff::/20", special, "a documentation address"),
	span("2000::/3", public, "a public address"),
}

// classify is an address's reach and what to call it. An IPv4 address inside an IPv6 one counts as itself.
func classify(addr netip.Addr) (reach, string) {
	if !addr.IsValid() {
		return never, "no address"
	}
	addr = unwrap(addr.WithZone(""))
	table, rest := blocks4, block{reach: public, kind: "a public address"}
	if addr.Is6() {
		table, rest = blocks6, block{reach: special, kind: "a special-purpose address"}
	}
	for _, b := range table {
		if b.prefix.Contains(addr) {
			return b.reach, b.kind
		}
	}
	return rest.reach, rest.kind
}

var (
	compatible = netip.MustParsePrefix("::/96")           // RFC 4291, deprecated
	nat64      = netip.MustParsePrefix("64:ff9b::/96")    // RFC 6052
	sixToFour  = netip.MustParsePrefix("2002::/16")       // RFC 3056
	teredo     = netip.MustParsePrefix("2001::/32")       // RFC 4380
	translated = netip.MustParsePrefix("::ffff:0:0:0/96") // RFC 7915
)

// unwrap is the IPv4 address that packets to an IPv6 address end at, or addr itself.
func unwrap(addr netip.Addr) netip.Addr {
	addr = addr.Unmap()
	if addr.Is4() {
		return addr
	}
	b := addr.As16()
	switch {
	case compatible.Contains(addr) && addr != netip.IPv6Unspecified() && addr != netip.IPv6Loopback(),
		nat64.Contains(addr), translated.Contains(addr):
		return netip.AddrFrom4([4]byte(b[12:16]))
	case sixToFour.Contains(addr):
		return netip.AddrFrom4([4]byte(b[2:6]))
	case teredo.Contains(addr): // the client's address, stored inverted
		return netip.AddrFrom4([4]byte{^b[12], ^b[13], ^b[14], ^b[15]})
	}
	return addr
}
