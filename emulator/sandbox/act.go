package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/scenarios"
)

// act is one piece of work at one instant: a request, a timer or a seed. Every
// action runs on an act; only acts with a transaction may change anything.
type act struct {
	s     *Sandbox
	g     *generation
	p     *Provider
	conn  *store.Conn
	tx    *store.Tx // nil while only reading
	now   time.Time
	owner string
	who   *Identity // of a request
	by    doer      // for the audit log
	env   scenarios.Env
	quiet bool // seeds make no events

	due    int64            // earliest timer added, 0 = none
	forget bool             // identities may have changed
	ran    map[string]int64 // timed moves that this act made, and the instants that they were for
	depth  int              // of steps within steps
	moving string           // "move NAME", while one is about to be saved

	refusal  *Refusal // of a request whose traces are kept
	callback string   // id of the callback that was taken in

	objects map[string]*object // those that were opened, by kind and id; only while changing
}

func (s *Sandbox) newAct(g *generation, p *Provider, conn *store.Conn, tx *store.Tx, now time.Time) *act {
	a := &act{s: s, g: g, p: p, conn: conn, tx: tx, now: now}
	a.env = scenarios.Env{
		Now: now, Lookup: lookup{a}, Random: (*stream)(nil).lazy(a), KeyHead: s.keyHead(p),
		Vars: map[string]any{"now": now, "config": p.Config, "data": p.Scenario.Data, "contract": p.aboutContract()},
	}
	return a
}

func (a *act) ms() int64 { return a.now.UnixMilli() }

func (a *act) vars() map[string]any { return a.env.Vars }

// with runs f while a name is bound, then restores what it was.
func (a *act) with(name string, value any, f func() error) error {
	old, had := a.env.Vars[name]
	a.env.Vars[name] = value
	err := f()
	if had {
		a.env.Vars[name] = old
	} else {
		delete(a.env.Vars, name)
	}
	return err
}

// get reads one live resource that the act's owner may see.
func (a *act) get(kind *Kind, id string) (*object, error) {
	if kind.table != nil {
		return a.rowOf(kind, id)
	}
	if o := a.objects[timerRef(kind.Name, id)]; o != nil && a.mine(kind, o.row.Owner) {
		return o, nil
	}
	row, ok, err := a.conn.Resource(kind.Name, id)
	if err == nil && !ok && kind.spec.Alias != "" && id != "" {
		row, ok, err = a.conn.FindResource(kind.Name, a.scopeOwner(kind), kind.spec.Alias, id)
	}
	if err != nil || !ok || !a.mine(kind, row.Owner) {
		return nil, err
	}
	return a.open(kind, row)
}

// open gives the object of a row. While something is being changed there is
// one object for each row, however often it is asked for: all that happens at
// one instant sees the same.
func (a *act) open(kind *Kind, row store.Resource) (*object, error) {
	if a.tx == nil || kind.table != nil {
		return openObject(kind, row)
	}
	if o := a.objects[timerRef(kind.Name, row.ID)]; o != nil {
		return o, nil
	}
	o, err := openObject(kind, row)
	if err == nil {
		a.hold(o)
	}
	return o, err
}

// hold makes an object the one of its row.
func (a *act) hold(o *object) {
	if a.objects == nil {
		a.objects = map[string]*object{}
	}
	a.objects[timerRef(o.kind.Name, o.row.ID)] = o
}

// parameters evaluates what a caller gives to a move.
func (a *act) parameters(with *scenarios.Value) (any, error) {
	if with == nil {
		return map[string]any{}, nil
	}
	return with.Eval(&a.env)
}

// mine reports whether rows of an owner belong to this act.
func (a *act) mine(kind *Kind, owner string) bool {
	return kind.owner == nil || a.owner == "" || owner == a.owner
}

// scopeOwner is the owner that a query of a kind is limited to.
func (a *act) scopeOwner(kind *Kind) string {
	if kind.owner == nil {
		return ""
	}
	return a.owner
}

// ownerOf evaluates whose a new resource is.
func (a *act) ownerOf(kind *Kind) (string, error) {
	if kind.owner == nil {
		return "", nil
	}
	v, err := kind.owner.Eval(&a.env)
	if err != nil {
		return "", err
	}
	if s, ok := v.(string); ok && s != "" {
		return s, nil
	}
	return a.owner, nil
}

