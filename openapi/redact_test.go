package openapi_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sandgate/sandgate/openapi"
)

func TestRedact(t *testing.T) {
	for _, c := range []struct{ name, in, out string }{
		{"nothing to hide", `{ "a" : [1, 2.50, "x"],` + "\n" + ` "b": null }`, `{ "a" : [1, 2.50, "x"],` + "\n" + ` "b": null }`},
		{"card number", `{"n":"4242424242424242"}`, `{"n":"424242******4242"}`},
		{"with blanks", `{"n": "5555 5555 5555 4444" , "m":1}`, `{"n": "5555 55** **** 4444" , "m":1}`},
		{"as a number", `[4000056655665556]`, `["400005******5556"]`},
		{"in escapes", `{"n":"\u0034242424242424242"}`, `{"n":"424242******4242"}`},
		{"as a name", `{"4242424242424242":1}`, `{"424242******4242":1}`},
		{"in a text", `"paid with 4242424242424242, thanks"`, `"paid with 424242******4242, thanks"`},
		{"no card number", `{"key_of_note":"A","billet":"123456789012345"}`, `{"key_of_note":"A","billet":"123456789012345"}`},
		{"secrets", `{"Secret":"s","webHook":{"api_key":"k"},"cvv":731,"token":["a","b"],"empty":{"password":""}}`, `{"Secret":"***","webHook":{"api_key":"***"},"cvv":"***","token":"***","empty":{"password":""}}`},
		{"number of a card", `{"card":{"number":"1234"},"house":{"number":"1234"}}`, `{"card":{"number":"***"},"house":{"number":"1234"}}`},
		{"a secret of many parts", `{"secret":{"a":{"b":["x",{"c":1}]}},"token":[{"card":{"number":"1"}}],"n":1}`, `{"secret":"***","token":"***","n":1}`},
		{"what only looks like one", `{"at":1781900000005,"cnpj":"11222001000105","code":"112233000000000002"}`, `{"at":1781900000005,"cnpj":"11222001000105","code":"112233000000000002"}`},
		{"a uuid", `"42424242-4242-4424-8242-424242424242"`, `"42424242-4242-4424-8242-424242424242"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := openapi.Redact([]byte(c.in))
			if !ok || string(got) != c.out {
				t.Errorf("got %v %s", ok, got)
			}
			if !json.Valid(got) {
				t.Error("it is no JSON any more")
			}
		})
	}
	for _, in := range []string{``, ` `, `{`, `{"a":}`, `{} x`, `{}{}`, `a=b`, `{"a" 1}`, strings.Repeat("[", 100_000)} {
		if got, ok := openapi.Redact([]byte(in)); ok {
			t.Errorf("%.20q is JSON: %s", in, got)
		}
	}
}

func TestRedactForm(t *testing.T) {
	got, ok := openapi.RedactForm([]byte("b=1&a[card][number]=4&c=4242424242424242&d=%34242424242424242&e[Secret]=s&f=x+y%26&g"))
	want := "b=1&a%5Bcard%5D%5Bnumber%5D=%2A%2A%2A&c=424242%2A%2A%2A%2A%2A%2A4242&d=424242%2A%2A%2A%2A%2A%2A4242&e%5BSecret%5D=%2A%2A%2A&f=x+y%26&g"
	if !ok || string(got) != want {
		t.Errorf("got %v\n%s\n%s", ok, got, want)
	}
	if _, ok := openapi.RedactForm([]byte("a=%zz")); ok {
		t.Error("what is no form passes")
	}
}

func TestDecodeForm(t *testing.T) {
	form, bad := openapi.DecodeForm([]byte("a=1&b[c]=2&b[d][e]=3&a=4&f=%ff&b=x"))
	raw, _ := json.Marshal(form)
	if want := `{"a":"1","b":{"c":"2","d":{"e":"3"}},"f":"�"}`; bad != nil || string(raw) != want {
		t.Errorf("%v %s", bad, raw)
	}
	for name, in := range map[string]string{
		"form": "a=%zz", "limit": "a" + strings.Repeat("[b]", openapi.MaxDepth) + "=1",
	} {
		if _, bad := openapi.DecodeForm([]byte(in)); bad == nil || bad.Rule != name {
			t.Errorf("%.20s: %v", in, bad)
		}
	}
	if _, bad := openapi.DecodeForm([]byte("a" + strings.Repeat("[b]", openapi.MaxDepth-1) + "=1")); bad != nil {
		t.Error(bad)
	}
}
