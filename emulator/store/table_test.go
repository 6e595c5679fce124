package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Events and deliveries of two providers and three owners, one of which is nobody.
func eventful(t *testing.T, n int) (db *DB, events []Event, deliveries []Delivery) {
	db = fresh(t, Options{})
	rnd := rand.New(rand.NewPCG(1, 2))
	pick := func(words ...string) string { return words[rnd.IntN(len(words))] }
	write(t, db, func(tx *Tx) error {
		for i := range n {
			e := Event{
				ID: fmt.Sprintf("e%d", i), Provider: pick("one", "one", "two"), Owner: pick("ana", "bob", ""), Family: pick("invoice", "payment"),
				Action: pick("paid", "created"), Kind: pick("invoice", "payment"), Resource: pick("r1", "r2", "r3"),
				Data: []byte(`{"a":` + fmt.Sprint(i) + `}`), Created: instant + int64(rnd.IntN(10)),
			}
			if err := tx.InsertEvent(&e); err != nil {
				return err
			}
			events = append(events, e)
			for j := range rnd.IntN(3) {
				d := Delivery{
					ID: fmt.Sprintf("d%d.%d", i, j), Event: e.ID, Endpoint: pick("p1", "p2"), Status: pick("pending", "succeeded", "failed"), Attempts: rnd.IntN(3),
					URL: "http://x", Created: e.Created, Updated: e.Created + int64(rnd.IntN(5)),
				}
				if err := tx.InsertDelivery(&d); err != nil {
					return err
				}
				deliveries = append(deliveries, d)
			}
		}
		return nil
	})
	return db, events, deliveries
}

// values are a row as the model of a query sees it.
func eventValues(e Event) map[string]any {
	return map[string]any{
		"id": e.ID, "provider": e.Provider, "owner": e.Owner, "family": e.Family, "action": e.Action, "type": e.Family + "." + e.Action,
		"kind": e.Kind, "resource": e.Resource, "created": e.Created, "seq": e.Seq,
	}
}

func deliveryValues(d Delivery, e Event) map[string]any {
	m := eventValues(e)
	for name, v := range map[string]any{
		"id": d.ID, "event": e.ID, "endpoint": d.Endpoint, "status": d.Status, "url": d.URL, "attempts": int64(d.Attempts), "due": d.Due,
		"created": d.Created, "updated": d.Updated, "seq": d.Seq,
	} {
		m[name] = v
	}
	return m
}

// holds is one condition, slowly.
func holds(m map[string]any, c Cond) bool {
	switch c.Op {
	case "any":
		return slices.ContainsFunc(c.Value.([]Cond), func(one Cond) bool { return holds(m, one) })
	case "in":
		return slices.Contains(c.Value.([]any), m[c.Path])
	case "!=":
		return m[c.Path] != c.Value
	case ">=":
		return m[c.Path].(int64) >= c.Value.(int64)
	case "<=":
		return m[c.Path].(int64) <= c.Value.(int64)
	}
	return m[c.Path] == c.Value
}

func modelRows(all []map[string]any, q Query) []int64 {
	var fit []map[string]any
	for _, m := range all {
		mine := q.Owner == "" || m["owner"] == "" || m["owner"] == q.Owner
		if m["provider"] == q.Provider && mine && !slices.ContainsFunc(q.Where, func(c Cond) bool { return !holds(m, c) }) {
			fit = append(fit, m)
		}
	}
	slices.SortStableFunc(fit, func(a, b map[string]any) int {
		order := 0
		if q.Sort != "" {
			order = strings.Compare(fmt.Sprint(a[q.Sort]), fmt.Sprint(b[q.Sort])) // widths are equal
			if q.Descending {
				order = -order
			}
		}
		if order != 0 {
			return order
		}
		age := int(a["seq"].(int64) - b["seq"].(int64))
		if !q.Oldest {
			age = -age
		}
		return age
	})
	var out []int64
	for i, m := range fit {
		if i >= q.Offset && (q.Limit == 0 || len(out) < q.Limit) {
			out = append(out, m["seq"].(int64))
		}
	}
	return out
}

