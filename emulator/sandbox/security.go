package sandbox

import (
	"net/http"
	"strings"

	"github.com/sandgate/sandgate/scenarios"
)

// TokenPath is the OAuth 2.0 token endpoint at a path that the contract names and does not describe itself; nil if there is none.
func (p *Provider) TokenPath(path string) *scenarios.TokenPath {
	paths := p.tokenPaths()
	for i := range paths {
		if paths[i].Path != strings.TrimSuffix(path, "/") {
			continue
		}
		if op, _, _ := p.Router.Find(http.MethodPost, path); op != nil {
			return nil
		}
		return &paths[i]
	}
	return nil
}

// Challenges are what WWW-Authenticate asks for in a 401.
func (p *Provider) Challenges() []string {
	if !p.Scenario.Infer {
		return []string{"Bearer"}
	}
	var out []string
	for _, place := range p.Scenario.Auth.Credentials {
		scheme := strings.TrimSpace(place.Prefix)
		switch {
		case place.Basic:
			scheme = `Basic realm="` + p.Name() + `"`
		case place.Query != "":
			scheme = `ApiKey in="query", name="` + quotable(place.Query) + `"`
		case place.Cookie != "":
			scheme = `ApiKey in="cookie", name="` + quotable(place.Cookie) + `"`
		case scheme == "" && !strings.EqualFold(place.Header, "Authorization"):
			scheme = `ApiKey in="header", name="` + quotable(place.Header) + `"`
		}
		if scheme != "" {
			out = append(out, scheme)
		}
	}
	if len(out) == 0 {
		return []string{"Bearer"}
	}
	return out
}

// quotable is a name that may stand in quotes in a header.
func quotable(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' {
			return '_'
		}
		return r
	}, name)
}
