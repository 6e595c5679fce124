package control

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/sandgate/sandgate/emulator/sandbox"
)

// TestTable holds the table of routes against the document, both ways.
func TestTable(t *testing.T) {
	d, err := document()
	if err != nil {
		t.Fatal(err)
	}
	for _, rt := range routes {
		if _, ok := d.Operation(rt.method + " " + Prefix + rt.path); !ok {
			t.Errorf("openapi.json lacks %s %s", rt.method, Prefix+rt.path)
		}
	}
	if got, want := len(d.Operations()), len(routes); got != want {
		t.Errorf("openapi.json has %d operations, the table %d", got, want)
	}
}

// TestRefusalOfTheProvider: what a provider refuses below a move is told as a
// conflict, with the provider's own words.
func TestRefusalOfTheProvider(t *testing.T) {
	s := &server{o: Options{Log: slog.New(slog.DiscardHandler)}}
	err := fmt.Errorf("step: %w", &sandbox.Refusal{Code: "FUNDS.01", Status: 422, Messages: []string{"too little", "/amount: state"}})
	p := s.problemOf(httptest.NewRequest("POST", "/", nil), err)
	if p.status != http.StatusConflict || p.code != "refused" || p.message != "FUNDS.01: too little; /amount: state" {
		t.Errorf("%+v", p)
	}
}
