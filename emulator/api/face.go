package api

import (
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/sandgate/sandgate/emulator/clock"
	"github.com/sandgate/sandgate/emulator/sandbox"
)

// Limits of a request, in bytes. Each has a test one under and one over.
const (
	MaxBody   = 1 << 20  // any body but files
	MaxUpload = 10 << 20 // multipart/form-data
)

// Options is what a Face needs.
type Options struct {
	World        *sandbox.World
	Wall         clock.Wall
	PublicURL    string // scheme://host for links; "" = from the request
	Strict       bool   // refuse what the contract does not declare
	CheckReplies bool   // validate every reply against the contract; a broken one is a 500
	Limits       LimitOptions
	Environment  string // told with every reply, "" = not
	Log          *slog.Logger
}

// Face serves every provider of a world.
type Face struct {
	o         Options
	providers map[string]*sandbox.Provider
	alone     *sandbox.Provider // the only provider, which also answers at /
	views     []string          // paths of the providers' pages
	limiter   *limiter
	requests  atomic.Int64
	panics    atomic.Int64
	broken    atomic.Int64 // replies that broke the contract
}

// New makes the face of a world.
func New(o Options) *Face {
	f := &Face{o: o, providers: map[string]*sandbox.Provider{}, limiter: newLimiter(o.Wall.Now())}
	for _, p := range o.World.Providers() {
		f.providers[p.Name()] = p
		f.alone = p
		if v := p.Scenario.View; v != nil {
			f.views = append(f.views, v.Path)
		}
	}
	if len(f.providers) > 1 {
		f.alone = nil
	}
	return f
}

// Panics says how many requests ended in a panic. A test suite wants 0.
func (f *Face) Panics() int64 { return f.panics.Load() }

// BrokenReplies says how many replies were not what the contract promises.
func (f *Face) BrokenReplies() int64 { return f.broken.Load() }

// mount finds the provider that a path is for and what is left of the path:
// by prefix (unless the only provider has a path that begins so), else the only
// provider, else by the first Host label, else the only provider that has the path.
func (f *Face) mount(method, host, path string) (p *sandbox.Provider, prefix, rest string) {
	first, after, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if p := f.providers[first]; p != nil && (p != f.alone || !has(p, method, path)) {
		return p, "/" + first, "/" + after
	}
	if f.alone != nil {
		return f.alone, "", path
	}
	label, _, _ := strings.Cut(host, ".")
	if p := f.providers[label]; p != nil {
		return p, "", path
	}
	for _, candidate := range f.o.World.Providers() {
		if !has(candidate, method, path) {
			continue
		}
		if p != nil {
			return nil, "", path
		}
		p = candidate
	}
	return p, "", path
}

func has(p *sandbox.Provider, method, path string) bool {
	op, _, allow := p.Router.Find(method, path)
	return op != nil || len(allow) > 0
}

// prefixes lists where the providers are, for the 404 of a lost request.
func (f *Face) prefixes() []string {
	var out []string
	for _, p := range f.o.World.Providers() {
		out = append(out, "/"+p.Name()+"/")
	}
	return out
}

func (f *Face) begin(w http.ResponseWriter, r *http.Request) *exchange {
	x := &exchange{f: f, w: w, r: r, started: f.o.Wall.Now()}
	x.id = "req_" + strconv.FormatInt(f.requests.Add(1), 10)
	return x
}
