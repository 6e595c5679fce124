package emulator_test

import (
	"bytes"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sandgate/sandgate/emulator"
)

// TestCardsAreNowhere pays with listed and unlisted numbers, good and bad
// data, and then looks for numbers and security codes in every reply, in the
// log and in every byte of the sandbox's files.
func TestCardsAreNowhere(t *testing.T) {
	var log syncBuffer
	dir := t.TempDir()
	s, err := emulator.New(emulator.Options{
		Providers: []string{"kobana-billing"}, Clock: "manual", Seed: 5, Egress: "none", Data: dir, RateLimit: "off",
		Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var replies strings.Builder
	call := func(method, path, body string) string {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Host = "localhost"
		r.Header.Set("Authorization", "Bearer sk_test_sandgate")
		r.Header.Set("User-Agent", "tests")
		r.Header.Set("Idempotency-Key", path+body[:min(len(body), 60)])
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		replies.WriteString(w.Body.String() + "\n")
		return w.Body.String()
	}
	call("POST", "/_sandgate/endpoints", `{"provider":"kobana-billing","url":"http://127.0.0.1:1/","secret":"whsec_sandgate_development_only_0000","events":["*"]}`)
	numbers := []string{"4242424242424242", "4000000000000002", "4000002760003184", "4539578763621486", "5555555555554444", "4000000000000341"}
	paid := 0
	for _, number := range numbers {
		for _, extra := range []string{
			`"expMonth":12,"expYear":2030,"cvv":"731"`, `"expMonth":12,"expYear":2020,"cvv":"731"`, `"expMonth":13,"expYear":2030,"cvv":"731"`, `"expMonth":12,"expYear":2030,"cvv":"7319"`,
		} {
			reply := call("POST", "/v1/payments", `{"invoiceId":"b0000000-0000-4000-8000-000000000001","amountCents":101,"paymentMethod":{"type":"card","card":{"number":"`+
				number+`","holderName":"ANA LIMA",`+extra+`}}}`)
			if strings.Contains(reply, `"status":"succeeded"`) {
				paid++
			}
		}
		call("POST", "/v1/payment_methods", `{"billingAccountId":"ac000000-0000-4000-8000-000000000001","type":"card","card":{"cardToken":"`+number+`","holderName":"X"}}`)
		call("POST", "/v1/invoices/b0000000-0000-4000-8000-000000000001/pay", `{"payment_method":"card","amount_cents":101,"card":{"card_token":"`+number+`","holder_name":"ANA LIMA"}}`)
		call("GET", "/v1/payments?search="+number, "")
	}
	if paid == 0 {
		t.Fatal("no card was taken: this test proves nothing\n" + replies.String())
	}
	for _, path := range []string{"requests", "events", "deliveries", "resources?kind=payment", "resources?kind=outside-call"} {
		call("GET", "/_sandgate/"+path, "")
	}
	look := func(where string, text []byte) {
		for _, number := range numbers {
			if i := bytes.Index(text, []byte(number)); i >= 0 {
				t.Errorf("%s holds a card number: …%s…", where, text[max(0, i-60):min(len(text), i+30)])
			}
		}
		for _, code := range []string{`"731"`, `"7319"`, "cvv"} {
			if i := bytes.Index(text, []byte(code)); i >= 0 && where != "replies" {
				t.Errorf("%s holds a security code: …%s…", where, text[max(0, i-60):min(len(text), i+30)])
			}
		}
	}
	look("replies", []byte(replies.String()))
	look("the log", log.bytes())
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		look(filepath.Base(path), text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) bytes() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.b.Bytes())
}
