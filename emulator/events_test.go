package emulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/emulator/store"
)

// billing is Kobana's API for one test.
type billing struct {
	*emulator.Server
	t *testing.T
}

func newBilling(t *testing.T, o emulator.Options) *billing {
	t.Helper()
	o.Providers, o.Seed, o.CheckReplies, o.Log = []string{"kobana-billing"}, 7, true, slog.New(slog.DiscardHandler)
	s := newServer(t, o)
	return &billing{s, t}
}

func (b *billing) call(status int, method, path, body string) []byte {
	b.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer sk_test_sandgate")
	r.Header.Set("User-Agent", "sandgate tests (dev@sandgate.test)")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	if w.Code != status {
		b.t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	return w.Body.Bytes()
}

type shownEvent struct {
	ID, Type string
	Created  time.Time `json:"created_at"`
	Resource struct{ Type, ID string }
}

// listed walks all pages of a list.
func (b *billing) listed(path string, q url.Values) (all []json.RawMessage) {
	b.t.Helper()
	for page := 1; ; page++ {
		q.Set("page", fmt.Sprint(page))
		var reply struct {
			Data []json.RawMessage
			Meta struct {
				Total int
				Pages int `json:"total_pages"`
			}
		}
		if err := json.Unmarshal(b.call(200, "GET", path+"?"+q.Encode(), ""), &reply); err != nil {
			b.t.Fatal(err)
		}
		all = append(all, reply.Data...)
		if page >= reply.Meta.Pages {
			if len(all) != reply.Meta.Total {
				b.t.Fatalf("%s %v: %d of %d", path, q, len(all), reply.Meta.Total)
			}
			return all
		}
	}
}

func decoded[T any](t *testing.T, raw []json.RawMessage) []T {
	t.Helper()
	out := make([]T, len(raw))
	for i := range raw {
		if err := json.Unmarshal(raw[i], &out[i]); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// A month of the seed's subscriptions: every event that was delivered reads in
// the API as it was delivered, to the byte, and no event is missing.
func TestEventsReadAsTheyWereDelivered(t *testing.T) {
	var mu sync.Mutex
	delivered := map[string]string{}
	sink := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var e struct{ ID string }
		json.Unmarshal(body, &e)
		mu.Lock()
		defer mu.Unlock()
		if old, again := delivered[e.ID]; again && old != string(body) {
			t.Errorf("two bodies of one event:\n%s\n%s", old, body)
		}
		delivered[e.ID] = string(body)
	}))
	defer sink.Close()
	b := newBilling(t, emulator.Options{Clock: "manual"})
	box, err := b.Sandbox("")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := box.AddEndpoint(t.Context(), "", sandbox.EndpointChange{URL: &sink.URL}); err != nil {
		t.Fatal(err)
	}
	b.call(201, "POST", "/v1/customers", `{"name":"Ação <&> \"Norte\"","document_number":"11222333000181","email":"n@norte.example"}`)
	if _, err := b.Advance(35 * 24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	all := b.listed("/v1/events", url.Values{"per_page": {"7"}})
	kinds := map[string]bool{}
	for _, raw := range all {
		e := decoded[shownEvent](t, []json.RawMessage{raw})[0]
		kinds[e.Type] = true
		if delivered[e.ID] != string(raw) {
			t.Errorf("%s in the list:\n%s\ndelivered:\n%s", e.Type, raw, delivered[e.ID])
		}
		if one := b.call(200, "GET", "/v1/events/"+e.ID, ""); string(one) != `{"data":`+delivered[e.ID]+`}` {
			t.Errorf("%s alone:\n%s\ndelivered:\n%s", e.Type, one, delivered[e.ID])
		}
	}
	if len(all) != len(delivered) || len(all) < 20 || len(kinds) < 8 {
		t.Errorf("%d events of %d types, %d delivered", len(all), len(kinds), len(delivered))
	}
}

// Filters and periods of both lists against a slow model.
func TestEventFiltersAgainstAModel(t *testing.T) {
	onebyone(t)
	b := newBilling(t, emulator.Options{Clock: "manual", Egress: "none"})
	box, err := b.Sandbox("")
	if err != nil {
		t.Fatal(err)
	}
	u := "http://receiver.test/"
	for _, events := range [][]string{{"*"}, {"invoice"}} {
		if _, err := box.AddEndpoint(t.Context(), "", sandbox.EndpointChange{URL: &u, Events: events}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Advance(40 * 24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	events := decoded[shownEvent](t, b.listed("/v1/events", url.Values{"per_page": {"100"}}))
	about := map[string]shownEvent{}
	for _, e := range events {
		about[e.ID] = e
	}
	type shown struct {
		ID, Status string
		Event      string    `json:"event_id"`
		Endpoint   string    `json:"webhook_endpoint_id"`
		Created    time.Time `json:"created_at"`
	}
	deliveries := decoded[shown](t, b.listed("/v1/webhook_deliveries", url.Values{"per_page": {"100"}}))
	if len(events) < 20 || len(deliveries) <= len(events) {
		t.Fatalf("%d events, %d deliveries", len(events), len(deliveries))
	}
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 80 {
		some := events[rnd.IntN(len(events))]
		q, fits := periodOf(rnd, some)
		q.Set("per_page", fmt.Sprint(20+rnd.IntN(81)))
		if rnd.IntN(2) == 0 {
			var want []string
			for _, e := range events {
				if fits(e, e.Created) {
					want = append(want, e.ID)
				}
			}
			var got []string
			for _, e := range decoded[shownEvent](t, b.listed("/v1/events", q)) {
				got = append(got, e.ID)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%v: %d events, not %d", q, len(got), len(want))
			}
			continue
		}
		d := deliveries[rnd.IntN(len(deliveries))]
		for name, value := range map[string]string{"status": d.Status, "event_id": d.Event, "webhook_endpoint_id": d.Endpoint} {
			if rnd.IntN(3) == 0 {
				q.Set(name, value)
			}
		}
		if q.Has("type") {
			q.Set("event_type", q.Get("type"))
			q.Del("type")
		}
		var want, got []string
		for _, one := range deliveries {
			if fits(about[one.Event], one.Created) && agrees(q, "status", one.Status) && agrees(q, "event_id", one.Event) && agrees(q, "webhook_endpoint_id", one.Endpoint) {
				want = append(want, one.ID)
			}
		}
		for _, one := range decoded[shown](t, b.listed("/v1/webhook_deliveries", q)) {
			got = append(got, one.ID)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%v: %d deliveries, not %d", q, len(got), len(want))
		}
	}
}

func agrees(q url.Values, name, value string) bool { return !q.Has(name) || q.Get(name) == value }

// periodOf draws filters that both lists have, near an event, and what they mean.
func periodOf(rnd *rand.Rand, near shownEvent) (url.Values, func(shownEvent, time.Time) bool) {
	q := url.Values{}
	family, _, _ := strings.Cut(near.Type, ".")
	types := map[string]func(string) bool{
		near.Type:                        func(s string) bool { return s == near.Type },
		family + ".*":                    func(s string) bool { return strings.HasPrefix(s, family+".") },
		near.Type + ",subscription.*":    func(s string) bool { return s == near.Type || strings.HasPrefix(s, "subscription.") },
		"*.created":                      func(s string) bool { return strings.HasSuffix(s, ".created") },
		"*":                              func(string) bool { return true },
		near.Type + "x, " + family + "x": func(string) bool { return false },
	}
	fits := []func(shownEvent, time.Time) bool{}
	if rnd.IntN(2) == 0 {
		words := slices.Sorted(func(yield func(string) bool) {
			for w := range types {
				if !yield(w) {
					return
				}
			}
		})
		word := words[rnd.IntN(len(words))]
		q.Set("type", word)
		fits = append(fits, func(e shownEvent, _ time.Time) bool { return types[word](e.Type) })
	}
	if rnd.IntN(3) == 0 {
		q.Set("resource_type", near.Resource.Type)
		fits = append(fits, func(e shownEvent, _ time.Time) bool { return e.Resource.Type == near.Resource.Type })
	}
	if rnd.IntN(3) == 0 {
		q.Set("resource_id", near.Resource.ID)
		fits = append(fits, func(e shownEvent, _ time.Time) bool { return e.Resource.ID == near.Resource.ID })
	}
	at := near.Created.Add(time.Duration(rnd.IntN(3)-1) * time.Millisecond)
	day := at.Truncate(24 * time.Hour)
	switch rnd.IntN(5) {
	case 0:
		q.Set("created_after", at.Format(time.RFC3339Nano))
		fits = append(fits, func(_ shownEvent, t time.Time) bool { return !t.Before(at) })
	case 1:
		q.Set("created_before", at.Format(time.RFC3339Nano))
		fits = append(fits, func(_ shownEvent, t time.Time) bool { return !t.After(at) })
	case 2:
		q.Set("created_after", day.Format(time.DateOnly))
		q.Set("created_before", day.Format(time.DateOnly))
		fits = append(fits, func(_ shownEvent, t time.Time) bool { return t.Truncate(24 * time.Hour).Equal(day) })
	}
	return q, func(e shownEvent, t time.Time) bool {
		return !slices.ContainsFunc(fits, func(f func(shownEvent, time.Time) bool) bool { return !f(e, t) })
	}
}

const ledgerContract = `
openapi: 3.0.3
info: {title: Ledger, version: '1'}
paths:
  /events:
    get:
      parameters: [{name: type, in: query, schema: {type: string}}, {name: page, in: query, schema: {type: integer}}, {name: size, in: query, schema: {type: integer}}]
      responses: {'200': &many {description: all, content: {application/json: {schema: {type: object, properties: {
        items: {type: array, items: {$ref: '#/components/schemas/Row'}}, total: {type: integer}}}}}}}
  /events/{id}:
    parameters: &id [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': &one {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/Row'}}}}}}
  /events/{id}/replay:
    parameters: *id
    post: {responses: {'200': *one}}
  /sends:
    get:
      parameters: [{name: page, in: query, schema: {type: integer}}, {name: size, in: query, schema: {type: integer}}]
      responses: {'200': *many}
  /sends/{id}:
    parameters: *id
    get: {responses: {'200': *one}}
  /sends/{id}/again:
    parameters: *id
    post: {responses: {'200': *one}}
  /sums:
    get: {responses: {'200': {description: sums, content: {application/json: {schema: {type: object}}}}}}
components:
  schemas:
    Member: {type: object, properties: {id: {type: string}, org: {type: string}}}
    Row: {type: object, properties: {id: {type: string}, of: {type: string}, owed: {type: integer}}}
`

const ledgerScenario = `
provider: ledger
title: Ledger
contract: ledger.openapi.yaml
auth: {credentials: [{header: Authorization, prefix: 'Bearer '}], member: member, default: m1, caller: {org: member.org}}
dialect: {pages: {page: page, limit: size, size: 20, max: 100, fields: {total: total}}}
webhooks: {signature: {header: x-signature, scheme: "'hmac-sha256-hex'"}, retry: [0s], body: {id: event.id}}
resources:
  member: {schema: [Member], survives: true}
  entry: {owner: caller.org}
  fact: {schema: [Row], table: event, show: {id: row.id, of: row.type, owed: row.deliveries.count}}
  send: {schema: [Row], table: delivery, show: {id: row.id, of: row.event}}
operations:
  GET /events: {list: fact}
  GET /events/{id}: {read: fact}
  POST /events/{id}/replay: {replay: fact}
  GET /sends: {list: send}
  GET /sends/{id}: {read: send}
  POST /sends/{id}/again: {redeliver: send}
  GET /sums:
    reply: {count: count('fact'), first: "find('fact', 'type', 'a.b').id", other: "get('fact', 'theirs').id", sends: "map(list('send', {status: 'failed'}), .id)"}
seed:
  - {create: member, id: "'m1'", set: {org: "'ours'"}}
`

// A caller sees what is theirs and what is nobody's, of this provider, and can
// send nothing else again.
func TestEventsAreTheOwners(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"ledger.yaml": ledgerScenario, "ledger.openapi.yaml": ledgerContract} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "ledger.yaml")
	if found, err := emulator.Check(file); err != nil || len(found) > 0 {
		t.Fatal(found, err)
	}
	s, err := emulator.New(emulator.Options{Providers: []string{file}, Clock: "manual", Seed: 7, CheckReplies: true, Egress: "none"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	box, err := s.Sandbox("")
	if err != nil {
		t.Fatal(err)
	}
	err = box.Raw(func(tx *store.Tx) error {
		for _, e := range []store.Event{
			{ID: "mine", Provider: "ledger", Owner: "ours"},
			{ID: "theirs", Provider: "ledger", Owner: "others"},
			{ID: "nobodys", Provider: "ledger"},
			{ID: "elsewhere", Provider: "other", Owner: "ours"},
		} {
			e.Family, e.Action, e.Kind, e.Resource = "a", "b", "entry", "r"
			if err := tx.InsertEvent(&e); err != nil {
				return err
			}
			if err := tx.InsertDelivery(&store.Delivery{ID: "d-" + e.ID, Event: e.ID, Endpoint: "gone", Status: "failed", URL: "http://x"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b := &billing{s, t}
	for path, want := range map[string]string{
		"/events":        `{"items":[{"id":"nobodys","of":"a.b","owed":1},{"id":"mine","of":"a.b","owed":1}],"total":2}`,
		"/events?type=a": `{"items":[{"id":"nobodys","of":"a.b","owed":1},{"id":"mine","of":"a.b","owed":1}],"total":2}`,
		"/events?size=1": `{"items":[{"id":"nobodys","of":"a.b","owed":1}],"total":2}`,
		"/events/mine":   `{"id":"mine","of":"a.b","owed":1}`,
		"/sends":         `{"items":[{"id":"d-nobodys","of":"nobodys"},{"id":"d-mine","of":"mine"}],"total":2}`,
		"/sends/d-mine":  `{"id":"d-mine","of":"mine"}`,
		"/sums":          `{"count":2,"first":"nobodys","sends":["d-mine","d-nobodys"]}`,
	} {
		if got := string(b.call(200, "GET", path, "")); got != want {
			t.Errorf("%s: %s\nwant %s", path, got, want)
		}
	}
	for _, id := range []string{"theirs", "elsewhere", "nothing"} {
		b.call(404, "GET", "/events/"+id, "")
		b.call(404, "POST", "/events/"+id+"/replay", "")
		b.call(404, "GET", "/sends/d-"+id, "")
		b.call(404, "POST", "/sends/d-"+id+"/again", "")
	}
	b.call(200, "POST", "/events/mine/replay", "")
	b.call(200, "POST", "/sends/d-nobodys/again", "")
	if _, err := s.Advance(0); err != nil {
		t.Fatal(err)
	}
	if _, _, err := box.Resources(sandbox.ResourceFilter{Provider: "ledger", Kind: "fact"}, 10, ""); err == nil {
		t.Error("events are shown as stored objects")
	}
}
