package api

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/openapi"
)

// challengePath is where card holders prove who they are: under a provider's
// mount, /3ds/SANDBOX/TOKEN. The token is the only credential.
const challengePath = "/3ds/"

// challengePolicy lets the page load its style and nothing else. The form's
// answer may lead on to the shop, wherever that is.
const challengePolicy = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self' http: https:; base-uri 'none'"

//go:embed challenge/*
var challengeFiles embed.FS

var challengePage = template.Must(template.ParseFS(challengeFiles, "challenge/*.html"))

// answers are what a person may press, in the order of the page; a page shows
// those that the scenario knows.
var answers = []answer{
	{"Y", "Approve", "approve", "The bank recognises the card holder."},
	{"N", "Fail", "fail", "The code was wrong: not authenticated."},
	{"abandon", "Abandon", "abandon", "The card holder leaves without an answer."},
	{"timeout", "Time out", "timeout", "Nobody answers until the link is over."},
	{"A", "Attempt", "attempt", "The bank cannot ask, but vouches for the attempt."},
	{"U", "Unable", "unable", "The bank is unable to authenticate."},
	{"R", "Reject", "reject", "The bank rejects it and wants no further try."},
}

type answer struct{ Result, Label, Key, About string }

// challenged answers a challenge's page and reports whether the path was one.
func (x *exchange) challenged() (bool, error) {
	if !strings.Contains(x.r.URL.Path, challengePath) {
		return false, nil
	}
	path, providers := x.pagers(func(p *sandbox.Provider) bool { return p.Scenario.Challenge != nil })
	rest, ok := strings.CutPrefix(path, challengePath)
	if !ok || len(providers) == 0 {
		return false, nil
	}
	x.provider = providers[0]
	if err := x.often(nil); err != nil { // a link's secret is no credential of somebody
		return true, err
	}
	if rest == "style.css" {
		return true, x.style()
	}
	name, token, _ := strings.Cut(rest, "/")
	if name == "" || token == "" || strings.Contains(token, "/") {
		return false, nil
	}
	x.logged = x.prefix + challengePath + name + "/…" // the token is a credential
	if err := x.methods(http.MethodGet, http.MethodHead, http.MethodPost); err != nil {
		return true, err
	}
	if !x.f.o.World.Has(name) {
		return true, x.over() // to look must not bring it into being
	}
	var err error
	if x.box, err = x.f.o.World.Sandbox(name); err != nil {
		return true, x.noSandbox(err)
	}
	for _, p := range providers[1:] {
		if _, err := x.box.Challenge(p, token); err == nil {
			x.provider = p
		}
	}
	if x.r.Method == http.MethodPost {
		return true, x.answered(token)
	}
	return true, x.ask(token)
}

// pagers finds whose page a path can be, of those that have one, and what is
// left of it. A path that the contract has is none; without a mount, what the
// link names decides between several providers.
func (x *exchange) pagers(have func(*sandbox.Provider) bool) (path string, out []*sandbox.Provider) {
	path = x.r.URL.EscapedPath()
	candidates := x.f.o.World.Providers()
	p, prefix, rest := x.f.mount(x.r.Method, strings.ToLower(hostOf(x.r.Host)), path)
	if p != nil {
		x.prefix, path, candidates = prefix, rest, []*sandbox.Provider{p}
	}
	for _, p := range candidates {
		op, _, allow := p.Router.Find(x.r.Method, path)
		if have(p) && op == nil && len(allow) == 0 {
			out = append(out, p)
		}
	}
	return path, out
}

// methods refuses every other method.
func (x *exchange) methods(allowed ...string) error {
	if slices.Contains(allowed, x.r.Method) {
		return nil
	}
	list := strings.Join(allowed, ", ")
	x.w.Header().Set("Allow", list)
	return x.provider.Refuse(sandbox.ReasonNoMethod, "", openapi.Violation{Pointer: "/method", Rule: "method", Expected: list, Got: openapi.Show("/method", x.r.Method)})
}

// challengeView is what the page is made from.
type challengeView struct {
	Show    map[string]any
	Rest    []shown // what has no place of its own
	Buttons []button
	Done    *sandbox.Answered
}

type shown struct{ Key, Name, Value string }

type button struct {
	answer
	First bool // it has the focus, so that Enter presses it
}

