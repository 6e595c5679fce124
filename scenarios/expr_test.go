package scenarios

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"
)

type fakeLookup struct{ err error }

func (f fakeLookup) Find(kind, field string, value any) (map[string]any, error) {
	if kind == "ramp" && field == "id" && equal(value, "r1") {
		return map[string]any{"id": "r1", "status": "CREATED"}, f.err
	}
	return nil, f.err
}

func (f fakeLookup) List(kind string, where map[string]any) ([]any, error) {
	if kind == "ramp" && where["status"] == "CREATED" || kind == "ramp" && where == nil {
		return []any{map[string]any{"amount": json.Number("1.10")}, map[string]any{"amount": json.Number("2.20")}}, f.err
	}
	return nil, f.err
}

func (f fakeLookup) Count(kind string, where map[string]any) (int, error) {
	rows, err := f.List(kind, where)
	return len(rows), err
}

func (fakeLookup) CardOutcome(number string) (string, error) {
	return map[string]string{"4242424242424242": "accepted", "4000000000000002": "rejected"}[number], nil
}

func (f fakeLookup) Card(presented map[string]any) (map[string]any, error) {
	if presented["number"] == "4242424242424242" {
		return map[string]any{"brand": "visa", "outcome": "approved"}, f.err
	}
	return nil, f.err
}

func (f fakeLookup) Get(kind, ref string) (map[string]any, error) {
	if kind == "ramp" && (ref == "r1" || ref == "alias-1") {
		return map[string]any{"id": "r1", "status": "CREATED"}, f.err
	}
	return nil, f.err
}

var testNow = time.Date(2026, 1, 31, 12, 30, 0, 0, time.UTC)

// testEnv is the world of all expression tests; its stream is the same each time.
func testEnv() *Env {
	body := `{
		"amount": 10.10, "whole": 3, "zero": 0, "big": 123456789012345678901234567890.5, "text": "hello", "number": "12.50", "empty": "",
		"yes": true, "no": false, "null": null, "list": [1, 2.5, 3], "names": ["b", "a", "b"], "nested": [[1], [2, [3]]],
		"rows": [{"id": "x", "n": 3, "k": "one"}, {"id": "y", "n": 1.5, "k": "two"}, {"id": "z", "k": "one"}],
		"object": {"a": 1, "b": null, "c": {"d": "deep"}}, "at": "2026-01-31T12:29:30.000Z", "birth": "1992-02-01", "with-dash": 1
	}`
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		panic(err)
	}
	return &Env{
		Now:    testNow,
		Lookup: fakeLookup{},
		Random: rand.NewChaCha8([32]byte{1}),
		Vars: map[string]any{
			"request":  map[string]any{"body": v, "header": map[string]string{"x-key": "k"}, "path": map[string]any{"id": "r1"}},
			"resource": map[string]any{"status": "CREATED", "hidden": map[string]any{"usd": Decimal{small: 7}}},
			"config":   map[string]any{"on": true},
			"ints":     []any{1, int64(2), Decimal{small: 3}},
			"strings":  []string{"p", "q"},
			"span":     90 * time.Second,
			"later":    testNow.Add(time.Hour),
		},
	}
}

var testScope = Scope{File: "test.yaml", Names: []string{"b", "ints", "strings", "span", "later"}}

// show renders a result so that kinds can be told apart.
func show(v any) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case string:
		return "'" + v + "'"
	case time.Time:
		return "time " + formatTime(v)
	case time.Duration:
		return "span " + v.String()
	case Decimal:
		return v.String()
	}
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// eval runs an expression in which B stands for request.body.
func eval(src string) (any, error) {
	p, err := Compile(strings.ReplaceAll(src, "B.", "request.body."), 3, testScope)
	if err != nil {
		return nil, err
	}
	return p.Run(testEnv())
}

