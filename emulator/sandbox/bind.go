package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// Depth says how much of an operation is real.
const (
	Modelled = "modelled" // bound by the scenario
	Generic  = "generic"  // inferred create, read, list, update or remove
	Sample   = "sample"   // a reply generated from the schema
)

// Binding is one operation resolved: its plan, its verb and every expression
// compiled. Nothing about it changes after it is made.
type Binding struct {
	Op    *openapi.Operation
	Plan  *openapi.Plan
	Spec  *scenarios.Operation
	Depth string
	Why   string

	provider *Provider
	kind     *Kind
	verb     verb
	writes   bool
	plain    bool // no load, let, require: a read may go straight to the row

	sandbox, id, onceBy *scenarios.Program
	to                  *scenarios.Program // the endpoint of a replay
	attachment          *scenarios.Program // name of the file that the reply is, nil = it is none
	loads               []load
	lets                []let
	requires, ensure    []require
	before              []step
	set, reply, with    *scenarios.Value
	status              *scenarios.Value // nil = always success
	then                []step
	copies              map[string]bool // request properties that are stored by name; nil = all of the shape
	earlySet            map[string]bool // fields of set that need only the request
	filters             []filter
	sort                string // field of the default order, "" = age
	descending          bool
	tokens              bool // the reply shows tokens: issue them
	success             int
	schema              *openapi.Schema // of the success reply
	shown               *openapi.Schema // of one object in it
	wrap                string          // property that the object stands in, "" = the reply is the object
	media               string
	items               string          // property that holds a list; "" = the reply is the list
	whole               bool            // a list that the contract gives no pages
	goesOn              bool            // its reply says whether and where it goes on
	size, most          int             // how long its pages are, at most
	view                map[string]bool // properties to keep; nil = as stored
	needs               permission

	fitted  bool // replies are made to fit the contract
	within  []enclosure
	pages   *scenarios.Pages
	path    []string // of properties to where the object stands in the reply, or the list
	frame   *frame   // of the reply; nil = it is the object or the list alone
	refit   bool     // the object in the reply has another schema than the kind's
	opens   string   // query or body, where a request may ask for expansion: expand
	zero    bool     // its first page is 0
	fresh   int      // status of what a put has made
	removal []byte   // what a whole reply to a remove says when there is nothing else to say
}

type load struct {
	spec   scenarios.Fetch
	id, is *scenarios.Program
}

type let struct {
	name  string
	value *scenarios.Value
	early bool // needs only the request
}

// filter is one compiled entry of a list's conditions.
type filter struct {
	scenarios.Filter
	value, when *scenarios.Program
	truth       bool // the field is a boolean, whatever form the parameter has
}

type require struct {
	spec          scenarios.Require
	when, message *scenarios.Program
	expected      *scenarios.Program
	details       *scenarios.Value
	early         bool // needs only the request
}

// Anonymous reports an operation that needs no credential.
func (b *Binding) Anonymous() bool {
	return b.Spec.Auth == "none" || len(b.provider.Scenario.Auth.Credentials) == 0
}

// Idempotency names the headers that may hold an idempotency key.
func (b *Binding) Idempotency() []string {
	switch {
	case b.Inbound():
		return nil // the payload itself tells a repeat
	case b.Spec.Idempotency != "":
		return []string{b.Spec.Idempotency}
	case b.writes:
		return b.provider.once.Headers
	}
	return nil
}

// Includes reports that replies may show more when they are asked to.
func (b *Binding) Includes() bool { return b.kind != nil && len(b.kind.include) > 0 }

// ETag reports that replies carry a validator.
func (b *Binding) ETag() bool {
	return b.Op.Method == "GET" && (b.provider.Scenario.Dialect.ETag || b.provider.Scenario.Infer)
}

func (p *Provider) bind(op *openapi.Operation) (*Binding, error) {
	plan, err := p.Contract.Plan(op)
	if err != nil {
		return nil, err
	}
	spec, depth := p.specs[op.Key()], Modelled
	b := &Binding{Op: op, Plan: plan, Spec: spec, Depth: depth, provider: p}
	if spec == nil {
		b.Spec, b.Depth, b.Why = p.infer(op)
	} else if b.Spec, err = spec.Whole(); err != nil {
		return nil, err
	} else {
		spec = b.Spec
		b.Why = fmt.Sprintf("%s:%d", cmp.Or(spec.File, p.Scenario.File), spec.Line)
		if spec.StandsFor != "" {
			b.Depth, b.Why = Sample, "stands in for "+spec.StandsFor+", "+b.Why
		}
	}
	if err := b.compile(); err != nil {
		return nil, fmt.Errorf("%s: %w", op.Key(), err)
	}
	return b, nil
}

