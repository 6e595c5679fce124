package scenarios

import (
	"maps"
	"reflect"
	"slices"
)

// CallbackSource is a service outside that calls the provider back: how it
// proves itself, what tells a repeat, and what its events move.
type CallbackSource struct {
	Name  string          `json:"name"`
	Line  int             `json:"line"`
	Title string          `json:"title,omitempty" yaml:"title"`
	Paths []string        `json:"paths,omitempty" yaml:"paths"` // further names of it in the path
	Proof []CallbackProof `json:"proof" yaml:"proof"`           // the first whose header came must hold; with none of them the first is missing
	// ID is an expression over body and header: the source's own id of the event; nil = the body tells a repeat.
	ID   string `json:"id,omitempty" yaml:"id"`
	Same string `json:"same,omitempty" yaml:"same"` // expression: what of the body tells a repeat where there is no id; default: its bytes
	Type string `json:"type" yaml:"type"`           // expression: the name of the event
	// Keep names the headers that are kept beside the content type and the user agent.
	Keep  []string           `json:"keep,omitempty" yaml:"keep"`
	On    []*CallbackHandler `json:"on,omitempty" yaml:"on"`
	Send  CallbackForm       `json:"send,omitzero" yaml:"send"`
	Sends []*CallbackSend    `json:"sends,omitempty" yaml:"sends"`
}

// CallbackProof is a signature over the body's bytes, or a user and password.
// Its values are expressions over config; one that is empty proves nothing.
type CallbackProof struct {
	Header   string `json:"header,omitempty" yaml:"header"`
	Scheme   string `json:"scheme,omitempty" yaml:"scheme"` // of a signature, by its name
	Secret   string `json:"secret,omitempty" yaml:"secret"`
	User     string `json:"user,omitempty" yaml:"user"` // of basic authentication
	Password string `json:"password,omitempty" yaml:"password"`
}

// CallbackHandler says what an event moves: First prepares, one of By is
// made, Then follows. Known is true when the event says nothing new.
type CallbackHandler struct {
	Event string   `json:"event"`
	Line  int      `json:"line"`
	Let   []Let    `json:"let,omitempty" yaml:"let"`
	Move  string   `json:"move" yaml:"move"` // kind
	ID    string   `json:"id" yaml:"id"`     // expression; nil = it is about nothing that is stored
	Known string   `json:"known,omitempty" yaml:"known"`
	First []Step   `json:"first,omitempty" yaml:"first"`
	By    []string `json:"by,omitempty" yaml:"by"`
	With  Template `json:"with,omitzero" yaml:"with"`
	Then  []Step   `json:"then,omitempty" yaml:"then"`
}

// CallbackForm is how a source writes any of its events.
type CallbackForm struct {
	ID     string   `json:"id,omitempty" yaml:"id"` // expression: a new event's id
	Header Template `json:"header,omitzero" yaml:"header"`
	Body   Template `json:"body,omitzero" yaml:"body"` // over callback and object
}

// CallbackSend is an event as its source would tell it of a stored resource.
type CallbackSend struct {
	Event  string   `json:"event"`
	Line   int      `json:"line"`
	Kind   string   `json:"kind" yaml:"kind"`
	Object Template `json:"object" yaml:"object"` // over resource
}

// CallbackNames are what the expressions of callbacks see beside the fixed
// names: what came, or what is being written.
var CallbackNames = []string{"body", "header", "object", "with"}

// CallbackSource is the source of that name, or nil.
func (s *Scenario) CallbackSource(name string) *CallbackSource {
	for _, c := range s.Callbacks {
		if c.Name == name || slices.Contains(c.Paths, name) {
			return c
		}
	}
	return nil
}

func (l *loader) callbackSource(p pair) *CallbackSource {
	c := &CallbackSource{Name: p.name, Line: lineOf(p.key)}
	l.object(p.value, reflect.ValueOf(c).Elem(), "callbacks of "+clip(p.name, 40))
	return c
}

func (l *loader) callbackHandler(p pair) *CallbackHandler {
	h := &CallbackHandler{Event: p.name, Line: lineOf(p.key)}
	l.object(p.value, reflect.ValueOf(h).Elem(), "callback "+clip(p.name, 40))
	return h
}

func (l *loader) callbackSend(p pair) *CallbackSend {
	s := &CallbackSend{Event: p.name, Line: lineOf(p.key)}
	l.object(p.value, reflect.ValueOf(s).Elem(), "callback "+clip(p.name, 40))
	return s
}

// callbackSchemes are the signature schemes of callbacks; a test holds them
// against those that can be made.
var callbackSchemes = []string{"hmac-sha256-hex", "sha256=hmac-sha256-hex", "sha1=hmac-sha1-hex", "sha1=HMAC-SHA1-HEX"}

func (c *check) callbacks() {
	c.in(c.s.FileOf("callbacks"))
	names := map[string]bool{}
	for _, src := range c.s.Callbacks {
		for _, name := range append([]string{src.Name}, src.Paths...) {
			if names[name] {
				c.fail(src.Line, "callbacks: two sources are called %q", name)
			}
			names[name] = true
		}
		c.callbackSource(src)
	}
}

func (c *check) callbackSource(src *CallbackSource) {
	in := scope{names: CallbackNames}
	what := "callbacks of " + src.Name
	if len(src.Proof) == 0 {
		c.fail(src.Line, "%s need a proof: a signature, or a user and password", what)
	}
	for _, p := range src.Proof {
		if (p.Scheme != "") == (p.Password != "") || (p.Scheme != "") != (p.Header != "" && p.Secret != "") {
			c.fail(src.Line, "%s: a proof is header, scheme and secret, or user and password", what)
		} else if p.Scheme != "" && !slices.Contains(callbackSchemes, p.Scheme) {
			c.fail(src.Line, "%s: there is no signature scheme %q%s", what, p.Scheme, suggest(p.Scheme, callbackSchemes))
		}
		for _, e := range []string{p.Secret, p.User, p.Password} {
			c.expression(src.Line, e, scope{})
		}
	}
	for _, e := range []string{src.ID, src.Same, src.Type, src.Send.ID} {
		c.expression(src.Line, e, in)
	}
	c.template(src.Send.Header, in)
	c.template(src.Send.Body, in)
	for _, h := range src.On {
		c.callbackHandler(what, h)
	}
	for _, s := range src.Sends {
		if c.kind(s.Line, what+", "+s.Event, s.Kind) {
			c.template(s.Object, in.with("resource", s.Kind))
		}
	}
}

func (c *check) callbackHandler(what string, h *CallbackHandler) {
	what += ", " + h.Event
	if !c.kind(h.Line, what, h.Move) {
		return
	}
	in := scope{names: slices.Clone(CallbackNames), kinds: maps.Clone(c.base().kinds)}
	for _, l := range h.Let {
		c.template(l.Value, in)
		in = in.with(l.Name, "")
	}
	c.expression(h.Line, h.ID, in)
	in = in.with("resource", h.Move)
	c.expression(h.Line, h.Known, in)
	c.template(h.With, in)
	c.steps(h.First, in)
	c.moves(h.Line, what, h.Move, h.By)
	c.steps(h.Then, in)
	if len(h.By) == 0 && h.Known == "" {
		c.fail(h.Line, "%s says by no move (by:), nor when it says nothing new (known:)", what)
	}
}
