package control_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
)

func TestAbout(t *testing.T) {
	r := newRig(t)
	if out := r.want(200, "GET", "/_sandgate/health", ""); out["status"] != "ok" || out["version"] != "test" {
		t.Errorf("health: %v", out)
	}
	if out := r.want(200, "GET", "/_sandgate/ready", ""); out["status"] != "ready" {
		t.Errorf("ready: %v", out)
	}
	out := r.want(200, "GET", "/_sandgate/version", "")
	if out["seed"] != "7" || len(out["providers"].([]any)) == 0 {
		t.Errorf("version: %v", out)
	}
	w := r.send("HEAD", "/_sandgate/health", "")
	if w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("HEAD health: %d with %d bytes", w.Code, w.Body.Len())
	}
	for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Cache-Control", "Sandgate-Version"} {
		if w.Header().Get(name) == "" {
			t.Errorf("no header %s", name)
		}
	}
}

func TestClock(t *testing.T) {
	r := newRig(t)
	out := r.want(200, "GET", "/_sandgate/clock", "")
	if out["now"] != "2026-01-01T00:00:00Z" || out["mode"] != "manual" {
		t.Errorf("clock: %v", out)
	}
	out = r.want(200, "POST", "/_sandgate/clock/advance", `{"by":"1d6h"}`)
	if out["now"] != "2026-01-02T06:00:00Z" {
		t.Errorf("advance by: %v", out)
	}
	out = r.want(200, "POST", "/_sandgate/clock/advance", `{"to":"2026-02-01T00:00:00Z"}`)
	if out["now"] != "2026-02-01T00:00:00Z" {
		t.Errorf("advance to: %v", out)
	}
	if out = r.want(200, "PUT", "/_sandgate/clock", `{"mode":"x60"}`); out["mode"] != "x60" {
		t.Errorf("mode: %v", out)
	}
	r.want(200, "PUT", "/_sandgate/clock", `{"mode":"manual"}`)
	for _, c := range []struct{ body, code, pointer string }{
		{`{}`, "invalid", "/body"},
		{`{"by":"1h","to":"2026-03-01T00:00:00Z"}`, "invalid", "/body"},
		{`{"by":"soon"}`, "invalid", "/body/by"},
		{`{"by":"-1h"}`, "backward", "/body/by"},
		{`{"by":5}`, "invalid", "/body/by"},
		{`{"to":"tomorrow"}`, "invalid", "/body/to"},
		{`{"to":"2026-01-01T00:00:00Z"}`, "backward", "/body/to"},
		{`{"by":"1h","reset":true}`, "invalid", "/body/reset"},
		{`{"by":"1h","by":"2h"}`, "invalid", "/body/by"},
		{`{"by":`, "invalid", "/body/by"},
		{`[]`, "invalid", "/body"},
		{``, "invalid", "/body"},
	} {
		r.refused(400, c.code, c.pointer, "POST", "/_sandgate/clock/advance", c.body)
	}
	for _, mode := range []string{"x1", "x1000001", "fast", ""} {
		r.refused(400, "invalid", "/body/mode", "PUT", "/_sandgate/clock", `{"mode":"`+mode+`"}`)
	}
}

func TestReset(t *testing.T) {
	r := newRig(t)
	r.newUser("ana")
	r.want(200, "POST", "/_sandgate/clock/advance", `{"by":"1h"}`)
	if n := len(data(r.want(200, "GET", "/_sandgate/events", ""))); n == 0 {
		t.Fatal("a new user made no event")
	}
	out := r.want(200, "POST", "/_sandgate/reset", "")
	if out["epoch"] != 2.0 || out["now"] != "2026-01-01T01:00:00Z" {
		t.Errorf("reset: %v", out)
	}
	if n := len(data(r.want(200, "GET", "/_sandgate/events", ""))); n != 0 {
		t.Errorf("%d events after a reset", n)
	}
	if out = r.want(200, "POST", "/_sandgate/reset", `{"rewind":true}`); out["epoch"] != 3.0 || out["now"] != "2026-01-01T00:00:00Z" {
		t.Errorf("rewind: %v", out)
	}
	r.refused(400, "invalid", "/body/rewind", "POST", "/_sandgate/reset", `{"rewind":"yes"}`)
}

