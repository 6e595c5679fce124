package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"

	"github.com/sandgate/sandgate/emulator"
)

// storefront is a shop of our own: its page shows what the payer came back
// with.
func storefront(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.URL.Path != "/back" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		q := r.URL.Query()
		w.Write([]byte(`<!DOCTYPE html><title>Shop</title><link rel="icon" href="data:,"><p data-testid="shop">` + q.Get("order") + " " + q.Get("id") + " " + q.Get("status") + `</p>`))
	}))
	t.Cleanup(s.Close)
	return s
}

func hostOf(s *httptest.Server) string { return strings.TrimPrefix(s.URL, "http://") }

// TestChallengeInABrowser pays by a card that asks for its holder, who has a
// keyboard and nothing else.
func TestChallengeInABrowser(t *testing.T) {
	browser := newBrowser(t)
	r := newRig(t, func(o *emulator.Options) { o.Providers = []string{"kobana-billing"} })
	server, shop := httptest.NewServer(r), storefront(t)
	defer server.Close()

	// pay makes a payment that waits for its holder.
	pay := func(t *testing.T, number, back string) (id, link string) {
		t.Helper()
		w := r.send("POST", "/v1/payments", strings.NewReplacer("NUMBER", number, "BACK", back).Replace(cardPayment), asKey, "User-Agent: a shop (dev@shop.test)", "Host: "+hostOf(server))
		m := decoded(t, w)
		next, _ := m["next_action"].(map[string]any)
		if w.Code != http.StatusCreated || m["status"] != "requires_action" || next["type"] != "redirect" {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		return text(m, "id"), text(next, "url")
	}
	status := func(t *testing.T, id string) string {
		t.Helper()
		return text(decoded(t, r.send("GET", "/v1/payments/"+id, "", asKey, "User-Agent: a shop (dev@shop.test)")), "status")
	}
	const asks, proposesFailing = "4000000000003220", "4000000000002370"
	for _, c := range []struct {
		press, number, becomes string
		script                 bool // does the browser run scripts?
	}{
		{"challenge-approve", asks, "succeeded", true},
		{"challenge-approve", asks, "succeeded", false},
		{"challenge-fail", asks, "failed", true},
		{"challenge-fail", proposesFailing, "failed", true},
		{"challenge-abandon", asks, "requires_action", true},
		{"challenge-timeout", asks, "failed", true},
		{"challenge-attempt", asks, "succeeded", true},
		{"challenge-unable", asks, "failed", true},
		{"challenge-reject", asks, "failed", false},
	} {
		name := c.press + " " + c.number
		if !c.script {
			name += " without scripts"
		}
		t.Run(name, func(t *testing.T) {
			id, link := pay(t, c.number, shop.URL+"/back?order=42")
			b := newTab(t, browser)
			call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !c.script})
			b.open(link, "challenge")
			focused := "challenge-approve"
			if c.number == proposesFailing {
				focused = "challenge-fail"
			}
			if at := b.focus(); at != focused {
				t.Errorf("the keyboard is at %s", at)
			}
			if amount := b.text("challenge-amount"); amount != "10.00" {
				t.Errorf("amount: %q", amount)
			}
			b.press(c.press)
			b.see("shop")
			if got := b.text("shop"); got != "42 "+id+" "+c.becomes {
				t.Errorf("the shop sees %q", got)
			}
			if s := status(t, id); s != c.becomes {
				t.Errorf("the payment is %s", s)
			}
			// back, by the link
			b.open(link, "challenge")
			if c.press == "challenge-abandon" {
				b.press("challenge-approve")
				b.see("shop")
			} else if over := b.text("challenge-over"); over != "This link is over" {
				t.Errorf("used, it says %q", over)
			}
			b.quiet(hostOf(server), hostOf(shop))
		})
	}

	t.Run("nobody answers", func(t *testing.T) {
		id, link := pay(t, asks, shop.URL+"/back")
		b := newTab(t, browser)
		b.open(link, "challenge-approve")
		r.advance("default", 15*time.Minute)
		b.press("challenge-approve")
		b.see("challenge-over")
		if s := status(t, id); s != "failed" {
			t.Errorf("the payment is %s", s)
		}
		b.quiet(hostOf(server))
	})
}

// TestChallengeInEveryLight looks at the page with long names, on a small
// screen, and in the dark.
func TestChallengeInEveryLight(t *testing.T) {
	browser := newBrowser(t)
	r := newShop(t)
	server := httptest.NewServer(r)
	defer server.Close()
	const long = `"merchant":"Companhia Brasileira de Distribuicao e Comercio de Artigos Esportivos AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA Ltda","note":"x"`
	b := newTab(t, browser)
	for _, width := range []int64{1280, 320} {
		for _, colours := range []string{"light", "dark"} {
			_, link := r.pays(long)
			b.screen(width, colours)
			b.open(server.URL+link, "challenge")
			name := map[int64]string{1280: "wide", 320: "small"}[width] + "-" + colours
			b.picture("asks-" + name)
			b.fits(width)
			b.contrasts()
			b.press("challenge-approve")
			b.see("challenge-status")
			if got := b.text("challenge-status"); got != "settled" {
				t.Errorf("done: %s", got)
			}
			b.picture("done-" + name)
			b.contrasts()
			b.open(server.URL+link, "challenge-over")
			b.picture("over-" + name)
			b.fits(width)
			b.contrasts()
		}
	}
	b.quiet(hostOf(server))
}

const cardPayment = `{"invoiceId":"b0000000-0000-4000-8000-000000000001","amountCents":1000,"returnUrl":"BACK",
	"paymentMethod":{"type":"card","card":{"number":"NUMBER","expMonth":12,"expYear":2030,"cvv":"123","holderName":"Ana Souza"}}}`

// decoded is the data of a reply's envelope.
func decoded(t *testing.T, w *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	var out struct{ Data map[string]any }
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	return out.Data
}
