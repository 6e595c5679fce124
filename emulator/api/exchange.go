package api

import (
	"cmp"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/openapi"
)

// exchange is one request on its way to its reply.
type exchange struct {
	f       *Face
	w       http.ResponseWriter
	r       *http.Request
	id      string
	started time.Time

	provider *sandbox.Provider
	prefix   string // of the mount, "" at the root
	logged   string // the path as logs may show it, "" = as it came
	at       string // the path under the mount, escaped
	op       *openapi.Operation
	params   map[string]string
	binding  *sandbox.Binding
	named    string // a sandbox that an operation without credential may bring into being
	box      *sandbox.Sandbox
	caller   *sandbox.Identity
	raw      []byte
	values   *openapi.Values
	ignored  []string // pointers to what the contract does not declare
	status   int
	refusal  *sandbox.Refusal
	limit    standing // the tightest that the request counted against
	written  bool
}

// errLost is a path that belongs to no provider.
var errLost = errors.New("no provider has this path")

func (x *exchange) route() error {
	host := strings.ToLower(hostOf(x.r.Host))
	method := x.r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	var path string
	x.provider, x.prefix, path = x.f.mount(method, host, x.r.URL.EscapedPath())
	if x.provider == nil {
		return errLost
	}
	x.at = path
	op, params, allow := x.provider.Router.Find(method, path)
	if op == nil {
		if len(allow) > 0 {
			x.w.Header().Set("Allow", strings.Join(allow, ", "))
			return x.provider.Refuse(sandbox.ReasonNoMethod, "", openapi.Violation{Pointer: "/method", Rule: "method", Expected: strings.Join(allow, ", "), Got: openapi.Mask(x.r.Method)})
		}
		expected := "a path of " + x.provider.Contract.Title()
		if near := x.provider.NearestPath(unescaped(path)); near != "" {
			expected += ", such as " + openapi.Mask(near)
		}
		return x.provider.Refuse(sandbox.ReasonNoRoute, "", openapi.Violation{Pointer: "/path", Rule: "route", Expected: expected, Got: openapi.Show("/path", unescaped(path))})
	}
	x.op, x.params = op, params
	var err error
	x.binding, err = x.provider.Binding(op)
	return err
}

// unescaped is a path as people read it, so that what must not be shown is seen.
func unescaped(path string) string {
	if plain, err := url.PathUnescape(path); err == nil {
		return plain
	}
	return path
}

// hostOf cuts the port off.
func hostOf(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		return h
	}
	return host
}

// who reads the credential. It also names the sandbox, so that an unmodified
// SDK reaches its own world.
func (x *exchange) who() error {
	credential := x.credential()
	name := sandbox.NamedIn(credential)
	mistyped := x.provider.Mistyped(credential)
	if bad := sandbox.MisnamedIn(credential); bad != "" {
		if mistyped != nil {
			return mistyped // what is misnamed may be most of a key
		}
		return x.provider.Refuse(sandbox.ReasonUnauthenticated, "the credential names no sandbox: "+sandbox.ErrBadName.Error(),
			openapi.Violation{Pointer: x.place(), Rule: "sandbox", Expected: "ws_<name> with a-z, 0-9 and - in the name", Got: openapi.Show("", bad)})
	}
	if name == "" {
		name = x.r.Header.Get("Sandgate-Sandbox")
	}
	if x.binding.Anonymous() && !x.f.o.World.Has(name) {
		x.named = name
		return nil // where decides
	}
	if credential == "" && !x.binding.Anonymous() {
		return x.provider.Refuse(sandbox.ReasonUnauthenticated, "", openapi.Violation{Pointer: x.place(), Rule: "required", Expected: "a credential", Got: "nothing"})
	}
	var err error
	if mistyped != nil && !x.binding.Anonymous() && name != "" && !x.f.o.World.Has(name) && !x.f.o.World.Invents() {
		return mistyped // the name may be what is wrong: no sandbox is made of it
	}
	if !x.binding.Anonymous() && name != "" && !x.f.o.World.Has(name) && !x.f.o.World.Invents() {
		if err := x.f.o.World.Unissued(x.provider, credential); err != nil {
			return err // nor of one that could have issued nothing yet
		}
	}
	if x.box, err = x.f.o.World.Sandbox(name); err != nil {
		return x.noSandbox(err)
	}
	if x.binding.Anonymous() {
		return nil
	}
	if mistyped != nil {
		return mistyped
	}
	if x.caller, err = x.box.Identify(x.provider, credential); err != nil {
		return err
	}
	return x.binding.Permit(x.caller)
}

