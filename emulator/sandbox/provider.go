package sandbox

import (
	"cmp"
	"context"
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

	mu        sync.Mutex
	kinds     sync.Map // name -> *lazyKind
	bindings  sync.Map // *openapi.Operation -> *lazyBinding
	specs     map[string]*scenarios.Operation
	hooks     hooks
	seed      []step
	says      *speech
	removed   *scenarios.Value // what a remove answers, nil = the object
	inference *scenarios.Inference
	once      oncePolicy
	limits    Limits

	challenges func() (*challenges, error) // compiled on first use
	views      func() (*views, error)

	keys        *scenarios.Resource      // the kind that is an API key
	permissions func() ([]string, error) // resources that a key's permissions may name
	callbacks   func() (map[string]*callbackSource, error)
	errorsSeen  func() *errorForms // the schemas that the contract has for errors
	tokenPaths  func() []scenarios.TokenPath
}

// NewProvider puts a scenario on its contract. Overrides are the --set values.
func NewProvider(s *scenarios.Scenario, doc *openapi.Document, overrides map[string]string) (*Provider, error) {
	config, err := s.Settings(overrides)
	if err != nil {
		return nil, err
	}
	inference := scenarios.NewInference(doc)
	inference.Complete(s)
	p := &Provider{
		Scenario: s, Contract: doc, Config: config, Router: openapi.NewRouter(doc.Operations()).Among(doc.Plan).Under(sync.OnceValue(doc.ServerPaths)),
		specs: map[string]*scenarios.Operation{}, inference: inference,
	}
	p.challenges, p.views = sync.OnceValues(p.compileChallenges), sync.OnceValues(p.compileViews)
	p.keys, p.permissions = keyKind(s), sync.OnceValues(p.permissionNames)
	p.callbacks = sync.OnceValues(p.compileCallbacks)
	p.errorsSeen = lazyErrors(doc)
	p.tokenPaths = sync.OnceValue(func() []scenarios.TokenPath { return scenarios.TokenPaths(doc) })
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
	if err := p.compileOnce(); err != nil {
		return err
	}
	if prefix := p.Scenario.KeyPrefix(); LiveShaped(prefix) {
		return fmt.Errorf("%s: auth.keys.prefix %q is that of live keys", file, prefix)
	}
	if err := p.compileHooks(); err != nil {
		return err
	}
	if err := p.compileLimits(); err != nil {
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
	if err := p.checkSecret(p.Scenario.Credentials.Secret); err != nil && p.Scenario.Credentials.Secret != "" {
		return fmt.Errorf("%s: credentials: secret: %w", file, err)
	}
	return nil
}

// Name is the mount name.
func (p *Provider) Name() string { return p.Scenario.Provider }

type lazyKind struct {
	once sync.Once
	k    *Kind
	err  error
}

// Kind compiles a kind on first use.
func (p *Provider) Kind(short string) (*Kind, error) {
	v, ok := p.kinds.Load(short)
	if !ok {
		spec, err := p.resourceOf(short)
		if err != nil {
			return nil, err
		}
		if spec == nil {
			return nil, fmt.Errorf("%s: there is no resource %q", p.Scenario.File, short)
		}
		v, _ = p.kinds.LoadOrStore(short, &lazyKind{})
	}
	lazy := v.(*lazyKind)
	lazy.once.Do(func() {
		var spec *scenarios.Resource
		if spec, lazy.err = p.resourceOf(short); lazy.err == nil {
			lazy.k, lazy.err = p.compileKind(spec)
		}
	})
	return lazy.k, lazy.err
}

// prepare compiles what a fresh sandbox needs, ahead of the one who will ask
// for it. What fails is said when it is asked for.
func (p *Provider) prepare(ctx context.Context) {
	steps, err := p.seedSteps()
	if err != nil {
		return
	}
	for _, st := range steps {
		kind, err := p.Kind(st.spec.Create)
		if err != nil || ctx.Err() != nil {
			return
		}
		st.set.Prepare()
		kind.defaults.Prepare()
		for _, m := range kind.timed {
			if m.ready() == nil {
				m.when.Prepare()
				m.at.Prepare()
			}
		}
	}
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
