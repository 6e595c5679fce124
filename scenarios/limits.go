package scenarios

import "time"

// Limits is how often a caller may ask, and how replies tell it.
type Limits struct {
	// Headers is the dialect of the headers: x-ratelimit (default), ratelimit or ietf; over `config`.
	Headers Template `json:"headers,omitzero" yaml:"headers"`
	Reset   string   `json:"reset,omitempty" yaml:"reset"` // of x-ratelimit: seconds (default) | epoch
	// Organization bounds what one owner of keys sends, IP what one address sends without a credential that holds.
	Organization *Rate `json:"organization,omitempty" yaml:"organization"`
	IP           *Rate `json:"ip,omitempty" yaml:"ip"`
	// Windows are what the dialect ratelimit counts in, instead of buckets.
	Windows *Windows `json:"windows,omitempty" yaml:"windows"`
}

// Rate is a token bucket: so many requests a second, so many at once.
type Rate struct {
	Rate  int `json:"rate" yaml:"rate"`
	Burst int `json:"burst" yaml:"burst"`
}

// Windows are fixed spans, each with a number of reads and one of writes.
type Windows struct {
	Span  Duration `json:"span" yaml:"span"`
	Read  int      `json:"read" yaml:"read"`
	Write int      `json:"write" yaml:"write"`
}

// MaxRate bounds the numbers of a Rate and of Windows, so that sums of them are exact.
const MaxRate = 1_000_000

// Header dialects of a rate limit.
const (
	XRateLimit = "x-ratelimit"
	RateLimit  = "ratelimit"
	IETFLimit  = "ietf"
)

// LimitHeaders are the dialects that there are.
var LimitHeaders = []string{XRateLimit, RateLimit, IETFLimit}

// completeRate checks numbers that a bucket can be made of.
func (l *loader) completeRate(read map[string]pair, numbers map[string]int) {
	for name, n := range numbers {
		if p, ok := read[name]; ok && (n < 1 || n > MaxRate) {
			l.fail(p.value, "%s is a number from 1 to %d", name, MaxRate)
		}
	}
}

func (l *loader) completeWindows(w *Windows, read map[string]pair) {
	l.completeRate(read, map[string]int{"read": w.Read, "write": w.Write})
	if p, ok := read["span"]; ok && w.Span.Span() < time.Second {
		l.fail(p.value, "span is a duration from 1s")
	}
}
