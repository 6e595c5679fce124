package openapi_test

import (
	"fmt"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sandgate/sandgate/openapi"
)

// processorTime is what this process has used: on a machine that is busy with something else it says more than a clock.
func processorTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// serving is what serving a whole document does with it, bit by bit.
func serving(d *openapi.Document) {
	r := openapi.NewRouter(d.Operations())
	for _, o := range d.Operations() {
		r.Find(o.Method, fill(o.Path, "x"))
		p, err := d.Plan(o)
		if err != nil {
			continue
		}
		for status, reply := range p.Replies {
			if reply.Schema != nil {
				v := reply.Schema.Sample(openapi.NewFaker(uint64(status), someday), nil)
				reply.Schema.Validate(v, "")
				_, _ = openapi.Marshal(v, reply.Schema)
			}
		}
		if p.Body != nil {
			for _, s := range p.Body.Media {
				s.Validate(map[string]any{"a": "x"}, "")
			}
		}
	}
	d.Inspect()
}

func withSchemas(schemas string) string {
	return `{"openapi":"3.0.3","info":{},"paths":{"/a":{"get":{"responses":{"200":{"description":"","content":{"application/json":{"schema":{"$ref":"#/components/schemas/A0"}}}}}},` +
		`"post":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/A0"}}}},"responses":{"200":{"description":""}}}}},"components":{"schemas":{` + schemas + `}}}`
}

// chain makes schemas A0, A1 … of which each holds the next one, twice.
func chain(n int, form string) string {
	var b strings.Builder
	for i := range n {
		next := fmt.Sprintf(`{"$ref":"#/components/schemas/A%d"}`, i+1)
		fmt.Fprintf(&b, `"A%d":%s,`, i, strings.ReplaceAll(form, "NEXT", next))
	}
	fmt.Fprintf(&b, `"A%d":{"type":"string"}`, n)
	return b.String()
}

func repeat(n int, form string) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strings.ReplaceAll(form, "N", fmt.Sprint(i)))
	}
	return b.String()
}

func yamlBomb(form string) string {
	var b strings.Builder
	b.WriteString("openapi: 3.0.3\na0: &a0 {x: 1, y: 2}\n")
	for i := 1; i < 40; i++ {
		fmt.Fprintf(&b, "a%d: &a%d %s\n", i, i, strings.ReplaceAll(form, "PREV", fmt.Sprintf("*a%d", i-1)))
	}
	return b.String()
}

