package store

import "sync"

// tally counts live resources per kind and per owner, so that a page's total costs nothing.
// It knows committed rows only, and nothing until load or reset.
type tally struct {
	mu     sync.RWMutex
	loaded bool
	asked  bool // a load is on its way
	kinds  map[string]int
	owners map[belonging]int
}

type belonging struct{ kind, owner string }

type delta struct {
	belonging
	n int
}

func (t *tally) reset(rows []delta) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kinds, t.owners = map[string]int{}, map[belonging]int{}
	t.loaded, t.asked = true, false
	t.sum(rows)
}

func (t *tally) add(deltas []delta) {
	if len(deltas) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.loaded {
		t.sum(deltas)
	}
}

func (t *tally) sum(deltas []delta) {
	for _, d := range deltas {
		t.kinds[d.kind] += d.n
		if n := t.owners[d.belonging] + d.n; n != 0 {
			t.owners[d.belonging] = n
		} else {
			delete(t.owners, d.belonging)
		}
	}
}

func (t *tally) count(kind, owner string) (int, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if !t.loaded {
		return 0, false
	}
	if owner == "" {
		return t.kinds[kind], true
	}
	return t.owners[belonging{kind, owner}], true
}

// ask tells whether the caller should have the counts loaded.
func (t *tally) ask() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.loaded || t.asked {
		return false
	}
	t.asked = true
	return true
}

func (t *tally) unask() {
	t.mu.Lock()
	t.asked = false
	t.mu.Unlock()
}

// counted answers an unfiltered count. The first one after opening a file counts rows and has
// the writer load the tally between two groups, where committed is all there is.
func (c *Conn) counted(kind, owner string) (int, error) {
	n, ok := c.db.tally.count(kind, owner)
	if !ok {
		if c.db.tally.ask() && !c.db.writer.between(c.db.loadTally) {
			c.db.tally.unask()
		}
		return c.countRows(kind, owner)
	}
	if c.tx != nil {
		n += net(c.tx.w.deltas, kind, owner) + net(c.tx.deltas, kind, owner)
	}
	return n, nil
}

// net is what uncommitted changes do to one count.
func net(deltas []delta, kind, owner string) (n int) {
	for _, d := range deltas {
		if d.kind == kind && (owner == "" || d.owner == owner) {
			n += d.n
		}
	}
	return n
}

func (c *Conn) countRows(kind, owner string) (int, error) {
	var r row
	var err error
	if owner == "" {
		r, _, err = c.one("SELECT count(*) FROM resource INDEXED BY resource_kind WHERE kind = ? AND deleted = 0", kind)
	} else {
		r, _, err = c.one("SELECT count(*) FROM resource INDEXED BY resource_owner WHERE kind = ? AND owner = ? AND deleted = 0", kind, owner)
	}
	if err != nil {
		return 0, err
	}
	return int(r.int(0)), nil
}

// loadTally runs on the writer's goroutine, outside of a transaction.
func (db *DB) loadTally() {
	var rows []delta
	err := db.writer.conn.each("SELECT kind, owner, count(*) FROM resource WHERE deleted = 0 GROUP BY kind, owner", func(r row) {
		rows = append(rows, delta{belonging{r.text(0), r.text(1)}, int(r.int(2))})
	})
	if err != nil {
		db.tally.unask() // the next count asks again
		return
	}
	db.tally.reset(rows)
}
