package sandbox

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/openapi"
)

// fitPage takes from the contract what it says about a parameter that chooses
// a page.
func (b *Binding) fitPage(param *openapi.Param) {
	switch param.Name {
	case b.pages.Limit:
		b.size = number(param.Schema.Default(), b.size)
		b.most = max(b.most, number(string(param.Schema.Field("maximum")), 0))
	case b.pages.Page:
		first := param.Schema.Field("minimum")
		if v := param.Schema.Default(); v != nil {
			b.zero = number(v, 1) == 0
		} else {
			b.zero = string(first) == "0"
		}
	}
}

// usualSize is how long a page is where neither the contract nor the request
// says.
const usualSize = 20

// from lets a list begin after an object, or end before it.
func (a *act) from(b *Binding, q *store.Query, param, id string, back bool) error {
	pointer := "/query/" + param
	o, err := a.known(b.kind, id)
	if err != nil {
		return err
	}
	if o == nil || q.Parent != "" && o.row.Parent != q.Parent {
		return a.missing(b.kind, pointer, id)
	}
	if back {
		q.Oldest, q.Descending = !q.Oldest, !q.Descending
	}
	_, place, err := a.conn.MarkOf(*q, o.row.Seq)
	q.Past = &place
	return err
}

// displayed renders the objects of one page, comma separated; stored bytes are
// taken as they are where nothing about them must change.
func (a *act) displayed(b *Binding, c *Call, q store.Query, page *window) ([]byte, error) {
	if len(c.includes(b.kind)) > 0 {
		a.introduce(c)
	}
	if !page.back && !b.refit && b.kind.speak["api"] == nil && len(c.includes(b.kind)) == 0 && len(c.expands(b)) == 0 {
		if !b.goesOn {
			return a.conn.Joined(q)
		}
		out, last, n, more, err := a.conn.Page(q)
		if err != nil || n == 0 {
			return nil, err
		}
		page.n = n
		return out, a.finished(b, c, q, page, last, more)
	}
	limit := q.Limit
	q.Limit++
	rows, err := a.conn.Resources(q)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	more := len(rows) > limit
	rows = rows[:min(len(rows), limit)]
	if page.n = len(rows); page.back {
		slices.Reverse(rows)
		page.more = more
	} else if q.Limit = limit; true {
		if err := a.finished(b, c, q, page, rows[len(rows)-1].Seq, more); err != nil {
			return nil, err
		}
	}
	var out []byte
	for i, row := range rows {
		o, err := openObject(b.kind, row)
		if err != nil {
			return nil, err
		}
		one, err := a.display(b, c, o)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, one...)
	}
	return out, nil
}

// finished notes where a page ended.
func (a *act) finished(b *Binding, c *Call, q store.Query, page *window, last int64, more bool) (err error) {
	if page.more = more; !more {
		return nil
	}
	if b.pages.Cursor != "" {
		page.next, err = a.cursor(b, c, q, last, page.passed+page.n)
		return err
	}
	if b.pages.After != "" {
		mark, _, err := a.conn.MarkOf(q, last)
		page.last = mark.ID
		return err
	}
	return nil
}

// listed puts a page into the reply.
func (a *act) listed(b *Binding, c *Call, q store.Query, page window, items []byte) ([]byte, error) {
	list := append(append(append(make([]byte, 0, len(items)+2), '['), items...), ']')
	if b.frame == nil {
		if b.schema != nil && formOf(b.schema, "array") == nil && b.schema.Type() != "" {
			return a.unlisted(b, list)
		}
		return list, nil
	}
	n := numbers{act: a, q: q, page: page, total: -1}
	n.q.Past = nil
	return b.frame.write(make([]byte, 0, len(list)+128), func(part framed) ([]byte, bool, error) {
		if part.fill == fillBody {
			return list, true, nil
		}
		return n.part(b, c, part)
	})
}

// unlisted makes the reply of a list that has no place for one.
func (a *act) unlisted(b *Binding, list []byte) ([]byte, error) {
	v, bad := openapi.DecodeOwn(list)
	if bad != nil {
		return list, nil
	}
	if all, ok := v.([]any); ok && len(all) > 0 {
		v = all[0]
	} else {
		v = map[string]any{}
	}
	o := object{kind: b.kind, row: store.Resource{ID: b.Op.Key()}}
	return openapi.Marshal(b.schema.Fit(v, o.faker()), b.schema)
}

// part is one of the values that a list reply may show.
func (n *numbers) part(b *Binding, c *Call, part framed) (raw []byte, ok bool, err error) {
	var v any
	switch part.fill {
	case "more":
		v = n.page.more
	case "next":
		v = n.next(b, c, part.as)
	case "prev":
		v = n.previous(b, c, part.as)
	case "url":
		v = urlPath(c.Target)
		if len(part.as.Validate(v, "")) > 0 {
			v = c.Base + urlPath(c.Target)
		}
	case "count":
		v = int64(n.page.n)
	default:
		if n.total < 0 {
			if n.total, err = n.conn.CountResources(n.q); err != nil {
				return nil, false, err
			}
		}
		v = n.page.value(part.fill, n.total)
	}
	if count, is := v.(int64); is && part.as.Type() == "string" {
		v = strconv.FormatInt(count, 10)
	}
	if len(part.as.Validate(plainJSON(v), "")) > 0 {
		v = ""
		if part.as.Nullable() {
			v = nil
		} else if len(part.as.Validate(v, "")) > 0 {
			raw := b.constant(part.name, part.as, part.must)
			return raw, raw != nil, nil
		}
	}
	raw, err = openapi.Marshal(v, part.as)
	return raw, true, err
}

