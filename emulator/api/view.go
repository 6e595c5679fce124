package api

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/sandgate/sandgate/emulator/sandbox"
)

// viewPolicy lets a page load its style and nothing else: it asks nothing.
const viewPolicy = "default-src 'none'; style-src 'self'; img-src data:; form-action 'none'; base-uri 'none'"

// lookAgain is how often a page asks for itself while something may change.
const lookAgain = 5 // seconds of the wall

//go:embed view/*
var viewFiles embed.FS

var viewPage = template.Must(template.New("").Funcs(template.FuncMap{"spaced": spaced, "span": span}).ParseFS(viewFiles, "view/*.html"))

// viewed answers the page that shows one resource and reports whether the
// path was one.
func (x *exchange) viewed() (bool, error) {
	if !slices.ContainsFunc(x.f.views, func(path string) bool { return strings.Contains(x.r.URL.Path, path) }) {
		return false, nil
	}
	path, providers := x.pagers(func(p *sandbox.Provider) bool { return p.Scenario.View != nil })
	id := ""
	providers = slices.DeleteFunc(providers, func(p *sandbox.Provider) bool {
		rest, ok := strings.CutPrefix(path, p.Scenario.View.Path)
		if ok = ok && rest != "" && !strings.Contains(rest, "/"); ok {
			id = rest
		}
		return !ok
	})
	if len(providers) == 0 {
		return false, nil
	}
	x.provider = providers[0]
	if err := x.often(nil); err != nil {
		return true, err
	}
	if err := x.methods(http.MethodGet, http.MethodHead); err != nil {
		return true, err
	}
	if id == "style.css" {
		return true, x.style()
	}
	name := x.r.URL.Query().Get("sandbox")
	if name == "" {
		name = sandbox.DefaultName
	}
	if !x.f.o.World.Has(name) {
		return true, x.unseen() // to look must not bring it into being
	}
	var err error
	if x.box, err = x.f.o.World.Sandbox(name); err != nil {
		return true, x.noSandbox(err)
	}
	return true, x.look(providers, id)
}

// look shows the first provider's resource that has the id.
func (x *exchange) look(providers []*sandbox.Provider, id string) error {
	for _, p := range providers {
		v, err := x.box.View(p, id)
		if errors.Is(err, sandbox.ErrNoView) {
			continue
		}
		if err != nil {
			return err
		}
		x.provider = p
		return x.show(http.StatusOK, v)
	}
	return x.unseen()
}

// unseen answers a link that leads to nothing.
func (x *exchange) unseen() error { return x.show(http.StatusNotFound, nil) }

func (x *exchange) show(status int, v *sandbox.View) error {
	var out bytes.Buffer
	page := struct {
		*sandbox.View
		Again int
	}{View: v}
	if v != nil && !v.State.Final {
		page.Again = lookAgain
	}
	if err := viewPage.ExecuteTemplate(&out, "page.html", page); err != nil {
		return err
	}
	return x.sendUnder(viewPolicy, status, "text/html; charset=utf-8", out.Bytes())
}

// spaced makes a name of the scenario readable.
func spaced(name string) string { return strings.ReplaceAll(name, "_", " ") }

// span says how long something still takes, as people do.
func span(d time.Duration) string {
	d = d.Round(time.Second)
	switch h, m, s := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60; {
	case h > 0:
		return fmt.Sprintf("%d h %d min", h, m)
	case m > 0:
		return fmt.Sprintf("%d min %d s", m, s)
	default:
		return fmt.Sprintf("%d s", s)
	}
}
