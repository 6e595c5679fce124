package control

import "testing"

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
