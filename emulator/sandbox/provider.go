package sandbox

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/emulator/webhook"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// Provider is one provider being served: scenario and contract together.
// Kinds and operations are compiled on first use, once.
type Provider struct {
	Scenario *scenarios.Scenario
	Contract *openapi.Document
	Config   map[string]any
	Router   *openapi.Router

	mu       sync.Mutex
	kinds    map[string]*Kind
	bindings sync.Map // *openapi.Operation -> *lazyBinding
	specs    map[string]*scenarios.Operation
	hooks    hooks
	seed     []step
	says     *speech
	removed  *scenarios.Value // what a remove answers, nil = the object
	inferred inferred

	challenges func() (*challenges, error) // compiled on first use
}

// NewProvider puts a scenario on its contract. Overrides are the --set values.
func NewProvider(s *scenarios.Scenario, doc *openapi.Document, overrides map[string]string) (*Provider, error) {
	config, err := s.Settings(overrides)
	if err != nil {
		return nil, err
	}
	p := &Provider{
		Scenario: s, Contract: doc, Config: config, Router: openapi.NewRouter(doc.Operations()),
		kinds: map[string]*Kind{}, specs: map[string]*scenarios.Operation{},
	}
	p.challenges = sync.OnceValues(p.compileChallenges)
	for _, o := range s.Operations {
		p.specs[o.Key] = o
	}
	return p, p.sound()
}

var mountName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)

// sound refuses at once what would only show itself when it is too late: a
// mount that cannot be reached, a signature that nobody can make, a move that
// never lets time go on.
func (p *Provider) sound() error {
	file := p.Scenario.File
	if !mountName.MatchString(p.Name()) {
		return fmt.Errorf("%s: provider %q: a name is of a-z, 0-9 and -", file, p.Name())
	}
	for _, r := range p.Scenario.Resources {
		for _, m := range r.Moves {
			if m.After != nil && m.At != "" {
				return fmt.Errorf("%s:%d: move %s of %s: `after` and `at` exclude each other", cmp.Or(r.File, file), m.Line, m.Name, r.Kind)
			}
			if m.After != nil && *m.After <= 0 {
				return fmt.Errorf("%s:%d: move %s of %s: `after` must be longer than nothing; a move that follows at once belongs under `then`", cmp.Or(r.File, file), m.Line, m.Name, r.Kind)
			}
		}
	}
	if err := p.compileHooks(); err != nil {
		return err
	}
	var err error
	c := &compiler{scope: p.scope(nil), err: &err}
	if p.removed = c.value(p.Scenario.Dialect.Removed); err != nil {
		return err
	}
	if p.hooks.scheme != "" && !slices.Contains(webhook.Schemes(), p.hooks.scheme) {
		return fmt.Errorf("%s: webhooks: there is no signature scheme %q; there are %s", file, p.hooks.scheme, strings.Join(webhook.Schemes(), ", "))
	}
	return nil
}

// Name is the mount name.
func (p *Provider) Name() string { return p.Scenario.Provider }

// Kind compiles a kind on first use.
func (p *Provider) Kind(short string) (*Kind, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if k := p.kinds[short]; k != nil {
		return k, nil
	}
	spec := p.Scenario.Resource(short)
	if spec == nil {
		return nil, fmt.Errorf("%s: there is no resource %q", p.Scenario.File, short)
	}
	k, err := p.compileKind(spec)
	if err != nil {
		return nil, err
	}
	p.kinds[short] = k
	return k, nil
}

// Indexes lists the expression indexes that the provider's kinds ask for.
func (p *Provider) Indexes() []store.Index {
	var out []store.Index
	for _, r := range p.Scenario.Resources {
		for _, path := range r.Index {
			out = append(out, store.Index{Kind: p.Name() + "/" + r.Kind, Path: path})
		}
	}
	return out
}

func (p *Provider) scope(names []string) scenarios.Scope { return p.scopeIn("", names) }

// scopeIn is the scope of expressions in one file of a scenario.
func (p *Provider) scopeIn(file string, names []string) scenarios.Scope {
	return scenarios.Scope{File: cmp.Or(file, p.Scenario.File), Names: names, Lazy: p.Scenario.Checked}
}

type lazyBinding struct {
	once sync.Once
	b    *Binding
	err  error
}

// Binding compiles an operation on first use.
func (p *Provider) Binding(op *openapi.Operation) (*Binding, error) {
	v, ok := p.bindings.Load(op)
	if !ok {
		v, _ = p.bindings.LoadOrStore(op, &lazyBinding{})
	}
	lazy := v.(*lazyBinding)
	lazy.once.Do(func() { lazy.b, lazy.err = p.bind(op) })
	return lazy.b, lazy.err
}
