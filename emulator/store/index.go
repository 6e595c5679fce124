package store

import (
	"fmt"
	"slices"
	"strings"
)

// Index makes queries of one kind fast that compare the value at Path with = or in.
type Index struct {
	Kind, Path string // a path as in Cond
}

// indexPrefix marks the indexes that come from Options.
const indexPrefix = "by:"

// syncIndexes makes the file's indexes those of the options.
func (db *DB) syncIndexes(c *Conn) error {
	wanted := map[string]string{} // name to definition
	var names []string            // in the order of the options
	for _, x := range db.options.Indexes {
		f, err := fieldOf(x.Path)
		if err != nil {
			return err
		}
		name := indexPrefix + x.Kind + ":" + x.Path
		if _, ok := wanted[name]; !ok {
			names = append(names, name)
		}
		wanted[name] = "CREATE INDEX " + quoted(name) + " ON resource (" + f.sql + ") WHERE kind = " + literal(x.Kind) + " AND deleted = 0"
		db.indexes[x] = quoted(name)
	}
	var stale []string
	have := map[string]bool{}
	err := c.each("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND substr(name, 1, 3) = 'by:'", func(r row) {
		if name := r.text(0); wanted[name] == r.text(1) {
			have[name] = true
		} else {
			stale = append(stale, name)
		}
	})
	if err != nil {
		return err
	}
	var script strings.Builder
	for _, name := range stale {
		script.WriteString("DROP INDEX " + quoted(name) + ";")
	}
	for _, name := range names {
		if !have[name] {
			script.WriteString(wanted[name] + ";")
		}
	}
	if script.Len() == 0 {
		return nil
	}
	if err := c.script("SAVEPOINT indexes;" + script.String() + "RELEASE indexes"); err != nil {
		return fmt.Errorf("indexes: %w", err)
	}
	return nil
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// indexFor names the index that a query should walk, "" if the planner may choose.
func (db *DB) indexFor(q Query) string {
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
