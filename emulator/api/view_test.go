package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
)

const coinPayment = `{"amount":10.5,"currency":"USDT","network":"example-network","orderId":"ORDER"}`

func newCoins(t *testing.T) *rig {
	return newRig(t, func(o *emulator.Options) { o.Providers = []string{"kobbopay"} })
}

// asks makes a payment and answers its id and the path of its page.
func (r *rig) asks(order string, headers ...string) (id, link string) {
	r.t.Helper()
	out := r.want(http.StatusCreated, "POST", "/v1/payments", strings.Replace(coinPayment, "ORDER", order, 1), append(headers, asKey)...)
	link, ok := strings.CutPrefix(text(out, "public_url"), "http://sandgate.test")
	if !ok {
		r.t.Fatalf("payment: %v", out)
	}
	return text(out, "payment_id"), link
}

func contains(t *testing.T, page string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s:\n%s", want, page)
		}
	}
}

func TestViewPage(t *testing.T) {
	r := newCoins(t)
	_, link := r.asks("secret-order")
	look := func() string {
		t.Helper()
		w := r.send("GET", link, "")
		h := w.Header()
		if w.Code != http.StatusOK || h.Get("Content-Type") != "text/html; charset=utf-8" || h.Get("Cache-Control") != "no-store" {
			t.Fatalf("%d %v", w.Code, h)
		}
		if policy := h.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; style-src 'self'") || !strings.Contains(policy, "form-action 'none'") {
			t.Errorf("policy: %s", policy)
		}
		page := w.Body.String()
		for _, no := range []string{"secret-order", "mer_", "whsec_", "sk_test", "<script", "<form"} {
			if strings.Contains(page, no) {
				t.Errorf("the page shows %s", no)
			}
		}
		return page
	}
	const again = `<meta http-equiv="refresh" content="5">`
	page := look()
	contains(t, page, again, ">Pending<", ">10.5<", ">USDT<", "ex1fakesandgate", ">20 min 0 s<", `href="style.css"`)
	r.advance("default", 9*time.Second)
	contains(t, look(), ">Pending<", ">19 min 51 s<")
	r.advance("default", time.Second)
	page = look()
	contains(t, page, again, ">Paid<", ">0 of 3<", ">10.5 USDT<")
	if strings.Contains(page, "ex1fakesandgate") || strings.Contains(page, "view-left") {
		t.Error("what is paid asks for more")
	}
	r.advance("default", 10*time.Second)
	contains(t, look(), ">Paid<", ">1 of 3<")
	r.advance("default", 20*time.Second)
	page = look()
	contains(t, page, ">Confirmed<", ">3 of 3<")
	if strings.Contains(page, again) {
		t.Error("a page that is final looks again")
	}
	if got := r.send("HEAD", link, ""); got.Code != http.StatusOK || got.Body.Len() != 0 {
		t.Errorf("HEAD: %d %q", got.Code, got.Body)
	}
	if got := r.send("GET", "/kobbopay"+link, ""); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), ">Confirmed<") {
		t.Errorf("below the mount: %d", got.Code)
	}
	if css := r.send("GET", "/pay/style.css", ""); css.Code != http.StatusOK || css.Header().Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("style: %d %v", css.Code, css.Header())
	}
}

func TestViewSaysWhatIsWrong(t *testing.T) {
	r := newCoins(t)
	_, under := r.asks("underpay-1")
	_, over := r.asks("overpay-1")
	_, late := r.asks("late-1")
	r.advance("default", 10*time.Second)
	contains(t, r.send("GET", under, "").Body.String(), ">Pending<", ">5.25 USDT is missing<")
	contains(t, r.send("GET", over, "").Body.String(), ">Paid<", ">Too much came: 11.55 USDT<")
	r.advance("default", 21*time.Minute)
	contains(t, r.send("GET", under, "").Body.String(), ">Expired<", ">Too little came in time: 5.25 USDT<")
	contains(t, r.send("GET", over, "").Body.String(), ">Confirmed<", ">Too much came: 11.55 USDT<")
	contains(t, r.send("GET", late, "").Body.String(), ">Expired<", ">It was paid after its time; ask the merchant<")
}

func TestViewOfNothing(t *testing.T) {
	r := newCoins(t)
	id, link := r.asks("a")
	other, there := r.asks("a", "x-api-key: sk_test_ws_shop7_1", "Authorization: ")
	if there != "/pay/"+other+"?sandbox=shop7" {
		t.Errorf("the link of another sandbox is %s", there)
	}
	if w := r.send("GET", there, ""); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), ">Pending<") {
		t.Errorf("in another sandbox: %d", w.Code)
	}
	for _, path := range []string{
		"/pay/pay_000000000000000000000000", "/pay/" + id + "?sandbox=shop7", "/pay/" + id + "?sandbox=nobody", "/pay/" + id + "?sandbox=../x",
		"/pay/%3Cscript%3E", "/pay/mer_000000000000000000000001",
	} {
		w := r.send("GET", path, "")
		if w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), `data-testid="view-none"`) || strings.Contains(w.Body.String(), "refresh") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	public := "/v1/public/payments/" + id
	for _, looks := range [][]string{{public + "?sandbox=nobody"}, {public, "Sandgate-Sandbox: nobody"}, {public, "x-api-key: sk_test_ws_nobody_1"}} {
		w := r.send("GET", looks[0], "", looks[1:]...)
		if w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "payment_not_found") {
			t.Errorf("%s: %d %s", looks, w.Code, w.Body)
		}
	}
	if r.World().Has("nobody") {
		t.Error("to look brought a sandbox into being")
	}
	w := r.send("POST", link, `{}`)
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d %v", w.Code, w.Header())
	}
	for _, path := range []string{"/pay/", "/pay", "/pay/" + id + "/more"} {
		if w := r.send("GET", path, ""); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "unknown_path") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

// Text that a caller sent is shown as text.
func TestViewShowsTextAsText(t *testing.T) {
	r := newCoins(t)
	id, link := r.asks(`<script>alert(1)</script>`)
	box, err := r.Sandbox("")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := box.Move(t.Context(), "kobbopay", "payment", id, "detect", map[string]any{"tx_hash": `<img src=x onerror=alert(1)>`}); err != nil {
		t.Fatal(err)
	}
	if page := r.send("GET", link, "").Body.String(); strings.Contains(page, "<script") || strings.Contains(page, "<img") {
		t.Error(page)
	}
}

// Without a mount, of several providers the one that has the payment shows it.
func TestViewBesideOthers(t *testing.T) {
	r := newRig(t, func(o *emulator.Options) { o.Providers = nil })
	out := r.want(http.StatusCreated, "POST", "/kobbopay/v1/payments", coinPayment, asKey)
	link, _ := strings.CutPrefix(text(out, "public_url"), "http://sandgate.test")
	if !strings.HasPrefix(link, "/kobbopay/pay/") {
		t.Errorf("the link is %s", link)
	}
	for _, path := range []string{link, strings.TrimPrefix(link, "/kobbopay")} {
		if w := r.send("GET", path, ""); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), ">Pending<") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if w := r.send("GET", "/killb"+strings.TrimPrefix(link, "/kobbopay"), ""); w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), "view") {
		t.Errorf("below another's mount: %d", w.Code)
	}
}