// plainJSON is a value as a decoder would have given it.
func plainJSON(v any) any {
	if n, ok := v.(int64); ok {
		return jsonNumber(strconv.FormatInt(n, 10))
	}
	return v
}

func urlPath(target string) string {
	path, _, _ := strings.Cut(target, "?")
	return path
}

// next says how to go on: with a cursor, a number, or a link; nil = there is
// no more.
func (n *numbers) next(b *Binding, c *Call, s *openapi.Schema) any {
	if !n.page.more {
		return nil
	}
	pages, to := b.pages, map[string]string{}
	switch {
	case pages.Cursor != "":
		to[pages.Cursor] = n.page.next
	case pages.After != "":
		to[pages.After] = n.page.last
	case pages.Offset != "":
		to[pages.Offset] = itoa(n.page.passed + n.page.limit)
	case pages.Page != "":
		to[pages.Page] = itoa(n.page.passed/n.page.limit + n.page.first + 1)
	default:
		return nil
	}
	return n.leading(c, s, to, pages.Before)
}

// previous says how to go back, nil = nowhere.
func (n *numbers) previous(b *Binding, c *Call, s *openapi.Schema) any {
	pages, to := b.pages, map[string]string{}
	switch {
	case n.page.passed == 0:
		return nil
	case pages.Offset != "":
		to[pages.Offset] = itoa(max(n.page.passed-n.page.limit, 0))
	case pages.Page != "":
		to[pages.Page] = itoa(n.page.passed/n.page.limit + n.page.first - 1)
	default:
		return nil
	}
	return n.leading(c, s, to, "")
}

// leading is where to go in the form that a property has: the parameter's
// value, or a link with it.
func (n *numbers) leading(c *Call, s *openapi.Schema, to map[string]string, drop string) any {
	for name, value := range to {
		format := s.Format()
		if isNumeric(s) {
			return jsonNumber(value)
		}
		if format != "uri" && format != "url" && format != "uri-reference" && !linkName(s) {
			if form := formOf(s, "string"); form != nil && len(s.Validate(value, "")) == 0 {
				return value
			}
		}
		path, query, _ := strings.Cut(c.Target, "?")
		values, err := url.ParseQuery(query)
		if err != nil {
			values = url.Values{}
		}
		values.Set(name, value)
		values.Del(drop)
		return c.Base + path + "?" + values.Encode()
	}
	return nil
}

// linkName reports a property whose example shows that it is a link.
func linkName(s *openapi.Schema) bool {
	example, _ := s.Example().(string)
	return strings.Contains(example, "?") || strings.HasPrefix(example, "http")
}

// sought is the newest object that a request describes where its path names
// none.
func (a *act) sought(b *Binding, c *Call, parent string) (*object, error) {
	q := store.Query{Kind: b.kind.Name, Owner: a.scopeOwner(b.kind), Limit: 1}
	b.kind.under(b.inside(), parent, &q)
	conds, err := a.conditions(b, c)
	if err != nil {
		return nil, err
	}
	body, _ := c.Values.Body.(map[string]any)
	if id := idText(body[b.kind.nature.idField]); id != "" && b.Op.Method != "GET" {
		conds = append(conds, store.Cond{Path: "id", Op: "=", Value: id})
	}
	q.Where = append(q.Where, conds...)
	rows, err := a.conn.Resources(q)
	switch {
	case err != nil:
		return nil, err
	case len(rows) > 0:
		return a.open(b.kind, rows[0])
	case !a.s.w.Invents():
		return nil, a.missing(b.kind, "/query", "")
	case a.tx == nil:
		return nil, errWrite
	}
	return a.makeNew(draft{kind: b.kind, from: b.kind.retained(a.wished(b, c)), outer: b.inside(), parent: parent})
}

// wished is what the filters of a request say about an object.
func (a *act) wished(b *Binding, c *Call) map[string]any {
	from := map[string]any{}
	for i := range b.filters {
		f := &b.filters[i]
		if v := c.Values.Query[f.Param]; f.Op == "=" && v != nil && single(v) && !strings.Contains(f.Field, ".") && b.kind.schema != nil {
			from[f.Field] = a.suited(v, b.kind.schema.Property(f.Field), maxSuit)
		}
	}
	return from
}

// imagined is the page of a kind of which there was never one: where unknown
// ids are made, so is the one object that fits what is asked for.
func (a *act) imagined(b *Binding, c *Call, q store.Query, page *window) ([]byte, error) {
	if a.s.w.o.UnknownIDs != "create" || !b.fitted || page.passed > 0 || q.Past != nil {
		return nil, nil
	}
	if ever, err := a.conn.Ever(q.Kind, q.Parent); ever || err != nil {
		return nil, err
	}
	if a.tx == nil {
		return nil, errWrite
	}
	parent, err := a.enclosing(b, c)
	if err != nil {
		return nil, err
	}
	if _, err := a.makeNew(draft{kind: b.kind, from: a.wished(b, c), outer: b.inside(), parent: parent}); err != nil {
		return nil, err
	}
	return a.displayed(b, c, q, page)
}
