package emulator_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sandgate/sandgate/emulator"
)

type thing struct {
	ID     string
	Amount *int
	Name   *string
	Ratio  *float64
	Flag   *bool
	Status string
}

type thingPage struct {
	Data  []thing
	Next  *string
	More  bool
	Total int
}

func (v *vault) page(t failing, tenant, query string) thingPage {
	t.Helper()
	w := v.send("GET", "/things?"+query, tenant, "", "")
	var p thingPage
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != 200 {
		t.Fatalf("%s: %d %s", query, w.Code, w.Body)
	}
	if p.More != (p.Next != nil) {
		t.Fatalf("%s: more is %v, next is %v", query, p.More, p.Next)
	}
	return p
}

type failing interface {
	Helper()
	Fatalf(string, ...any)
}

// aThing has values that are often equal and often absent.
func aThing(t *rapid.T) string {
	body := map[string]any{}
	for name, values := range map[string][]any{
		"amount": {nil, 1, 2, 100}, "name": {nil, "", "a", "b", "B", "é", "10", strings.Repeat("long", 200), strings.Repeat("long", 200) + "er"},
		"ratio": {nil, -1.5, 0, 0.1, 1e300, 1}, "flag": {nil, true, false},
	} {
		if v := values[rapid.IntRange(0, len(values)-1).Draw(t, name)]; v != nil {
			body[name] = v
		}
	}
	text, _ := json.Marshal(body)
	return string(text)
}

