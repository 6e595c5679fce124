package sandbox

import (
	"fmt"
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
	loads               []load
	lets                []let
	requires            []require
	set, reply          *scenarios.Value
	then                []step
	copies              map[string]bool
	earlySet            map[string]bool // fields of set that need only the request
	filters             map[string]scenarios.Filter
	tokens              bool // the reply shows tokens: issue them
	success             int
	schema              *openapi.Schema // of the success reply
	media               string
	items               string          // property that holds a list; "" = the reply is the list
	view                map[string]bool // properties to keep; nil = as stored
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

type require struct {
	spec          scenarios.Require
	when, message *scenarios.Program
	early         bool // needs only the request
}

// Anonymous reports an operation that needs no credential.
func (b *Binding) Anonymous() bool {
	return b.Spec.Auth == "none" || len(b.provider.Scenario.Auth.Credentials) == 0
}

// Idempotency names the header of an idempotency key, or "".
func (b *Binding) Idempotency() string { return b.Spec.Idempotency }

func (p *Provider) bind(op *openapi.Operation) (*Binding, error) {
	plan, err := p.Contract.Plan(op)
	if err != nil {
		return nil, err
	}
	spec, depth := p.specs[op.Key()], Modelled
	b := &Binding{Op: op, Plan: plan, Spec: spec, Depth: depth, provider: p}
	if spec == nil {
		b.Spec, b.Depth, b.Why = p.infer(op, plan)
	} else {
		b.Why = fmt.Sprintf("%s:%d", p.Scenario.File, spec.Line)
	}
	if err := b.compile(); err != nil {
		return nil, fmt.Errorf("%s: %w", op.Key(), err)
	}
	return b, nil
}

func (b *Binding) compile() error {
	var ok bool
	spec, p := b.Spec, b.provider
	if b.verb, ok = verbs[spec.Verb]; !ok {
		return fmt.Errorf("%s:%d: there is no verb %q", p.Scenario.File, spec.Line, spec.Verb)
	}
	b.writes = b.verb.writes || len(spec.Then) > 0 || spec.Verb == "reply" && b.Op.Method != "GET"
	if b.verb.kind {
		kind, err := p.Kind(spec.Kind)
		if err != nil {
			return err
		}
		b.kind = kind
	}
	var err error
	c := &compiler{scope: p.scope([]string{"tokens", "auth"}), err: &err}
	b.sandbox, b.id = c.program(spec.Sandbox, spec.Line), c.program(spec.ID, spec.Line)
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
	for _, r := range spec.Require {
		b.requires = append(b.requires, require{spec: r, when: c.program(r.When, r.Line), message: c.program(r.Message, r.Line)})
	}
	b.set = c.value(spec.Set)
	b.then = c.steps(spec.Then)
	b.reply = c.value(spec.Reply)
	b.tokens = mentions(spec.Reply, "tokens")
	b.plain = len(b.loads)+len(b.lets)+len(b.requires)+len(b.then) == 0 && b.reply == nil
	if err != nil {
		return err
	}
	b.hoist()
	b.compileCopies()
	b.compileFilters()
	b.compileReply()
	return err
}

func (b *Binding) compileCopies() {
	if b.Spec.Copy == nil {
		return
	}
	b.copies = map[string]bool{}
	for _, name := range *b.Spec.Copy {
		b.copies[name] = true
	}
}

// compileFilters: declared ones first, then every query parameter that is
// named like a property of the kind's shape.
func (b *Binding) compileFilters() {
	if b.kind == nil || b.Spec.Verb != "list" {
		return
	}
	b.filters = map[string]scenarios.Filter{}
	for _, param := range b.Plan.Params {
		pages := b.provider.Scenario.Dialect.Pages
		if param.In == "query" && param.Name != pages.Page && param.Name != pages.Limit && b.kind.shape[param.Name] {
			b.filters[param.Name] = scenarios.Filter{Param: param.Name, Field: param.Name, Op: "="}
		}
	}
	for _, f := range b.Spec.Where {
		b.filters[f.Param] = f
	}
}

// compileReply resolves the success reply: its status, schema and which
// properties of a stored body it shows.
func (b *Binding) compileReply() {
	b.success = b.Spec.Status
	if b.success == 0 {
		b.success = b.Plan.Success
	}
	reply := b.Plan.Reply(b.success)
	if reply == nil || reply.Schema == nil {
		return
	}
	b.schema, b.media = reply.Schema, reply.Media
	if b.Spec.Verb == "list" && b.schema.Type() != "array" {
		b.items = itemsProperty(b.schema)
	}
	if b.kind == nil || b.kind.shape == nil {
		return
	}
	shown := itemSchema(b.Spec.Verb, b.schema)
	if shown == nil || len(shown.Properties()) == 0 {
		return
	}
	for property := range b.kind.shape {
		if !shown.Has(property) {
			b.view = map[string]bool{}
			break
		}
	}
	if b.view == nil {
		return
	}
	for _, property := range shown.Properties() {
		b.view[property] = true
	}
}

// itemSchema is the schema of one object in a reply.
func itemSchema(verb string, s *openapi.Schema) *openapi.Schema {
	if verb != "list" {
		return s
	}
	if s.Type() == "array" {
		return s.Items()
	}
	if name := itemsProperty(s); name != "" {
		return s.Property(name).Items()
	}
	return s
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
