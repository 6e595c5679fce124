package emulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
)

// coin is what a payment of 10 on a network of 10 s and 3 confirmations
// promises, in millionths and seconds, without anything that keeps it.
type coin struct {
	status, exception string
	paid              int64
	transfers, blocks int
	expires, next     int64 // next block, 0 = none comes
	stuck             bool
	plan              []coming
	told              []string // events
}

type coming struct{ at, amount int64 } // 0 is what is missing

const coinAmount = 10_000_000

func newCoin(order string, now int64) *coin {
	c := &coin{status: "pending", expires: now + 1200, told: []string{"created pending "}, plan: []coming{{now + 10, 0}}}
	switch order {
	case "expire":
		c.plan = nil
	case "underpay":
		c.plan = []coming{{now + 10, coinAmount / 2}}
	case "topup":
		c.plan = []coming{{now + 10, coinAmount / 2}, {now + 20, 0}}
	case "overpay":
		c.plan = []coming{{now + 10, coinAmount * 11 / 10}}
	case "late":
		c.plan = []coming{{now + 1260, 0}}
	case "never-confirm":
		c.stuck = true
	}
	return c
}

func (c *coin) tell(what string) {
	c.told = append(c.told, what+" "+c.status+" "+c.exception)
}

func (c *coin) detect(now, amount int64) {
	if amount == 0 {
		if amount = coinAmount - c.paid; amount <= 0 {
			amount = coinAmount
		}
	}
	c.paid += amount
	c.transfers++
	switch {
	case c.paid < coinAmount:
		c.exception = "underpaid"
		c.tell("underpaid")
	case c.status == "expired":
		c.exception = "late"
		c.tell("late")
	default:
		c.exception = ""
		if c.paid > coinAmount {
			c.exception = "overpaid"
		}
		if c.status == "pending" {
			c.status = "paid"
			c.tell("paid")
			c.tick(now)
		}
		if c.paid > coinAmount {
			c.tell("overpaid")
		}
	}
}

func (c *coin) tick(now int64) {
	if c.next = 0; !c.stuck {
		c.next = now + 10
	}
}

// move makes a move by hand and reports whether it fits.
func (c *coin) move(now int64, by string, amount int64) bool {
	switch {
	case by == "detect":
		c.detect(now, amount)
	case by == "arrive" && len(c.plan) > 0:
		first := c.plan[0]
		c.plan = c.plan[1:]
		c.detect(now, first.amount)
	case by == "block" && c.status == "paid":
		c.tick(now)
		if c.blocks++; c.blocks == 3 {
			return c.move(now, "confirm", 0)
		}
	case by == "confirm" && c.status == "paid":
		c.status, c.blocks = "confirmed", 3
		c.tell("confirmed")
	case by == "expire" && c.status == "pending":
		c.status = "expired"
		c.tell("expired")
	default:
		return false
	}
	return true
}

// until plays what is due by an instant, each at its own.
func (c *coin) until(end int64) {
	for {
		due := map[string]int64{}
		if len(c.plan) > 0 {
			due["arrive"] = c.plan[0].at
		}
		if c.status == "paid" && c.next > 0 {
			due["block"] = c.next
		}
		if c.status == "pending" {
			due["expire"] = c.expires
		}
		first := ""
		for by, at := range due {
			if at <= end && (first == "" || at < due[first]) {
				first = by
			}
		}
		if first == "" {
			return
		}
		c.move(due[first], first, 0)
	}
}

// coinWalk plays the same with payments and with their model.
type coinWalk struct {
	gate  http.Handler
	box   *sandbox.Sandbox
	now   int64
	n     *int // of all walks: an order is not played twice
	ids   []string
	coins map[string]*coin
}

func (w *coinWalk) call(t *rapid.T, method, path, body string) (out struct {
	Payment     string `json:"payment_id"`
	Status      string
	Exception   string
	Paid        json.Number `json:"paid_amount"`
	Transfers   []struct{ Amount json.Number }
	Blocks      int     `json:"confirmations"`
	PaidAt      *string `json:"paid_at"`
	ConfirmedAt *string `json:"confirmed_at"`
	ExpiredAt   *string `json:"expired_at"`
},
) {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("x-api-key", "sk_test_sandgate")
	r.Header.Set("Content-Type", "application/json")
	reply := httptest.NewRecorder()
	w.gate.ServeHTTP(reply, r)
	if err := json.Unmarshal(reply.Body.Bytes(), &out); err != nil || reply.Code > 299 {
		t.Fatalf("%s %s: %d %s", method, path, reply.Code, reply.Body)
	}
	return out
}

