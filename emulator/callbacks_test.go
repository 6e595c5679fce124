package emulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/emulator/webhook"
)

const callbackSecret = "whsec_sandgate_development_only_0000"

// gateway is an emulator that services outside call.
type gateway struct {
	*testing.T
	*emulator.Server
}

func newGateway(t *testing.T, change ...func(*emulator.Options)) *gateway {
	t.Helper()
	o := emulator.Options{
		Providers: []string{"kobana-billing"}, Clock: "manual", Seed: 5, Egress: "none", Data: t.TempDir(), CheckReplies: true,
		Set: map[string]string{"pix.pays": "manual"},
	}
	s := newServer(t, o, change...)
	return &gateway{t, s}
}

func (g *gateway) send(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "localhost"
	r.Header.Set("User-Agent", "tests")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	return w
}

// told sends a body as the banking gateway would.
func (g *gateway) told(body string, headers ...string) *httptest.ResponseRecorder {
	signed, err := webhook.Sign("sha256=hmac-sha256-hex", callbackSecret, []byte(body), time.Time{})
	if err != nil {
		g.Error(err)
	}
	return g.send("POST", "/api/callbacks/kobana", body, append(headers, "X-Kobana-Signature", signed)...)
}

// pix makes a payment that waits, and gives its ids here and at the gateway.
func (g *gateway) pix() (id, uid string) {
	g.Helper()
	w := g.send("POST", "/v1/payments", `{"invoiceId":"b0000000-0000-4000-8000-000000000001","paymentMethod":{"type":"pix"},"amountCents":1000}`,
		"Authorization", "Bearer sk_test_sandgate")
	var made struct {
		Data struct {
			ID  string `json:"id"`
			UID string `json:"gateway_payment_id"`
		} `json:"data"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &made); err != nil || w.Code != 201 {
		g.Fatal(w.Code, err, w.Body)
	}
	return made.Data.ID, made.Data.UID
}

func (g *gateway) box() *sandbox.Sandbox {
	box, err := g.Sandbox("")
	if err != nil {
		g.Fatal(err)
	}
	return box
}

func (g *gateway) settle() {
	g.Helper()
	if _, err := g.box().Settle(context.Background()); err != nil {
		g.Fatal(err)
	}
}

func (g *gateway) callbacks(f sandbox.CallbackFilter) []sandbox.CallbackView {
	g.Helper()
	all, _, err := g.box().Callbacks(f, 1000, "")
	if err != nil {
		g.Fatal(err)
	}
	return all
}

func (g *gateway) status(payment string) string {
	g.Helper()
	all, _, err := g.box().Resources(sandbox.ResourceFilter{Kind: "payment", ID: payment}, 1, "")
	if err != nil || len(all) != 1 {
		g.Fatal(err, all)
	}
	return all[0].Status
}

func paidAt(uid string) string {
	return `{"object":{"uid":"` + uid + `","status":"paid","paid_amount":10.00},"event_code":"pix.paid","webhook":{"id":1,"first_try":%t}}`
}

// I1 for callbacks: however often and however much at once the same payload
// comes, it has one effect, and every sender hears the same.
func TestI1OneEffectOfACallback(t *testing.T) {
	g := newGateway(t)
	id, uid := g.pix()
	const senders = 100
	replies := make([]string, senders)
	var all sync.WaitGroup
	for i := range senders {
		all.Go(func() {
			w := g.told(fmt.Sprintf(paidAt(uid), i == 0))
			replies[i] = fmt.Sprint(w.Code, " ", w.Body)
		})
	}
	all.Wait()
	g.settle()
	slices.Sort(replies)
	if same := slices.Compact(replies); len(same) != 1 || !strings.HasPrefix(same[0], "200 ") {
		t.Errorf("replies: %v", same)
	}
	kept := g.callbacks(sandbox.CallbackFilter{})
	if len(kept) != 1 || kept[0].Received != senders || kept[0].Status != sandbox.CallbackProcessed || kept[0].Resource != id {
		t.Errorf("kept: %+v", kept)
	}
	events, _, err := g.box().Events(sandbox.EventFilter{Family: "payment", Action: "succeeded"}, 10, "")
	if err != nil || len(events) != 1 {
		t.Errorf("%d payments succeeded: %v", len(events), err)
	}
	if status := g.status(id); status != "succeeded" {
		t.Errorf("the payment is %s", status)
	}
}

// The worker needs no advance of a manual clock, and the instant is the
// sandbox's.
func TestCallbackIsProcessedByItself(t *testing.T) {
	g := newGateway(t)
	id, uid := g.pix()
	before, err := g.box().Now()
	if err != nil {
		t.Fatal(err)
	}
	if w := g.told(fmt.Sprintf(paidAt(uid), true)); w.Code != 200 {
		t.Fatal(w.Code, w.Body)
	}
	resume := g.box().Pause() // waits for the loop's turn, if it has begun
	resume()
	for g.callbacks(sandbox.CallbackFilter{})[0].Status == sandbox.CallbackReceived {
		g.box().Pause()() // it has not
	}
	if status := g.status(id); status != "succeeded" {
		t.Errorf("the payment is %s", status)
	}
	if got := g.callbacks(sandbox.CallbackFilter{})[0]; got.Processed == nil || !got.Processed.Equal(before) {
		t.Errorf("processed at %v, not %v", got.Processed, before)
	}
}

// What was answered with 200 is in the file: a process that starts from a
// copy of it, as after a kill, does what the callback says.
func TestCallbackSurvivesAKill(t *testing.T) {
	dir, copied := t.TempDir(), t.TempDir()
	g := newGateway(t, func(o *emulator.Options) { o.Data = dir })
	id, uid := g.pix()
	resume := g.box().Pause()
	w := g.told(fmt.Sprintf(paidAt(uid), true))
	if got := g.callbacks(sandbox.CallbackFilter{}); w.Code != 200 || len(got) != 1 || got[0].Status != sandbox.CallbackReceived {
		t.Fatal(w.Code, got)
	}
	eachFile(t, dir, func(path string, data []byte) {
		if err := os.WriteFile(filepath.Join(copied, filepath.Base(path)), data, 0o600); err != nil {
			t.Fatal(err)
		}
	})
	resume()
	again := newGateway(t, func(o *emulator.Options) { o.Data = copied })
	again.settle()
	if got := again.callbacks(sandbox.CallbackFilter{}); len(got) != 1 || got[0].Status != sandbox.CallbackProcessed {
		t.Errorf("after the start: %+v", got)
	}
	if status := again.status(id); status != "succeeded" {
		t.Errorf("the payment is %s", status)
	}
	if w := again.told(fmt.Sprintf(paidAt(uid), false)); w.Code != 200 {
		t.Error(w.Code)
	}
	if got := again.callbacks(sandbox.CallbackFilter{}); len(got) != 1 || got[0].Received != 2 {
		t.Errorf("told again: %+v", got)
	}
}

func eachFile(t *testing.T, dir string, do func(path string, data []byte)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "lock") {
			return err
		}
		data, err := os.ReadFile(path)
		if err == nil {
			do(path, data)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Those that prove nothing leave a trace each, of which the last are kept;
// they take no room from the others.
func TestRejectedCallbacksAreBounded(t *testing.T) {
	g := newGateway(t)
	if w := g.told(`{"event_code":"ping"}`); w.Code != 200 {
		t.Fatal(w.Code, w.Body)
	}
	for i := range 103 {
		body := fmt.Sprintf(`{"event_code":"ping","n":%d,"long":%q}`, i, strings.Repeat("x", 10_000))
		if w := g.send("POST", "/api/callbacks/kobana", body, "X-Kobana-Signature", "sha256=00"); w.Code != 401 {
			t.Fatal(w.Code, w.Body)
		}
	}
	g.settle()
	bad := g.callbacks(sandbox.CallbackFilter{Status: sandbox.CallbackRejected})
	if len(bad) != 100 || bad[0].Valid {
		t.Errorf("%d are kept", len(bad))
	}
	newest, err := g.box().Callback(bad[0].ID)
	if err != nil || !strings.Contains(newest.Body, `"n":102`) || len(newest.Body) != 4096 {
		t.Errorf("%v: %d bytes: %.40s", err, len(newest.Body), newest.Body)
	}
	if good := g.callbacks(sandbox.CallbackFilter{Status: sandbox.CallbackIgnored}); len(good) != 1 {
		t.Errorf("of the good ones %d are kept", len(good))
	}
}

// 100 card numbers and 100 secrets come in, signed and unsigned, as JSON and
// as a form; none of them is in the files, the log or a reply.
func TestCallbackCanaries(t *testing.T) {
	onebyone(t)
	var log syncBuffer
	dir := t.TempDir()
	g := newGateway(t, func(o *emulator.Options) {
		o.Data, o.Log = dir, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	var canaries []string
	var replies bytes.Buffer
	for i := range 100 {
		number, secret := withCheckDigit(fmt.Sprintf("40000%04d000%03d", i*97%10_000, i)), fmt.Sprintf("canary-%03d-secret", i)
		canaries = append(canaries, number, secret)
		spaced := number[:4] + " " + number[4:8] + " " + number[8:12] + " " + number[12:]
		body := `{"event_code":"` + number + `","object":{"uid":"` + number + `","n":` + number + `,"text":"x ` + spaced + ` y","card":{"number":"` + number +
			`","cvv":"` + secret + `"},"secret_key":"` + secret + `"},"webhook":{"secret":"` + secret + `"}}`
		if w := g.told(body, "X-Kobana-Delivery-Id", number, "User-Agent", number); w.Code != 200 {
			t.Fatal(w.Code, w.Body)
		}
		replies.Write(g.send("POST", "/api/callbacks/kobana", body, "X-Kobana-Signature", number).Body.Bytes())
		replies.Write(g.send("POST", "/api/callbacks/pagarme", "id="+number+"&password="+secret+"&card[number]="+number, "Content-Type", "application/x-www-form-urlencoded",
			"Authorization", "Basic "+secret).Body.Bytes())
		replies.Write(g.send("POST", "/api/callbacks/pagarme", `{"broken": "`+number+`" "`+secret+`"`).Body.Bytes())
		replies.Write(g.send("POST", "/api/callbacks/"+number, `{}`).Body.Bytes())
	}
	g.settle()
	replies.Write(g.send("GET", "/_sandgate/callbacks?limit=500", "").Body.Bytes())
	for _, b := range g.callbacks(sandbox.CallbackFilter{}) {
		replies.Write(g.send("GET", "/_sandgate/callbacks/"+b.ID, "").Body.Bytes())
	}
	replies.Write(g.send("GET", "/_sandgate/requests", "").Body.Bytes())
	look := func(where string, text []byte) {
		for _, canary := range canaries {
			if i := bytes.Index(text, []byte(canary)); i >= 0 {
				t.Errorf("%s holds %s: …%s…", where, canary, text[max(0, i-80):min(len(text), i+40)])
				return
			}
		}
	}
	look("a reply", replies.Bytes())
	look("the log", log.bytes())
	eachFile(t, dir, look)
}

// withCheckDigit ends a number so that it is a card number.
func withCheckDigit(digits string) string {
	for last := range 10 {
		sum := 0
		full := digits + fmt.Sprint(last)
		for i, double := len(full)-1, false; i >= 0; i, double = i-1, !double {
			d := int(full[i] - '0')
			if double {
				d *= 2
			}
			sum += d/10 + d%10
		}
		if sum%10 == 0 {
			return full
		}
	}
	return digits
}

// Same calls, same ids, whatever the worker does between: what a callback
// makes draws from a stream of its own.
func TestCallbacksRepeat(t *testing.T) {
	onebyone(t)
	run := func() string {
		g := newGateway(t)
		_, uid := g.pix()
		g.told(fmt.Sprintf(paidAt(uid), true))
		g.pix() // races with the worker
		g.settle()
		g.pix()
		events, _, err := g.box().Events(sandbox.EventFilter{}, 100, "")
		if err != nil {
			t.Fatal(err)
		}
		ids := []string{}
		for _, e := range events {
			ids = append(ids, e.ID+e.Resource)
		}
		slices.Sort(ids)
		return strings.Join(ids, " ")
	}
	if a, b := run(), run(); a != b {
		t.Errorf("two runs differ:\n%s\n%s", a, b)
	}
}

// Every event that a source can send is one that its own handler, if it has
// one, can be asked to take; every scheme can be made.
func TestCallbackSources(t *testing.T) {
	for _, name := range emulator.BuiltIn() {
		providers, err := emulator.LoadProviders([]string{name}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, src := range providers[0].Scenario.Callbacks {
			for _, p := range src.Proof {
				if p.Scheme != "" && !slices.Contains(webhook.Schemes(), p.Scheme) {
					t.Errorf("%s, %s: nobody makes %s", name, src.Name, p.Scheme)
				}
			}
		}
	}
}
