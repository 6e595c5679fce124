package emulator_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
)

// What a scenario of one's own may do to the engine, and what not.

const workshopContract = `
openapi: 3.0.3
info: {title: Workshop, version: '1'}
paths:
  /boxes:
    post:
      requestBody: &box {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Box'}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {type: object}}}}}
    get:
      parameters:
        - {name: label, in: query, schema: {type: array, items: {type: string}}}
        - {name: status, in: query, schema: {type: string}}
        - {name: owner, in: query, schema: {type: string}}
        - {name: day_from, in: query, schema: {type: string}}
        - {name: day_to, in: query, schema: {type: string}}
      responses: {'200': {description: all, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Box'}}}}}}
  /boxes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses: {'200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/Box'}}}}}
    patch:
      requestBody: *box
      responses: {'200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/Box'}}}}}
components:
  schemas:
    Box:
      type: object
      properties:
        id: {type: string}
        status: {type: string}
        box_status: {type: string}
        owner: {type: string}
        label: {type: string}
        day: {type: string, format: date}
        next: {type: string}
        n: {type: integer}
        extra: {type: object}
`

const workshopOperations = `
operations:
  POST /boxes: {create: box}
  GET /boxes: {list: box}
  GET /boxes/{id}: {read: box}
  PATCH /boxes/{id}: {update: box}
`

