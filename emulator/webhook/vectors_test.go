package webhook

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// vector is a row of testdata/vectors.json, which testdata/vectors.py computed.
type vector struct {
	Name, ID, DataID, RequestID, Secret, Second, Symmetric, SymmetricSecond, Private, Public string

	Body []byte
	At   int64
	Want map[string]string
}

func readVectors(t *testing.T) []vector {
	t.Helper()
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 12 {
		t.Fatalf("%d vectors; 12 of each scheme are promised", len(all))
	}
	return all
}

func (v vector) message() Message {
	return Message{ID: v.ID, RequestID: v.RequestID, DataID: v.DataID, Body: v.Body, At: time.Unix(v.At, 0)}
}

func (v vector) secrets(scheme string) []string {
	switch scheme {
	case "standard-webhooks-v1":
		return []string{v.Symmetric, v.SymmetricSecond}
	case "standard-webhooks-v1a":
		return []string{v.Private}
	case "t,v1", "ts,v1":
		return []string{v.Secret, v.Second}
	}
	return []string{v.Secret}
}

// received is what the receiver of a vector's message sees.
func (v vector) received(scheme string) Received {
	h := http.Header{}
	h.Set("webhook-id", v.ID)
	h.Set("webhook-timestamp", strconv.FormatInt(v.At, 10))
	h.Set("x-request-id", v.RequestID)
	return Received{
		Scheme: scheme, Value: v.Want[scheme], Header: h, Body: v.Body, DataID: v.DataID, Secrets: v.secrets(scheme),
		Now: time.Unix(v.At, 0).Add(time.Minute), Tolerance: 5 * time.Minute,
	}
}

// TestW4G3Vectors holds every scheme against what another implementation computed.
func TestW4G3Vectors(t *testing.T) {
	for _, v := range readVectors(t) {
		for _, scheme := range Schemes() {
			want, ok := v.Want[scheme]
			if !ok {
				t.Fatalf("%s has no vector of %s", v.Name, scheme)
			}
			got, err := SignMessage(scheme, v.secrets(scheme), v.message())
			if err != nil || got.Value != want {
				t.Errorf("%s, %s: %s, %v, want %s", scheme, v.Name, got.Value, err, want)
			}
			for name, value := range got.Headers {
				if at := v.received(scheme).Header.Get(name); at != value {
					t.Errorf("%s, %s: header %s is %q, want %q", scheme, v.Name, name, value, at)
				}
			}
		}
	}
}

// TestPublishedSignatures verifies what others published: the example of Standard Webhooks, a capture from the SDK of an
// invoicing service (github.com/nfe/client-nodejs, MIT), and the rows of the signing matrix.
func TestPublishedSignatures(t *testing.T) {
	const evt, secret = `{"id":"evt_1","type":"invoice.paid"}`, "whsec_0123456789abcdef0123456789abcdef"
	const probe = "probe-secret-32chars-minimum-length-1"
	for name, c := range map[string]struct {
		scheme, secret, id, body string
		at                       int64
		want                     string
	}{
		"Standard Webhooks": {
			"standard-webhooks-v1", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", `{"test": 2432232314}`, 1614265330,
			"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
		},
		"captured ping": {
			"sha1=HMAC-SHA1-HEX", probe, "", `{"action":"ping","webHook":{"Id":"9dd4c3e9df4043adb11df22dcd9d8ce1","Uri":"https://webhook.site/002aedc9-653d-49f9-8a81-9cc88dd741cb",` +
				`"Secret":"` + probe + `","ContentType":"json","InsecureSsl":false,"Status":"active","Filters":["product_invoice.issued_successfully"],` +
				`"CreatedOn":"2026-06-11T01:21:16.6890073+00:00","ModifiedOn":"2026-06-11T01:21:16.6890199+00:00"}}`, 0,
			"sha1=22E979F2F1281DADB4F883975D951732DE5D396A",
		},
		"hex":             {"hmac-sha256-hex", secret, "", evt, 0, "0ddca7dc2e637a8f50d861f7680d2776f6611cc56e518db0b5c5f7ae7bba8086"},
		"SHA-1":           {"sha1=HMAC-SHA1-HEX", secret, "", evt, 0, "sha1=F08CC53B21500057D8DBF9A09C2B23309BDF179E"},
		"body and secret": {"sha256-body-secret-hex", secret, "", evt, 0, "ec3098ce360027249cc5e8da22765ece17811c1dfbd9d53e85bbb9e1bbeda51b"},
		"t,v1":            {"t,v1", secret, "", evt, 1_700_000_000, "t=1700000000,v1=975e0c58af4f56b1d8d0aa1f537618cea779e6aa3afb2d7f3ebdf2c3b19b99e3"},
	} {
		got, err := SignMessage(c.scheme, []string{c.secret}, Message{ID: c.id, Body: []byte(c.body), At: time.Unix(c.at, 0)})
		if err != nil || got.Value != c.want {
			t.Errorf("%s: %s, %v, want %s", name, got.Value, err, c.want)
		}
	}
}

