package emulator_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/store"
)

// Every benchmark runs beside a bare net/http server (or a bare client, or a
// hello-world binary) in the same run and reports the ratio, because these
// figures mean nothing on a machine that is busy otherwise:
//
//	go test ./emulator -run '^$' -bench . -benchtime 2s
//
// `x_bare` is our throughput as a share of the bare one; 0.5 = half as many
// requests per second.

const benchConns = 16

// client is a lean HTTP/1.1 client: a stock one would cost more than the
// server and flatter the ratio.
type client struct {
	conn net.Conn
	in   *bufio.Reader
}

func dialBench(tb testing.TB, url string) *client {
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { conn.Close() })
	return &client{conn, bufio.NewReaderSize(conn, 16<<10)}
}

// do sends request bytes and reads one reply; it returns the status.
func (c *client) do(request []byte) (int, error) {
	if _, err := c.conn.Write(request); err != nil {
		return 0, err
	}
	line, err := c.in.ReadString('\n')
	if err != nil || len(line) < 12 {
		return 0, fmt.Errorf("status line %q: %w", line, err)
	}
	status, err := strconv.Atoi(line[9:12])
	if err != nil {
		return 0, err
	}
	length := 0
	for {
		h, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if len(h) <= 2 {
			break
		}
		if len(h) > 16 && strings.EqualFold(string(h[:15]), "content-length:") {
			if length, err = strconv.Atoi(strings.TrimSpace(string(h[15:]))); err != nil {
				return 0, err
			}
		}
	}
	_, err = io.CopyN(io.Discard, c.in, int64(length))
	return status, err
}

// load sends n requests over the connections and returns how long it took.
func load(b *testing.B, url string, n int, want int, request func(i int64) []byte) time.Duration {
	clients := make([]*client, benchConns)
	for i := range clients {
		clients[i] = dialBench(b, url)
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	start := time.Now()
	for _, c := range clients {
		wait.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				status, err := c.do(request(i))
				if err != nil || status != want {
					b.Errorf("status %d, error %v", status, err)
					return
				}
			}
		})
	}
	wait.Wait()
	return time.Since(start)
}

func raw(method, path, body string) []byte {
	s := method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: sandgate benchmarks\r\nAuthorization: Bearer sk_test_sandgate\r\n"
	if body != "" {
		s += "Content-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n"
	}
	return []byte(s + "\r\n" + body)
}

// bare is what everything is measured against: read the body, write the same
// number of bytes that we would.
func bare(b *testing.B, status, size int) string {
	body := []byte(strings.Repeat("x", size))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(status)
		w.Write(body)
	}))
	b.Cleanup(s.Close)
	return s.URL
}

type benchServer struct {
	*emulator.Server
	url string
}

func serveBench(b *testing.B, o emulator.Options) benchServer {
	b.Helper()
	old := debug.SetGCPercent(400) // as the command does; the bare server has it too
	b.Cleanup(func() { debug.SetGCPercent(old) })
	if o.Providers == nil {
		o.Providers = []string{"killb"}
	}
	if o.Data == "" {
		o.Data = b.TempDir()
	}
	o.Seed, o.RateLimit = 1, "off"
	s, err := emulator.New(o)
	if err != nil {
		b.Fatal(err)
	}
	h := httptest.NewServer(s)
	b.Cleanup(func() { h.Close(); s.Close() })
	return benchServer{s, h.URL}
}

