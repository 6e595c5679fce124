package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// people are rows with the values that filters meet: text, numbers, decimals as text, booleans, null, missing.
var people = []struct{ id, owner, parent, status, body, hidden string }{
	{"1", "ana", "p1", "NEW", `{"name":"João Álvares","amount":100,"text":"100","active":true,"code":"1","one":1,"day":"2026-01-05","data":{"email":"Joao@Example.com"},"big":12345678901234567890,"dec":10.10}`, `{"usd":5}`},
	{"2", "ana", "p1", "DONE", `{"name":"Maria","amount":100.5,"text":"9.50","active":false,"code":"2","one":true,"day":"2026-02-01","data":{"email":"m@x.y"},"a-b":"dash","dec":"10.10"}`, ``},
	{"3", "bob", "p2", "NEW", `{"name":"o'Neil","amount":-3,"text":"-3","active":"true","code":"01","one":"1","day":null,"tags":["red","blue"]}`, `{"usd":7}`},
	{"4", "bob", "", "GONE", ``, ``},
	{"5", "", "", "", `{"name":"ZÉ 100%","amount":"100","one":0,"nothing":null}`, ``},
}

func peopleDB(t *testing.T, o Options) *DB {
	db := fresh(t, o)
	write(t, db, func(tx *Tx) error {
		for i, p := range people {
			r := Resource{
				Kind: "person", ID: p.id, Owner: p.owner, Parent: p.parent, Status: p.status, Body: []byte(p.body), Hidden: []byte(p.hidden),
				Created: instant + int64(i), Updated: instant,
			}
			other := Resource{Kind: "it's other", ID: p.id, Owner: p.owner, Body: []byte(p.body), Created: instant}
			gone := Resource{Kind: "person", ID: "gone" + p.id, Owner: p.owner, Parent: p.parent, Status: p.status, Body: []byte(p.body), Created: instant}
			if err := errors.Join(tx.InsertResource(&r), tx.InsertResource(&other), tx.InsertResource(&gone), tx.RemoveResource("person", gone.ID, 0)); err != nil {
				return err
			}
		}
		return nil
	})
	return db
}