// workshop serves a scenario on the contract above, on a manual clock.
func workshop(t *testing.T, scenario string) *edge {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "workshop.yaml")
	for name, text := range map[string]string{
		file: "provider: workshop\ntitle: Workshop\ncontract: workshop.openapi.yaml\n" + scenario, filepath.Join(dir, "workshop.openapi.yaml"): workshopContract,
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if found, err := emulator.Check(file); err != nil || len(found) > 0 {
		t.Fatal(found, err)
	}
	s, err := emulator.New(emulator.Options{Providers: []string{file}, Clock: "manual", Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &edge{s, t}
}

func (e *edge) box(body string) (path string) {
	e.t.Helper()
	return fmt.Sprint("/boxes/", e.want(201, "POST", "/boxes", "", body)["id"])
}

// Effects that lead back to themselves are an error, not the end of the process.
func TestEffectsWithoutEnd(t *testing.T) {
	e := workshop(t, "resources: {box: {schema: [Box], then: [{create: box}]}}"+workshopOperations)
	e.want(500, "POST", "/boxes", "", `{}`)
	w := httptest.NewRecorder()
	e.ServeHTTP(w, httptest.NewRequest("GET", "/boxes", nil))
	if w.Body.String() != "[]" {
		t.Errorf("what was made on the way is undone: %s", w.Body)
	}
}

// Two moves that lead back to each other at one instant do not hold the clock.
func TestMovesThatNeverLetTimeGoOn(t *testing.T) {
	e := workshop(t, `
resources:
  box:
    schema: [Box]
    status: {field: status, start: A}
    moves:
      go: {from: A, to: B, at: instant(resource.next)}
      back: {from: B, to: A, at: instant(resource.next)}
`+workshopOperations)
	e.box(`{"next":"2025-01-01T00:00:00Z"}`)
	b, err := e.Sandbox("")
	if err != nil {
		t.Fatal(err)
	}
	cut, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.AdvanceBy(cut, time.Hour, false); err == nil {
		t.Fatal("an advance that was given up has gone on")
	}
	if _, err := e.Advance(time.Hour); err != nil {
		t.Fatal(err)
	}
	if now, err := b.Now(); err != nil || now.Hour() != 1 {
		t.Errorf("it is %v, %v", now, err)
	}
}

// A move whose instants are past catches up, one instant after the other.
func TestTimedMoveCatchesUp(t *testing.T) {
	e := workshop(t, `
resources:
  box:
    schema: [Box]
    status: {field: status, start: A}
    moves:
      tick: {from: A, at: instant(resource.next), set: {next: "iso(instant(resource.next) + duration('24h'))", n: "(resource.n ?? 0) + 1"}}
      once: {from: A, at: now, set: {label: "(resource.label ?? '') + 'x'"}}
`+workshopOperations)
	path := e.box(`{"next":"2025-12-30T00:00:00Z"}`) // it is 2026-01-01
	if _, err := e.Advance(0); err != nil {
		t.Fatal(err)
	}
	if m := e.want(200, "GET", path, "", ""); m["n"] != 3.0 || m["next"] != "2026-01-02T00:00:00.000Z" {
		t.Errorf("caught up: %v", m)
	}
	if _, err := e.Advance(48 * time.Hour); err != nil {
		t.Fatal(err)
	}
	if m := e.want(200, "GET", path, "", ""); m["n"] != 5.0 {
		t.Errorf("two days later: %v", m)
	}
}

// What a request may hold can be changed afterwards, though it has grown.
func TestGrownBodyCanBeChanged(t *testing.T) {
	e := workshop(t, "resources: {box: {schema: [Box], defaults: {n: '1', label: \"'x'\"}}}"+workshopOperations)
	extra := map[string]int{}
	for i := range 9_998 {
		extra[fmt.Sprint(i)] = i
	}
	body, err := json.Marshal(map[string]any{"extra": extra})
	if err != nil {
		t.Fatal(err)
	}
	e.want(200, "PATCH", e.box(string(body)), "", `{"label":"y"}`)
}

// A status is never the caller's to set, whatever case it is written in.
func TestStatusInAnotherCase(t *testing.T) {
	e := workshop(t, `
dialect: {names: snake}
resources: {box: {schema: [Box], status: {field: box_status, start: A}, moves: {go: {from: A, to: B}}}}
`+workshopOperations)
	path := e.box(`{"boxStatus":"B"}`)
	if m := e.want(200, "PATCH", path, "", `{"boxStatus":"B","box_status":"B"}`); m["box_status"] != "A" {
		t.Errorf("after a PATCH: %v", m)
	}
}

// Filters find what is called like a column of the store, days by their day,
// and any of several values.
func TestFiltersOfPlainProperties(t *testing.T) {
	e := workshop(t, "resources: {box: {schema: [Box]}}"+workshopOperations)
	e.box(`{"label":"one","status":"open","owner":"bob","day":"2026-01-05"}`)
	for query, want := range map[string]bool{
		"label=one": true, "label=two&label=one": true, "label=two": false, "status=open": true, "status=shut": false, "owner=bob": true, "owner=eve": false,
		"label=" + strings.Repeat("one&label=", 2_000) + "two": true, "day_from=2026-01-05": true, "day_to=2026-01-05": true, "day_from=2026-01-06": false, "day_to=2026-01-04": false,
	} {
		w := httptest.NewRecorder()
		e.ServeHTTP(w, httptest.NewRequest("GET", "/boxes?"+query, nil))
		if found := strings.Contains(w.Body.String(), "bob"); w.Code != 200 || found != want {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
}

// More values than a list of an expression may have are refused.
func TestTooManyValuesOfAFilter(t *testing.T) {
	e := workshop(t, "resources: {box: {schema: [Box]}}"+strings.Replace(workshopOperations, "{list: box}", "{list: box, where: {status: {field: id, op: in}}}", 1))
	e.want(400, "GET", "/boxes?status="+strings.Repeat("1,", 10_000)+"1", "", "")
	w := httptest.NewRecorder()
	if e.ServeHTTP(w, httptest.NewRequest("GET", "/boxes?status="+strings.Repeat("1,", 9_999)+"1", nil)); w.Code != 200 {
		t.Errorf("ten thousand: %d %s", w.Code, w.Body)
	}
}

// An instant that was just stored is found as it will be later on.
func TestInstantsAreFoundAsStored(t *testing.T) {
	e := workshop(t, `
resources: {box: {schema: [Box]}}
operations:
  POST /boxes:
    create: box
    set: {next: "addDays(now, 1)"}
    reply: "{n: len(list('box', {next: resource.next})), one: find('box', 'next', resource.next) != nil}"
`)
	if m := e.want(201, "POST", "/boxes", "", `{}`); m["n"] != 1.0 || m["one"] != true {
		t.Errorf("found: %v", m)
	}
}

// A stop does not wait until all that is due was run: the rest is there at the
// next start.
func TestStopWhileMuchIsDue(t *testing.T) {
	e := workshop(t, `
resources:
  box:
    schema: [Box]
    status: {field: status, start: A}
    moves:
      go: {from: A, to: B, at: instant(resource.next)}
      back: {from: B, to: A, at: instant(resource.next)}
`+workshopOperations)
	for range 50 { // each keeps the loop busy for thousands of moves
		e.box(`{"next":"2025-01-01T00:00:00Z"}`)
	}
	done := make(chan error)
	go func() { done <- e.Close() }()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(8 * time.Second):
		t.Error("a stop waits for all that is due")
	}
}
