package emulator_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/clock"
)

// oncePolicies are policies and what a client hears under them, request by
// request: KEY METHOD PATH BODY -> STATUS [CODE] [again]. A key of - is none,
// and ana:k is a key of another tenant. $1 is the first thing that was made.
// What comes again is the same, byte for byte.
var oncePolicies = []struct{ name, policy, story string }{
	{"a list of headers is a policy", `idempotency: [Idempotency-Key, X-Idempotency-Key]`, `
		k POST /things {"amount":1} -> 201
		k POST /things {"amount":1} -> 201 again
		k POST /things {"amount":2} -> 409 conflict
		- POST /things {"amount":1} -> 201
		k POST /things?again=1 {"amount":1} -> 409 conflict
		K POST /things {"amount":1} -> 201
	`},
	{"IETF draft", `idempotency: {headers: [Idempotency-Key], required: true, reused: key_reused, busy: key_in_use}`, `
		- POST /things {"amount":1} -> 400 invalid
		k POST /things {"amount":1} -> 201
		k POST /things {"amount":1} -> 201 again
		k POST /things {"amount":2} -> 422 key_reused
		- GET /things -> 200
		- DELETE /things/$1 -> 400 invalid
		d DELETE /things/$1 -> 200
		d DELETE /things/$1 -> 200 again
	`},
	{"Stripe", `idempotency: {headers: [Idempotency-Key], keep: executed, reused: idempotency_error, busy: key_in_use}`, `
		k POST /things {"amount":101} -> 422 too_dear
		k POST /things {"amount":101} -> 422 too_dear again
		k POST /things {"amount":1} -> 400 idempotency_error
		v POST /things {"amount":0} -> 400 invalid
		v POST /things {"amount":1} -> 201
		s POST /things {"name":"slow"} -> 429 slow_down
		s POST /things {"amount":1} -> 201
		u POST /things/nothing/open -> 404 missing
		u POST /things/nothing/open -> 404 missing again
		o POST /things/$1/open -> 200
		o POST /things/$1/open -> 200 again
		p POST /things/$1/open -> 409 is_open
		p POST /things/$1/open -> 409 is_open again
		sgt_access_stranger:k POST /things {"amount":101} -> 401 who
		ana:k POST /things {"amount":1} -> 201
		ana:k POST /things {"amount":1} -> 201 again
	`},
	{"Checkout.com", `idempotency: {headers: [Idempotency-Key], keep: success, concurrent: wait, reused: key_reused}`, `
		k POST /things {"amount":101} -> 422 too_dear
		k POST /things {"amount":101} -> 422 too_dear
		k POST /things {"amount":100} -> 201
		k POST /things {"amount":100} -> 201 again
		k POST /things {"amount":101} -> 422 key_reused
		advance 24h
		k POST /things {"amount":100} -> 201
	`},
	{"Adyen", `idempotency: {headers: [Idempotency-Key], keep: success, max: 64, life: 31d, reused: key_reused}`, `
		0123456789012345678901234567890123456789012345678901234567890123 POST /things {} -> 201
		01234567890123456789012345678901234567890123456789012345678901234 POST /things {} -> 400 invalid
		advance 30d
		0123456789012345678901234567890123456789012345678901234567890123 POST /things {} -> 201 again
		advance 1d
		0123456789012345678901234567890123456789012345678901234567890123 POST /things {} -> 201
	`},
	{"a key for each address", `idempotency: {headers: [Idempotency-Key], scope: address, reused: key_reused}`, `
		k POST /things {"amount":1} -> 201
		k POST /things/$1/open -> 200
		k POST /things {"amount":1} -> 201 again
		k POST /things/$1/open -> 200 again
		k POST /things {"amount":2} -> 422 key_reused
		k POST /things?a=1 {"amount":1} -> 422 key_reused
	`},
	{"a key for all addresses", `idempotency: {headers: [Idempotency-Key], scope: owner, reused: key_reused}`, `
		k POST /things {"amount":1} -> 201
		k POST /things/$1/open -> 422 key_reused
		k DELETE /things/$1 -> 422 key_reused
		o POST /things/$1/open -> 200
		ana:k POST /things {"amount":2} -> 201
	`},
	{"a life that is a setting", `idempotency: {headers: [Idempotency-Key], life: config.keys.life, reused: key_reused}`, `
		k POST /things {"amount":1} -> 201
		advance 23h59m59s999ms
		k POST /things {"amount":1} -> 201 again
		advance 1ms
		k POST /things {"amount":2} -> 201
		k POST /things {"amount":1} -> 422 key_reused
	`},
	{"a reset ends keys", `idempotency: {headers: [Idempotency-Key], keep: executed}`, `
		k POST /things {"amount":1} -> 201
		p POST /things {"amount":101} -> 422 too_dear
		reset
		k POST /things {"amount":2} -> 201
		p POST /things {"amount":1} -> 201
	`},
	{"what was refused is undone, its reply is not", `idempotency: {headers: [Idempotency-Key], keep: executed}`, `
		k POST /things {"name":"pair","amount":101} -> 422 too_dear
		- GET /things -> 200 0
		k POST /things {"name":"pair","amount":101} -> 422 too_dear again
		j POST /things {"name":"pair","amount":1} -> 201
		j POST /things {"name":"pair","amount":1} -> 201 again
		- GET /things -> 200 2
	`},
	{"no policy, no keys", ``, `
		k POST /things {"amount":1} -> 201
		k POST /things {"amount":1} -> 201
		k POST /things {"amount":2} -> 201
	`},
}

