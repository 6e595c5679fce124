package openapi_test

import (
	"testing"

	"github.com/sandgate/sandgate/openapi"
)

func TestNearestPath(t *testing.T) {
	d, err := openapi.Load([]byte(`{"openapi":"3.0.3","paths":{"/v1/customers":{"get":{},"post":{}},"/v1/customers/{id}":{"get":{}},"/v1/customers/{id}/sources":{"get":{}},
		"/v1/charges/search":{"get":{}},"/v1/charges/{id}":{"get":{}},"/{any}":{"get":{}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/v1/custmers": "/v1/customers", "/v1/Customers": "/v1/customers", "/v1/customer": "/v1/customers", "/customers": "/v1/customers",
		"/api/v1/customers/cus_1": "/v1/customers/{id}", "/v1/custommers/cus_1/source": "/v1/customers/{id}/sources", "/v1/charges/serch": "/v1/charges/{id}",
		"/v1/refunds": "", "/": "", "/v1/customers/a/b/c/d/e": "", "/x/y": "",
	} {
		if got := d.NearestPath("GET", path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	known := []string{"email", "name", "amount"}
	for word, want := range map[string]string{"emial": "email", "Email": "email", "amuont": "amount", "x": "", "currency": ""} {
		if got := openapi.Nearest(word, known); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
}