func TestConditions(t *testing.T) {
	var indexes []Index
	for _, path := range []string{"name", "amount", "text", "active", "one", "status", "data.email", "hidden.usd", "a-b", "code", "created"} {
		indexes = append(indexes, Index{"person", path})
	}
	plain, indexed := peopleDB(t, Options{}), peopleDB(t, Options{Indexes: indexes})
	for _, tt := range []struct {
		path, op string
		value    any
		want     string // ids, oldest first
	}{
		{"status", "=", "NEW", "1 3"},
		{"status", "!=", "NEW", "2 4 5"},
		{"status", "in", []any{"NEW", "DONE", "X"}, "1 2 3"},
		{"status", "in", []any{}, ""},
		{"status", "=", nil, "5"},
		{"status", "contains", "on", "2 4"},
		{"id", "=", "3", "3"},
		{"id", "=", int64(3), "3"},
		{"id", "in", []any{"5", int64(1)}, "1 5"},
		{"id", ">", "3", "4 5"},
		{"owner", "=", "bob", "3 4"},
		{"parent", "=", "p1", "1 2"},
		{"created", ">=", instant + 3, "4 5"},
		{"created", "<", json.Number(fmt.Sprint(instant + 1)), "1"},
		{"created", "=", fmt.Sprint(instant + 1), "2"},
		{"created", "=", "yesterday", ""},
		{"created", "!=", "yesterday", "1 2 3 4 5"},
		{"created", ">", "yesterday", ""},
		{"name", "=", "Maria", "2"},
		{"name", "=", "o'Neil", "3"},
		{"name", "=", "' OR 1=1 --", ""},
		{"name", "!=", "Maria", "1 3 4 5"},
		{"name", "contains", "AR", "1 2"},
		{"name", "contains", "álv", "1"},
		{"name", "contains", "ÁLVARES", "1"},
		{"name", "contains", "zé", "5"},
		{"name", "contains", "0%", "5"},
		{"name", "contains", "_", ""},
		{"name", "contains", "", "1 2 3 5"},
		{"name", "contains", nil, ""},
		{"name", "=", nil, "4"},
		{"name", "!=", nil, "1 2 3 5"},
		{"data.email", "=", "m@x.y", "2"},
		{"data.email", "contains", "EXAMPLE", "1"},
		{"a-b", "=", "dash", "2"},
		{"hidden.usd", "=", int64(7), "3"},
		{"hidden.usd", ">", int64(5), "3"},
		{"tags", "contains", "blue", "3"},
		// numbers
		{"amount", "=", int64(100), "1 5"},
		{"amount", "=", 100, "1 5"},
		{"amount", "=", "100", "1 5"},
		{"amount", "=", json.Number("100.0"), "1"},
		{"amount", "=", json.Number("100.5"), "2"},
		{"amount", "=", json.Number("1.005e2"), "2"},
		{"amount", "!=", "100", "2 3 4"},
		{"amount", ">", "99", "1 2 5"},
		{"amount", ">", int64(100), "2"},
		{"amount", "<", json.Number("0"), "3"},
		{"amount", "<=", "-3", "3"},
		{"amount", ">", nil, ""},
		{"amount", ">", true, ""},
		{"amount", "in", []any{int64(-3), "100.5"}, "2 3"},
		{"text", ">", "9", "1 2"},
		{"text", ">", int64(9), "1 2"},
		{"text", "<", "0", "3"},
		{"text", "=", "9.50", "2"},
		{"text", "=", json.Number("9.5"), ""},
		{"dec", "=", json.Number("10.10"), "1 2"},
		{"dec", "=", json.Number("10.1"), "1"},
		{"big", "=", json.Number("12345678901234567890"), "1"},
		{"code", "=", "01", "3"},
		{"code", "=", "1", "1"},
		{"day", ">=", "2026-01-31", "2"},
		{"day", "<", "2027", "1 2"},
		{"day", "=", nil, "3 4 5"},
		// booleans: 1 is not true, "true" from a URL is
		{"active", "=", true, "1"},
		{"active", "=", "true", "1 3"},
		{"active", "=", false, "2"},
		{"active", "=", "false", "2"},
		{"active", "=", int64(1), ""},
		{"active", "=", "0", ""},
		{"active", "!=", true, "2 3 4 5"},
		{"active", "in", []any{true, false}, "1 2"},
		{"active", "in", []any{true, nil}, "1 4 5"},
		{"one", "=", int64(1), "1 3"},
		{"one", "=", "1", "1 3"},
		{"one", "=", true, "2"},
		{"one", "=", "true", "2"},
		{"one", "=", false, ""},
		{"one", "=", int64(0), "5"},
		{"one", "in", []any{true, int64(0)}, "2 5"},
		{"one", "in", []any{"x", "1", "true"}, "1 2 3"},
		{"nothing", "=", nil, "1 2 3 4 5"},
		{"no.such.thing", "=", "x", ""},
	} {
		for name, db := range map[string]*DB{"plain": plain, "indexed": indexed} {
			view(t, db, func(c *Conn) error {
				q := Query{Kind: "person", Oldest: true, Where: []Cond{{tt.path, tt.op, tt.value}}}
				rows, err := c.Resources(q)
				if got := strings.Join(ids(rows), " "); got != tt.want || err != nil {
					t.Errorf("%s: %s %s %#v: got %q, want %q, %v", name, tt.path, tt.op, tt.value, got, tt.want, err)
				}
				if n, err := c.CountResources(q); n != len(rows) || err != nil {
					t.Errorf("%s: %s %s %v: counted %d of %d, %v", name, tt.path, tt.op, tt.value, n, len(rows), err)
				}
				return nil
			})
		}
	}
}

