package emulator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sandgate/sandgate/emulator/api"
	"github.com/sandgate/sandgate/emulator/clock"
	"github.com/sandgate/sandgate/emulator/control"
	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/emulator/webhook"
	"github.com/sandgate/sandgate/testcards"
)

// Options says what to serve and how. The zero value serves every built-in
// provider from a temporary folder, on the real clock.
type Options struct {
	Providers []string          // names of built-in providers or paths of scenario files; none, and nothing below = all of BuiltIn
	Specs     []string          // contracts of the user's own: FILE, FOLDER or NAME=FILE
	Scenarios []string          // what happens on them: a scenario's file or folder, or NAME=FILE
	Overlays  []string          // changes to them, OpenAPI Overlay documents: FILE or NAME=FILE
	Cache     string            // folder of compiled contracts; "" = beside Data, else the user's cache folder; "off" = none
	Data      string            // folder of the sandboxes' files; "" = a temporary one that goes with Close
	Clock     string            // real (default), manual, xN
	Start     time.Time         // first instant of a new sandbox
	Seed      uint64            // 0 = random
	Set       map[string]string // scenario settings, path -> value
	Strict    bool              // refuse what is otherwise accepted with a warning
	Keys      string            // open: test-shaped keys that nobody issued work too; strict: they do not; "" = open, but strict in production

	ResetCron string // five fields, on the sandbox clock; "" = never
	ResetZone string // time zone of ResetCron, default UTC

	Egress        string // any (default), local, public, none
	SignatureTime string // wall (default) or sandbox
	WebhookOrder  string // free, per-object or shuffle; "" = as each provider does
	// WebhookDuplicates is the share, like 10%, of accepted webhooks that are sent once more; "" = as each provider does.
	WebhookDuplicates string
	PublicURL         string // scheme://host of links in replies
	MaxSandboxes      int    // default 10,000

	// RateLimit is on (default), off (constant headers, nothing is refused: for what loads, or must repeat to the
	// byte) or RATE[/BURST] for every organisation, to test how a client backs off.
	RateLimit  string
	TrustProxy []string // networks whose X-Forwarded-For counts; none = the peer's address does

	// Environment is production, staging or sandbox, as the provider has them; "" is a sandbox without a schedule
	// of resets. It is the setting `environment` of each scenario that has one.
	Environment string

	ControlToken string   // bearer token that the control API asks for; "" = none
	AllowHosts   []string // further Host names for the control API
	Version      string   // shown by the control API

	SecretKey     string // keys of secrets at rest in base64 or hex, the first seals, commas between; "" = see SecretKeyFile
	SecretKeyFile string // file that holds them; "" = Data has its own, made at its first start

	// UnknownIDs is refuse (default), or create: an id that was never made is answered with a generated object of that id.
	UnknownIDs string

	CheckReplies bool // validate every reply against the contract
	Log          *slog.Logger
	Wall         clock.Wall                        // injected by tests
	Dial         webhook.DialFunc                  // injected by tests
	Resolver     webhook.Resolver                  // injected by tests
	Moved        func(provider, kind, move string) // told of every move that a machine makes

	later func(func()) // takes what may wait until the first answer, nil = it is done at once
}

// Server is a running emulator: an http.Handler with a clock that can be
// moved. Close it when done.
type Server struct {
	world   *sandbox.World
	face    *api.Face
	control http.Handler
	sender  *webhook.Sender
	seed    uint64
	named   string // the environment, "" = none was given …
	about   string // … and what it means
	own     atomic.Pointer[[]netip.AddrPort]
	chores  chores
	cleanup []func() error
}

