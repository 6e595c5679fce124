package store

import (
	"errors"
	"sync"
)

// pool keeps the reading connections, opened when they are first needed.
type pool struct {
	db     *DB
	mu     sync.Mutex
	back   sync.Cond
	free   []*Conn // the last one back goes out first: its page cache is the warmest
	opened int
	closed bool
}

func newPool(db *DB) *pool {
	p := &pool{db: db}
	p.back.L = &p.mu
	return p
}

func (p *pool) get() (*Conn, error) {
	p.mu.Lock()
	for {
		if p.closed {
			p.mu.Unlock()
			return nil, ErrClosed
		}
		if n := len(p.free); n > 0 {
			c := p.free[n-1]
			p.free = p.free[:n-1]
			p.mu.Unlock()
			return c, nil
		}
		if p.opened < p.db.options.MaxReaders {
			break
		}
		p.back.Wait()
	}
	p.opened++
	p.mu.Unlock()
	c, err := p.db.connect("query_only(1)")
	if err != nil {
		p.mu.Lock()
		p.opened--
		p.mu.Unlock()
		p.back.Broadcast()
	}
	return c, err
}

func (p *pool) put(c *Conn) {
	p.mu.Lock()
	p.free = append(p.free, c)
	p.mu.Unlock()
	p.back.Signal()
}

// stop refuses new readers.
func (p *pool) stop() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.back.Broadcast()
}

// close waits for the readers that are out.
func (p *pool) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.free) < p.opened {
		p.back.Wait()
	}
	var all error
	for _, c := range p.free {
		all = errors.Join(all, c.close())
	}
	p.free, p.opened = nil, 0
	return all
}
