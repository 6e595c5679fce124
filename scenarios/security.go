package scenarios

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sandgate/sandgate/openapi"
)

// How long tokens live that nobody says it of.
const (
	accessLife  = time.Hour
	refreshLife = 30 * 24 * time.Hour
)

// CredentialsOf is where a contract says that credentials stand: by the schemes that it asks for, then by those that it only declares. One that is
// asked for and nowhere declared, or none at all, is a bearer token.
func CredentialsOf(doc *openapi.Document) Auth {
	auth := Auth{Access: Duration(accessLife), Refresh: Duration(refreshLife)}
	add := func(places ...CredentialPlace) {
		for _, place := range places {
			if !slices.Contains(auth.Credentials, place) {
				auth.Credentials = append(auth.Credentials, place)
			}
		}
	}
	asked := requiredSchemes(doc.Field("security"))
	for _, op := range doc.Operations() {
		for _, name := range requiredSchemes(op.Field("security")) {
			if !slices.Contains(asked, name) {
				asked = append(asked, name)
			}
		}
	}
	for _, name := range append(asked, doc.Names("securitySchemes")...) {
		raw, ok := doc.Component("securitySchemes", name)
		if !ok {
			add(bearer)
			continue
		}
		add(placesOf(doc, raw)...)
	}
	if len(auth.Credentials) == 0 {
		add(bearer)
	}
	return auth
}

var bearer = CredentialPlace{Header: "Authorization", Prefix: "Bearer "}

// securityScheme is what we read of a scheme object.
type securityScheme struct {
	Ref    string `json:"$ref"`
	Type   string `json:"type"`
	Scheme string `json:"scheme"`
	In     string `json:"in"`
	Name   string `json:"name"`
	Flows  map[string]struct {
		TokenURL string          `json:"tokenUrl"`
		Scopes   json.RawMessage `json:"scopes"`
	} `json:"flows"`
}

// readScheme decodes a scheme; one that is a reference is followed once.
func readScheme(doc *openapi.Document, raw json.RawMessage) (s securityScheme) {
	_ = json.Unmarshal(raw, &s)
	if name, ok := strings.CutPrefix(s.Ref, "#/components/securitySchemes/"); ok {
		if raw, ok := doc.Component("securitySchemes", name); ok {
			s = securityScheme{}
			_ = json.Unmarshal(raw, &s)
		}
	}
	return s
}

// placesOf is where a credential of a scheme may stand.
func placesOf(doc *openapi.Document, raw json.RawMessage) []CredentialPlace {
	s := readScheme(doc, raw)
	switch strings.ToLower(s.Type) {
	case "apikey":
		switch {
		case s.Name == "":
		case s.In == "query":
			return []CredentialPlace{{Query: s.Name}}
		case s.In == "cookie":
			return []CredentialPlace{{Cookie: s.Name}}
		case strings.EqualFold(s.Name, "Authorization"):
			// Authors write it of what has a scheme before the key: "Bearer x", "Token x", and of what has none.
			return []CredentialPlace{bearer, {Header: s.Name, Basic: true}, {Header: s.Name, Prefix: "Token "}, {Header: s.Name}}
		default:
			return []CredentialPlace{{Header: s.Name}}
		}
	case "http":
		switch scheme := strings.ToLower(s.Scheme); scheme {
		case "", "bearer":
		case "basic":
			return []CredentialPlace{{Header: "Authorization", Basic: true}}
		default:
			return []CredentialPlace{{Header: "Authorization", Prefix: s.Scheme + " "}}
		}
	case "mutualtls":
		return nil // the connection's to prove
	}
	return []CredentialPlace{bearer} // oauth2, openIdConnect, and what nobody knows
}

// requiredSchemes are the names in a security requirement, in order.
func requiredSchemes(raw json.RawMessage) []string {
	var names []string
	var alternatives []json.RawMessage
	if json.Unmarshal(raw, &alternatives) != nil {
		return nil
	}
	for _, alternative := range alternatives {
		_ = openapi.Members(alternative, func(name string, _ json.RawMessage) error {
			names = append(names, name)
			return nil
		})
	}
	return names
}

// Anonymous says whether a contract lets an operation be called without a credential: nothing asks for one, or one of the alternatives is none.
func Anonymous(doc *openapi.Document, op *openapi.Operation) bool {
	raw := op.Field("security")
	if raw == nil {
		raw = doc.Field("security")
	}
	var alternatives []map[string]json.RawMessage
	if json.Unmarshal(raw, &alternatives) != nil {
		return raw == nil // what cannot be read asks for something
	}
	return len(alternatives) == 0 || slices.ContainsFunc(alternatives, func(a map[string]json.RawMessage) bool { return len(a) == 0 })
}

// TokenPath is where a contract says that OAuth 2.0 tokens are to be had.
type TokenPath struct {
	Path   string
	Grants []string // as a request names them
	Scopes []string // those declared, none = any
}

// grants are the flows that need no browser, and a refresh belongs to each.
var grants = map[string]string{"clientCredentials": "client_credentials", "password": "password"}

// TokenPaths are the token endpoints of a contract's OAuth 2.0 schemes.
func TokenPaths(doc *openapi.Document) []TokenPath {
	var out []TokenPath
	for _, name := range doc.Names("securitySchemes") {
		raw, _ := doc.Component("securitySchemes", name)
		s := readScheme(doc, raw)
		for _, flow := range []string{"clientCredentials", "password", "authorizationCode"} {
			declared, ok := s.Flows[flow]
			at, err := url.Parse(declared.TokenURL)
			if !ok || err != nil || at.Path == "" {
				continue
			}
			path := "/" + strings.Trim(at.Path, "/")
			i := slices.IndexFunc(out, func(t TokenPath) bool { return t.Path == path })
			if i < 0 {
				i, out = len(out), append(out, TokenPath{Path: path, Grants: []string{"refresh_token"}})
			}
			if grant := grants[flow]; grant != "" && !slices.Contains(out[i].Grants, grant) {
				out[i].Grants = append(out[i].Grants, grant)
			}
			_ = openapi.Members(declared.Scopes, func(scope string, _ json.RawMessage) error {
				if !slices.Contains(out[i].Scopes, scope) {
					out[i].Scopes = append(out[i].Scopes, scope)
				}
				return nil
			})
		}
	}
	return out
}
