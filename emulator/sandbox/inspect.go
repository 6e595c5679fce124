package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/sandgate/sandgate/emulator/clock"
	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/emulator/webhook"
)

// Invalid is something that a caller of the control API said wrongly.
type Invalid struct{ Pointer, Message string }

func (e *Invalid) Error() string { return e.Pointer + ": " + e.Message }

// ErrNotOurs is a change to an endpoint that was registered through the
// provider's own API: the object there would tell another story.
var ErrNotOurs = errors.New("this endpoint was registered through the provider's API; change it there")

// look reads from the sandbox's file.
func (s *Sandbox) look(fn func(*store.Conn) error) error {
	g, err := s.pin()
	if err != nil {
		return err
	}
	defer s.unpin()
	return g.db.View(fn)
}

// Ready proves that the sandbox can be written to.
func (s *Sandbox) Ready(ctx context.Context) error { return s.keepClockNow(ctx) }

// EventView is an event as the control API shows it.
type EventView struct {
	ID       string          `json:"id"`
	Provider string          `json:"provider"`
	Family   string          `json:"family"`
	Action   string          `json:"action"`
	Kind     string          `json:"kind"`
	Resource string          `json:"resource"`
	Created  time.Time       `json:"created"`
	Data     json.RawMessage `json:"data"`
	Previous json.RawMessage `json:"previous,omitempty"` // what changed, as it was before
}

// EventFilter narrows Events. Empty fields do not.
type EventFilter struct {
	Provider, Family, Action, Kind, Resource string
	Since                                    time.Time
}

func viewEvent(e *store.Event) EventView {
	v := EventView{
		ID: e.ID, Provider: e.Provider, Family: e.Family, Action: e.Action, Kind: e.Kind, Resource: e.Resource,
		Created: instantOf(e.Created), Data: json.RawMessage(e.Data), Previous: json.RawMessage(e.Previous),
	}
	if len(v.Data) == 0 {
		v.Data = json.RawMessage("null")
	}
	return v
}

// Events lists events, newest first, and the cursor of the next page.
func (s *Sandbox) Events(f EventFilter, limit int, cursor string) (views []EventView, next string, err error) {
	before, err := readCursor(cursor)
	if err != nil {
		return nil, "", err
	}
	q := store.EventFilter{Provider: f.Provider, Family: f.Family, Action: f.Action, Kind: f.Kind, Resource: f.Resource, Before: before, Limit: limit + 1}
	if !f.Since.IsZero() {
		q.Since = f.Since.UnixMilli()
	}
	err = s.look(func(c *store.Conn) error {
		rows, err := c.Events(q)
		if len(rows) > limit {
			rows = rows[:limit]
			next = writeCursor(rows[limit-1].Seq)
		}
		for i := range rows {
			views = append(views, viewEvent(&rows[i]))
		}
		return err
	})
	return views, next, err
}

// Event is one event and what became of it.
func (s *Sandbox) Event(id string) (view EventView, deliveries []DeliveryView, err error) {
	err = s.look(func(c *store.Conn) error {
		e, ok, err := c.Event(id)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("event %q: %w", id, ErrNotFound)
		}
		view = viewEvent(&e)
		rows, err := c.Deliveries(store.DeliveryFilter{Event: id})
		for i := range rows {
			deliveries = append(deliveries, viewDelivery(&rows[i]))
		}
		return err
	})
	return view, deliveries, err
}

// DeliveryView is a delivery as the control API shows it.
type DeliveryView struct {
	ID       string     `json:"id"`
	Event    string     `json:"event"`
	Endpoint string     `json:"endpoint"`
	Status   string     `json:"status"`
	Attempts int        `json:"attempts"`
	Due      *time.Time `json:"due"` // of the next attempt
	URL      string     `json:"url"`
	Warning  string     `json:"warning,omitempty"`
	Created  time.Time  `json:"created"`
	Updated  time.Time  `json:"updated"`
}

// AttemptView is one attempt: what was sent, what came back.
type AttemptView struct {
	Number   int           `json:"number"`
	Trigger  string        `json:"trigger"` // schedule, manual or duplicate
	URL      string        `json:"url"`     // where it went
	Due      time.Time     `json:"due"`
	Started  time.Time     `json:"started"`
	Micros   int64         `json:"durationMicros"` // wall time
	Request  *MessageView  `json:"request"`        // nil when nothing was sent
	Response *ResponseView `json:"response"`       // nil when nothing came back
	Error    string        `json:"error,omitempty"`
	Curl     string        `json:"curl,omitempty"` // sends the same bytes again
}

// MessageView is headers and a body.
type MessageView struct {
	Headers json.RawMessage `json:"headers"`
	Body    string          `json:"body"`
}

// ResponseView is a receiver's answer.
type ResponseView struct {
	Status int `json:"status"`
	MessageView
}

// DeliveryDetail is a delivery with everything that was tried.
type DeliveryDetail struct {
	DeliveryView
	About EventView     `json:"about"` // the event
	Log   []AttemptView `json:"log"`   // one row an attempt, oldest first
}

// DeliveryFilter narrows Deliveries. Empty fields do not.
type DeliveryFilter struct{ Status, Event, Endpoint string }

