package store

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
)

// Place is where a page ended: the value that its last one is sorted by, and its Seq. What was inserted or removed since
// does not move it.
type Place struct {
	Value any // nil, int64, float64 or string; nil without Sort
	Seq   int64
}

// past adds "comes after the place in the query's order". Values compare as they sort: nothing, numbers, text.
func (s *selection) past(q Query) error {
	if q.Past == nil {
		return nil
	}
	younger := "seq < ?"
	if q.Oldest {
		younger = "seq > ?"
	}
	if q.Sort == "" {
		s.and(younger, q.Past.Seq)
		return nil
	}
	f, err := q.field(q.Sort)
	if err != nil {
		return err
	}
	v := q.Past.Value
	switch v.(type) {
	case nil, int64, float64, string:
	default:
		return fmt.Errorf("%w: a place at a value of type %T", ErrQuery, v)
	}
	switch {
	case v == nil && q.Descending: // nothing comes last
		s.and("("+f.sql+" IS NULL AND "+younger+")", q.Past.Seq)
	case v == nil:
		s.and("("+f.sql+" IS NOT NULL OR "+younger+")", q.Past.Seq)
	case q.Descending:
		s.and("("+f.sql+" < ? OR "+f.sql+" IS NULL OR "+f.sql+" = ? AND "+younger+")", v, v, q.Past.Seq)
	default:
		s.and("("+f.sql+" > ? OR "+f.sql+" = ? AND "+younger+")", v, v, q.Past.Seq)
	}
	return nil
}

// Mark names a resource in a way that does not depend on what else the file holds. An id may be removed and made again.
type Mark struct {
	ID      string
	Created int64
}

// MarkOf is the mark of the resource with a Seq, and its place in the query's order; of a row of the query's Table, if it
// names one.
func (c *Conn) MarkOf(q Query, seq int64) (Mark, Place, error) {
	value, err := q.value()
	if err != nil {
		return Mark{}, Place{}, err
	}
	from, args := "resource", []driver.Value{seq}
	if t := tables[q.Table]; t != nil {
		from, args = t.from, []driver.Value{q.Provider, seq}
	}
	r, ok, err := c.one("SELECT id AS a, created AS b, "+value+" AS c FROM "+from+" WHERE seq = ?", args...)
	if !ok {
		return Mark{}, Place{}, err
	}
	return Mark{r.text(0), r.int(1)}, Place{r[2], seq}, nil
}

// PlaceOf is where a mark's resource stands in the query's order now, whether it is still live or not.
func (c *Conn) PlaceOf(q Query, m Mark) (Place, bool, error) {
	if tables[q.Table] != nil {
		return c.placeOfRow(q, m)
	}
	value, err := q.value()
	if err != nil {
		return Place{}, false, err
	}
	for _, where := range []string{"INDEXED BY resource_id WHERE deleted = 0", "INDEXED BY resource_removed WHERE deleted > 0"} {
		r, ok, err := c.one("SELECT seq AS a, "+value+" AS b FROM resource "+where+" AND id = ? AND kind = ? AND created = ? ORDER BY seq DESC LIMIT 1", m.ID, q.Kind, m.Created)
		if err != nil {
			return Place{}, false, err
		}
		if ok {
			return Place{r[1], r.int(0)}, true, nil
		}
	}
	return Place{}, false, nil
}

// placeOfRow finds a row by its id first: the query's own tables are read by number.
func (c *Conn) placeOfRow(q Query, m Mark) (Place, bool, error) {
	r, ok, err := c.one("SELECT seq FROM "+q.Table+" WHERE id = ? AND created = ?", m.ID, m.Created)
	if !ok {
		return Place{}, false, err
	}
	_, place, err := c.MarkOf(q, r.int(0))
	return place, place.Seq != 0, err
}

// value is the SQL of what orders first.
func (q Query) value() (string, error) {
	if q.Sort == "" {
		return "NULL", nil
	}
	f, err := q.field(q.Sort)
	return f.sql, err
}

// Page gives at most q.Limit bodies with commas between, as Joined does, the Seq of the last one, how many they are, and
// whether there are more.
func (c *Conn) Page(q Query) (bodies []byte, last int64, n int, more bool, err error) {
	s, err := c.resources("body AS a, seq AS b", q)
	if err != nil {
		return nil, 0, 0, false, err
	}
	order, err := q.order()
	if err != nil {
		return nil, 0, 0, false, err
	}
	s.page(order, q.Limit+1, q.Offset)
	s.sql = append(append([]byte("SELECT group_concat(a, ',') AS a, group_concat(b || ':' || octet_length(a), ',') AS b FROM ("), s.sql...), ')')
	var list string
	if err := c.run(s, func(r row) { bodies, list = r.json(0), r.text(1) }); err != nil || list == "" {
		return nil, 0, 0, false, err
	}
	entries := strings.Split(list, ",")
	if more = len(entries) > q.Limit; more {
		_, size, _ := strings.Cut(entries[q.Limit], ":")
		cut, err := strconv.Atoi(size)
		if err != nil || len(bodies) < cut+1 {
			return nil, 0, 0, false, fmt.Errorf("%w: a page of resources without bodies", ErrQuery)
		}
		bodies, entries = bodies[:len(bodies)-cut-1], entries[:q.Limit]
	}
	seq, _, _ := strings.Cut(entries[len(entries)-1], ":")
	last, err = strconv.ParseInt(seq, 10, 64)
	return bodies, last, len(entries), more, err
}
