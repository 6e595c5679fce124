package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// startRounds is how many pairs of starts are measured at least.
const startRounds = 15

// BenchmarkStart measures from exec to the first answer, as a ratio to a
// hello-world server's in the same run (medians):
//
//	go test ./cmd/sandgate -run '^$' -bench Start
//
// The document is Stripe's, 594 operations in 4 MB of JSON.
func BenchmarkStart(b *testing.B) {
	hello, bin := build(b, "./testdata/hello/main.go"), build(b, ".")
	stripe, folder := specFile(b, "stripe.json"), b.TempDir()
	asYAML := filepath.Join(folder, "paystack.yaml")
	copyFile(b, specFile(b, "paystack.yaml"), asYAML)
	customers, transactions := "/v1/customers?limit=1", "/transaction?perPage=1"
	warm := filepath.Join(b.TempDir(), "warm")
	for _, c := range []struct {
		name, path string
		args       []string
	}{
		{"builtin", "/killb/api/v2/banks?countryCode=CO", []string{"serve"}},
		{"builtin-one", "/api/v2/banks?countryCode=CO", []string{"serve", "killb"}},
		{"cold", customers, []string{"serve", "--cache", "off", "--spec", stripe}},
		{"warm", customers, []string{"serve", "--cache", warm, "--spec", stripe}},
		{"cold-yaml", transactions, []string{"serve", "--cache", "off", "--spec", asYAML}},
		{"warm-yaml", transactions, []string{"serve", "--cache", warm, "--spec", asYAML}},
	} {
		b.Run(c.name, func(b *testing.B) {
			firstAnswer(b, c.path, bin, c.args...) // fills what is to be warm
			var greeting, answer []time.Duration
			for range max(b.N, startRounds) {
				greeting = append(greeting, firstAnswer(b, "/", hello))
				answer = append(answer, firstAnswer(b, c.path, bin, c.args...))
			}
			b.ReportMetric(float64(median(answer))/float64(median(greeting)), "x-hello")
			b.ReportMetric(median(answer).Seconds()*1000, "ms")
			b.ReportMetric(median(greeting).Seconds()*1000, "hello-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
	for name, args := range map[string][]string{"rest-builtin": {"serve"}, "rest-warm": {"serve", "--cache", warm, "--spec", stripe}, "rest-cold": {"serve", "--cache", "off", "--spec", stripe}} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				b.ReportMetric(atRestMegabytes(b, bin, args...), "MB")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

func build(b *testing.B, what string) string {
	b.Helper()
	out := filepath.Join(b.TempDir(), "program")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out, what)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("go build %s: %v\n%s", what, err, text)
	}
	return out
}

func specFile(tb testing.TB, name string) string {
	tb.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "..", "shared", "specs", name))
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatalf("a published contract is missing: %v", err)
		}
		tb.Skipf("a published contract is missing: %v", err)
	}
	return path
}

func copyFile(tb testing.TB, from, to string) {
	tb.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, data, 0o600)
	}
	if err != nil {
		tb.Fatal(err)
	}
}

// launch starts a program, waits for its first answer and says how long it
// took.
func launch(b *testing.B, path, bin string, args ...string) (*exec.Cmd, time.Duration) {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	if len(args) > 0 {
		args = append(slices.Clone(args), "--seed", "1", "--listen")
	}
	cmd := exec.Command(bin, append(args, addr)...)
	var talk bytes.Buffer
	cmd.Stderr = &talk
	cmd.Env = append(os.Environ(), "GODEBUG=")
	request := fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer sk_test_sandgate\r\nx-api-key: sk_test_sandgate\r\nConnection: close\r\n\r\n", path, addr)
	began := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	for {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			io.WriteString(conn, request)
			reply, _ := io.ReadAll(conn)
			took := time.Since(began)
			conn.Close()
			if !strings.HasPrefix(string(reply), "HTTP/1.1 200") {
				b.Fatalf("GET %s: %.300s", path, reply)
			}
			return cmd, took
		}
		if time.Since(began) > time.Minute {
			b.Fatalf("%s does not answer: %s", bin, talk.String())
		}
		time.Sleep(100 * time.Microsecond)
	}
}

func firstAnswer(b *testing.B, path, bin string, args ...string) time.Duration {
	b.Helper()
	cmd, took := launch(b, path, bin, args...)
	cmd.Process.Signal(os.Interrupt)
	cmd.Wait()
	return took
}

// atRestMegabytes is what the process holds in memory when it has become quiet.
func atRestMegabytes(b *testing.B, bin string, args ...string) float64 {
	b.Helper()
	cmd, _ := launch(b, "/_sandgate/health", bin, args...)
	defer cmd.Wait()
	defer cmd.Process.Signal(os.Interrupt)
	time.Sleep(atRest + time.Second/2)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
	if err != nil {
		b.Skip("the memory of a process is read from /proc")
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kilobytes, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	if err != nil {
		b.Fatal(err)
	}
	return kilobytes / 1000
}

func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}