// TestVerifyVectors finds every vector good, for each of its secrets, and bad after one bit of it changed.
func TestVerifyVectors(t *testing.T) {
	for _, v := range readVectors(t) {
		for _, scheme := range Schemes() {
			r := v.received(scheme)
			all := slices.Clone(r.Secrets)
			if scheme == "standard-webhooks-v1a" {
				all = append(all, v.Public)
			}
			for _, secret := range all {
				r.Secrets = []string{secret}
				if got := Explain(r); !got.Valid || got.Reason != "" || got.Scheme != scheme {
					t.Errorf("%s, %s: %+v", scheme, v.Name, got)
				}
			}
			if scheme == "ts,v1" { // the body is not signed
				r.DataID += "x"
			} else {
				r.Body = append(slices.Clone(r.Body), '!')
			}
			if got := Explain(r); got.Valid {
				t.Errorf("%s, %s: valid with another message", scheme, v.Name)
			}
		}
	}
}

// TestW6OldAndNewSecret has a consumer of the old and one of the new secret verify the same value.
func TestW6OldAndNewSecret(t *testing.T) {
	for _, v := range readVectors(t)[:1] {
		for _, scheme := range []string{"t,v1", "ts,v1", "standard-webhooks-v1"} {
			r := v.received(scheme)
			for i, secret := range v.secrets(scheme) {
				r.Secrets = []string{secret}
				if got := Explain(r); !got.Valid {
					t.Errorf("%s: secret %d: %+v", scheme, i, got)
				}
			}
		}
		single, err := SignMessage("hmac-sha256-hex", []string{v.Secret, v.Second}, v.message())
		if err != nil || single.Value != v.Want["hmac-sha256-hex"] {
			t.Errorf("a scheme for one signature uses the first secret: %s, %v", single.Value, err)
		}
	}
}

func TestSecretsOfTheWrongForm(t *testing.T) {
	for _, c := range []struct{ scheme, secret, want string }{
		{"standard-webhooks-v1", devSecret, "signature scheme standard-webhooks-v1: its secret is whsec_ and the base64 of the key"},
		{"standard-webhooks-v1", "whsec_", "signature scheme standard-webhooks-v1: its secret is whsec_ and the base64 of the key"},
		{"standard-webhooks-v1a", "whsk_AAAA", "signature scheme standard-webhooks-v1a: its secret is whsk_ and the base64 of an Ed25519 private key"},
		{"standard-webhooks-v1a", "whpk_" + base64.StdEncoding.EncodeToString(make([]byte, 32)), "signature scheme standard-webhooks-v1a: its secret is whsk_ and the base64 of an Ed25519 private key"},
		{"hmac-sha256-hex", "anything", ""},
	} {
		err := CheckSecret(c.scheme, c.secret)
		if got := strings.TrimPrefix(errorText(err), "<nil>"); got != c.want {
			t.Errorf("%s, %q: %s, want %s", c.scheme, c.secret, got, c.want)
		}
	}
	if _, err := SignMessage("t,v1", nil, Message{}); err == nil {
		t.Error("signed without a secret")
	}
	if _, err := SignMessage("standard-webhooks-v1", []string{"whsec_AAAA"}, Message{ID: "a.b"}); err == nil {
		t.Error("signed an id with a full stop: the content could be read in two ways")
	}
}

func errorText(err error) string {
	if err == nil {
		return "<nil>"
	}
	return err.Error()
}
