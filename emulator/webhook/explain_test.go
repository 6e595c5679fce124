package webhook

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

// signedAt is when the messages of these tests are signed; they are verified a minute later.
var signedAt = time.Unix(1_767_225_600, 0)

const body = `{"name":"José & <Ana>","url":"https://example.com/a","total":10.50,"list":[1,{"b":null,"a":true}],"empty":{}}`

// sent is body as a receiver gets it who does everything right.
func sent(t *testing.T, scheme, secret, body string) Received {
	t.Helper()
	m := Message{ID: "evt_1", RequestID: "req-1", DataID: "PAY42", Body: []byte(body), At: signedAt}
	signed, err := SignMessage(scheme, []string{secret}, m)
	if err != nil {
		t.Fatal(err)
	}
	h := http.Header{}
	for name, value := range signed.Headers {
		h.Set(name, value)
	}
	return Received{
		Scheme: scheme, Value: signed.Value, Header: h, Body: m.Body, DataID: m.DataID, Secrets: []string{secret},
		Now: signedAt.Add(time.Minute), Tolerance: 5 * time.Minute,
	}
}

const (
	own       = "whsec_own_secret_of_this_test_000000"
	symmetric = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
)

func TestExplain(t *testing.T) {
	type edit = func(*Received)
	text := func(s string) edit { return func(r *Received) { r.Body = []byte(s) } }
	for _, c := range []struct {
		name, scheme, secret, body string
		change                     edit
		reason, hint               string
	}{
		{"right", "hmac-sha256-hex", own, body, func(*Received) {}, "", ""},
		{"time right", "t,v1", own, body, func(*Received) {}, "", ""},

		{"compact", "hmac-sha256-hex", own, `{"a":1,"b":[1,2]}`, text("{\n  \"a\": 1,\n  \"b\": [\n    1,\n    2\n  ]\n}"), "body-reencoded", "what was signed is compact JSON: verify the bytes as they came"},
		{"pretty", "hmac-sha256-hex", own, "{\n  \"a\": 1,\n  \"b\": [],\n  \"c\": {}\n}", text(`{"a":1,"b":[],"c":{}}`), "body-reencoded", "indented by 2 spaces"},
		{"tabs", "hmac-sha256-hex", own, "{\n\t\"a\": 1\n}", text(`{"a":1}`), "body-reencoded", "indented by tabs"},
		{"spaced", "hmac-sha256-hex", own, `{"a": 1, "b": [1, 2]}`, text(`{"a":1,"b":[1,2]}`), "body-reencoded", "a space after commas and colons"},
		{"sorted", "hmac-sha256-hex", own, `{"a":1,"b":{"c":2,"d":3}}`, text(`{"b":{"d":3,"c":2},"a":1}`), "body-reencoded", "its keys sorted"},
		{"unescaped", "hmac-sha256-hex", own, `{"n":"Jos\u00e9 \ud83d\ude42"}`, text(`{"n":"José 🙂"}`), "body-reencoded", "non-ASCII characters escaped"},
		{"escaped", "hmac-sha256-hex", own, `{"n":"José"}`, text(`{"n":"Jos\u00e9"}`), "body-reencoded", "compact JSON"},
		{"slashes", "hmac-sha256-hex", own, `{"u":"https:\/\/a\/b"}`, text(`{"u":"https://a/b"}`), "body-reencoded", "slashes escaped"},
		{"angles", "hmac-sha256-hex", own, `{"u":"\u003ca\u003e\u0026"}`, text(`{"u":"<a>&"}`), "body-reencoded", "<, > and & escaped"},
		{"numbers", "hmac-sha256-hex", own, `{"n":10.5,"big":1}`, text(`{"n":10.50,"big":1.0}`), "body-reencoded", "numbers as a float prints them"},

		{"newline added", "hmac-sha256-hex", own, body, text(body + "\n"), "body-newline", "ends in a line end that was not signed"},
		{"newline lost", "hmac-sha256-hex", own, body + "\n", text(body), "body-newline", "is gone"},
		{"CR LF lost", "hmac-sha256-hex", own, body + "\r\n", text(body), "body-newline", "CR LF"},
		{"CR LF added", "hmac-sha256-hex", own, "a\nb\n", text("a\r\nb\r\n"), "body-crlf", "has CR LF where LF was signed"},
		{"LF added", "hmac-sha256-hex", own, "a\r\nb", text("a\nb"), "body-crlf", "has LF where CR LF was signed"},
		{"BOM added", "hmac-sha256-hex", own, body, text("\xef\xbb\xbf" + body), "body-bom", "begins with a byte order mark"},
		{"BOM lost", "hmac-sha256-hex", own, "\xef\xbb\xbf" + body, text(body), "body-bom", "is gone"},

		{"base64 for hex", "hmac-sha256-hex", own, body, func(r *Received) {
			raw, _ := hex.DecodeString(r.Value)
			r.Value = base64.StdEncoding.EncodeToString(raw)
		}, "encoding", "the value is base64, and the scheme's is hex"},
		{"hex for base64", "hmac-sha256-base64", own, body, func(r *Received) {
			raw, _ := base64.StdEncoding.DecodeString(r.Value)
			r.Value = hex.EncodeToString(raw)
		}, "encoding", "the value is hex, and the scheme's is base64"},
		{"padding lost", "hmac-sha256-base64", own, body, func(r *Received) { r.Value = strings.TrimRight(r.Value, "=") }, "encoding", "without its padding"},
		{"upper case", "hmac-sha256-hex", own, body, func(r *Received) { r.Value = strings.ToUpper(r.Value) }, "case", "the hex digits are upper-case, and the scheme's are lower-case"},
		{"lower case", "sha1=HMAC-SHA1-HEX", own, body, func(r *Received) { r.Value = strings.ToLower(r.Value) }, "case", "the scheme's are upper-case"},
		{"prefix missing", "sha256=hmac-sha256-hex", own, body, func(r *Received) { r.Value = r.Value[7:] }, "prefix", `lacks the prefix "sha256="`},
		{"prefix extra", "hmac-sha256-hex", own, body, func(r *Received) { r.Value = "sha256=" + r.Value }, "prefix", `begins with "sha256=", and the scheme has no prefix`},
		{"label missing", "standard-webhooks-v1", symmetric, body, func(r *Received) { r.Value = r.Value[3:] }, "prefix", `lacks the prefix "v1,"`},
		{"quoted", "hmac-sha256-hex", own, body, func(r *Received) { r.Value = ` "` + r.Value + `"` }, "header-whitespace", "a quote"},
		{"truncated", "hmac-sha256-hex", own, body, func(r *Received) { r.Value = r.Value[:32] }, "truncated", "32 of 64 characters are there"},
		{"truncated in a list", "t,v1", own, body, func(r *Received) { r.Value = r.Value[:len(r.Value)-10] }, "truncated", "54 of 64"},
		{"empty", "hmac-sha256-hex", own, body, func(r *Received) { r.Value = "" }, "header-empty", "its form is 64 hex digits"},

		{"other scheme", "hmac-sha256-hex", own, body, func(r *Received) { r.Value, _ = Sign("sha256-body-secret-hex", own, r.Body, signedAt) }, "other-scheme", "signed as sha256-body-secret-hex"},
		{"time without", "hmac-sha256-hex", own, body, func(r *Received) { r.Value, _ = Sign("t,v1", own, r.Body, signedAt) }, "other-scheme", "signed as t,v1"},
		{"body alone", "t,v1", own, body, func(r *Received) {
			value, _ := Sign("hmac-sha256-hex", own, r.Body, signedAt)
			r.Value = "t=1767225600,v1=" + value
		}, "other-scheme", "signed as hmac-sha256-hex"},

		{"development secret", "hmac-sha256-hex", devSecret, body, func(r *Received) { r.Secrets, r.Development = []string{own}, []string{devSecret} }, "development-secret", "development secret"},
		{"another secret", "hmac-sha256-hex", own, body, func(r *Received) { r.Secrets = []string{"new", "x", own} }, "other-secret", "secret 3 of those given matches"},
		{"space around", "hmac-sha256-hex", own, body, func(r *Received) { r.Secrets = []string{" " + own + "\n"} }, "secret-whitespace", "without the white space"},
		{"sender's space", "hmac-sha256-hex", own + "\n", body, func(r *Received) { r.Secrets = []string{own} }, "secret-whitespace", "the sender's secret ends in a line end"},
		{"decode it", "hmac-sha256-hex", "key bytes of some length", body, func(r *Received) {
			r.Secrets = []string{base64.StdEncoding.EncodeToString([]byte(r.Secrets[0]))}
		}, "secret-base64", "decoded from base64"},
		{"decode hex", "hmac-sha256-hex", "key bytes", body, func(r *Received) { r.Secrets = []string{hex.EncodeToString([]byte(r.Secrets[0]))} }, "secret-hex", "decoded from hex"},
		{"do not decode", "standard-webhooks-v1", "whsec_" + base64.StdEncoding.EncodeToString([]byte(symmetric)), body, func(r *Received) { r.Secrets = []string{symmetric} }, "secret-base64", "do not decode base64"},
		{"prefix cut", "hmac-sha256-hex", own, body, func(r *Received) { r.Secrets = []string{own[6:]} }, "secret-prefix", "with whsec_ before it"},
		{"prefix kept", "hmac-sha256-hex", own[6:], body, func(r *Received) { r.Secrets = []string{own} }, "secret-prefix", "without whsec_"},

		{"old", "t,v1", own, body, func(r *Received) { r.Now = signedAt.Add(400 * time.Second) }, "timestamp-old", "signed 6m40s before now, and 5m0s is tolerated"},
		{"new", "standard-webhooks-v1", symmetric, body, func(r *Received) { r.Now = signedAt.Add(-time.Hour) }, "timestamp-new", "signed 1h0m0s after now"},
		{"old and any time", "t,v1", own, body, func(r *Received) { r.Now, r.Tolerance = signedAt.Add(1000*time.Hour), 0 }, "", ""},
		{"milliseconds signed", "t,v1", own, body, func(r *Received) {
			r.Value = "t=1767225600,v1=" + hex.EncodeToString(sum(sha256.New, []byte(own), []byte("1767225600000."+body)))
		}, "timestamp-unit", "shown in seconds and was signed in milliseconds"},
		{"milliseconds shown", "t,v1", own, body, func(r *Received) { r.Value = strings.Replace(r.Value, "t=1767225600", "t=1767225600000", 1) }, "timestamp-unit", "shown in milliseconds and was signed in seconds"},
		{"milliseconds both", "t,v1", own, body, func(r *Received) {
			r.Value = "t=1767225600000,v1=" + hex.EncodeToString(sum(sha256.New, []byte(own), []byte("1767225600000."+body)))
		}, "timestamp-unit", "the scheme's is in seconds"},
		{"no number", "t,v1", own, body, func(r *Received) {
			r.Value = "t=soon,v1=" + hex.EncodeToString(sum(sha256.New, []byte(own), []byte("soon."+body)))
		}, "timestamp-malformed", `"soon" is no number`},

		{"no id", "standard-webhooks-v1", symmetric, body, func(r *Received) { r.Header.Del("webhook-id") }, "header-missing", "webhook-id is signed too"},
		{"no form", "t,v1", own, body, func(r *Received) { r.Value = "abc" }, "malformed", "not of the form t=<unix seconds>,v1="},
		{"SHA-1 for SHA-256", "hmac-sha256-hex", own, body, func(r *Received) { r.Value = strings.Repeat("ab", 20) }, "length", "has 40 characters; the scheme's have 64"},
		{"no key", "standard-webhooks-v1", symmetric, body, func(r *Received) { r.Secrets = []string{"short"} }, "secret-form", "whsec_ and the base64"},
		{"anything", "hmac-sha256-hex", own, body, func(r *Received) { r.Value = strings.Repeat("ab", 32) }, "no-match", "another secret, or another body"},
		{"no scheme", "hmac-sha256-hex", own, body, func(r *Received) { r.Scheme = "md5" }, "scheme", "expected one of"},

		{"two at once", "hmac-sha256-hex", own, body, func(r *Received) { r.Body, r.Value = []byte(body+"\n"), strings.ToUpper(r.Value) }, "body-newline", "line end"},
		{"scheme and secret", "t,v1", own, body, func(r *Received) {
			value, _ := Sign("hmac-sha256-base64", devSecret, r.Body, signedAt)
			r.Value, r.Development = value, []string{devSecret}
		}, "other-scheme", "signed as hmac-sha256-base64"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := sent(t, c.scheme, c.secret, c.body)
			c.change(&r)
			got := Explain(r)
			if got.Valid != (c.reason == "") || got.Reason != c.reason || !strings.Contains(strings.Join(got.Hints, "\n"), c.hint) {
				t.Errorf("%+v\nwant %q, … %s …", got, c.reason, c.hint)
			}
			either := got.Valid || got.Reason == "other-secret" // while a secret is replaced, both are good
			if err := Verify(r); (err == nil) != either || err != nil && r.Scheme != "md5" && !errors.Is(err, ErrSignature) {
				t.Errorf("Verify: %v", err)
			}
			for _, hint := range got.Hints {
				for _, secret := range append(r.Secrets, r.Development...) {
					if len(secret) > 8 && strings.Contains(hint, strings.TrimSpace(secret)) {
						t.Errorf("a hint shows a secret: %s", hint)
					}
				}
			}
		})
	}
}

// TestExplainLargeBody stays within a second or two of hashing, whatever came.
func TestExplainLargeBody(t *testing.T) {
	r := sent(t, "hmac-sha256-hex", own, body)
	r.Body = bytes.Repeat([]byte("x"), 1<<20)
	if got := Explain(r); got.Valid || got.Reason != "no-match" {
		t.Errorf("%+v", got)
	}
}

func FuzzExplain(f *testing.F) {
	f.Add("t,v1", "t=1,v1=ab", "secret", []byte(`{"a":1}`), "evt")
	f.Add("standard-webhooks-v1", "v1,AAAA v1,", symmetric, []byte("\n"), "a.b")
	f.Add("sha1=HMAC-SHA1-HEX", "sha1=", "", []byte(nil), "")
	f.Fuzz(func(t *testing.T, scheme, value, secret string, body []byte, id string) {
		Explain(Received{Scheme: scheme, Value: value, Secrets: []string{secret}, Body: body, Header: http.Header{"Webhook-Id": {id}, "Webhook-Timestamp": {"1"}}, Now: signedAt, Tolerance: time.Minute})
	})
}