func TestConditionRefusals(t *testing.T) {
	db := peopleDB(t, Options{})
	for _, c := range []Cond{
		{`name') OR 1=1 --`, "=", "x"},
		{`a"b`, "=", "x"},
		{"", "=", "x"},
		{"a..b", "=", "x"},
		{"hidden.", "=", "x"},
		{"náme", "=", "x"},
		{"name", "like", "x"},
		{"name", "", "x"},
		{"name", "=", 1.5},
		{"name", "=", []any{"x"}},
		{"name", "in", "x"},
		{"name", "in", []any{[]any{}}},
		{"name", "<", struct{}{}},
	} {
		view(t, db, func(conn *Conn) error {
			_, err := conn.Resources(Query{Kind: "person", Where: []Cond{c}})
			if !errors.Is(err, ErrQuery) {
				t.Errorf("%+v: %v", c, err)
			}
			return nil
		})
	}
}

func TestPages(t *testing.T) {
	db := peopleDB(t, Options{})
	var seqs []int64
	view(t, db, func(c *Conn) error {
		rows, err := c.Resources(Query{Kind: "person"})
		for _, r := range rows {
			seqs = append(seqs, r.Seq)
		}
		return err
	})
	for _, tt := range []struct {
		q    Query
		want string
		n    int
	}{
		{Query{}, "5 4 3 2 1", 5},
		{Query{Oldest: true}, "1 2 3 4 5", 5},
		{Query{Limit: 2}, "5 4", 5},
		{Query{Limit: 2, Offset: 3}, "2 1", 5},
		{Query{Offset: 4}, "1", 5},
		{Query{Offset: 9, Limit: 1}, "", 5},
		{Query{Owner: "ana"}, "2 1", 2},
		{Query{Owner: "ana", Limit: 1, Oldest: true}, "1", 2},
		{Query{Owner: "nobody"}, "", 0},
		{Query{Parent: "p1"}, "2 1", 2},
		{Query{Parent: "p2", Owner: "ana"}, "", 0},
		{Query{Before: seqs[1]}, "3 2 1", 3},
		{Query{After: seqs[1]}, "5", 1},
		{Query{Before: seqs[0], After: seqs[4], Oldest: true}, "2 3 4", 3},
		{Query{Owner: "bob", Where: []Cond{{"status", "=", "NEW"}, {"amount", "<", "0"}}}, "3", 1},
		{Query{Kind: "it's other", Owner: "ana"}, "2 1", 2},
		{Query{Kind: "it's other", Where: []Cond{{"name", "=", "Maria"}}}, "2", 1},
		{Query{Kind: "none"}, "", 0},
	} {
		if tt.q.Kind == "" {
			tt.q.Kind = "person"
		}
		view(t, db, func(c *Conn) error {
			rows, err := c.Resources(tt.q)
			if got := strings.Join(ids(rows), " "); got != tt.want || err != nil || rows == nil {
				t.Errorf("%+v: got %q, want %q, %v", tt.q, got, tt.want, err)
			}
			if n, err := c.CountResources(tt.q); n != tt.n || err != nil {
				t.Errorf("%+v: counted %d, want %d, %v", tt.q, n, tt.n, err)
			}
			return nil
		})
	}
}

