package store

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"sync"
)

// counts remembers filtered counts until a commit touches their kind: pages of
// a list ask for the same total again and again.
type counts struct {
	mu      sync.RWMutex
	version map[string]int64 // of a kind: how many commits touched it
	known   map[string]knownCount
}

type knownCount struct {
	version int64
	n       int
}

const maxCounts = 1024

// touch outdates the counts of the kinds that a commit changed.
func (c *counts) touch(deltas []delta) {
	if len(deltas) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.version == nil {
		c.version = map[string]int64{}
	}
	for _, d := range deltas {
		c.version[d.kind]++
	}
}

// get gives a remembered count, or the version that one found now belongs to.
func (c *counts) get(kind, key string) (n int, ok bool, version int64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	version = c.version[kind]
	k, ok := c.known[key]
	return k.n, ok && k.version == version, version
}

func (c *counts) put(key string, version int64, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known) >= maxCounts {
		c.known = map[string]knownCount{}
	}
	c.known[key] = knownCount{version, n}
}

// key is a selection with its values, told apart by type and length.
func (s *selection) key() string {
	key := append(make([]byte, 0, len(s.sql)+64), s.sql...)
	for _, arg := range s.args {
		key = appendArg(append(key, 0), arg)
	}
	return string(key)
}

func appendArg(key []byte, arg driver.Value) []byte {
	switch v := arg.(type) {
	case string:
		return append(strconv.AppendInt(append(key, 's'), int64(len(v)), 10), v...)
	case int64:
		return strconv.AppendInt(append(key, 'i'), v, 10)
	}
	return fmt.Appendf(key, "%T%v", arg, arg)
}
