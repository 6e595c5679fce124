package emulator_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/emulator/webhook"
)

const sealedSecret = "whsec_canary_of_the_secret_key_test"

func keyText(n byte) string {
	return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{n}, store.KeySize))
}

// register starts a server on a folder and gives its default sandbox a webhook with a secret.
func register(t *testing.T, o emulator.Options) {
	t.Helper()
	s := started(t, o)
	r := httptest.NewRequest("POST", "/_sandgate/endpoints", strings.NewReader(`{"url":"http://127.0.0.1:1/","secret":"`+sealedSecret+`"}`))
	r.Host = "localhost"
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != 201 {
		t.Fatal(w.Code, w.Body)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func started(t *testing.T, o emulator.Options) *emulator.Server {
	t.Helper()
	o.Providers, o.Clock, o.Egress, o.Seed = []string{"killb"}, "manual", "none", 3
	s := newServer(t, o)
	return s
}

// refused starts a server that must not start.
func refused(t *testing.T, o emulator.Options, says ...string) {
	t.Helper()
	o.Providers, o.Clock, o.Egress = []string{"killb"}, "manual", "none"
	s, err := emulator.New(o)
	if err == nil {
		s.Close()
		t.Fatal("it starts")
	}
	for _, want := range says {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nsays nothing of %s", err, want)
		}
	}
}

func stored(t *testing.T, dir string) (all []byte) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	for _, name := range names {
		raw, e := os.ReadFile(name)
		all, err = append(all, raw...), errors.Join(err, e)
	}
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestK5OwnKey has a data folder make its key, once, for its owner alone.
func TestK5OwnKey(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "secret.key")
	register(t, emulator.Options{Data: dir})
	first, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if bytes.Contains(stored(t, dir), []byte(sealedSecret)) {
		t.Error("the secret stands in the folder")
	}
	started(t, emulator.Options{Data: dir}).Close()
	if again, err := os.ReadFile(file); err != nil || !bytes.Equal(first, again) {
		t.Errorf("the key changed: %v", err)
	}
	if runtime.GOOS != "windows" {
		if err := os.Chmod(file, 0o640); err != nil {
			t.Fatal(err)
		}
		refused(t, emulator.Options{Data: dir}, "can be read by others", "chmod 600 "+file)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	refused(t, emulator.Options{Data: dir}, file+" is not there", "put it back")
	if _, err := os.Stat(file); err == nil {
		t.Error("a new key was made in silence")
	}
}

// TestK4WrongKeyAtStart names the key that is missing, and changes nothing.
func TestK4WrongKeyAtStart(t *testing.T) {
	dir := t.TempDir()
	register(t, emulator.Options{Data: dir, SecretKey: keyText(1)})
	if _, err := os.Stat(filepath.Join(dir, "secret.key")); err == nil {
		t.Error("a key was made beside the one that was given")
	}
	one, _ := store.ParseKeys(keyText(1))
	two, _ := store.ParseKeys(keyText(2))
	refused(t, emulator.Options{Data: dir, SecretKey: keyText(2)}, "default", `sealed with key "`+one.ID()+`"`, "this process has "+two.ID(), "SANDGATE_SECRET_KEY")
	refused(t, emulator.Options{Data: dir}, "secret.key is not there")
	refused(t, emulator.Options{Data: dir, SecretKey: "canary"}, "SANDGATE_SECRET_KEY: key 1 is not 32 bytes")
	started(t, emulator.Options{Data: dir, SecretKey: keyText(1)}).Close()

	named := filepath.Join(t.TempDir(), "[x]") // no default sandbox in it, and no pattern
	box := started(t, emulator.Options{Data: named, SecretKey: keyText(1)})
	if one, err := box.Sandbox("shop"); err != nil || one.Ready(t.Context()) != nil {
		t.Fatal(err)
	}
	box.Close()
	refused(t, emulator.Options{Data: named, SecretKey: keyText(2)}, "sandbox shop", `sealed with key "`+one.ID()+`"`)
	refused(t, emulator.Options{Data: named}, "secret.key is not there")

	file := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(file, []byte(keyText(2)+"\n"+keyText(1)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	started(t, emulator.Options{Data: dir, SecretKeyFile: file}).Close()
	started(t, emulator.Options{Data: dir, SecretKey: keyText(2)}).Close()
	refused(t, emulator.Options{Data: dir, SecretKey: keyText(1)}, two.ID())
	refused(t, emulator.Options{Data: dir, SecretKeyFile: file + ".not"}, "key file")
}

// TestK4RotationKeepsDeliveries signs with the same secret under one key, after a change of keys, under the new key alone, and
// after a reset: no delivery fails.
func TestK4RotationKeepsDeliveries(t *testing.T) {
	var good, bad atomic.Int64
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if webhook.Verify(webhook.Received{Scheme: "hmac-sha256-hex", Value: r.Header.Get("x-signature-sha256"), Body: body, Secrets: []string{sealedSecret}}) != nil {
			bad.Add(1)
			return
		}
		good.Add(1)
	}))
	defer sink.Close()
	dir, users := t.TempDir(), 0
	const each = 10
	work := func(keys string, register, reset bool) {
		gate, err := emulator.New(emulator.Options{Providers: []string{"killb"}, Clock: "manual", Seed: 42, Data: dir, SecretKey: keys})
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(gate)
		defer gate.Close()
		defer server.Close()
		if register {
			send(t, server.URL, "POST", "/api/v2/webhooks", `{"url":"`+sink.URL+`","secret":"`+sealedSecret+`","events":["USER"]}`)
		}
		if reset {
			if err := gate.Reset(); err != nil {
				t.Fatal(err)
			}
		}
		for range each {
			users++
			send(t, server.URL, "POST", "/api/v2/users", userBody(int64(users)))
		}
		if _, err := gate.Advance(0); err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(stored(t, dir), []byte(sealedSecret)) {
			t.Error("the secret stands in the folder")
		}
	}
	work(keyText(1), true, false)
	work(keyText(2)+","+keyText(1), false, false)
	work(keyText(2), false, false)
	work(keyText(2), false, true)
	if good.Load() < 4*each || bad.Load() != 0 {
		t.Errorf("%d good signatures of %d, %d bad", good.Load(), 4*each, bad.Load())
	}
}