func TestIndexes(t *testing.T) {
	db := peopleDB(t, Options{Indexes: []Index{{"person", "data.email"}, {"person", "status"}, {"person", "status"}, {"it's other", "name"}}})
	plan := func(db *DB, q Query) (text string) {
		view(t, db, func(c *Conn) error {
			s, err := c.resources(resourceColumns, q)
			if err != nil {
				return err
			}
			s.page("seq DESC", 20, 0)
			s.sql = append([]byte("EXPLAIN QUERY PLAN "), s.sql...)
			return c.run(s, func(r row) { text += r.text(3) + "\n" })
		})
		return text
	}
	for _, tt := range []struct {
		q    Query
		want string
		sort bool
	}{
		{Query{}, "resource_kind (kind=?)", false},
		{Query{Owner: "ana"}, "resource_owner (kind=? AND owner=?)", false},
		{Query{Parent: "p1", Owner: "ana"}, "resource_parent (kind=? AND parent=?)", false},
		{Query{Owner: "ana", Where: []Cond{{"data.email", "=", "x"}}}, "by:person:data.email (<expr>=?)", false},
		{Query{Where: []Cond{{"data.email", "=", "1"}}}, "by:person:data.email (<expr>=?)", true},
		{Query{Where: []Cond{{"data.email", "in", []any{"a", "b", "c"}}}}, "by:person:data.email (<expr>=?)", true},
		{Query{Owner: "ana", Where: []Cond{{"status", "=", "NEW"}}}, "by:person:status (status=?)", false},
		{Query{Owner: "ana", Where: []Cond{{"id", "=", "1"}}}, "resource_id (id=? AND kind=?)", false},
		{Query{Kind: "it's other", Where: []Cond{{"name", "=", "x"}}}, "by:it's other:name (<expr>=?)", false},
		{Query{Where: []Cond{{"name", "=", "x"}}}, "resource_kind (kind=?)", false},
	} {
		if tt.q.Kind == "" {
			tt.q.Kind = "person"
		}
		got := plan(db, tt.q)
		if !strings.Contains(got, tt.want) || strings.Contains(got, "TEMP B-TREE") != tt.sort {
			t.Errorf("%+v: %s", tt.q, got)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := Open(db.Path(), Options{Indexes: []Index{{"person", "name"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	names := []string{}
	view(t, db, func(c *Conn) error {
		return c.each("SELECT name FROM sqlite_schema WHERE type = 'index' AND name LIKE 'by:%'", func(r row) { names = append(names, r.text(0)) })
	})
	if got := strings.Join(names, " "); got != "by:person:name" {
		t.Errorf("after another list of indexes: %s", got)
	}
}

func TestShapesAreBounded(t *testing.T) {
	db := peopleDB(t, Options{MaxReaders: 1})
	view(t, db, func(c *Conn) error {
		for i := range 3 * maxShapes {
			rows, err := c.Resources(Query{Kind: "person", Where: []Cond{{fmt.Sprint("p", i), "=", nil}}})
			if err != nil || len(rows) != len(people) {
				t.Fatal(len(rows), err)
			}
		}
		if len(c.shapes) > maxShapes {
			t.Errorf("%d statements kept", len(c.shapes))
		}
		return nil
	})
}

// TestLongLists: what an expression may hold fits into one statement, numbers too.
func TestLongLists(t *testing.T) {
	db := fresh(t, Options{Indexes: []Index{{"k", "n"}}})
	write(t, db, func(tx *Tx) error {
		r := noise("k", "a", "")
		r.Body = []byte(`{"n":1}`)
		return tx.InsertResource(r)
	})
	values := make([]any, 10_000)
	for i := range values {
		values[i] = int64(i)
	}
	for _, path := range []string{"n", "id", "m"} {
		if got, want := count(t, db, Query{Kind: "k", Where: []Cond{{path, "in", values}}}), map[string]int{"n": 1}[path]; got != want {
			t.Errorf("%s: %d rows, want %d", path, got, want)
		}
	}
}

// TestNothingFits asks for what cannot be, beside a condition that an index
// serves: SQLite finds no plan when it is told to use that index.
func TestNothingFits(t *testing.T) {
	db, err := Create(filepath.Join(t.TempDir(), "x.db"), Options{Indexes: []Index{{"k", "a"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, none := range []Cond{
		{"b", "in", []any{}},
		{Op: "any", Value: []Cond{}},
		{"b", ">", nil},
		{"b", "contains", nil},
		{"b", "in", []any{nil}},
		{"b", "=", true},
		{"b", "<", true},
		{"created", "=", "soon"},
		{"created", ">", "soon"},
		{"updated", "in", []any{"soon", true}},
		{Op: "any", Value: []Cond{{"b", ">", nil}, {"created", "=", "soon"}}},
	} {
		for _, seek := range []Cond{{"id", "=", "x"}, {"id", "in", []any{"x", "y"}}, {"a", "=", "x"}} {
			err := db.View(func(c *Conn) error {
				q := Query{Kind: "k", Where: []Cond{seek, none}}
				if rows, err := c.Resources(q); err != nil || len(rows) > 0 {
					return fmt.Errorf("%v %v: %d rows, %w", seek, none, len(rows), err)
				}
				_, err := c.CountResources(q)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
	}
}
