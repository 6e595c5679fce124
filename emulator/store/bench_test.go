//go:build unix

package store

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
)

// cpu adds the processor time per operation, which a busy machine does not blur.
func cpu(b *testing.B) func() {
	used := func() int64 {
		var r syscall.Rusage
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
		return r.Utime.Nano() + r.Stime.Nano()
	}
	before := used()
	return func() { b.ReportMetric(float64(used()-before)/float64(b.N)/1000, "cpu-µs/op") }
}

// ident looks like the UUID that a provider would give: no order in it.
func ident(n int64) string {
	x := uint64(n) * 0x9E3779B97F4A7C15
	return fmt.Sprintf("%08x-%04x-4%03x-8000-%012x", uint32(x>>32), uint16(x>>16), x&0xfff, n)
}

var benchBody = []byte(`{"id":"00000000-0000-4000-8000-000000000000","externalId":"order-1","status":"CREATED","fromAmount":100.25,"toAmount":50,` +
	`"data":{"email":"ana@example.com","name":"Ana Souza"},"active":true,"createdAt":"2026-01-01T00:00:00.000Z","updatedAt":"2026-01-01T00:00:00.000Z",` +
	`"documents":[{"type":"CPF","number":"12345678909"}],"description":"a payment of a believable length, with some words in it"}`)

func benchDB(b *testing.B) *DB {
	b.Helper()
	db, err := Create(filepath.Join(b.TempDir(), "bench.db"), Options{}, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Discard() })
	return db
}

// order is what one POST leaves behind: six rows.
func order(tx *Tx, n int64) error {
	r := Resource{Kind: "ramp", ID: ident(n), Owner: "member-1", Status: "CREATED", Body: benchBody, Created: instant, Updated: instant}
	if err := tx.InsertResource(&r); err != nil {
		return err
	}
	if err := tx.InsertTransition(&Transition{Kind: "ramp", ID: r.ID, Move: "create", To: "CREATED", Why: "operation", At: instant}); err != nil {
		return err
	}
	e := Event{ID: ident(n + 1<<40), Provider: "p", Owner: "member-1", Family: "RAMP", Action: "CREATE", Kind: "ramp", Resource: r.ID, Data: benchBody, Created: instant}
	if err := tx.InsertEvent(&e); err != nil {
		return err
	}
	d := Delivery{ID: fmt.Sprintf("dlv_%012d", tx.NextSeq()), Event: e.ID, Endpoint: "endpoint-1", Status: "pending", Due: instant, First: instant, URL: "http://127.0.0.1:9000/hook", Created: instant, Updated: instant}
	if err := tx.InsertDelivery(&d); err != nil {
		return err
	}
	if _, err := tx.AddTimer(Timer{Due: instant, Kind: "delivery", A: d.ID}); err != nil {
		return err
	}
	_, err := tx.AddTimer(Timer{Due: instant + 2000, Kind: "move", A: r.ID, B: "cash-in"})
	return err
}

func fillOrders(b *testing.B, db *DB, n int64) {
	b.Helper()
	for from := int64(0); from < n; from += 1000 {
		err := db.Write(context.Background(), func(tx *Tx) error {
			for i := from; i < min(from+1000, n); i++ {
				if err := order(tx, i); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	db := benchDB(b)
	fillOrders(b, db, 10_000)
	b.ReportAllocs()
	defer cpu(b)()
	var n int64
	for b.Loop() {
		n = (n + 7919) % 10_000
		err := db.View(func(c *Conn) error {
			_, ok, err := c.Resource("ramp", ident(n))
			if !ok {
				b.Error("missing")
			}
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGetParallel(b *testing.B) {
	db := benchDB(b)
	fillOrders(b, db, 10_000)
	var n atomic.Int64
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			id := ident(n.Add(7919) % 10_000)
			if err := db.View(func(c *Conn) error { _, _, err := c.Resource("ramp", id); return err }); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	for _, clients := range []int{1, 16, 64} {
		b.Run(fmt.Sprint(clients, "clients"), func(b *testing.B) {
			db := benchDB(b)
			var n atomic.Int64
			b.SetParallelism((clients + 1) / 2) // times GOMAXPROCS, 2 on the machine of record
			b.ReportAllocs()
			b.ResetTimer()
			defer cpu(b)()
			work := func() {
				i := n.Add(1)
				if err := db.Write(context.Background(), func(tx *Tx) error { return order(tx, i) }); err != nil {
					b.Error(err)
				}
			}
			if clients == 1 {
				for b.Loop() {
					work()
				}
				return
			}
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					work()
				}
			})
		})
	}
}

func BenchmarkList(b *testing.B) {
	db := benchDB(b)
	fillOrders(b, db, 10_000)
	for _, q := range []struct {
		name string
		Query
	}{
		{"all", Query{Kind: "ramp", Limit: 20}},
		{"owner", Query{Kind: "ramp", Owner: "member-1", Limit: 20}},
		{"status", Query{Kind: "ramp", Limit: 20, Where: []Cond{{"status", "=", "CREATED"}}}},
	} {
		b.Run(q.name, func(b *testing.B) {
			b.ReportAllocs()
			defer cpu(b)()
			for b.Loop() {
				err := db.View(func(c *Conn) error {
					rows, err := c.Resources(q.Query)
					if err != nil || len(rows) != 20 {
						b.Fatal(len(rows), err)
					}
					_, err = c.CountResources(q.Query)
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCreate(b *testing.B) {
	dir := b.TempDir()
	var n int
	for b.Loop() {
		n++
		db, err := Create(filepath.Join(dir, fmt.Sprint(n, ".db")), Options{Sync: Off}, nil)
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		db.Discard()
		b.StartTimer()
	}
}

func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "x.db")
	db, err := Create(path, Options{}, nil)
	if err != nil {
		b.Fatal(err)
	}
	db.Close()
	for b.Loop() {
		db, err := Open(path, Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		db.Close()
		b.StartTimer()
	}
}

// BenchmarkDiscard is a reset's share: the file holds 100,000 rows.
func BenchmarkDiscard(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		db := benchDB(b)
		fillOrders(b, db, 100_000/6)
		b.StartTimer()
		if err := db.Discard(); err != nil {
			b.Fatal(err)
		}
	}
}
