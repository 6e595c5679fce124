package sandbox

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math"
	"slices"
	"strings"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/openapi"
)

// window is the page asked for, and what became of it.
type window struct {
	limit  int
	first  int    // number of the first page
	passed int    // objects before it
	next   string // cursor of the page after it, "" = there is none
	more   bool
	back   bool // it goes before an object, not after one

	n    int // objects on it
	last string
}

// value is one of the numbers that a list reply may show.
func (w window) value(field string, total int) int64 {
	switch field {
	case "pages":
		return int64((total + w.limit - 1) / w.limit)
	case "total":
		return int64(total)
	case "limit":
		return int64(w.limit)
	case "offset":
		return int64(w.passed)
	}
	return int64(w.passed/w.limit + w.first)
}

// compilePages finds how long the pages of a list are and what its reply says
// about them.
func (b *Binding) compilePages() {
	pages := b.pages
	b.size, b.most = cmp.Or(pages.Size, maxLookup), pages.Max // a dialect that has no pages shows all
	b.whole = true
	for _, param := range b.Plan.Params {
		if param.In != "query" || !slices.Contains(pages.Params(), param.Name) {
			continue
		}
		switch param.Name {
		case pages.Window: // whose limits stand in the contract
			b.size = number(param.Schema.Default(), b.size)
			b.most = max(b.most, number(string(param.Schema.Field("maximum")), b.most))
			b.whole = false
		case pages.Page, pages.Limit, pages.Cursor, pages.Offset, pages.After, pages.Before:
			b.whole = false
		}
		if b.fitted {
			b.fitPage(&param)
		}
	}
	if b.whole {
		b.size, b.most = maxLookup, maxLookup
	} else if b.fitted && b.size == maxLookup {
		b.size = usualSize
	}
	for path, part := range pages.Fields {
		if part == "next" || part == "more" {
			object, name, inner := strings.Cut(path, ".")
			if inner && b.schema.Has(object) {
				b.goesOn = b.goesOn || b.schema.Property(object).Has(name)
			}
			b.goesOn = b.goesOn || b.schema.Has(path)
		}
	}
}

// window reads which page a request asks for.
func (a *act) window(b *Binding, c *Call, q *store.Query) (w window, err error) {
	pages := b.pages
	asked := func(name string) any {
		if name == "" {
			return nil
		}
		return c.Values.Query[name]
	}
	w.first = 1
	if b.zero {
		w.first = 0
	}
	w.limit = number(asked(pages.Window), number(asked(pages.Limit), b.size))
	if b.most > 0 {
		w.limit = min(w.limit, b.most)
	}
	w.limit = max(w.limit, 1)
	q.Limit = w.limit
	for _, name := range []string{pages.After, pages.Before} {
		if id := asked(name); id != nil && id != "" {
			w.back = name == pages.Before
			return w, a.from(b, q, name, idText(id), w.back)
		}
	}
	if cursor := asked(pages.Cursor); cursor != nil {
		for _, other := range []string{pages.Page, pages.Offset} {
			if asked(other) != nil {
				return w, a.badCursor(b, "exclusive", "either "+pages.Cursor+" or "+other, "both")
			}
		}
		text, _ := cursor.(string)
		w.passed, err = a.goOn(b, c, q, text)
		return w, err
	}
	if skip := asked(pages.Offset); skip != nil {
		w.passed = max(number(skip, 0), 0)
	} else {
		page := min(max(number(asked(pages.Page), w.first), w.first), math.MaxInt/w.limit) // a page beyond all is empty, not the first
		w.passed = (page - w.first) * w.limit
	}
	q.Offset = w.passed
	if !b.fitted && b.schema != nil && b.schema.Type() == "array" && (pages.Page == "" || asked(pages.Limit) == nil) {
		q.Limit, q.Offset = maxLookup, 0 // a bare array has no pages
	}
	return w, nil
}

func (a *act) badCursor(b *Binding, rule, expected, got string) error {
	pointer := "/query/" + b.pages.Cursor
	return a.p.Refuse(ReasonInvalid, "", openapi.Violation{Pointer: pointer, Rule: rule, Expected: expected, Got: got})
}

