package sandbox

import "sync"

// claims are the idempotency keys that are being worked on. They live in
// memory: what a process leaves behind when it dies is in no one's way.
type claims struct {
	mu    sync.Mutex
	taken map[[32]byte]chan struct{}
}

// take claims a key, or gives what closes when the one who has it is done.
func (c *claims) take(key [32]byte) (busy <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if done, ok := c.taken[key]; ok {
		return done
	}
	if c.taken == nil {
		c.taken = map[[32]byte]chan struct{}{}
	}
	c.taken[key] = make(chan struct{})
	return nil
}

func (c *claims) release(key [32]byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.taken[key])
	delete(c.taken, key)
}
