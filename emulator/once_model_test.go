package emulator_test

import (
	"flag"
	"fmt"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sandgate/sandgate/emulator"
)

// onceModel is what keys promise, without anything that keeps the promise. A
// remembered answer is a status, a body and an end.
type onceModel struct {
	executed bool // refusals are kept too
	address  bool // a key is good for one address
	life     time.Duration
	durable  bool // the file outlives the process

	now    time.Time
	kept   map[string]keptAnswer
	things map[string]int // of each tenant
}

type keptAnswer struct {
	request, heard string
	until          time.Time
}

// ask is one request: who, under which key, where, with which amount.
type ask struct {
	tenant, key, path string
	amount            int
}

func (q ask) body() string { return fmt.Sprintf(`{"amount":%d}`, q.amount) }

func (q ask) request() string { return q.path + q.body() }

// answer is what the model says that a request hears, and what it does.
func (m *onceModel) answer(q ask) string {
	if q.amount < 1 {
		return "400 invalid" // nothing is executed
	}
	slot := q.tenant + " " + q.key
	if m.address {
		slot += " " + q.path[:7] // the address is what stands before the query
	}
	if old, ok := m.kept[slot]; ok && q.key != "" && m.now.Before(old.until) {
		if old.request != q.request() {
			return "422 key_reused"
		}
		return old.heard + " again"
	}
	heard := "201"
	if q.amount > 100 {
		heard = "422 too_dear"
	} else {
		m.things[q.tenant]++
	}
	if q.key != "" && (heard == "201" || m.executed) {
		m.kept[slot] = keptAnswer{q.request(), heard, m.now.Add(m.life)}
	}
	return heard
}

func (m *onceModel) reset() { clear(m.kept); clear(m.things) }

// TestI6Histories plays random histories of retries, races, expiry, resets,
// restarts and moves of the clock against the model: no difference. A third of
// -rapid.checks is played with each policy.
func TestI6Histories(t *testing.T) {
	onebyone(t)
	for _, m := range []onceModel{
		{executed: true, life: 24 * time.Hour},
		{executed: false, address: true, life: time.Hour},
		{executed: true, life: time.Hour, durable: true},
	} {
		policy := fmt.Sprintf("idempotency: {headers: [Idempotency-Key], reused: key_reused, concurrent: wait, life: %v", m.life)
		if m.executed {
			policy += ", keep: executed"
		}
		if m.address {
			policy += ", scope: address"
		}
		t.Run(fmt.Sprintf("executed %v, address %v, durable %v", m.executed, m.address, m.durable), func(t *testing.T) {
			file, dir, part := writeVault(t, policy+"}"), "", 3
			if m.durable {
				dir, part = t.TempDir(), 10 // each waits for the disk
			}
			fewer(t, part)
			open := func() *vault {
				s, err := emulator.New(emulator.Options{Providers: []string{file}, Clock: "manual", Seed: 7, Data: dir, RateLimit: "off"})
				if err != nil {
					t.Fatal(err)
				}
				return &vault{s, t, map[string]string{"": "sk_test_sandgate"}}
			}
			v := open()
			defer func() { v.Close() }()
			v.signUp("ana")
			rapid.Check(t, func(t *rapid.T) {
				m := onceModel{executed: m.executed, address: m.address, life: m.life, durable: m.durable, kept: map[string]keptAnswer{}, things: map[string]int{}}
				p := &onceHistory{t: t, v: &v, model: &m, first: map[string]string{}, open: open}
				p.reset()
				t.Repeat(map[string]func(*rapid.T){
					"": p.compare, "request": p.request, "race": p.race, "advance": p.advance, "reset": func(*rapid.T) { p.reset() }, "restart": p.restart,
				})
			})
		})
	}
}

// fewer lets rapid play a part of what it would.
func fewer(t *testing.T, part int) {
	checks := flag.Lookup("rapid.checks")
	n, err := strconv.Atoi(checks.Value.String())
	if err == nil {
		err = checks.Value.Set(strconv.Itoa(max(n/part, 5)))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { checks.Value.Set(strconv.Itoa(n)) })
}

