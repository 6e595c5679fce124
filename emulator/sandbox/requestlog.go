package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// LoggedRequest is one line of the request log: enough to find a mistake,
// nothing that is secret.
type LoggedRequest struct {
	ID        string    `json:"id"`
	At        time.Time `json:"at"` // sandbox time
	Provider  string    `json:"provider"`
	Method    string    `json:"method"`
	Path      string    `json:"path"`
	Operation string    `json:"operation,omitempty"`
	Status    int       `json:"status"`
	Depth     string    `json:"depth,omitempty"`
	Code      string    `json:"code,omitempty"` // of a refusal
	Messages  []string  `json:"messages,omitempty"`
	Ignored   []string  `json:"ignored,omitempty"` // what the contract does not declare
	Micros    int64     `json:"durationMicros"`
}

// A sandbox remembers so many requests, and of each what fits on a screen.
const (
	logSize     = 256
	logPath     = 512 // bytes
	logMessages = 8
)

// requestLog is a ring in memory: a read must not cost a write.
type requestLog struct {
	mu   sync.Mutex
	ring []LoggedRequest
	next int
}

// Log remembers a request.
func (s *Sandbox) Log(r LoggedRequest) {
	if len(r.Path) > logPath {
		r.Path = strings.ToValidUTF8(r.Path[:logPath], "") + "…"
	}
	if n := len(r.Messages); n > logMessages {
		r.Messages = append(slices.Clone(r.Messages[:logMessages]), fmt.Sprintf("and %d more", n-logMessages))
	}
	l := &s.log
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.ring) < logSize {
		l.ring = append(l.ring, r)
		return
	}
	l.ring[l.next] = r
	l.next = (l.next + 1) % logSize
}

// forget gives the memory back.
func (l *requestLog) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ring, l.next = nil, 0
}

// Requests lists what was remembered, newest first.
func (s *Sandbox) Requests(limit int) []LoggedRequest {
	l := &s.log
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]LoggedRequest, 0, min(limit, len(l.ring)))
	for i := len(l.ring) - 1; i >= 0 && len(out) < limit; i-- {
		out = append(out, l.ring[(l.next+i)%len(l.ring)])
	}
	return out
}
