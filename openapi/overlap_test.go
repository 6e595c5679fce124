package openapi_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sandgate/sandgate/openapi"
)

// A request that fits several variants of a oneOf is taken where nothing tells them apart, and refused where each of two asks for something that the
// other does not: then it is two things at once.
func TestOneOfThatOverlaps(t *testing.T) {
	const text = `{"openapi":"3.0.3","info":{"title":"T","version":"1"},"paths":{"/pay":{"post":{"requestBody":{"required":true,"content":{"application/json":{"schema":{"oneOf":[
{"type":"object","required":["card"],"properties":{"card":{"type":"string"}}},
{"type":"object","required":["pix"],"properties":{"pix":{"type":"string"}}},
{"type":"object","properties":{"note":{"type":"string"}}}]}}}},"responses":{"200":{"description":"ok"}}}}}}`
	path := filepath.Join(t.TempDir(), "pay.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := openapi.Open(path, openapi.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	op, _ := d.Operation("POST /pay")
	plan, err := d.Plan(op)
	if err != nil {
		t.Fatal(err)
	}
	for body, taken := range map[string]bool{`{"note":"x"}`: true, `{"card":"c"}`: true, `{"card":"c","pix":"p"}`: false} {
		r := httptest.NewRequest("POST", "/pay", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		if _, bad := plan.Decode(r, nil, []byte(body)); (len(bad) == 0) != taken {
			t.Errorf("%s: %v, taken should be %v", body, bad, taken)
		}
	}
}
