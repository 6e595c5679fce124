package sandbox

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// table is what a kind has whose rows are the engine's own: events and
// deliveries. Each row is shown as an object that the scenario describes, and
// that no rule changes.
type table struct {
	name   string
	fields map[string]bool // by which rows are chosen and ordered
	spec   scenarios.Template
	show   *scenarios.Value
}

func (p *Provider) compileTable(spec *scenarios.Resource, err *error) *table {
	if spec.Table == "" {
		return nil
	}
	c := &compiler{scope: p.scopeIn(spec.File, scenarios.RowNames), err: err}
	return &table{name: spec.Table, fields: store.TableFields(spec.Table), spec: spec.Show, show: c.value(spec.Show)}
}

// needs reports whether what is shown names a part of the row. A list may
// show less than all.
func (t *table) needs(name string, view map[string]bool) bool {
	if len(t.spec.Fields) == 0 {
		return mentions(t.spec, name)
	}
	return slices.ContainsFunc(t.spec.Fields, func(f scenarios.Field) bool {
		return (view == nil || view[f.Name]) && mentions(f.Value, name)
	})
}

// asking completes a query of a kind with a table: what the caller may see.
func (a *act) asking(kind *Kind, q store.Query) store.Query {
	if kind.table != nil {
		q.Table, q.Provider, q.Owner = kind.table.name, a.p.Name(), a.owner
	}
	return q
}