// checkTable runs expression -> rendered result; a want of "!word" is an error
// that has the word in it.
func checkTable(t *testing.T, table map[string]string) {
	t.Helper()
	for src, want := range table {
		v, err := eval(src)
		if word, fails := strings.CutPrefix(want, "!"); fails {
			if err == nil || !strings.Contains(err.Error(), word) {
				t.Errorf("%s = %s, %v; want an error with %q", src, show(v), err, word)
			}
			continue
		}
		if err != nil || show(v) != want {
			t.Errorf("%s = %s, %v; want %s", src, show(v), err, want)
		}
	}
}

func TestLiteralsAreExact(t *testing.T) {
	checkTable(t, map[string]string{
		"0.1 + 0.2": "0.3", "1.10": "1.1", "1_000.50": "1000.5", "1e3": "1000", ".5": "0.5", "0x1F": "31", "007": "7",
		"12345678901234567890.123456789": "12345678901234567890.123456789",
		"0.1 * 3 == 0.3":                 "true",
		"'é' + '世'":                      "'é世'", "'é' == 'é' ? 0.10 : 0": "0.1",
		"B.big": "123456789012345678901234567890.5", "B.big - B.big + 1": "1",
		"1e2000": "!float", "99999999999999999999": "!integer", "b'x'": "!not part",
	})
}

func TestMembers(t *testing.T) {
	checkTable(t, map[string]string{
		"B.object.c.d": "'deep'", "B.nope.deep.er": "nil", "B.text.nope": "nil", "B.list.x": "nil", "request?.body?.object?.c": `{"d":"deep"}`,
		"B.list[0]": "1", "B.list[-1]": "3", "B.list[9]": "nil", "B.list[0.5]": "nil", "B.nope[0]": "nil", "B.text[0]": "nil",
		"B.object['a']": "1", "B.object[B.nope]": "nil", "request.body['with-dash']": "1", "request.header['x-key']": "'k'", "request.header.nope": "nil",
		"(B.nope ?? B.object).a": "1", "B.rows[1].id": "'y'", "first(B.rows).k": "'one'", "$env": "!unknown", "resource.hidden.usd": "7",
		"B.list[1:]": "[2.5,3]", "B.list[:1]": "[1]", "B.list[5:]": "[]", "B.list[2:1]": "[]", "B.text[1:3]": "'el'", "B.text[-2:]": "'lo'", "B.nope[1:2]": "nil", "B.whole[1:]": "![:]",
		"now": "time 2026-01-31T12:30:00.000Z", "strings[1]": "'q'", "B.yes.x": "nil",
		"now.Year()": "!methods", "B.text.upper()": "!methods", "nope": "!unknown name", "nope.x": "!unknown name",
	})
}

func TestArithmetic(t *testing.T) {
	checkTable(t, map[string]string{
		"B.amount * 3": "30.3", "B.amount / 3": "101/30", "B.amount - 0.1": "10", "7 % 2": "1", "-7.5 % 2": "-1.5", "2 ** 10": "1024", "2 ^ -2": "0.25",
		"-B.amount": "-10.1", "+B.whole": "3", "- -1": "1", "2 + 3 * 4": "14", "(2 + 3) * 4": "20", "ints[0] + ints[1] + ints[2]": "6",
		"'a' + 'b'": "'ab'", "B.text + 1": "!string(", "B.amount + B.nope": "!missing", "B.nope * 2": "!missing", "B.yes + 1": "!cannot do", "-B.text": "!negate", "+B.text": "!+ takes",
		"1 / 0": "!division by zero", "B.amount / B.zero": "!division by zero", "1 % 0": "!division by zero", "0 ** -1": "!division by zero", "2 ** 0.5": "!exponent", "2 ** 100000": "!exponent", "10 ** 1000 ** 1": "1" + strings.Repeat("0", 1000),
		"(10 ** 1000) ** 900":    "!too large",
		"now + duration('30s')":  "time 2026-01-31T12:30:30.000Z",
		"duration('1d') + now":   "time 2026-02-01T12:30:00.000Z",
		"now - duration('30m')":  "time 2026-01-31T12:00:00.000Z",
		"later - now":            "span 1h0m0s",
		"span + span":            "span 3m0s",
		"span - duration('30s')": "span 1m0s", "span * 2": "span 3m0s", "0.5 * span": "span 45s", "span / 3": "span 30s", "span / span": "1", "-span": "span -1m30s", "span / 0": "!division by zero",
		"now + 5": "!cannot do", "now * 2": "!cannot do", "span * 1e30": "!too long",
	})
}