// TestCursorWalk: whatever comes and goes between pages, in any order of the
// list, a walk shows what was there all the time once, in order, and nothing
// twice.
func TestCursorWalk(t *testing.T) {
	v := newVault(t, "")
	rapid.Check(t, func(t *rapid.T) {
		tenant := "sk_test_ws_" + strings.ToLower(rapid.StringMatching(`[a-z]{3}`).Draw(t, "sandbox"))
		make1 := func(t *rapid.T) string {
			w := v.send("POST", "/things", tenant, "", aThing(t))
			var made thing
			if json.Unmarshal(w.Body.Bytes(), &made); w.Code != 201 {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			return made.ID
		}
		for range rapid.IntRange(0, 12).Draw(t, "things") {
			make1(t)
		}
		query := rapid.SampledFrom([]string{"", "sort=amount", "sort=name", "sort=ratio", "sort=flag", "sort=status", "sort=id"}).Draw(t, "sort") +
			rapid.SampledFrom([]string{"", "&order=asc", "&order=desc"}).Draw(t, "order")
		there := ids(v.page(t, tenant, query+"&limit=50").Data)
		stayed, cursor, seen := slices.Clone(there), "", []string(nil)
		for {
			p := v.page(t, tenant, query+"&limit="+strconv.Itoa(rapid.IntRange(1, 4).Draw(t, "limit"))+cursor)
			seen = append(seen, ids(p.Data)...)
			if p.Next == nil {
				break
			}
			cursor = "&cursor=" + url.QueryEscape(*p.Next)
			for range rapid.IntRange(0, 2).Draw(t, "come") {
				make1(t)
			}
			if len(there) > 0 && rapid.Bool().Draw(t, "goes") {
				gone := rapid.SampledFrom(there).Draw(t, "gone")
				v.send("DELETE", "/things/"+gone, tenant, "", "")
				stayed = slices.DeleteFunc(stayed, func(id string) bool { return id == gone })
			}
		}
		if again := firstTwice(seen); again != "" {
			t.Fatalf("%s: %s is shown twice in %v", query, again, seen)
		}
		walked := slices.DeleteFunc(slices.Clone(seen), func(id string) bool { return !slices.Contains(stayed, id) })
		if !slices.Equal(walked, stayed) {
			t.Fatalf("%s: the walk shows %v of what stayed, %v", query, walked, stayed)
		}
		for _, id := range ids(v.page(t, tenant, "limit=50").Data) { // the sandbox may be drawn again
			v.send("DELETE", "/things/"+id, tenant, "", "")
		}
	})
}

func ids(all []thing) []string {
	out := []string{}
	for _, one := range all {
		out = append(out, one.ID)
	}
	return out
}

func firstTwice(all []string) string {
	seen := map[string]bool{}
	for _, one := range all {
		if seen[one] {
			return one
		}
		seen[one] = true
	}
	return ""
}

// TestCursorsCannotBeMade: a cursor with one sign changed, cut, lengthened or
// used elsewhere is refused by its name.
func TestCursorsCannotBeMade(t *testing.T) {
	onebyone(t)
	v := newVault(t, "")
	v.signUp("ana")
	for _, tenant := range []string{"", "ana", "sk_test_ws_other"} {
		for i := range 5 {
			v.send("POST", "/things", tenant, "", fmt.Sprintf(`{"amount":%d,"name":"n"}`, i+1))
		}
	}
	cursor := *v.page(t, "ana", "limit=2&sort=amount&name=n").Next
	refused := func(what, tenant, query, cursor string) {
		t.Helper()
		w := v.send("GET", "/things?"+query+"&cursor="+url.QueryEscape(cursor), tenant, "", "")
		if w.Code != 400 || !strings.Contains(w.Body.String(), `"/query/cursor"`) {
			t.Errorf("%s: %d %s", what, w.Code, w.Body)
		}
	}
	const query = "limit=2&sort=amount&name=n"
	if p := v.page(t, "ana", query+"&cursor="+cursor); len(p.Data) != 2 || p.Total != 5 {
		t.Fatalf("%+v", p)
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=\n ~é\x00"
	for i := range cursor {
		for _, c := range alphabet {
			if changed := cursor[:i] + string(c) + cursor[i+1:]; changed != cursor {
				refused(fmt.Sprintf("sign %d is %q", i, c), "ana", query, changed)
			}
		}
		refused("cut", "ana", query, cursor[:i])
		refused("a sign less", "ana", query, cursor[:i]+cursor[i+1:])
		refused("a line break in it", "ana", query, cursor[:i]+"\n"+cursor[i:])
	}
	for _, c := range alphabet {
		refused("lengthened", "ana", query, cursor+string(c))
	}
	refused("long", "ana", query, strings.Repeat("A", 10_000))
	refused("another tenant", "", query, cursor)
	refused("another sandbox", "sk_test_ws_other", query, cursor)
	refused("another sort", "ana", "sort=name&name=n", cursor)
	refused("another order", "ana", "sort=amount&order=asc&name=n", cursor)
	refused("another filter", "ana", "sort=amount&name=m", cursor)
	refused("no filter", "ana", "sort=amount", cursor)
	refused("a page, too", "ana", query+"&page=1", cursor)
	if p := v.page(t, "ana", "limit=50&sort=amount&name=n&cursor="+cursor); len(p.Data) != 3 || p.More {
		t.Errorf("a longer page: %+v", p)
	}
}

// TestCursorsOutliveTheProcess, whatever its seed is.
func TestCursorsOutliveTheProcess(t *testing.T) {
	dir := t.TempDir()
	with := func(seed uint64) func(*emulator.Options) {
		return func(o *emulator.Options) { o.Data, o.Seed = dir, seed }
	}
	v := newVault(t, "", with(1))
	for i := range 3 {
		v.send("POST", "/things", "", "", fmt.Sprintf(`{"amount":%d}`, i+1))
	}
	p := v.page(t, "", "limit=2")
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	v = newVault(t, "", with(2))
	if rest := v.page(t, "", "limit=2&cursor="+*p.Next); len(rest.Data) != 1 || *rest.Data[0].Amount != 1 || rest.More {
		t.Errorf("%+v", rest)
	}
}

// TestPagesOfARun: the same calls get the same cursors, and a rewound sandbox
// gives them again.
func TestPagesOfARun(t *testing.T) {
	run := func(v *vault) (out []string) {
		for i := range 5 {
			v.send("POST", "/things", "", "", fmt.Sprintf(`{"amount":%d}`, i+1))
		}
		for _, query := range []string{"limit=2", "limit=1&sort=amount"} {
			out = append(out, *v.page(v.t.(*testing.T), "", query).Next)
		}
		return out
	}
	one, two := newVault(t, ""), newVault(t, "")
	first := run(one)
	if second := run(two); !slices.Equal(first, second) {
		t.Errorf("%v, and then %v", first, second)
	}
	b, err := one.Sandbox("")
	if err == nil {
		err = b.Reset(t.Context(), true)
	}
	if err != nil {
		t.Fatal(err)
	}
	if rewound := run(one); !slices.Equal(first, rewound) {
		t.Errorf("%v, and rewound %v", first, rewound)
	}
}

// TestEveryListOfKobana walks every list that takes cursors, in every order
// that it has, while rows come and go beside it.
func TestEveryListOfKobana(t *testing.T) {
	onebyone(t)
	w := newListWalk(t)
	lists, rows, walks := 0, 0, 0
	random := rand.New(rand.NewPCG(1, 2))
	for _, op := range w.lists() {
		if all := w.walk(op, "", 100, nil); len(all) > 0 {
			w.populate(all[0])
		}
		lists, rows = lists+1, rows+len(w.walk(op, "", 100, nil))
		sorts := []string{""}
		for _, field := range op.sorts {
			sorts = append(sorts, "&sort_by="+field+"&sort_order=asc", "&sort_by="+field+"&sort_order=desc")
		}
		if testing.Short() {
			sorts = sorts[:min(2, len(sorts))]
		}
		for _, sort := range sorts {
			there := w.walk(op, sort, 100, nil)
			stayed := slices.Clone(there)
			changes := 5 // else a walk may never get past what is put in its way
			seen := w.walk(op, sort, 1+random.IntN(3), func() {
				if changes--; len(stayed) == 0 || changes < 0 {
					return
				}
				w.clone(stayed[random.IntN(len(stayed))])
				gone := stayed[random.IntN(len(stayed))]
				if len(stayed) > 2 && random.IntN(2) == 0 {
					w.hide(gone)
					stayed = slices.DeleteFunc(stayed, func(id string) bool { return id == gone })
				}
			})
			walks++
			if again := firstTwice(seen); again != "" {
				t.Errorf("%s%s: %s is shown twice", op.path, sort, again)
			}
			walked := slices.DeleteFunc(seen, func(id string) bool { return !slices.Contains(stayed, id) })
			if !slices.Equal(walked, stayed) {
				t.Errorf("%s%s: the walk shows %v of what stayed, %v", op.path, sort, walked, stayed)
			}
			w.restore()
		}
	}
	t.Logf("%d lists of %d rows, %d walks", lists, rows, walks)
	if lists < 35 || rows < 150 {
		t.Error("that is too few")
	}
}