func (b *Binding) compile() error {
	var ok bool
	spec, p := b.Spec, b.provider
	b.needs = permissionOf(b.Op, spec)
	if b.verb, ok = verbs[spec.Verb]; !ok {
		return fmt.Errorf("%s:%d: there is no verb %q", p.Scenario.File, spec.Line, spec.Verb)
	}
	b.writes = b.verb.writes || len(spec.Before)+len(spec.Then) > 0 || spec.Verb == "reply" && b.Op.Method != "GET"
	if b.verb.kind {
		kind, err := p.Kind(spec.Kind)
		if err != nil {
			return err
		}
		b.kind = kind
		if spec.Verb == "move" && b.Depth == Generic && !slices.ContainsFunc(spec.By, func(name string) bool { return kind.moves[name] != nil }) {
			b.verb = verbs["update"] // a request, and no state that says so
		}
		b.fitted = kind.nature.whole && kind.table == nil && spec.Reply.IsZero()
	}
	b.pages = &p.Scenario.Dialect.Pages
	if spec.Pages != nil {
		b.pages = spec.Pages
	}
	var err error
	c := &compiler{scope: p.scopeIn(spec.File, []string{"tokens", "auth", "deliveries"}), err: &err}
	b.sandbox = c.program(spec.Sandbox, spec.Line)
	if spec.Once != nil {
		b.onceBy = c.program(spec.Once.By, spec.Line)
	}
	for _, l := range spec.Load {
		b.loads = append(b.loads, load{l, c.program(l.ID, l.Line), c.program(l.Is, l.Line)})
		c.name(l.Name)
	}
	for _, l := range spec.Let {
		b.lets = append(b.lets, let{name: l.Name, value: c.value(l.Value)})
		c.name(l.Name)
	}
	b.requires = c.guards(spec.Require)
	if err := b.compileWithin(c); err != nil {
		return err
	}
	b.before = c.steps(spec.Before)
	b.id = c.program(spec.ID, spec.Line)
	b.set, b.with, b.to = c.value(spec.Set), c.value(spec.With), c.program(spec.To, spec.Line)
	b.compileFilters(c)
	b.then = c.steps(spec.Then)
	b.ensure = c.guards(spec.Ensure)
	b.compileStatus(c)
	b.reply = c.value(spec.Reply)
	b.attachment = c.program(spec.Attachment, spec.Line)
	b.tokens = mentions(spec.Reply, "tokens")
	b.plain = len(b.loads)+len(b.lets)+len(b.requires)+len(b.before)+len(b.then)+len(b.ensure) == 0 && b.reply == nil && b.status == nil && !b.asks() && b.direct()
	if err != nil {
		return err
	}
	b.hoist()
	b.compileCopies()
	b.compileReply()
	return err
}

// asks reports a list whose conditions are expressions.
func (b *Binding) asks() bool {
	return b.Spec.Verb == "list" && (b.set != nil || slices.ContainsFunc(b.filters, func(f filter) bool { return f.value != nil || f.when != nil }))
}

// compileStatus: a constant, an expression, or what the contract says.
func (b *Binding) compileStatus(c *compiler) {
	b.success = b.Plan.Success
	if b.fitted || b.Depth != Modelled {
		b.success = successOf(b.Plan, b.Spec.Verb)
	}
	if b.fresh = b.success; b.Spec.Verb == "put" && b.Plan.Replies[201] != nil {
		b.fresh = 201
		for _, status := range []int{204, 202, 200} { // for one that was there
			if r := b.Plan.Replies[status]; r != nil && (b.success == 201 || r.Schema != nil) {
				b.success = status
			}
		}
	}
	if b.Spec.Status.Const == nil {
		b.status = c.value(b.Spec.Status)
		return
	}
	b.success = number(*b.Spec.Status.Const, b.success)
}

func (b *Binding) compileCopies() {
	if b.Spec.Copy != nil {
		b.copies = map[string]bool{}
		for _, name := range *b.Spec.Copy {
			b.copies[name] = true
		}
		return
	}
	if b.Plan.Body == nil {
		return
	}
	// What the contract does not ask for is not stored, whatever it is called.
	declared := map[string]bool{}
	for _, schema := range b.Plan.Body.Media {
		declare(declared, schema, maxForms)
	}
	if len(declared) > 0 {
		b.copies = declared
	}
}

// maxForms bounds how deep forms of forms are looked into.
const maxForms = 4

// declare collects the properties that a body may have, in any of its forms.
func declare(names map[string]bool, schema *openapi.Schema, depth int) {
	if schema == nil || depth == 0 {
		return
	}
	for _, name := range schema.Properties() {
		names[name] = true
	}
	for _, form := range schema.Variants() {
		declare(names, form, depth-1)
	}
}

// compileReply resolves the success reply: its schema, where an object stands
// in it, and which properties of a stored body it shows.
func (b *Binding) compileReply() {
	reply := b.Plan.Reply(b.success)
	if reply == nil || reply.Schema == nil {
		return
	}
	b.schema, b.media = reply.Schema, reply.Media
	b.shown = b.schema
	if b.fitted {
		b.compileWhole()
		return
	}
	switch envelope := b.provider.Scenario.Dialect.Envelope; {
	case b.Spec.Verb == "list":
		b.compilePages()
		if b.schema.Type() == "array" {
			b.shown = b.schema.Items()
		} else if b.items = itemsProperty(b.schema); b.items != "" {
			b.shown = b.schema.Property(b.items).Items()
		}
	case envelope != "" && b.schema.Has(envelope):
		b.wrap, b.shown = envelope, b.schema.Property(envelope)
	}
	if b.kind == nil || b.kind.shape == nil || b.shown == nil || len(b.shown.Properties()) == 0 {
		return
	}
	for property := range b.kind.shape {
		if !b.shown.Has(property) {
			b.view = map[string]bool{}
			break
		}
	}
	if b.view == nil {
		return
	}
	for _, property := range b.shown.Properties() {
		b.view[property] = true
	}
}

// itemsProperty finds the array in an enveloped list reply.
func itemsProperty(s *openapi.Schema) string {
	for _, name := range s.Properties() {
		if s.Property(name).Type() == "array" {
			return name
		}
	}
	return ""
}

// mentions reports whether any expression of a template uses a name.
func mentions(t scenarios.Template, name string) bool {
	if strings.Contains(t.Expr, name) {
		return true
	}
	for _, item := range t.List {
		if mentions(item, name) {
			return true
		}
	}
	for _, field := range t.Fields {
		if mentions(field.Value, name) {
			return true
		}
	}
	return false
}
