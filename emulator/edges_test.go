package emulator_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
)

// edge is a server for one test, with a receiver for everybody's events.
type edge struct {
	*emulator.Server
	t *testing.T
}

func newEdge(t *testing.T, o emulator.Options) *edge {
	t.Helper()
	o.Providers, o.Seed, o.RateLimit = []string{"killb"}, 7, "off"
	s := newServer(t, o)
	return &edge{s, t}
}

// call sends JSON with a key that names a sandbox ("" = default).
func (e *edge) call(method, path, box, body string) (int, map[string]any) {
	e.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "localhost"
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("x-api-key", "sk_test")
	if box != "" {
		r.Header.Set("x-api-key", "sk_test_ws_"+box)
		r.Header.Set("Sandgate-Sandbox", box)
	}
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	var m map[string]any
	json.Unmarshal(w.Body.Bytes(), &m)
	return w.Code, m
}

// want is call, and the reply has that status.
func (e *edge) want(status int, method, path, box, body string) map[string]any {
	e.t.Helper()
	got, m := e.call(method, path, box, body)
	if got != status {
		e.t.Fatalf("%s %s: got %d, want %d: %v", method, path, got, status, m)
	}
	return m
}

func (e *edge) user(box string, n int) string {
	e.t.Helper()
	id, _ := e.want(201, "POST", "/api/v2/users", box, userBody(int64(n)))["id"].(string)
	return id
}

// receives registers a receiver in a sandbox.
func (e *edge) receives(box string, h http.HandlerFunc) {
	e.t.Helper()
	to := httptest.NewServer(h)
	e.t.Cleanup(to.Close)
	e.want(201, "POST", "/_sandgate/endpoints", box, `{"url":"`+to.URL+`"}`)
}

