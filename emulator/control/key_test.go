package control_test

import (
	"strings"
	"testing"

	"github.com/sandgate/sandgate/emulator"
)

func TestKeys(t *testing.T) {
	for _, provider := range []string{"killb", "kobana-billing"} { // one has keys of its own, one has not
		t.Run(provider, func(t *testing.T) {
			r := newRig(t, func(o *emulator.Options) { o.Providers = []string{"killb", "kobana-billing"} })
			made := r.want(201, "POST", "/_sandgate/keys", `{"provider":"`+provider+`","name":"ci","permissions":["customers:write","*:read"],"expires":"30d","rate":5}`)
			id, key := made["id"].(string), made["key"].(string)
			if len(key) != 46 || made["provider"] != provider || made["status"] != "active" || made["expires"] != "2026-01-31T00:00:00Z" || made["used"] != nil {
				t.Errorf("made: %v", made)
			}
			if hint := made["hint"].(string); !strings.HasPrefix(key, strings.Split(hint, "…")[0]) || !strings.HasSuffix(key, strings.Split(hint, "…")[1]) || len(hint) > 16 {
				t.Errorf("hint %s", hint)
			}
			shown := r.want(200, "GET", "/_sandgate/keys/"+id, "")
			delete(made, "key")
			if len(shown) != len(made) || shown["name"] != "ci" || shown["hint"] != made["hint"] || field(shown, "rate").(float64) != 5 {
				t.Errorf("shown: %v, made: %v", shown, made)
			}
			rolled := r.want(200, "POST", "/_sandgate/keys/"+id+"/roll", `{"overlap":"1h"}`)
			if rolled["key"] == key || rolled["id"] != id || rolled["hint"] == made["hint"] {
				t.Errorf("rolled: %v", rolled)
			}
			r.want(200, "POST", "/_sandgate/keys/"+id+"/roll", "")
			r.want(201, "POST", "/_sandgate/keys", `{"provider":"killb"}`)
			r.want(201, "POST", "/_sandgate/keys", `{"provider":"kobana-billing"}`)
			walked := 0
			for path := "/_sandgate/keys?limit=1"; ; walked++ { // of all providers together
				out := r.want(200, "GET", path, "")
				if len(data(out)) != 1 {
					t.Fatalf("page %d: %v", walked, out)
				}
				next, more := out["next"].(string)
				if !more {
					if field(data(out)[0], "id") != id {
						t.Errorf("the oldest is %v", data(out)[0])
					}
					break
				}
				path = "/_sandgate/keys?limit=1&cursor=" + next
			}
			if own := data(r.want(200, "GET", "/_sandgate/keys?provider="+provider, "")); walked != 2 || len(own) != 2 {
				t.Errorf("%d pages, %v", walked, own)
			}
			if out := r.want(200, "DELETE", "/_sandgate/keys/"+id, ""); out["status"] != "revoked" || out["key"] != nil {
				t.Errorf("revoked: %v", out)
			}
			for _, again := range [][2]string{{"DELETE", ""}, {"POST", "/roll"}} {
				r.refused(409, "not_active", "/path/id", again[0], "/_sandgate/keys/"+id+again[1], "")
			}
			if list := data(r.want(200, "GET", "/_sandgate/keys?provider="+provider, "")); len(list) != 2 || field(list[1], "status") != "revoked" {
				t.Errorf("a revoked key stays: %v", list)
			}
		})
	}
}

func TestKeysRefused(t *testing.T) {
	r := newRig(t, func(o *emulator.Options) { o.Providers = []string{"kobana-billing"} })
	for body, pointer := range map[string]string{
		`{"permissions":[]}`: "/body/permissions", `{"permissions":["customers:read","customer:read"]}`: "/body/permissions/1",
		`{"permissions":["customers"]}`: "/body/permissions/0", `{"permissions":["customers:admin"]}`: "/body/permissions/0",
		`{"expires":"soon"}`: "/body/expires", `{"expires":"2025-12-31T00:00:00Z"}`: "/body/expires", `{"expires":"-1h"}`: "/body/expires",
		`{"rate":0}`: "/body/rate", `{"rate":1.5}`: "/body/rate", `{"burst":1000001}`: "/body/burst", `{"provider":"other"}`: "/body/provider", `{"key":"sk_test_x"}`: "/body/key",
	} {
		r.refused(400, "invalid", pointer, "POST", "/_sandgate/keys", body)
	}
	r.refused(400, "invalid", "/query/provider", "GET", "/_sandgate/keys?provider=other", "")
	for _, path := range [][2]string{{"GET", ""}, {"DELETE", ""}, {"POST", "/roll"}} {
		r.refused(404, "not_found", "", path[0], "/_sandgate/keys/nobody"+path[1], "")
	}
	id := r.want(201, "POST", "/_sandgate/keys", `{}`)["id"].(string)
	r.refused(400, "invalid", "/body/overlap", "POST", "/_sandgate/keys/"+id+"/roll", `{"overlap":"0s"}`)
}
