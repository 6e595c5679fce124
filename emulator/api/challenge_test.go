package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
)

// shop is a provider whose payments wait for their card holder.
const (
	shopScenario = `
provider: PROVIDER
contract: PROVIDER.openapi.yaml
auth: {credentials: [{header: x-shop-key}]}
dialect: {id: 'prefix:pay_', time: iso-ms, error: {code: error.code, messages: error.messages}, internal: {code: error.code, messages: error.messages}}
refusals: {}
errors: {}
challenge:
  kind: payment
  state: waiting
  token: hidden.secret
  show: {merchant: resource.merchant, amount: "'100.00'", currency: "'BRL'", card_number: "'•••• 3155'", note: resource.note, propose: "'N'"}
  return: resource.back
  results: {Y: [settle, approve], N: fail, U: settle, abandon: [], timeout: expire}
resources:
  payment:
    schema: [Payment]
    status: {field: status, start: waiting}
    defaults: {hidden: {secret: token(32)}, url: "request.base + '/3ds/' + request.sandbox + '/' + resource.hidden.secret"}
    moves:
      settle: {from: approved, to: settled}
      approve: {from: waiting, to: approved, then: [{move: payment, id: resource.id, by: settle}]}
      fail: {from: waiting, to: failed}
      expire: {from: waiting, to: expired, after: 15m}
operations:
  POST /payments: {create: payment}
  GET /payments/{id}: {read: payment}
`
	shopContract = `
openapi: 3.0.3
info: {title: Shop, version: '1'}
paths:
  /payments:
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Payment'}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Payment'}}}}}
  /payments/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: found, content: {application/json: {schema: {$ref: '#/components/schemas/Payment'}}}}}
components:
  schemas:
    Payment: {type: object, properties: {id: {type: string}, status: {type: string}, merchant: {type: string}, note: {type: string}, back: {type: string}, url: {type: string}}}
`
	asShop = "x-shop-key: sk_test_shop"
)

func shop(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	for file, data := range map[string]string{name + ".yaml": shopScenario, name + ".openapi.yaml": shopContract} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(strings.ReplaceAll(data, "PROVIDER", name)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, name+".yaml")
}

func newShop(t *testing.T) *rig {
	return newRig(t, func(o *emulator.Options) { o.Providers = []string{shop(t, "shop")} })
}

// pays makes a payment that waits, and answers its id and the path of its link.
func (r *rig) pays(fields string, headers ...string) (id, link string) {
	r.t.Helper()
	return r.paysAt("/payments", fields, headers...)
}

func (r *rig) paysAt(path, fields string, headers ...string) (id, link string) {
	r.t.Helper()
	out := r.want(http.StatusCreated, "POST", path, `{`+fields+`}`, append(headers, asShop)...)
	link, ok := strings.CutPrefix(text(out, "url"), "http://sandgate.test")
	if !ok {
		r.t.Fatalf("payment: %v", out)
	}
	return text(out, "id"), link
}

func (r *rig) status(id string, headers ...string) string {
	r.t.Helper()
	return text(r.want(http.StatusOK, "GET", "/payments/"+id, "", append(headers, asShop)...), "status")
}

const (
	form     = "Content-Type: application/x-www-form-urlencoded"
	wantJSON = "Accept: application/json"
)