// spot is what a cursor holds: where the page before it ended. It names the
// last object by what does not depend on timing, so that equal runs give equal
// cursors. A value that cannot be carried around is read again from the row.
type spot struct {
	Passed  int      `json:"p"`
	ID      string   `json:"d"`
	Created int64    `json:"c"`
	Int     *int64   `json:"i,omitempty"`
	Float   *float64 `json:"f,omitempty"`
	Text    *string  `json:"t,omitempty"`
	Long    bool     `json:"l,omitempty"`
}

const maxCarried = 512

// ended notes where a page of n objects ended.
func (a *act) ended(b *Binding, c *Call, q store.Query, page *window, last int64, n int, more bool) (err error) {
	if page.more = more; more {
		page.next, err = a.cursor(b, c, q, last, page.passed+n)
	}
	return err
}

// cursor seals the place of the last object of a page.
func (a *act) cursor(b *Binding, c *Call, q store.Query, last int64, passed int) (string, error) {
	mark, place, err := a.conn.MarkOf(q, last)
	if err != nil {
		return "", err
	}
	at := spot{Passed: passed, ID: mark.ID, Created: mark.Created}
	switch v := place.Value.(type) {
	case int64:
		at.Int = &v
	case float64:
		if at.Long = math.IsInf(v, 0); !at.Long { // JSON has no name for what is beyond all
			at.Float = &v
		}
	case string:
		if at.Long = len(v) > maxCarried; !at.Long {
			at.Text = &v
		}
	}
	text, err := json.Marshal(at)
	if err != nil {
		return "", err
	}
	key, label, err := a.cursorKey(b, c)
	return base64.RawURLEncoding.EncodeToString(seal(key, label, text)), err
}

// goOn lets a query go on where a cursor says, and tells how many objects came
// before.
func (a *act) goOn(b *Binding, c *Call, q *store.Query, cursor string) (passed int, err error) {
	key, label, err := a.cursorKey(b, c)
	if err != nil {
		return 0, err
	}
	// Other spellings of the same bytes are not ours.
	sealed, err := base64.RawURLEncoding.DecodeString(cursor)
	var text []byte
	ok := err == nil && base64.RawURLEncoding.EncodeToString(sealed) == cursor
	if ok {
		text, ok = unseal(key, label, sealed)
	}
	var at spot
	var place store.Place
	if ok {
		if err := json.Unmarshal(text, &at); err != nil {
			return 0, err
		}
		if place, ok, err = a.conn.PlaceOf(*q, store.Mark{ID: at.ID, Created: at.Created}); err != nil {
			return 0, err
		}
	}
	if !ok {
		return 0, a.badCursor(b, "cursor", "what a page of this list gave, asked for with the same filters and order", "another cursor")
	}
	switch { // where it stood then, not where it went
	case at.Long:
	case at.Int != nil:
		place.Value = *at.Int
	case at.Float != nil:
		place.Value = *at.Float
	case at.Text != nil:
		place.Value = *at.Text
	default:
		place.Value = nil
	}
	q.Past = &place
	return at.Passed, nil
}

// cursorKey is the sandbox's key, and the list that a cursor is good for: whose
// it is, what it is asked for and in which order, but not how long a page is.
func (a *act) cursorKey(b *Binding, c *Call) (key [32]byte, label string, err error) {
	asked := make(map[string]any, len(c.Values.Query))
	for name, v := range c.Values.Query {
		if !slices.Contains(b.pages.Params(), name) && name != "include" {
			asked[name] = v
		}
	}
	list, err := json.Marshal([]any{a.p.Name(), b.Op.Key(), a.owner, c.Values.Path, asked})
	if err != nil {
		return key, "", err
	}
	text, ok, err := a.conn.Meta(metaCursors)
	if err != nil {
		return key, "", err
	}
	if raw, err := hex.DecodeString(text); ok && err == nil && len(raw) == len(key) {
		return [32]byte(raw), string(list), nil
	}
	return a.s.seedFor(metaCursors), string(list), nil
}

// metaCursors is the key that the file's cursors are sealed with. It stays with
// the file: a cursor outlives the process that gave it.
const metaCursors = "cursors"

func (s *Sandbox) keepCursors(tx *store.Tx) error {
	key := s.seedFor(metaCursors)
	return tx.SetMeta(metaCursors, hex.EncodeToString(key[:]))
}
