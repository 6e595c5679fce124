package emulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/testcards"
)

// canaryHunt holds 100 secrets and 100 card numbers that must be found nowhere.
type canaryHunt struct {
	t       *testing.T
	s       *emulator.Server
	dir     string
	log     syncBuffer
	replies bytes.Buffer

	secrets, cards   []string
	secretAt, cardAt int
}

const (
	canaryCount = 100
	canaryMark  = "cnryQx7"
	huntToken   = canaryMark + "-control-token"
)

func newHunt(t *testing.T, also ...func(*emulator.Options)) *canaryHunt {
	t.Helper()
	h := &canaryHunt{t: t, dir: t.TempDir()}
	for i := range canaryCount {
		h.secrets = append(h.secrets, fmt.Sprintf("%s%02dZkPw%d", canaryMark, i, 7919*(i+13)))
	}
	h.cards = huntedCards(t)
	var err error
	o := emulator.Options{
		Clock: "manual", Seed: 5, Egress: "none", Data: h.dir, ControlToken: huntToken,
		Log: slog.New(slog.NewTextHandler(&h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, change := range also {
		change(&o)
	}
	h.s, err = emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.s.Close() })
	return h
}

// huntedCards are listed numbers and ones that nobody lists, of every card scheme.
func huntedCards(t *testing.T) (all []string) {
	t.Helper()
	for _, name := range testcards.Names() {
		d, err := testcards.Embedded(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range d.Cards {
			if len(c.Number) >= 13 && passesLuhn(c.Number) && len(all) < canaryCount/2 && !slices.Contains(all, c.Number) {
				all = append(all, c.Number)
			}
		}
	}
	starts := []string{"4539", "5412", "2223", "3782", "6011", "3530", "6304", "5067", "4000"}
	for n := 0; len(all) < canaryCount; n++ {
		start, length := starts[n%len(starts)], 16
		if start == "3782" {
			length = 15
		}
		number := start + fmt.Sprintf("%0*d", length-1-len(start), 73_571_113+n*90_031)
		for digit := range 10 {
			if whole := number + fmt.Sprint(digit); passesLuhn(whole) {
				all = append(all, whole)
			}
		}
	}
	return all
}

func passesLuhn(number string) bool {
	sum := 0
	for i := range number {
		d := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

func (h *canaryHunt) secret() string {
	h.secretAt++
	return h.secrets[h.secretAt%len(h.secrets)]
}

// card is the next number, now and then as people write it.
func (h *canaryHunt) card() string {
	h.cardAt++
	number := h.cards[h.cardAt%len(h.cards)]
	switch h.cardAt % 5 {
	case 1:
		return spread(number, " ")
	case 2:
		return spread(number, "-")
	}
	return number
}

func spread(number, between string) string {
	var groups []string
	for group := range slices.Chunk([]byte(number), 4) {
		groups = append(groups, string(group))
	}
	return strings.Join(groups, between)
}

// send pushes one request in and keeps what comes out.
func (h *canaryHunt) send(method, target string, body []byte, headers ...string) int {
	h.t.Helper()
	r, err := http.NewRequest(method, "http://localhost"+target, bytes.NewReader(body))
	if err != nil {
		return 0 // the path is none: nothing can be sent to it
	}
	r.RequestURI, r.RemoteAddr = r.URL.RequestURI(), "127.0.0.1:9"
	r.Header.Set("User-Agent", "tests")
	r.Header.Set("Authorization", "Bearer sk_test_sandgate")
	if len(body) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.s.ServeHTTP(w, r)
	fmt.Fprintf(&h.replies, "%d %v %s\n", w.Code, w.Header(), w.Body)
	return w.Code
}

func (h *canaryHunt) control(method, path, body string) int {
	h.t.Helper()
	return h.send(method, "/_sandgate/"+path, []byte(body), "Authorization", "Bearer "+huntToken)
}

var scriptCall = regexp.MustCompile(`(?m)^call (GET|POST|PUT|PATCH|DELETE) (\S+)(?: '(\{.*\})')?`)

// corpus are requests that succeed, from the scripts that say what a provider does: a few of each operation.
func (h *canaryHunt) corpus(provider string, each int) (calls [][]string) {
	h.t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", provider, "*.txtar"))
	if err != nil || len(files) == 0 {
		h.t.Fatal(files, err)
	}
	seen := map[string]int{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, m := range scriptCall.FindAllStringSubmatch(string(text), -1) {
			path, _, _ := strings.Cut(m[2], "?")
			if key := m[1] + " " + path; strings.Contains(m[3], "$") || seen[key] >= each {
				continue
			} else {
				seen[key]++
			}
			calls = append(calls, m[1:4])
		}
	}
	return calls
}

// spoil gives copies of a body with a card number in place of one text each, and one with things that nobody declares.
func (h *canaryHunt) spoil(body string) (all [][]byte) {
	var v any
	if json.Unmarshal([]byte(body), &v) != nil {
		return nil
	}
	var places []func(string) func()
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				if was, ok := v[name].(string); ok {
					places = append(places, func(s string) func() { v[name] = s; return func() { v[name] = was } })
				}
				walk(v[name])
			}
		case []any:
			for i, item := range v {
				if was, ok := item.(string); ok {
					places = append(places, func(s string) func() { v[i] = s; return func() { v[i] = was } })
				}
				walk(item)
			}
		}
	}
	walk(v)
	marshal := func() {
		raw, _ := json.Marshal(v)
		all = append(all, raw)
	}
	for _, put := range places {
		back := put(h.card())
		marshal()
		back()
		back = put("for card " + h.card() + ", thanks")
		marshal()
		back()
	}
	if m, ok := v.(map[string]any); ok {
		m["note"], m["client_secret"], m["password"] = h.card(), h.secret(), h.secret()
		m["metadata"] = map[string]any{"a": h.card(), "deep": map[string]any{"b": []any{h.card(), json.Number(h.cards[h.cardAt%100])}, h.card(): 1}}
		marshal()
	}
	return all
}

// TestG9G10Canaries pushes secrets and card numbers through every input of every provider and of the control API, and looks for
// them in every byte of the folder, in the log, in what was answered and in what the control API shows. What a customer writes into
// a name or a note is shown to them, so secrets go where secrets belong; a card number may go anywhere.
func TestG9G10Canaries(t *testing.T) {
	onebyone(t)
	h := newHunt(t)
	each := 4
	if testing.Short() {
		each = 1
	}
	good := 0
	for _, p := range h.s.World().Providers() {
		base := "/" + p.Name()
		for _, path := range []string{"", "/webhook"} { // endpoints are registered first, so that every event has deliveries
			h.control("POST", "endpoints", `{"provider":"`+p.Name()+`","url":"http://127.0.0.1:1`+path+`","secret":"`+h.secret()+`","events":["*"]}`)
		}
		for _, c := range h.corpus(p.Name(), each) {
			method, target, body := c[0], base+c[1], c[2]
			if strings.Contains(target, "$") {
				target = regexp.MustCompile(`\$\w+`).ReplaceAllString(target, url.PathEscape(h.card()))
			}
			bodies := [][]byte{nil}
			if body != "" {
				bodies = append([][]byte{[]byte(body)}, h.spoil(body)...)
			}
			for i, b := range bodies {
				glue := "?"
				if strings.Contains(target, "?") {
					glue = "&"
				}
				where := target
				if i%3 == 2 {
					where += glue + "search=" + url.QueryEscape(h.card()) + "&api_key=" + h.secret() + "&access_token=" + h.secret()
				}
				code := h.send(method, where, b, "Idempotency-Key", h.secret()+h.card(), "X-Request-Id", h.card(), "X-Secret", h.secret(), "Cookie", "session="+h.secret()+h.card())
				if code < 300 {
					good++
				}
			}
		}
		h.otherDoors(base, p.Scenario.Webhooks.Header)
	}
	h.controlDoors()
	if good < 100 {
		t.Fatalf("%d requests succeeded: this test proves nothing", good)
	}
	if _, err := h.s.Advance(40 * 24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	h.look()
}

// otherDoors are credentials, forms, uploads, and paths that are none.
func (h *canaryHunt) otherDoors(base, header string) {
	form := url.Values{"email": {h.card()}, "password": {h.secret()}, "card[number]": {h.card()}, "note": {h.card()}}
	var upload bytes.Buffer
	w := multipart.NewWriter(&upload)
	w.WriteField("note", h.card())
	w.WriteField("password", h.secret())
	if f, err := w.CreateFormFile("file", h.card()+".csv"); err == nil {
		fmt.Fprintf(f, "number,secret\n%s,%s\n", h.card(), h.secret())
	}
	w.Close()
	for _, p := range h.s.World().Providers() {
		if "/"+p.Name() != base {
			continue
		}
		for _, op := range p.Contract.Operations() {
			path := regexp.MustCompile(`\{[^}]+\}`).ReplaceAllString(op.Path, url.PathEscape(h.card()))
			h.send(op.Method, base+path, []byte(form.Encode()), "Content-Type", "application/x-www-form-urlencoded")
			h.send(op.Method, base+path, upload.Bytes(), "Content-Type", w.FormDataContentType())
			h.send(op.Method, base+path, []byte(`{"a":"`+h.card()+`", broken "`+h.secret()), "Content-Type", "application/json")
			h.send(op.Method, base+path, []byte(`"`+h.card()+`"`), "Content-Type", h.card())
		}
	}
	for _, credential := range []string{
		"Bearer " + h.secret(), "Bearer sk_test_" + h.secret(), "Bearer sk_live_" + h.secret(), "Bearer sgat_" + h.secret(), "Bearer " + h.card(),
		"Basic " + h.secret(), "Bearer sk_test_ws_" + h.cards[0] + "_" + h.secret(), h.secret(),
	} {
		h.send("GET", base+"/v1/invoices", nil, "Authorization", credential, "x-api-key", h.secret())
		h.send("GET", base+"/api/v2/users", nil, "Authorization", credential, "Sandgate-Sandbox", h.cards[1])
	}
	for _, email := range []string{"dev@sandgate.test", h.card() + "@sandgate.test", "nobody@sandgate.test"} {
		h.send("POST", base+"/api/v2/auth/login", []byte(`{"email":"`+email+`","password":"`+h.secret()+`","otpCode":"`+h.card()+`"}`))
	}
	h.send("GET", base+"/"+h.card()+"/"+url.PathEscape(h.card()), nil)
	h.send("GET", base+"/%zz"+h.card(), nil)
	h.send(strings.ReplaceAll(h.card(), " ", ""), base+"/v1/invoices", nil)
	for _, at := range []string{"http://127.0.0.1:1/" + h.cards[2], "http://u:" + h.secret() + "@127.0.0.1:1/", "http://127.0.0.1:1/?n=" + h.cards[3]} {
		h.send("POST", base+"/api/v2/webhooks", []byte(`{"url":"`+at+`","secret":"`+h.secret()+`","events":["USER"]}`), "Authorization", "Bearer sk_test_ws_other_x")
	}
	h.send("POST", base+"/api/v2/webhooks", []byte(`{"url":"http://127.0.0.1:1/","secret":"`+h.secret()+strings.Repeat("x", 20)+`","events":["USER"]}`), "Authorization", "Bearer sk_test_ws_other_x")
	h.send("PATCH", base+"/api/v2/webhooks", []byte(`{"secret":"`+h.secret()+strings.Repeat("y", 20)+`"}`), "Authorization", "Bearer sk_test_ws_other_x")
}

// controlDoors are the inputs of the control API.
func (h *canaryHunt) controlDoors() {
	for _, p := range h.s.World().Providers() {
		for _, at := range []string{"http://127.0.0.1:1/" + h.cards[4], "http://u:" + h.secret() + "@127.0.0.1:1/", "http://127.0.0.1:1/"} {
			h.control("POST", "endpoints", `{"provider":"`+p.Name()+`","url":"`+at+`","secret":"`+h.secret()+h.cards[5]+`","events":["`+h.card()+`"]}`)
			h.control("POST", "endpoints", `{"provider":"`+p.Name()+`","url":"`+at+`","secret":"`+h.secret()+h.cards[5]+`"}`)
		}
		h.control("POST", "endpoints", `{"provider":"`+h.card()+`","url":"x`+h.card()+`"}`)
	}
	for _, path := range []string{"endpoints/", "events/", "deliveries/", "sandboxes/", "resources/", ""} {
		for _, method := range []string{"GET", "POST", "PATCH", "DELETE"} {
			h.control(method, path+url.PathEscape(h.card()), `{"note":"`+h.card()+`","secret":"`+h.secret()+`"}`)
		}
	}
	h.control("POST", "clock/advance", `{"by":"`+h.card()+`"}`)
	h.control("PUT", "clock", `{"mode":"`+h.card()+`"}`)
	h.control("GET", "events?family="+url.QueryEscape(h.card())+"&cursor="+url.QueryEscape(h.card())+"&token="+h.secret(), "")
	h.control("GET", "resources?kind="+url.QueryEscape(h.card()), "")
	h.send("GET", "/_sandgate/events", nil, "Authorization", "Bearer "+h.secret())
}

// look searches everything that was written or shown.
func (h *canaryHunt) look() {
	for _, path := range []string{"requests?limit=500", "events?limit=500", "deliveries?limit=500", "endpoints", "sandboxes", "about"} {
		h.control("GET", path, "")
	}
	for _, p := range h.s.World().Providers() {
		for _, r := range p.Scenario.Resources {
			h.control("GET", "resources?limit=500&provider="+p.Name()+"&kind="+r.Kind, "")
		}
	}
	if box, err := h.s.Sandbox(""); err == nil {
		events, _, _ := box.Events(sandbox.EventFilter{}, 500, "")
		for _, e := range events {
			h.control("GET", "events/"+e.ID, "")
		}
	}
	h.find("the replies and the control API", h.replies.Bytes())
	h.find("the log", h.log.bytes())
	files := 0
	err := filepath.WalkDir(h.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		files++
		h.find(filepath.Base(path), text)
		h.find("the names of files", []byte(path))
		return err
	})
	if err != nil || files < 3 {
		h.t.Fatal(files, err)
	}
}

// find reports the first few hits of each sort.
func (h *canaryHunt) find(where string, text []byte) {
	h.t.Helper()
	if where == "the replies and the control API" && !bytes.Contains(text, []byte(`"data"`)) {
		h.t.Error("nothing was answered")
	}
	hits := 0
	report := func(what string, i int) {
		if hits++; hits <= 5 {
			h.t.Errorf("%s: %s holds %s: …%q…", h.t.Name(), where, what, text[max(0, i-120):min(len(text), i+60)])
		}
	}
	for at, i := 0, 0; i >= 0; at += i + 1 {
		if i = bytes.Index(text[at:], []byte(canaryMark)); i >= 0 {
			report("a secret", at+i)
		}
	}
	for _, card := range h.cards {
		for _, form := range []string{card, spread(card, " "), spread(card, "-"), spread(card, "+"), spread(card, "%20")} {
			if i := bytes.Index(text, []byte(form)); i >= 0 {
				report("card "+card, i)
			}
		}
	}
	if hits > 5 {
		h.t.Errorf("%s: %d more", where, hits-5)
	}
}
