package webhook

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

// addresses are vectors: an address and how far it reaches.
var addresses = map[string]reach{
	// the public internet
	"1.1.1.1": public, "8.8.8.8": public, "93.184.216.34": public, "9.255.255.255": public, "11.0.0.0": public, "100.63.255.255": public, "100.128.0.0": public,
	"126.255.255.255": public, "128.0.0.0": public, "169.253.255.255": public, "169.255.0.0": public, "172.15.255.255": public, "172.32.0.0": public,
	"192.167.255.255": public, "192.169.0.0": public, "198.17.255.255": public, "198.20.0.0": public, "223.255.255.255": public,
	"2606:4700:4700::1111": public, "2a00:1450::8a": public, "2001:4860:4860::8888": public, "::ffff:8.8.8.8": public, "64:ff9b::808:808": public, "2002:808:808::1": public,
	"2001:0:4136:e378:8000:63bf:f7f7:f7f7": public, // Teredo of 8.8.8.8
	// this machine
	"127.0.0.1": loopback, "127.0.0.2": loopback, "127.255.255.255": loopback, "::1": loopback, "::ffff:127.0.0.1": loopback, "::ffff:7f00:1": loopback, "::127.0.0.1": loopback,
	"64:ff9b::7f00:1": loopback, "2002:7f00:1::": loopback, "2001:0:4136:e378:8000:63bf:80ff:fffe": loopback, "::ffff:0:127.0.0.1": loopback, "::1%lo": loopback,
	// private networks
	"10.0.0.0": private, "10.255.255.255": private, "172.16.0.1": private, "172.31.255.255": private, "192.168.0.1": private, "192.168.255.255": private,
	"fc00::1": private, "fd12:3456:789a::1": private, "fdff:ffff::1": private, "::ffff:10.0.0.1": private, "::ffff:192.168.1.1": private, "64:ff9b::a00:1": private,
	"2002:c0a8:101::1": private, "2001:0:4136:e378:8000:63bf:3f57:fefe": private,
	// set aside
	"100.64.0.1": special, "100.127.255.255": special, "192.0.0.1": special, "192.0.2.1": special, "192.31.196.1": special, "192.52.193.1": special, "192.88.99.1": special,
	"192.175.48.1": special, "198.18.0.1": special, "198.19.255.255": special, "198.51.100.7": special, "203.0.113.9": special, "240.0.0.1": special, "255.255.255.254": special,
	"2001:db8::1": special, "2001:2::1": special, "2001:20::1": special, "2620:4f:8000::1": special, "3fff::1": special, "4000::1": special, "5f00::1": special, "100::1": special,
	"fec0::1": special, "::ffff:100.64.0.1": special, "64:ff9b::c612:1": special, "2002:cb00:7101::1": special,
	// never
	"0.0.0.0": never, "0.0.0.1": never, "0.255.255.255": never, "::": never, "::ffff:0.0.0.0": never, "::2": never, "169.254.0.1": never, "169.254.169.254": never, "169.254.170.2": never,
	"169.254.255.255": never, "fe80::1": never, "fe80::1%eth0": never, "febf::1": never, "::ffff:169.254.169.254": never, "::ffff:a9fe:a9fe": never, "::169.254.169.254": never,
	"64:ff9b::a9fe:a9fe": never, "2002:a9fe:a9fe::1": never, "2001:0:4136:e378:8000:63bf:5601:5601": never, "64:ff9b:1::a9fe:a9fe": never, "64:ff9b:1::808:808": never,
	"fd00:ec2::254": never, "fd00:ec2::23": never, "fd20:ce::254": never, "fd00:42::42": never, "100.100.100.200": never, "168.63.129.16": never, "192.0.0.192": never,
	"224.0.0.1": never, "239.255.255.255": never, "ff02::1": never, "ff0e::1": never, "255.255.255.255": never, "::ffff:255.255.255.255": never,
}

// allowed is what each policy lets through.
var allowed = map[Egress]map[reach]bool{
	"":           {public: true, special: true, private: true, loopback: true},
	EgressAny:    {public: true, special: true, private: true, loopback: true},
	EgressLocal:  {private: true, loopback: true},
	EgressPublic: {public: true},
	EgressNone:   {},
}

func TestClassify(t *testing.T) {
	for text, want := range addresses {
		if got, kind := classify(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s is %s (%d), want %d", text, kind, got, want)
		}
	}
	if got, _ := classify(netip.Addr{}); got != never {
		t.Errorf("the zero address is %d", got)
	}
}

// fakeDNS answers every name with the next of its answers, over and over.
type fakeDNS struct {
	mu      sync.Mutex
	answers [][]netip.Addr
	asked   []string
}

func (f *fakeDNS) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, host)
	return f.answers[(len(f.asked)-1)%len(f.answers)], nil
}

