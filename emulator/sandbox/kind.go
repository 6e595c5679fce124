package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// Kind is one compiled resource kind of one provider.
type Kind struct {
	Name  string // as stored: provider/kind
	Short string

	spec     *scenarios.Resource
	schema   *openapi.Schema // orders the stored body; nil when the scenario names none
	shape    map[string]bool // properties that may be stored; nil = any
	surplus  bool            // the shape holds more than schema does
	owner    *scenarios.Value
	start    *scenarios.Value
	moves    map[string]*move
	auto     map[string][]*move // state -> moves that happen by themselves a while later
	timed    []*move            // moves that happen at an instant of their own
	snake    bool               // a request's camelCase names mean snake_case properties
	nullable map[string]bool    // properties that may say null
	defaults *scenarios.Value
	include  []let
	then     []step // after every creation
	states   map[string][]string
	speak    map[string]map[string]string // "api", "webhooks" -> state -> word
	endpoint *endpointValues
	table    *table // its rows are the engine's own; nil = objects of its own
	key      *keyValues
	nature   nature
}

type endpointValues struct{ url, secret, events, active, overlap *scenarios.Value }

// move is a transition. Its expressions are compiled when it is first asked
// about: a fresh sandbox needs few of them.
type move struct {
	name  string
	from  []string
	to    string
	after time.Duration
	emit  scenarios.Events
	why   string

	spec  *scenarios.Move
	scope scenarios.Scope
	once  sync.Once
	err   error
	when  *scenarios.Program
	at    *scenarios.Program
	set   *scenarios.Value
	then  []step
}

// ready compiles the move.
func (m *move) ready() error {
	m.once.Do(func() {
		c := &compiler{scope: m.scope, err: &m.err}
		m.at = c.program(m.spec.At, m.spec.Line)
		m.when = c.program(m.spec.When, m.spec.Line)
		m.set = c.value(m.spec.Set)
		m.then = c.steps(m.spec.Then)
	})
	return m.err
}

func (m *move) fits(status string) bool { return len(m.from) == 0 || slices.Contains(m.from, status) }

// names that a template of a kind or move may use beyond the fixed ones.
var kindNames = []string{"member", "tokens", "auth", "with", "item", "index"}

func (p *Provider) compileKind(spec *scenarios.Resource) (*Kind, error) {
	k := &Kind{
		Name: p.Name() + "/" + spec.Kind, Short: spec.Kind, spec: spec,
		moves: map[string]*move{}, auto: map[string][]*move{}, snake: p.Scenario.Dialect.Names == "snake",
	}
	if err := p.compileShape(k); err != nil {
		return nil, err
	}
	p.compileNature(k)
	scope := p.scopeIn(spec.File, kindNames)
	var err error
	c := &compiler{scope: scope, err: &err}
	k.owner = c.value(spec.Owner)
	k.start = c.value(spec.Status.Start)
	k.defaults = c.value(spec.Defaults)
	for _, l := range spec.Include {
		k.include = append(k.include, let{name: l.Name, value: c.value(l.Value)})
	}
	k.then = c.steps(spec.Then)
	if spec.Endpoint != nil {
		k.endpoint = &endpointValues{c.value(spec.Endpoint.URL), c.value(spec.Endpoint.Secret), c.value(spec.Endpoint.Events), c.value(spec.Endpoint.Active), c.value(spec.Endpoint.Overlap)}
	}
	k.compileKey(c)
	k.speak = map[string]map[string]string{}
	for face, t := range map[string]scenarios.Template{"api": spec.Status.API, "webhooks": spec.Status.Webhooks} {
		k.speak[face] = p.vocabulary(k, c.value(t), &err)
	}
	k.table = p.compileTable(spec, &err)
	k.states = map[string][]string{}
	for _, words := range spec.Status.Words {
		for word, states := range words {
			if k.speak["api"] == nil && slices.Contains(states, word) {
				continue // where replies show states, a state means itself only
			}
			k.states[word] = append(k.states[word], states...)
		}
	}
	for _, s := range spec.Moves {
		m := &move{name: s.Name, from: s.From, to: s.To, emit: spec.Emit.Update, why: s.Why, spec: s, scope: scope}
		if s.Emit != nil {
			m.emit = *s.Emit
		}
		if s.At != "" {
			k.timed = append(k.timed, m)
		}
		if s.After != nil {
			m.after = time.Duration(*s.After)
			for _, from := range s.From {
				k.auto[from] = append(k.auto[from], m)
			}
		}
		k.moves[s.Name] = m
	}
	if err != nil {
		return nil, fmt.Errorf("resource %s: %w", spec.Kind, err)
	}
	return k, nil
}

// compileShape finds which properties a stored body may have.
func (p *Provider) compileShape(k *Kind) error {
	for i, name := range k.spec.Schema {
		schema, err := p.objectOf(name)
		if err != nil {
			return fmt.Errorf("%s:%d: resource %s: %w", p.Scenario.File, k.spec.Line, k.Short, err)
		}
		if schema == nil || p.Scenario.Infer && len(schema.Properties()) == 0 {
			continue // whatever comes is kept
		}
		if k.shape == nil {
			k.schema, k.shape, k.nullable = schema, map[string]bool{}, map[string]bool{}
		}
		for _, property := range schema.Properties() {
			k.nullable[property] = k.nullable[property] || schema.Property(property).Nullable()
			k.surplus = k.surplus || i > 0 && !k.shape[property]
			k.shape[property] = true
		}
	}
	return nil
}

// vocabulary resolves which words a face speaks; nil = the states themselves.
func (p *Provider) vocabulary(k *Kind, choice *scenarios.Value, err *error) map[string]string {
	if choice == nil || *err != nil {
		return nil
	}
	got, e := choice.Eval(&scenarios.Env{Vars: map[string]any{"config": p.Config, "data": p.Scenario.Data}})
	if e != nil {
		*err = e
		return nil
	}
	words := k.spec.Status.Words[fmt.Sprint(got)]
	if words == nil {
		return nil
	}
	out := map[string]string{}
	for word, states := range words {
		for _, state := range states {
			out[state] = word
		}
	}
	return out
}

// event splits FAMILY.ACTION.
func splitEvent(name string) (family, action string) {
	family, action, _ = strings.Cut(name, ".")
	return family, action
}
