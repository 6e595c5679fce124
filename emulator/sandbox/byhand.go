package sandbox

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/scenarios"
)

// ResourceView is a stored object as the control API shows it: its public
// body, and the moves that a person may make of it now.
type ResourceView struct {
	Provider string          `json:"provider"`
	Kind     string          `json:"kind"`
	ID       string          `json:"id"`
	Status   string          `json:"status,omitempty"`
	Moves    []string        `json:"moves"`
	Created  time.Time       `json:"created"`
	Updated  time.Time       `json:"updated"`
	Body     json.RawMessage `json:"body"`
}

// ResourceFilter narrows Resources. Kind must be given.
type ResourceFilter struct{ Provider, Kind, ID, Status string }

// ErrNotAllowed says that a move does not fit a resource as it is.
var ErrNotAllowed = errors.New("the move does not fit")

// Resources lists stored objects of a kind, newest first.
func (s *Sandbox) Resources(f ResourceFilter, limit int, cursor string) (views []ResourceView, next string, err error) {
	p, kind, err := s.kindWith(f.Provider, f.Kind, f.ID)
	if err != nil {
		return nil, "", err
	}
	q := store.Query{Kind: kind.Name, Limit: limit + 1}
	if q.Before, err = readCursor(cursor); err != nil {
		return nil, "", err
	}
	for path, value := range map[string]string{"id": f.ID, "status": f.Status} {
		if value != "" {
			q.Where = append(q.Where, store.Cond{Path: path, Op: "=", Value: value})
		}
	}
	slices.SortFunc(q.Where, func(a, b store.Cond) int { return strings.Compare(a.Path, b.Path) })
	g, err := s.pin()
	if err != nil {
		return nil, "", err
	}
	defer s.unpin()
	err = g.db.View(func(c *store.Conn) error {
		rows, err := c.Resources(q)
		if err != nil {
			return err
		}
		if len(rows) > limit {
			rows = rows[:limit]
			next = writeCursor(rows[limit-1].Seq)
		}
		a := s.newAct(g, p, c, nil, s.time().Now())
		for i := range rows {
			v, err := a.offer(kind, &rows[i])
			if err != nil {
				return err
			}
			views = append(views, v)
		}
		return nil
	})
	return views, next, err
}

func viewResource(kind *Kind, row *store.Resource) ResourceView {
	provider, short, _ := strings.Cut(kind.Name, "/")
	v := ResourceView{
		Provider: provider, Kind: short, ID: row.ID, Status: row.Status, Moves: []string{},
		Created: instantOf(row.Created), Updated: instantOf(row.Updated), Body: json.RawMessage(row.Body),
	}
	if len(v.Body) == 0 {
		v.Body = json.RawMessage("{}")
	}
	return v
}

// offer says which moves a person may make of an object now: those that fit
// it, and need nothing from a caller.
func (a *act) offer(kind *Kind, row *store.Resource) (ResourceView, error) {
	v := viewResource(kind, row)
	o, err := openObject(kind, *row)
	if err != nil {
		return v, err
	}
	for _, name := range sortedKeys(kind.moves) {
		m := kind.moves[name]
		if !m.fits(row.Status) || m.needsCaller() {
			continue
		}
		ok, err := a.wants(o, m)
		if err != nil {
			continue // its condition asks for what only a caller knows
		}
		if ok {
			v.Moves = append(v.Moves, name)
		}
	}
	return v, nil
}

// needsCaller reports a move that works on what its caller hands over.
func (m *move) needsCaller() bool {
	return strings.Contains(m.spec.When, "with.") || mentions(m.spec.Set, "with.") || slices.ContainsFunc(m.spec.Then, stepNeedsCaller)
}

func stepNeedsCaller(s scenarios.Step) bool {
	if mentions(s.Set, "with.") || mentions(s.With, "with.") || slices.ContainsFunc(s.Do, stepNeedsCaller) {
		return true
	}
	for _, text := range []string{s.When, s.Each, s.ID} {
		if strings.Contains(text, "with.") {
			return true
		}
	}
	return slices.ContainsFunc(s.Let, func(l scenarios.Let) bool { return mentions(l.Value, "with.") })
}

// kindOf finds a kind by its provider's name; with one provider that may be
// left out.
func (s *Sandbox) kindOf(provider, short string) (*Provider, *Kind, error) {
	p := s.w.providers[provider]
	if provider == "" {
		for _, one := range s.w.Providers() {
			if !one.has(short) {
				continue
			}
			if p != nil {
				return nil, nil, &Invalid{"/provider", fmt.Sprintf("more than one provider has a %q; say which", short)}
			}
			p = one
		}
		if p == nil {
			return nil, nil, &Invalid{"/kind", fmt.Sprintf("no provider has a %q", short)}
		}
	}
	if p == nil {
		return nil, nil, &Invalid{"/provider", fmt.Sprintf("%q is not being served", provider)}
	}
	if !p.has(short) {
		return nil, nil, &Invalid{"/kind", fmt.Sprintf("%s has no %q%s", p.Name(), short, scenarios.Suggest(short, p.kindNames()))}
	}
	kind, err := p.Kind(short)
	if err == nil && kind.table != nil {
		return nil, nil, &Invalid{"/kind", fmt.Sprintf("the rows of %s are the engine's own, not stored objects; list events or deliveries", short)}
	}
	return p, kind, err
}

// Move makes a move of the machine by hand, as a timer or an operation would.
func (s *Sandbox) Move(ctx context.Context, provider, short, id, name string, with map[string]any) (view ResourceView, err error) {
	p, kind, err := s.kindWith(provider, short, id)
	if err != nil {
		return view, err
	}
	if kind.moves[name] == nil {
		return view, &Invalid{"/move", fmt.Sprintf("%s has no move %q%s", short, name, scenarios.Suggest(name, sortedKeys(kind.moves)))}
	}
	g, err := s.pin()
	if err != nil {
		return view, err
	}
	defer s.unpin()
	var a *act
	err = g.db.Write(ctx, func(tx *store.Tx) error {
		a = s.newAct(g, p, tx.Conn, tx, s.time().Now())
		a.by = doer{who: byControl, operation: "move " + name}
		o, err := a.get(kind, id)
		if err != nil {
			return err
		}
		if o == nil {
			return fmt.Errorf("%s %q: %w", short, id, ErrNotFound)
		}
		a.owner = o.row.Owner
		if err := a.with("with", with, func() error { return a.moveBy(o, []string{name}) }); err != nil {
			if errors.Is(err, errNoMove) {
				return notAllowed(o, kind.moves[name])
			}
			return err
		}
		view, err = a.offer(kind, &o.row)
		return err
	})
	if err != nil {
		return view, err
	}
	s.committed(a)
	return view, nil
}

// notAllowed says why a move does not fit: by the state, or by its condition.
func notAllowed(o *object, m *move) error {
	if m.fits(o.row.Status) {
		return fmt.Errorf("%w: %s is %s, which would do, but a condition of %s is not met", ErrNotAllowed, o.kind.Short, cmp.Or(o.row.Status, "there"), m.name)
	}
	return fmt.Errorf("%w: %s is %s, and %s fits %s", ErrNotAllowed, o.kind.Short, o.row.Status, m.name, strings.Join(m.from, ", "))
}
