package store

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestPagesPutTogether: pages that go on where the one before them ended are
// the whole list, in every order, with values that are equal, absent and of
// several types.
func TestPagesPutTogether(t *testing.T) {
	db := fresh(t, Options{})
	values := []string{"", `"v":null,`, `"v":1,`, `"v":2,`, `"v":1.5,`, `"v":9007199254740993,`, `"v":1e400,`, `"v":"a",`, `"v":"B",`, `"v":"é",`, `"v":"",`, `"v":true,`, `"v":"1",`}
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		kind := "p/" + strconv.Itoa(n)
		for i := range rapid.IntRange(0, 20).Draw(t, "rows") {
			r := &Resource{
				Kind: kind, ID: strconv.Itoa(i), Status: rapid.SampledFrom([]string{"", "new", "old"}).Draw(t, "status"), Updated: int64(i % 3),
				Body: []byte(`{` + rapid.SampledFrom(values).Draw(t, "value") + `"n":` + strconv.Itoa(i) + `}`),
			}
			err := db.Write(t.Context(), func(tx *Tx) error {
				if err := tx.InsertResource(r); err != nil || i%5 != 4 {
					return err
				}
				return tx.RemoveResource(kind, r.ID, 5)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		q := Query{
			Kind: kind, Oldest: rapid.Bool().Draw(t, "oldest"), Descending: rapid.Bool().Draw(t, "descending"),
			Sort: rapid.SampledFrom([]string{"", "v", "status", "updated", "n", "id"}).Draw(t, "sort"),
		}
		if rapid.Bool().Draw(t, "filtered") {
			q.Where = []Cond{{Path: "status", Op: "!=", Value: "old"}}
		}
		err := db.View(func(c *Conn) error {
			whole, err := c.Resources(q)
			if err != nil {
				return err
			}
			var seqs []int64
			var bodies []string
			for _, r := range whole {
				seqs, bodies = append(seqs, r.Seq), append(bodies, string(r.Body))
			}
			q.Limit = rapid.IntRange(1, 5).Draw(t, "limit")
			var pages []string
			for count := 0; ; {
				text, last, n, more, err := c.Page(q)
				if err != nil {
					return err
				}
				if n > 0 {
					pages = append(pages, string(text))
					if count += n; seqs[count-1] != last {
						t.Fatalf("%+v: a page ends at %d, want %d", q, last, seqs[count-1])
					}
				}
				if more != (count < len(seqs)) {
					t.Fatalf("%+v: more is %v after %d of %d", q, more, count, len(seqs))
				}
				if !more {
					break
				}
				mark, place, err := c.MarkOf(q, last)
				if err != nil {
					return err
				}
				again, ok, err := c.PlaceOf(q, mark)
				if err != nil || !ok || again != place {
					t.Fatalf("%+v: %+v is at %+v, and then at %+v %v %v", q, mark, place, again, ok, err)
				}
				q.Past = &place
			}
			if got, want := strings.Join(pages, ","), strings.Join(bodies, ","); got != want {
				t.Fatalf("%+v:\n%s\nwant\n%s", q, got, want)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// TestPlaceOfTheRemoved: a page may end with what is gone when the next one is
// asked for; what never was is nowhere.
func TestPlaceOfTheRemoved(t *testing.T) {
	db := fresh(t, Options{})
	one, again := &Resource{Kind: "k", ID: "a", Created: 1, Body: []byte(`{"v":7}`)}, &Resource{Kind: "k", ID: "a", Created: 2, Body: []byte(`{"v":8}`)}
	write(t, db, func(tx *Tx) error {
		return cmp.Or(tx.InsertResource(one), tx.RemoveResource("k", "a", 2), tx.InsertResource(again))
	})
	view(t, db, func(c *Conn) error {
		q := Query{Kind: "k", Sort: "v"}
		var got []string
		for _, m := range []Mark{{"a", 1}, {"a", 2}, {"a", 3}, {"b", 1}} {
			p, ok, err := c.PlaceOf(q, m)
			if err != nil {
				return err
			}
			got = append(got, fmt.Sprint(p.Value, p.Seq == one.Seq, p.Seq == again.Seq, ok))
		}
		if want := []string{"7 true false true", "8 false true true", "<nil> false false false", "<nil> false false false"}; !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
		_, err := c.Resources(Query{Kind: "k", Sort: "v", Past: &Place{Value: []byte("x")}})
		if err == nil {
			t.Error("any value is a place")
		}
		return nil
	})
}
