package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/openapi"
)

// The contract as it is served can be fetched by anybody, under each mount,
// and names the server that it came from.
func TestDocument(t *testing.T) {
	both := newRig(t, func(o *emulator.Options) { o.Providers = []string{"killb", "kobana-billing"} })
	alone := newRig(t, func(o *emulator.Options) { o.Providers = []string{"kobana-billing"} })
	public := newRig(t, func(o *emulator.Options) { o.PublicURL = "https://pay.example" })
	for _, c := range []struct {
		r            *rig
		path, server string
		operation    string
	}{
		{both, "/killb/openapi.json", "http://sandgate.test/killb", "GET /api/v2/users"},
		{both, "/kobana-billing/openapi.json", "http://sandgate.test/kobana-billing", "GET /v1/events"},
		{alone, "/openapi.json", "http://sandgate.test", "GET /v1/events"},
		{public, "/openapi.json", "https://pay.example", "GET /api/v2/users"},
	} {
		w := c.r.send("GET", c.path, "")
		var said struct{ Servers []struct{ URL string } }
		if err := json.Unmarshal(w.Body.Bytes(), &said); w.Code != 200 || err != nil || len(said.Servers) != 1 || said.Servers[0].URL != c.server {
			t.Errorf("%s: %d %+v %v", c.path, w.Code, said, err)
			continue
		}
		if media := w.Header().Get("Content-Type"); !strings.HasPrefix(media, "application/json") {
			t.Errorf("%s: %s", c.path, media)
		}
		doc, err := openapi.Load(w.Body.Bytes())
		if err != nil {
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		if _, ok := doc.Operation(c.operation); !ok {
			t.Errorf("%s lacks %s", c.path, c.operation)
		}
		if again := c.r.send("GET", c.path, "", "If-None-Match: "+w.Header().Get("Etag")); again.Code != 304 || again.Body.Len() != 0 {
			t.Errorf("%s again: %d", c.path, again.Code)
		}
		if head := c.r.send("HEAD", c.path, ""); head.Code != 200 || head.Body.Len() != 0 {
			t.Errorf("HEAD %s: %d", c.path, head.Code)
		}
		if post := c.r.send("POST", c.path, "{}"); post.Code != 405 || post.Header().Get("Allow") == "" {
			t.Errorf("POST %s: %d", c.path, post.Code)
		}
	}
	if w := both.send("GET", "/openapi.json", ""); w.Code != 404 {
		t.Errorf("of no provider: %d", w.Code)
	}
	if w := alone.send("GET", "/v1/openapi.json", ""); w.Code != 404 {
		t.Errorf("elsewhere: %d", w.Code)
	}
}
