package emulator_test

import (
	"fmt"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
)

// railOf are pairs of currency and network with the decimals of the token there.
var railOf = []struct {
	currency, network string
	decimals          int
}{{"USDT", "example-network", 6}, {"USDT", "bsc", 18}, {"USDC", "solana", 6}, {"BTC", "bitcoin", 8}}

// TestAmountsAreExact: any amount that a rail takes is the same, digit for
// digit, in the reply to its creation, when it is read, in the webhook, and in
// the public view, and what is paid is that amount.
func TestAmountsAreExact(t *testing.T) {
	onebyone(t)
	gate := emulator.StartWith(t, emulator.Options{
		Providers: []string{"kobbopay"}, Clock: "manual", Seed: 3, Egress: "none", CheckReplies: true, Set: map[string]string{"payments.pays": "manual"},
	})
	box, err := gate.Sandbox("")
	if err != nil {
		t.Fatal(err)
	}
	call := func(method, path, body string) string {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("x-api-key", "sk_test_sandgate")
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		gate.ServeHTTP(w, r)
		return w.Body.String()
	}
	call("POST", "/v1/webhook_endpoints", `{"url":"http://127.0.0.1:9/hook"}`)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		rail := rapid.SampledFrom(railOf).Draw(rt, "rail")
		amount := drawAmount(rt, rail.decimals)
		n++
		made := call("POST", "/v1/payments", fmt.Sprintf(`{"amount":%s,"currency":"%s","network":"%s","orderId":"o-%d"}`, spelt(rt, amount), rail.currency, rail.network, n))
		id := memberOf(made, "payment_id")
		if id == "" {
			rt.Fatalf("%s %+v: %s", amount, rail, made)
		}
		id = strings.Trim(id, `"`)
		if _, err := box.Move(t.Context(), "kobbopay", "payment", id, "detect", nil); err != nil {
			rt.Fatal(err)
		}
		if _, err := box.AdvanceBy(t.Context(), 0, false); err != nil {
			rt.Fatal(err)
		}
		seen := map[string]string{"the reply": made, "the payment": call("GET", "/v1/payments/"+id, ""), "the public view": call("GET", "/v1/public/payments/"+id, "")}
		list, _, err := box.Deliveries(sandbox.DeliveryFilter{}, 1, "")
		if err != nil || len(list) == 0 {
			rt.Fatal("no delivery", err)
		}
		hook, err := box.Delivery(list[0].ID)
		if err != nil || len(hook.Log) == 0 {
			rt.Fatal("no attempt", err)
		}
		seen["the webhook"] = string(hook.Log[0].Request.Body)
		for where, text := range seen {
			paid := amount
			if where == "the reply" {
				paid = "0"
			}
			if memberOf(text, "payment_id") != `"`+id+`"` || memberOf(text, "amount") != amount || memberOf(text, "paid_amount") != paid {
				rt.Fatalf("%s of %s: %s", where, amount, text)
			}
		}
	})
}

// drawAmount is a plain decimal in its shortest form, from one smallest unit up to 10^18.
func drawAmount(rt *rapid.T, decimals int) string {
	whole := rapid.Uint64Range(0, 999_999_999_999_999_999).Draw(rt, "whole")
	part := strings.TrimRight(rapid.StringMatching(fmt.Sprintf("[0-9]{0,%d}", decimals)).Draw(rt, "part"), "0")
	switch {
	case part != "":
		return fmt.Sprintf("%d.%s", whole, part)
	case whole == 0:
		return "1000000000000000000"
	}
	return fmt.Sprint(whole)
}

// spelt writes an amount as some client would.
func spelt(rt *rapid.T, amount string) string {
	switch rapid.IntRange(0, 3).Draw(rt, "form") {
	case 0:
		if strings.Contains(amount, ".") {
			return amount + "0"
		}
		return amount + ".0"
	case 1:
		return amount + "e0"
	}
	return amount
}

// memberOf is the text of the first member of that name.
func memberOf(text, name string) string {
	m := regexp.MustCompile(`"` + name + `":([^,}]+)`).FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return m[1]
}