func TestTablesAgainstAModel(t *testing.T) {
	db, events, deliveries := eventful(t, 120)
	models := map[string][]map[string]any{}
	byID := map[string]Event{}
	for _, e := range events {
		byID[e.ID] = e
		models[TableEvent] = append(models[TableEvent], eventValues(e))
	}
	for _, d := range deliveries {
		models[TableDelivery] = append(models[TableDelivery], deliveryValues(d, byID[d.Event]))
	}
	both := []Cond{
		{"type", "=", "invoice.paid"},
		{"family", "=", "payment"},
		{"family", "in", []any{"payment", "other"}},
		{"kind", "=", "invoice"},
		{"resource", "=", "r2"},
		{"created", ">=", instant + 4},
		{"created", "<=", instant + 6},
		{"id", "=", "e7"},
		{"type", "!=", "invoice.paid"},
		{"", "any", []Cond{{"type", "=", "payment.paid"}, {"family", "=", "invoice"}}},
	}
	owed := []Cond{
		{"event", "=", "e3"},
		{"event", "in", []any{"e3", "e4", "e5"}},
		{"event", "!=", "e3"},
		{"endpoint", "=", "p2"},
		{"status", "=", "failed"},
		{"status", "in", []any{"failed", "pending"}},
		{"attempts", "=", int64(1)},
		{"updated", ">=", instant + 8},
		{"id", "=", "d3.0"},
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	rounds := 1500
	if raced {
		rounds = 100
	}
	for range rounds {
		q := Query{Table: TableEvent, Provider: []string{"one", "two", "three"}[rnd.IntN(3)], Owner: []string{"", "ana", "bob", "eve"}[rnd.IntN(4)]}
		conds, sorts := both, []string{"", "", "created", "type", "kind"}
		if rnd.IntN(2) == 0 {
			q.Table = TableDelivery
			conds, sorts = append(slices.Clone(both), owed...), append(sorts, "status", "updated", "attempts")
		}
		for range rnd.IntN(3) {
			q.Where = append(q.Where, conds[rnd.IntN(len(conds))])
		}
		q.Sort, q.Descending, q.Oldest = sorts[rnd.IntN(len(sorts))], rnd.IntN(2) == 0, rnd.IntN(2) == 0
		q.Limit, q.Offset = rnd.IntN(8), rnd.IntN(4)
		want := modelRows(models[q.Table], q)
		view(t, db, func(c *Conn) error {
			got, err := c.Rows(q)
			if err != nil {
				return err
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Fatalf("%+v: %s", q, d)
			}
			n, err := c.CountResources(q)
			q.Limit, q.Offset = 0, 0
			if all := len(modelRows(models[q.Table], q)); n != all {
				t.Fatalf("%+v: counted %d of %d", q, n, all)
			}
			return err
		})
	}
}

// A count that was remembered is not shown once something was added or has changed.
func TestTableCountsAreFresh(t *testing.T) {
	db, events, deliveries := eventful(t, 20)
	counts := func(q Query) int { return count(t, db, q) }
	q := Query{Table: TableDelivery, Provider: "one", Where: []Cond{{"status", "=", "lost"}}}
	all := Query{Table: TableEvent, Provider: events[0].Provider}
	before := counts(all)
	if n := counts(q); n != 0 {
		t.Fatalf("%d are lost", n)
	}
	at := slices.IndexFunc(deliveries, func(d Delivery) bool {
		return slices.ContainsFunc(events, func(e Event) bool { return e.ID == d.Event && e.Provider == "one" })
	})
	write(t, db, func(tx *Tx) error {
		deliveries[at].Status = "lost"
		return tx.UpdateDelivery(&deliveries[at])
	})
	if n := counts(q); n != 1 {
		t.Errorf("%d are lost after the change", n)
	}
	write(t, db, func(tx *Tx) error {
		e := events[0]
		e.ID = "new"
		return tx.InsertEvent(&e)
	})
	if n := counts(all); n != before+1 {
		t.Errorf("%d events, not %d", n, before+1)
	}
}

// plan is how SQLite goes about a query of a table.
func plan(t *testing.T, c *Conn, columns string, q Query) string {
	t.Helper()
	s, err := c.rows(columns, q)
	if err != nil {
		t.Fatal(err)
	}
	order, err := q.order()
	if err != nil {
		t.Fatal(err)
	}
	if columns == "seq" {
		s.page(order, q.Limit, q.Offset)
	}
	s.sql = append([]byte("EXPLAIN QUERY PLAN "), s.sql...)
	var all []string
	if err := c.run(s, func(r row) { all = append(all, r.text(3)) }); err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, "; ")
}

// Lists and counts of events touch the index alone, in its order: 100,000 bodies are not read to show twenty.
func TestListsReadNoBodies(t *testing.T) {
	db, _, _ := eventful(t, 10)
	view(t, db, func(c *Conn) error {
		for _, where := range [][]Cond{
			nil, {{"type", "=", "invoice.paid"}}, {{"family", "=", "invoice"}, {"created", ">=", instant}}, {{"resource", "=", "r1"}, {"kind", "=", "invoice"}},
		} {
			for _, owner := range []string{"", "ana"} {
				for _, table := range []string{TableEvent, TableDelivery} {
					for _, columns := range []string{"seq", "count(*)"} {
						got := plan(t, c, columns, Query{Table: table, Provider: "one", Owner: owner, Where: where, Limit: 20})
						if !strings.Contains(got, "COVERING INDEX event_list") || strings.Contains(got, "TEMP B-TREE") || strings.Contains(got, "CO-ROUTINE") || strings.Contains(got, "MATERIALIZE") {
							t.Errorf("%s of %s where %v: %s", columns, table, where, got)
						}
					}
				}
			}
		}
		if got := plan(t, c, "seq", Query{Table: TableDelivery, Provider: "one", Where: []Cond{{"event", "=", "e1"}}}); !strings.Contains(got, "delivery_event") {
			t.Errorf("deliveries of one event: %s", got)
		}
		return nil
	})
}

func TestTablesRefuseWhatTheyLack(t *testing.T) {
	db, _, _ := eventful(t, 1)
	view(t, db, func(c *Conn) error {
		for _, q := range []Query{
			{Table: "attempt"}, {Table: TableEvent, Where: []Cond{{"data.x", "=", "1"}}}, {Table: TableEvent, Sort: "status"},
		} {
			if _, err := c.Rows(q); err == nil {
				t.Errorf("%+v was answered", q)
			}
		}
		return nil
	})
}
