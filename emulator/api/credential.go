package api

import (
	"net/url"
	"slices"
	"strings"

	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// place is where a credential is expected, as a pointer.
func (x *exchange) place() string {
	places := x.provider.Scenario.Auth.Credentials
	if len(places) == 0 {
		return "/header/Authorization"
	}
	switch first := places[0]; {
	case first.Query != "":
		return "/query/" + first.Query
	case first.Cookie != "":
		return "/cookie/" + first.Cookie
	case first.Header == "":
		return "/header/Authorization"
	default:
		return "/header/" + first.Header
	}
}

// credential reads the first credential there is. One in the query is taken out of it, unless the operation declares it as a parameter too: nothing
// after this may log, show or keep it.
func (x *exchange) credential() string {
	found := ""
	for _, place := range x.provider.Scenario.Auth.Credentials {
		v := x.credentialIn(place)
		if found == "" || sandbox.LiveShaped(v) {
			found = v // one that opens a real account is refused wherever it stands
		}
	}
	return found
}

// forget takes credentials out of the query that the operation declares as its parameters: they were read.
func (x *exchange) forget() {
	for _, place := range x.provider.Scenario.Auth.Credentials {
		if place.Query != "" {
			x.takeQuery(place.Query)
		}
	}
}

func (x *exchange) credentialIn(place scenarios.CredentialPlace) string {
	switch {
	case place.Query != "":
		if x.declares(place.Query) {
			return x.r.URL.Query().Get(place.Query)
		}
		return x.takeQuery(place.Query)
	case place.Cookie != "":
		if cookie, err := x.r.Cookie(place.Cookie); err == nil {
			return cookie.Value
		}
		return ""
	case place.Basic:
		user, password, _ := x.r.BasicAuth()
		if user == "" || sandbox.LiveShaped(password) {
			return password
		}
		return user
	}
	v := x.r.Header.Get(place.Header)
	if rest, ok := cutFold(v, place.Prefix); ok {
		return rest
	}
	return ""
}

// declares says whether the operation has a parameter of that name in its query.
func (x *exchange) declares(name string) bool {
	if x.binding == nil {
		return false
	}
	return slices.ContainsFunc(x.binding.Plan.Params, func(p openapi.Param) bool { return p.In == "query" && p.Name == name })
}

// takeQuery takes a parameter out of the request's address. The rest stays as it was written.
func (x *exchange) takeQuery(name string) (value string) {
	if x.r.URL.RawQuery == "" {
		return ""
	}
	var kept []string
	for part := range strings.SplitSeq(x.r.URL.RawQuery, "&") {
		key, v, _ := strings.Cut(part, "=")
		if plain, err := url.QueryUnescape(key); err != nil || plain != name {
			kept = append(kept, part)
			continue
		}
		if plain, err := url.QueryUnescape(v); err == nil && value == "" {
			value = plain
		}
	}
	x.r.URL.RawQuery = strings.Join(kept, "&")
	return value
}

// cutFold cuts a prefix whose case does not matter ("bearer ").
func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return "", false
	}
	return strings.TrimSpace(s[len(prefix):]), true
}