// call makes one request in process and returns the reply.
func (s benchServer) call(b *testing.B, method, path, body string) (int, string) {
	b.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "localhost"
	r.Header.Set("User-Agent", "sandgate benchmarks")
	r.Header.Set("Authorization", "Bearer sk_test_sandgate")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

const benchUser = `{"type":"PERSON","externalId":"bench-%d","data":{"firstName":"Ana","lastName":"Lima","dateOfBirth":"1990-01-01",` +
	`"email":"ana%d@example.test","phone":"+576015555555","address":{"street1":"Rua 1","city":"Bogota","state":"DC","zipCode":"110111","countryCode":"CO"},` +
	`"document":{"type":"PASSPORT","number":"GE04292393","issuedCountryCode":"CO"}}}`

func userBody(i int64) string { return fmt.Sprintf(benchUser, i, i) }

const benchInvoice = `{"billing_account_id":"ac000000-0000-4000-8000-000000000002","external_id":"bench-%d",` +
	`"line_items":[{"description":"Setup","quantity":2,"unit_amount_subcents":1500000}]}`

// benchCase is one kind of one provider: how it is made, read and listed.
type benchCase struct {
	provider, collection, list string
	body                       func(i int64) string
	first                      string // path of the first answer after the start
}

var benchCases = []benchCase{
	{"killb", "/api/v2/users", "/api/v2/users?type=PERSON&limit=20", userBody, "/api/v2/banks?countryCode=CO"},
	{"kobana-billing", "/v1/invoices", "/v1/invoices?per_page=20", func(i int64) string { return fmt.Sprintf(benchInvoice, i) }, "/v1/organization"},
}

// eachCase runs a benchmark for every provider.
func eachCase(b *testing.B, run func(b *testing.B, c benchCase)) {
	for _, c := range benchCases {
		b.Run(c.provider, func(b *testing.B) { run(b, c) })
	}
}

// compare runs the same load against the bare server and ours, in turns, so
// that a busy moment hits both.
func compare(b *testing.B, bareURL, ourURL string, bareStatus, ourStatus int, request func(i int64) []byte) {
	const turns = 4
	n := max(b.N/turns, benchConns)
	load(b, bareURL, benchConns*8, bareStatus, func(int64) []byte { return request(-1) })
	var base, ours time.Duration
	b.ResetTimer()
	for turn := range turns {
		b.StopTimer()
		base += load(b, bareURL, n, bareStatus, func(int64) []byte { return request(-1) })
		b.StartTimer()
		ours += load(b, ourURL, n, ourStatus, func(i int64) []byte { return request(int64(turn*n) + i) })
	}
	b.ReportMetric(float64(base)/float64(ours), "x_bare")
	b.ReportMetric(float64(turns*n)/ours.Seconds(), "req/s")
}

func BenchmarkGetByID(b *testing.B) {
	eachCase(b, func(b *testing.B, c benchCase) {
		s := serveBench(b, emulator.Options{Providers: []string{c.provider}})
		id, size := s.some(b, c)
		request := raw("GET", c.collection+"/"+id, "")
		compare(b, bare(b, 200, size), s.url, 200, 200, func(int64) []byte { return request })
	})
}

// some makes one object.
func (s benchServer) some(b *testing.B, c benchCase) (id string, size int) {
	status, body := s.call(b, "POST", c.collection, c.body(0))
	if status != 201 {
		b.Fatal(status, body)
	}
	_, rest, _ := strings.Cut(body, `"id":"`)
	return rest[:36], len(body)
}

func BenchmarkList20(b *testing.B) {
	eachCase(b, func(b *testing.B, c benchCase) {
		s := serveBench(b, emulator.Options{Providers: []string{c.provider}})
		for i := range int64(200) {
			if status, body := s.call(b, "POST", c.collection, c.body(i)); status != 201 {
				b.Fatal(status, body)
			}
		}
		_, body := s.call(b, "GET", c.list, "")
		request := raw("GET", c.list, "")
		compare(b, bare(b, 200, len(body)), s.url, 200, 200, func(int64) []byte { return request })
	})
}

// BenchmarkCreate makes an object with its event, its delivery to one endpoint
// and its timers, committed before the reply. The timer loop is held, so that
// sending is not measured here.
func BenchmarkCreate(b *testing.B) {
	eachCase(b, func(b *testing.B, c benchCase) {
		s := serveBench(b, emulator.Options{Providers: []string{c.provider}, Clock: "manual", Egress: "none"})
		s.subscribe(b, c.provider, "http://127.0.0.1:1/")
		_, size := s.some(b, c)
		box, err := s.Sandbox("")
		if err != nil {
			b.Fatal(err)
		}
		defer box.Pause()()
		start := time.Now().UnixNano()
		compare(b, bare(b, 201, size), s.url, 201, 201, func(i int64) []byte {
			if i < 0 {
				return raw("POST", c.collection, c.body(0))
			}
			return raw("POST", c.collection, c.body(start+i))
		})
	})
}

func (s benchServer) subscribe(b *testing.B, provider, url string) {
	status, body := s.call(b, "POST", "/_sandgate/endpoints", `{"provider":"`+provider+`","url":"`+url+`","secret":"whsec_sandgate_development_only_0000","events":["*"]}`)
	if status != 201 {
		b.Fatal(status, body)
	}
}

// BenchmarkDeliveries drains webhooks to a local sink, against a bare client
// with as many workers that posts as many bytes to the same sink.
func BenchmarkDeliveries(b *testing.B) {
	var got atomic.Int64
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		got.Add(1)
	}))
	defer sink.Close()
	s := serveBench(b, emulator.Options{Clock: "manual", Egress: "local"})
	s.subscribe(b, "killb", sink.URL)
	n := max(min(b.N, 5000), 500)
	box, err := s.Sandbox("")
	if err != nil {
		b.Fatal(err)
	}
	base := bareDeliveries(b, sink.URL, n)
	b.ResetTimer()
	got.Store(0)
	resume := box.Pause()
	for i := range int64(n) {
		if status, body := s.call(b, "POST", "/api/v2/users", userBody(i)); status != 201 {
			b.Fatal(status, body)
		}
	}
	start := time.Now()
	resume()
	if _, err := box.Settle(context.Background()); err != nil {
		b.Fatal(err)
	}
	ours := time.Since(start)
	if got.Load() != int64(n) {
		b.Fatalf("%d of %d arrived", got.Load(), n)
	}
	b.ReportMetric(float64(base)/float64(ours), "x_bare")
	b.ReportMetric(float64(n)/ours.Seconds(), "deliveries/s")
}