func (x *exchange) wellSaid() error {
	if err := x.read(); err != nil {
		return err
	}
	x.typed()
	var violations []openapi.Violation
	x.values, violations = x.binding.Plan.DecodeKeeping(x.r, x.params, x.plain(), x.binding.KeepFiles())
	if len(violations) > 0 {
		x.binding.Mistaken(violations, x.values.Body)
		for _, v := range violations {
			if v.Rule == "contentType" {
				return x.provider.Refuse(sandbox.ReasonUnsupported, "", violations...)
			}
		}
		return x.provider.Refuse(sandbox.ReasonInvalid, "", violations...)
	}
	x.forget()
	ignored := x.binding.Undeclared(x.r.URL.RawQuery, x.values.Body)
	if x.f.o.Strict && len(ignored) > 0 {
		return x.provider.Refuse(sandbox.ReasonInvalid, "", ignored...)
	}
	for _, v := range ignored {
		x.ignored = append(x.ignored, shortPointer(v.Pointer))
	}
	return nil
}

// typed calls a body JSON that nobody gave a type, where the dialect says so.
func (x *exchange) typed() {
	if len(x.raw) == 0 || x.f.o.Strict {
		return
	}
	x.supposed()
	if x.provider.Scenario.Dialect.Untyped != "json" {
		return
	}
	media, _, _ := mime.ParseMediaType(x.r.Header.Get("Content-Type"))
	if media == "" || media == "text/plain" {
		x.r.Header.Set("Content-Type", "application/json")
	}
}

// shortPointer is a pointer that fits into a header, whatever the caller sent.
func shortPointer(pointer string) string {
	clean := strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' || r == ',' {
			return '_'
		}
		return r
	}, openapi.Mask(pointer))
	return clean[:min(len(clean), 80)]
}

// read takes the body in, up to the limit of its kind.
func (x *exchange) read() error {
	if x.r.Body == nil || x.r.ContentLength == 0 {
		return nil
	}
	limit := x.bodyLimit()
	source, err := x.inflated(limit)
	var refused *sandbox.Refusal
	if errors.As(err, &refused) {
		return err
	}
	var body []byte
	if err == nil {
		body, err = io.ReadAll(source)
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return x.provider.Refuse(sandbox.ReasonTooLarge, "", openapi.Violation{Pointer: "/body", Rule: "maxBytes", Expected: "at most " + itoa(limit) + " bytes", Got: "more"})
	}
	if err != nil {
		return x.provider.Refuse(sandbox.ReasonInvalid, "", openapi.Violation{Pointer: "/body", Rule: "read", Expected: "a whole body"})
	}
	x.raw = body
	return nil
}

// where finds the sandbox of an operation that needs no credential.
func (x *exchange) where() error {
	if x.box != nil {
		return nil
	}
	name, err := x.binding.SandboxIn(x.values)
	if err != nil {
		return err
	}
	if name = cmp.Or(x.named, name, x.calledBack()); name != "" && !x.f.o.World.Has(name) && !x.f.o.World.Invents() {
		if err := x.binding.Nowhere(x.values); err != nil {
			return err
		}
	}
	if x.box, err = x.f.o.World.Sandbox(name); err != nil {
		return x.noSandbox(err)
	}
	return nil
}

