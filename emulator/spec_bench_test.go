package emulator_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
)

// BenchmarkBrought reads and makes customers of Stripe's document under a bare
// --spec, with form bodies, against the bare server:
//
//	go test ./emulator -run '^$' -bench Brought -benchtime 1s
func BenchmarkBrought(b *testing.B) {
	spec := filepath.Join(realContracts, "stripe.json")
	if _, err := os.Stat(spec); err != nil {
		b.Skip("the folder of real contracts is not there")
	}
	cache := b.TempDir()
	form := func(i int64) []byte {
		body := fmt.Sprintf("email=ana%d%%40example.test&name=Ana+Lima&metadata[order]=%d&address[city]=Recife&address[country]=BR", i, i)
		return []byte("POST /v1/customers HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer sk_test_sandgate\r\n" +
			"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
	}
	start := func(b *testing.B) (s benchServer, id string, size int) {
		s = serveBench(b, emulator.Options{Providers: []string{}, Specs: []string{spec}, Cache: cache, Clock: "manual", Egress: "none"})
		if status, err := dialBench(b, s.url).do(form(0)); err != nil || status != 200 {
			b.Fatal(status, err)
		}
		_, page := s.call(b, "GET", "/v1/customers?limit=1", "")
		_, rest, _ := strings.Cut(page, `"id":"`)
		id, _, _ = strings.Cut(rest, `"`)
		status, body := s.call(b, "GET", "/v1/customers/"+id, "")
		if status != 200 {
			b.Fatal(status, body)
		}
		return s, id, len(body)
	}
	b.Run("get", func(b *testing.B) {
		s, id, size := start(b)
		request := raw("GET", "/v1/customers/"+id, "")
		compare(b, bare(b, 200, size), s.url, 200, 200, func(int64) []byte { return request })
	})
	b.Run("create", func(b *testing.B) {
		s, _, size := start(b)
		began := time.Now().UnixNano()
		compare(b, bare(b, 200, size), s.url, 200, 200, func(i int64) []byte { return form(began + i) })
	})
}
