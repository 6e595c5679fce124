package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

func (a *act) first(kind *Kind) (store.Resource, bool, error) {
	rows, err := a.conn.Resources(store.Query{Kind: kind.Name, Owner: a.scopeOwner(kind), Limit: 1})
	if err != nil || len(rows) == 0 {
		return store.Resource{}, false, err
	}
	return rows[0], true, nil
}

func doList(a *act, b *Binding, c *Call) (result, error) {
	reply, err := listStraight(a, b, c)
	if err != nil {
		return result{}, err
	}
	return result{raw: reply.Body}, nil
}

// listStraight pages through a kind and joins the stored bytes.
func listStraight(a *act, b *Binding, c *Call) (*Reply, error) {
	q, page, err := a.query(b, c)
	if err != nil {
		return nil, err
	}
	items, err := a.items(b, q)
	if err != nil {
		return nil, err
	}
	reply := &Reply{Status: b.success, Media: b.media}
	if b.items == "" {
		reply.Body = append(append(append(make([]byte, 0, len(items)+2), '['), items...), ']')
		return reply, nil
	}
	reply.Body, err = a.envelope(b, q, page, items)
	return reply, err
}

// items renders one page, comma separated; stored bytes are taken as they are
// where nothing about them must change.
func (a *act) items(b *Binding, q store.Query) ([]byte, error) {
	if b.view == nil && b.kind.speak["api"] == nil {
		return a.conn.Joined(q)
	}
	rows, err := a.conn.Resources(q)
	if err != nil {
		return nil, err
	}
	schema := itemSchema("list", b.schema)
	var out []byte
	for i, row := range rows {
		o, err := openObject(b.kind, row)
		if err != nil {
			return nil, err
		}
		item, err := o.project("api", b.view, schema)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, item...)
	}
	return out, nil
}

// envelope writes the list beside the numbers that its schema has room for.
func (a *act) envelope(b *Binding, q store.Query, page window, items []byte) ([]byte, error) {
	out := append(make([]byte, 0, len(items)+128), '{')
	total := -1
	for _, property := range b.schema.Properties() {
		field := a.p.Scenario.Dialect.Pages.Fields[property]
		if property != b.items && field == "" {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(strconv.AppendQuote(out, property), ':')
		if property == b.items {
			out = append(append(append(out, '['), items...), ']')
			continue
		}
		if total < 0 {
			var err error
			if total, err = a.conn.CountResources(q); err != nil {
				return nil, err
			}
		}
		out = strconv.AppendInt(out, page.value(field, total), 10)
	}
	return append(out, '}'), nil
}

// window is the page asked for.
type window struct{ page, limit int }

// value is one of the numbers that a list reply may show.
func (w window) value(field string, total int) int64 {
	switch field {
	case "pages":
		return int64((total + w.limit - 1) / w.limit)
	case "total":
		return int64(total)
	case "limit":
		return int64(w.limit)
	}
	return int64(w.page)
}

// query turns query parameters into a window and conditions.
func (a *act) query(b *Binding, c *Call) (store.Query, window, error) {
	pages := a.p.Scenario.Dialect.Pages
	size := cmp.Or(pages.Size, maxLookup) // a dialect that has no pages shows all
	w := window{page: number(c.Values.Query[pages.Page], 1), limit: number(c.Values.Query[pages.Limit], size)}
	if pages.Max > 0 {
		w.limit = min(w.limit, pages.Max)
	}
	w.limit = max(w.limit, 1)
	w.page = min(max(w.page, 1), math.MaxInt/w.limit) // a page beyond all is empty, not the first
	q := store.Query{Kind: b.kind.Name, Owner: a.scopeOwner(b.kind), Oldest: b.Spec.Oldest, Limit: w.limit}
	if b.schema == nil || b.schema.Type() != "array" || pages.Page != "" && c.Values.Query[pages.Limit] != nil {
		q.Offset = (w.page - 1) * w.limit
	} else {
		q.Limit = maxLookup // a bare array has no pages
	}
	if b.set != nil { // conditions computed by the scenario
		err := b.set.EvalFields(&a.env, func(field string, v any) error {
			q.Where = append(q.Where, store.Cond{Path: field, Op: "=", Value: plain(v)})
			return nil
		})
		if err != nil {
			return q, w, err
		}
	}
	for _, name := range sortedKeys(b.filters) {
		if v, ok := c.Values.Query[name]; ok && v != nil {
			f := b.filters[name]
			if f.Op == "has" {
				q.Where = append(q.Where, members(f.Field, v)...)
				continue
			}
			cond, err := a.condition(b.kind, f, v)
			if err != nil {
				return q, w, err
			}
			q.Where = append(q.Where, cond)
		}
	}
	for _, name := range sortedKeys(c.Values.Path) { // children of the path
		if f, ok := b.filters[name]; !ok && b.kind.shape[name] {
			q.Where = append(q.Where, store.Cond{Path: name, Op: "=", Value: plain(c.Values.Path[name])})
		} else if ok {
			cond, err := a.condition(b.kind, f, c.Values.Path[name])
			if err != nil {
				return q, w, err
			}
			q.Where = append(q.Where, cond)
		}
	}
	return q, w, nil
}

// condition reads one filter; a status may be said in any vocabulary, times
// may be dates or instants, lists may be comma separated.
func (a *act) condition(kind *Kind, f scenarios.Filter, v any) (store.Cond, error) {
	field, op := f.Field, f.Op
	if op == "" {
		op = "="
	}
	if field == kind.spec.Status.Field && field != "" {
		if states, ok := kind.states[fmt.Sprint(v)]; ok {
			return store.Cond{Path: "status", Op: "in", Value: anys(states)}, nil
		}
		field = "status"
	}
	if field == "created" || field == "updated" {
		t, ok := parseInstant(fmt.Sprint(v), op)
		if !ok {
			pointer := "/query/" + f.Param
			return store.Cond{}, a.p.Refuse(ReasonInvalid, "", openapi.Violation{
				Pointer: pointer, Rule: "format",
				Expected: "a date or an instant", Got: openapi.Show(pointer, v),
			})
		}
		return store.Cond{Path: field, Op: op, Value: t.UnixMilli()}, nil
	}
	if s, ok := v.(string); ok && op == "in" {
		return store.Cond{Path: field, Op: op, Value: anys(strings.Split(s, ","))}, nil
	}
	return store.Cond{Path: field, Op: op, Value: plain(v)}, nil
}

// members asks for a stored list of texts that has every text asked for. The
// store sees the list as its JSON, where a member stands between quotes.
func members(field string, v any) []store.Cond {
	asked, ok := v.([]any)
	if !ok {
		asked = []any{v}
	}
	var conds []store.Cond
	for _, one := range asked {
		conds = append(conds, store.Cond{Path: field, Op: "contains", Value: strconv.Quote(fmt.Sprint(one))})
	}
	return conds
}

func anys(ss []string) []any {
	out := make([]any, len(ss))
	for i, s := range ss {
		out[i] = strings.TrimSpace(s)
	}
	return out
}

func number(v any, fallback int) int {
	if v == nil {
		return fallback
	}
	n, err := strconv.Atoi(fmt.Sprint(v))
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return fallback
	}
	return n
}
