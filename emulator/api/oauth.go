package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// oauthError is a refusal of RFC 6749, section 5.2.
type oauthError struct {
	status int
	Code   string `json:"error"`
	About  string `json:"error_description"`
}

func (e *oauthError) Error() string { return e.Code + ": " + e.About }

func badGrant(code, about string) error {
	return &oauthError{http.StatusBadRequest, code, openapi.MaskCards(about)}
}

func badClient(about string) error {
	return &oauthError{http.StatusUnauthorized, "invalid_client", about}
}

// tokenized answers at the token endpoint that a contract names and does not describe, and reports whether that was asked for.
func (x *exchange) tokenized() (bool, error) {
	if x.r.Method != http.MethodPost {
		return false, nil
	}
	p, prefix, path := x.f.mount(x.r.Method, strings.ToLower(hostOf(x.r.Host)), x.r.URL.EscapedPath())
	if p == nil || !p.Scenario.Infer {
		return false, nil
	}
	at := p.TokenPath(path)
	if at == nil {
		return false, nil
	}
	x.provider, x.prefix = p, prefix
	if err := x.often(nil); err != nil {
		return true, err
	}
	if err := x.read(); err != nil {
		return true, err
	}
	granted, scope, err := x.grant(at)
	var refused *oauthError
	switch {
	case errors.As(err, &refused):
		if refused.status == http.StatusUnauthorized {
			x.w.Header().Set("WWW-Authenticate", `Basic realm="token"`)
		}
		return true, x.plainly(refused.status, refused)
	case err != nil:
		return true, err
	}
	said := map[string]any{"access_token": granted.Access, "token_type": "Bearer", "expires_in": int(granted.Life.Seconds()), "refresh_token": granted.Refresh}
	if scope != "" {
		said["scope"] = scope
	}
	return true, x.plainly(http.StatusOK, said)
}

// plainly writes a reply that the contract does not describe.
func (x *exchange) plainly(status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	h := x.w.Header()
	h.Set("Content-Type", jsonMedia)
	h.Set("Cache-Control", "no-store")
	h.Set("Request-Id", x.id)
	if x.box != nil {
		h.Set("Sandgate-Sandbox", x.box.Name())
	}
	x.showLimit(h)
	x.written, x.status = true, status
	x.w.WriteHeader(status)
	_, err = x.w.Write(body)
	return err
}

// grant reads a token request and makes what it asks for.
func (x *exchange) grant(at *scenarios.TokenPath) (granted sandbox.Granted, scope string, err error) {
	form, err := url.ParseQuery(string(x.raw))
	if err != nil || !strings.HasPrefix(x.r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return granted, "", badGrant("invalid_request", "the body is a form: Content-Type application/x-www-form-urlencoded, with grant_type")
	}
	kind := form.Get("grant_type")
	switch {
	case kind == "":
		return granted, "", badGrant("invalid_request", "grant_type: required: expected one of "+strings.Join(at.Grants, ", ")+", got nothing")
	case !slices.Contains(at.Grants, kind):
		return granted, "", badGrant("unsupported_grant_type", "grant_type: expected one of "+strings.Join(at.Grants, ", ")+scenarios.Suggest(kind, at.Grants))
	}
	scope, err = scopeOf(form.Get("scope"), at)
	if err != nil {
		return granted, "", err
	}
	client, secret := x.client(form)
	if client == "" {
		return granted, "", badClient("expected a client: HTTP Basic, or client_id and client_secret in the body, got nothing")
	}
	name := sandbox.NamedIn(client)
	switch kind {
	case "password":
		if form.Get("username") == "" || form.Get("password") == "" {
			return granted, "", badGrant("invalid_request", "username, password: required: expected both")
		}
		if user := sandbox.NamedIn(form.Get("username")); user != "" {
			name = user
		}
	case "refresh_token":
		if form.Get("refresh_token") == "" {
			return granted, "", badGrant("invalid_request", "refresh_token: required: expected a refresh token in force, got nothing")
		}
		name = sandbox.NamedIn(form.Get("refresh_token"))
	}
	if err := x.enter(name, client, secret); err != nil {
		return granted, "", err
	}
	granted, err = x.box.Grant(withoutCancel(x.r.Context()), x.provider, form.Get("refresh_token"))
	if errors.Is(err, sandbox.ErrNoGrant) {
		err = badGrant("invalid_grant", "refresh_token: expected a refresh token in force")
	}
	return granted, scope, err
}

// client is who asks: by HTTP Basic, else in the body.
func (x *exchange) client(form url.Values) (id, secret string) {
	if user, password, ok := x.r.BasicAuth(); ok && user != "" {
		if plain, err := url.QueryUnescape(user); err == nil {
			user = plain // RFC 6749, section 2.3.1, and SDKs that forget it
		}
		return user, password
	}
	return form.Get("client_id"), form.Get("client_secret")
}

// enter finds the sandbox, and lets in whom it knows: in open mode everybody but live credentials.
func (x *exchange) enter(name, client, secret string) error {
	for _, credential := range []string{client, secret} {
		if sandbox.LiveShaped(credential) {
			return badClient("this looks like a live credential; use a test one")
		}
		if x.provider.Mistyped(credential) != nil {
			return badClient("this key is mistyped or cut: its checksum does not fit")
		}
	}
	if sandbox.MisnamedIn(client) != "" {
		return badClient("client_id: " + sandbox.ErrBadName.Error())
	}
	if name == "" {
		name = x.r.Header.Get("Sandgate-Sandbox")
	}
	if name != "" && !x.f.o.World.Has(name) && x.f.o.World.Unissued(x.provider, client) != nil {
		return badClient("no such client")
	}
	var err error
	if x.box, err = x.f.o.World.Sandbox(name); err != nil {
		return x.noSandbox(err)
	}
	if _, err = x.box.Identify(x.provider, client); err != nil && secret != "" {
		_, err = x.box.Identify(x.provider, secret)
	}
	var refused *sandbox.Refusal
	if errors.As(err, &refused) {
		return badClient(refused.Messages[0])
	}
	return err
}

// scopeOf is the scope that is granted: what is asked for, if the contract has it, else all.
func scopeOf(asked string, at *scenarios.TokenPath) (string, error) {
	if asked == "" {
		return strings.Join(at.Scopes, " "), nil
	}
	for _, scope := range strings.Fields(asked) {
		if len(at.Scopes) > 0 && !slices.Contains(at.Scopes, scope) && scope != "openid" && scope != "offline_access" {
			return "", badGrant("invalid_scope", "scope: expected some of those that the contract declares"+scenarios.Suggest(scope, at.Scopes))
		}
	}
	return asked, nil
}
