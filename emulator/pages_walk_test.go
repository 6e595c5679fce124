package emulator_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/openapi"
)

// listWalk walks lists through the API, and changes their rows in the file:
// every list can be disturbed in the same way.
type listWalk struct {
	*emulator.Server
	t   *testing.T
	doc *openapi.Document
	db  *sql.DB
	n   int
}

type listed struct {
	path  string // with its query so far
	sorts []string
}

func newListWalk(t *testing.T) *listWalk {
	dir := t.TempDir()
	s, err := emulator.New(emulator.Options{Providers: []string{"kobana-billing"}, Clock: "manual", Seed: 7, Egress: "none", RateLimit: "off", Data: dir, CheckReplies: true})
	if err != nil {
		t.Fatal(err)
	}
	w := &listWalk{Server: s, t: t}
	w.get("/v1/plans") // makes the file
	if w.db, err = sql.Open("sqlite", "file:"+filepath.Join(dir, "default.1.db")+"?_pragma=busy_timeout(5000)&_pragma=synchronous(0)"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if broken, panics := s.Broken(); broken+panics > 0 {
			t.Errorf("%d replies broke the contract, %d requests panicked", broken, panics)
		}
		w.db.Close()
		s.Close()
	})
	providers, err := emulator.LoadProviders([]string{"kobana-billing"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.doc = providers[0].Contract
	return w
}

// places are ids for the lists that hang under something.
var places = map[string]string{
	"/v1/billing_accounts/": "ac000000-0000-4000-8000-000000000001", "/v1/coupons/": "cc000000-0000-4000-8000-000000000001",
	"/v1/customers/": "c1000000-0000-4000-8000-000000000001",
}

// lists are the operations that take a cursor.
func (w *listWalk) lists() (out []listed) {
	for _, op := range w.doc.Operations() {
		plan, err := w.doc.Plan(op)
		if err != nil {
			w.t.Fatal(err)
		}
		takes := func(name string) bool {
			return slices.ContainsFunc(plan.Params, func(p openapi.Param) bool { return p.Name == name && p.In == "query" })
		}
		if op.Method != "GET" || !takes("cursor") {
			if op.Method == "GET" && (takes("page") || takes("offset")) {
				w.t.Errorf("%s has pages and takes no cursor", op.Key())
			}
			continue
		}
		list := listed{path: strings.TrimPrefix(op.Key(), "GET ") + "?"}
		for prefix, id := range places {
			if strings.HasPrefix(list.path, prefix+"{") {
				list.path = strings.Replace(list.path, "{id}", id, 1)
			}
		}
		if strings.Contains(list.path, "{") {
			continue // what it hangs under is not in the seed
		}
		if list.path == "/v1/usage?" {
			list.path += "subscription_item_id=f1000000-0000-4000-8000-000000000004"
			w.post("/v1/usage", `{"records":[`+strings.Repeat(`{"subscription_item_id":"f1000000-0000-4000-8000-000000000004","quantity":1},`, 4)+
				`{"subscription_item_id":"f1000000-0000-4000-8000-000000000004","quantity":2}]}`)
		}
		if takes("sort_by") {
			list.sorts = w.sorts(plan)
			if strings.HasPrefix(list.path, "/v1/webhook_deliveries") || strings.HasPrefix(list.path, "/v1/events") {
				list.sorts = []string{"created_at", "id"} // the engine's own rows have an order by what they are chosen by
			}
		}
		out = append(out, list)
	}
	return out
}

// sorts are a few fields of each kind of value.
func (w *listWalk) sorts(plan *openapi.Plan) []string {
	items := plan.Reply(200).Schema.Property("data").Items()
	byType := map[string][]string{}
	for _, name := range items.Properties() {
		if kind := items.Property(name).Type(); kind != "" && kind != "object" && kind != "array" && len(byType[kind]) < 2 {
			byType[kind] = append(byType[kind], name)
		}
	}
	out := []string{"created_at"}
	for _, names := range byType {
		out = append(out, names...)
	}
	if !items.Has("created_at") {
		out = out[1:]
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (w *listWalk) do(method, path, body string) (int, []byte) {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer sk_test_sandgate")
	r.Header.Set("User-Agent", "sandgate (dev@sandgate.test)")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	reply := httptest.NewRecorder()
	w.ServeHTTP(reply, r)
	return reply.Code, reply.Body.Bytes()
}

func (w *listWalk) get(path string) []byte {
	w.t.Helper()
	status, body := w.do("GET", path, "")
	if status != 200 {
		w.t.Fatalf("GET %s: %d %s", path, status, body)
	}
	return body
}

func (w *listWalk) post(path, body string) {
	w.t.Helper()
	if status, reply := w.do("POST", path, body); status > 299 {
		w.t.Fatalf("POST %s: %d %s", path, status, reply)
	}
}

// walk gives the ids of a list, page by page, and lets something happen
// between pages.
func (w *listWalk) walk(op listed, sort string, limit int, between func()) (seen []string) {
	w.t.Helper()
	cursor := ""
	for {
		var page struct {
			Data []struct{ ID string }
			Meta struct {
				Next *string `json:"next_cursor"`
				More *bool   `json:"has_more"`
			}
		}
		body := w.get(fmt.Sprintf("%s&limit=%d%s%s", op.path, limit, sort, cursor))
		if err := json.Unmarshal(body, &page); err != nil || page.Meta.More == nil || *page.Meta.More != (page.Meta.Next != nil) || len(page.Data) > limit {
			w.t.Fatalf("%s%s: %v %s", op.path, sort, err, body)
		}
		for _, one := range page.Data {
			seen = append(seen, one.ID)
		}
		if page.Meta.Next == nil || len(seen) > 1000 {
			return seen
		}
		cursor = "&cursor=" + url.QueryEscape(*page.Meta.Next)
		if between != nil {
			between()
		}
	}
}

// populate makes a few of one, for all the walks.
func (w *listWalk) populate(id string) {
	for range 5 {
		w.copy("88888888", id)
	}
}

// clone stores another one like it, for one walk.
func (w *listWalk) clone(id string) { w.copy("99999999", id) }

// copy stores another one like it, younger than all.
func (w *listWalk) copy(prefix, id string) {
	w.n++
	w.sql(`INSERT INTO resource (seq, kind, id, owner, parent, status, body, hidden, created, updated, deleted)
		SELECT (SELECT max(seq) FROM resource) + 1, kind, ?1, owner, parent, status, json_set(body, '$.id', ?1), hidden, created, updated, 0
		FROM resource WHERE id = ?2 AND deleted = 0 LIMIT 1`, fmt.Sprintf("%s-0000-4000-8000-%012d", prefix, w.n), id)
}

func (w *listWalk) hide(id string) {
	w.sql("UPDATE resource SET deleted = 7 WHERE id = ? AND deleted = 0", id)
}

// restore undoes what was done beside the API.
func (w *listWalk) restore() {
	w.sql("DELETE FROM resource WHERE id LIKE '99999999-0000-4000-8000-%'")
	w.sql("UPDATE resource SET deleted = 0 WHERE deleted = 7")
}

func (w *listWalk) sql(text string, args ...any) {
	w.t.Helper()
	if _, err := w.db.Exec(text, args...); err != nil {
		w.t.Fatal(err)
	}
}