func TestI5Policies(t *testing.T) {
	pairs := 0
	for _, c := range oncePolicies {
		t.Run(c.name, func(t *testing.T) {
			s := &onceStory{vault: newVault(t, c.policy), first: map[string]*httptest.ResponseRecorder{}}
			s.signUp("ana")
			for _, line := range strings.Split(strings.TrimSpace(c.story), "\n") {
				pairs += s.line(strings.TrimSpace(line))
			}
		})
	}
	if pairs < 40 {
		t.Errorf("%d pairs of request and reply", pairs)
	}
	t.Logf("%d pairs of request and reply, %d policies", pairs, len(oncePolicies))
}

type onceStory struct {
	*vault
	first map[string]*httptest.ResponseRecorder // what each key got first, on each address
	made  string
}

// line plays one line and tells whether it was a request.
func (s *onceStory) line(line string) int {
	s.t.Helper()
	if span, ok := strings.CutPrefix(line, "advance "); ok {
		by, err := clock.ParseDuration(span)
		if err != nil {
			s.t.Fatal(err)
		}
		s.advance(by)
		return 0
	}
	if line == "reset" {
		b, err := s.Sandbox("")
		if err == nil {
			err = b.Reset(s.t.Context(), false)
		}
		if err != nil {
			s.t.Fatal(err)
		}
		return 0
	}
	ask, want, _ := strings.Cut(line, " -> ")
	words := append(strings.Fields(ask), "")
	tenant, key, ok := strings.Cut(words[0], ":")
	if !ok {
		tenant, key = "", words[0]
	}
	path := strings.ReplaceAll(words[2], "$1", s.made)
	w := s.send(words[1], path, tenant, strings.TrimPrefix(key, "-"), words[3])
	got := heard(w)
	if words[1] == "GET" && strings.Contains(want, " ") {
		got += fmt.Sprint(" ", s.things(tenant))
	}
	if got != want {
		s.t.Errorf("%s: %s, want %s: %s", ask, got, want, w.Body)
	}
	slot := words[0] + words[1] + path
	if strings.HasSuffix(want, " again") {
		old := s.first[slot]
		if old == nil || old.Code != w.Code || old.Body.String() != w.Body.String() || old.Header().Get("Content-Type") != w.Header().Get("Content-Type") {
			s.t.Errorf("%s: it is another answer than before:\n%v", ask, w)
		}
	} else if w.Code < 300 || s.first[slot] == nil {
		s.first[slot] = w
	}
	if s.made == "" && w.Code == 201 {
		var thing struct{ ID string }
		json.Unmarshal(w.Body.Bytes(), &thing)
		s.made = thing.ID
	}
	return 1
}

