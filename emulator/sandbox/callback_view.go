package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/scenarios"
)

// CallbackView is a callback as the control API shows it.
type CallbackView struct {
	ID        string     `json:"id"`
	Provider  string     `json:"provider"`
	Source    string     `json:"source"`
	Event     string     `json:"event"` // the source's own id of it, "" = it gave none
	Type      string     `json:"type"`
	Status    string     `json:"status"`
	Reason    string     `json:"reason,omitempty"`
	Valid     bool       `json:"signatureValid"`
	Kind      string     `json:"kind,omitempty"`
	Resource  string     `json:"resource,omitempty"`
	Received  int        `json:"received"` // how often it came
	Created   time.Time  `json:"created"`
	Processed *time.Time `json:"processed"`
}

// CallbackDetail is a callback with what came: card numbers masked, secrets
// out.
type CallbackDetail struct {
	CallbackView
	Header json.RawMessage `json:"header"`
	Body   string          `json:"body"`
}

// CallbackFilter narrows Callbacks. Empty fields do not.
type CallbackFilter struct{ Provider, Source, Type, Status, Resource string }

func viewCallback(row *store.Callback) CallbackView {
	v := CallbackView{
		ID: row.ID, Provider: row.Provider, Source: row.Source, Event: row.Event, Type: row.Type, Status: row.Status, Reason: row.Reason,
		Valid: row.Same != nil, Kind: row.Kind, Resource: row.Resource, Received: row.Received, Created: instantOf(row.Created),
	}
	if row.Processed != 0 {
		at := instantOf(row.Processed)
		v.Processed = &at
	}
	return v
}

func detailCallback(row *store.Callback) CallbackDetail {
	d := CallbackDetail{CallbackView: viewCallback(row), Header: json.RawMessage(row.Header), Body: strings.ToValidUTF8(string(row.Body), "\uFFFD")}
	if len(d.Header) == 0 {
		d.Header = json.RawMessage("{}")
	}
	return d
}

// Callbacks lists callbacks, newest first, and the cursor of the next page.
func (s *Sandbox) Callbacks(f CallbackFilter, limit int, cursor string) (views []CallbackView, next string, err error) {
	before, err := readCursor(cursor)
	if err != nil {
		return nil, "", err
	}
	q := store.CallbackFilter{Provider: f.Provider, Source: f.Source, Type: f.Type, Status: f.Status, Resource: f.Resource, Before: before, Limit: limit + 1}
	err = s.look(func(c *store.Conn) error {
		rows, err := c.Callbacks(q)
		if len(rows) > limit {
			rows = rows[:limit]
			next = writeCursor(rows[limit-1].Seq)
		}
		for i := range rows {
			views = append(views, viewCallback(&rows[i]))
		}
		return err
	})
	return views, next, err
}

// Callback is one callback with what came.
func (s *Sandbox) Callback(id string) (d CallbackDetail, err error) {
	err = s.look(func(c *store.Conn) error {
		row, ok, err := c.Callback(id)
		if err == nil && !ok {
			err = fmt.Errorf("callback %q: %w", id, ErrNotFound)
		}
		d = detailCallback(&row)
		return err
	})
	return d, err
}

// CallbackSourceView is a service that calls back.
type CallbackSourceView struct {
	Provider string              `json:"provider"`
	Source   string              `json:"source"`
	Title    string              `json:"title"`
	Path     string              `json:"path"`
	Events   []CallbackEventView `json:"events"`
}

// CallbackEventView is an event of a source: what it moves, and what it can
// be made of.
type CallbackEventView struct {
	Type  string `json:"type"`
	Moves string `json:"moves,omitempty"` // kind; "" = it is kept and ignored
	About string `json:"about,omitempty"` // kind; "" = it can only be sent with data
}

// CallbackSources lists who may call the providers being served.
func (w *World) CallbackSources() []CallbackSourceView {
	out := []CallbackSourceView{}
	for _, p := range w.Providers() {
		for _, src := range p.Scenario.Callbacks {
			v := CallbackSourceView{Provider: p.Name(), Source: src.Name, Title: src.Title, Path: p.callbackPath(src.Name), Events: []CallbackEventView{}}
			for _, h := range src.On {
				v.Events = append(v.Events, CallbackEventView{Type: h.Event, Moves: h.Move})
			}
			for _, s := range src.Sends {
				i := slices.IndexFunc(v.Events, func(e CallbackEventView) bool { return e.Type == s.Event })
				if i < 0 {
					i = len(v.Events)
					v.Events = append(v.Events, CallbackEventView{Type: s.Event})
				}
				v.Events[i].About = s.Kind
			}
			out = append(out, v)
		}
	}
	return out
}

// callbackPath is where a source calls a provider.
func (p *Provider) callbackPath(source string) string {
	at := slices.IndexFunc(p.Scenario.Operations, func(o *scenarios.Operation) bool { return o.Verb == "callback" })
	if at < 0 {
		return ""
	}
	_, path, _ := strings.Cut(p.Scenario.Operations[at].Key, " ")
	if begin, end := strings.IndexByte(path, '{'), strings.IndexByte(path, '}'); begin >= 0 && end > begin {
		path = path[:begin] + source + path[end+1:]
	}
	return "/" + p.Name() + path
}