func bareDeliveries(b *testing.B, url string, n int) time.Duration {
	c := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	body := strings.Repeat("x", 900)
	var next atomic.Int64
	var wait sync.WaitGroup
	start := time.Now()
	for range 64 {
		wait.Go(func() {
			for next.Add(1) <= int64(n) {
				r, err := c.Post(url, "application/json", strings.NewReader(body))
				if err != nil {
					b.Error(err)
					return
				}
				io.Copy(io.Discard, r.Body)
				r.Body.Close()
			}
		})
	}
	wait.Wait()
	return time.Since(start)
}

// BenchmarkReset resets a sandbox that holds 100,000 resources.
func BenchmarkReset(b *testing.B) {
	s := serveBench(b, emulator.Options{Clock: "manual"})
	box, err := s.Sandbox("")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		b.StopTimer()
		fill(b, s, 100_000)
		b.StartTimer()
		if err := box.Reset(context.Background(), false); err != nil {
			b.Fatal(err)
		}
	}
}

// fill writes resources straight into the default sandbox's file.
func fill(b *testing.B, s benchServer, n int) {
	b.Helper()
	box, err := s.Sandbox("")
	if err != nil {
		b.Fatal(err)
	}
	for done := 0; done < n; done += 10_000 {
		err := box.Raw(func(tx *store.Tx) error {
			for i := range 10_000 {
				r := store.Resource{Kind: "killb/user", ID: fmt.Sprintf("fill-%d", done+i), Owner: "bench", Status: "ACTIVE", Body: []byte(`{"id":"x","status":"ACTIVE"}`)}
				if err := tx.InsertResource(&r); err != nil {
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

// BenchmarkAdvance steps through 10,000 timers: the verification of as many
// users, each with its event.
func BenchmarkAdvance(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		s := serveBench(b, emulator.Options{Clock: "manual", Egress: "none"})
		for i := range int64(10_000) {
			if status, body := s.call(b, "POST", "/api/v2/users", userBody(i)); status != 201 {
				b.Fatal(status, body)
			}
		}
		b.StartTimer()
		out, err := s.Advance(time.Hour)
		if err != nil {
			b.Fatal(err)
		}
		if len(out.Fired) < 10_000 {
			b.Fatalf("%d timers fired", len(out.Fired))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/10_000, "µs/timer")
}

// BenchmarkFirstAnswer starts the real binary and waits for its first reply,
// against a hello-world server built the same way.
func BenchmarkFirstAnswer(b *testing.B) {
	dir := b.TempDir()
	hello := filepath.Join(dir, "hello.go")
	if err := os.WriteFile(hello, []byte(helloWorld), 0o600); err != nil {
		b.Fatal(err)
	}
	build(b, filepath.Join(dir, "hello"), hello)
	build(b, filepath.Join(dir, "sandgate"), "../cmd/sandgate")
	eachCase(b, func(b *testing.B, c benchCase) {
		var base, ours time.Duration
		memory := 0
		for b.Loop() {
			took, _ := firstAnswer(b, "/", filepath.Join(dir, "hello"))
			base += took
			took, memory = firstAnswer(b, c.first, filepath.Join(dir, "sandgate"), "serve", c.provider, "--port", "PORT")
			ours += took
		}
		b.ReportMetric(float64(ours)/float64(base), "x_hello")
		b.ReportMetric(float64(ours.Microseconds())/float64(b.N)/1000, "ms/first-answer")
		b.ReportMetric(float64(memory)/1024, "MB/resident")
	})
}

// BenchmarkStart is the part of a start that is ours: from New to the first
// reply, in process, for profiles.
func BenchmarkStart(b *testing.B) {
	eachCase(b, func(b *testing.B, c benchCase) {
		for b.Loop() {
			s, err := emulator.New(emulator.Options{Providers: []string{c.provider}, Seed: 1})
			if err != nil {
				b.Fatal(err)
			}
			if status, body := (benchServer{Server: s}).call(b, "GET", c.first, ""); status != 200 {
				b.Fatal(status, body)
			}
			s.Close()
		}
	})
}

const helloWorld = `package main

import (
	"net/http"
	"os"
)

func main() {
	http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("hello")) }))
}
`

func build(b *testing.B, out, pkg string) {
	b.Helper()
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out, pkg)
	if text, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, text)
	}
}

// firstAnswer is the time from exec to the first reply, and the resident
// kilobytes then.
func firstAnswer(b *testing.B, path, bin string, args ...string) (time.Duration, int) {
	b.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	port := strconv.Itoa(free.Addr().(*net.TCPAddr).Port)
	free.Close()
	for i, a := range args {
		args[i] = strings.ReplaceAll(a, "PORT", port)
	}
	cmd := exec.Command(bin, args...)
	cmd.Env = append(os.Environ(), "PORT="+port)
	start := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() { cmd.Process.Kill(); cmd.Wait() }()
	for time.Since(start) < 10*time.Second {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err != nil {
			continue
		}
		c := &client{conn, bufio.NewReader(conn)}
		status, err := c.do(raw("GET", path, ""))
		conn.Close()
		if err == nil && status == 200 {
			return time.Since(start), resident(cmd.Process.Pid)
		}
		if err == nil {
			b.Fatalf("%s answered %d", bin, status)
		}
	}
	b.Fatal("no answer within 10 s")
	return 0, 0
}

// resident reads a process's memory where the system tells; 0 elsewhere.
func resident(pid int) (kb int) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ = strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")))
		}
	}
	return kb
}

