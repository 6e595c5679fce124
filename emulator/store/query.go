package store

import (
	"database/sql/driver"
	"fmt"
)

// Query asks for live resources of one kind.
type Query struct {
	Kind          string
	Table         string // one of the engine's own instead of a kind; of Provider
	Provider      string // of Table
	Owner, Parent string // "" = any
	Where         []Cond // all must hold
	Oldest        bool   // oldest first; newest first unless told
	Sort          string // path of the value that orders first; "" = age only
	Descending    bool   // of Sort
	Before, After int64  // cursors: Seq smaller, larger than this; 0 = none
	Past          *Place // only what comes after it in this order
	Limit, Offset int    // Limit 0 = all
}

// Cond compares one value of a resource. Path is a column (status, id, owner, parent, created, updated), else a
// path in the body, or in the hidden part if it begins with "hidden."; "$." before a path says that it is no column. Op is one of = != < <= > >= in contains missing present,
// or any: one of several conditions must hold.
// Text is compared with text and numbers with numbers; a string that looks like a number or a boolean, as it
// comes from a URL, also equals that number or boolean. A value that is missing equals nil only.
type Cond struct {
	Path  string
	Op    string
	Value any // string, bool, int64, int, json.Number, nil; []any of these for in; []Cond for any
}

// Resources lists what the query asks for.
func (c *Conn) Resources(q Query) ([]Resource, error) {
	s, err := c.resources(resourceColumns, q)
	if err != nil {
		return nil, err
	}
	order, err := q.order()
	if err != nil {
		return nil, err
	}
	s.page(order, q.Limit, q.Offset)
	all := make([]Resource, 0, min(max(q.Limit, 0), 64))
	err = c.run(s, func(r row) { all = append(all, scanResource(r, q.Kind)) })
	for i := range all {
		if err == nil {
			err = c.unveil(&all[i])
		}
	}
	return all, err
}

// order is the ORDER BY of a query. Age decides between equals.
func (q Query) order() (string, error) {
	age := "seq DESC"
	if q.Oldest {
		age = "seq"
	}
	if q.Sort == "" {
		return age, nil
	}
	f, err := q.field(q.Sort)
	if err != nil {
		return "", err
	}
	if q.Descending {
		return f.sql + " DESC, " + age, nil
	}
	return f.sql + ", " + age, nil
}

// CountResources counts what the query asks for, whatever its order, limit and offset.
func (c *Conn) CountResources(q Query) (n int, err error) {
	of, from := q.Kind, c.resources
	if q.Table != "" {
		of, from = q.Table, c.rows
	} else if q.Parent == "" && len(q.Where) == 0 && q.Before == 0 && q.After == 0 && q.Past == nil {
		return c.counted(q.Kind, q.Owner)
	}
	s, err := from("count(*)", q)
	if err != nil {
		return 0, err
	}
	key := s.key()
	n, known, version := c.db.counts.get(of, key)
	if known && c.tx == nil {
		return n, nil
	}
	err = c.run(s, func(r row) { n = int(r.int(0)) })
	if err == nil && c.tx == nil {
		c.db.counts.put(key, version, n)
	}
	return n, err
}

// Joined gives the bodies of what the query asks for with commas between, in
// one row: a list that shows them as they are needs nothing else.
func (c *Conn) Joined(q Query) ([]byte, error) {
	s, err := c.resources("body AS a", q)
	if err != nil {
		return nil, err
	}
	order, err := q.order()
	if err != nil {
		return nil, err
	}
	s.page(order, q.Limit, q.Offset)
	s.sql = append(append([]byte("SELECT group_concat(a, ',') AS a FROM ("), s.sql...), ')')
	var all []byte
	err = c.run(s, func(r row) { all = r.json(0) })
	return all, err
}

// FindResource finds the newest live one whose value at path equals value.
func (c *Conn) FindResource(kind, owner, path string, value any) (Resource, bool, error) {
	all, err := c.Resources(Query{Kind: kind, Owner: owner, Where: []Cond{{Path: path, Op: "=", Value: value}}, Limit: 1})
	if err != nil || len(all) == 0 {
		return Resource{}, false, err
	}
	return all[0], true, nil
}

func (c *Conn) resources(columns string, q Query) (*selection, error) {
	s := newSelect(columns, "resource")
	if name := c.db.indexFor(q); name != "" {
		// Without statistics the planner takes kind and owner for the narrower choice.
		s.sql = append(s.sql, " INDEXED BY "...)
		s.sql = append(s.sql, name...)
	}
	// The kind stands in the text, because the planner uses a partial index only if it sees that the index applies.
	s.and("kind = " + literal(q.Kind))
	s.and("deleted = 0")
	s.is("owner", q.Owner)
	if q.Parent != "" {
		s.and("parent <> ''")
		s.is("parent", q.Parent)
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

// selection is a SELECT in the making. The same calls make the same text, which is the key of its statement.
type selection struct {
	sql  []byte
	args []driver.Value
	any  bool // there is a WHERE

	table *table // nil = resources
}

func newSelect(columns, from string) *selection {
	s := &selection{sql: make([]byte, 0, 512), args: make([]driver.Value, 0, 8)}
	s.sql = append(s.sql, "SELECT "...)
	s.sql = append(s.sql, columns...)
	s.sql = append(s.sql, " FROM "...)
	s.sql = append(s.sql, from...)
	return s
}

func (s *selection) and(term string, args ...driver.Value) {
	if s.any {
		s.sql = append(s.sql, " AND "...)
	} else {
		s.sql = append(s.sql, " WHERE "...)
		s.any = true
	}
	s.sql = append(s.sql, term...)
	s.args = append(s.args, args...)
}

// is demands a value, if there is one.
func (s *selection) is(column, value string) {
	if value != "" {
		s.and(column+" = ?", value)
	}
}

// page bounds a selection. A bare LIMIT ? would have SQLite look at the value while it plans, and so prepare the
// statement anew each time another one is bound; +0 keeps it from looking.
func (s *selection) page(order string, limit, offset int) {
	s.sql = append(s.sql, " ORDER BY "...)
	s.sql = append(s.sql, order...)
	s.sql = append(s.sql, " LIMIT ?+0 OFFSET ?+0"...)
	s.args = append(s.args, sqlLimit(limit), int64(max(offset, 0)))
}

func sqlLimit(n int) int64 {
	if n <= 0 {
		return -1
	}
	return int64(n)
}

func (c *Conn) run(s *selection, scan func(row)) error {
	st, err := c.shape(s.sql)
	if err != nil {
		return fmt.Errorf("store: %w", c.note(err))
	}
	return c.all(st, scan, s.args)
}
