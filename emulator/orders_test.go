package emulator_test

import (
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sandgate/sandgate/emulator"
)

// TestOneOrderOnePayment: whoever asks at the same time, with a key of their
// own each, one gets the payment and the others are refused.
func TestOneOrderOnePayment(t *testing.T) {
	gate := emulator.Start(t, "kobbopay")
	const body = `{"amount":10.5,"currency":"USDT","network":"example-network","orderId":"order-123"}`
	var wait sync.WaitGroup
	var made, refused atomic.Int64
	for i := range 40 {
		wait.Go(func() {
			r := httptest.NewRequest("POST", "/v1/payments", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("x-api-key", "YOUR_API_KEY")
			r.Header.Set("Idempotency-Key", "attempt-"+strconv.Itoa(i))
			w := httptest.NewRecorder()
			gate.ServeHTTP(w, r)
			switch {
			case w.Code == 201:
				made.Add(1)
			case w.Code == 409 && strings.Contains(w.Body.String(), "order_id_taken"):
				refused.Add(1)
			default:
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
	wait.Wait()
	if made.Load() != 1 || refused.Load() != 39 {
		t.Errorf("%d made, %d refused", made.Load(), refused.Load())
	}
}