func TestChallengePage(t *testing.T) {
	r := newShop(t)
	const evil = `<script>alert(1)</script>`
	id, link := r.pays(`"merchant":"` + evil + `","note":"\" onload=\"x"`)
	page := r.send("GET", link, "")
	body := page.Body.String()
	if page.Code != http.StatusOK || page.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("%d %v", page.Code, page.Header())
	}
	for _, want := range []string{
		`data-testid="challenge"`, `data-testid="challenge-approve"`, `data-testid="challenge-fail"`, `data-testid="challenge-abandon"`,
		`data-testid="challenge-timeout"`, `data-testid="challenge-unable"`, "&lt;script&gt;", `<dt>card number</dt>`, "•••• 3155", `href="../style.css"`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, bad := range []string{"<script", `" onload`, "challenge-attempt", "challenge-reject", "propose", "style=", "http://", "https://"} {
		if strings.Contains(body, bad) {
			t.Errorf("the page has %s", bad)
		}
	}
	if focus := body[strings.Index(body, "autofocus")-200:]; strings.Count(body, "autofocus") != 1 || !strings.Contains(focus[:200], `value="N"`) {
		t.Errorf("the proposed answer has no focus: %s", body)
	}
	policy := page.Header().Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none';") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "script") {
		t.Errorf("policy: %s", policy)
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"} {
		if page.Header().Get(name) != want {
			t.Errorf("%s: %q", name, page.Header().Get(name))
		}
	}

	head := r.send("HEAD", link, "")
	if head.Code != http.StatusOK || head.Body.Len() != 0 || head.Header().Get("Content-Length") != page.Header().Get("Content-Length") {
		t.Errorf("HEAD: %d, %d bytes, %v", head.Code, head.Body.Len(), head.Header())
	}
	style := r.send("GET", "/3ds/style.css", "")
	if style.Code != http.StatusOK || style.Header().Get("Content-Type") != "text/css; charset=utf-8" || strings.Contains(style.Body.String(), "url(") {
		t.Errorf("style: %d %v", style.Code, style.Header())
	}
	if s := r.status(id); s != "waiting" {
		t.Errorf("to look made it %s", s)
	}
	for path, allow := range map[string]string{link: "GET, HEAD, POST", "/3ds/style.css": "GET, HEAD"} {
		if w := r.send("DELETE", path, ""); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != allow {
			t.Errorf("DELETE %s: %d %q", path, w.Code, w.Header().Get("Allow"))
		}
	}
	for _, path := range []string{"/3ds/", "/3ds/default", "/3ds/default/", link + "/", link + "/more", "/other" + link} {
		if w := r.send("GET", path, "", asShop); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "no-route") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