func dns(answers ...string) *fakeDNS {
	f := new(fakeDNS)
	for _, answer := range answers {
		var list []netip.Addr
		for text := range strings.FieldsSeq(answer) {
			list = append(list, netip.MustParseAddr(text))
		}
		f.answers = append(f.answers, list)
	}
	return f
}

var errNoRoute = errors.New("no route here")

// closedNet notes what is dialled and refuses it.
type closedNet struct {
	mu     sync.Mutex
	dialed []string
}

func (n *closedNet) dial(_ context.Context, _, address string) (net.Conn, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.dialed = append(n.dialed, address)
	return nil, errNoRoute
}

func (n *closedNet) take() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	dialed := n.dialed
	n.dialed = nil
	return dialed
}

func class(t testing.TB, r Response) string {
	t.Helper()
	var f *Failure
	if !errors.As(r.Err, &f) {
		t.Fatalf("Err is %v (%T), want a *Failure; status %d", r.Err, r.Err, r.Status)
	}
	return f.Class
}

// Each vector, as a literal and as an answer, under each policy: dialled exactly when allowed.
func TestEgress(t *testing.T) {
	for policy, reaches := range allowed {
		for text, r := range addresses {
			addr := netip.MustParseAddr(text)
			literal := "http://" + text + ":8080/"
			if addr.Is6() {
				literal = "http://[" + strings.ReplaceAll(text, "%", "%25") + "]:8080/"
			}
			for _, url := range []string{literal, "http://receiver.test:8080/"} {
				n := new(closedNet)
				s := New(Options{Egress: policy, Resolver: dns(text), Dial: n.dial})
				response := s.Send(t.Context(), Request{URL: url})
				got, dialed := class(t, response), n.take()
				switch {
				case !reaches[r] && (got != ClassBlocked || len(dialed) > 0):
					t.Errorf("%q %s: %s, dialled %v", policy, url, got, dialed)
				case !reaches[r] && !strings.Contains(response.Err.Error(), "--egress"):
					t.Errorf("%q %s: %q does not name the flag", policy, url, response.Err)
				case reaches[r] && (got != ClassConnect || len(dialed) != 1 || netip.MustParseAddrPort(dialed[0]).Addr() != addr.WithZone("").Unmap()):
					t.Errorf("%q %s: %s, dialled %v: %v", policy, url, got, dialed, response.Err)
				}
			}
		}
	}
}

func TestRefusalText(t *testing.T) {
	tests := []struct {
		policy   Egress
		url, dns string
		want     string
	}{
		{EgressNone, "http://127.0.0.1/", "", "blocked by --egress none: webhooks are recorded and not sent"},
		{"", "http://169.254.169.254/", "", "blocked by --egress any: 169.254.169.254 is a cloud metadata address, which no --egress setting allows"},
		{EgressAny, "http://printer.local/", "fe80::1", "blocked by --egress any: fe80::1 (printer.local) is a link-local address, which no --egress setting allows"},
		{EgressLocal, "http://example.com/", "93.184.216.34", "blocked by --egress local: 93.184.216.34 (example.com) is a public address; only loopback and private addresses are called (--egress any lifts this)"},
		{EgressPublic, "http://localhost:3000/", "127.0.0.1", "blocked by --egress public: 127.0.0.1 (localhost) is a loopback address; only public addresses are called (--egress any lifts this)"},
		{EgressAny, "http://me.test:7420/x", "127.0.0.1", "blocked: 127.0.0.1:7420 (me.test) is this emulator itself, which no --egress setting allows"},
		{EgressAny, "http://[::ffff:127.0.0.1]:7420/x", "", "blocked: 127.0.0.1:7420 (::ffff:127.0.0.1) is this emulator itself, which no --egress setting allows"},
		{EgressAny, "http://[64:ff9b::7f00:1]:7420/x", "", "blocked: [64:ff9b::7f00:1]:7420 is this emulator itself, which no --egress setting allows"},
		{EgressAny, "http://[::1%25lo]:7420/x", "", "blocked: [::1]:7420 (::1%lo) is this emulator itself, which no --egress setting allows"},
	}
	self := func(a netip.AddrPort) bool { return a.Addr().IsLoopback() && a.Port() == 7420 }
	for _, tt := range tests {
		n := new(closedNet)
		response := New(Options{Egress: tt.policy, Resolver: dns(tt.dns), Dial: n.dial, Refuse: self}).Send(t.Context(), Request{URL: tt.url})
		if got := class(t, response); got != ClassBlocked || response.Err.Error() != tt.want || len(n.take()) > 0 {
			t.Errorf("%s %s: %s\n got %q\nwant %q", tt.policy, tt.url, got, response.Err, tt.want)
		}
	}
}

