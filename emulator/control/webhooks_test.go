package control_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/sandgate/sandgate/emulator"
)

func receiver(t *testing.T, f http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return s.URL
}

func TestEndpoints(t *testing.T) {
	r := newRig(t, func(o *emulator.Options) { o.Providers = []string{"killb"} }) // with one, it need not be said
	const secret = "whsec_a_secret_of_more_than_32_characters"
	out := r.want(201, "POST", "/_sandgate/endpoints", `{"provider":"killb","url":"http://127.0.0.1:9/a","secret":"`+secret+`","events":["USER"]}`)
	id, _ := out["id"].(string)
	if id == "" || out["source"] != "control" || out["active"] != true || out["owner"] != "" {
		t.Errorf("new endpoint: %v", out)
	}
	path := "/_sandgate/endpoints/" + id
	if out = r.want(200, "PATCH", path, `{"active":false,"events":["*"]}`); out["active"] != false || out["url"] != "http://127.0.0.1:9/a" {
		t.Errorf("changed endpoint: %v", out)
	}
	if out = r.want(200, "GET", path, ""); out["active"] != false {
		t.Errorf("endpoint: %v", out)
	}
	w := r.send("GET", "/_sandgate/endpoints", "")
	if strings.Contains(w.Body.String(), "secret") {
		t.Errorf("the list mentions a secret: %s", w.Body)
	}
	r.want(200, "POST", "/_sandgate/reset", "")
	if out = r.want(200, "GET", path, ""); out["id"] != id {
		t.Errorf("the endpoint did not survive a reset: %v", out)
	}
	r.want(204, "DELETE", path, "")
	r.refused(404, "not_found", "", "GET", path, "")
	r.refused(404, "not_found", "", "DELETE", path, "")
	for body, pointer := range map[string]string{
		`{}`:                                   "/body/url",
		`{"url":"ftp://x"}`:                    "/body/url",
		`{"url":"http://user:pw@x/"}`:          "/body/url",
		`{"url":"http://x","provider":"none"}`: "/body/provider",
		`{"url":"http://x","events":[]}`:       "/body/events",
		`{"url":"http://x","events":["USR"]}`:  "/body/events/0",
		`{"url":"http://x","owner":"me"}`:      "/body/owner",
		`{"url":"http://x","secret":"whsec_live_0123456789012345678901234567"}`: "/body/secret",
	} {
		message := r.refused(400, "invalid", pointer, "POST", "/_sandgate/endpoints", body)
		if strings.Contains(message, "pw@") || strings.Contains(message, "whsec_live_0") {
			t.Errorf("a refusal shows a secret: %s", message)
		}
	}
}

func TestStrictSecret(t *testing.T) {
	r := newRig(t, func(o *emulator.Options) { o.Strict = true })
	r.refused(400, "invalid", "/body/secret", "POST", "/_sandgate/endpoints", `{"provider":"killb","url":"http://x","secret":"short"}`)
}

// TestEndpointOfTheProvider: what was registered through the provider's API
// is changed there.
func TestEndpointOfTheProvider(t *testing.T) {
	r := newRig(t)
	w := r.send("POST", "/killb/api/v2/webhooks", `{"url":"http://127.0.0.1:9/","secret":"whsec_a_secret_of_more_than_32_characters","events":["USER"]}`,
		"Authorization: Bearer sk_test_sandgate", "Content-Type: application/json")
	if w.Code/100 != 2 {
		t.Fatalf("webhook config: %d %s", w.Code, w.Body)
	}
	list := data(r.want(200, "GET", "/_sandgate/endpoints", ""))
	if len(list) != 1 || field(list[0], "source") != "api" {
		t.Fatalf("endpoints: %v", list)
	}
	path := "/_sandgate/endpoints/" + field(list[0], "id").(string)
	r.refused(409, "not_ours", "", "PATCH", path, `{"active":false}`)
	r.refused(409, "not_ours", "", "DELETE", path, "")
}

