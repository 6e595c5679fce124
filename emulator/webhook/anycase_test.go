package webhook

import (
	"strings"
	"testing"
	"time"
)

// The first three are captures that github.com/nfe/client-nodejs publishes (MIT), of pings that were really sent; the others were computed with
// another program.
var anyCaseVectors = []struct{ name, scheme, secret, body, header string }{
	{"product invoice", "sha1=HMAC-SHA1-HEX", captureSecret, capture("9dd4c3e9df4043adb11df22dcd9d8ce1", `"product_invoice.issued_successfully"`,
		"2026-06-11T01:21:16.6890073+00:00", "2026-06-11T01:21:16.6890199+00:00"), "sha1=22E979F2F1281DADB4F883975D951732DE5D396A"},
	{"service invoice", "sha1=HMAC-SHA1-HEX", captureSecret, capture("ad1010b0f66441419454e5e283cce64b", `"service_invoice.issued_successfully"`,
		"2026-06-11T01:21:22.9932699+00:00", "2026-06-11T01:21:22.9932884+00:00"), "sha1=E7EA893E16D32963590D3BE3682D0DEAE69DBFE0"},
	{
		"several filters", "sha1=HMAC-SHA1-HEX", captureSecret,
		capture("838e219848084fbf8946d3d9053eb20b", `"product_invoice.issued_successfully","service_invoice.issued_successfully","consumer_invoice.issued_successfully"`,
			"2026-06-11T01:21:29.528298+00:00", "2026-06-11T01:21:29.5283077+00:00"), "sha1=7C0CA49581E5C2E5DF76588CF99CB38BC133E931",
	},
	{"sha1 capitals", "sha1=HMAC-SHA1-HEX", vectorSecret, vectorBody, "sha1=F08CC53B21500057D8DBF9A09C2B23309BDF179E"},
	{"sha1", "sha1=hmac-sha1-hex", vectorSecret, vectorBody, "sha1=f08cc53b21500057d8dbf9a09c2b23309bdf179e"},
	{"sha256 prefixed", "sha256=hmac-sha256-hex", vectorSecret, vectorBody, "sha256=0ddca7dc2e637a8f50d861f7680d2776f6611cc56e518db0b5c5f7ae7bba8086"},
	{"sha256", "hmac-sha256-hex", vectorSecret, vectorBody, "0ddca7dc2e637a8f50d861f7680d2776f6611cc56e518db0b5c5f7ae7bba8086"},
}

const (
	captureSecret = "probe-secret-32chars-minimum-length-1"
	vectorSecret  = "whsec_0123456789abcdef0123456789abcdef"
	vectorBody    = `{"id":"evt_1","type":"invoice.paid"}`
)

func capture(id, filters, created, modified string) string {
	return `{"action":"ping","webHook":{"Id":"` + id + `","Uri":"https://webhook.site/002aedc9-653d-49f9-8a81-9cc88dd741cb","Secret":"` + captureSecret +
		`","ContentType":"json","InsecureSsl":false,"Status":"active","Filters":[` + filters + `],"CreatedOn":"` + created + `","ModifiedOn":"` + modified + `"}}`
}

// Services outside vary in case: that of the hex digits and of the prefix is free, where it is asked for, and nothing else is.
func TestVerifyAnyCase(t *testing.T) {
	for _, v := range anyCaseVectors {
		t.Run(v.name, func(t *testing.T) {
			if got, err := Sign(v.scheme, v.secret, []byte(v.body), time.Time{}); err != nil || got != v.header {
				t.Errorf("signed %s, %v", got, err)
			}
			verify := func(secret, header, body string, anyCase bool) bool {
				return Verify(Received{Scheme: v.scheme, Value: header, Body: []byte(body), Secrets: []string{secret}, AnyCase: anyCase}) == nil
			}
			hex := v.header[strings.IndexByte(v.header, '=')+1:]
			for header, want := range map[string]bool{
				v.header: true, strings.ToLower(v.header): true, strings.ToUpper(v.header): true,
				"": false, "sha1=": false, "md5=" + hex: false, v.header + "00": false, v.header[:len(v.header)-2]: false, v.header[:len(v.header)-1] + "é": false,
				strings.Replace(v.header, hex, strings.Repeat("0", len(hex)), 1): false, strings.Replace(v.header, hex, "sha1="+hex, 1): false,
			} {
				if got := verify(v.secret, header, v.body, true); got != want {
					t.Errorf("%q: %v", header, got)
				}
				if got := verify(v.secret, header, v.body, false); got != (header == v.header) {
					t.Errorf("exactly, %q: %v", header, got)
				}
			}
			if verify(v.secret, v.header, v.body+"\n", true) || verify(v.secret+"x", v.header, v.body, true) {
				t.Error("another body or another secret passes")
			}
		})
	}
}

// No secret is no permission.
func TestVerifyFailsClosed(t *testing.T) {
	for _, scheme := range Schemes() {
		signed, err := Sign(scheme, "", []byte("x"), time.Time{})
		if err == nil && Verify(Received{Scheme: scheme, Value: signed, Body: []byte("x"), Secrets: []string{""}}) == nil {
			t.Errorf("%s: an empty secret passes", scheme)
		}
	}
	if Verify(Received{Scheme: "rot13", Secrets: []string{"s"}}) == nil {
		t.Error("a scheme that there is not signs")
	}
}
