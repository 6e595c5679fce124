package store

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestTimers(t *testing.T) {
	db := fresh(t, Options{})
	view(t, db, func(c *Conn) error {
		if _, ok, err := c.NextDue(); ok || err != nil {
			t.Error(ok, err)
		}
		return nil
	})
	var third int64
	write(t, db, func(tx *Tx) error {
		for i, x := range []Timer{{Due: 30, Kind: "move", A: "r1", B: "x"}, {Due: 10, Kind: "delivery", A: "d1"}, {Due: 10, Kind: "move", A: "r1", B: "y"}, {Due: 20, Kind: "reset"}, {Due: 30, Kind: "move", A: "r2"}} {
			seq, err := tx.AddTimer(x)
			if err != nil {
				return err
			}
			if i == 2 {
				third = seq
			}
		}
		return nil
	})
	next := func(until int64, limit int, skip string) (got string) {
		view(t, db, func(c *Conn) error {
			all, err := c.NextTimers(until, limit, skip)
			for _, x := range all {
				got += fmt.Sprintf("%d:%s%s%s ", x.Due, x.Kind, x.A, x.B)
			}
			return err
		})
		return strings.TrimSpace(got)
	}
	for _, tt := range []struct {
		until int64
		limit int
		skip  string
		want  string
	}{
		{100, 0, "", "10:deliveryd1 10:mover1y 20:reset 30:mover1x 30:mover2"},
		{100, 2, "", "10:deliveryd1 10:mover1y"},
		{100, 0, "move", "10:deliveryd1 20:reset"},
		{10, 0, "delivery", "10:mover1y"},
		{9, 0, "", ""},
	} {
		if got := next(tt.until, tt.limit, tt.skip); got != tt.want {
			t.Errorf("%+v: %s", tt, got)
		}
	}
	view(t, db, func(c *Conn) error {
		due, ok, err := c.NextDue()
		after, ok2, err2 := c.NextDueAfter(20)
		_, ok3, err3 := c.NextDueAfter(30)
		n, err4 := c.CountDue(20)
		if due != 10 || !ok || after != 30 || !ok2 || ok3 || n != 3 {
			t.Error(due, ok, after, ok2, ok3, n)
		}
		return errors.Join(err, err2, err3, err4)
	})
	write(t, db, func(tx *Tx) error {
		first, err := tx.RemoveTimer(third)
		again, err2 := tx.RemoveTimer(third)
		n, err3 := tx.RemoveTimers("move", "r1")
		none, err4 := tx.RemoveTimers("delivery", "r2")
		if !first || again || n != 1 || none != 0 {
			t.Error(first, again, n, none)
		}
		return errors.Join(err, err2, err3, err4)
	})
	if got := next(100, 0, ""); got != "10:deliveryd1 20:reset 30:mover2" {
		t.Error(got)
	}
	write(t, db, func(tx *Tx) error {
		all, err := tx.NextTimers(10, 1, "")
		if err != nil {
			return err
		}
		return tx.MoveTimer(all[0].Seq, 25, "2")
	})
	if got := next(100, 0, ""); got != "20:reset 25:deliveryd12 30:mover2" {
		t.Error(got)
	}
}

func TestAPIKeys(t *testing.T) {
	db := fresh(t, Options{})
	hash := func(text string) []byte { h := sha256.Sum256([]byte(text)); return h[:] }
	one := Key{Hash: hash("1"), Kind: "api", Provider: "p", Subject: "m", Sandbox: "default", Issued: 1, Pair: "k", Permissions: []string{"a:read", "b:write"}, Rate: 5, Burst: 9}
	two := Key{Hash: hash("2"), Kind: "api", Provider: "p", Subject: "m", Sandbox: "default", Issued: 2, Expires: 9, Pair: "k", Permissions: []string{"*"}}
	other := Key{Hash: hash("3"), Kind: "api", Provider: "q", Subject: "m", Sandbox: "default", Issued: 2, Pair: "k"}
	session := Key{Hash: hash("4"), Kind: "access", Provider: "p", Subject: "m", Sandbox: "default", Issued: 2, Pair: "k"}
	write(t, db, func(tx *Tx) error {
		return errors.Join(tx.InsertKey(one), tx.PutKey(two), tx.InsertKey(other), tx.InsertKey(session), tx.PutKey(one))
	})
	listed := func(want ...Key) {
		t.Helper()
		view(t, db, func(c *Conn) error {
			got, err := c.KeysOf("api", "p", "k")
			same(t, "keys of k", got, want)
			none, err2 := c.KeysOf("api", "p", "")
			if len(none) != 0 {
				t.Error(none)
			}
			return errors.Join(err, err2)
		})
	}
	listed(one, two)
	touch := func(at int64, want bool) {
		t.Helper()
		write(t, db, func(tx *Tx) error {
			got, err := tx.TouchKey("p", "k", at, 60)
			if got != want {
				t.Errorf("at %d: %v", at, got)
			}
			return err
		})
	}
	touch(1000, true)
	touch(1000, false)
	touch(1059, false)
	one.Used, two.Used = 1000, 1000
	listed(one, two)
	touch(1060, true)
	touch(500, true) // the clock was set back
	one.Used, two.Used, one.Rate, one.Revoked = 500, 500, 0, 3
	write(t, db, func(tx *Tx) error { return tx.PutKey(one) })
	listed(one, two)
	view(t, db, func(c *Conn) error {
		got, _, err := c.Key(session.Hash)
		same(t, "the session", got, session)
		return err
	})
}

