package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
)

// TestCustomersDoNotMeet lets two customers of one sandbox look for one
// another's objects.
func TestCustomersDoNotMeet(t *testing.T) {
	r := newRig(t)
	ana, ben := bearer(r.signup("ana@example.com")), bearer(r.signup("ben@example.com"))
	made := map[string]string{} // whose -> user id
	for who, as := range map[string]string{"ana": ana, "ben": ben, "dev": asKey} {
		made[who] = text(r.want(http.StatusCreated, "POST", "/api/v2/users", user(who, who+"@users.test"), as), "id")
	}
	quote := text(r.want(http.StatusCreated, "POST", "/api/v2/quotations", quotation, asKey), "id")
	ramped := text(r.want(http.StatusCreated, "POST", "/api/v2/ramps", ramp(quote), asKey), "id")
	for who, as := range map[string]string{"ana": ana, "ben": ben} {
		for whose, id := range made {
			w := r.send("GET", "/api/v2/users/"+id, "", as)
			if whose == who && w.Code != http.StatusOK {
				t.Errorf("%s cannot see her own user: %d", who, w.Code)
			} else if whose != who {
				refused(t, w, 404, "USER.0001", "")
				refused(t, r.send("PATCH", "/api/v2/users/"+id, `{"phone":"+573001111111"}`, as), 404, "USER.0001", "")
			}
		}
		list := r.send("GET", "/api/v2/users?type=PERSON&limit=100", "", as).Body.String()
		if !strings.Contains(list, made[who]) || strings.Count(list, `"customerId"`) != 1 {
			t.Errorf("%s lists %s", who, list)
		}
		if list := r.send("GET", "/api/v2/users?type=PERSON&externalId=dev", "", as).Body.String(); strings.Contains(list, made["dev"]) {
			t.Errorf("%s finds another's user by externalId: %s", who, list)
		}
		for _, path := range []string{"ramps/" + ramped, "quotations/" + quote, "accounts/" + seedAccount, "documents/d0c00000-0000-4000-8000-000000000001"} {
			if w := r.send("GET", "/api/v2/"+path, "", as); w.Code != http.StatusNotFound {
				t.Errorf("%s sees another's %s: %d %s", who, path, w.Code, w.Body)
			}
		}
		if list := r.send("GET", "/api/v2/ramps", "", as).Body.String(); strings.Contains(list, ramped) {
			t.Errorf("%s lists another's ramp: %s", who, list)
		}
		refused(t, r.send("POST", cashIn, `{"rampId":"`+ramped+`"}`, as), 404, "RAMP.0006", "")
		refused(t, r.send("POST", "/api/v2/ramps", ramp(quote), as), 404, "RAMP.0007", "/body/quotationId")
	}
	// Two customers may use the same reference for different things.
	r.want(http.StatusCreated, "POST", "/api/v2/users", user("same", "same-ana@users.test"), ana)
	r.want(http.StatusCreated, "POST", "/api/v2/users", user("same", "same-ben@users.test"), ben)
}

// TestSandboxesDoNotMeet looks from one sandbox for what was made in another:
// objects, lists, events, clock, request log.
func TestSandboxesDoNotMeet(t *testing.T) {
	r := newRig(t, func(o *emulator.Options) { o.Start = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) })
	alpha, beta := bearer("sk_test_ws_alpha"), bearer("sk_test_ws_beta")
	id := text(r.want(http.StatusCreated, "POST", "/api/v2/users", user("one", "one@users.test"), alpha), "id")
	r.want(http.StatusOK, "GET", "/api/v2/users/"+id, "", alpha)
	refused(t, r.send("GET", "/api/v2/users/"+id, "", beta), 404, "USER.0001", "")
	refused(t, r.send("GET", "/api/v2/users/"+id, "", asKey), 404, "USER.0001", "")
	if list := r.send("GET", "/api/v2/users?type=PERSON", "", beta).Body.String(); strings.Contains(list, id) || !strings.Contains(list, seedUser) {
		t.Errorf("beta lists %s", list)
	}
	r.advance("alpha", time.Hour)
	for name, want := range map[string]struct {
		events bool
		passed time.Duration
	}{"alpha": {true, time.Hour}, "beta": {false, 0}, "default": {false, 0}} {
		out := r.send("GET", "/_sandgate/events?sandbox="+name, "", "Host: localhost").Body.String()
		if strings.Contains(out, id) != want.events {
			t.Errorf("events of %s: %s", name, out)
		}
		box, err := r.Sandbox(name)
		if err != nil {
			t.Fatal(err)
		}
		if now, err := box.Now(); err != nil || now.Sub(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)) != want.passed {
			t.Errorf("it is %s in %s (%v)", now, name, err)
		}
		for _, line := range box.Requests(100) {
			if name != "alpha" && line.Method == "POST" {
				t.Errorf("the request log of %s: %v", name, line)
			}
		}
	}
	// The same reference and e-mail are free in the other world.
	r.want(http.StatusCreated, "POST", "/api/v2/users", user("one", "one@users.test"), beta)
	if box, _ := r.Sandbox("alpha"); box.Reset(t.Context(), false) != nil {
		t.Error("reset of alpha")
	}
	if list := r.send("GET", "/api/v2/users?type=PERSON", "", beta).Body.String(); !strings.Contains(list, "one@users.test") {
		t.Errorf("a reset of alpha took beta's user: %s", list)
	}
}

func user(external, email string) string {
	return `{"type":"PERSON","externalId":"` + external + `","data":{"firstName":"Ana","lastName":"Lima","dateOfBirth":"1990-01-01",` +
		`"email":"` + email + `","phone":"+576015555555","address":{"street1":"Rua 1","city":"Bogota","state":"DC","zipCode":"110111","countryCode":"CO"},` +
		`"document":{"type":"PASSPORT","number":"GE04292393","issuedCountryCode":"CO"}}}`
}