// soon waits for something that happens beside the test.
func (e *edge) soon(what string, ok func() bool) {
	e.t.Helper()
	for end := time.Now().Add(5 * time.Second); !ok(); {
		if time.Now().After(end) {
			e.t.Fatal("never: " + what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// notes keeps what is logged.
type notes struct {
	mu   sync.Mutex
	text strings.Builder
}

func (n *notes) Write(line []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(line)
}

func resets(list []sandbox.Fired) (n int) {
	for _, f := range list {
		if f.Kind == "reset" {
			n++
		}
	}
	return n
}

// A skipped reset leaves none behind that the next wake would make.
func TestEveryDueResetIsSkipped(t *testing.T) {
	e := newEdge(t, emulator.Options{Clock: "manual", ResetCron: "0 2 * * *"})
	var got atomic.Int64
	e.receives("", func(http.ResponseWriter, *http.Request) { got.Add(1) })
	out, err := e.Advance(72 * time.Hour)
	if err != nil || resets(out.Skipped) != 3 || resets(out.Fired) != 0 {
		t.Fatalf("three days skip three resets: %+v, %v", out, err)
	}
	id := e.user("", 1)
	e.soon("the event is delivered", func() bool { return got.Load() > 0 })
	e.want(200, "GET", "/api/v2/users/"+id, "", "")
}

// A clock that runs while the loop works loses no timer: what falls due
// between its look at the clock and its going to sleep is its next work.
func TestFastClockLosesNoTimer(t *testing.T) {
	e := newEdge(t, emulator.Options{Clock: "x1000"})
	for n := range 10 {
		box := fmt.Sprint("fast", n)
		e.call("GET", "/api/v2/banks?countryCode=CO", box, "")
		for i := range 3 {
			e.user(box, i)
		}
		b, err := e.Sandbox(box)
		if err != nil {
			t.Fatal(err)
		}
		e.soon("all users are approved", func() bool {
			o, err := b.Overview()
			return err == nil && o.Counts.Timers == 0
		})
	}
}

// Only the scenario says whose a row is.
func TestNobodyGivesAwayARow(t *testing.T) {
	e := newEdge(t, emulator.Options{Clock: "manual"})
	m := e.want(201, "POST", "/api/v2/backoffice/permissions", "", `{"name":"n","resource":"r","action":"a","owner":"somebody","hidden":{"x":1}}`)
	path := fmt.Sprint("/api/v2/backoffice/permissions/", m["id"])
	e.want(200, "GET", path, "", "")
	e.want(200, "PUT", path, "", `{"description":"d","owner":"somebody"}`)
	e.want(200, "GET", path, "", "")
}

// A removed sandbox stays quiet, whatever was in the air.
func TestRemovedSandboxIsQuiet(t *testing.T) {
	var log notes
	e := newEdge(t, emulator.Options{Clock: "real", Log: slog.New(slog.NewTextHandler(&log, nil))})
	hang, landed := make(chan struct{}), make(chan struct{})
	var got atomic.Int64
	e.receives("gone", func(http.ResponseWriter, *http.Request) {
		got.Add(1)
		<-hang
		close(landed)
	})
	e.user("gone", 1)
	e.soon("the event is in the air", func() bool { return got.Load() == 1 })
	e.want(204, "DELETE", "/_sandgate/sandboxes/gone", "", "")
	close(hang)
	<-landed
	e.soon("closing", func() bool { return e.Close() == nil })
	if s := log.text.String(); s != "" {
		t.Error(s)
	}
}

// Retries asked for at the same time are all made, and none is refused.
func TestRetriesAtTheSameTime(t *testing.T) {
	e := newEdge(t, emulator.Options{Clock: "manual"})
	var got atomic.Int64
	e.receives("", func(http.ResponseWriter, *http.Request) { got.Add(1) })
	for n := range 12 {
		e.user("", n)
	}
	e.Advance(0)
	before := got.Load()
	var wait sync.WaitGroup
	for _, d := range e.want(200, "GET", "/_sandgate/deliveries?limit=12", "", "")["data"].([]any) {
		path := fmt.Sprint("/_sandgate/deliveries/", d.(map[string]any)["id"], "/retry")
		wait.Go(func() {
			if status, m := e.call("POST", path, "", ""); status != 200 {
				t.Error(status, m)
			}
		})
	}
	wait.Wait()
	if n := got.Load() - before; n != 12 {
		t.Errorf("%d of 12 were made", n)
	}
}

// A rewound sandbox gives ids again. A delivery of before, still in the air,
// does not stand for its namesake.
func TestRewindWhileADeliveryFlies(t *testing.T) {
	e := newEdge(t, emulator.Options{Clock: "manual"})
	hang := make(chan struct{})
	var got atomic.Int64
	e.receives("", func(http.ResponseWriter, *http.Request) {
		if got.Add(1) == 1 {
			<-hang
		}
	})
	for n := range int64(2) {
		e.want(200, "POST", "/_sandgate/reset", "", `{"rewind":true}`)
		e.user("", 1)
		if n == 0 {
			e.soon("the first is in the air", func() bool { return got.Load() == 1 })
		}
	}
	<-time.After(50 * time.Millisecond)
	close(hang)
	e.soon("the second is sent", func() bool { return got.Load() == 2 })
}

// The schedule of resets is that of this run, whatever made the file.
func TestResetScheduleOfThisRun(t *testing.T) {
	dir := t.TempDir()
	for _, run := range []struct {
		cron string
		want int
	}{{"", 0}, {"0 2 * * *", 2}, {"0 3 * * *", 2}, {"", 0}} {
		e := newEdge(t, emulator.Options{Clock: "manual", Data: dir, ResetCron: run.cron})
		box, err := e.Sandbox("")
		if err != nil {
			t.Fatal(err)
		}
		out, err := box.AdvanceBy(t.Context(), 48*time.Hour, true)
		if err != nil || resets(out.Fired) != run.want {
			t.Errorf("cron %q: %d resets in two days, want %d (%v)", run.cron, resets(out.Fired), run.want, err)
		}
		e.Close()
	}
}

// A reset that fell due while nobody ran is made at the next start.
func TestResetDueMeanwhile(t *testing.T) {
	dir := t.TempDir()
	start := time.Now().Add(-time.Hour)
	o := emulator.Options{Clock: "x1000000", Data: dir, ResetCron: "0 2 * * *", Start: start}
	e := newEdge(t, o)
	id := e.user("", 1)
	e.Close()
	<-time.After(200 * time.Millisecond) // two days and more
	e = newEdge(t, o)
	e.soon("the reset", func() bool { status, _ := e.call("GET", "/api/v2/users/"+id, "", ""); return status == 404 })
}

// What a refused file's message advises works.
func TestResetOfAFileOfAnotherVersion(t *testing.T) {
	dir := t.TempDir()
	o := emulator.Options{Clock: "manual", Data: dir}
	for _, repair := range [][3]string{{"POST", "/_sandgate/reset", "200"}, {"DELETE", "/_sandgate/sandboxes/default", "204"}} {
		e := newEdge(t, o)
		e.user("", 1)
		e.Close()
		files, _ := filepath.Glob(filepath.Join(dir, "default.*.db"))
		raw, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		raw[63] = 99 // user_version
		if err := os.WriteFile(files[0], raw, 0o600); err != nil {
			t.Fatal(err)
		}
		e = newEdge(t, o)
		e.want(500, "GET", "/api/v2/banks?countryCode=CO", "", "")
		if status, m := e.call(repair[0], repair[1], "", ""); fmt.Sprint(status) != repair[2] {
			t.Fatal(status, m)
		}
		e.want(200, "GET", "/api/v2/banks?countryCode=CO", "", "")
		e.Close()
	}
}

// The data folder's name is a name, not a pattern.
func TestDataFolderWithBrackets(t *testing.T) {
	o := emulator.Options{Clock: "manual", Data: filepath.Join(t.TempDir(), "a[b]*")}
	e := newEdge(t, o)
	id := e.user("", 1)
	e.Close()
	newEdge(t, o).want(200, "GET", "/api/v2/users/"+id, "", "")
}

// An attempt that the receiver accepted is recorded when the file can be
// written to again, and not made a second time.
func TestRecordingIsRetriedNotTheAttempt(t *testing.T) {
	dir := t.TempDir()
	var log notes
	e := newEdge(t, emulator.Options{Clock: "manual", Data: dir, Log: slog.New(slog.NewTextHandler(&log, nil))})
	e.want(200, "GET", "/api/v2/banks?countryCode=CO", "", "")
	other, err := sql.Open("sqlite", filepath.Join(dir, "default.1.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	do := func(statement string) {
		if _, err := other.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	do("CREATE TRIGGER full BEFORE INSERT ON attempt BEGIN SELECT RAISE(ABORT, 'the disk is full'); END")
	var got atomic.Int64
	e.receives("", func(http.ResponseWriter, *http.Request) { got.Add(1) })
	e.user("", 1)
	e.soon("recording fails", func() bool {
		log.mu.Lock()
		defer log.mu.Unlock()
		return strings.Contains(log.text.String(), "recording an attempt")
	})
	do("DROP TRIGGER full")
	e.soon("the delivery has succeeded", func() bool {
		return len(e.want(200, "GET", "/_sandgate/deliveries?status=succeeded", "", "")["data"].([]any)) == 1
	})
	if n := got.Load(); n != 1 {
		t.Errorf("sent %d times", n)
	}
}

// A page beyond every number is an empty page.
func TestPageBeyondAll(t *testing.T) {
	e := newEdge(t, emulator.Options{Clock: "manual"})
	for _, page := range []string{"2", "922337203685477580", "9223372036854775807", "99999999999999999999"} {
		if m := e.want(200, "GET", "/api/v2/users?type=PERSON&limit=100&page="+page, "", ""); len(m["users"].([]any)) != 0 {
			t.Errorf("page %s: %v", page, m)
		}
	}
}

// The request log keeps what fits on a screen, whatever was sent.
func TestRequestLogIsSmall(t *testing.T) {
	e := newEdge(t, emulator.Options{Clock: "manual"})
	e.want(400, "POST", "/api/v2/documents/sign/bulk", "", `{"documentIds":[`+strings.Repeat("1,", 999)+`1]}`)
	e.want(404, "GET", "/api/v2/users/"+strings.Repeat("x", 5000), "", "")
	raw, err := json.Marshal(e.want(200, "GET", "/_sandgate/requests?limit=2", "", ""))
	if err != nil || len(raw) > 4000 {
		t.Errorf("%d bytes remembered of two requests (%v)", len(raw), err)
	}
}

// A provider of one's own that says nothing of pages shows whole lists, and
// its fields may be called owner and hidden.
func TestPlainProvider(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"plain.yaml": `
provider: plain
title: Plain
contract: plain.openapi.yaml
auth: {credentials: [{header: x-api-key}]}
resources: {box: {schema: [Box]}}
operations: {POST /boxes: {create: box}, GET /boxes: {list: box}}
`, "plain.openapi.yaml": `
openapi: 3.0.3
info: {title: Plain, version: '1'}
paths:
  /boxes:
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Box'}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Box'}}}}}
    get:
      responses: {'200': {description: all, content: {application/json: {schema: {$ref: '#/components/schemas/Boxes'}}}}}
components:
  schemas:
    Box: {type: object, properties: {id: {type: string}, owner: {type: string}, hidden: {type: boolean}}}
    Boxes: {type: object, properties: {data: {type: array, items: {$ref: '#/components/schemas/Box'}}}}
`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := emulator.New(emulator.Options{Providers: []string{filepath.Join(dir, "plain.yaml")}, Clock: "manual", Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	e := &edge{s, t}
	for range 2 {
		if m := e.want(201, "POST", "/boxes", "", `{"owner":"bob","hidden":true}`); m["owner"] != "bob" || m["hidden"] != true {
			t.Errorf("made: %v", m)
		}
	}
	if m := e.want(200, "GET", "/boxes", "", ""); len(m["data"].([]any)) != 2 {
		t.Errorf("listed: %v", m)
	}
}