// A document that is made to hurt is refused with a reason, or served like any other; it costs no more than the limits allow.
func TestHostileDocuments(t *testing.T) {
	if testing.Short() {
		t.Skip("the documents are large")
	}
	const open = `{"openapi":"3.0.3","info":{},"paths":{},"x":`
	size := func(n int, s string) string { return strings.Repeat(s, n/len(s)) }
	for _, tc := range []struct {
		name string
		text func() string
		want string // part of the error; "" is that it is served
	}{
		{"JSON: a million lists in one another", func() string { return open + size(1<<20, "[") }, "too deep"},
		{"JSON: just too deep", func() string { return open + strings.Repeat("[", 501) + strings.Repeat("]", 501) + "}" }, "too deep"},
		{"JSON: deep enough", func() string { return open + strings.Repeat("[", 400) + strings.Repeat("]", 400) + "}" }, ""},
		{"JSON: objects", func() string { return open + size(8<<20, `{"a":`) }, "too deep"},
		{"JSON: a deep schema", func() string {
			return withSchemas(`"A0":` + strings.Repeat(`{"items":`, 480) + "{}" + strings.Repeat("}", 480))
		}, ""},
		{"YAML: a million lists in one another", func() string { return "x: " + size(1<<20, "[") }, "too deep"},
		{"YAML: braces", func() string { return "x: " + size(1<<20, "{a: ") }, "too deep"},
		{"YAML: dashes", func() string { return size(1<<20, "- ") }, "too deep"},
		{"YAML: tags", func() string { return "x: " + size(1<<20, "!a ") }, "does not know"},
		{"YAML: anchors", func() string { return "x: " + size(1<<20, "&a ") + "b" }, "no field openapi"},
		{"YAML: question marks", func() string { return size(1<<20, "? ") }, "is in the way"},
		{"YAML: indentation", func() string {
			var b strings.Builder
			for i := range 2000 {
				b.WriteString(strings.Repeat(" ", i) + "a:\n")
			}
			return b.String()
		}, "too deep"},
		{"YAML: a bomb of aliases", func() string { return yamlBomb("[PREV, PREV, PREV, PREV]") }, "too large"},
		{"YAML: a bomb of merge keys", func() string { return yamlBomb("{<<: [PREV, PREV], z: [PREV, PREV, PREV]}") }, "too large"},
		{"YAML: many names that come twice", func() string { return "openapi: 3.0.3\nx:\n" + size(8<<20, "  a: 1\n") }, "more than 100"},
		{"YAML: comments", func() string { return "openapi: 3.0.3\npaths: {}\n" + size(16<<20, "# x\n") }, ""},
		{"YAML: documents", func() string { return size(16<<20, "---\na: 1\n") }, "more than one"},
		{"YAML: a text of many lines", func() string { return "openapi: 3.0.3\npaths: {}\nx: a\n" + size(3<<20, "  a\n\n") }, ""},
		{"YAML: tiny items", func() string { return "openapi: 3.0.3\nx:\n" + size(16<<20, "- a\n") }, "more than 100000 members"},
		{"YAML: tiny lists", func() string {
			return "openapi: 3.0.3\n" + strings.ReplaceAll(strings.ReplaceAll(repeat(100, "xN:@"), ",", ""), "@", "\n"+size(240<<10, "- []\n"))
		}, "more than 3000000 values"},
		{"YAML: as many anchors as fit", func() string {
			return "openapi: 3.0.3\n" + strings.ReplaceAll(repeat(90_000, "kN: &aN 1\n"), ",", "") + "paths: {}\n"
		}, ""},
		{"too large", func() string { return open + `"` + size(openapi.MaxDocument, "a") + `"}` }, "the limit is"},
		{"a giant text", func() string { return open + `"` + size(5<<20, "a") + `"}` }, "too large: a text"},
		{"a giant name", func() string { return open + `{"` + size(1<<20, "a") + `":1}}` }, "too large: a text"},
		{"a giant number", func() string { return open + size(1<<20, "9") + `}` }, "too large: a number"},
		{"tiny members", func() string { return open + `{` + size(30<<20, `"a":1,`) + `"b":1}}` }, "more than 100000 members"},
		{"tiny lists", func() string { return open + `[` + strings.Repeat("["+strings.Repeat("1,", 49_999)+"1],", 99) + `1]}` }, "more than 3000000 values"},
		{"operations", func() string {
			return `{"openapi":"3.0.3","info":{},"paths":{` + repeat(60_000, `"/aN":{"get":{},"put":{}}`) + `}}`
		}, ""},
		{"operations without end", func() string {
			return `{"openapi":"3.0.3","info":{},"paths":{` + repeat(99_000, `"/aN":{"get":{},"put":{},"post":{},"patch":{},"delete":{}}`) + `}}`
		}, ""},
		{"schemas", func() string {
			return withSchemas(repeat(99_000, `"AN":{"type":"object","properties":{"a":{"type":"string"}}}`))
		}, ""},
		{"parameters", func() string {
			return `{"openapi":"3.0.3","info":{},"paths":{"/a":{"get":{"parameters":[` + repeat(5_000, `{"in":"query","name":"pN","schema":{"type":"string"}}`) + `]}}}}`
		}, ""},
		{"segments", func() string {
			return `{"openapi":"3.0.3","info":{},"paths":{"` + strings.Repeat("/{a}", 5000) + `":{"get":{}},"/b":{"get":{}}}}`
		}, ""},
		{"paths that the router tries in turn", func() string {
			var b strings.Builder
			for i := range 1 << 12 {
				path := ""
				for bit := range 12 {
					path += [2]string{"/x", "/{a}"}[i>>bit&1]
				}
				fmt.Fprintf(&b, `"%s/y":{"get":{}},`, path)
			}
			return `{"openapi":"3.0.3","info":{},"paths":{` + b.String() + `"/b":{"get":{}}}}`
		}, ""},
		{"a circle", func() string {
			return withSchemas(`"A0":{"$ref":"#/components/schemas/A1"},"A1":{"$ref":"#/components/schemas/A0"}`)
		}, ""},
		{"a circle of allOf", func() string {
			return withSchemas(`"A0":{"allOf":[{"$ref":"#/components/schemas/A1"}]},"A1":{"allOf":[{"$ref":"#/components/schemas/A0"}],"type":"object"}`)
		}, ""},
		{"a circle that must hold itself", func() string {
			return withSchemas(`"A0":{"type":"object","required":["a","b"],"properties":{"a":{"$ref":"#/components/schemas/A0"},"b":{"$ref":"#/components/schemas/A0"}}}`)
		}, ""},
		{"allOf that doubles", func() string { return withSchemas(chain(60, `{"allOf":[NEXT,NEXT]}`)) }, ""},
		{"oneOf that doubles", func() string { return withSchemas(chain(60, `{"oneOf":[NEXT,NEXT]}`)) }, ""},
		{"anyOf and allOf that double", func() string { return withSchemas(chain(60, `{"anyOf":[{"allOf":[NEXT]},NEXT]}`)) }, ""},
		{"not that doubles", func() string { return withSchemas(chain(60, `{"not":{"allOf":[NEXT,NEXT]}}`)) }, ""},
		{"properties that double", func() string {
			return withSchemas(chain(60, `{"type":"object","required":["a","b"],"properties":{"a":NEXT,"b":NEXT}}`))
		}, ""},
		{"items that double", func() string { return withSchemas(chain(60, `{"type":"array","minItems":9,"items":NEXT}`)) }, ""},
		{"a long chain of references", func() string { return withSchemas(chain(20_000, `NEXT`)) }, ""},
		{"a long chain of allOf", func() string { return withSchemas(chain(5_000, `{"allOf":[NEXT]}`)) }, ""},
		{"a pattern that explodes", func() string {
			return withSchemas(`"A0":{"type":"string","pattern":"^((((a{1,99}){1,99}){1,99}){1,99}){1,99}$"}`)
		}, ""},
		{"a pattern of a million", func() string { return withSchemas(`"A0":{"type":"string","pattern":"` + size(1<<20, "(a|b)*") + `"}`) }, ""},
		{"deep parentheses", func() string { return withSchemas(`"A0":{"type":"string","pattern":"` + size(1<<20, "(") + `"}`) }, ""},
		{"lengths", func() string {
			return withSchemas(`"A0":{"type":"string","minLength":9000000000,"maxLength":99999999999}`)
		}, ""},
		{"items", func() string {
			return withSchemas(`"A0":{"type":"array","minItems":9000000000,"items":{"type":"array","minItems":1000000,"items":{}}}`)
		}, ""},
		{"properties that are asked for", func() string { return withSchemas(`"A0":{"type":"object","minProperties":9000000000}`) }, ""},
		{"numbers out of bounds", func() string {
			return withSchemas(`"A0":{"type":"number","multipleOf":1e-300,"minimum":1e308,"exclusiveMinimum":true,"maximum":1e999999999,"enum":[1e999999999]}`)
		}, ""},
		{"an enum", func() string { return withSchemas(`"A0":{"enum":[` + repeat(99_000, `"valueN"`) + `]}`) }, ""},
		{"properties", func() string {
			return withSchemas(`"A0":{"type":"object","properties":{` + repeat(50_000, `"pN":{"type":"string"}`) + `}}`)
		}, ""},
		{"required", func() string {
			return withSchemas(`"A0":{"type":"object","required":[` + repeat(50_000, `"pN"`) + `]}`)
		}, ""},
		{"oneOf", func() string {
			return withSchemas(`"A0":{"oneOf":[` + repeat(20_000, `{"type":"object","required":["pN"]}`) + `]}`)
		}, ""},
		{"NUL", func() string { return "openapi: 3.0.3\x00" }, "NUL"},
		{"NUL in JSON", func() string { return `{"openapi":"3.0.3` + "\x00" + `"}` }, "invalid character"},
		{"not UTF-8", func() string { return `{"openapi":"3.0.3","x":"` + "\xff" + `"}` }, "UTF-8"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			text := []byte(tc.text())
			runtime.GC()
			var before, between, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start, begun := processorTime(), time.Now()
			d, err := openapi.Load(text)
			loaded := processorTime() - start
			runtime.ReadMemStats(&between)
			if err == nil {
				serving(d)
			}
			took := processorTime() - start
			// The collector works on every processor, and other programs take the clock's time: the shorter of the two is ours.
			if took = min(took, time.Since(begun)); took > 2*time.Second {
				t.Errorf("it took %v", took)
			}
			runtime.ReadMemStats(&after)
			t.Logf("%d bytes, %v to load, %v in all, %d MiB", len(text), loaded, took, (after.TotalAlloc-before.TotalAlloc)>>20)
			// All that was ever asked for is more than was ever held.
			if held := (between.TotalAlloc - before.TotalAlloc) >> 20; held > 256 {
				t.Errorf("loading took %d MiB", held)
			}
			if held := (after.TotalAlloc - before.TotalAlloc) >> 20; held > 512 {
				t.Errorf("serving took %d MiB", held)
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			if held := int64(after.HeapAlloc-before.HeapAlloc) >> 20; held > 128 { // half, as the collector lets a heap double
				t.Errorf("what is served holds %d MiB", held)
			}
			runtime.KeepAlive(d)
			switch {
			case err == nil && tc.want != "":
				t.Errorf("it is served, want an error that says %q", tc.want)
			case err != nil && (tc.want == "" || !strings.Contains(err.Error(), tc.want)):
				t.Errorf("error %.200v, want %q", err, tc.want)
			}
			if err != nil && len(err.Error()) > 2000 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
		})
	}
}
