package emulator_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
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
)

// What an idempotency key promises, on a provider made for it: a vault keeps
// things of an amount up to 100, for whoever signed up.

var (
	onceKeys     = flag.Int("keys", 20, "idempotency keys of TestI1ExactlyOneEffect")
	onceParallel = flag.Int("parallel", 20, "requests at a time with each of them")
)

const vaultContract = `
openapi: 3.0.3
info: {title: Vault, version: '1'}
paths:
  /signup:
    post: {responses: {'201': {description: made, content: {application/json: {schema: {type: object, properties: {token: {type: string}}}}}}}}
  /things:
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
      responses: {'201': &one {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}}
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 50}}
        - {name: page, in: query, schema: {type: integer, minimum: 1}}
        - {name: cursor, in: query, schema: {type: string}}
        - {name: sort, in: query, schema: {type: string}}
        - {name: order, in: query, schema: {type: string}}
        - {name: name, in: query, schema: {type: string}}
        - {name: created_from, in: query, schema: {type: string}}
      responses:
        '200':
          description: a page
          content:
            application/json:
              schema:
                type: object
                properties:
                  data: {type: array, items: {$ref: '#/components/schemas/Thing'}}
                  next: {type: string, nullable: true}
                  more: {type: boolean}
                  total: {type: integer}
  /things/{id}:
    parameters: &path [{name: id, in: path, required: true, schema: {type: string}}]
    delete: {responses: {'200': *one}}
  /things/{id}/open:
    parameters: *path
    post: {responses: {'200': *one}}
components:
  schemas:
    Thing:
      type: object
      properties:
        id: {type: string}
        status: {type: string, enum: [shut, open]}
        amount: {type: integer, minimum: 1, nullable: true}
        name: {type: string, nullable: true}
        ratio: {type: number, nullable: true}
        flag: {type: boolean, nullable: true}
`

const vaultScenario = `
provider: vault
title: Vault
contract: vault.openapi.yaml
config: {keys.life: {default: 24h, about: How long a key is remembered.}}
auth:
  credentials: [{header: Authorization, prefix: 'Bearer '}]
  member: member
  default: m0
  caller: {id: member.id}
  access: 1000d
dialect:
  id: uuid
  error: {error: {code: error.code, field: 'len(error.arguments) > 0 ? error.arguments[0].pointer : nil'}}
  pages:
    limit: size
    page: page
    cursor: cursor
    window: limit
    sort: sort
    order: order
    size: 10
    fields: {next: next, more: more, total: total}
refusals: {invalid: invalid, unauthenticated: who, too-many: slow_down, not-found: missing, conflict: conflict}
errors:
  invalid: {status: 400}
  who: {status: 401}
  missing: {status: 404}
  too_dear: {status: 422}
  is_open: {status: 409}
  slow_down: {status: 429}
  conflict: {status: 409}
  idempotency_error: {status: 400}
  key_reused: {status: 422}
  key_in_use: {status: 409}
resources:
  member: {survives: true}
  thing:
    schema: [Thing]
    owner: caller.id
    status: {field: status, start: shut}
    moves: {open: {from: shut, to: open}}
operations:
  POST /signup: {create: member, auth: none, reply: {token: tokens.access}}
  POST /things:
    create: thing
    then: [{create: thing, when: resource.name == 'pair', set: {name: "'twin'", amount: 1}}]
    require:
      - {when: request.body.name != 'slow', else: slow_down}
      - {when: (request.body.amount ?? 1) <= 100, else: too_dear, field: /body/amount}
  GET /things: {list: thing}
  DELETE /things/{id}: {remove: thing, reply: {id: resource.id}}
  POST /things/{id}/open: {move: thing, by: [open], else: is_open}
seed: [{kind: member, id: "'m0'"}]
`

// vault is a server of that provider under one policy.
type vault struct {
	*emulator.Server
	t     testing.TB
	token map[string]string // of each tenant, "" = the default one
}

func newVault(t testing.TB, policy string, change ...func(*emulator.Options)) *vault {
	t.Helper()
	file := writeVault(t, policy)
	if found, err := emulator.Check(file); err != nil || len(found) > 0 {
		t.Fatal(found, err)
	}
	o := emulator.Options{Providers: []string{file}, Clock: "manual", Seed: 7, Egress: "none", RateLimit: "off"}
	s := newServer(t, o, change...)
	v := &vault{s, t, map[string]string{"": "sk_test_sandgate"}}
	return v
}

func writeVault(t testing.TB, policy string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "vault.yaml")
	for name, text := range map[string]string{file: vaultScenario + policy, filepath.Join(filepath.Dir(file), "vault.openapi.yaml"): vaultContract} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return file
}

// signUp makes a tenant.
func (v *vault) signUp(name string) {
	v.t.Helper()
	var out struct{ Token string }
	w := v.send("POST", "/signup", "", "sign-up-of-"+name, "")
	if json.Unmarshal(w.Body.Bytes(), &out); out.Token == "" {
		v.t.Fatal(w.Code, w.Body)
	}
	v.token[name] = out.Token
}

// send sends JSON for a tenant, under a key unless it is "".
func (v *vault) send(method, path, tenant, key, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	token, known := v.token[tenant]
	if !known {
		token = tenant
	}
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	v.ServeHTTP(w, r)
	return w
}

// things are how many a tenant has.
func (v *vault) things(tenant string) int {
	v.t.Helper()
	var page struct{ Total int }
	w := v.send("GET", "/things", tenant, "", "")
	if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != 200 {
		v.t.Fatal(w.Code, w.Body)
	}
	return page.Total
}

