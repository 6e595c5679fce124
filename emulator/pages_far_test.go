package emulator_test

import (
	"database/sql"
	"encoding/json"
	"net/url"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sandgate/sandgate/emulator"
)

// TestPagesBeyondAllNumbers: a number too large for SQLite sorts as infinite,
// which no JSON can say; a page may end with it all the same.
func TestPagesBeyondAllNumbers(t *testing.T) {
	dir := t.TempDir()
	v := newVault(t, "idempotency: {}", func(o *emulator.Options) { o.Data = dir })
	var want []string
	for range 4 {
		var one thing
		if w := v.send("POST", "/things", "", "", `{"amount":1,"ratio":1}`); json.Unmarshal(w.Body.Bytes(), &one) != nil || w.Code != 201 {
			t.Fatal(w.Code, w.Body)
		}
		want = append(want, one.ID)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "default.1.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for id, ratio := range map[string]string{want[0]: "1e400", want[1]: "-1e400", want[2]: "1e400"} {
		if _, err := db.Exec("UPDATE resource SET body = replace(body, '\"ratio\":1', '\"ratio\":' || ?) WHERE id = ?", ratio, id); err != nil {
			t.Fatal(err)
		}
	}
	for order, want := range map[string][]string{"desc": {want[2], want[0], want[3], want[1]}, "asc": {want[1], want[3], want[0], want[2]}} {
		var got []string
		for cursor := ""; len(got) < 5; {
			var page struct {
				Data []struct{ ID string }
				Next *string
			}
			w := v.send("GET", "/things?limit=1&sort=ratio&order="+order+cursor, "", "", "")
			if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != 200 {
				t.Fatal(order, w.Code, w.Body)
			}
			got = append(got, page.Data[0].ID)
			if page.Next == nil {
				break
			}
			cursor = "&cursor=" + url.QueryEscape(*page.Next)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", order, got, want)
		}
	}
}