func TestEventsAndPages(t *testing.T) {
	r := newRig(t)
	for _, name := range []string{"ana", "bia", "caio"} {
		r.newUser(name)
	}
	r.want(200, "POST", "/_sandgate/clock/advance", `{"by":"1m"}`)
	all := data(r.want(200, "GET", "/_sandgate/events", ""))
	if len(all) < 3 {
		t.Fatalf("%d events", len(all))
	}
	var walked []any
	for path := "/_sandgate/events?limit=2"; ; {
		out := r.want(200, "GET", path, "")
		walked = append(walked, data(out)...)
		next, more := out["next"].(string)
		if !more {
			break
		}
		path = "/_sandgate/events?limit=2&cursor=" + next
	}
	if len(walked) != len(all) || field(walked[0], "id") != field(all[0], "id") {
		t.Errorf("walked %d events of %d", len(walked), len(all))
	}
	family, action := field(all[0], "family").(string), field(all[0], "action").(string)
	for _, e := range data(r.want(200, "GET", "/_sandgate/events?family="+family+"&action="+action, "")) {
		if field(e, "family") != family || field(e, "action") != action {
			t.Errorf("a filter let %v through", e)
		}
	}
	for _, query := range []string{"family=NONE", "kind=nothing", "resource=nobody", "provider=nobody", "since=2030-01-01T00:00:00Z"} {
		if n := len(data(r.want(200, "GET", "/_sandgate/events?"+query, ""))); n != 0 {
			t.Errorf("%s: %d events", query, n)
		}
	}
	one := r.want(200, "GET", "/_sandgate/events/"+field(all[0], "id").(string), "")
	if one["id"] != field(all[0], "id") {
		t.Errorf("event: %v", one)
	}
	r.refused(404, "not_found", "", "GET", "/_sandgate/events/nothing", "")
	for query, pointer := range map[string]string{
		"limit=0": "/query/limit", "limit=501": "/query/limit", "limit=x": "/query/limit", "cursor=!": "/query/cursor",
		"cursor=-1": "/query/cursor", "since=yesterday": "/query/since", "famly=USER": "/query/famly",
	} {
		r.refused(400, "invalid", pointer, "GET", "/_sandgate/events?"+query, "")
	}
}

func TestSandboxes(t *testing.T) {
	r := newRig(t)
	r.refused(404, "no_sandbox", "/query/sandbox", "GET", "/_sandgate/events?sandbox=one", "")
	r.refused(404, "no_sandbox", "/header/Sandgate-Sandbox", "GET", "/_sandgate/clock", "", "Sandgate-Sandbox: one")
	r.refused(400, "invalid", "/query/sandbox", "POST", "/_sandgate/reset?sandbox=No%20Name", "")
	r.refused(400, "invalid", "/query/sandbox", "GET", "/_sandgate/events?sandbox=one", "", "Sandgate-Sandbox: two")
	r.want(200, "POST", "/_sandgate/clock/advance?sandbox=one", `{"by":"1h"}`)
	r.want(200, "POST", "/_sandgate/reset", "", "Sandgate-Sandbox: two")
	if out := r.want(200, "GET", "/_sandgate/clock?sandbox=one", ""); out["now"] != "2026-01-01T01:00:00Z" {
		t.Errorf("clock of one: %v", out)
	}
	if out := r.want(200, "GET", "/_sandgate/clock?sandbox=two", ""); out["now"] != "2026-01-01T00:00:00Z" {
		t.Errorf("clock of two: %v", out)
	}
	names := func() string {
		var out []string
		for path := "/_sandgate/sandboxes?limit=1"; ; {
			page := r.want(200, "GET", path, "")
			for _, s := range data(page) {
				out = append(out, field(s, "name").(string))
			}
			next, more := page["next"].(string)
			if !more {
				return strings.Join(out, " ")
			}
			path = "/_sandgate/sandboxes?limit=1&cursor=" + next
		}
	}
	if got := names(); got != "one two" {
		t.Errorf("sandboxes: %s", got)
	}
	r.want(204, "DELETE", "/_sandgate/sandboxes/one", "")
	r.refused(404, "not_found", "/path/name", "DELETE", "/_sandgate/sandboxes/one", "")
	if got := names(); got != "two" {
		t.Errorf("sandboxes after a removal: %s", got)
	}
}