func TestComparison(t *testing.T) {
	checkTable(t, map[string]string{
		"B.amount > 10": "true", "B.amount >= 10.1": "true", "B.whole < 3": "false", "B.whole <= 3.0": "true", "1 < B.whole < 5": "true", "5 > B.whole > 3": "false",
		"B.text < 'z'": "true", "'b' < 'a'": "false", "B.nope < 1": "false", "B.nope > 1": "false", "B.nope >= B.nope": "false", "1 > B.null": "false",
		"now < later": "true", "now > B.at": "true", "B.at < now": "true", "later <= now": "false", "span > duration('1m')": "true", "B.text < 1": "!cannot compare", "now > B.whole": "!instant(", "B.yes < B.no": "!cannot compare",
		"B.whole == 3": "true", "B.whole == 3.0": "true", "B.whole == '3'": "false", "B.whole != 4": "true", "B.nope == nil": "true", "B.null == nil": "true", "B.text != nil": "true", "B.text == 'hello'": "true",
		"B.list == [1, 2.5, 3]": "true", "B.list == [1]": "false", "B.object == {a: 1, b: nil, c: {d: 'deep'}}": "true", "B.object == {a: 1}": "false", "now == instant('2026-01-31T12:30:00Z')": "true", "B.at == now - duration('30s')": "true", "B.yes == true": "true", "span == duration('90s')": "true",
		"B.whole in [1, 2, 3]": "true", "B.text in ['a', 'hello']": "true", "B.text not in ['a']": "true", "B.nope in ['a']": "false", "B.text in B.nope": "false", "'a' in B.object": "true", "'z' in B.object": "false", "'q' in strings": "true", "1 in B.whole": "!in takes",
		"B.text startsWith 'he'": "true", "B.text endsWith 'lo'": "true", "B.text contains 'ell'": "true", "B.nope contains 'x'": "false", "B.text contains B.nope": "false", "B.nope startsWith 'x'": "false", "B.nope endsWith 'x'": "false", "not (B.text contains 'z')": "true", "B.text not contains 'z'": "true", "B.names contains 'a'": "true", "B.whole contains '3'": "!takes text",
		"B.text matches '^h.*o$'": "true", "B.nope matches 'x'": "false", "B.text not matches 'x'": "true", "B.text matches B.nope": "false", "B.text matches '('": "!not a pattern", "B.text matches 'h' + B.text": "false", "B.whole matches '3'": "!takes text",
	})
}

func TestLogic(t *testing.T) {
	checkTable(t, map[string]string{
		"B.yes and B.yes": "true", "B.yes and B.nope": "false", "B.nope and B.yes": "false", "B.nope or B.yes": "true", "B.nope or B.nope": "false", "not B.nope": "true", "!B.yes": "false", "B.yes && !B.no || B.nope": "true",
		"B.no and 1 / B.zero > 1": "false", "B.yes or 1 / B.zero > 1": "true", "B.text and true": "!true or false", "not B.text": "!true or false",
		"B.yes ? 'a' : 'b'": "'a'", "B.nope ? 'a' : 'b'": "'b'", "B.text ? 1 : 2": "!true or false", "if B.yes { 1 } else { 2 }": "1", "B.no ? 1 / B.zero : 2": "2",
		"B.nope ?? 'x'": "'x'", "B.text ?? 'x'": "'hello'", "B.no ?? true": "false", "B.nope ?? B.null ?? 3": "3", "B.nope ?: 'x'": "'x'", "B.empty ?: 'x'": "'x'", "B.text ?: 'x'": "'hello'", "B.no ?: 'x'": "'x'",
		"not B.text == 'x'": "!binds tighter", "!B.text in ['x']": "!binds tighter", "not (B.text == 'x')": "true", "not B.nope and true": "true",
		"let x = B.whole; x * x": "9", "let x = 1; let y = x + 1; x + y": "3", "x + 1": "!unknown name", "let len = 1; len": "!redeclare", "1; 2": "!not part",
		"nil": "nil", "true": "true", "[]": "[]", "{}": "{}", "[B.nope, 1]": "[null,1]", "{a: B.nope, 'b c': 2}": `{"a":null,"b c":2}`, "1..3": "[1,2,3]", "3..1": "[]", "1..100000": "!at most", "B.text..3": "!whole numbers",
	})
}