func viewDelivery(d *store.Delivery) DeliveryView {
	v := DeliveryView{
		ID: d.ID, Event: d.Event, Endpoint: d.Endpoint, Status: d.Status, Attempts: d.Attempts, URL: d.URL, Warning: d.Warning,
		Created: instantOf(d.Created), Updated: instantOf(d.Updated),
	}
	if d.Due != 0 {
		due := instantOf(d.Due)
		v.Due = &due
	}
	return v
}

// Deliveries lists deliveries, newest first, and the cursor of the next page.
func (s *Sandbox) Deliveries(f DeliveryFilter, limit int, cursor string) (views []DeliveryView, next string, err error) {
	before, err := readCursor(cursor)
	if err != nil {
		return nil, "", err
	}
	err = s.look(func(c *store.Conn) error {
		rows, err := c.Deliveries(store.DeliveryFilter{Status: f.Status, Event: f.Event, Endpoint: f.Endpoint, Before: before, Limit: limit + 1})
		if len(rows) > limit {
			rows = rows[:limit]
			next = writeCursor(rows[limit-1].Seq)
		}
		for i := range rows {
			views = append(views, viewDelivery(&rows[i]))
		}
		return err
	})
	return views, next, err
}

// Delivery is one delivery with all its attempts.
func (s *Sandbox) Delivery(id string) (detail DeliveryDetail, err error) {
	err = s.look(func(c *store.Conn) error {
		d, e, _, ok, err := c.Outgoing(id)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("delivery %q: %w", id, ErrNotFound)
		}
		detail = DeliveryDetail{DeliveryView: viewDelivery(&d), About: viewEvent(&e), Log: []AttemptView{}}
		rows, err := c.Attempts(id)
		for i := range rows {
			detail.Log = append(detail.Log, viewAttempt(&rows[i]))
		}
		return err
	})
	return detail, err
}

func viewAttempt(a *store.Attempt) AttemptView {
	v := AttemptView{Number: a.Number, Trigger: a.Trigger, URL: a.URL, Due: instantOf(a.Due), Started: instantOf(a.Started), Micros: a.DurationUS, Error: a.Error}
	if len(a.RequestBody) > 0 {
		v.Request = &MessageView{Headers: objectOf(a.RequestHeader), Body: string(a.RequestBody)}
		v.Curl = webhook.Curl(webhook.Request{URL: a.URL, Header: headerOf(a.RequestHeader), Body: a.RequestBody})
	}
	if a.ResponseStatus != 0 {
		v.Response = &ResponseView{Status: a.ResponseStatus, MessageView: MessageView{Headers: objectOf(a.ResponseHeader), Body: string(a.ResponseBody)}}
	}
	return v
}

// headerOf reads what flatten wrote.
func headerOf(raw []byte) http.Header {
	var flat map[string]string
	if json.Unmarshal(raw, &flat) != nil {
		return nil
	}
	h := http.Header{}
	for name, value := range flat {
		h[name] = []string{value}
	}
	return h
}

func objectOf(raw []byte) json.RawMessage {
	if len(raw) == 0 {
		return json.RawMessage("{}")
	}
	return json.RawMessage(raw)
}

func instantOf(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func writeCursor(seq int64) string { return strconv.FormatInt(seq, 36) }

func readCursor(cursor string) (int64, error) {
	if cursor == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(cursor, 36, 64)
	if err != nil || n <= 0 {
		return 0, &Invalid{"/query/cursor", "expected the `next` of an earlier page"}
	}
	return n, nil
}

// Overview is a sandbox at a glance. A closed one shows its name only: to
// look must not open ten thousand files.
type Overview struct {
	Name   string      `json:"name"`
	Open   bool        `json:"open"`
	Now    *time.Time  `json:"now,omitempty"`
	Mode   *clock.Mode `json:"mode,omitempty"`
	Epoch  int64       `json:"epoch,omitempty"`
	Counts *Counts     `json:"counts,omitempty"`
}

// Counts is how much there is of everything.
type Counts struct {
	Resources int `json:"resources"`
	Endpoints int `json:"endpoints"`
	Timers    int `json:"timers"`   // what is still to happen by itself
	Requests  int `json:"requests"` // remembered by the request log
}

// Overview describes the sandbox as it is, open or not.
func (s *Sandbox) Overview() (Overview, error) {
	o := Overview{Name: s.name}
	s.gate.RLock()
	defer s.gate.RUnlock()
	if s.g == nil {
		return o, nil
	}
	state := s.time().State()
	o.Open, o.Now, o.Mode, o.Epoch, o.Counts = true, &state.Sandbox, &state.Mode, s.epoch, &Counts{Requests: len(s.Requests(logSize))}
	return o, s.g.db.View(func(c *store.Conn) error {
		for _, p := range s.w.o.Providers {
			for _, r := range p.Scenario.Resources {
				n, err := c.CountResources(store.Query{Kind: p.Name() + "/" + r.Kind})
				if err != nil {
					return err
				}
				o.Counts.Resources += n
			}
		}
		endpoints, err := c.AllEndpoints()
		if err != nil {
			return err
		}
		o.Counts.Endpoints = len(endpoints)
		o.Counts.Timers, err = c.CountDue(1<<63 - 1)
		return err
	})
}
