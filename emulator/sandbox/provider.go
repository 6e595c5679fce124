package sandbox

import (
	"fmt"
	"sync"

	"github.com/sandgate/sandgate/emulator/store"
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
	inferred inferred
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
	for _, o := range s.Operations {
		p.specs[o.Key] = o
	}
	return p, nil
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

func (p *Provider) scope(names []string) scenarios.Scope {
	return scenarios.Scope{File: p.Scenario.File, Names: names}
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
