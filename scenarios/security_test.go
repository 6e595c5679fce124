package scenarios_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

func contractWith(t *testing.T, rest string) *openapi.Document {
	t.Helper()
	doc, err := openapi.Load([]byte(`{"openapi":"3.0.3",` + rest + `}`))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestCredentialsOf(t *testing.T) {
	bearer, basic := scenarios.CredentialPlace{Header: "Authorization", Prefix: "Bearer "}, scenarios.CredentialPlace{Header: "Authorization", Basic: true}
	for name, c := range map[string]struct {
		doc  string
		want []scenarios.CredentialPlace
	}{
		"nothing":       {`"paths":{}`, []scenarios.CredentialPlace{bearer}},
		"bearer":        {`"components":{"securitySchemes":{"a":{"type":"http","scheme":"Bearer"}}}`, []scenarios.CredentialPlace{bearer}},
		"both":          {`"security":[{"b":[]},{"a":[]}],"components":{"securitySchemes":{"a":{"type":"http","scheme":"bearer"},"b":{"type":"http","scheme":"basic"}}}`, []scenarios.CredentialPlace{basic, bearer}},
		"keys":          {`"components":{"securitySchemes":{"a":{"type":"apiKey","in":"header","name":"X-Key"},"b":{"type":"apiKey","in":"query","name":"key"},"c":{"type":"apiKey","in":"cookie","name":"sid"}}}`, []scenarios.CredentialPlace{{Header: "X-Key"}, {Query: "key"}, {Cookie: "sid"}}},
		"whole header":  {`"components":{"securitySchemes":{"a":{"type":"apiKey","in":"header","name":"Authorization"}}}`, []scenarios.CredentialPlace{bearer, {Header: "Authorization", Basic: true}, {Header: "Authorization", Prefix: "Token "}, {Header: "Authorization"}}},
		"oauth":         {`"components":{"securitySchemes":{"a":{"type":"oauth2","flows":{}},"b":{"type":"openIdConnect"}}}`, []scenarios.CredentialPlace{bearer}},
		"not declared":  {`"paths":{"/a":{"get":{"security":[{"other":[]}]}}},"components":{"securitySchemes":{"a":{"type":"apiKey","in":"header","name":"X-Key"}}}`, []scenarios.CredentialPlace{bearer, {Header: "X-Key"}}},
		"another":       {`"components":{"securitySchemes":{"a":{"type":"http","scheme":"Token"}}}`, []scenarios.CredentialPlace{{Header: "Authorization", Prefix: "Token "}}},
		"reference":     {`"components":{"securitySchemes":{"a":{"$ref":"#/components/securitySchemes/b"},"b":{"type":"http","scheme":"basic"}}}`, []scenarios.CredentialPlace{basic}},
		"what is wrong": {`"security":7,"components":{"securitySchemes":{"a":7}}`, []scenarios.CredentialPlace{bearer}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, scenarios.CredentialsOf(contractWith(t, c.doc)).Credentials); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnonymous(t *testing.T) {
	for name, c := range map[string]struct {
		root, op string
		want     bool
	}{
		"nothing said":       {``, `{}`, true},
		"asked at the root":  {`"security":[{"a":[]}],`, `{}`, false},
		"taken back":         {`"security":[{"a":[]}],`, `{"security":[]}`, true},
		"may be left out":    {``, `{"security":[{"a":[]},{}]}`, true},
		"asked":              {``, `{"security":[{"a":[]}]}`, false},
		"cannot be read":     {``, `{"security":"a"}`, false},
		"empty at the root":  {`"security":[],`, `{}`, true},
		"optional but asked": {`"security":[{}],`, `{"security":[{"a":[]}]}`, false},
	} {
		doc := contractWith(t, c.root+`"paths":{"/a":{"get":`+c.op+`}}`)
		if got := scenarios.Anonymous(doc, doc.Operations()[0]); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestTokenPaths(t *testing.T) {
	doc := contractWith(t, `"components":{"securitySchemes":{"a":{"type":"oauth2","flows":{"clientCredentials":{"tokenUrl":"https://x.example.com/oauth/token/","scopes":{"read":"","write":""}},"password":{"tokenUrl":"/oauth/token","scopes":{}},"implicit":{"authorizationUrl":"/a"}}},"b":{"type":"oauth2","flows":{"authorizationCode":{"tokenUrl":"other","scopes":{}}}}}}`)
	want := []scenarios.TokenPath{
		{Path: "/oauth/token", Grants: []string{"refresh_token", "client_credentials", "password"}, Scopes: []string{"read", "write"}},
		{Path: "/other", Grants: []string{"refresh_token"}},
	}
	if diff := cmp.Diff(want, scenarios.TokenPaths(doc)); diff != "" {
		t.Error(diff)
	}
}