func TestKeys(t *testing.T) {
	db := fresh(t, Options{})
	key := func(text, kind, pair string, issued int64) Key {
		h := sha256.Sum256([]byte(text))
		return Key{Hash: h[:], Kind: kind, Provider: "p", Subject: "m1", Sandbox: "default", Issued: issued, Expires: issued + 10, Pair: pair}
	}
	a, r, other, lone := key("a", "access", "s1", 2), key("r", "refresh", "s1", 1), key("o", "access", "s2", 3), key("l", "access", "", 4)
	lone.Expires = 0
	write(t, db, func(tx *Tx) error {
		return errors.Join(tx.InsertKey(a), tx.InsertKey(r), tx.InsertKey(other), tx.InsertKey(lone))
	})
	if err := db.Write(t.Context(), func(tx *Tx) error { return tx.InsertKey(a) }); !errors.Is(err, ErrExists) {
		t.Error(err)
	}
	view(t, db, func(c *Conn) error {
		got, ok, err := c.Key(bytes.Clone(a.Hash))
		same(t, "key", got, a)
		_, none, err2 := c.Key([]byte("no such"))
		all, err3 := c.Keys()
		same(t, "keys", all, []Key{r, a, other, lone})
		if !ok || none {
			t.Error(ok, none)
		}
		return errors.Join(err, err2, err3)
	})
	write(t, db, func(tx *Tx) error {
		none, err := tx.RevokePair("", 9)
		n, err2 := tx.RevokePair("s1", 0) // at instant 0 too it must show as revoked
		again, err3 := tx.RevokePair("s1", 9)
		yes, err4 := tx.RevokeKey(other.Hash, 9)
		no, err5 := tx.RevokeKey(other.Hash, 11)
		ended, err6 := tx.RemoveKeys(12)
		if none != 0 || n != 2 || again != 0 || !yes || no || ended != 1 {
			t.Error(none, n, again, yes, no, ended)
		}
		return errors.Join(err, err2, err3, err4, err5, err6)
	})
	view(t, db, func(c *Conn) error {
		a.Revoked, other.Revoked = 1, 9
		all, err := c.Keys()
		same(t, "keys", all, []Key{a, other, lone})
		return err
	})
}

func TestReplies(t *testing.T) {
	db := fresh(t, Options{})
	one := Reply{Key: "k", Provider: "p", Owner: "ana", Operation: "POST /a", Fingerprint: []byte{1}, Status: 201, Header: []byte("h"), Body: []byte("b"), Expires: 50}
	two := Reply{Key: "k", Provider: "p", Owner: "ana", Operation: "POST /b", Code: "no", Status: 204, Expires: 60}
	write(t, db, func(tx *Tx) error { return errors.Join(tx.InsertReply(one), tx.InsertReply(two)) })
	if err := db.Write(t.Context(), func(tx *Tx) error { return tx.InsertReply(one) }); !errors.Is(err, ErrExists) {
		t.Error(err)
	}
	find := func(provider, owner, key, operation string, want *Reply) {
		t.Helper()
		view(t, db, func(c *Conn) error {
			got, ok, err := c.Reply(provider, owner, key, operation)
			if ok != (want != nil) {
				t.Errorf("found %v", ok)
			}
			if want != nil {
				same(t, "reply", got, *want)
			}
			return err
		})
	}
	find("p", "ana", "k", "POST /a", &one)
	find("p", "ana", "k", "POST /b", &two)
	find("p", "ana", "k", "", &one)
	find("p", "ana", "k", "POST /c", nil)
	find("p", "bob", "k", "", nil)
	find("q", "ana", "k", "", nil)
	write(t, db, func(tx *Tx) error {
		n, err := tx.RemoveReplies(50, 8)
		yes, err2 := tx.RemoveReply("p", "ana", "k", "POST /b")
		no, err3 := tx.RemoveReply("p", "ana", "k", "POST /b")
		if n != 1 || !yes || no {
			t.Error(n, yes, no)
		}
		return errors.Join(err, err2, err3)
	})
	find("p", "ana", "k", "", nil)
}

func TestMeta(t *testing.T) {
	db := fresh(t, Options{})
	write(t, db, func(tx *Tx) error { return errors.Join(tx.SetMeta("a", "1"), tx.SetMeta("a", "2")) })
	view(t, db, func(c *Conn) error {
		v, ok, err := c.Meta("a")
		_, none, err2 := c.Meta("b")
		if v != "2" || !ok || none {
			t.Error(v, ok, none)
		}
		return errors.Join(err, err2)
	})
}

func TestReadersCannotWrite(t *testing.T) {
	db := fresh(t, Options{})
	view(t, db, func(c *Conn) error {
		if _, err := c.exec("DELETE FROM resource"); err == nil {
			t.Error("a reader wrote")
		}
		return nil
	})
}

func TestLock(t *testing.T) {
	dir := t.TempDir()
	if other := os.Getenv("STORE_TEST_LOCK"); other != "" { // we are the second process
		if _, err := Lock(other); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), "process "+fmt.Sprint(os.Getppid())) {
			t.Errorf("second process: %v", err)
		}
		return
	}
	release, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(dir); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), dir) {
		t.Errorf("twice in one process: %v", err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestLock$")
	cmd.Env = append(os.Environ(), "STORE_TEST_LOCK="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	release, err = Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(dir + "/none"); err == nil || errors.Is(err, ErrLocked) {
		t.Errorf("no such folder: %v", err)
	}
}