// A name that answers differently each time is only ever dialled at the address that was checked.
func TestRebinding(t *testing.T) {
	n := new(closedNet)
	names := dns("93.184.216.34", "127.0.0.1", "93.184.216.34", "169.254.169.254", "93.184.216.34", "::ffff:10.0.0.1", "93.184.216.34 127.0.0.1")
	s := New(Options{Egress: EgressPublic, Resolver: names, Dial: n.dial})
	const sends = 10_000
	for range sends {
		s.Send(t.Context(), Request{URL: "http://flip.test/"})
	}
	dialed := n.take()
	if len(dialed) != 4286 || len(names.asked) != sends { // answers 0, 2 and 4 of every seven
		t.Errorf("%d dials after %d lookups", len(dialed), len(names.asked))
	}
	for _, address := range dialed {
		if address != "93.184.216.34:80" {
			t.Fatalf("dialled %s", address)
		}
	}
}

// A laptop's name often has a link-local answer beside a usable one; a public name has no business inside.
func TestMixedAnswers(t *testing.T) {
	tests := []struct {
		policy Egress
		answer string
		dialed string
	}{
		{EgressAny, "fe80::1 192.168.1.5", "[192.168.1.5:80]"},
		{EgressAny, "::1 127.0.0.1", "[[::1]:80 127.0.0.1:80]"},
		{EgressLocal, "8.8.8.8 127.0.0.1", "[127.0.0.1:80]"},
		{EgressPublic, "8.8.8.8 127.0.0.1", "[]"},
		{EgressPublic, "8.8.8.8 169.254.169.254", "[]"},
		{EgressPublic, "8.8.8.8 2606:4700::1", "[8.8.8.8:80 [2606:4700::1]:80]"},
	}
	for _, tt := range tests {
		n := new(closedNet)
		New(Options{Egress: tt.policy, Resolver: dns(tt.answer), Dial: n.dial}).Send(t.Context(), Request{URL: "http://mixed.test/"})
		if got := fmt.Sprint(n.take()); got != tt.dialed {
			t.Errorf("%s %s: dialled %s, want %s", tt.policy, tt.answer, got, tt.dialed)
		}
	}
}

// Every way to write 127.0.0.1 or the metadata address ends at the check, whoever turns it into an address.
func TestSpellings(t *testing.T) {
	hosts := map[string]string{ // host → what a lenient resolver makes of it
		"2130706433": "127.0.0.1", "0x7f000001": "127.0.0.1", "017700000001": "127.0.0.1", "0177.0.0.1": "127.0.0.1", "0x7f.1": "127.0.0.1", "127.1": "127.0.0.1",
		"127.0.0.1.": "127.0.0.1", "localhost": "::1", "LOCALHOST": "127.0.0.1", "localhost.": "127.0.0.1", "127.0.0.1.nip.io": "127.0.0.1", "①②⑦.⓪.⓪.①": "127.0.0.1", "ｌｏｃａｌｈｏｓｔ": "127.0.0.1",
		"127。0。0。1": "127.0.0.1", "bücher.test": "10.0.0.1", "[::ffff:127.0.0.1]": "", "[0:0:0:0:0:ffff:7f00:0001]": "",
		"2852039166": "169.254.169.254", "0xa9fea9fe": "169.254.169.254", "169.254.43518": "169.254.169.254", "metadata.google.internal": "169.254.169.254",
	}
	for host, answer := range hosts {
		n := new(closedNet)
		s := New(Options{Egress: EgressPublic, Resolver: dns(answer), Dial: n.dial})
		response := s.Send(t.Context(), Request{URL: "http://" + host + "/"})
		if got := class(t, response); got != ClassBlocked || len(n.take()) > 0 {
			t.Errorf("%s: %s %v", host, got, response.Err)
		}
	}
}

func TestEnvironmentProxyIsIgnored(t *testing.T) {
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"} {
		t.Setenv(name, "http://127.0.0.1:1")
	}
	n := new(closedNet)
	New(Options{Dial: n.dial}).Send(t.Context(), Request{URL: "http://8.8.8.8/"})
	if got := fmt.Sprint(n.take()); got != "[8.8.8.8:80]" {
		t.Errorf("dialled %s", got)
	}
}

func TestParseEgress(t *testing.T) {
	for _, s := range []string{"any", "local", "public", "none"} {
		if got, err := ParseEgress(s); err != nil || string(got) != s {
			t.Errorf("ParseEgress(%q) = %q, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "ANY", "all", "private"} {
		if got, err := ParseEgress(s); err == nil {
			t.Errorf("ParseEgress(%q) = %q", s, got)
		}
	}
	if n := new(closedNet); class(t, New(Options{Egress: "typo", Dial: n.dial}).Send(t.Context(), Request{URL: "http://8.8.8.8/", Timeout: time.Minute, Header: http.Header{}})) != ClassBlocked {
		t.Error("an unknown policy lets packets out")
	}
}
