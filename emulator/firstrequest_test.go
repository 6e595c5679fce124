package emulator_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
)

// BenchmarkFirstRequest measures what the first request to an operation costs
// as a ratio to its second one (median), and the slowest first one, over every
// eighth operation of Stripe's document. Each is the first of its server, after
// one to another operation: it builds what operations share, too.
//
//	go test ./emulator -run '^$' -bench FirstRequest -benchtime 1x
func BenchmarkFirstRequest(b *testing.B) {
	spec := filepath.Join(realContracts, "stripe.json")
	if _, err := os.Stat(spec); err != nil {
		b.Skip("the folder of real contracts is not there")
	}
	o := emulator.Options{Specs: []string{spec}, Cache: b.TempDir(), Seed: 1, RateLimit: "off"}
	providers, err := emulator.Providers(o) // fills the cache
	if err != nil {
		b.Fatal(err)
	}
	inBraces := regexp.MustCompile(`\{[^}]*\}`)
	for range b.N {
		var ratios, firsts []float64
		slowest := ""
		for i, op := range providers[0].Contract.Operations() {
			if i%8 != 0 {
				continue
			}
			s, err := emulator.New(o)
			if err != nil {
				b.Fatal(err)
			}
			ask := func(method, path string) time.Duration {
				r := httptest.NewRequest(method, path, strings.NewReader(""))
				r.Header.Set("Authorization", "Bearer sk_test_sandgate")
				if method != http.MethodGet {
					r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				}
				w, began := httptest.NewRecorder(), time.Now()
				s.ServeHTTP(w, r)
				took := time.Since(began)
				if w.Code >= 500 {
					b.Errorf("%s %s: %d %s", method, path, w.Code, w.Body)
				}
				return took
			}
			ask("GET", "/v1/balance")
			path := inBraces.ReplaceAllString(op.Path, "x_1")
			first := ask(op.Method, path)
			second := min(ask(op.Method, path), ask(op.Method, path), ask(op.Method, path))
			ratios = append(ratios, float64(first)/float64(second))
			if slices.Max(append(firsts, 0)) < first.Seconds() {
				slowest = op.Key()
			}
			firsts = append(firsts, first.Seconds())
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
		}
		slices.Sort(ratios)
		slices.Sort(firsts)
		b.ReportMetric(ratios[len(ratios)/2], "x-second")
		b.ReportMetric(firsts[len(firsts)/2]*1000, "first-ms")
		b.ReportMetric(firsts[len(firsts)-1]*1000, "slowest-ms")
		b.Logf("slowest: %s", slowest)
	}
	b.ReportMetric(0, "ns/op")
}
