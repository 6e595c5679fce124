package emulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
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
	"github.com/sandgate/sandgate/emulator/store"
)

// keyRig is one provider on a manual clock, and its keys.
type keyRig struct {
	t   *testing.T
	srv *emulator.Server
}

func newKeyRig(t *testing.T, provider string, change ...func(*emulator.Options)) *keyRig {
	t.Helper()
	o := emulator.Options{Providers: []string{provider}, Clock: "manual", Seed: 11, Egress: "none", RateLimit: "off", CheckReplies: true}
	s := newServer(t, o, change...)
	return &keyRig{t, s}
}

func (r *keyRig) box(name string) *sandbox.Sandbox {
	r.t.Helper()
	box, err := r.srv.Sandbox(name)
	if err != nil {
		r.t.Fatal(err)
	}
	return box
}

func (r *keyRig) issue(n sandbox.NewKey) sandbox.KeyView {
	r.t.Helper()
	k, err := r.box("").MakeKey(r.t.Context(), "", n)
	if err != nil {
		r.t.Fatal(err)
	}
	return k
}

func (r *keyRig) call(method, path, key, body string, headers ...string) *httptest.ResponseRecorder {
	q := httptest.NewRequest(method, path, strings.NewReader(body))
	q.Header.Set("User-Agent", "tests")
	if key != "" {
		q.Header.Set("Authorization", "Bearer "+key)
	}
	if body != "" {
		q.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		q.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	r.srv.ServeHTTP(w, q)
	return w
}

func (r *keyRig) want(status int, method, path, key, body string, headers ...string) string {
	r.t.Helper()
	w := r.call(method, path, key, body, headers...)
	if w.Code != status {
		r.t.Errorf("%s %s: %d, want %d: %s", method, path, w.Code, status, w.Body)
	}
	return w.Body.String()
}

func (r *keyRig) advance(by time.Duration) {
	r.t.Helper()
	if _, err := r.srv.Advance(by); err != nil {
		r.t.Fatal(err)
	}
}

// refusal is the provider's error with what it says of permissions.
type refusal struct {
	Error struct {
		Code    string
		Details struct {
			Required string
			Granted  []string
		}
	}
}

// TestK3EveryOperation calls every operation of a contract with every sort of
// credential.
func TestK3EveryOperation(t *testing.T) {
	onebyone(t)
	r := newKeyRig(t, "kobana-billing")
	p := r.srv.World().Providers()[0]
	keys := map[string]string{} // permission -> key
	of := func(permission string) string {
		if keys[permission] == "" {
			keys[permission] = r.issue(sandbox.NewKey{Name: permission, Permissions: []string{permission}}).Key
		}
		return keys[permission]
	}
	revoked := r.issue(sandbox.NewKey{})
	if _, err := r.box("").RevokeKey(t.Context(), revoked.ID); err != nil {
		t.Fatal(err)
	}
	expired := r.issue(sandbox.NewKey{Expires: "1h"})
	r.advance(time.Hour)
	good := of("*:write")
	foreign, err := r.box("other").MakeKey(t.Context(), "", sandbox.NewKey{})
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, op := range p.Contract.Operations() {
		b, err := p.Binding(op)
		if err != nil {
			t.Fatal(err)
		}
		if b.Anonymous() {
			continue
		}
		segments := strings.Split(op.Path, "/")
		for i, s := range segments {
			if strings.HasPrefix(s, "{") {
				segments[i] = "00000000-0000-4000-8000-0000000000ff"
			}
		}
		path, resource := strings.Join(segments, "/"), segments[2] // after /v1
		other, need, mayRead := "coupons", resource+":write", 403
		if resource == other {
			other = "plans"
		}
		if op.Method == "GET" {
			need, mayRead = resource+":read", 0
		}
		for _, c := range []struct {
			what, key, header string
			status            int // 0 = neither 401 nor 403
		}{
			{"none", "", "", 401},
			{"wrong", good[:len(good)-1] + "-", "", 401},
			{"never issued", "sk_test_" + strings.Repeat("0", 38), "", 401},
			{"revoked", revoked.Key, "", 401},
			{"expired", expired.Key, "", 401},
			{"of another sandbox", strings.Replace(foreign.Key, "ws_other", "ws_third", 1), "", 401},
			{"carried to another sandbox", good, "Sandgate-Sandbox: other", 401},
			{"live", "sk_live_" + strings.Repeat("0", 24), "", 401},
			{"to read it", of(resource + ":read"), "", mayRead},
			{"to write it", of(resource + ":write"), "", 0},
			{"to write another", of(other + ":write"), "", 403},
			{"to read all", of("*:read"), "", mayRead},
			{"for development", "sk_test_sandgate", "", 0},
			{"to write all", good, "", 0},
		} {
			var headers []string
			if c.header != "" {
				headers = append(headers, c.header)
			}
			w := r.call(op.Method, path, c.key, "", headers...)
			asked++
			var got refusal
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil && c.status != 0 {
				t.Errorf("%s, key %s: %s", op.Key(), c.what, w.Body)
			}
			switch scoped := got.Error.Code == "insufficient_scope"; {
			case c.status == 0 && (w.Code == 401 || scoped), c.status == 401 && w.Code != 401, c.status == 403 && (w.Code != 403 || !scoped):
				t.Errorf("%s, key %s: %d %s", op.Key(), c.what, w.Code, w.Body)
			case c.status == 403 && (got.Error.Details.Required != need || len(got.Error.Details.Granted) != 1):
				t.Errorf("%s, key %s: it names %+v, not %s", op.Key(), c.what, got.Error.Details, need)
			}
		}
	}
	if asked < 3000 {
		t.Errorf("only %d questions", asked)
	}
}

// TestK3RevocationHolds: while sixteen clients use a key, it is revoked, or
// loses its permission. No request that begins after the reply succeeds.
func TestK3RevocationHolds(t *testing.T) {
	r := newKeyRig(t, "kobana-billing")
	const address = "/v1/organization"
	ends := map[string]func(k sandbox.KeyView) int{
		"by the control API": func(k sandbox.KeyView) int {
			_, err := r.box("").RevokeKey(t.Context(), k.ID)
			if err != nil {
				t.Error(err)
			}
			return 401
		},
		"by the provider's API": func(k sandbox.KeyView) int {
			r.want(200, "DELETE", "/v1/api_keys/"+k.ID, "sk_test_sandgate", "")
			return 401
		},
		"by itself": func(k sandbox.KeyView) int { r.want(200, "DELETE", "/v1/api_keys/"+k.ID, k.Key, ""); return 401 },
		"by a roll": func(k sandbox.KeyView) int {
			r.want(200, "POST", "/v1/api_keys/"+k.ID+"/roll", "sk_test_sandgate", "")
			return 401
		},
		"by the clock": func(sandbox.KeyView) int { r.advance(time.Hour); return 401 },
		"in part": func(k sandbox.KeyView) int {
			r.want(200, "PATCH", "/v1/api_keys/"+k.ID, "sk_test_sandgate", `{"permissions":["plans:read"]}`)
			return 403
		},
	}
	for what, end := range ends {
		t.Run(what, func(t *testing.T) {
			for range 5 {
				k := r.issue(sandbox.NewKey{Permissions: []string{"organization:read", "api_keys:write"}, Expires: "1h"})
				var over atomic.Int64 // the status from then on, 0 = not yet
				var before, after atomic.Int64
				started := make(chan struct{}, 1024)
				var clients sync.WaitGroup
				for range 16 {
					clients.Go(func() {
						for late := 0; late < 30; {
							status := over.Load()
							got := r.call("GET", address, k.Key, "").Code
							switch {
							case status == 0 && got == http.StatusOK:
								before.Add(1)
								select {
								case started <- struct{}{}:
								default:
								}
							case status != 0:
								late++
								after.Add(1)
								if int64(got) != status {
									t.Errorf("%d after the reply, want %d", got, status)
									return
								}
							}
						}
					})
				}
				for range 32 {
					<-started
				}
				over.Store(int64(end(k)))
				clients.Wait()
				if before.Load() == 0 || after.Load() < 16*30 {
					t.Errorf("%d before, %d after: this proves nothing", before.Load(), after.Load())
				}
			}
		})
	}
}

// TestK1NoStoreRead: a mistyped key, of whatever sandbox, opens no file and
// makes no sandbox.
func TestK1NoStoreRead(t *testing.T) {
	r := newKeyRig(t, "kobana-billing")
	donor := newKeyRig(t, "kobana-billing")
	k, err := donor.box("shop").MakeKey(t.Context(), "", sandbox.NewKey{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(k.Key) {
		c := byte('x')
		if k.Key[i] == c {
			c = 'y'
		}
		typo := k.Key[:i] + string(c) + k.Key[i+1:]
		if body := r.want(401, "GET", "/v1/plans", typo, ""); !strings.Contains(body, "checksum") || strings.Contains(body, typo[len(typo)-20:]) {
			t.Errorf("%s: %s", typo, body)
		}
	}
	if n, names := r.srv.World().Open(), r.srv.World().Names(); n != 0 || len(names) != 1 || names[0] != sandbox.DefaultName {
		t.Errorf("%d files are open, of %v", n, names)
	}
}

// TestKeyLastUse: noted at most once a minute of sandbox time, and a read
// writes nothing else.
func TestKeyLastUse(t *testing.T) {
	dir := t.TempDir()
	r := newKeyRig(t, "kobana-billing", func(o *emulator.Options) { o.Data = dir })
	k := r.issue(sandbox.NewKey{Rate: 7, Burst: 70})
	if k.Used != nil {
		t.Errorf("used before its first use: %v", k.Used)
	}
	log := func() int64 {
		info, err := os.Stat(filepath.Join(dir, "default.1.db-wal"))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	uses := func(want time.Duration) {
		t.Helper()
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		got, err := r.box("").Key(k.ID)
		if err != nil || got.Used == nil || !got.Used.Equal(start.Add(want)) {
			t.Errorf("%v: used at %v, want %v", err, got.Used, start.Add(want))
		}
	}
	r.want(200, "GET", "/v1/plans", k.Key, "")
	uses(0)
	r.advance(59*time.Second + 999*time.Millisecond)
	size := log()
	for range 50 {
		r.want(200, "GET", "/v1/plans", k.Key, "")
	}
	uses(0)
	if now := log(); now != size {
		t.Errorf("reads wrote %d bytes", now-size)
	}
	// Nor does it wait for the writer: this would never end.
	held, let := make(chan struct{}), make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		if err := r.box("").Raw(func(*store.Tx) error { close(held); <-let; return nil }); err != nil {
			t.Error(err)
		}
	})
	<-held
	r.want(200, "GET", "/v1/plans", k.Key, "")
	close(let)
	writer.Wait()
	r.advance(time.Millisecond)
	size = log()
	var readers sync.WaitGroup
	for range 16 {
		readers.Go(func() { r.call("GET", "/v1/plans", k.Key, "") })
	}
	readers.Wait()
	uses(time.Minute)
	if log() == size {
		t.Error("nothing was written: this test proves nothing")
	}
	who, err := r.box("").Identify(r.srv.World().Providers()[0], k.Key)
	if err != nil || who.KeyID != k.ID || who.Name != k.ID || who.Rate != 7 || who.Burst != 70 {
		t.Errorf("%+v %v", who, err)
	}
	if who, err := r.box("").Identify(r.srv.World().Providers()[0], "sk_test_sandgate"); err != nil || who.KeyID != "" || who.Rate != 0 {
		t.Errorf("%+v %v", who, err)
	}
}

// TestKeysSurvive resets, rewinds and restarts, for a provider whose API knows
// keys and one whose API does not.
func TestKeysSurvive(t *testing.T) {
	onebyone(t)
	for provider, address := range map[string]string{"kobana-billing": "/v1/plans", "killb": "/api/v2/users?type=PERSON"} {
		t.Run(provider, func(t *testing.T) {
			dir := t.TempDir()
			inDir := func(o *emulator.Options) { o.Data = dir }
			path, _, _ := strings.Cut(address, "?")
			resource := path[strings.LastIndex(path, "/")+1:]
			r := newKeyRig(t, provider, inDir)
			k := r.issue(sandbox.NewKey{Name: "ci", Permissions: []string{resource + ":read"}, Rate: 3, Burst: 9})
			ends := r.issue(sandbox.NewKey{Name: "ends", Expires: "2h"})
			gone := r.issue(sandbox.NewKey{Name: "gone"})
			rolled, err := r.box("").RollKey(t.Context(), ends.ID, "1h")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.box("").RevokeKey(t.Context(), gone.ID); err != nil {
				t.Fatal(err)
			}
			check := func(r *keyRig) {
				t.Helper()
				r.want(200, "GET", address, k.Key, "")
				r.want(403, "POST", path, k.Key, "{}")
				r.want(200, "GET", address, ends.Key, "")
				r.want(200, "GET", address, rolled.Key, "")
				r.want(401, "GET", address, gone.Key, "")
				who, err := r.box("").Identify(r.srv.World().Providers()[0], k.Key)
				if err != nil || who.Rate != 3 || who.Burst != 9 {
					t.Errorf("%+v %v", who, err)
				}
			}
			check(r)
			for range 3 {
				if err := r.srv.Reset(); err != nil {
					t.Fatal(err)
				}
			}
			check(r)
			if err := r.srv.Close(); err != nil {
				t.Fatal(err)
			}
			r = newKeyRig(t, provider, inDir)
			check(r)
			r.advance(time.Hour)
			r.want(401, "GET", address, ends.Key, "") // the old secret
			r.want(200, "GET", address, rolled.Key, "")
			r.advance(time.Hour - time.Millisecond)
			r.want(200, "GET", address, rolled.Key, "")
			r.advance(time.Millisecond)
			r.want(401, "GET", address, rolled.Key, "")
			all, _, err := r.box("").Keys("", 10, "")
			if err != nil {
				t.Fatal(err)
			}
			states := map[string]string{}
			for _, v := range all {
				states[v.Name] = v.Status
			}
			if want := fmt.Sprint(map[string]string{"ci": "active", "ends": "expired", "gone": "revoked"}); fmt.Sprint(states) != want {
				t.Errorf("%v, want %v", states, want)
			}
		})
	}
}

// TestKeysOfARewoundRun: replaying a run makes the same keys anew.
func TestKeysOfARewoundRun(t *testing.T) {
	r := newKeyRig(t, "kobana-billing")
	const body = `{"name":"a","permissions":["plans:read"]}`
	if err := r.box("").Reset(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	first := r.want(201, "POST", "/v1/api_keys", "sk_test_sandgate", body)
	if err := r.box("").Reset(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if again := r.want(201, "POST", "/v1/api_keys", "sk_test_sandgate", body); again != first {
		t.Errorf("first %s\nagain %s", first, again)
	}
	if all, _, err := r.box("").Keys("", 10, ""); err != nil || len(all) != 1 {
		t.Errorf("%v %v", all, err)
	}
}

// TestStrictKeys: only what was issued works, and what a login gave.
func TestStrictKeys(t *testing.T) {
	r := newKeyRig(t, "killb", func(o *emulator.Options) { o.Keys = "strict" })
	const me = "/api/v2/auth/me"
	for _, made := range []string{"sk_test_sandgate", "anything", "sk_test_ws_shop_x", "sk_test_" + strings.Repeat("a", 38)} {
		r.want(401, "GET", me, made, "")
	}
	issued := r.issue(sandbox.NewKey{}).Key
	r.want(401, "GET", me, "sk_test_sandgate", "", "Sandgate-Sandbox: nowhere")
	r.want(401, "GET", me, issued, "", "Sandgate-Sandbox: nowhere")
	r.want(401, "GET", me, "sgt_access_ws_nowhere_"+strings.Repeat("0", 48), "")
	r.want(401, "GET", me, "sk_live_ws_nowhere_x", "")
	if names := r.srv.World().Names(); len(names) != 1 {
		t.Errorf("who may not come in made sandboxes: %v", names)
	}
	var login struct{ AccessToken string }
	body := r.want(201, "POST", "/api/v2/auth/login", "", `{"email":"dev@sandgate.test","password":"sandgate-dev-1"}`)
	if err := json.Unmarshal([]byte(body), &login); err != nil {
		t.Fatal(err)
	}
	r.want(200, "GET", me, login.AccessToken, "")
	r.want(200, "GET", me, r.issue(sandbox.NewKey{}).Key, "")
	k, err := r.box("shop").MakeKey(t.Context(), "killb", sandbox.NewKey{})
	if err != nil || !strings.HasPrefix(k.Key, "sk_test_ws_shop_") {
		t.Fatal(k, err)
	}
	if w := r.call("GET", me, k.Key, ""); w.Code != 200 || w.Header().Get("Sandgate-Sandbox") != "shop" {
		t.Errorf("%d in %q: %s", w.Code, w.Header().Get("Sandgate-Sandbox"), w.Body)
	}
	if _, err := emulator.New(emulator.Options{Keys: "closed"}); err == nil {
		t.Error("keys are open or strict")
	}
}

// TestIssuedKeysMakeNoSandbox: what was issued elsewhere, or in a sandbox that
// is gone, brings no new one into being, in open mode neither.
func TestIssuedKeysMakeNoSandbox(t *testing.T) {
	r := newKeyRig(t, "killb")
	k, err := r.box("gone").MakeKey(t.Context(), "", sandbox.NewKey{})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.srv.World().Remove("gone"); err != nil {
		t.Fatal(err)
	}
	const me = "/api/v2/auth/me"
	r.want(401, "GET", me, k.Key, "")
	r.want(401, "GET", me, "sgt_access_ws_gone_"+strings.Repeat("0", 48), "")
	if r.srv.World().Has("gone") {
		t.Error("a key brought back the sandbox that it died with")
	}
	r.want(200, "GET", me, "sk_test_ws_gone_x", "")
}

// TestExpiredStaysExpired: a key that has expired does not come to life again
// when a rewind sets the clock to before that.
func TestExpiredStaysExpired(t *testing.T) {
	r := newKeyRig(t, "kobana-billing")
	k, err := r.box("").RollKey(t.Context(), r.issue(sandbox.NewKey{Expires: "1h"}).ID, "")
	if err != nil {
		t.Fatal(err)
	}
	r.want(200, "GET", "/v1/plans", k.Key, "")
	r.advance(2 * time.Hour)
	for range 2 {
		if body := r.want(401, "GET", "/v1/plans", k.Key, ""); !strings.Contains(body, "has expired") {
			t.Error(body)
		}
		if v, err := r.box("").Key(k.ID); err != nil || v.Status != "expired" {
			t.Errorf("%+v %v", v, err)
		}
		if err := r.box("").Reset(t.Context(), true); err != nil {
			t.Fatal(err)
		}
	}
}

// TestReplayGivesNoKeyAway: the reply that shows a new key is for the key that
// made it. A key that may do less gets it neither anew nor by an idempotency key,
// and a refusal of its does not stick to one that may do more.
func TestReplayGivesNoKeyAway(t *testing.T) {
	r := newKeyRig(t, "kobana-billing")
	strong := r.issue(sandbox.NewKey{Permissions: []string{"*"}}).Key
	weak := r.issue(sandbox.NewKey{Permissions: []string{"api_keys:write"}}).Key
	const body = `{"name":"n","permissions":["*"]}`
	made := r.want(201, "POST", "/v1/api_keys", strong, body, "Idempotency-Key: one")
	if again := r.want(201, "POST", "/v1/api_keys", strong, body, "Idempotency-Key: one"); again != made {
		t.Errorf("%s, then %s", made, again)
	}
	r.want(422, "POST", "/v1/api_keys", weak, body, "Idempotency-Key: one")
	r.want(403, "POST", "/v1/api_keys", weak, body, "Idempotency-Key: two")
	r.want(201, "POST", "/v1/api_keys", strong, body, "Idempotency-Key: two")
}

// TestK2KeysAreNowhere issues, uses and rolls keys, offers live ones, and then
// looks for them in every byte of files, log and later replies.
func TestK2KeysAreNowhere(t *testing.T) {
	onebyone(t)
	var log syncBuffer
	dir := t.TempDir()
	r := newKeyRig(t, "kobana-billing", func(o *emulator.Options) {
		o.Data, o.Log = dir, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	var secrets []string
	for i := range 30 {
		k := r.issue(sandbox.NewKey{Permissions: []string{"plans:read", "api_keys:write"}})
		var made struct{ Data struct{ ID, Key string } }
		json.Unmarshal([]byte(r.want(201, "POST", "/v1/api_keys", k.Key, `{"name":"n","permissions":["plans:read"]}`)), &made)
		rolled, err := r.box("").RollKey(t.Context(), k.ID, "1h")
		if err != nil {
			t.Fatal(err)
		}
		live := fmt.Sprintf("sk_live_%032d", i+1)
		secrets = append(secrets, k.Key, made.Data.Key, rolled.Key, live, k.Key[:len(k.Key)-1]+"-")
		r.want(403, "GET", "/v1/invoices", rolled.Key, "")
		r.want(401, "GET", "/v1/plans", live, "")
		r.want(401, "GET", "/v1/plans", secrets[len(secrets)-1], "")
		r.want(200, "GET", "/v1/plans", made.Data.Key, "")
		r.want(401, "GET", "/v1/plans", k.Key[:20], "", "Authorization: Bearer rk_live_"+live)
	}
	var replies strings.Builder
	for _, path := range []string{"/v1/api_keys?per_page=100", "/_sandgate/keys?limit=500", "/_sandgate/requests", "/_sandgate/events", "/_sandgate/resources?kind=api-key&limit=500"} {
		q := httptest.NewRequest("GET", path, nil)
		q.Host = "localhost"
		q.Header.Set("User-Agent", "tests")
		q.Header.Set("Authorization", "Bearer sk_test_sandgate")
		w := httptest.NewRecorder()
		r.srv.ServeHTTP(w, q)
		if w.Code != 200 {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
		replies.WriteString(w.Body.String())
	}
	look := func(where string, text []byte) {
		for _, secret := range secrets {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s holds %s", where, secret)
			}
		}
	}
	look("a reply", []byte(replies.String()))
	look("the log", log.bytes())
	found := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if bytes.Contains(text, []byte("api_keys:write")) {
			found++
		}
		look(filepath.Base(path), text)
		return err
	})
	if err != nil || found == 0 || !strings.Contains(replies.String(), "sk_test_…") {
		t.Error("this proves nothing: ", err, found)
	}
}