func (v *vault) advance(by time.Duration) {
	v.t.Helper()
	b, err := v.Sandbox("")
	if err != nil {
		v.t.Fatal(err)
	}
	if _, err := b.AdvanceBy(v.t.Context(), by, false); err != nil {
		v.t.Fatal(err)
	}
}

// heard is a reply as the tests compare it: its status, the code of a refusal,
// and whether it is a replay.
func heard(w *httptest.ResponseRecorder) string {
	var body struct{ Error struct{ Code string } }
	json.Unmarshal(w.Body.Bytes(), &body)
	out := fmt.Sprint(w.Code)
	if body.Error.Code != "" {
		out += " " + body.Error.Code
	}
	if w.Header().Get("Idempotent-Replayed") == "true" {
		out += " again"
	}
	return out
}

// TestI1ExactlyOneEffect sends many requests with the same key at a time, for
// many keys, with each way to treat the second one.
func TestI1ExactlyOneEffect(t *testing.T) {
	for _, concurrent := range []string{"conflict", "wait"} {
		t.Run(concurrent, func(t *testing.T) {
			v := newVault(t, "idempotency: {headers: [Idempotency-Key], busy: key_in_use, concurrent: "+concurrent+"}")
			var replies [600]atomic.Int64
			for k := range *onceKeys {
				var wait sync.WaitGroup
				var bodies sync.Map
				for range *onceParallel {
					wait.Go(func() {
						w := v.send("POST", "/things", "", fmt.Sprint("key-", k), `{"amount":1}`)
						replies[w.Code].Add(1)
						if w.Code == http.StatusCreated {
							bodies.Store(w.Body.String(), true)
						} else if concurrent == "wait" || w.Header().Get("Retry-After") != "1" || heard(w) != "409 key_in_use" {
							t.Errorf("%d %s", w.Code, w.Body)
						}
					})
				}
				wait.Wait()
				different := 0
				bodies.Range(func(any, any) bool { different++; return true })
				if different != 1 {
					t.Errorf("key %d: %d different answers", k, different)
				}
				if got := heard(v.send("POST", "/things", "", fmt.Sprint("key-", k), `{"amount":1}`)); got != "201 again" {
					t.Errorf("key %d, afterwards: %s", k, got)
				}
			}
			if n := v.things(""); n != *onceKeys {
				t.Errorf("%d effects of %d keys", n, *onceKeys)
			}
			failed := int64(0)
			for status := 500; status < len(replies); status++ {
				failed += replies[status].Load()
			}
			t.Logf("%d keys, %d requests each: %d made or replayed, %d told to wait, %d failed", *onceKeys, *onceParallel, replies[201].Load(), replies[409].Load(), failed)
			if failed > 0 {
				t.Errorf("%d answers of 500 and above", failed)
			}
		})
	}
}

// TestInFlight holds the first request while it is worked on: the second is
// told so or waits, by the policy, and other keys are free.
func TestInFlight(t *testing.T) {
	for _, concurrent := range []string{"conflict", "wait"} {
		t.Run(concurrent, func(t *testing.T) {
			inside, leave := make(chan bool), make(chan bool)
			v := newVault(t, "idempotency: {headers: [Idempotency-Key], busy: key_in_use, concurrent: "+concurrent+"}", func(o *emulator.Options) {
				o.Moved = func(string, string, string) { inside <- true; <-leave }
			})
			var thing struct{ ID string }
			json.Unmarshal(v.send("POST", "/things", "", "", `{}`).Body.Bytes(), &thing)
			answers := make(chan string, 2)
			open := func() { answers <- heard(v.send("POST", "/things/"+thing.ID+"/open", "", "k", "")) }
			go open()
			<-inside
			if concurrent == "conflict" {
				open()
				if got := <-answers; got != "409 key_in_use" {
					t.Errorf("the second: %s", got)
				}
				if got := heard(v.send("POST", "/things", "", "k", `{}`)); got != "409 key_in_use" {
					t.Errorf("another request under the key: %s", got)
				}
			} else {
				go open()
			}
			close(leave)
			if concurrent == "wait" {
				if one, two := <-answers, <-answers; one+two != "200200 again" && one+two != "200 again200" {
					t.Errorf("%s, %s", one, two)
				}
				return
			}
			if got := <-answers; got != "200" {
				t.Errorf("the first: %s", got)
			}
			if open(); <-answers != "200 again" {
				t.Error("it is not replayed")
			}
		})
	}
}

// TestI1HungUp: a client that goes away while its request is worked on finds
// it done when it asks again.
func TestI1HungUp(t *testing.T) {
	ctx, hangUp := context.WithCancel(t.Context())
	v := newVault(t, "idempotency: {headers: [Idempotency-Key]}", func(o *emulator.Options) {
		o.Moved = func(string, string, string) { hangUp() }
	})
	var thing struct{ ID string }
	json.Unmarshal(v.send("POST", "/things", "", "", `{}`).Body.Bytes(), &thing)
	r := httptest.NewRequestWithContext(ctx, "POST", "/things/"+thing.ID+"/open", nil)
	r.Header.Set("Authorization", "Bearer sk_test_sandgate")
	r.Header.Set("Idempotency-Key", "k")
	v.ServeHTTP(httptest.NewRecorder(), r)
	if ctx.Err() == nil {
		t.Fatal("nothing was cut off")
	}
	if got := heard(v.send("POST", "/things/"+thing.ID+"/open", "", "k", "")); got != "200 again" {
		t.Errorf("afterwards: %s", got)
	}
}
