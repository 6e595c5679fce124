package control

import (
	"crypto/sha256"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/gorilla/mux"

	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/openapi"
)

// Prefix is where the control API begins. No provider's path does.
const Prefix = "/_sandgate/"

// Options is what the control API needs.
type Options struct {
	World      *sandbox.World
	Face       http.Handler // the providers' face, for callbacks that are sent in
	Token      string       // bearer token asked for; "" = none
	AllowHosts []string     // further Host names, "*.example.com" for all below
	Version    string
	Seed       uint64
	Log        *slog.Logger

	Environment string // told with the version, "" = none was given
}

type server struct {
	o     Options
	token [sha256.Size]byte
	hosts map[string]bool
}

// route is one row of the table: what a method and path mean.
type route struct {
	method, path string
	open         bool // needs no token
	do           func(*call) (reply, error)
}

// routes is the whole control API. A test holds it against openapi.json.
var routes = []route{
	{"GET", "health", true, (*call).health},
	{"GET", "ready", true, (*call).ready},
	{"GET", "version", false, (*call).version},
	{"GET", "openapi.json", false, (*call).document},
	{"GET", "clock", false, (*call).clock},
	{"PUT", "clock", false, (*call).setClock},
	{"POST", "clock/advance", false, (*call).advance},
	{"POST", "reset", false, (*call).reset},
	{"GET", "events", false, (*call).events},
	{"GET", "events/{id}", false, (*call).event},
	{"POST", "events/{id}/replay", false, (*call).replay},
	{"GET", "deliveries", false, (*call).deliveries},
	{"GET", "deliveries/{id}", false, (*call).delivery},
	{"POST", "deliveries/{id}/retry", false, (*call).retry},
	{"GET", "endpoints", false, (*call).endpoints},
	{"POST", "endpoints", false, (*call).addEndpoint},
	{"GET", "endpoints/{id}", false, (*call).endpoint},
	{"PATCH", "endpoints/{id}", false, (*call).changeEndpoint},
	{"DELETE", "endpoints/{id}", false, (*call).removeEndpoint},
	{"GET", "keys", false, (*call).keys},
	{"POST", "keys", false, (*call).makeKey},
	{"GET", "keys/{id}", false, (*call).key},
	{"POST", "keys/{id}/roll", false, (*call).rollKey},
	{"DELETE", "keys/{id}", false, (*call).revokeKey},
	{"GET", "webhooks", false, (*call).webhooks},
	{"PUT", "webhooks", false, (*call).setWebhooks},
	{"GET", "resources", false, (*call).resources},
	{"POST", "moves", false, (*call).move},
	{"GET", "callbacks", false, (*call).callbacks},
	{"POST", "callbacks", false, (*call).sendCallback},
	{"GET", "callbacks/{id}", false, (*call).callback},
	{"POST", "callbacks/{id}/process", false, (*call).processCallback},
	{"GET", "callback-sources", false, (*call).callbackSources},
	{"GET", "requests", false, (*call).requests},
	{"GET", "audit", false, (*call).audit},
	{"GET", "cards", false, (*call).cards},
	{"GET", "sandboxes", false, (*call).sandboxes},
	{"DELETE", "sandboxes/{name}", false, (*call).removeSandbox},
}

// New makes the control API of a world.
func New(o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &server{o: o, token: sha256.Sum256([]byte(o.Token)), hosts: hostSet(o.AllowHosts)}
	m := mux.NewRouter().SkipClean(true)
	for _, rt := range routes {
		methods := []string{rt.method}
		if rt.method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
		m.Path(Prefix + rt.path).Methods(methods...).Handler(s.handle(rt))
	}
	m.NotFoundHandler = http.HandlerFunc(s.lost)
	m.MethodNotAllowedHandler = http.HandlerFunc(s.wrongMethod)
	return s.guarded(m)
}

// guarded asks the questions of trust before anything else, and turns a panic
// into a 500 that keeps the process.
func (s *server) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				s.o.Log.Error("panic in the control API", "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
				s.refuse(w, r, &problem{status: http.StatusInternalServerError, code: "internal", message: "internal error; see the log"})
			}
		}()
		secure(w.Header())
		w.Header().Set("Sandgate-Version", s.o.Version)
		if err := s.trusted(r); err != nil {
			s.refuse(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// handle is the way of one request: token, contract, work, answer.
func (s *server) handle(rt route) http.Handler {
	key := rt.method + " " + Prefix + rt.path
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &call{s: s, w: w, r: r}
		if err := s.allowed(r, rt.open); err != nil {
			s.refuse(w, r, err)
			return
		}
		if err := x.decode(key); err != nil {
			s.refuse(w, r, err)
			return
		}
		out, err := rt.do(x)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		s.say(w, r, out)
	})
}

func (s *server) lost(w http.ResponseWriter, r *http.Request) {
	s.refuse(w, r, &problem{
		status: http.StatusNotFound, code: "not_found", pointer: "/path",
		message: "the control API has no such path; GET " + Prefix + "openapi.json lists them",
	})
}

func (s *server) wrongMethod(w http.ResponseWriter, r *http.Request) {
	d, err := document()
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	_, _, allow := openapi.NewRouter(d.Operations()).Find(r.Method, r.URL.Path)
	s.refuse(w, r, methodProblem(r.Method, allow))
}
