package store

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func testKey(n byte) []byte { return bytes.Repeat([]byte{n}, KeySize) }

func testKeys(t *testing.T, secrets ...[]byte) *Keys {
	t.Helper()
	k, err := NewKeys(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sealing(k *Keys) Options {
	return Options{Keys: k, Sandbox: "default", Sealed: map[string][]string{"hook": {"secret"}}}
}

// secrets that the file of these tests holds.
var canaries = []string{"canary-endpoint-1", "canary-endpoint-2", "canary-reply", "canary-hidden-<&>"}

// sealedFile makes a closed file with one secret of each sort, and one that was removed.
func sealedFile(t *testing.T, o Options) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "default.1.db")
	db, err := Create(path, o, func(tx *Tx) error {
		return errors.Join(
			tx.InsertEndpoint(Endpoint{ID: "a", Provider: "p", Secret: canaries[0], Active: true}),
			tx.InsertEndpoint(Endpoint{ID: "b", Provider: "p", Secret: canaries[1], Active: true}),
			tx.InsertReply(Reply{Key: "k", Provider: "p", Owner: "o", Operation: "POST /x", Body: []byte(canaries[2]), Expires: 9e15}),
			tx.InsertReply(Reply{Key: "empty", Provider: "p", Owner: "o", Operation: "POST /x", Status: 204, Expires: 9e15}),
			tx.InsertResource(&Resource{Kind: "hook", ID: "h", Hidden: []byte(`{"n":9007199254740993,"secret":"canary-hidden-<&>"}`)}),
			tx.InsertResource(&Resource{Kind: "hook", ID: "gone", Hidden: []byte(`{"secret":"canary-hidden-<&>"}`)}),
			tx.InsertResource(&Resource{Kind: "other", ID: "h", Hidden: []byte(`{"secret":"no secret of this kind"}`)}),
			tx.RemoveResource("hook", "gone", 1),
		)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func openSealed(t *testing.T, path string, o Options) *DB {
	t.Helper()
	db, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// readable checks that all secrets of sealedFile come back.
func readable(t *testing.T, db *DB) {
	t.Helper()
	view(t, db, func(c *Conn) error {
		for i, id := range []string{"a", "b"} {
			if e, ok, err := c.Endpoint(id); !ok || err != nil || e.Secret != canaries[i] {
				t.Errorf("endpoint %s: %v, %v, secret right: %v", id, ok, err, e.Secret == canaries[i])
			}
		}
		if r, ok, err := c.Reply("p", "o", "k", "POST /x"); !ok || err != nil || string(r.Body) != canaries[2] {
			t.Errorf("reply: %v, %v, %s", ok, err, r.Body)
		}
		if r, ok, err := c.Reply("p", "o", "empty", "POST /x"); !ok || err != nil || len(r.Body) != 0 {
			t.Errorf("empty reply: %v, %v, %s", ok, err, r.Body)
		}
		r, ok, err := c.Resource("hook", "h")
		if !ok || err != nil || string(r.Hidden) != `{"n":9007199254740993,"secret":"canary-hidden-<&>"}` {
			t.Errorf("hidden: %v, %v, %s", ok, err, r.Hidden)
		}
		all, err := c.Resources(Query{Kind: "hook"})
		if err != nil || len(all) != 1 || !bytes.Equal(all[0].Hidden, r.Hidden) {
			t.Errorf("list: %v, %v", all, err)
		}
		return nil
	})
}

// inFile reads the database and what SQLite keeps beside it.
func inFile(t *testing.T, path string) []byte {
	t.Helper()
	names, err := filepath.Glob(path + "*")
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}

func TestK4SealedAtRest(t *testing.T) {
	o := sealing(testKeys(t, testKey(1)))
	path := sealedFile(t, o)
	db := openSealed(t, path, o)
	readable(t, db)
	write(t, db, func(tx *Tx) error {
		return errors.Join(
			tx.UpdateEndpoint(Endpoint{ID: "a", Provider: "p", Secret: canaries[0], Active: true}),
			tx.UpdateResource(&Resource{Kind: "hook", ID: "h", Hidden: []byte(`{"n":9007199254740993,"secret":"canary-hidden-<&>"}`)}),
		)
	})
	readable(t, db)
	file := inFile(t, path)
	for _, secret := range canaries {
		if bytes.Contains(file, []byte(secret[:12])) {
			t.Errorf("%s stands in the file", secret)
		}
	}
	if !bytes.Contains(file, []byte("no secret of this kind")) {
		t.Error("the search finds nothing: it proves nothing")
	}
	if n := bytes.Count(file, []byte("v1."+o.Keys.ID()+".")); n < 5 {
		t.Errorf("%d records", n)
	}
}

// raw changes rows behind the back of the program.
func raw(t *testing.T, path, sql string) {
	t.Helper()
	c, err := connect(&DB{}, path, "rw")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.script(sql), c.close()); err != nil {
		t.Fatal(err)
	}
}

// TestK4ChangedRecordsAreRefused swaps and changes records: none is ever taken for another.
func TestK4ChangedRecordsAreRefused(t *testing.T) {
	one := sealing(testKeys(t, testKey(1)))
	for name, c := range map[string]struct {
		sql  string
		open Options
		says string
	}{
		"swapped":          {"UPDATE endpoint SET secret = (SELECT e.secret FROM endpoint e WHERE e.id <> endpoint.id)", one, "belongs to another place"},
		"another's id":     {"UPDATE endpoint SET id = 'c' WHERE id = 'a'", one, "endpoint c, secret was changed, or belongs to another place"},
		"in clear":         {"UPDATE endpoint SET secret = 'mine' WHERE id = 'a'", one, "endpoint a, secret is not sealed"},
		"empty":            {"UPDATE endpoint SET secret = '' WHERE id = 'a'", one, "is not sealed"},
		"cut off":          {"UPDATE endpoint SET secret = substr(secret, 1, 20)", one, "was changed"},
		"no base64":        {"UPDATE endpoint SET secret = secret || '!'", one, "was changed"},
		"key id":           {"UPDATE endpoint SET secret = 'v1.00000000.' || substr(secret, 13)", one, `sealed with key "00000000", and this process has ` + one.Keys.ID()},
		"wrong key":        {"", sealing(testKeys(t, testKey(2))), `sealed with key "` + one.Keys.ID() + `", and this process has ` + testKeys(t, testKey(2)).ID()},
		"other sandbox":    {"", Options{Keys: one.Keys, Sandbox: "other", Sealed: one.Sealed}, "belongs to another place"},
		"no key":           {"", Options{}, "no key was given"},
		"file made openly": {"DELETE FROM meta", one, "made without a key"},
	} {
		t.Run(name, func(t *testing.T) {
			path := sealedFile(t, one)
			if c.sql != "" {
				raw(t, path, c.sql)
			}
			db, err := Open(path, c.open)
			if err == nil {
				db.Close()
			}
			if !errors.Is(err, ErrSealed) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want … %s …", err, c.says)
			}
			if c.sql == "" { // nothing was changed by the attempt
				readable(t, openSealed(t, path, one))
			}
		})
	}
}

// TestK4EveryBit flips each bit of a record, and moves it to every other place.
func TestK4EveryBit(t *testing.T) {
	v, err := newVault(testKeys(t, testKey(1)), "default")
	if err != nil {
		t.Fatal(err)
	}
	p := spot{"endpoint", "a", "secret"}
	record := v.seal(p, []byte("secret"))
	if got, err := v.open(p, record); err != nil || string(got) != "secret" {
		t.Fatal(string(got), err)
	}
	for i := range record {
		for bit := range 8 {
			changed := bytes.Clone(record)
			changed[i] ^= 1 << bit
			if got, err := v.open(p, changed); !errors.Is(err, ErrSealed) {
				t.Fatalf("byte %d, bit %d: %q, %v", i, bit, got, err)
			}
		}
	}
	for _, other := range []spot{{"endpoin", "ta", "secret"}, {"endpoint", "as", "ecret"}, {"reply", "a", "secret"}, {"endpoint", "b", "secret"}, {"endpoint", "a", "url"}} {
		if _, err := v.open(other, record); !errors.Is(err, ErrSealed) {
			t.Errorf("%v opens what belongs to %v", other, p)
		}
	}
	if bytes.Equal(record, v.seal(p, []byte("secret"))) {
		t.Error("the same secret gives the same record: the nonce does not change")
	}
}

// TestK4Rotation opens a file with its old key behind a new one, and finds nothing of the old one afterwards.
func TestK4Rotation(t *testing.T) {
	first, second := testKey(1), testKey(2)
	path := sealedFile(t, sealing(testKeys(t, first)))
	both := testKeys(t, second, first)
	db := openSealed(t, path, sealing(both))
	readable(t, db)
	write(t, db, func(tx *Tx) error {
		for _, table := range []string{"endpoint", "reply", "resource"} {
			column := map[string]string{"endpoint": "secret", "reply": "body", "resource": "hidden"}[table]
			r, _, err := tx.one("SELECT count(*) FROM " + table + " WHERE instr(CAST(" + column + " AS TEXT), 'v1." + testKeys(t, first).ID() + "') > 0")
			if err != nil || r.int(0) != 0 {
				t.Errorf("%s: %d records of the old key, %v", table, r.int(0), err)
			}
		}
		return nil
	})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	again := openSealed(t, path, sealing(testKeys(t, second)))
	readable(t, again)
	write(t, again, func(tx *Tx) error { // the columns kept their types
		r, _, err := tx.one("SELECT (SELECT typeof(secret) FROM endpoint) || (SELECT typeof(body) FROM reply WHERE key = 'k')")
		if got := r.text(0); got != "textblob" {
			t.Errorf("types %s", got)
		}
		return err
	})
	again.Close()
	if _, err := Open(path, sealing(testKeys(t, first))); !errors.Is(err, ErrSealed) {
		t.Errorf("the old key still opens it: %v", err)
	}
}

// TestK4RotationOfWhatIsNotServed seals anew what belongs to a provider that is not served today, and leaves text alone that only looks sealed.
func TestK4RotationOfWhatIsNotServed(t *testing.T) {
	path := sealedFile(t, sealing(testKeys(t, testKey(1))))
	raw(t, path, `UPDATE resource SET hidden = '{"secret":"v1.0.looks sealed"}' WHERE kind = 'other'`)
	unaware := sealing(testKeys(t, testKey(2), testKey(1)))
	unaware.Sealed = nil
	if err := openSealed(t, path, unaware).Close(); err != nil {
		t.Fatal(err)
	}
	db := openSealed(t, path, sealing(testKeys(t, testKey(2))))
	readable(t, db)
	view(t, db, func(c *Conn) error {
		r, _, err := c.Resource("other", "h")
		if string(r.Hidden) != `{"secret":"v1.0.looks sealed"}` {
			t.Errorf("%s", r.Hidden)
		}
		return err
	})
}

// TestK4RotationIsWhole leaves a file as it was when one of its records cannot be opened.
func TestK4RotationIsWhole(t *testing.T) {
	o := sealing(testKeys(t, testKey(1)))
	path := sealedFile(t, o)
	raw(t, path, "UPDATE reply SET body = CAST('v1.x.y' AS BLOB) WHERE key = 'k'")
	if _, err := Open(path, sealing(testKeys(t, testKey(2), testKey(1)))); !errors.Is(err, ErrSealed) {
		t.Fatalf("%v", err)
	}
	db := openSealed(t, path, o)
	view(t, db, func(c *Conn) error {
		if e, _, err := c.Endpoint("a"); err != nil || e.Secret != canaries[0] {
			t.Errorf("endpoint: %v", err)
		}
		if _, _, err := c.Reply("p", "o", "k", "POST /x"); !errors.Is(err, ErrSealed) {
			t.Errorf("a reply that was changed: %v", err)
		}
		return nil
	})
}

func TestHiddenFieldsThatAreNoText(t *testing.T) {
	db := fresh(t, sealing(testKeys(t, testKey(1))))
	for _, hidden := range []string{`{"secret":null}`, `{"secret":7}`, `{"a":1}`, `{"secret":""}`, ``} {
		write(t, db, func(tx *Tx) error {
			r := Resource{Kind: "hook", ID: hidden, Hidden: []byte(hidden)}
			if err := tx.InsertResource(&r); err != nil {
				return err
			}
			if string(r.Hidden) != hidden {
				t.Errorf("the caller's %s became %s", hidden, r.Hidden)
			}
			return nil
		})
		view(t, db, func(c *Conn) error {
			r, _, err := c.Resource("hook", hidden)
			if string(r.Hidden) != hidden {
				t.Errorf("%s came back as %s", hidden, r.Hidden)
			}
			return err
		})
	}
	err := db.Write(context.Background(), func(tx *Tx) error {
		return tx.InsertResource(&Resource{Kind: "hook", ID: "x", Hidden: []byte(`[1]`)})
	})
	if err == nil {
		t.Error("a hidden part that is no object was stored unsealed")
	}
}

func TestParseKeys(t *testing.T) {
	a, b := testKey(1), testKey(0xfe)
	for text, want := range map[string]string{
		hex.EncodeToString(a):                                testKeys(t, a).ID(),
		strings.ToUpper(hex.EncodeToString(b)):               testKeys(t, b).ID(),
		base64.StdEncoding.EncodeToString(a) + "\n":          testKeys(t, a).ID(),
		base64.RawURLEncoding.EncodeToString(b):              testKeys(t, b).ID(),
		hex.EncodeToString(b) + ", " + hex.EncodeToString(a): testKeys(t, b).ID(),
	} {
		k, err := ParseKeys(text)
		if err != nil || k.ID() != want {
			t.Errorf("%v", err)
		}
	}
	for _, text := range []string{"", " , ", "short", hex.EncodeToString(a[:16]), hex.EncodeToString(a) + ",canary-key"} {
		if _, err := ParseKeys(text); err == nil || strings.Contains(err.Error(), "canary") || len(text) > 3 && strings.Contains(err.Error(), text) {
			t.Errorf("%v", err)
		}
	}
}