func TestRequestsAndCards(t *testing.T) {
	r := newRig(t)
	r.newUser("ana")
	r.send("GET", "/killb/api/v2/users/nobody", "", "Authorization: Bearer sk_test_sandgate")
	list := data(r.want(200, "GET", "/_sandgate/requests?limit=10", ""))
	if len(list) != 2 || field(list[0], "method") != "GET" || field(list[1], "status") != 201.0 {
		t.Errorf("requests: %v", list)
	}
	cards := data(r.want(200, "GET", "/_sandgate/cards?provider=killb", ""))
	if len(cards) == 0 || field(cards[0], "outcome") == "" {
		t.Errorf("cards: %v", cards)
	}
	if n := len(data(r.want(200, "GET", "/_sandgate/cards?provider=nobody", ""))); n != 0 {
		t.Errorf("%d cards of nobody", n)
	}
	if n := len(data(r.want(200, "GET", "/_sandgate/cards?provider=killb&set=nobody", ""))); n != 0 {
		t.Errorf("%d cards in a set that is not there", n)
	}
	r.want(200, "GET", "/_sandgate/cards", "") // whatever is served fits the contract
	decks, _ := r.want(200, "GET", "/_sandgate/cards?provider=killb", "")["decks"].([]any)
	if len(decks) != 1 || field(decks[0], "provider") != "killb" || len(field(decks[0], "precedence").([]any)) == 0 || field(decks[0], "cards") != nil {
		t.Errorf("decks: %v", decks)
	}
}

func TestWrongUse(t *testing.T) {
	r := newRig(t)
	r.refused(404, "not_found", "/path", "GET", "/_sandgate/nothing", "")
	r.refused(404, "not_found", "/path", "GET", "/_sandgate/", "")
	r.refused(404, "not_found", "/path", "GET", "/_sandgate//clock", "")
	for path, allow := range map[string]string{"clock": "GET, HEAD, PUT", "reset": "POST", "endpoints/x": "DELETE, GET, HEAD, PATCH"} {
		w := r.send("LOCK", "/_sandgate/"+path, "")
		if got := w.Header().Get("Allow"); w.Code != http.StatusMethodNotAllowed || got != allow {
			t.Errorf("%s: %d, Allow %q, want %q", path, w.Code, got, allow)
		}
	}
	r.refused(400, "invalid", "/body", "POST", "/_sandgate/deliveries/x/retry", `{}`)
	pad := func(n int) string {
		const head, tail = `{"rewind":false`, `}`
		return head + strings.Repeat(" ", n-len(head)-len(tail)) + tail
	}
	r.want(200, "POST", "/_sandgate/reset", pad(1<<20))
	r.refused(413, "too_large", "/body", "POST", "/_sandgate/reset", pad(1<<20+1))
	r.refused(415, "encoding", "/header/Content-Encoding", "POST", "/_sandgate/reset", "{}", "Content-Encoding: gzip")
}

// TestBusy: a second advance while one waits for a slow receiver.
func TestBusy(t *testing.T) {
	entered, release := make(chan bool, 100), make(chan bool)
	url := receiver(t, func(http.ResponseWriter, *http.Request) {
		entered <- true
		<-release
	})
	t.Cleanup(sync.OnceFunc(func() { close(release) }))
	r := newRig(t)
	// The update comes 5 s after the user, so only an advance sends it.
	r.want(201, "POST", "/_sandgate/endpoints", `{"provider":"killb","url":"`+url+`","events":["USER.UPDATE"]}`)
	r.newUser("ana")
	done := make(chan int, 1)
	go func() { done <- r.send("POST", "/_sandgate/clock/advance", `{"by":"10s"}`).Code }()
	select {
	case <-entered:
	case code := <-done:
		t.Fatalf("the advance ended with %d and sent nothing", code)
	}
	for _, c := range []struct{ method, path, body string }{
		{"POST", "/_sandgate/clock/advance", `{"by":"1s"}`}, {"POST", "/_sandgate/reset", ""}, {"PUT", "/_sandgate/clock", `{"mode":"real"}`},
	} {
		r.refused(409, "busy", "", c.method, c.path, c.body)
	}
	release <- true
	if code := <-done; code != 200 {
		t.Errorf("the first advance: %d", code)
	}
}
