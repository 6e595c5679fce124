package store

import "fmt"

// The engine's own tables that a Query may ask about.
const (
	TableEvent    = "event"
	TableDelivery = "delivery"
)

// table is one of them as a Query sees it: a row number, an owner, and named values.
type table struct {
	from   string // what is selected from; its one parameter is the provider
	fields map[string]field
}

// tables read the index that holds all of an event but its bodies. What a query does not name is not fetched.
var tables = map[string]*table{
	TableEvent: {
		from: `(SELECT seq, id, owner, family, action, kind, resource, created FROM event INDEXED BY event_list WHERE provider = ?)`,
		fields: map[string]field{
			"id": text("id"), "type": text("family || '.' || action"), "family": text("family"), "action": text("action"),
			"kind": text("kind"), "resource": text("resource"), "owner": text("owner"), "created": {sql: "created", ints: true},
		},
	},
	TableDelivery: {
		from: `(SELECT d.seq AS seq, d.id AS id, d.event AS number, d.endpoint AS endpoint, d.status AS status, d.attempts AS attempts, d.due AS due,
			d.url AS url, d.created AS created, d.updated AS updated, e.id AS event, e.owner AS owner, e.family AS family, e.action AS action,
			e.kind AS kind, e.resource AS resource
			FROM delivery d CROSS JOIN event e INDEXED BY event_list ON e.provider = ? AND e.seq = d.event)`,
		fields: map[string]field{
			"id": text("id"), "event": text("event"), "endpoint": text("endpoint"), "status": text("status"), "url": text("url"),
			"type": text("family || '.' || action"), "family": text("family"), "action": text("action"), "kind": text("kind"),
			"resource": text("resource"), "owner": text("owner"), "attempts": {sql: "attempts", ints: true}, "due": {sql: "due", ints: true},
			"created": {sql: "created", ints: true}, "updated": {sql: "updated", ints: true},
		},
	},
}

func text(sql string) field { return field{sql: sql} }

// TableFields names the values by which rows of a table can be chosen and ordered; nil = there is no such table.
func TableFields(name string) map[string]bool {
	t := tables[name]
	if t == nil {
		return nil
	}
	out := make(map[string]bool, len(t.fields))
	for field := range t.fields {
		out[field] = true
	}
	return out
}

// field is a path of the query as SQL.
func (q Query) field(path string) (field, error) { return tables[q.Table].field(path) }

func (t *table) field(path string) (field, error) {
	if t == nil {
		return fieldOf(path)
	}
	f, ok := t.fields[path]
	if !ok {
		return field{}, fmt.Errorf("%w: no value %q in this table", ErrQuery, path)
	}
	return f, nil
}

// Rows lists the numbers of the rows that a query of a Table asks for.
func (c *Conn) Rows(q Query) ([]int64, error) {
	s, err := c.rows("seq", q)
	if err != nil {
		return nil, err
	}
	order, err := q.order()
	if err != nil {
		return nil, err
	}
	s.page(order, q.Limit, q.Offset)
	var all []int64
	err = c.run(s, func(r row) { all = append(all, r.int(0)) })
	return all, err
}

// rows begins a selection of a Table. Rows of nobody are everybody's.
func (c *Conn) rows(columns string, q Query) (*selection, error) {
	t := tables[q.Table]
	if t == nil {
		return nil, fmt.Errorf("%w: no table %q", ErrQuery, q.Table)
	}
	s := newSelect(columns, t.from)
	s.table, s.args = t, append(s.args, q.Provider)
	if q.Owner != "" {
		s.and("owner IN ('', ?)", q.Owner)
	}
	if q.Before != 0 {
		s.and("seq < ?", q.Before)
	}
	if q.After != 0 {
		s.and("seq > ?", q.After)
	}
	for _, cond := range q.Where {
		if err := s.cond(cond); err != nil {
			return nil, err
		}
	}
	return s, s.past(q)
}

// ofEvents turns conditions on the id of a delivery's event into one on its number, which has an index.
func (s *selection) ofEvents(c Cond) (bool, error) {
	if s.table != tables[TableDelivery] || c.Path != "event" || !c.seeks() {
		return false, nil
	}
	inner := selection{}
	values, ok := c.Value.([]any)
	if !ok {
		values = []any{c.Value}
	}
	if err := inner.equals(text("id"), values, ""); err != nil {
		return true, err
	}
	s.and("number IN (SELECT seq FROM event"+string(inner.sql)+")", inner.args...)
	return true, nil
}

// EventAt finds an event by its number.
func (c *Conn) EventAt(seq int64) (Event, bool, error) {
	r, ok, err := c.one("SELECT "+eventColumns+" FROM event e WHERE e.seq = ?", seq)
	if !ok {
		return Event{}, false, err
	}
	return scanEvent(r), true, nil
}

// DeliveryAt finds a delivery by its number.
func (c *Conn) DeliveryAt(seq int64) (Delivery, bool, error) {
	r, ok, err := c.one("SELECT "+deliveryColumns+", +e.id AS l FROM delivery d JOIN event e ON e.seq = d.event WHERE d.seq = ?", seq)
	if !ok {
		return Delivery{}, false, err
	}
	return scanDelivery(r, r.text(deliveryWidth)), true, nil
}

// CountDeliveries is how many endpoints an event is owed to, and how many of these it has yet to reach.
func (c *Conn) CountDeliveries(event int64) (all, pending int, err error) {
	r, _, err := c.one("SELECT count(*), coalesce(sum(status = 'pending'), 0) FROM delivery WHERE event = ?", event)
	if err != nil {
		return 0, 0, err
	}
	return int(r.int(0)), int(r.int(1)), nil
}
