package api_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/sandgate/sandgate/emulator"
)

// TestViewInABrowser watches a payment from Pending to Confirmed on a page
// that looks again by itself, without scripts.
func TestViewInABrowser(t *testing.T) {
	browser := newBrowser(t)
	r := newCoins(t)
	server := httptest.NewServer(r)
	defer server.Close()
	_, link := r.asks("a")
	b := newTab(t, browser)
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.open(server.URL+link, "view-address")
	if got := b.text("view-status") + " " + b.text("view-amount") + " " + b.text("view-currency"); got != "Pending 10.5 USDT" {
		t.Errorf("it says %q", got)
	}
	if got := b.text("view-address"); !strings.HasPrefix(got, "ex1fakesandgate") {
		t.Errorf("the address is %q", got)
	}
	r.advance("default", 10*time.Second)
	b.see("view-confirmations") // nobody touched it: it looked again
	if got := b.text("view-status") + " " + b.text("view-confirmations"); got != "Paid 0 of 3" {
		t.Errorf("it says %q", got)
	}
	r.advance("default", 30*time.Second)
	b.press("view-again") // by keyboard, for those who do not wait
	b.run(chromedp.WaitVisible(`[data-status="confirmed"]`))
	if got := b.text("view-status") + " " + b.text("view-confirmations"); got != "Confirmed 3 of 3" {
		t.Errorf("it says %q", got)
	}
	b.quiet(hostOf(server))
}

// TestViewInEveryLight looks at the page on a small screen and in the dark.
func TestViewInEveryLight(t *testing.T) {
	browser := newBrowser(t)
	r := newRig(t, func(o *emulator.Options) { o.Providers = []string{"kobbopay"} })
	server := httptest.NewServer(r)
	defer server.Close()
	const long = `{"amount":900719925474099312.123456789012345678,"currency":"USDT","network":"bsc","orderId":"underpay-1"}`
	out := r.want(201, "POST", "/v1/payments", long, asKey)
	_, over := r.asks("overpay-1")
	r.advance("default", 30*time.Second)
	b := newTab(t, browser)
	for _, width := range []int64{1280, 320} {
		for _, colours := range []string{"light", "dark"} {
			b.screen(width, colours)
			name := map[int64]string{1280: "wide", 320: "small"}[width] + "-" + colours
			for what, link := range map[string]string{
				"pending": strings.TrimPrefix(text(out, "public_url"), "http://sandgate.test"), "overpaid": over, "none": "/pay/nobody",
			} {
				b.open(server.URL+link, "view")
				b.picture("view-" + what + "-" + name)
				b.fits(width)
				b.contrasts()
			}
		}
	}
}