// addTimer schedules work and remembers the earliest, for the wake-up after
// commit.
func (a *act) addTimer(t store.Timer) error {
	if _, err := a.tx.AddTimer(t); err != nil {
		return err
	}
	if a.due == 0 || t.Due < a.due {
		a.due = t.Due
	}
	return nil
}

// lookup lets expressions ask the store; they see only what the owner may.
type lookup struct{ a *act }

func (l lookup) kind(short string) (*Kind, error) { return l.a.p.Kind(short) }

func (l lookup) Find(short, field string, value any) (map[string]any, error) {
	kind, err := l.kind(short)
	if err != nil || value == nil {
		return nil, err
	}
	row, ok, err := l.a.findBy(kind, field, value)
	if err != nil || !ok {
		return nil, err
	}
	o, err := l.a.open(kind, row)
	if err != nil {
		return nil, err
	}
	return o.vars(), nil
}

// maxLookup bounds what one expression may pull in.
const maxLookup = 10_000

func (l lookup) query(short string, where map[string]any) (*Kind, store.Query, error) {
	kind, err := l.kind(short)
	if err != nil {
		return nil, store.Query{}, err
	}
	q := store.Query{Kind: kind.Name, Owner: l.a.scopeOwner(kind), Oldest: true, Limit: maxLookup}
	for _, field := range sortedKeys(where) {
		q.Where = append(q.Where, equals(kind.path(field), where[field]))
	}
	return kind, l.a.asking(kind, q), nil
}

func (l lookup) List(short string, where map[string]any) ([]any, error) {
	kind, q, err := l.query(short, where)
	if err != nil {
		return nil, err
	}
	rows, err := l.a.found(kind, q, nil)
	if err != nil {
		return nil, err
	}
	out := make([]any, 0, len(rows))
	for _, row := range rows {
		o, err := l.a.open(kind, row)
		if err != nil {
			return nil, err
		}
		out = append(out, o.vars())
	}
	return out, nil
}

func (l lookup) Count(short string, where map[string]any) (int, error) {
	_, q, err := l.query(short, where)
	if err != nil {
		return 0, err
	}
	return l.a.conn.CountResources(q)
}

func (l lookup) Get(short, ref string) (map[string]any, error) {
	kind, err := l.kind(short)
	if err != nil || ref == "" {
		return nil, err
	}
	o, err := l.a.get(kind, ref)
	if o == nil || err != nil {
		return nil, err
	}
	return o.vars(), nil
}

func (l lookup) Card(presented map[string]any) (map[string]any, error) {
	if l.a.s.w.o.PlayCard == nil {
		return nil, nil
	}
	played, err := l.a.s.w.o.PlayCard(l.a.p.Name(), presented, l.a.now)
	if err != nil {
		return nil, err
	}
	return played, l.a.noTestCard(played != nil && presents(presented))
}

func (l lookup) CardOutcome(number string) (string, error) {
	if l.a.s.w.o.Cards == nil {
		return "", nil
	}
	outcome := l.a.s.w.o.Cards(l.a.p.Name(), number)
	return outcome, l.a.noTestCard(outcome != "")
}

// equals is one condition of an expression: a list means any of it.
func equals(field string, v any) store.Cond {
	if list, ok := v.([]any); ok {
		values := make([]any, len(list))
		for i, one := range list {
			values[i] = asStored(field, one)
		}
		return store.Cond{Path: field, Op: "in", Value: values}
	}
	return store.Cond{Path: field, Op: "=", Value: asStored(field, v)}
}

// asStored is a value in the form in which the store has it: instants are numbers
// in its columns and text in a body.
func asStored(field string, v any) any {
	if t, ok := v.(time.Time); ok && field != "created" && field != "updated" {
		return t.Format(time.RFC3339Nano)
	}
	return asKept(plain(v))
}

// plain turns a computed value into one that SQL can be given.
func plain(v any) any {
	switch v := v.(type) {
	case scenarios.Decimal:
		return v.String()
	case json.Number, bool, string, nil:
		return v
	case int:
		return int64(v)
	case time.Time:
		return v.UnixMilli()
	case fmt.Stringer:
		return v.String()
	}
	return v
}

var _ io.Reader = (*stream)(nil)
