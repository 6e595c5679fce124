package scenarios

import (
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// The engine's own tables that a resource may stand for. Its rows are the
// engine's: operations read and list them, and no rule changes them.
const (
	TableEvent    = "event"
	TableDelivery = "delivery"
)

// RowNames are the names that a resource's `show` sees beside the fixed ones.
var RowNames = []string{"row"}

// TableRows are the members of `row`.
var TableRows = map[string][]string{
	TableEvent: {
		"id", "type", "family", "action", "kind", "resource", "owner", "data", "previous", "created", "deliveries",
		"body", // what a webhook says
	},
	TableDelivery: {
		"id", "event", "type", "kind", "resource", "owner", "endpoint", "url", "status", "attempts", "due", "created", "updated", "warning",
		"log", "last", // attempts, and the newest of them
	},
}

// TableFields are what rows can be chosen and ordered by.
var TableFields = map[string][]string{
	TableEvent: {"id", "type", "family", "action", "kind", "resource", "owner", "created"},
	TableDelivery: {
		"id", "event", "type", "family", "action", "kind", "resource", "owner", "endpoint", "url", "status", "attempts", "due", "created", "updated",
	},
}

// tableVerbs are what operations may do with a table, and with which.
var tableVerbs = map[string]string{"read": "", "list": "", "redeliver": TableDelivery, "replay": TableEvent}

// notOfTables are the keys of a resource that is stored by rules.
var notOfTables = []string{
	"alias", "defaults", "emit", "endpoint", "id", "index", "moves", "owner", "references", "singleton", "status", "survives", "then", "unique",
}

func (l *loader) completeResource(n ast.Node, r *Resource, what string, read map[string]pair) {
	if r.Table == "" {
		l.idForms(read["id"], r.ID)
		if p, ok := read["show"]; ok {
			l.fail(p.key, "show belongs to a resource with a table")
		}
		return
	}
	if r.Show.IsZero() {
		l.fail(n, "%s has a table and does not say how its rows are shown (show:)", what)
	}
	for _, name := range notOfTables {
		if p, ok := read[name]; ok {
			l.fail(p.key, "%s has a table; %s is for objects of its own", what, name)
		}
	}
}

// table is the table that a kind stands for, "" = none.
func (c *check) table(kind string) string {
	if r := c.s.Resource(kind); r != nil {
		return r.Table
	}
	return ""
}

// show checks how rows of a table are shown.
func (c *check) show(r *Resource) {
	if r.Table == "" {
		return
	}
	row := "row of " + r.Table
	c.shapes[row] = TableRows[r.Table]
	c.template(r.Show, scope{}.with("row", row))
}

// column checks a value that rows of a table are chosen by. It reports whether
// the kind has a table.
func (c *check) column(line int, what, kind, path string) bool {
	table := c.table(kind)
	if known := TableFields[table]; table != "" && !slices.Contains(known, path) {
		c.fail(line, "%s: rows of %s have no %q to be chosen by%s", what, table, path, suggest(path, known))
	}
	return table != ""
}

// rows checks that an operation does with its kind what its table allows.
func (c *check) rows(o *Operation, what string, in scope) {
	table := c.table(o.Kind)
	of, allowed := tableVerbs[o.Verb]
	switch {
	case table != "" && !allowed:
		c.fail(o.Line, "%s: the rows of %s are not made by rules; they have %s", what, table, strings.Join(slices.Sorted(maps.Keys(tableVerbs)), ", "))
	case of != "" && table != of:
		c.fail(o.Line, "%s: %s is for a resource with table: %s", what, o.Verb, of)
	}
	c.expression(o.Line, o.To, in)
	if o.To != "" {
		c.refusal(o.Line, what+", to", "reference")
		c.refusal(o.Line, what+", to", "state")
	}
}