func (w *coinWalk) create(t *rapid.T) {
	order := rapid.SampledFrom([]string{"plain", "expire", "underpay", "topup", "overpay", "late", "never-confirm"}).Draw(t, "order")
	*w.n++
	made := w.call(t, "POST", "/v1/payments", fmt.Sprintf(`{"amount":10,"currency":"USDT","network":"example-network","orderId":"%s-%d"}`, order, *w.n))
	w.ids = append(w.ids, made.Payment)
	w.coins[made.Payment] = newCoin(order, w.now)
}

func (w *coinWalk) move(t *rapid.T) {
	if len(w.ids) == 0 {
		t.Skip("no payment yet")
	}
	id := w.ids[rapid.IntRange(0, len(w.ids)-1).Draw(t, "payment")]
	by := rapid.SampledFrom([]string{"detect", "detect", "arrive", "block", "confirm", "expire", "settle", "pay", "underpay", "overpay", "pay-late"}).Draw(t, "move")
	with, amount := map[string]any{}, int64(0)
	if by == "detect" {
		if amount = rapid.SampledFrom([]int64{0, 0, 1, 3_000_000, coinAmount, coinAmount + 1}).Draw(t, "amount"); amount > 0 {
			with["amount"] = json.Number(fmt.Sprintf("%d.%06d", amount/1_000_000, amount%1_000_000))
		}
	}
	_, err := w.box.Move(t.Context(), "kobbopay", "payment", id, by, with)
	if fits := w.coins[id].move(w.now, by, amount); fits != (err == nil) {
		t.Fatalf("%s of %+v: it fits: %v, got %v", by, w.coins[id], fits, err)
	}
}

func (w *coinWalk) advance(t *rapid.T) {
	by := rapid.SampledFrom([]int64{1, 9, 10, 11, 20, 30, 600, 1190, 1199, 1200, 1260, 86400}).Draw(t, "seconds")
	if _, err := w.box.AdvanceBy(t.Context(), time.Duration(by)*time.Second, false); err != nil {
		t.Fatal(err)
	}
	w.now += by
	for _, c := range w.coins {
		c.until(w.now)
	}
}

func (w *coinWalk) compare(t *rapid.T) {
	for id, c := range w.coins {
		got := w.call(t, "GET", "/v1/payments/"+id, "")
		units := func(n json.Number) int64 {
			whole, part, _ := strings.Cut(string(n), ".")
			var v int64
			if _, err := fmt.Sscan(whole+(part + "000000")[:6], &v); err != nil {
				t.Fatal(n, err)
			}
			return v
		}
		var sum int64
		for _, one := range got.Transfers {
			sum += units(one.Amount)
		}
		if got.Status != c.status || got.Exception != c.exception || units(got.Paid) != c.paid || sum != c.paid || len(got.Transfers) != c.transfers || got.Blocks != c.blocks {
			t.Fatalf("%+v\nwant %+v", got, c)
		}
		if (got.PaidAt != nil) != (c.status == "paid" || c.status == "confirmed") || (got.ConfirmedAt != nil) != (c.status == "confirmed") || (got.ExpiredAt != nil) != (c.status == "expired") {
			t.Fatalf("times of a %s payment: %+v", c.status, got)
		}
		events, _, err := w.box.Events(sandbox.EventFilter{Resource: id}, 200, "")
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, e := range slices.Backward(events) {
			var at struct{ Status, Exception string }
			if err := json.Unmarshal(e.Data, &at); err != nil {
				t.Fatal(err)
			}
			told = append(told, e.Action+" "+at.Status+" "+at.Exception)
		}
		if !slices.Equal(told, c.told) {
			t.Fatalf("events\n%q\nwant\n%q", told, c.told)
		}
	}
}

// TestPaymentsWalk plays random histories of payments: what is paid is the sum
// of what came, nothing is confirmed that was not paid, nothing leaves its last
// state, and every change is told once, in order, in whatever steps the clock
// goes.
func TestPaymentsWalk(t *testing.T) {
	onebyone(t)
	fewer(t, 5)
	gate := emulator.StartWith(t, emulator.Options{Providers: []string{"kobbopay"}, Clock: "manual", Seed: 3, Egress: "none", CheckReplies: true, RateLimit: "off"})
	box, err := gate.Sandbox("")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		w := &coinWalk{gate: gate, box: box, n: &n, coins: map[string]*coin{}}
		t.Repeat(map[string]func(*rapid.T){"": w.compare, "create": w.create, "move": w.move, "again": w.move, "advance": w.advance})
	})
}
