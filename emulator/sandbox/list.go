package sandbox

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

func (a *act) first(kind *Kind) (store.Resource, bool, error) {
	rows, err := a.found(kind, store.Query{Kind: kind.Name, Owner: a.scopeOwner(kind), Limit: 1}, nil)
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
	items, err := a.items(b, c, q)
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
func (a *act) items(b *Binding, c *Call, q store.Query) ([]byte, error) {
	include := c.includes(b.kind)
	if include != nil || b.kind.table != nil {
		a.introduce(c)
	}
	if b.kind.table == nil && b.view == nil && b.kind.speak["api"] == nil && include == nil {
		return a.conn.Joined(q)
	}
	rows, err := a.found(b.kind, q, b.view)
	if err != nil {
		return nil, err
	}
	var out []byte
	for i, row := range rows {
		o, err := openObject(b.kind, row)
		if err != nil {
			return nil, err
		}
		item, err := a.shown(b, o, include)
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
	n := numbers{act: a, q: q, page: page, total: -1}
	out := append(make([]byte, 0, len(items)+128), '{')
	for _, property := range b.schema.Properties() {
		if property == b.items {
			out = appendName(out, property)
			out = append(append(append(out, '['), items...), ']')
			continue
		}
		var err error
		if out, err = n.write(out, property, "", b.schema.Property(property)); err != nil {
			return nil, err
		}
	}
	return append(out, '}'), nil
}

// numbers are what a list reply says about its pages.
type numbers struct {
	*act
	q     store.Query
	page  window
	total int // -1 = not counted yet
}

// write adds a property that the dialect gives a number, or an object of such.
func (n *numbers) write(out []byte, property, prefix string, schema *openapi.Schema) ([]byte, error) {
	fields := n.p.Scenario.Dialect.Pages.Fields
	if field := fields[prefix+property]; field != "" {
		if n.total < 0 {
			var err error
			if n.total, err = n.conn.CountResources(n.q); err != nil {
				return nil, err
			}
		}
		return strconv.AppendInt(appendName(out, property), n.page.value(field, n.total), 10), nil
	}
	if prefix != "" || schema.Type() != "object" {
		return out, nil
	}
	inner := []byte{'{'}
	for _, name := range schema.Properties() {
		var err error
		if inner, err = n.write(inner, name, property+".", schema.Property(name)); err != nil {
			return nil, err
		}
	}
	if len(inner) == 1 {
		return out, nil
	}
	return append(append(appendName(out, property), inner...), '}'), nil
}

// appendName begins the next member of an object.
func appendName(out []byte, name string) []byte {
	if out[len(out)-1] != '{' {
		out = append(out, ',')
	}
	return append(strconv.AppendQuote(out, name), ':')
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
	if b.whole {
		size, pages.Max = maxLookup, maxLookup
	}
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
			q.Where = append(q.Where, equals(b.kind.path(field), v))
			return nil
		})
		if err != nil {
			return q, w, err
		}
	}
	conds, err := a.conditions(b, c)
	if err != nil {
		return q, w, err
	}
	q.Where = append(q.Where, conds...)
	q = a.asking(b.kind, q)
	return q, w, a.order(b, c, &q)
}

// order reads which property a list is sorted by.
func (a *act) order(b *Binding, c *Call, q *store.Query) error {
	pages := a.p.Scenario.Dialect.Pages
	q.Sort, q.Descending = b.kind.path(b.sort), b.descending
	if pages.Sort == "" {
		return nil
	}
	asked, _ := c.Values.Query[pages.Sort].(string)
	direction, _ := c.Values.Query[pages.Order].(string)
	ascending := strings.EqualFold(direction, "asc")
	if asked == "" {
		q.Oldest = q.Oldest || ascending
		q.Descending = q.Descending && !ascending
		return nil
	}
	q.Descending = !ascending
	d := a.p.Scenario.Dialect
	switch {
	case b.kind.table != nil:
		return a.orderRows(b, asked, q)
	case asked == d.Created:
		q.Sort, q.Oldest = "", !q.Descending
	case asked == d.Updated:
		q.Sort = "updated"
	case b.kind.sortable(asked):
		q.Sort, q.Oldest = asked, !q.Descending
	default:
		pointer := "/query/" + pages.Sort
		return a.p.Refuse(ReasonInvalid, "", openapi.Violation{
			Pointer: pointer, Rule: "enum", Expected: "one of " + strings.Join(b.kind.sortables(), ", "), Got: openapi.Show(pointer, asked),
		})
	}
	if q.Sort == asked {
		q.Sort = b.kind.path(asked)
	}
	return nil
}

// sortable reports a property that has an order: not an object, not a list.
func (k *Kind) sortable(name string) bool {
	if k.schema == nil || !k.schema.Has(name) {
		return false
	}
	if d := k.table; d != nil && !d.fields[name] {
		return false
	}
	t := k.schema.Property(name).Type()
	return t != "object" && t != "array" && t != ""
}

func (k *Kind) sortables() []string {
	if k.schema == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(k.schema.Properties()), func(name string) bool { return !k.sortable(name) })
}

func number(v any, fallback int) int {
	if v == nil {
		return fallback
	}
	d, err := scenarios.ParseDecimal(fmt.Sprint(v))
	if err != nil {
		return fallback
	}
	if n, whole := d.Int64(); whole {
		return int(min(max(n, math.MinInt32), math.MaxInt32))
	}
	if d.Cmp(scenarios.NewDecimal(math.MaxInt32)) > 0 {
		return math.MaxInt32
	}
	return fallback
}