func TestLoops(t *testing.T) {
	checkTable(t, map[string]string{
		"map(B.list, # * 2)": "[2,5,6]", "map(B.rows, .id)": `["x","y","z"]`, "map(B.rows, {id: .id})": "!in parentheses", "map(B.rows, ({id: .id, i: #index}))": `[{"i":0,"id":"x"},{"i":1,"id":"y"},{"i":2,"id":"z"}]`, "map(B.nope, .id)": "[]", "map(strings, upper(#))": `["P","Q"]`,
		"filter(B.rows, .n > 2)": `[{"id":"x","k":"one","n":3}]`, "filter(B.rows, .gone)": "[]", "filter(B.rows, .k == 'one' and .n == nil)[0].id": "'z'", "filter(B.text, true)": "!list is needed", "filter(B.list, #)": "!true or false",
		"any(B.rows, .n == 1.5)": "true", "all(B.rows, .n > 0)": "false", "none(B.rows, .id == 'q')": "true", "one(B.rows, .id == 'x')": "true", "any(B.nope, # > 1)": "false", "all(B.nope, # > 1)": "true",
		"findIndex(B.rows, .id == 'y')": "1", "findIndex(B.rows, .id == 'q')": "nil", "findLast(B.rows, .k == 'one').id": "'z'", "findLastIndex(B.rows, .k == 'one')": "2",
		"sum(B.list)": "6.5", "sum(B.rows, .n)": "4.5", "sum(B.nope)": "0", "sum(B.names)": "!takes a number", "sum(filter(B.rows, .k == 'one'), .n * 2 ?? 0)": "!missing", "sum(filter(B.rows, .n != nil), .n * 2)": "9",
		"sortBy(B.rows, .n) | map(.id)": `["z","y","x"]`, "sortBy(B.rows, .n, 'desc') | map(.id)": `["x","y","z"]`, "sortBy(B.rows, .n, 'up')": "!asc", "sortBy(B.names, #)": `["a","b","b"]`, "sortBy([1, 'a'], #)": "!cannot compare",
		"groupBy(B.rows, .k) | keys()": `["one","two"]`, "len(groupBy(B.rows, .k).one)": "2", "reduce(B.list, #acc + #, 0)": "6.5", "reduce(B.list, #acc * #)": "7.5", "reduce(B.nope, #acc + #, 1)": "1", "reduce(B.nope, #acc + #)": "!empty array",
		"map(B.nested, len(#))": "[1,2]", "map(B.nested, map(#, 1))": "[[1],[1,1]]", "filter(B.rows, any(B.names, # == 'a')) | len()": "3", "B.rows | filter(.n > 0) | map(.n) | sum()": "4.5", "sortBy(sortBy(B.rows, .id), .k) | map(.id)": `["x","z","y"]`,
		"#": "!unexpected", "#acc": "!unexpected", "map(B.list, #nope)": "!unknown #nope", "filter(B.rows, .n > B.whole - 1) | len()": "1", "let k = 'one'; filter(B.rows, .k == k) | len()": "2", "map(B.rows, let n = .n ?? 0; n + 1)": "[4,2.5,1]",
		"count(B.rows, .n > 1)": "!unexpected", "::count(B.rows, .n > 1)": "2", "find(B.rows, .n > 1)": "!unexpected",
	})
}

