package scenarios

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Contract is what a check needs to know of the provider's document.
type Contract interface {
	HasOperation(key string) bool
	HasSchema(name string) bool
	Properties(schema string) []string
	Enum(schema, property string) []string
	Keys() []string
}

// Problem is something in a scenario that cannot work.
type Problem struct {
	File    string
	Line    int
	Message string
}

func (p Problem) String() string {
	return (&Error{File: p.File, Line: p.Line, Message: p.Message}).Error()
}

// Check finds what only a look across the file and the contract can find, in
// file order. Nothing found means that every name leads somewhere and every
// expression compiles.
func Check(s *Scenario, doc Contract) []Problem {
	c := &check{s: s, doc: doc, file: s.File, shapes: map[string][]string{}}
	for _, r := range s.Resources {
		c.kinds = append(c.kinds, r.Kind)
	}
	c.fillIn()
	s = c.s
	c.provider()
	for _, r := range s.Resources {
		c.in(r.File)
		c.resource(r)
	}
	for _, o := range s.Operations {
		c.in(o.File)
		whole, err := o.Whole()
		if err != nil {
			c.fail(o.Line, "%v", err)
			continue
		}
		c.operation(whole)
	}
	c.oneKeyKind()
	c.seed()
	slices.SortStableFunc(c.problems, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line)
	})
	return slices.Compact(c.problems)
}

// in says which file is looked at; "" is the scenario's first.
func (c *check) in(file string) { c.file = cmp.Or(file, c.s.File) }

// seed checks steps that can stand in several files.
func (c *check) seed() {
	in := c.base()
	for _, s := range c.s.Seed {
		c.in(s.File)
		in = c.step(s, in)
	}
}

type check struct {
	s        *Scenario
	doc      Contract
	file     string // where the eye is
	kinds    []string
	shapes   map[string][]string // by kind
	problems []Problem

	inferred map[string]*Resource // kinds that only the contract has
}

func (c *check) fail(line int, format string, args ...any) {
	c.problems = append(c.problems, Problem{c.file, line, fmt.Sprintf(format, args...)})
}

// reasons are the engine's own refusals.
var reasons = []string{"invalid", "unauthenticated", "invalid-credentials", "live-credential", "expired", "not-found", "no-route", "no-method", "conflict", "in-progress", "state", "reference", "exists", "too-large", "too-many", "unsupported", "internal", "forbidden", "test-card"}

func (c *check) provider() {
	s := c.s
	for _, reason := range slices.Sorted(maps.Keys(s.Refusals)) {
		if !slices.Contains(reasons, reason) {
			c.fail(0, "no refusal is called %q%s", reason, suggest(reason, reasons))
		}
		c.code(0, "refusal "+reason, s.Refusals[reason])
	}
	for _, code := range slices.Sorted(maps.Keys(s.Errors)) {
		if status := s.Errors[code].Status; status < 400 || status > 599 {
			c.fail(0, "error %s has status %d, which is no refusal", code, status)
		}
	}
	c.in(s.FileOf("auth"))
	member := scope{kinds: map[string]string{}}
	if s.Auth.Member != "" {
		c.kind(0, "auth.member", s.Auth.Member)
		member = member.with("member", s.Auth.Member)
	}
	c.template(s.Auth.Caller, member)
	c.dialect(&s.Dialect)
	c.idempotency(s.Idempotency)
	c.in(s.FileOf("webhooks"))
	c.template(s.Webhooks.Scheme, scope{})
	if src, ok := Computed(s.Webhooks.Header); ok {
		c.expression(0, src, scope{})
	}
	c.template(s.Webhooks.Body, scope{})
	c.disable(s.Webhooks.Disable)
	c.in(s.FileOf("challenge"))
	c.challenge(s.Challenge)
	c.in(s.FileOf("view"))
	c.view(s.View)
	if s.Limits != nil {
		c.in(s.FileOf("limits"))
		c.template(s.Limits.Headers, scope{})
	}
	c.callbacks()
}

// code checks an error code; "" is none.
func (c *check) code(line int, what, code string) {
	if _, ok := c.s.Errors[code]; code != "" && !ok {
		c.fail(line, "%s: no error %q in the table%s", what, code, suggest(code, slices.Collect(maps.Keys(c.s.Errors))))
	}
}

func (c *check) kind(line int, what, kind string) bool {
	if slices.Contains(c.kinds, kind) {
		return true
	}
	c.fail(line, "%s: no resource %q%s", what, kind, suggest(kind, c.kinds))
	return false
}

// stored are the names that every stored resource has beside its body.
var stored = []string{"id", "kind", "owner", "parent", "status", "created", "updated", "hidden"}

// shape is every property that a kind may have, empty if that is not known.
func (c *check) shape(kind string) []string {
	if shape, ok := c.shapes[kind]; ok {
		return shape
	}
	var out []string
	if r := c.resourceOf(kind); r != nil {
		for _, name := range r.Schema {
			out = append(out, c.doc.Properties(name)...)
		}
	}
	if out != nil {
		out = append(out, stored...)
		out = append(out, c.s.Dialect.Created, c.s.Dialect.Updated)
	}
	c.shapes[kind] = out
	return out
}

// field checks a path into a kind's body.
func (c *check) field(line int, what, kind, path string) {
	if c.column(line, what, kind, path) {
		return
	}
	name, _, _ := strings.Cut(path, ".")
	if shape := c.shape(kind); len(shape) > 0 && !slices.Contains(shape, name) {
		c.fail(line, "%s: %s has no property %q%s", what, kind, name, suggest(name, shape))
	}
}

// states are what a kind's status may be, empty if the contract does not say.
func (c *check) states(kind string) []string {
	r := c.resourceOf(kind)
	if r == nil {
		return nil
	}
	if r.Status.Field == "" {
		return r.ownStates()
	}
	var out []string
	for _, name := range r.Schema {
		out = append(out, c.doc.Enum(name, r.Status.Field)...)
	}
	return out
}

// ownStates are those of a machine that no reply shows: where it starts and
// where its moves lead.
func (r *Resource) ownStates() []string {
	if r.Status.Start.Const == nil {
		return nil
	}
	start, _ := (*r.Status.Start.Const).(string)
	out := []string{start}
	for _, m := range r.Moves {
		if m.To != "" {
			out = append(out, m.To)
		}
	}
	return out
}

func (c *check) state(line int, what, kind string, names ...string) {
	known := c.states(kind)
	for _, name := range names {
		if len(known) > 0 && !slices.Contains(known, name) {
			c.fail(line, "%s: %s has no state %q%s", what, kind, name, suggest(name, known))
		}
	}
}

func (c *check) moves(line int, what, kind string, names []string) {
	r := c.resourceOf(kind)
	if r == nil {
		return
	}
	var known []string
	for _, m := range r.Moves {
		known = append(known, m.Name)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			c.fail(line, "%s: %s has no move %q%s", what, kind, name, suggest(name, known))
		}
	}
}

func (c *check) events(line int, what string, names Events) {
	for _, name := range names {
		if family, action, ok := strings.Cut(name, "."); !ok || family == "" || action == "" {
			c.fail(line, "%s: an event is FAMILY.ACTION, not %q", what, name)
		}
	}
}