// TestChallengeForScripts asks and answers without a browser.
func TestChallengeForScripts(t *testing.T) {
	r := newShop(t)
	id, link := r.pays(`"merchant":"Ana","back":"https://shop.test/done"`)
	out := r.want(http.StatusOK, "GET", link, "", wantJSON)
	show, _ := out["show"].(map[string]any)
	results, _ := json.Marshal(out["results"])
	if text(out, "id") != id || show["merchant"] != "Ana" || show["propose"] != nil || out["propose"] != "N" || string(results) != `["N","U","Y","abandon","timeout"]` {
		t.Errorf("asked: %v", out)
	}
	for name, c := range map[string]struct {
		body, media string
		status      int
		says        string
	}{
		"no such answer":        {`{"result":"X"}`, "", 400, "/body/result: enum: expected one of N, U, Y, abandon, timeout"},
		"not one this one has":  {`{"result":"R"}`, "", 400, "/body/result: enum"},
		"none":                  {`{}`, "", 400, "/body/result: enum"},
		"no text":               {`{"result":["Y"]}`, "", 400, "/body/result: enum"},
		"no JSON":               {`{"result"`, "", 400, "/body"},
		"nothing that fits now": {`{"result":"U"}`, "", 409, "/body/result: state"},
		"a form of none":        {`result=`, form, 400, "/body/result: enum"},
		"a broken form":         {`result=%zz`, form, 400, "/body: form"},
		"another media type":    {`result=Y`, "Content-Type: text/plain", 415, "/header/Content-Type"},
	} {
		t.Run(name, func(t *testing.T) {
			headers := []string{wantJSON}
			if c.media != "" {
				headers = append(headers, c.media)
			}
			if w := r.send("POST", link, c.body, headers...); w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
	if s := r.status(id); s != "waiting" {
		t.Fatalf("wrong answers made it %s", s)
	}
	out = r.want(http.StatusOK, "POST", link, `{"result":"Y"}`)
	if text(out, "id") != id || out["status"] != "settled" || out["return_url"] != "https://shop.test/done?id="+id+"&status=settled" {
		t.Errorf("answered: %v", out)
	}
	if s := r.status(id); s != "settled" {
		t.Errorf("it is %s", s)
	}
}

// TestChallengeIsOver: used, expired or never there, a link is gone, for
// people and for scripts.
func TestChallengeIsOver(t *testing.T) {
	r := newShop(t)
	_, used := r.pays("")
	r.want(http.StatusOK, "POST", used, `{"result":"N"}`)
	late, expired := r.pays("")
	r.advance("default", 15*time.Minute)
	if s := r.status(late); s != "expired" {
		t.Fatalf("after 15 minutes it is %s", s)
	}
	given, timedOut := r.pays("")
	if out := r.want(http.StatusOK, "POST", timedOut, `{"result":"timeout"}`); out["status"] != "expired" || r.status(given) != "expired" {
		t.Errorf("time out: %v", out)
	}
	before := r.World().Names()
	for name, link := range map[string]string{
		"used": used, "expired": expired, "timed out": timedOut, "never there": "/3ds/default/" + strings.Repeat("a", 32), "no such sandbox": "/3ds/nowhere/" + strings.Repeat("a", 32),
		"no name of a sandbox": "/3ds/No%20Name/x",
	} {
		t.Run(name, func(t *testing.T) {
			over := func(w *httptest.ResponseRecorder, says string) {
				t.Helper()
				if w.Code != http.StatusGone || !strings.Contains(w.Body.String(), says) {
					t.Errorf("%d %s", w.Code, w.Body)
				}
			}
			over(r.send("GET", link, ""), `data-testid="challenge-over"`)
			over(r.send("POST", link, "result=Y", form), `data-testid="challenge-over"`)
			over(r.send("GET", link, "", wantJSON), `"not-found"`)
			over(r.send("POST", link, `{"result":"Y"}`), `"not-found"`)
		})
	}
	if after := r.World().Names(); len(after) != len(before) {
		t.Errorf("to look made a sandbox: %v", after)
	}
}

// TestChallengeIsAnsweredOnce lets people press at the same time.
func TestChallengeIsAnsweredOnce(t *testing.T) {
	r := newShop(t)
	id, link := r.pays("")
	codes := make([]int, 8)
	var wg sync.WaitGroup
	for i := range codes {
		wg.Go(func() { codes[i] = r.send("POST", link, `{"result":"`+[]string{"Y", "N"}[i%2]+`"}`).Code })
	}
	wg.Wait()
	won, lost := 0, 0
	for _, code := range codes {
		switch code {
		case http.StatusOK:
			won++
		case http.StatusGone:
			lost++
		}
	}
	if won != 1 || lost != len(codes)-1 {
		t.Errorf("%v", codes)
	}
	if s := r.status(id); s != "settled" && s != "failed" {
		t.Errorf("it is %s", s)
	}
}

// TestAbandonedChallenge goes on waiting: the holder may come back.
func TestAbandonedChallenge(t *testing.T) {
	r := newShop(t)
	id, link := r.pays(`"back":"https://shop.test/"`)
	if w := r.send("POST", link, "result=abandon", form); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "https://shop.test/?id="+id+"&status=waiting" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	r.want(http.StatusOK, "POST", link, `{"result":"Y"}`)
}

// TestReturn: a browser goes on to where the shop said, and only there.
func TestReturn(t *testing.T) {
	r := newShop(t)
	for back, want := range map[string]string{
		"https://shop.test/done":                   "https://shop.test/done?id=ID&status=failed",
		"http://127.0.0.1:3000":                    "http://127.0.0.1:3000?id=ID&status=failed",
		"https://shop.test/done?order=a%20b;c&x=1": "https://shop.test/done?order=a%20b;c&x=1&id=ID&status=failed",
		"https://shop.test/#/done":                 "https://shop.test/?id=ID&status=failed#/done",
		"javascript:alert(1)":                      "",
		"JAVASCRIPT://shop.test/%0Aalert(1)":       "",
		"data:text/html,x":                         "",
		"//shop.test/done":                         "",
		"/done":                                    "",
		"https:///done":                            "",
		"https://shop.test/\\r\\nSet-Cookie: a=b":  "",
		"":                        "",
		"ftp://shop.test/":        "",
		"https://shop.test:port/": "",
		"\\tjavascript:alert(document.domain)//x/y": "",
	} {
		t.Run(back, func(t *testing.T) {
			id, link := r.pays(`"back":"` + back + `"`)
			w := r.send("POST", link, "result=N", form)
			want := strings.ReplaceAll(want, "ID", id)
			if want == "" {
				if w.Code != http.StatusOK || w.Header().Get("Location") != "" || !strings.Contains(w.Body.String(), `data-testid="challenge-status">failed<`) {
					t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
				}
				return
			}
			if w.Code != http.StatusSeeOther || w.Header().Get("Location") != want {
				t.Errorf("%d, to %q, want %q", w.Code, w.Header().Get("Location"), want)
			}
		})
	}
}

// TestChallengeMounts follows links of several providers and sandboxes.
func TestChallengeMounts(t *testing.T) {
	r := newRig(t, func(o *emulator.Options) { o.Providers = []string{"killb", shop(t, "shop"), shop(t, "mall")} })
	for name, c := range map[string]struct{ path, host, begins string }{
		"by prefix":            {"/shop/payments", "", "/shop/3ds/default/"},
		"by the other prefix":  {"/mall/payments", "", "/mall/3ds/default/"},
		"by host":              {"/payments", "mall.localhost", "/3ds/default/"},
		"by host and a prefix": {"/shop/payments", "mall.localhost", "/shop/3ds/default/"},
	} {
		t.Run(name, func(t *testing.T) {
			var headers []string
			if c.host != "" {
				headers = append(headers, "Host: "+c.host)
			}
			out := r.want(http.StatusCreated, "POST", c.path, `{"merchant":"Ana"}`, append(headers, asShop)...)
			_, rest, _ := strings.Cut(text(out, "url"), "://")
			link := rest[strings.Index(rest, "/"):]
			if !strings.HasPrefix(link, c.begins) {
				t.Fatalf("the link is %s", link)
			}
			if w := r.send("GET", link, "", headers...); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Ana") {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			// without mount, the secret decides
			bare := link[strings.Index(link, "/3ds/"):]
			if out := r.want(http.StatusOK, "GET", bare, "", wantJSON); out["id"] == nil {
				t.Errorf("without a mount: %v", out)
			}
			if w := r.send("GET", "/killb"+bare, "", asKey); w.Code != http.StatusNotFound {
				t.Errorf("at a provider without challenges: %d", w.Code)
			}
			r.want(http.StatusOK, "POST", link, `{"result":"Y"}`, headers...)
			r.want(http.StatusGone, "GET", bare, "", wantJSON)
		})
	}
	// another sandbox has links of its own
	id, link := r.paysAt("/shop/payments", "", "Sandgate-Sandbox: alpha")
	if !strings.HasPrefix(link, "/shop/3ds/alpha/") {
		t.Errorf("the link is %s", link)
	}
	r.want(http.StatusGone, "GET", strings.Replace(link, "alpha", "default", 1), "", wantJSON)
	if out := r.want(http.StatusOK, "POST", link, `{"result":"N"}`); out["id"] != id || out["status"] != "failed" {
		t.Errorf("answered: %v", out)
	}
}

// TestPathsAreLoggedWithoutSecrets: a challenge's token is a credential, and a
// card number may stand in a path by mistake.
func TestPathsAreLoggedWithoutSecrets(t *testing.T) {
	r := newShop(t)
	_, link := r.pays("")
	token := link[strings.LastIndex(link, "/")+1:]
	r.want(http.StatusOK, "GET", link, "", wantJSON)
	r.send("DELETE", link, "")
	r.want(http.StatusOK, "POST", link, "result=Y", form, wantJSON)
	r.want(http.StatusNotFound, "GET", "/payments/4242424242424242", "", asShop)
	box, err := r.Sandbox("")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(box.Requests(10))
	if err != nil || strings.Contains(string(raw), token) || strings.Contains(string(raw), "42424242") || !strings.Contains(string(raw), `/3ds/default/…`) {
		t.Errorf("the request log: %s, %v", raw, err)
	}
}
