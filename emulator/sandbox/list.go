package sandbox

import (
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
	items, err := a.items(b, c, q, &page)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		if items, err = a.imagined(b, c, q, &page); err != nil {
			return nil, err
		}
	}
	reply := &Reply{Status: b.success, Media: b.media}
	if b.fitted && b.schema == nil {
		return reply, nil
	}
	if b.fitted {
		reply.Body, err = a.listed(b, c, q, page, items)
		return reply, err
	}
	if b.items == "" {
		reply.Body = append(append(append(make([]byte, 0, len(items)+2), '['), items...), ']')
		return reply, nil
	}
	if reply.Body, err = a.envelope(b, q, page, items); err == nil && a.p.Scenario.Infer {
		reply.Body, err = a.completed(b, reply.Body)
	}
	return reply, err
}

// items renders one page, comma separated; stored bytes are taken as they are
// where nothing about them must change.
func (a *act) items(b *Binding, c *Call, q store.Query, page *window) ([]byte, error) {
	if b.fitted {
		return a.displayed(b, c, q, page)
	}
	include := c.includes(b.kind)
	if include != nil || b.kind.table != nil {
		a.introduce(c)
	}
	if b.kind.table == nil && b.view == nil && b.kind.speak["api"] == nil && include == nil {
		if !b.goesOn {
			return a.conn.Joined(q)
		}
		out, last, n, more, err := a.conn.Page(q)
		if err != nil {
			return nil, err
		}
		return out, a.ended(b, c, q, page, last, n, more)
	}
	if b.goesOn {
		q.Limit++
	}
	rows, err := a.found(b.kind, q, b.view)
	if err != nil {
		return nil, err
	}
	if b.goesOn {
		q.Limit--
		n := min(len(rows), q.Limit)
		if n > 0 {
			err = a.ended(b, c, q, page, rows[n-1].Seq, n, n < len(rows))
		}
		if rows = rows[:n]; err != nil {
			return nil, err
		}
	}
	return a.rendered(b, rows, include)
}

func (a *act) rendered(b *Binding, rows []store.Resource, include []let) ([]byte, error) {
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

// envelope writes the list beside the numbers that its schema has room for,
// and what the operation's own reply says.
func (a *act) envelope(b *Binding, q store.Query, page window, items []byte) ([]byte, error) {
	n := numbers{act: a, q: q, page: page, total: -1, fields: b.pages.Fields}
	n.q.Past = nil
	if b.reply != nil {
		said, err := b.reply.Eval(&a.env)
		if err != nil {
			return nil, err
		}
		n.said, _ = said.(map[string]any)
	}
	out := append(make([]byte, 0, len(items)+128), '{')
	for _, property := range b.schema.Properties() {
		if property == b.items {
			out = appendName(out, property)
			out = append(append(append(out, '['), items...), ']')
			continue
		}
		var err error
		if out, err = n.write(out, property, "", b.schema.Property(property), n.said); err != nil {
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
	total int            // -1 = not counted yet
	said  map[string]any // by the operation's reply

	fields map[string]string
}

// write adds a property that the dialect or the operation gives a value, or an
// object of such.
func (n *numbers) write(out []byte, property, prefix string, schema *openapi.Schema, said map[string]any) ([]byte, error) {
	if field := n.fields[prefix+property]; field != "" {
		return n.number(appendName(out, property), field)
	}
	value := said[property]
	inside, _ := value.(map[string]any)
	if prefix != "" || schema.Type() != "object" {
		if value == nil {
			return out, nil
		}
		raw, err := openapi.Marshal(value, schema)
		return append(appendName(out, property), raw...), err
	}
	inner := []byte{'{'}
	for _, name := range schema.Properties() {
		var err error
		if inner, err = n.write(inner, name, property+".", schema.Property(name), inside); err != nil {
			return nil, err
		}
	}
	if len(inner) == 1 {
		return out, nil
	}
	return append(append(appendName(out, property), inner...), '}'), nil
}

// number adds one of the values that a list reply may show.
func (n *numbers) number(out []byte, field string) ([]byte, error) {
	switch {
	case field == "more":
		return strconv.AppendBool(out, n.page.more), nil
	case field == "next" && n.page.next == "":
		return append(out, "null"...), nil
	case field == "next":
		return strconv.AppendQuote(out, n.page.next), nil
	}
	if n.total < 0 {
		var err error
		if n.total, err = n.conn.CountResources(n.q); err != nil {
			return nil, err
		}
	}
	return strconv.AppendInt(out, n.page.value(field, n.total), 10), nil
}

// appendName begins the next member of an object.
func appendName(out []byte, name string) []byte {
	if out[len(out)-1] != '{' {
		out = append(out, ',')
	}
	return append(strconv.AppendQuote(out, name), ':')
}

// query turns query parameters into a window and conditions.
func (a *act) query(b *Binding, c *Call) (q store.Query, w window, err error) {
	q = store.Query{Kind: b.kind.Name, Owner: a.scopeOwner(b.kind), Oldest: b.Spec.Oldest}
	parent, err := a.enclosing(b, c)
	if err != nil {
		return q, w, err
	}
	b.kind.under(b.inside(), parent, &q)
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
	if err := a.order(b, c, &q); err != nil {
		return q, w, err
	}
	w, err = a.window(b, c, &q)
	return q, w, err
}

// order reads which property a list is sorted by.
func (a *act) order(b *Binding, c *Call, q *store.Query) error {
	pages := b.pages
	q.Sort, q.Descending = b.kind.path(b.sort), b.descending
	if pages.Sort == "" && (pages.Order == "" || !b.fitted) {
		return nil
	}
	if b.fitted {
		a.sorted(b, c, q)
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
