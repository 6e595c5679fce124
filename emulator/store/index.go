package store

import (
	"fmt"
	"slices"
	"strings"
)

// Index makes queries of one kind fast that compare the value at Path with = or in. It holds the owner too, so that
// counting what one owner has reads the index alone.
type Index struct {
	Kind, Path string // a path as in Cond
}

// indexPrefix marks the indexes that come from Options.
const indexPrefix = "by:"

type definition struct{ name, sql string }

// defineIndexes turns the options' indexes into SQL, in their order.
func (db *DB) defineIndexes() ([]definition, error) {
	var all []definition
	for _, x := range db.options.Indexes {
		if db.indexes[x] != "" {
			continue
		}
		f, err := fieldOf(x.Path)
		if err != nil {
			return nil, err
		}
		name := indexPrefix + x.Kind + ":" + x.Path
		db.indexes[x] = quoted(name)
		all = append(all, definition{name, "CREATE INDEX " + quoted(name) + " ON resource (" + f.sql + ", seq, owner) WHERE kind = " + literal(x.Kind) + " AND deleted = 0"})
	}
	return all, nil
}

func script(indexes []definition) string {
	var s strings.Builder
	for _, d := range indexes {
		s.WriteString(d.sql + ";")
	}
	return s.String()
}

// syncIndexes makes a file's indexes those of the options.
func syncIndexes(c *Conn, wanted []definition) error {
	var drop strings.Builder
	missing := slices.Clone(wanted)
	err := c.each("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND substr(name, 1, 3) = '"+indexPrefix+"'", func(r row) {
		have := definition{r.text(0), r.text(1)}
		if i := slices.Index(missing, have); i >= 0 {
			missing = slices.Delete(missing, i, i+1)
		} else {
			drop.WriteString("DROP INDEX " + quoted(have.name) + ";")
		}
	})
	if err != nil {
		return err
	}
	change := drop.String() + script(missing)
	if change == "" {
		return nil
	}
	if err := c.script("SAVEPOINT indexes;" + change + "RELEASE indexes"); err != nil {
		return fmt.Errorf("indexes: %w", err)
	}
	return nil
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// indexFor names the index that a query should walk, "" if the planner may choose.
func (db *DB) indexFor(q Query) string {
	if slices.ContainsFunc(q.Where, Cond.never) {
		return "" // the planner drops what cannot hold, and then finds no use for an index
	}
	for _, c := range q.Where {
		if !c.seeks() {
			continue
		}
		if c.Path == "id" {
			return "resource_id"
		}
		if name := db.indexes[Index{q.Kind, c.Path}]; name != "" {
			return name
		}
	}
	if q.Parent != "" {
		return "resource_parent"
	}
	return ""
}

// never tells a comparison that nothing can meet.
func (c Cond) never() bool {
	instants := c.Path == "created" || c.Path == "updated"
	switch c.Op {
	case "=":
		return instants && !numeric(c.Value)
	case "in":
		list, _ := c.Value.([]any)
		return len(list) == 0 || instants && !slices.ContainsFunc(list, numeric)
	case "any":
		list, _ := c.Value.([]Cond)
		return !slices.ContainsFunc(list, func(one Cond) bool { return !one.never() })
	case "<", "<=", ">", ">=":
		_, truth := c.Value.(bool)
		return c.Value == nil || truth || instants && !numeric(c.Value)
	case "contains":
		return c.Value == nil
	}
	return false
}

// numeric tells what an instant can be compared with: a number, or nothing.
func numeric(v any) bool {
	o, err := operandOf(v)
	return err == nil && (o.number || o.null)
}

// seeks tells whether the comparison surely becomes one that an index can serve.
func (c Cond) seeks() bool {
	if c.Path == "created" || c.Path == "updated" {
		return false
	}
	switch c.Op {
	case "=":
		return c.Value != nil
	case "in":
		list, _ := c.Value.([]any)
		return len(list) > 0 && !slices.Contains(list, nil)
	}
	return false
}