type onceHistory struct {
	t     *rapid.T
	v     **vault
	model *onceModel
	first map[string]string // tenant, key and request -> the body that was heard first
	open  func() *vault
}

func (p *onceHistory) draw(t *rapid.T) ask {
	return ask{
		tenant: rapid.SampledFrom([]string{"", "ana"}).Draw(t, "tenant"),
		key:    rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(t, "key"),
		path:   rapid.SampledFrom([]string{"/things", "/things", "/things?q"}).Draw(t, "path"),
		amount: rapid.SampledFrom([]int{1, 1, 2, 0, 101}).Draw(t, "amount"),
	}
}

func (p *onceHistory) send(q ask) *httptest.ResponseRecorder {
	return (*p.v).send("POST", q.path, q.tenant, q.key, q.body())
}

func (p *onceHistory) request(t *rapid.T) {
	q := p.draw(t)
	want := p.model.answer(q)
	w := p.send(q)
	if got := heard(w); got != want {
		t.Fatalf("%+v: %s, and the model says %s", q, got, want)
	}
	p.same(t, q, w, want)
}

// same holds replays to the first answer.
func (p *onceHistory) same(t *rapid.T, q ask, w *httptest.ResponseRecorder, want string) {
	slot := q.tenant + " " + q.key + " " + q.request()
	if want[len(want)-1] != 'n' {
		p.first[slot] = w.Body.String()
	} else if p.first[slot] != w.Body.String() {
		t.Fatalf("%+v: %s, and before %s", q, w.Body, p.first[slot])
	}
}

// race sends the same request several times at once: one is first, and the
// model hears them one after the other.
func (p *onceHistory) race(t *rapid.T) {
	q := p.draw(t)
	n := rapid.IntRange(2, 5).Draw(t, "at once")
	want, got := map[string]int{}, map[string]int{}
	for range n {
		want[p.model.answer(q)]++
	}
	var wait sync.WaitGroup
	var mu sync.Mutex
	var all []*httptest.ResponseRecorder
	for range n {
		wait.Go(func() {
			w := p.send(q)
			mu.Lock()
			defer mu.Unlock()
			all, got[heard(w)] = append(all, w), got[heard(w)]+1
		})
	}
	wait.Wait()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("%+v, %d at once: %v, and the model says %v", q, n, got, want)
	}
	for _, again := range []bool{false, true} {
		for _, w := range all {
			if replayed := w.Header().Get("Idempotent-Replayed") != ""; replayed == again {
				p.same(t, q, w, heard(w))
			}
		}
	}
}

func (p *onceHistory) advance(t *rapid.T) {
	by := rapid.SampledFrom([]time.Duration{time.Millisecond, time.Hour - time.Millisecond, time.Hour, 23 * time.Hour}).Draw(t, "by")
	p.model.now = p.model.now.Add(by)
	(*p.v).advance(by)
}

func (p *onceHistory) reset() {
	b, err := (*p.v).Sandbox("")
	if err == nil {
		err = b.Reset(p.t.Context(), false)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.model.reset()
}

// restart ends the process, as far as a test can, and starts it on its file.
func (p *onceHistory) restart(t *rapid.T) {
	if !p.model.durable || rapid.IntRange(0, 4).Draw(t, "really") > 0 {
		return
	}
	token := (*p.v).token
	if err := (*p.v).Close(); err != nil {
		t.Fatal(err)
	}
	*p.v = p.open()
	(*p.v).token = token
}

func (p *onceHistory) compare(t *rapid.T) {
	for _, tenant := range []string{"", "ana"} {
		if got := (*p.v).things(tenant); got != p.model.things[tenant] {
			t.Fatalf("%q has %d things, and the model says %d", tenant, got, p.model.things[tenant])
		}
	}
}