// BenchmarkYear bills a hundred monthly subscriptions by card for a year: some
// 1,200 renewals, invoices and payments, each with its events.
func BenchmarkYear(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		s := serveBench(b, emulator.Options{Providers: []string{"kobana-billing"}, Clock: "manual", Egress: "none"})
		for i := range 100 {
			s.subscriber(b, i)
		}
		b.StartTimer()
		out, err := s.Advance(365 * 24 * time.Hour)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(out.Fired)), "timers")
	}
}

// subscriber makes an account with a good card and an active subscription.
func (s benchServer) subscriber(b *testing.B, i int) {
	made := func(path, body string) string {
		status, reply := s.call(b, "POST", path, body)
		if status >= 300 {
			b.Fatal(status, reply)
		}
		_, rest, _ := strings.Cut(reply, `"id":"`)
		return rest[:36]
	}
	account := made("/v1/billing_accounts", fmt.Sprintf(`{"customer":{"name":"P %d","document_number":"%s"},"billing_email":"p%d@example.test"}`, i, cpf(200_000_000+i*7919), i))
	made("/v1/payment_methods", `{"billingAccountId":"`+account+`","type":"card","card":{"cardToken":"tok_visa","holderName":"PERSON"}}`)
	id := made("/v1/subscriptions", `{"billing_account_id":"`+account+`","plan_id":"e0000000-0000-4000-8000-000000000001","billing_cycle":"monthly","collection_method":"charge_automatically"}`)
	made("/v1/subscriptions/"+id+"/activate", "")
}
