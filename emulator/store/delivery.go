package store

import "fmt"

// Delivery is an event owed to one endpoint.
type Delivery struct {
	ID       string `json:"id"`
	Event    string `json:"event"`    // id of the event
	Endpoint string `json:"endpoint"` // id of the endpoint
	Status   string `json:"status"`   // pending, succeeded or failed
	Attempts int    `json:"attempts"`
	Due      int64  `json:"due"`   // next try, 0 = none
	First    int64  `json:"first"` // when the first try was due
	URL      string `json:"url"`
	Warning  string `json:"warning"`
	Created  int64  `json:"created"`
	Updated  int64  `json:"updated"`
	Seq      int64  `json:"seq"`
	Lane     string `json:"lane,omitempty"` // those of one lane go one after the other
}

// DeliveryFilter narrows Deliveries. Empty fields do not.
type DeliveryFilter struct {
	Status, Endpoint, Event string
	Before                  int64 // cursor: Seq smaller than this
	Limit                   int   // 0 = all
}

const deliveryColumns = "+d.id AS a, +d.endpoint AS b, +d.status AS c, +d.attempts AS d, +d.due AS e, +d.first AS f, +d.url AS g, +d.warning AS h, +d.created AS i, +d.updated AS j, +d.seq AS k, +d.lane AS m"

const deliveryWidth = 12 // columns of the above

func scanDelivery(r row, event string) Delivery {
	return Delivery{
		ID: r.text(0), Event: event, Endpoint: r.text(1), Status: r.text(2), Attempts: int(r.int(3)), Due: r.int(4), First: r.int(5),
		URL: r.text(6), Warning: r.text(7), Created: r.int(8), Updated: r.int(9), Seq: r.int(10), Lane: r.text(11),
	}
}

// Delivery finds one by its id.
func (c *Conn) Delivery(id string) (Delivery, bool, error) {
	r, ok, err := c.one("SELECT "+deliveryColumns+", +e.id AS l FROM delivery d JOIN event e ON e.seq = d.event WHERE d.id = ?", id)
	if !ok {
		return Delivery{}, false, err
	}
	return scanDelivery(r, r.text(deliveryWidth)), true, nil
}

// Outgoing finds a delivery with its event and its endpoint. An endpoint that was removed comes back empty.
func (c *Conn) Outgoing(id string) (Delivery, Event, Endpoint, bool, error) {
	r, ok, err := c.one("SELECT "+deliveryColumns+", "+eventColumns+", "+endpointColumns+
		" FROM delivery d JOIN event e ON e.seq = d.event LEFT JOIN endpoint p ON p.id = d.endpoint WHERE d.id = ?", id)
	if !ok {
		return Delivery{}, Event{}, Endpoint{}, false, err
	}
	e := scanEvent(r[deliveryWidth:])
	var p Endpoint
	if rest := r[deliveryWidth+eventWidth:]; rest[0] != nil {
		p, err = c.scanEndpoint(rest)
	}
	return scanDelivery(r, e.ID), e, p, true, err
}

// Deliveries lists the newest first.
func (c *Conn) Deliveries(f DeliveryFilter) ([]Delivery, error) {
	q := newSelect(deliveryColumns+", +e.id AS l", "delivery d JOIN event e ON e.seq = d.event")
	q.is("d.status", f.Status)
	q.is("d.endpoint", f.Endpoint)
	if f.Event != "" {
		q.and("d.event = (SELECT seq FROM event WHERE id = ?)", f.Event)
	}
	if f.Before != 0 {
		q.and("d.seq < ?", f.Before)
	}
	q.page("d.seq DESC", f.Limit, 0)
	var all []Delivery
	err := c.run(q, func(r row) { all = append(all, scanDelivery(r, r.text(deliveryWidth))) })
	return all, err
}

// InsertDelivery stores a debt and sets its Seq. ErrMissing: there is no such event.
func (tx *Tx) InsertDelivery(d *Delivery) error {
	event, err := tx.eventSeq(d.Event)
	if err != nil {
		return err
	}
	seq := tx.NextSeq()
	_, err = tx.exec("INSERT INTO delivery (seq, id, event, endpoint, status, attempts, due, first, url, warning, created, updated, lane) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
		seq, d.ID, event, d.Endpoint, d.Status, int64(d.Attempts), d.Due, d.First, d.URL, d.Warning, d.Created, d.Updated, d.Lane)
	if err != nil {
		if duplicate(err) {
			return fmt.Errorf("%w: delivery %s", ErrExists, d.ID)
		}
		return err
	}
	d.Seq = seq
	tx.deltas = append(tx.deltas, delta{belonging{TableDelivery, ""}, 0})
	tx.remember('d', "", d.ID, seq)
	return nil
}

// UpdateDelivery writes all fields of the one with this id, except its event, its endpoint and when it was made.
func (tx *Tx) UpdateDelivery(d *Delivery) error {
	seq, err := tx.deliverySeq(d.ID)
	if err != nil {
		return err
	}
	_, err = tx.exec("UPDATE delivery SET status = ?, attempts = ?, due = ?, first = ?, url = ?, warning = ?, updated = ? WHERE seq = ?",
		d.Status, int64(d.Attempts), d.Due, d.First, d.URL, d.Warning, d.Updated, seq)
	if err == nil {
		d.Seq = seq
		tx.deltas = append(tx.deltas, delta{belonging{TableDelivery, ""}, 0})
	}
	return err
}

// deliverySeq finds the row number of a delivery.
func (tx *Tx) deliverySeq(id string) (int64, error) {
	if seq, ok := tx.recall('d', "", id); ok {
		return seq, nil
	}
	r, ok, err := tx.one("SELECT seq FROM delivery WHERE id = ?", id)
	if err != nil {
		return 0, err
	}
	if !ok {
		return 0, fmt.Errorf("%w: delivery %s", ErrMissing, id)
	}
	seq := r.int(0)
	tx.remember('d', "", id, seq)
	return seq, nil
}