// found are the rows that a query asks for, as objects of the kind.
func (a *act) found(kind *Kind, q store.Query, view map[string]bool) ([]store.Resource, error) {
	if kind.table == nil {
		return a.conn.Resources(q)
	}
	numbers, err := a.conn.Rows(a.asking(kind, q))
	if err != nil {
		return nil, err
	}
	rows := make([]store.Resource, 0, len(numbers))
	for _, seq := range numbers {
		row, err := a.tableRow(kind, seq, view)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// findBy is the newest row of a kind with that value.
func (a *act) findBy(kind *Kind, field string, value any) (store.Resource, bool, error) {
	path, value := kind.path(field), asStored(field, value)
	if kind.table == nil {
		return a.conn.FindResource(kind.Name, a.scopeOwner(kind), path, value)
	}
	rows, err := a.found(kind, store.Query{Where: []store.Cond{{Path: path, Op: "=", Value: value}}, Limit: 1}, nil)
	if err != nil || len(rows) == 0 {
		return store.Resource{}, false, err
	}
	return rows[0], true, nil
}

// sees reports whether an event is the caller's to see: theirs, or nobody's.
func (a *act) sees(e *store.Event) bool {
	return e.Provider == a.p.Name() && (a.owner == "" || e.Owner == "" || e.Owner == a.owner)
}

// rowOf reads one row by its public id; nil where the caller has none.
func (a *act) rowOf(kind *Kind, id string) (*object, error) {
	var row store.Resource
	switch kind.table.name {
	case store.TableEvent:
		e, ok, err := a.conn.Event(id)
		if err != nil || !ok || !a.sees(&e) {
			return nil, err
		}
		if row, err = a.eventRow(kind, &e, nil); err != nil {
			return nil, err
		}
	case store.TableDelivery:
		d, e, _, ok, err := a.conn.Outgoing(id)
		if err != nil || !ok || !a.sees(&e) {
			return nil, err
		}
		if row, err = a.deliveryRow(kind, &d, &e, nil); err != nil {
			return nil, err
		}
	}
	return openObject(kind, row)
}

func (a *act) tableRow(kind *Kind, seq int64, view map[string]bool) (store.Resource, error) {
	if kind.table.name == store.TableEvent {
		e, ok, err := a.conn.EventAt(seq)
		if err != nil || !ok {
			return store.Resource{}, cmp.Or(err, fmt.Errorf("event %d is gone", seq))
		}
		return a.eventRow(kind, &e, view)
	}
	d, ok, err := a.conn.DeliveryAt(seq)
	if err != nil || !ok {
		return store.Resource{}, cmp.Or(err, fmt.Errorf("delivery %d is gone", seq))
	}
	e, _, err := a.conn.Event(d.Event)
	if err != nil {
		return store.Resource{}, err
	}
	return a.deliveryRow(kind, &d, &e, view)
}

func (a *act) eventRow(kind *Kind, e *store.Event, view map[string]bool) (store.Resource, error) {
	row := map[string]any{
		"id": e.ID, "type": e.Family + "." + e.Action, "family": e.Family, "action": e.Action, "kind": e.Kind, "resource": e.Resource,
		"owner": e.Owner, "data": rawOf(e.Data), "previous": rawOf(e.Previous), "created": a.shownTime(e.Created),
	}
	if kind.table.needs("row.deliveries", view) {
		all, pending, err := a.conn.CountDeliveries(e.Seq)
		if err != nil {
			return store.Resource{}, err
		}
		row["deliveries"] = map[string]any{"count": all, "pending": pending}
	}
	if kind.table.needs("row.body", view) {
		body, err := a.p.bodyOf(e, e.Created, 0, a.now)
		if err != nil {
			return store.Resource{}, err
		}
		row["body"] = json.RawMessage(body)
	}
	return a.showRow(kind, row, store.Resource{Seq: e.Seq, ID: e.ID, Owner: e.Owner, Created: e.Created, Updated: e.Created})
}

func (a *act) deliveryRow(kind *Kind, d *store.Delivery, e *store.Event, view map[string]bool) (store.Resource, error) {
	row := map[string]any{
		"id": d.ID, "event": e.ID, "type": e.Family + "." + e.Action, "kind": e.Kind, "resource": e.Resource, "owner": e.Owner,
		"endpoint": d.Endpoint, "url": d.URL, "status": d.Status, "attempts": d.Attempts, "due": a.shownTime(d.Due),
		"created": a.shownTime(d.Created), "updated": a.shownTime(d.Updated), "warning": textOrNil(d.Warning),
	}
	if kind.table.needs("row.log", view) || kind.table.needs("row.last", view) {
		attempts, err := a.conn.Attempts(d.ID)
		if err != nil {
			return store.Resource{}, err
		}
		log := make([]any, len(attempts))
		for i := range attempts {
			log[i] = a.attemptRow(i+1, &attempts[i])
			row["last"] = log[i]
		}
		row["log"] = log
	}
	return a.showRow(kind, row, store.Resource{Seq: d.Seq, ID: d.ID, Owner: e.Owner, Status: d.Status, Created: d.Created, Updated: d.Updated})
}

func (a *act) attemptRow(number int, t *store.Attempt) map[string]any {
	row := map[string]any{
		"number": number, "trigger": t.Trigger, "due": a.shownTime(t.Due), "at": a.shownTime(t.Started), "duration": (t.DurationUS + 500) / 1000,
		"error": textOrNil(t.Error), "request": nil, "response": nil,
	}
	if len(t.RequestBody) > 0 {
		row["request"] = map[string]any{"headers": a.harmless(t.RequestHeader), "body": string(t.RequestBody)}
	}
	if t.ResponseStatus != 0 {
		row["response"] = map[string]any{"status": t.ResponseStatus, "headers": a.harmless(t.ResponseHeader), "body": string(t.ResponseBody)}
	}
	return row
}

// harmless are headers without what proves who sent them: who may read a
// delivery must not be able to send it in our name.
func (a *act) harmless(stored []byte) map[string]any {
	out := map[string]any{}
	for name, values := range headerOf(stored) {
		lower := strings.ToLower(name)
		secret := slices.ContainsFunc([]string{"authorization", "cookie", "signature", "secret", "token", "key"}, func(word string) bool { return strings.Contains(lower, word) })
		if !secret && !strings.EqualFold(name, a.p.hooks.header) {
			out[name] = strings.Join(values, ", ")
		}
	}
	return out
}

// showRow makes the object that the scenario shows of a row.
func (a *act) showRow(kind *Kind, row map[string]any, as store.Resource) (store.Resource, error) {
	as.Kind = kind.Name
	err := a.with("row", row, func() error {
		v, err := kind.table.show.Eval(&a.env)
		if err != nil {
			return err
		}
		if m, ok := v.(map[string]any); ok && kind.schema != nil {
			for _, name := range kind.schema.Required() { // what is missing is said to be null, where it may be
				if _, there := m[name]; !there && kind.nullable[name] {
					m[name] = nil
				}
			}
		}
		as.Body, err = openapi.Marshal(v, kind.schema)
		return err
	})
	return as, err
}

func (a *act) shownTime(ms int64) any {
	if ms == 0 {
		return nil
	}
	return a.p.FormatTime(time.UnixMilli(ms).UTC())
}

func textOrNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func rawOf(stored []byte) any {
	if len(stored) == 0 {
		return nil
	}
	return json.RawMessage(stored)
}

// bodyOf is what a webhook says of an event in one attempt: the same in a
// send and where the provider shows the event.
func (p *Provider) bodyOf(e *store.Event, updated int64, attempt int, now time.Time) ([]byte, error) {
	if err := p.compileHooks(); err != nil {
		return nil, err
	}
	return renderOrdered(p.hooks.body, &scenarios.Env{Now: now, Vars: map[string]any{
		"now": now, "config": p.Config, "data": p.Scenario.Data, "contract": p.aboutContract(),
		"attempt": min(attempt, p.lastAttempt()), "resource": json.RawMessage(e.Data),
		"event": map[string]any{
			"id": e.ID, "family": e.Family, "action": e.Action, "kind": e.Kind,
			"type": e.Family + "." + e.Action, "resource": e.Resource, "data": json.RawMessage(e.Data),
			"created":  p.FormatTime(time.UnixMilli(e.Created).UTC()),
			"previous": rawOf(e.Previous),
			"updated":  p.FormatTime(time.UnixMilli(updated).UTC()),
		},
	}})
}