func TestDisabled(t *testing.T) {
	checkTable(t, map[string]string{
		"now()": "!name, not a function", "::now()": "!name, not a function", "date('2026-01-01')": "!unknown function", "timezone('UTC')": "!unknown function", "float(1)": "!unknown function", "uper('x')": `!did you mean "upper"`, "upper": "!is a function", "upper('a', 'b')": "!takes 1 arguments, not 2", "round(1)": "!takes 2 to 3", "max()": "!takes 1 or more",
		"": "!missing", "  ": "!missing", "1 +": "!unexpected", "(((": "!unexpected", "request.boddy +": "!unexpected", "a b": "!unexpected", "'open": "!not terminated",
	})
	if _, err := eval(strings.Repeat("(", 5000)); err == nil {
		t.Error("an endless expression compiled")
	}
}

func TestErrorsSayWhere(t *testing.T) {
	_, err := Compile("request.body.a > nw and\nrecource.x == uper('x')", 10, Scope{File: "killb.yaml", Names: []string{"quotation"}})
	want := "killb.yaml:10: in `request.body.a > nw and recource.x == uper('x')`: unknown name \"nw\"; did you mean \"now\"?\n" +
		"killb.yaml:11: in `request.body.a > nw and recource.x == uper('x')`: unknown name \"recource\"; did you mean \"resource\"?\n" +
		"killb.yaml:11: in `request.body.a > nw and recource.x == uper('x')`: unknown function \"uper\"; did you mean \"upper\"?"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	var one *Error
	if !errors.As(err, &one) || one.Line != 10 {
		t.Errorf("no *Error inside: %v", err)
	}
	p, err := Compile("request.body.number + 1", 4, Scope{File: "x.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = p.Run(testEnv()); err == nil || !strings.HasPrefix(err.Error(), "x.yaml:4: in `request.body.number + 1`: ") || strings.Contains(err.Error(), "12.50") {
		t.Errorf("run: %v", err)
	}
}

func TestTrue(t *testing.T) {
	for src, want := range map[string]string{"true": "true", "false": "false", "request.nope": "false", "nil": "false", "request.body.yes": "true", "1 > 0": "true", "request.body.text": "a condition is true or false, not text"} {
		p, err := Compile(src, 1, testScope)
		if err != nil {
			t.Fatal(err)
		}
		b, err := p.True(testEnv())
		if err != nil && !strings.Contains(err.Error(), want) || err == nil && fmt.Sprint(b) != want {
			t.Errorf("%s: %v, %v", src, b, err)
		}
	}
}

func TestFastPaths(t *testing.T) {
	for src, want := range map[string]string{"'x'": "constant", "1 + 2 * 3": "constant", "upper('x') + 'y'": "constant", "nil": "constant", "duration('1h') * 2": "constant", "now": "path", "request.body.a.b": "path", "request?.body": "path", "request.body[0]": "code", "1 + now": "code", "uuid()": "code"} {
		p, err := Compile(src, 1, testScope)
		if err != nil {
			t.Fatal(err)
		}
		got := "code"
		if p.constant {
			got = "constant"
		} else if p.path != nil {
			got = "path"
		}
		if got != want {
			t.Errorf("%s is %s, want %s", src, got, want)
		}
		if src != "1 + now" {
			if _, err := p.Run(testEnv()); err != nil {
				t.Error(err)
			}
		}
		_, _ = p.Run(nil) // no Env is an empty one
	}
}

func TestLookupErrorsCanBeUnwrapped(t *testing.T) {
	gone := errors.New("gone")
	env := testEnv()
	env.Lookup = fakeLookup{gone}
	for _, src := range []string{"find('ramp', 'id', 'r1')", "list('ramp')", "count('ramp') + 1"} {
		p, err := Compile(src, 1, testScope)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Run(env); !errors.Is(err, gone) {
			t.Errorf("%s: %v", src, err)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	p, err := Compile("sum(request.body.rows, .n) + sum(map(request.body.list, # * request.body.amount))", 1, testScope)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			env := testEnv()
			for range 50 {
				if v, err := p.Run(env); err != nil || show(v) != "70.15" {
					t.Errorf("%v, %v", v, err)
				}
				if _, err := Compile("len(request.body.rows) + ints[0]", 1, testScope); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}