// noSandbox is the refusal of a sandbox that cannot be had.
func (x *exchange) noSandbox(err error) error {
	switch {
	case errors.Is(err, sandbox.ErrTooMany):
		r := x.provider.Refuse(sandbox.ReasonTooMany, err.Error())
		r.Header = map[string]string{"Retry-After": "60"}
		return r
	case errors.Is(err, sandbox.ErrBadName):
		return x.provider.Refuse(sandbox.ReasonInvalid, err.Error(), openapi.Violation{Pointer: "/header/Sandgate-Sandbox", Rule: "sandbox", Expected: "the name of a sandbox"})
	case errors.Is(err, sandbox.ErrClosed):
		r := x.provider.Refuse(sandbox.ReasonInternal, err.Error())
		r.Status = http.StatusServiceUnavailable
		return r
	}
	return err
}

func (x *exchange) do() (*sandbox.Reply, error) {
	call := &sandbox.Call{Binding: x.binding, Values: x.values, Who: x.caller, Base: x.base(), Sandbox: x.box.Name(), Target: strings.TrimPrefix(x.r.URL.RequestURI(), x.prefix), Raw: x.raw, Request: x.id, Header: x.r.Header}
	call.If = x.condition()
	var err error
	if call.KeyName, call.Key, err = x.binding.KeyIn(x.r.Header); err != nil {
		return nil, err
	}
	if x.binding.Includes() {
		for _, list := range x.r.URL.Query()["include"] {
			call.Include = append(call.Include, strings.Split(list, ",")...)
		}
	}
	// What was asked is done even if the caller hangs up: a retry finds it.
	return x.box.Do(withoutCancel(x.r.Context()), call)
}

// base is where links in replies begin.
func (x *exchange) base() string {
	if x.f.o.PublicURL != "" {
		return x.f.o.PublicURL + x.prefix
	}
	scheme := "http://"
	if x.r.TLS != nil {
		scheme = "https://"
	}
	return scheme + x.r.Host + x.prefix
}

// checked validates a reply against the contract, where that is asked for.
func (x *exchange) checked(reply *sandbox.Reply) error {
	if !x.f.o.CheckReplies {
		return nil
	}
	violations := x.binding.CheckReply(reply)
	if len(violations) == 0 {
		return nil
	}
	x.f.broken.Add(1)
	return &brokenReply{x.op.Key(), reply.Status, violations}
}

// path is the request's, as logs may show it.
func (x *exchange) path() string {
	shown := cmp.Or(x.logged, x.r.URL.Path)
	if x.provider == nil || !x.provider.Scenario.Infer {
		return openapi.Mask(shown)
	}
	for name, value := range x.params {
		if openapi.SecretName(name) && value != "" {
			shown = strings.ReplaceAll(shown, "/"+unescaped(value), "/…")
		}
	}
	return openapi.Mask(shown)
}

// end logs the request and turns a panic into a 500 that keeps the process.
func (x *exchange) end() {
	if p := recover(); p != nil {
		x.f.panics.Add(1)
		x.f.o.Log.Error("panic", "request", x.id, "panic", p, "stack", string(debug.Stack()))
		if !x.written {
			x.say(nil, errPanic)
		}
	}
	if x.box == nil || x.provider == nil {
		return
	}
	line := sandbox.LoggedRequest{
		ID: x.id, At: x.box.Time(), Provider: x.provider.Name(), Method: x.r.Method,
		Path: x.path(), Status: x.status, Micros: x.f.o.Wall.Now().Sub(x.started).Microseconds(),
	}
	if x.binding != nil {
		line.Operation, line.Depth = x.op.Key(), x.binding.Depth
	}
	if x.refusal != nil {
		line.Code, line.Messages = x.refusal.Code, x.refusal.Messages
	}
	line.Ignored = x.ignored
	x.box.Log(line)
	if log := x.f.o.Log; log.Enabled(x.r.Context(), slog.LevelDebug) {
		log.Debug("request", "id", line.ID, "sandbox", x.box.Name(), "method", line.Method, "path", line.Path, "status", line.Status,
			"code", line.Code, "depth", line.Depth, "micros", line.Micros)
	}
}

var errPanic = errors.New("panic")
