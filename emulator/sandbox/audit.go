package sandbox

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/openapi"
)

// Who changes objects beside the owners of credentials.
const (
	byClock     = "clock"     // a move whose time had come
	byCard      = "card"      // a card holder, on the page of a challenge
	byControl   = "control"   // somebody at the control API
	byCallback  = "callback"  // a service outside; the request is the callback's id
	bySeed      = "seed"      // the objects that every fresh file has
	byReset     = "reset"     // what survived one
	byAnonymous = "anonymous" // an operation that needs no credential
)

// doer is who an act is for, as the audit log names it.
type doer struct{ who, operation, request string }

// caller names who sent a call.
func (c *Call) caller() doer {
	d := doer{byAnonymous, c.Binding.Op.Key(), c.Request}
	if c.Who != nil {
		d.who = c.Who.Name
	}
	return d
}

// audit adds one change of an object to the log, in the transaction of the
// change. What is logged is the public body, without secrets.
func (a *act) audit(o *object, action string, before, after []byte) error {
	return a.tx.InsertAudit(&store.Audit{
		At: a.ms(), Who: cmp.Or(a.by.who, byControl), Owner: o.row.Owner, Provider: a.p.Name(), Operation: cmp.Or(a.by.operation, byControl), Kind: o.kind.Short,
		Resource: o.row.ID, Action: action, Before: openapi.MaskSecrets(before), After: openapi.MaskSecrets(after), Request: a.by.request,
	})
}

// auditEndpoint adds a change of an endpoint that the control API registered,
// which is no object of a provider.
func (a *act) auditEndpoint(action string, before, after *store.Endpoint) error {
	row := endpointAudit(action, after, cmp.Or(a.by.who, byControl), cmp.Or(a.by.operation, byControl))
	if before != nil {
		row.Provider, row.Resource, row.Before = before.Provider, before.ID, endpointBody(before)
	}
	row.At = a.ms()
	return a.tx.InsertAudit(&row)
}

func endpointAudit(action string, e *store.Endpoint, who, operation string) store.Audit {
	row := store.Audit{Who: who, Operation: operation, Kind: "endpoint", Action: action}
	if e != nil {
		row.Provider, row.Resource, row.After = e.Provider, e.ID, endpointBody(e)
	}
	return row
}

// endpointBody is an endpoint as the control API shows it, without secrets,
// and without what its receiver does.
func endpointBody(e *store.Endpoint) []byte {
	view := viewEndpoint(e)
	view.Failing = nil
	body, err := json.Marshal(view)
	if err != nil { // text, times and numbers cannot fail
		return nil
	}
	return body
}

// action names what a save is: a move while one is made, else an update.
func (a *act) action() string {
	move := a.moving
	a.moving = ""
	return cmp.Or(move, "update")
}

// auditKept begins the log of a file that a reset made: how many rows ended
// with the old one, and what survived. Numbers go on.
func auditKept(tx *store.Tx, at int64, keep *kept) error {
	after := `{"rewind":` + strconv.FormatBool(keep.rewind) + `,"rows":` + strconv.FormatInt(keep.rows, 10) + `}`
	first := store.Audit{Seq: keep.last + 1, At: at, Who: keep.by, Operation: "reset", Action: "reset", After: []byte(after)}
	if err := tx.InsertAudit(&first); err != nil {
		return err
	}
	for i := range keep.endpoints {
		if e := &keep.endpoints[i]; e.Source == sourceControl {
			row := endpointAudit("keep", e, byReset, "reset")
			row.At = at
			if err := tx.InsertAudit(&row); err != nil {
				return err
			}
		}
	}
	for i := range keep.resources {
		r := &keep.resources[i]
		provider, short, _ := strings.Cut(r.Kind, "/")
		err := tx.InsertAudit(&store.Audit{
			At: at, Who: byReset, Owner: r.Owner, Provider: provider, Operation: "reset", Kind: short, Resource: r.ID, Action: "keep",
			After: openapi.MaskSecrets(r.Body),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// AuditView is one row of the audit log as the control API shows it.
type AuditView struct {
	Seq       int64           `json:"seq"`
	At        time.Time       `json:"at"`
	Who       string          `json:"who"`
	Owner     string          `json:"owner,omitempty"`
	Provider  string          `json:"provider,omitempty"`
	Operation string          `json:"operation"`
	Kind      string          `json:"kind,omitempty"`
	Resource  string          `json:"resource,omitempty"`
	Action    string          `json:"action"`
	Before    json.RawMessage `json:"before"`
	After     json.RawMessage `json:"after"`
	Request   string          `json:"request,omitempty"`
}

// AuditFilter narrows Audit. Empty fields do not.
type AuditFilter struct {
	Provider, Kind, Resource, Who, Operation, Action string
	Since                                            time.Time
}

// Audit lists what changed stored objects since the last reset, newest first,
// and the cursor of the next page.
func (s *Sandbox) Audit(f AuditFilter, limit int, cursor string) (views []AuditView, next string, err error) {
	before, err := readCursor(cursor)
	if err != nil {
		return nil, "", err
	}
	q := store.AuditFilter{Provider: f.Provider, Kind: f.Kind, Resource: f.Resource, Who: f.Who, Operation: f.Operation, Action: f.Action, Before: before, Limit: limit + 1}
	if !f.Since.IsZero() {
		q.Since = f.Since.UnixMilli()
	}
	err = s.look(func(c *store.Conn) error {
		rows, err := c.Audit(q)
		if len(rows) > limit {
			rows = rows[:limit]
			next = writeCursor(rows[limit-1].Seq)
		}
		for i := range rows {
			views = append(views, viewAudit(&rows[i]))
		}
		return err
	})
	return views, next, err
}

func viewAudit(r *store.Audit) AuditView {
	return AuditView{
		Seq: r.Seq, At: instantOf(r.At), Who: r.Who, Owner: r.Owner, Provider: r.Provider, Operation: r.Operation, Kind: r.Kind,
		Resource: r.Resource, Action: r.Action, Before: orNull(r.Before), After: orNull(r.After), Request: r.Request,
	}
}

func orNull(body []byte) json.RawMessage {
	if len(body) == 0 {
		return json.RawMessage("null")
	}
	return body
}
