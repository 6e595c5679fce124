package api

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/scenarios"
)

// LimitOptions is what a run says about rate limits.
type LimitOptions struct {
	Off          bool           // send the headers of full buckets and refuse nothing
	Organization scenarios.Rate // instead of what the scenario says, zero = that
	Trust        Proxies        // whose X-Forwarded-For counts
}

// often counts the request against its limits. What a step before refused
// counts as well, for the address that it came from: failures are never held
// against the owner of a key.
func (x *exchange) often(refused error) error {
	asked := x.allowances()
	if x.f.o.Limits.Off {
		x.limit = asked[0].full()
		return refused
	}
	var ok bool
	if x.limit, ok = x.f.limiter.take(x.started, asked); ok || x.provider == nil {
		return refused
	}
	return x.tooMany()
}

// allowances are the limits that the request counts against.
func (x *exchange) allowances() []allowance {
	policy, run := x.provider.Limits(), x.f.o.Limits
	first := allowance{name: "ip", rate: policy.IP, key: limitKey{provider: x.provider, address: x.address(), class: classAddress}}
	windows := policy.Headers == scenarios.RateLimit
	if who := x.caller; who != nil {
		first = allowance{name: "default", rate: policy.Organization, key: limitKey{provider: x.provider, sandbox: x.box.Name(), who: who.Organization(), class: classOrganization}}
		switch {
		case who.Rate > 0:
			first.name, first.rate = "key", rateOf(who)
			first.key.who, first.key.class = who.KeyID, classKey
			windows = false
		case run.Organization.Rate > 0:
			first.rate = run.Organization
			windows = false
		}
	}
	if windows {
		first.window(policy.Windows, x.r.Method)
	}
	asked := append(make([]allowance, 0, 2), first)
	if x.binding == nil || x.binding.Limit() == nil {
		return asked
	}
	own := allowance{name: "operation", rate: *x.binding.Limit(), key: first.key}
	own.key.op = x.op
	return append(asked, own)
}

// rateOf is the rate that a key was issued with.
func rateOf(who *sandbox.Identity) scenarios.Rate {
	rate := min(who.Rate, scenarios.MaxRate)
	if who.Burst < 1 {
		return scenarios.Rate{Rate: rate, Burst: rate}
	}
	return scenarios.Rate{Rate: rate, Burst: min(who.Burst, scenarios.MaxRate)}
}

// window makes an allowance one of fixed windows, which count reads and writes
// apart.
func (a *allowance) window(w scenarios.Windows, method string) {
	a.span = w.Span.Span()
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		a.name, a.rate = "read", scenarios.Rate{Burst: w.Read}
	default:
		a.name, a.rate = "write", scenarios.Rate{Burst: w.Write}
		a.key.class |= classWrites
	}
}

// tooMany is the refusal of a request that a limit has no room for.
func (x *exchange) tooMany() error {
	s := x.limit
	after := max(seconds(s.more), 1)
	r := x.provider.Refuse(sandbox.ReasonTooMany, fmt.Sprintf("too many requests: the limit %q takes %s; try again in %d s", s.name, s.policy(), after))
	r.Header = map[string]string{"Retry-After": strconv.Itoa(after)}
	r.Details = map[string]any{"limit": s.name, "retry_after": after}
	return r
}

// policy says in words what a limit takes.
func (a allowance) policy() string {
	if a.span > 0 {
		return fmt.Sprintf("%d in %s", a.rate.Burst, a.span)
	}
	return fmt.Sprintf("%d a second and %d at once", a.rate.Rate, a.rate.Burst)
}

// seconds are whole ones, enough to wait.
func seconds(d time.Duration) int { return int(ceil(int64(d), second)) }

// showLimit writes the headers that every reply carries, in the provider's
// dialect. The keys are spelled as the provider does, not as Go would.
func (x *exchange) showLimit(h http.Header) {
	if x.limit.name == "" { // it went wrong before anything was counted
		if asked := x.allowances(); x.f.o.Limits.Off {
			x.limit = asked[0].full()
		} else {
			x.limit = x.f.limiter.peek(x.started, asked)
		}
	}
	s, policy := x.limit, x.provider.Limits()
	limit, remaining := strconv.Itoa(s.rate.Burst), strconv.Itoa(s.remaining)
	if policy.Headers == scenarios.IETFLimit {
		name := strconv.Quote(s.name)
		h["RateLimit-Policy"] = []string{name + ";q=" + limit + ";w=" + strconv.Itoa(s.fills())}
		h["RateLimit"] = []string{name + ";r=" + remaining + ";t=" + strconv.Itoa(seconds(s.more))}
		return
	}
	reset := seconds(s.full)
	if policy.Epoch && !x.f.o.Limits.Off { // constant headers know no time
		reset = int(ceil(x.started.Add(s.full).UnixNano(), second))
	}
	values := []string{limit, remaining, strconv.Itoa(reset), s.name}
	if policy.Headers == scenarios.RateLimit {
		h["ratelimit-limit"], h["ratelimit-remaining"], h["ratelimit-reset"], h["ratelimit-name"] = values[0:1:1], values[1:2:2], values[2:3:3], values[3:4:4]
		return
	}
	h["X-RateLimit-Limit"], h["X-RateLimit-Remaining"], h["X-RateLimit-Reset"] = values[0:1:1], values[1:2:2], values[2:3:3]
}

// fills is how many seconds an empty limit needs to be full.
func (a allowance) fills() int {
	if a.span > 0 {
		return seconds(a.span)
	}
	return int(ceil(int64(a.rate.Burst), int64(a.rate.Rate)))
}
