package store

import (
	"cmp"
	"fmt"
	"strings"
	"sync"
)

// Endpoint is an address that wants events.
type Endpoint struct {
	ID       string   `json:"id"`
	Provider string   `json:"provider"`
	Owner    string   `json:"owner"` // "" = all owners
	URL      string   `json:"url"`
	Secret   string   `json:"-"`
	Events   []string `json:"events"` // wanted names; none = all
	Active   bool     `json:"active"`
	Created  int64    `json:"created"`
	Updated  int64    `json:"updated"`
	Source   string   `json:"source"` // "api" or "control"

	Previous []OldSecret `json:"-"`
	Failing  int64       `json:"failing,omitempty"`  // first failure since the last success, 0 = none
	Disabled string      `json:"disabled,omitempty"` // why it was switched off by itself
	Insecure bool        `json:"insecure,omitempty"` // its certificate is not checked
}

// endpoints keeps the committed ones in memory, because every event asks for them.
type endpoints struct {
	mu    sync.Mutex
	epoch int // changes whenever a commit changed endpoints
	known bool
	all   []Endpoint
}

func (e *endpoints) get() (all []Endpoint, known bool, epoch int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.all, e.known, e.epoch
}

// keep stores what was read, unless a commit changed endpoints since epoch.
func (e *endpoints) keep(all []Endpoint, epoch int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.epoch == epoch {
		e.all, e.known = all, true
	}
}

func (e *endpoints) forget() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.epoch++
	e.all, e.known = nil, false
}

const endpointColumns = "+p.id AS a, +p.provider AS b, +p.owner AS c, +p.url AS d, +p.secret AS e, +p.events AS f, +p.active AS g, +p.created AS h, +p.updated AS i, +p.source AS j, +p.previous AS k, +p.failing AS l, +p.disabled AS m, +p.insecure AS n"

// scanEndpoint reads an endpoint and opens its secrets.
func (c *Conn) scanEndpoint(r row) (Endpoint, error) {
	e := Endpoint{
		ID: r.text(0), Provider: r.text(1), Owner: r.text(2), URL: r.text(3), Secret: r.text(4), Events: []string{},
		Active: r.int(6) == 1, Created: r.int(7), Updated: r.int(8), Source: r.text(9),
		Failing: r.int(11), Disabled: r.text(12), Insecure: r.int(13) == 1,
	}
	if names := r.text(5); names != "" {
		e.Events = strings.Split(names, "\n")
	}
	return e, c.openSecrets(&e, r.text(10))
}

// Endpoint finds one by its id.
func (c *Conn) Endpoint(id string) (Endpoint, bool, error) {
	r, ok, err := c.one("SELECT "+endpointColumns+" FROM endpoint p WHERE p.id = ?", id)
	if !ok {
		return Endpoint{}, false, err
	}
	e, err := c.scanEndpoint(r)
	return e, true, err
}

// AllEndpoints lists all, in the order of registration. The caller owns the slice, not the names inside.
func (c *Conn) AllEndpoints() ([]Endpoint, error) {
	all, err := c.allEndpoints()
	return append([]Endpoint(nil), all...), err
}

// EndpointsFor lists the active ones that get an owner's events, in the order of registration.
// Which names each wants is for the caller to see.
func (c *Conn) EndpointsFor(owner, provider string) ([]Endpoint, error) {
	all, err := c.allEndpoints()
	if err != nil {
		return nil, err
	}
	var some []Endpoint
	for i := range all {
		if e := &all[i]; e.Active && e.Provider == provider && (e.Owner == "" || e.Owner == owner) {
			some = append(some, *e)
		}
	}
	return some, nil
}

func (c *Conn) allEndpoints() ([]Endpoint, error) {
	changing := c.tx != nil && (c.tx.touched || c.tx.w.touched)
	all, known, epoch := c.db.wanted.get()
	if known && !changing {
		return all, nil
	}
	all = nil
	var sealed error
	err := c.each("SELECT "+endpointColumns+" FROM endpoint p ORDER BY p.seq", func(r row) {
		e, err := c.scanEndpoint(r)
		sealed = cmp.Or(sealed, err)
		all = append(all, e)
	})
	if err = cmp.Or(err, sealed); err != nil {
		return nil, err
	}
	if !changing {
		c.db.wanted.keep(all, epoch)
	}
	return all, nil
}

// InsertEndpoint registers one. ErrExists: the id is taken.
func (tx *Tx) InsertEndpoint(e Endpoint) error {
	tx.touched = true
	_, err := tx.exec("INSERT INTO endpoint (seq, id, provider, owner, url, secret, events, active, created, updated, source, previous, failing, disabled, insecure) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
		tx.NextSeq(), e.ID, e.Provider, e.Owner, e.URL, tx.sealSecret(&e), strings.Join(e.Events, "\n"), flag(e.Active), e.Created, e.Updated, e.Source,
		tx.sealPrevious(&e), e.Failing, e.Disabled, flag(e.Insecure))
	if duplicate(err) {
		return fmt.Errorf("%w: endpoint %s", ErrExists, e.ID)
	}
	return err
}

// UpdateEndpoint writes all fields of the one with this id, except when it was made.
func (tx *Tx) UpdateEndpoint(e Endpoint) error {
	tx.touched = true
	n, err := tx.exec(`UPDATE endpoint SET provider = ?, owner = ?, url = ?, secret = ?, events = ?, active = ?, updated = ?, source = ?,
		previous = ?, failing = ?, disabled = ?, insecure = ? WHERE id = ?`,
		e.Provider, e.Owner, e.URL, tx.sealSecret(&e), strings.Join(e.Events, "\n"), flag(e.Active), e.Updated, e.Source,
		tx.sealPrevious(&e), e.Failing, e.Disabled, flag(e.Insecure), e.ID)
	if err == nil && n == 0 {
		return fmt.Errorf("%w: endpoint %s", ErrMissing, e.ID)
	}
	return err
}

// RemoveEndpoint forgets one; its deliveries stay.
func (tx *Tx) RemoveEndpoint(id string) error {
	tx.touched = true
	n, err := tx.exec("DELETE FROM endpoint WHERE id = ?", id)
	if err == nil && n == 0 {
		return fmt.Errorf("%w: endpoint %s", ErrMissing, id)
	}
	return err
}