func TestDeliveries(t *testing.T) {
	var mu sync.Mutex
	var bodies []string
	fail := true
	url := receiver(t, func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		mu.Lock()
		defer mu.Unlock()
		bodies = append(bodies, string(body))
		if fail {
			w.WriteHeader(500)
		}
		io.WriteString(w, "heard")
	})
	r := newRig(t)
	out := r.want(201, "POST", "/_sandgate/endpoints", `{"provider":"killb","url":"`+url+`/hook","events":["USER.CREATE"]}`)
	endpoint := out["id"].(string)
	r.newUser("ana")
	r.want(200, "POST", "/_sandgate/clock/advance", `{"by":"30s"}`)
	list := data(r.want(200, "GET", "/_sandgate/deliveries?status=pending&endpoint="+endpoint, ""))
	if len(list) != 1 || field(list[0], "attempts") != 1.0 || field(list[0], "due") != "2026-01-01T00:01:00Z" {
		t.Fatalf("deliveries: %v", list)
	}
	id := field(list[0], "id").(string)
	if n := len(data(r.want(200, "GET", "/_sandgate/deliveries?event="+field(list[0], "event").(string), ""))); n != 1 {
		t.Errorf("%d deliveries of the event", n)
	}
	mu.Lock()
	fail = false
	mu.Unlock()
	out = r.want(200, "POST", "/_sandgate/deliveries/"+id+"/retry", "")
	tries, _ := out["log"].([]any)
	if out["status"] != "succeeded" || len(tries) != 2 || out["due"] != nil {
		t.Fatalf("retried: %v", out)
	}
	first, second := tries[0], tries[1]
	if field(first, "trigger") != "schedule" || field(second, "trigger") != "manual" || field(first, "response", "status") != 500.0 ||
		field(second, "response", "body") != "heard" {
		t.Errorf("attempts: %v", tries)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(bodies) != 2 || field(first, "request", "body") != bodies[0] || field(second, "request", "body") != bodies[1] {
		t.Errorf("the log shows other bytes than were sent: %q", bodies)
	}
	curl, _ := field(second, "curl").(string)
	if !strings.Contains(curl, url+"/hook") || !strings.Contains(curl, "X-Signature-Sha256: ") {
		t.Errorf("curl: %s", curl)
	}
	r.refused(404, "not_found", "", "GET", "/_sandgate/deliveries/nothing", "")
	r.refused(404, "not_found", "", "POST", "/_sandgate/deliveries/nothing/retry", "")
	r.refused(400, "invalid", "/query/status", "GET", "/_sandgate/deliveries?status=lost", "")
	event := r.want(200, "GET", "/_sandgate/events/"+out["event"].(string), "")
	if n := len(event["deliveries"].([]any)); n != 1 {
		t.Errorf("the event shows %d deliveries", n)
	}
}

func TestReplay(t *testing.T) {
	var mu sync.Mutex
	got := map[string]int{}
	url := receiver(t, func(_ http.ResponseWriter, req *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		got[req.URL.Path]++
	})
	r := newRig(t)
	out := r.want(201, "POST", "/_sandgate/endpoints", `{"provider":"killb","url":"`+url+`/users","events":["USER.CREATE"]}`)
	users := out["id"].(string)
	ramps := r.want(201, "POST", "/_sandgate/endpoints", `{"provider":"killb","url":"`+url+`/ramps","events":["RAMP"]}`)["id"].(string)
	r.newUser("ana")
	event := field(data(r.want(200, "GET", "/_sandgate/events?family=USER", ""))[0], "id").(string)
	list := data(r.want(200, "POST", "/_sandgate/events/"+event+"/replay", ""))
	if len(list) != 1 || field(list[0], "endpoint") != users || field(list[0], "event") != event || field(list[0], "status") != "succeeded" {
		t.Errorf("replayed to those that want it: %v", list)
	}
	list = data(r.want(200, "POST", "/_sandgate/events/"+event+"/replay", `{"endpoint":"`+ramps+`"}`))
	if len(list) != 1 || field(list[0], "endpoint") != ramps || field(list[0], "status") != "succeeded" {
		t.Errorf("replayed to one that did not ask: %v", list)
	}
	mu.Lock()
	if got["/users"] != 2 || got["/ramps"] != 1 {
		t.Errorf("sent: %v", got)
	}
	mu.Unlock()
	r.want(200, "PATCH", "/_sandgate/endpoints/"+users, `{"active":false}`)
	if list = data(r.want(200, "POST", "/_sandgate/events/"+event+"/replay", `{}`)); len(list) != 0 {
		t.Errorf("replayed to an endpoint that is off: %v", list)
	}
	r.refused(400, "invalid", "/body/endpoint", "POST", "/_sandgate/events/"+event+"/replay", `{"endpoint":"`+users+`"}`)
	r.refused(400, "invalid", "/body/endpoint", "POST", "/_sandgate/events/"+event+"/replay", `{"endpoint":"nothing"}`)
	r.refused(400, "invalid", "/body/to", "POST", "/_sandgate/events/"+event+"/replay", `{"to":"x"}`)
	r.refused(404, "not_found", "", "POST", "/_sandgate/events/nothing/replay", "")
}