// New makes a server. Nothing listens yet: it is a handler.
func New(o Options) (s *Server, err error) {
	s = &Server{seed: o.Seed}
	defer func() {
		if err != nil {
			s.clean()
		}
	}()
	for s.seed == 0 {
		s.seed = rand.Uint64() // printed, so that a run can be repeated
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Wall == nil {
		o.Wall = clock.System
	}
	w := sandbox.Options{
		Seed: s.seed, MaxOpen: openable(), Start: o.Start, Wall: o.Wall, SignatureTime: o.SignatureTime,
		MaxSandboxes: o.MaxSandboxes, Strict: o.Strict, UnknownIDs: o.UnknownIDs, Cards: testcards.Outcome, PlayCard: playCard, RealCard: testcards.Real, Moved: o.Moved, Log: o.Log,
	}
	o.later = s.chores.add
	limited, err := limits(o)
	if err != nil {
		return s, err
	}
	if err := s.policies(&w, o); err != nil {
		return s, err
	}
	if err := s.folder(&w, o.Data); err != nil {
		return s, err
	}
	if err := s.secretKeys(&w, o); err != nil {
		return s, err
	}
	if err := s.egress(&w, o); err != nil {
		return s, err
	}
	if s.world, err = sandbox.NewWorld(w); err != nil {
		return s, err
	}
	if err := s.unlock(); err != nil {
		return s, errors.Join(err, s.world.Close(context.Background()))
	}
	s.face = api.New(api.Options{World: s.world, Wall: o.Wall, PublicURL: o.PublicURL, Strict: o.Strict, CheckReplies: o.CheckReplies, Limits: limited, Environment: o.Environment, Log: o.Log})
	s.control = control.New(control.Options{World: s.world, Face: s.face, Token: o.ControlToken, AllowHosts: o.AllowHosts, Version: o.Version, Environment: o.Environment, Seed: s.seed, Log: o.Log})
	return s, nil
}

// policies reads what needs no file: a wrong word is refused before anything is made.
func (s *Server) policies(w *sandbox.Options, o Options) (err error) {
	if err := CheckEnvironment(o); err != nil {
		return err
	}
	switch o.UnknownIDs {
	case "", "refuse", "create":
	default:
		return fmt.Errorf("unknown ids are refused or created, not %q", o.UnknownIDs)
	}
	if w.Providers, err = loadProviders(o); err != nil {
		return err
	}
	if w.StrictKeys, err = StrictKeys(o); err != nil {
		return err
	}
	if err := s.clocks(w, o); err != nil {
		return err
	}
	if err := s.environment(w, o); err != nil {
		return err
	}
	w.Manner, err = sandbox.ParseManner(o.WebhookOrder, o.WebhookDuplicates)
	return err
}

func (s *Server) clocks(w *sandbox.Options, o Options) (err error) {
	if o.Clock == "" {
		o.Clock = "real"
	}
	if w.Mode, err = clock.ParseMode(o.Clock); err != nil {
		return err
	}
	switch o.SignatureTime {
	case "", "wall", "sandbox":
	default:
		return fmt.Errorf("signature time is wall or sandbox, not %q", o.SignatureTime)
	}
	if o.ResetCron == "" {
		return nil
	}
	zone, err := time.LoadLocation(o.ResetZone)
	if err != nil {
		return fmt.Errorf("time zone %q: %w", o.ResetZone, err)
	}
	cron, err := clock.ParseCron(o.ResetCron, zone)
	w.ResetCron = &cron
	return err
}

// folder takes the data folder for this process alone.
func (s *Server) folder(w *sandbox.Options, dir string) (err error) {
	if w.Dir = dir; dir == "" {
		if w.Dir, err = os.MkdirTemp("", "sandgate-"); err != nil {
			return err
		}
		w.Temporary = true
		s.cleanup = append(s.cleanup, func() error { return os.RemoveAll(w.Dir) })
	} else if err = os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	release, err := store.Lock(w.Dir)
	if err != nil {
		return err
	}
	s.cleanup = append(s.cleanup, release)
	return nil
}

func (s *Server) egress(w *sandbox.Options, o Options) error {
	if o.Egress == "" {
		o.Egress = "any"
	}
	policy, err := webhook.ParseEgress(o.Egress)
	if err != nil {
		return err
	}
	s.sender = webhook.New(webhook.Options{Egress: policy, Now: o.Wall.Now, Dial: o.Dial, Resolver: o.Resolver, Refuse: s.isOwn})
	w.Sender, w.Insecure = s.sender, policy.BearsInsecure()
	s.cleanup = append(s.cleanup, func() error { s.sender.Close(); return nil })
	return nil
}

// LoadProviders reads scenarios by built-in name or file, with settings.
func LoadProviders(names []string, set map[string]string) ([]*sandbox.Provider, error) {
	return loadProviders(Options{Providers: names, Set: set})
}

// Providers loads what the options serve, and nothing else of them.
func Providers(o Options) ([]*sandbox.Provider, error) { return loadProviders(o) }

func loadProviders(o Options) ([]*sandbox.Provider, error) {
	list, err := sources(o)
	if err != nil {
		return nil, err
	}
	settings := map[string]*setting{}
	for path, value := range o.Set {
		settings[path] = &setting{value: value}
	}
	var out []*sandbox.Provider
	for _, from := range loadAll(list, o) {
		p, err := from.provide(settings, len(list) == 1, o)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	for i, p := range out {
		for _, other := range out[:i] {
			if other.Name() == p.Name() {
				return nil, fmt.Errorf("%s and %s are both called %q; one name, one mount", other.Scenario.File, p.Scenario.File, p.Name())
			}
		}
	}
	for _, path := range slices.Sorted(maps.Keys(settings)) {
		if !settings[path].used {
			return nil, fmt.Errorf("--set %s: no served provider has this setting", path)
		}
	}
	return out, nil
}

// OwnAddresses tells the server where it listens, so that no webhook is ever
// sent to its own control API.
func (s *Server) OwnAddresses(addrs ...netip.AddrPort) { s.own.Store(&addrs) }

func (s *Server) isOwn(to netip.AddrPort) bool {
	own := s.own.Load()
	if own == nil {
		return false
	}
	for _, a := range *own {
		if a.Port() == to.Port() && (a.Addr() == to.Addr() || a.Addr().IsUnspecified() || to.Addr().IsLoopback() && a.Addr().IsLoopback()) {
			return true
		}
	}
	return false
}

// ServeHTTP sends /_sandgate/ to the control API and everything else to the
// providers' face.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, control.Prefix) {
		s.control.ServeHTTP(w, r)
		return
	}
	s.face.ServeHTTP(w, r)
}

