package api

import (
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// limiter counts requests in token buckets and fixed windows. A bucket is the
// instant at which it is full again (GCRA): nothing ticks, and one that is full
// need not be kept.
type limiter struct {
	start time.Time // what instants count from, on the monotonic clock
	most  int       // meters kept

	mu     sync.Mutex
	meters map[limitKey]meter
}

// maxMeters bounds what spoofed addresses can make us remember: about 13 MiB.
const maxMeters = 1 << 16

func newLimiter(start time.Time) *limiter {
	return &limiter{start: start, most: maxMeters, meters: map[limitKey]meter{}}
}

// limitKey says whose requests count together.
type limitKey struct {
	provider     *sandbox.Provider
	op           *openapi.Operation // of a limit of its own
	sandbox, who string
	address      netip.Addr
	class        byte
}

// Classes of a key: equal names of different things do not count together.
const (
	classOrganization = iota
	classKey
	classAddress

	classWrites = 1 << 4 // with one of them: fixed windows count reads and writes apart
)

// meter is the state of one limit.
type meter struct {
	at    int64 // when the bucket is full again, or the window ends: nanoseconds after the limiter's start …
	n     int32 // … and, of a bucket, this many more parts of a nanosecond, rate parts each; of a window, the requests in it
	quota int32 // of a window, 0 = a bucket
}

// allowance is one limit that a request counts against.
type allowance struct {
	key  limitKey
	name string // in the headers that have names
	rate scenarios.Rate
	span time.Duration // of a fixed window of rate.Burst requests, 0 = a bucket
}

// standing is how far a limit is used up.
type standing struct {
	allowance
	remaining int           // what may be sent right now
	full      time.Duration // until it is as if nothing had been sent
	more      time.Duration // until more may be sent than now, 0 = it is full
}

// full is the standing of a limit that nothing counts against.
func (a allowance) full() standing { return standing{allowance: a, remaining: a.rate.Burst} }

const second = int64(time.Second)

// settle brings a meter to an instant.
func (a *allowance) settle(m meter, now int64) meter {
	if a.span > 0 {
		if now >= m.at {
			return meter{quota: int32(a.rate.Burst)}
		}
		return m
	}
	if now > m.at || now == m.at && m.n == 0 {
		return meter{at: now}
	}
	if m.n >= int32(a.rate.Rate) { // the rate was another one before
		m.at, m.n = m.at+1, 0
	}
	if empty := now + int64(a.rate.Burst)*second/int64(a.rate.Rate); m.at > empty {
		m.at, m.n = empty, 0
	}
	return m
}

// charge counts one request in a settled meter.
func (a *allowance) charge(m meter, now int64) meter {
	if a.span > 0 {
		if m.at == 0 {
			m.at = now + int64(a.span)
		}
		m.n++
		return m
	}
	rate := int64(a.rate.Rate)
	parts := int64(m.n) + second%rate
	m.at += second/rate + parts/rate
	m.n = int32(parts % rate)
	return m
}

// stand reads a settled meter.
func (a *allowance) stand(m meter, now int64) standing {
	s := a.full()
	if a.span > 0 {
		s.remaining -= int(m.n)
		if m.n > 0 {
			s.full = time.Duration(m.at - now)
			s.more = s.full
		}
		return s
	}
	rate, burst := int64(a.rate.Rate), int64(a.rate.Burst)
	// In parts of a nanosecond, so that no rate needs rounding: a request costs `second` of them.
	debt := (m.at-now)*rate + int64(m.n)
	s.remaining = int((burst*second - debt) / second)
	s.full = time.Duration(ceil(debt, rate))
	if debt > 0 {
		s.more = time.Duration(ceil(debt-(burst-int64(s.remaining)-1)*second, rate))
	}
	return s
}

func ceil(n, by int64) int64 { return (n + by - 1) / by }

// take counts a request against all of its limits, or against none of them
// when one has no room. It tells the tightest.
func (l *limiter) take(at time.Time, asked []allowance) (tightest standing, ok bool) {
	now := int64(max(at.Sub(l.start), 0))
	l.mu.Lock()
	defer l.mu.Unlock()
	var room [3]meter
	settled := room[:0]
	for i := range asked {
		m := asked[i].settle(l.meters[asked[i].key], now)
		settled = append(settled, m)
		if s := asked[i].stand(m, now); s.remaining < 1 && (tightest.name == "" || s.more > tightest.more) {
			tightest = s
		}
	}
	if tightest.name != "" {
		return tightest, false
	}
	for i := range asked {
		m := asked[i].charge(settled[i], now)
		l.keep(asked[i].key, m, now)
		if s := asked[i].stand(m, now); i == 0 || s.remaining < tightest.remaining {
			tightest = s
		}
	}
	return tightest, true
}

// peek tells the tightest limit without counting anything.
func (l *limiter) peek(at time.Time, asked []allowance) (tightest standing) {
	now := int64(max(at.Sub(l.start), 0))
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range asked {
		if s := asked[i].stand(asked[i].settle(l.meters[asked[i].key], now), now); i == 0 || s.remaining < tightest.remaining {
			tightest = s
		}
	}
	return tightest
}

// keep stores a meter and makes room for it first.
func (l *limiter) keep(key limitKey, m meter, now int64) {
	if len(l.meters) >= l.most {
		if _, known := l.meters[key]; !known {
			l.sweep(now)
		}
	}
	l.meters[key] = m
}

// sweep drops full meters, which say nothing, and then those nearest to full:
// whoever used up a limit stays limited, however many others come along.
func (l *limiter) sweep(now int64) {
	weights := make([]int64, 0, len(l.meters))
	for key, m := range l.meters {
		w := m.weight(now)
		if w <= 0 {
			delete(l.meters, key)
			continue
		}
		weights = append(weights, w)
	}
	leave := l.most - l.most/4
	if len(weights) <= leave {
		return
	}
	slices.Sort(weights)
	least := weights[len(weights)-leave]
	drop := func(light func(w int64) bool) {
		for key, m := range l.meters {
			if light(m.weight(now)) {
				delete(l.meters, key)
			}
		}
	}
	drop(func(w int64) bool { return w < least })
	if len(l.meters) > leave { // many are alike
		drop(func(w int64) bool { return w == least })
	}
}

// weight is how much would be forgotten with a meter.
func (m meter) weight(now int64) int64 {
	left := m.at - now
	if m.quota == 0 {
		if left == 0 {
			return int64(m.n)
		}
		return left
	}
	return left / int64(m.quota) * int64(m.n)
}
