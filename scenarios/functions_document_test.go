package scenarios

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The cross-reference table leads to the objects, and every stream has its length.
func TestPDFIsWellFormed(t *testing.T) {
	var many []any
	for i := range 120 {
		many = append(many, fmt.Sprintf("line %d", i))
	}
	many = append(many, strings.Repeat("palavra ção ", 20), "a\nb", "", nil)
	for name, c := range map[string]struct {
		lines []any
		pages int
	}{"none": {nil, 1}, "one": {[]any{"a (b) \\ é"}, 1}, "many": {many, 3}} {
		v, err := pdf("Título (1)", c.lines)
		if err != nil {
			t.Fatal(err)
		}
		out := v.(string)
		for i := range len(out) {
			if out[i] > 0x7e {
				t.Fatalf("%s: byte %d is not ASCII", name, i)
			}
		}
		start := strings.LastIndex(out, "startxref\n")
		at, _ := strconv.Atoi(strings.Fields(out[start:])[1])
		table := strings.Split(out[at:start], "\n")
		var count int
		if _, err := fmt.Sscanf(table[1], "0 %d", &count); table[0] != "xref" || err != nil || count != 6+2*c.pages {
			t.Fatalf("%s: %q", name, table[:2])
		}
		for i := 1; i < count; i++ {
			line := table[2+i]
			offset, err := strconv.Atoi(line[:10])
			if err != nil || len(line) != 19 || !strings.HasPrefix(out[offset:], fmt.Sprintf("%d 0 obj\n", i)) {
				t.Errorf("%s: entry %d is %q", name, i, line)
			}
		}
		for _, m := range regexp.MustCompile(`(?s)/Length (\d+) >>\nstream\n(.*?)\nendstream`).FindAllStringSubmatch(out, -1) {
			if n, _ := strconv.Atoi(m[1]); n != len(m[2]) {
				t.Errorf("%s: a stream of %d says %s", name, len(m[2]), m[1])
			}
		}
		if !strings.Contains(out, fmt.Sprintf("/Count %d ", c.pages)) || !strings.Contains(out, `(T\355tulo \(1\)) Tj`) {
			t.Errorf("%s: %.600s", name, out)
		}
	}
}

func TestEaster(t *testing.T) {
	for _, want := range []string{"1961-04-02", "2000-04-23", "2008-03-23", "2019-04-21", "2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28", "2038-04-25", "2285-03-22"} {
		year, _ := strconv.Atoi(want[:4])
		month, day := easter(year)
		if got := fmt.Sprintf("%d-%02d-%02d", year, month, day); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for year := 1900; year < 2300; year++ {
		month, day := easter(year)
		if d := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC); d.Weekday() != time.Sunday || d.YearDay() < 81 || d.YearDay() > 116 {
			t.Errorf("%v", d)
		}
	}
}

// What billing writes: loops, locals and ranges with exact numbers.
func TestLoopsAreExact(t *testing.T) {
	checkTable(t, map[string]string{
		"1..3":                                 "[1,2,3]",
		"map(1..3, # * 0.1)":                   "[0.1,0.2,0.3]",
		"map(0..len(B.rows) - 1, B.rows[#].n)": "[3,1.5,null]",
		"3..1":                                 "[]",
		"sum(B.rows, .n)":                      "4.5",
		"sum(B.rows, # == nil ? 0 : (.n ?? 0) * 100)":                                  "450",
		"sum(map(1..10, 0.1))":                                                         "1",
		"sum(shares(1000, 3), #)":                                                      "1000",
		"reduce(B.list, #acc + #, 0)":                                                  "6.5",
		"reduce(B.list, #acc + #)":                                                     "6.5",
		"reduce(B.rows, merge(#acc, {(.id): .n ?? 0}), {})":                            `{"x":3,"y":1.5,"z":0}`,
		"reduce(B.rows, concat(#acc, [.id]), [])":                                      `["x","y","z"]`,
		"let a = B.whole; let b = a * 2; a + b":                                        "9",
		"map(B.list, let d = # * 2; d + 1)":                                            "[3,6,7]",
		"sum(B.rows, let n = .n ?? 0; n * n)":                                          "11.25",
		"let rows = filter(B.rows, .n > 1); {n: len(rows), total: sum(rows, .n)}":      `{"n":2,"total":4.5}`,
		"map(filter(1..6, # % 2 == 0), #index)":                                        "[0,1,2]",
		"concat(B.names, map(1..2, string(#)))":                                        `["b","a","b","1","2"]`,
		"let c = 10001; let s = shares(c, 3); map(0..2, s[#] * 2)":                     "[6668,6668,6666]",
		"map(1..3, ({n: #, due: dayOf(addMonths('2026-01-31', #, 31))})) | last()":     `{"due":"2026-04-30","n":3}`,
		"round(sum(B.rows, .n ?? 0) / 7, 2)":                                           "0.64",
		"max(map(B.rows, .n ?? 0))":                                                    "3",
		"groupBy(B.rows, .k) | keys()":                                                 `["one","two"]`,
		"toPairs(groupBy(B.rows, .k)) | map([#[0], sum(#[1], .n ?? 0)]) | fromPairs()": `{"one":3,"two":1.5}`,
	})
}

// A text of a megabyte is laid out in a moment: the work grows as the text does.
func TestLongLineOfPDF(t *testing.T) {
	if n := len(wrapped(strings.Repeat("a b", 350_000))); n < 10_000 || n > 14_000 {
		t.Errorf("%d lines", n)
	}
	if got := wrapped(strings.Repeat("x", pdfColumns) + "   y"); len(got) != 2 || got[1] != "y" {
		t.Errorf("the blanks at a break: %q", got)
	}
}