// TestI7KeysThatAreNone: what cannot be a key is refused by its header's name,
// and never an error of ours.
func TestI7KeysThatAreNone(t *testing.T) {
	v := newVault(t, "idempotency: {headers: [Idempotency-Key], max: 255, keep: executed}")
	for key, want := range map[string]string{
		strings.Repeat("k", 255): "201", strings.Repeat("k", 256): "400 invalid", strings.Repeat("k", 60_000): "400 invalid",
		"a\x00b": "400 invalid", "a\tb": "400 invalid", "a\x7f": "400 invalid", "a\r\nX: y": "400 invalid", "é": "400 invalid", "\xff\xfe": "400 invalid",
		"' OR 1=1 --": "201", `"8e03978e-40d5-43dd-bc93-6894a57f9324"`: "201", "%00": "201", "../../etc": "201", " ~": "201",
	} {
		w := v.send("POST", "/things", "", key, `{"amount":1}`)
		if got := heard(w); got != want {
			t.Errorf("%.20q: %s, want %s: %s", key, got, want, w.Body)
		}
		if w.Code == 400 && !strings.Contains(w.Body.String(), `"/header/Idempotency-Key"`) {
			t.Errorf("%.20q: nobody blames the header: %s", key, w.Body)
		}
	}
}

// TestI7AnothersKeyLeaksNothing: two tenants that use the same key hear what
// they would hear alone.
func TestI7AnothersKeyLeaksNothing(t *testing.T) {
	for _, scope := range []string{"owner", "address"} {
		v := newVault(t, "idempotency: {headers: [Idempotency-Key], keep: executed, scope: "+scope+"}")
		v.signUp("ana")
		v.signUp("bob")
		for i := range 20 {
			key := fmt.Sprint("k", i)
			mine := v.send("POST", "/things", "ana", key, fmt.Sprintf(`{"amount":%d,"name":"of ana"}`, i+1))
			theirs := v.send("POST", "/things", "bob", key, fmt.Sprintf(`{"amount":%d}`, i+2))
			if heard(mine) != "201" || heard(theirs) != "201" || strings.Contains(theirs.Body.String(), "of ana") {
				t.Fatalf("%s: %s, %s %s", scope, heard(mine), heard(theirs), theirs.Body)
			}
		}
		if a, b := v.things("ana"), v.things("bob"); a != 20 || b != 20 {
			t.Errorf("%s: %d and %d things", scope, a, b)
		}
	}
}

// TestI7ForgottenKeysGo: the file does not keep what nobody may ask for.
func TestI7ForgottenKeysGo(t *testing.T) {
	dir := t.TempDir()
	v := newVault(t, "idempotency: {headers: [Idempotency-Key], life: 1h}", func(o *emulator.Options) { o.Data = dir })
	for i := range 100 {
		v.send("POST", "/things", "", fmt.Sprint("old", i), `{}`)
	}
	v.advance(time.Hour)
	for _, key := range []string{"old99", "new1", "new2"} { // not all go at once: the first meets one whose time is over
		if got := heard(v.send("POST", "/things", "", key, `{}`)); got != "201" {
			t.Errorf("%s: %s", key, got)
		}
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "default.1.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.QueryRow("SELECT count(*) FROM reply").Scan(&n); err != nil || n != 3 {
		t.Errorf("%d keys are left: %v", n, err)
	}
}

// TestRememberedRepliesAreSealed: a token that is shown once can be shown again
// to the one who has the key, and read by nobody who has the file.
func TestRememberedRepliesAreSealed(t *testing.T) {
	dir := t.TempDir()
	v := newVault(t, "idempotency: {headers: [Idempotency-Key]}", func(o *emulator.Options) { o.Data = dir })
	const key = "4242424242424242-canary"
	first := v.send("POST", "/signup", "", key, "").Body.String()
	if again := v.send("POST", "/signup", "", key, "").Body.String(); again != first {
		t.Errorf("%s, then %s", first, again)
	}
	var out struct{ Token string }
	if json.Unmarshal([]byte(first), &out); out.Token == "" {
		t.Fatal(first)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue // a socket or a lock
		}
		for _, secret := range []string{key, out.Token} {
			if strings.Contains(string(raw), secret) {
				t.Errorf("%s holds %.11s…", filepath.Base(file), secret)
			}
		}
	}
	if len(files) == 0 {
		t.Error("no files")
	}
}

func TestLifeOfKeysIsATime(t *testing.T) {
	file := writeVault(t, "idempotency: {headers: [Idempotency-Key], life: config.keys.life}")
	for life, want := range map[string]string{"1h": "", "30d": "", "soon": "not a duration", "0s": "no time", "-1h": "no time"} {
		_, err := emulator.LoadProviders([]string{file}, map[string]string{"keys.life": life})
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "vault.yaml:")) {
			t.Errorf("%s: %v", life, err)
		}
	}
}