// Control is the control API alone, for a listener of its own.
func (s *Server) Control() http.Handler { return s.control }

// Face is the providers' face alone.
func (s *Server) Face() http.Handler { return s.face }

// Seed is the run's seed: the same seed and calls give the same ids.
func (s *Server) Seed() uint64 { return s.seed }

// Sandbox finds or makes a sandbox by name; "" is the default one.
func (s *Server) Sandbox(name string) (*sandbox.Sandbox, error) { return s.world.Sandbox(name) }

// World gives the engine itself, for tests and tools.
func (s *Server) World() *sandbox.World { return s.world }

// Advance moves the default sandbox's clock and returns what fired, when all
// is quiet.
func (s *Server) Advance(by time.Duration) (sandbox.Advanced, error) {
	box, err := s.world.Sandbox("")
	if err != nil {
		return sandbox.Advanced{}, err
	}
	return box.AdvanceBy(context.Background(), by, false)
}

// Reset brings the default sandbox back to its seed objects.
func (s *Server) Reset() error {
	box, err := s.world.Sandbox("")
	if err != nil {
		return err
	}
	return box.Reset(context.Background(), false)
}

// Broken says how many replies broke the contract and how many requests
// panicked; a suite that sets CheckReplies wants both to be 0.
func (s *Server) Broken() (replies, panics int64) { return s.face.BrokenReplies(), s.face.Panics() }

// closeTimeout is how long Close waits for requests and sends under way.
const closeTimeout = 10 * time.Second

// Close finishes what is in flight and closes every file. A send that is cut
// off is not an attempt: it is made again at the next start.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	s.Chores()
	err := s.world.Close(ctx)
	return errors.Join(err, s.clean())
}

func (s *Server) clean() error {
	var errs []error
	for i := len(s.cleanup) - 1; i >= 0; i-- {
		errs = append(errs, s.cleanup[i]())
	}
	s.cleanup = nil
	return errors.Join(errs...)
}