// view arranges a challenge for the eyes of a person.
func view(c *sandbox.Challenge) challengeView {
	v := challengeView{Show: c.Show}
	for _, key := range slices.Sorted(maps.Keys(c.Show)) {
		if value := c.Show[key]; value != nil && !slices.Contains([]string{"merchant", "amount", "currency"}, key) {
			v.Rest = append(v.Rest, shown{key, strings.ReplaceAll(key, "_", " "), fmt.Sprint(value)})
		}
	}
	first := -1
	for _, a := range answers {
		if !slices.Contains(c.Results, a.Result) {
			continue
		}
		if first < 0 || a.Result == c.Propose {
			first = len(v.Buttons)
		}
		v.Buttons = append(v.Buttons, button{answer: a})
	}
	if first >= 0 {
		v.Buttons[first].First = true
	}
	return v
}

// ask shows the challenge, as a page or as JSON.
func (x *exchange) ask(token string) error {
	c, err := x.box.Challenge(x.provider, token)
	if errors.Is(err, sandbox.ErrNoChallenge) {
		return x.over()
	}
	if err != nil {
		return err
	}
	if x.wantsJSON() {
		return x.challengeJSON(http.StatusOK, c)
	}
	return x.page(http.StatusOK, view(c))
}

// answered takes an answer, from the page's form or from a script.
func (x *exchange) answered(token string) error {
	result, err := x.result()
	if err != nil {
		return err
	}
	done, err := x.box.Answer(withoutCancel(x.r.Context()), x.provider, token, result)
	switch {
	case errors.Is(err, sandbox.ErrNoChallenge):
		return x.over()
	case err != nil:
		return err
	case x.wantsJSON():
		return x.challengeJSON(http.StatusOK, done)
	case done.Return != "":
		x.w.Header().Set("Location", done.Return)
		return x.send(http.StatusSeeOther, "text/plain; charset=utf-8", nil)
	}
	return x.page(http.StatusOK, challengeView{Done: done})
}

// result reads the answer of a form or of JSON.
func (x *exchange) result() (string, error) {
	if err := x.read(); err != nil {
		return "", err
	}
	switch media, _, _ := mime.ParseMediaType(x.r.Header.Get("Content-Type")); media {
	case "application/json":
		v, bad := openapi.DecodeJSON(x.raw)
		if bad != nil {
			bad.Pointer = "/body" + bad.Pointer
			return "", x.provider.Refuse(sandbox.ReasonInvalid, "", *bad)
		}
		body, _ := v.(map[string]any)
		result, _ := body["result"].(string)
		return result, nil
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(x.raw))
		if err != nil {
			return "", x.provider.Refuse(sandbox.ReasonInvalid, "", openapi.Violation{Pointer: "/body", Rule: "form", Expected: "a form"})
		}
		return form.Get("result"), nil
	default:
		return "", x.provider.Refuse(sandbox.ReasonUnsupported, "", openapi.Violation{
			Pointer: "/header/Content-Type", Rule: "contentType", Expected: "application/json or application/x-www-form-urlencoded", Got: openapi.Show("", media),
		})
	}
}

// wantsJSON tells a script from a browser.
func (x *exchange) wantsJSON() bool {
	return strings.Contains(x.r.Header.Get("Accept"), "application/json") || strings.HasPrefix(x.r.Header.Get("Content-Type"), "application/json")
}

// over answers a link that leads to nothing any more.
func (x *exchange) over() error {
	if x.wantsJSON() {
		r := x.provider.Refuse(sandbox.ReasonNotFound, sandbox.ErrNoChallenge.Error())
		r.Status = http.StatusGone
		return r
	}
	return x.page(http.StatusGone, challengeView{})
}

func (x *exchange) challengeJSON(status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return x.send(status, jsonMedia, body)
}

func (x *exchange) style() error {
	if err := x.methods(http.MethodGet, http.MethodHead); err != nil {
		return err
	}
	css, err := challengeFiles.ReadFile("challenge/style.css")
	if err != nil {
		return err
	}
	return x.send(http.StatusOK, "text/css; charset=utf-8", css)
}

func (x *exchange) page(status int, view challengeView) error {
	var out bytes.Buffer
	if err := challengePage.ExecuteTemplate(&out, "page.html", view); err != nil {
		return err
	}
	return x.send(status, "text/html; charset=utf-8", out.Bytes())
}

// send writes one of the page's own replies. Shops show such pages in frames,
// so framing is allowed; scripts and foreign assets are not.
func (x *exchange) send(status int, media string, body []byte) error {
	return x.sendUnder(challengePolicy, status, media, body)
}

func (x *exchange) sendUnder(policy string, status int, media string, body []byte) error {
	x.written, x.status = true, status
	h := x.w.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", policy)
	h.Set("Request-Id", x.id)
	x.showLimit(h)
	x.w.WriteHeader(status)
	if x.r.Method == http.MethodHead {
		return nil
	}
	x.w.Write(body)
	return nil
}
