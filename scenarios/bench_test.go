package scenarios

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func benchRun(b *testing.B, src string) {
	p, err := Compile(src, 1, testScope)
	if err != nil {
		b.Fatal(err)
	}
	env := testEnv()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Run(env); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMemberChain(b *testing.B) { benchRun(b, "request.body.object.c.d") }

func BenchmarkComparison(b *testing.B) { benchRun(b, "request.body.amount > 10") }

func BenchmarkCondition(b *testing.B) {
	benchRun(b, "resource.status in ['CREATED', 'PENDING'] and not request.body.nope")
}

func BenchmarkMoney(b *testing.B) { benchRun(b, "round(request.body.amount * 0.0125, 2)") }

func BenchmarkLoop(b *testing.B) { benchRun(b, "sum(request.body.rows, .n)") }

func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Compile("request.body.amount > 10 and resource.status == 'CREATED'", 1, testScope); err != nil {
			b.Fatal(err)
		}
	}
}

// A reply's worth: seven member chains, a constant, two that are worked out.
func BenchmarkTemplate10(b *testing.B) {
	t := Template{Map: true}
	for i := range 7 {
		t.Fields = append(t.Fields, Field{fmt.Sprint("chain", i), Template{Expr: "request.body.text"}})
	}
	t.Fields = append(t.Fields, Field{"constant", Template{Expr: "'x'"}}, Field{"when", Template{Expr: "ms(now)"}}, Field{"money", Template{Expr: "request.body.amount * 2"}})
	v, err := CompileTemplate(t, testScope)
	if err != nil {
		b.Fatal(err)
	}
	env := testEnv()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Eval(env); err != nil {
			b.Fatal(err)
		}
	}
}

// hundredKB is a scenario of the size that a large provider has.
func hundredKB() string {
	var b strings.Builder
	b.WriteString("provider: large\ncontract: large\nerrors: {E.1: {status: 400, message: no}}\nresources:\n  thing:\n    schema: Thing\n    status: {field: status, start: A}\noperations:\n")
	for i := 0; b.Len() < 60000; i++ {
		fmt.Fprintf(&b, "  POST /things/%d:\n    create: thing\n    load: {other: {kind: thing, id: request.body.other, else: E.1}}\n    let: {x: other.amount * 2}\n    require:\n      - {when: x > 10, else: E.1, field: /body/amount}\n", i)
		b.WriteString("    set: {amount: x, currency: request.body.currency, name: \"'constant'\", empty: null, size: 10, hidden: {who: caller.id, tags: [1, x]}}\n")
	}
	return b.String()
}

func BenchmarkDecodeResolved(b *testing.B) {
	s, err := Load("large.yaml", []byte(hundredKB()))
	if err != nil {
		b.Fatal(err)
	}
	data, err := Resolve(s)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decodeResolved(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeEmbedded(b *testing.B) {
	data, err := os.ReadFile("killb.json")
	if err != nil {
		b.Skip("no such provider")
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := decodeResolved(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOutlineEmbedded(b *testing.B) {
	data, err := os.ReadFile("killb.json")
	if err != nil {
		b.Skip("no such provider")
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := decodeOutline(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoadYAML(b *testing.B) {
	data := []byte(hundredKB())
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := Load("large.yaml", data); err != nil {
			b.Fatal(err)
		}
	}
}
