package api

import (
	"encoding/binary"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator/clock"
	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/scenarios"
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func bucketOf(rate, burst int) allowance {
	return allowance{name: "default", rate: scenarios.Rate{Rate: rate, Burst: burst}}
}

// model is a token bucket as a textbook has it, in billionths of a token.
type model struct{ rate, burst, level, at int64 }

func (m *model) take(now int64) (ok bool) {
	m.level = min(m.level+(now-m.at)*m.rate, m.burst*second)
	m.at = now
	if ok = m.level >= second; ok {
		m.level -= second
	}
	return ok
}

// TestR2Exact sends 100,000 requests in simulated time: not one of them is
// decided otherwise than by the model, and nobody who waits for Retry-After is
// refused.
func TestR2Exact(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	refused, waited := 0, 0
	for _, r := range []scenarios.Rate{{Rate: 100, Burst: 1000}, {Rate: 3, Burst: 7}, {Rate: 1, Burst: 1}, {Rate: 999, Burst: 13}, {Rate: 7, Burst: 100}, {Rate: scenarios.MaxRate, Burst: 3}} {
		l, a := newLimiter(epoch), []allowance{bucketOf(r.Rate, r.Burst)}
		m := &model{rate: int64(r.Rate), burst: int64(r.Burst), level: int64(r.Burst) * second}
		now, edge := int64(0), int64(0)
		for i := range 100_000/6 + 1 {
			step := random.Int64N(second/int64(r.Rate)*2 + 2)
			if i%1000 < 500 {
				step /= 8 // a flood, then quiet
			}
			if edge > 0 && random.IntN(2) == 0 { // where an error of a nanosecond shows
				step = edge - random.Int64N(2)
			}
			now += step
			s, ok := l.take(epoch.Add(time.Duration(now)), a)
			if want := m.take(now); ok != want {
				t.Fatalf("%+v, request %d at %d: admitted %v, the model says %v", r, i, now, ok, want)
			}
			if left := m.level / second; int64(s.remaining) != left {
				t.Fatalf("%+v, request %d: %d remain, the model has %d", r, i, s.remaining, left)
			}
			if edge = 0; ok {
				continue
			}
			refused++
			edge = int64(s.more)
			if s.more <= 0 || s.more > s.full {
				t.Fatalf("refused, but more after %s of %s", s.more, s.full)
			}
			if just := *m; just.take(now + int64(s.more) - 1) {
				t.Fatalf("%+v: one nanosecond less than %s would do", r, s.more)
			}
			if refused%97 == 0 {
				waited++
				now += int64(max(seconds(s.more), 1)) * second
				if _, ok := l.take(epoch.Add(time.Duration(now)), a); !ok || !m.take(now) {
					t.Fatalf("%+v: refused after waiting for Retry-After", r)
				}
			}
		}
	}
	if refused < 1000 || waited < 10 {
		t.Errorf("%d refused, %d waited: too few to show anything", refused, waited)
	}
}

// TestWindowsAreFixed: 60 reads an hour from the first one, writes apart.
func TestWindowsAreFixed(t *testing.T) {
	l := newLimiter(epoch)
	read, write := allowance{key: limitKey{who: "a"}}, allowance{key: limitKey{who: "a"}}
	w := scenarios.Windows{Span: scenarios.Duration(time.Hour), Read: 60, Write: 1000}
	read.window(w, "GET")
	write.window(w, "POST")
	at := epoch
	for i := range 60 {
		if s, ok := l.take(at, []allowance{read}); !ok || s.remaining != 59-i || s.name != "read" {
			t.Fatal(i, s, ok)
		}
		at = at.Add(time.Second)
	}
	s, ok := l.take(at, []allowance{read})
	if ok || s.full != time.Hour-time.Minute || s.more != s.full {
		t.Errorf("the 61st: %v, %+v", ok, s)
	}
	if s, ok := l.take(at, []allowance{write}); !ok || s.remaining != 999 {
		t.Errorf("a write: %v, %+v", ok, s)
	}
	if _, ok := l.take(at.Add(s.more-1), []allowance{read}); ok {
		t.Error("admitted a moment too early")
	}
	if s, ok := l.take(at.Add(s.more), []allowance{read}); !ok || s.remaining != 59 || s.full != time.Hour {
		t.Errorf("in the next window: %v, %+v", ok, s)
	}
}

// TestR1SpoofedAddresses: whoever used up a limit stays limited while a
// million other addresses come along, and they cost a bounded memory.
func TestR1SpoofedAddresses(t *testing.T) {
	many := 1_000_000
	if testing.Short() {
		many = 200_000
	}
	l := newLimiter(epoch)
	of := func(n int) []allowance {
		var ip [4]byte
		binary.BigEndian.PutUint32(ip[:], uint32(n))
		a := bucketOf(100, 1000)
		a.key = limitKey{address: netip.AddrFrom4(ip), class: classAddress}
		return []allowance{a}
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	admitted := 0
	take := func() {
		if _, ok := l.take(epoch, of(0)); ok {
			admitted++
		}
	}
	for range 2000 {
		take()
	}
	for n := range many {
		l.take(epoch, of(n+1))
		if n%1000 == 0 {
			take()
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if admitted != 1000 {
		t.Errorf("%d were admitted, not 1000", admitted)
	}
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 64<<20 {
		t.Errorf("the limiter takes %d MiB", grown>>20)
	}
	if len(l.meters) > maxMeters {
		t.Errorf("%d meters", len(l.meters))
	}
	runtime.KeepAlive(l)
}

// TestAllOrNothing: a request that one limit refuses costs the other nothing.
func TestAllOrNothing(t *testing.T) {
	l := newLimiter(epoch)
	own := bucketOf(1, 1)
	own.name, own.key.class = "operation", 77
	both := []allowance{bucketOf(1, 10), own}
	l.take(epoch, both)
	if s, ok := l.take(epoch, both); ok || s.name != "operation" {
		t.Errorf("%v %+v", ok, s)
	}
	if s := l.peek(epoch, both[:1]); s.remaining != 9 {
		t.Errorf("the caller's bucket has %d", s.remaining)
	}
}

// TestWhoseLimit: the organisation's, the key's own, the operation's beside
// it, the address where nobody is known.
func TestWhoseLimit(t *testing.T) {
	f := &Face{o: Options{Wall: clock.System}, limiter: newLimiter(epoch)}
	x := func(who *sandbox.Identity, remote string) *exchange {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = remote
		return &exchange{f: f, r: r, started: epoch, caller: who, box: &sandbox.Sandbox{}}
	}
	name := func(x *exchange) (out string) {
		for _, a := range x.allowances() {
			out += a.name + " " + strconv.Itoa(a.rate.Rate) + "/" + strconv.Itoa(a.rate.Burst) + ";"
		}
		return out
	}
	organization, keyed := &sandbox.Identity{}, &sandbox.Identity{Rate: 5, Burst: 9, KeyID: "key_1"}
	limited := x(organization, "")
	limited.binding = &sandbox.Binding{Spec: &scenarios.Operation{Limit: &scenarios.Rate{Rate: 2, Burst: 3}}}
	for want, x := range map[string]*exchange{
		"default 100/1000;":               x(organization, ""),
		"key 5/9;":                        x(keyed, ""),
		"key 4/4;":                        x(&sandbox.Identity{Rate: 4}, ""),
		"ip 100/1000;":                    x(nil, "192.0.2.7:1"),
		"default 100/1000;operation 2/3;": limited,
	} {
		if got := name(x); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	f.o.Limits.Organization = scenarios.Rate{Rate: 5, Burst: 10}
	if got := name(x(organization, "")); got != "default 5/10;" {
		t.Error("--rate-limit 5/10 gives", got)
	}
	if got := name(x(keyed, "")); got != "key 5/9;" {
		t.Error("a key's own rate is not the run's:", got)
	}
	if x(nil, "192.0.2.7:1").allowances()[0].key != x(nil, "192.0.2.7:2").allowances()[0].key {
		t.Error("two ports of an address count apart")
	}
	if x(nil, "[2001:db8::1]:1").allowances()[0].key != x(nil, "[2001:db8::ffff]:1").allowances()[0].key {
		t.Error("two addresses of one IPv6 network count apart")
	}
}

// TestR1PeerAddress: X-Forwarded-For counts from trusted proxies only, right
// to left.
func TestR1PeerAddress(t *testing.T) {
	trust := Proxies{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("127.0.0.1/32")}
	for _, c := range []struct {
		peer  string
		trust Proxies
		hops  []string
		want  string
	}{
		{"203.0.113.9:4", nil, []string{"1.1.1.1"}, "203.0.113.9"},
		{"203.0.113.9:4", trust, []string{"1.1.1.1"}, "203.0.113.9"},
		{"10.0.0.1:4", trust, []string{"1.1.1.1, 2.2.2.2"}, "2.2.2.2"},
		{"10.0.0.1:4", trust, []string{"1.1.1.1", "2.2.2.2,10.9.9.9"}, "2.2.2.2"},
		{"10.0.0.1:4", trust, []string{"10.1.1.1"}, "10.1.1.1"},
		{"10.0.0.1:4", trust, nil, "10.0.0.1"},
		{"10.0.0.1:4", trust, []string{"1.1.1.1, nonsense"}, "10.0.0.1"},
		{"[::ffff:127.0.0.1]:4", trust, []string{"2.2.2.2"}, "2.2.2.2"},
		{"[2001:db8:1:2:3::4]:4", trust, []string{"2.2.2.2"}, "2001:db8:1:2::"},
		{"@", trust, []string{"2.2.2.2"}, "invalid IP"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.peer
		for _, h := range c.hops {
			r.Header.Add("X-Forwarded-For", h)
		}
		x := &exchange{f: &Face{o: Options{Limits: LimitOptions{Trust: c.trust}}}, r: r}
		if got := x.address().String(); got != c.want {
			t.Errorf("%s, %v: %s, want %s", c.peer, c.hops, got, c.want)
		}
	}
}

// BenchmarkLimit is what the limiter adds to a request.
func BenchmarkLimit(b *testing.B) {
	f := &Face{o: Options{Wall: clock.System}, limiter: newLimiter(epoch)}
	x := &exchange{f: f, r: httptest.NewRequest("GET", "/", nil), caller: &sandbox.Identity{}, box: &sandbox.Sandbox{}}
	h := http.Header{}
	at := epoch
	b.ReportAllocs()
	for b.Loop() {
		at = at.Add(10 * time.Millisecond)
		x.started = at
		if err := x.often(nil); err != nil {
			b.Fatal(err)
		}
		x.showLimit(h)
	}
}
