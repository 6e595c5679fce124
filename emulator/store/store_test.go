package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestCreateThenOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "with space #1 100%?.db")
	db, err := Create(path, Options{}, func(tx *Tx) error {
		tx.SetSeq(500)
		tx.SetSeq(3) // never back
		if err := tx.InsertResource(noise("ramp", "a", "ana")); err != nil {
			return err
		}
		return tx.SetMeta("epoch", "7")
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, Query{Kind: "ramp"}); n != 1 {
		t.Errorf("count after fill = %d", n)
	}
	write(t, db, func(tx *Tx) error { return tx.InsertResource(noise("ramp", "b", "ana")) })
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
	if err != nil || len(left) != 1 || left[0] != path {
		t.Errorf("Close left %q, %v", left, err)
	}
	db, err = Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if db.Path() != path || db.Seq() != 502 {
		t.Errorf("path %q, seq %d", db.Path(), db.Seq())
	}
	view(t, db, func(c *Conn) error {
		v, ok, err := c.Meta("epoch")
		if v != "7" || !ok {
			t.Errorf("meta %q %v", v, ok)
		}
		rows, err2 := c.Resources(Query{Kind: "ramp"})
		if got := strings.Join(ids(rows), ","); got != "b,a" {
			t.Errorf("rows %s", got)
		}
		return errors.Join(err, err2)
	})
	write(t, db, func(tx *Tx) error {
		if n := tx.NextSeq(); n != 503 {
			t.Errorf("next seq %d", n)
		}
		return nil
	})
}

func TestCreateRefusals(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	boom := errors.New("boom")
	for name, fill := range map[string]func(*Tx) error{
		"error": func(*Tx) error { return boom },
		"panic": func(*Tx) error { panic(boom) },
	} {
		if _, err := Create(path, Options{}, fill); err == nil || !strings.Contains(err.Error(), "boom") {
			t.Errorf("%s: %v", name, err)
		}
		if left, _ := filepath.Glob(path + "*"); len(left) != 0 {
			t.Errorf("%s: left %q", name, left)
		}
	}
	if err := os.WriteFile(path+"-wal", []byte("of an older file"), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := Create(path, Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := Create(path, Options{}, nil); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over an existing file: %v", err)
	}
	if _, err := Create(filepath.Join(t.TempDir(), "y.db"), Options{Indexes: []Index{{"ramp", "a'b"}}}, nil); !errors.Is(err, ErrQuery) {
		t.Errorf("bad index path: %v", err)
	}
}

func TestOpenRefusals(t *testing.T) {
	for _, tt := range []struct {
		name, script string // script "-" = the bytes of no database
		want         error
		says         string
	}{
		{"empty file", "", ErrNotReady, ""},
		{"log mode only", "PRAGMA journal_mode = WAL", ErrNotReady, ""},
		{"template", schema + "INSERT INTO state (id, seq, ready) VALUES (1, 0, 0); PRAGMA application_id = 1397178708", ErrNotReady, ""},
		{"not ready", schema + "INSERT INTO state (id, seq, ready) VALUES (1, 0, 0); PRAGMA application_id = 1397178708; PRAGMA user_version = 3", ErrNotReady, ""},
		{"no state row", schema + "PRAGMA application_id = 1397178708; PRAGMA user_version = 3", ErrNotReady, ""},
		{"other version", schema + "PRAGMA application_id = 1397178708; PRAGMA user_version = 4", ErrVersion, "sandgate reset"},
		{"foreign", "CREATE TABLE notes (x); PRAGMA user_version = 3", ErrVersion, "sandgate reset"},
		{"no database", "-", ErrVersion, "sandgate reset"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.db")
			content := ""
			if tt.script == "-" {
				content = strings.Repeat("this is a letter and no database\n", 200)
			}
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if tt.script != "" && tt.script != "-" {
				c, err := connect(nil, path, "rw")
				if err != nil {
					t.Fatal(err)
				}
				if err := errors.Join(c.script(tt.script), c.close()); err != nil {
					t.Fatal(err)
				}
			}
			before, _ := os.ReadFile(path)
			_, err := Open(path, Options{})
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v", err)
			}
			if after, _ := os.ReadFile(path); string(after) != string(before) {
				t.Error("a refused file was changed")
			}
		})
	}
	missing := filepath.Join(t.TempDir(), "none.db")
	if _, err := Open(missing, Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	if left, _ := filepath.Glob(missing + "*"); len(left) != 0 {
		t.Errorf("Open made %q", left)
	}
}

func TestEngineFloor(t *testing.T) {
	for v, good := range map[string]bool{
		"3.51.3": true, "3.51.10": true, "3.52.0": true, "4.0.0": true, "3.53.4": true,
		"3.51.2": false, "3.50.9": false, "3.7.0": false, "2.99.99": false, "3.51": false, "": false, "x.y.z": false,
	} {
		if err := checkEngine(v); (err == nil) != good {
			t.Errorf("%q: %v", v, err)
		}
	}
}

func TestDiscard(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	db, err := Create(path, Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	write(t, db, func(tx *Tx) error { return tx.InsertResource(noise("ramp", "old", "")) })
	release, inside := make(chan struct{}), make(chan struct{})
	reader := make(chan error)
	go func() {
		reader <- db.View(func(c *Conn) error { // a request that is still reading the old world
			close(inside)
			<-release
			_, ok, err := c.Resource("ramp", "old")
			if !ok {
				t.Error("the reader lost its file")
			}
			return err
		})
	}()
	<-inside
	if err := db.Discard(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Discard(), db.Close()); err != nil {
		t.Error(err)
	}
	fresh, err := Create(path, Options{}, nil) // of the same name, while the old one closes
	if err != nil {
		t.Fatal(err)
	}
	write(t, fresh, func(tx *Tx) error { return tx.InsertResource(noise("ramp", "new", "")) })
	close(release)
	if err := <-reader; err != nil {
		t.Error(err)
	}
	<-db.writer.ended
	if err := db.Write(context.Background(), func(*Tx) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Errorf("write after Discard: %v", err)
	}
	if err := db.View(func(*Conn) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Errorf("view after Discard: %v", err)
	}
	if err := db.readers.close(); err != nil { // waits for the closing that goes on behind
		t.Error(err)
	}
	intact(t, fresh)
	if err := fresh.Close(); err != nil {
		t.Fatal(err)
	}
	fresh, err = Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer fresh.Close()
	if n := count(t, fresh, Query{Kind: "ramp"}); n != 1 {
		t.Errorf("the new file has %d rows", n)
	}
}

// TestSchemaIsCommented holds schema.sql to its promise: each column says what it is.
func TestSchemaIsCommented(t *testing.T) {
	column := regexp.MustCompile(`^  [a-z_]+ +(TEXT|INTEGER|BLOB)\b`)
	tables := 0
	for i, line := range strings.Split(schema, "\n") {
		if strings.HasPrefix(line, "CREATE TABLE") {
			tables++
		}
		if column.MatchString(line) && !strings.Contains(line, " -- ") {
			t.Errorf("schema.sql:%d: no comment: %s", i+1, line)
		}
		if strings.HasPrefix(line, ")") && !strings.Contains(line, "STRICT") {
			t.Errorf("schema.sql:%d: not STRICT", i+1)
		}
	}
	if tables < 12 {
		t.Errorf("%d tables", tables)
	}
}
