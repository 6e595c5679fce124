package emulator_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/openapi"
)

// nosyContract is a contract that asks for all that must not be kept, in every place where it can be asked for, and shows it in its replies.
const nosyContract = `openapi: 3.0.3
info: {title: Vault, version: '1'}
security: [{q: []}, {h: []}, {b: []}, {c: []}]
paths:
  /payers:
    get:
      parameters: [{name: limit, in: query, schema: {type: integer}}, {name: page, in: query, schema: {type: integer}}, {name: api_key, in: query, schema: {type: string}}, {name: name, in: query, schema: {type: string}}]
      responses: {200: {description: ok, content: {application/json: {schema: {type: object, properties: {data: {type: array, items: {$ref: '#/components/schemas/Payer'}}, next: {type: string}, url: {type: string}, has_more: {type: boolean}}}}}}}
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Payer'}}, application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/Payer'}}, multipart/form-data: {schema: {$ref: '#/components/schemas/Payer'}}}
      responses: {201: {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Payer'}}}}, 400: {$ref: '#/components/responses/Bad'}}
  /payers/{payer_id}:
    parameters: [{name: payer_id, in: path, required: true, schema: {type: string}}]
    get: {responses: {200: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Payer'}}}}, 404: {$ref: '#/components/responses/Bad'}}}
    put: {requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Payer'}}}}, responses: {200: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Payer'}}}}}}
    patch:
      requestBody: {content: {application/json-patch+json: {schema: {type: array, items: {type: object}}}, application/merge-patch+json: {schema: {type: object}}, application/json: {schema: {type: object}}}}
      responses: {200: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Payer'}}}}}
  /payers/{payer_id}/activate:
    parameters: [{name: payer_id, in: path, required: true, schema: {type: string}}]
    post: {requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Payer'}}}}, responses: {200: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Payer'}}}}}}
  /payers/{payer_id}/cards/{card_number}:
    parameters: [{name: payer_id, in: path, required: true, schema: {type: string}}, {name: card_number, in: path, required: true, schema: {type: string}}]
    put: {requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Card'}}}}, responses: {200: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Card'}}}}}}
    get: {responses: {200: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Card'}}}}}}
  /sessions/{token}/confirm:
    post: {parameters: [{name: token, in: path, required: true, schema: {type: string}}, {name: X-Password, in: header, schema: {type: string}}], responses: {200: {description: ok, content: {application/json: {schema: {type: object, properties: {ok: {type: boolean}}}}}}}}
components:
  securitySchemes: {q: {type: apiKey, in: query, name: api_key}, h: {type: apiKey, in: header, name: X-Api-Key}, b: {type: http, scheme: basic}, c: {type: apiKey, in: cookie, name: session}}
  responses: {Bad: {description: bad, content: {application/json: {schema: {type: object, properties: {error: {type: object, properties: {code: {type: string}, message: {type: string}, value: {type: string}}}}}}}}}
  schemas:
    Card: {type: object, required: [number, cvc], properties: {number: {type: string}, pan: {type: string}, exp_month: {type: integer}, exp_year: {type: integer}, cvc: {type: string}, security_code: {type: string}, holder: {type: string}}}
    Payer:
      type: object
      properties:
        id: {type: string, readOnly: true}
        name: {type: string}
        status: {type: string, enum: [new, active]}
        card: {$ref: '#/components/schemas/Card'}
        cards: {type: array, items: {$ref: '#/components/schemas/Card'}}
        account: {type: object, properties: {number: {type: integer}, expiry: {type: string}}}
        password: {type: string}
        api_key: {type: string}
        access_token: {type: string}
        credentials: {type: object, properties: {client_secret: {type: string}, pin: {type: string}}}
        metadata: {type: object, additionalProperties: {type: string}}
        notes: {type: array, items: {type: string}}
`

// key is a credential; its ends are its name in the audit log.
func (h *canaryHunt) key() string { return "sk_test_" + h.secret() }

func (h *canaryHunt) card0() map[string]any {
	return map[string]any{"number": "4242424242424242", "pan": "4242 4242 4242 4242", "exp_month": 12, "exp_year": 2030, "cvc": h.secret(), "security_code": h.secret(), "holder": "Ana"}
}

// payer is a payer with everything in it; card numbers stand where no card is meant, and there only a mask may stay.
func (h *canaryHunt) payer() map[string]any {
	return map[string]any{
		"name": "for " + h.card(), "card": h.card0(), "cards": []any{h.card0(), h.card0()}, "password": h.secret(), "api_key": h.secret(), "access_token": h.secret(),
		"credentials": map[string]any{"client_secret": h.secret(), "pin": h.secret()}, "metadata": map[string]any{"note": h.card()}, "notes": []any{h.card()},
		"account": map[string]any{"number": json.Number("4242424242424242"), "expiry": "12/30"},
	}
}

func jsonText(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}

// formText writes a value as a form with brackets.
func formText(v any) string {
	fields := url.Values{}
	var add func(name string, v any)
	add = func(name string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for member, inner := range v {
				if name == "" {
					add(member, inner)
				} else {
					add(name+"["+member+"]", inner)
				}
			}
		case []any:
			for i, inner := range v {
				add(fmt.Sprintf("%s[%d]", name, i), inner)
			}
		default:
			fields.Add(name, fmt.Sprint(v))
		}
	}
	add("", v)
	return fields.Encode()
}

// TestCanariesOfBroughtContracts pushes the same into a contract that says nothing about what is secret.
func TestCanariesOfBroughtContracts(t *testing.T) {
	onebyone(t)
	dir := t.TempDir()
	spec := filepath.Join(dir, "vault.yaml")
	if err := os.WriteFile(spec, []byte(nosyContract), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, unknown := range []string{"", "create"} {
		t.Run("unknown ids "+unknown, func(t *testing.T) {
			h := newHunt(t, func(o *emulator.Options) { o.Providers, o.Specs, o.UnknownIDs = []string{}, []string{spec}, unknown })
			h.everyDoor()
			h.otherDoors("/vault", "")
			h.look()
			h.stored(t)
		})
	}
}

func (h *canaryHunt) everyDoor() {
	const key = "X-Api-Key"
	h.control("POST", "endpoints", `{"provider":"vault","url":"http://127.0.0.1:1/","secret":"`+h.secret()+`","events":["*"]}`)
	good := func(code int, what string) {
		h.t.Helper()
		if code >= 300 {
			h.t.Errorf("%s: %d", what, code)
		}
	}
	last := func() string {
		found := regexp.MustCompile(`"id":"([^"]+)"`).FindAllSubmatch(h.replies.Bytes(), -1)
		if len(found) == 0 {
			h.t.Fatal("nothing was made")
		}
		return string(found[len(found)-1][1])
	}
	good(h.send("POST", "/vault/payers", jsonText(h.payer()), key, h.key()), "json")
	id := last()
	form := h.payer()
	good(h.send("POST", "/vault/payers", []byte(formText(form)), "Content-Type", "application/x-www-form-urlencoded", key, h.key()), "form")
	var parts bytes.Buffer
	w := multipart.NewWriter(&parts)
	for name, v := range map[string]string{"name": h.card(), "password": h.secret(), "api_key": h.secret(), "card": string(jsonText(h.card0()))} {
		w.WriteField(name, v)
	}
	w.Close()
	good(h.send("POST", "/vault/payers", parts.Bytes(), "Content-Type", w.FormDataContentType(), key, h.key()), "multipart")
	one := "/vault/payers/" + id
	good(h.send("PUT", one, jsonText(h.payer()), key, h.key()), "put")
	good(h.send("PATCH", one, jsonText(h.payer()), "Content-Type", "application/merge-patch+json", key, h.key()), "merge-patch")
	good(h.send("PATCH", one, jsonText(h.payer()), key, h.key()), "patch")
	patch := []any{
		map[string]any{"op": "add", "path": "/card/cvc", "value": h.secret()},
		map[string]any{"op": "add", "path": "/password", "value": h.secret()},
		map[string]any{"op": "add", "path": "/credentials", "value": map[string]any{"client_secret": h.secret()}},
		map[string]any{"op": "add", "path": "/name", "value": h.card()},
	}
	good(h.send("PATCH", one, jsonText(patch), "Content-Type", "application/json-patch+json", key, h.key()), "json-patch")
	good(h.send("GET", one+"?api_key="+h.key(), nil), "query credential")
	good(h.send("GET", "/vault/payers?limit=1&api_key="+h.key(), nil, "Authorization", ""), "list")
	good(h.send("GET", "/vault/payers?limit=1&page=2&name="+url.QueryEscape(h.card())+"&api_key="+h.key(), nil, "Cookie", "session="+h.key()), "list by cookie")
	good(h.send("POST", one+"/activate", jsonText(h.payer()), key, h.key()), "action")
	h.send("PUT", one+"/cards/"+h.card(), jsonText(h.card0()), key, h.key())
	h.send("GET", one+"/cards/"+h.card(), nil, key, h.key())
	h.send("POST", "/vault/sessions/"+h.secret()+"/confirm", nil, key, h.key(), "X-Password", h.secret())
	h.send("GET", "/vault/payers/"+h.card(), nil, key, h.key())
	h.send("GET", one, nil, key, h.key(), "If-None-Match", `"`+h.secret()+`"`)
	h.send("PUT", one, jsonText(h.payer()), key, h.key(), "If-Match", `"`+h.card()+`"`, "Idempotency-Key", h.secret())

	for _, body := range h.realCards() {
		if code := h.send(body[0], strings.ReplaceAll(body[1], "ID", id), []byte(body[3]), "Content-Type", body[2], key, h.key()); code/100 != 4 {
			h.t.Errorf("a real card was taken: %s %s: %d", body[0], body[2], code)
		}
	}
	live := "sk_live_" + h.secret()
	for _, headers := range [][]string{{key, live}, {"Authorization", "Basic " + basic(live, "")}, {"Authorization", "Basic " + basic("x", live)}, {"Cookie", "session=" + live}, {key, "fine", "Cookie", "session=" + live}} {
		if code := h.send("GET", one, nil, append([]string{"Authorization", ""}, headers...)...); code != 401 {
			h.t.Errorf("a live key was taken: %s: %d", headers[0], code)
		}
	}
	if code := h.send("GET", one+"?api_key="+live, nil, "Authorization", ""); code != 401 {
		h.t.Errorf("a live key was taken in the query: %d", code)
	}
	if _, err := h.s.Advance(24 * time.Hour); err != nil {
		h.t.Fatal(err)
	}
}

// realCards are requests with a card's number that no deck lists, where cards belong.
func (h *canaryHunt) realCards() (all [][4]string) {
	add := func(method, path, media string, body string) { all = append(all, [4]string{method, path, media, body}) }
	real := func() string {
		for {
			if c := h.card(); strings.HasPrefix(c, "4539") || strings.HasPrefix(c, "5412") {
				return c
			}
		}
	}
	const form, js = "application/x-www-form-urlencoded", "application/json"
	add("POST", "/vault/payers", js, `{"card":{"number":"`+real()+`","cvc":"123"}}`)
	add("POST", "/vault/payers", js, `{"cards":[{"pan":"`+real()+`","number":"4242424242424242","cvc":"123"}]}`)
	add("POST", "/vault/payers", js, `{"account":{"number":`+real()+`,"expiry":"12/30"}}`)
	add("POST", "/vault/payers", js, `{"card":{"number":"`+spread(real(), " ")+`","cvc":"123"}}`)
	add("POST", "/vault/payers", form, "card[number]="+real()+"&card[cvc]=123")
	add("PUT", "/vault/payers/ID", js, `{"card":{"number":"`+real()+`","cvc":"123"}}`)
	add("PATCH", "/vault/payers/ID", "application/merge-patch+json", `{"card":{"number":"`+real()+`"}}`)
	add("PATCH", "/vault/payers/ID", "application/json-patch+json", `[{"op":"replace","path":"/card/number","value":"`+real()+`"}]`)
	add("PATCH", "/vault/payers/ID", "application/json-patch+json", `[{"op":"add","path":"/card","value":{"number":"`+real()+`","cvc":"1"}}]`)
	return all
}

func basic(user, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
}

// stored looks at the ETags and that what was refused left nothing, and at what a fresh reader of the folder finds.
func (h *canaryHunt) stored(t *testing.T) {
	box, err := h.s.Sandbox("")
	if err != nil {
		t.Fatal(err)
	}
	events, _, err := box.Events(sandbox.EventFilter{}, 500, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		h.find("event "+e.ID, jsonText(e))
	}
}

// TestCanariesOfARealContract does it with a published contract: each operation that takes a body gets one that is right, with secrets and card numbers
// in its texts.
func TestCanariesOfARealContract(t *testing.T) {
	onebyone(t)
	const file = realContracts + "/stripe.json"
	if _, err := os.Stat(file); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("the folder of real contracts is not there")
	}
	if testing.Short() {
		t.Skip("some seconds")
	}
	h := newHunt(t, func(o *emulator.Options) { o.Providers, o.Specs = []string{}, []string{"bare=" + file} })
	c := &contractUnderTest{t: t, doc: h.s.World().Providers()[0].Contract}
	good, posts := 0, 0
	for _, op := range c.doc.Operations() {
		if op.Method != "POST" || strings.Contains(op.Path, "{") {
			continue
		}
		r := c.request(op, nil)
		body, ok := r.body.(map[string]any)
		if !ok {
			continue
		}
		posts++
		h.soil(body)
		if h.send("POST", "/bare"+r.path, []byte(formText(body)), "Content-Type", "application/x-www-form-urlencoded") < 300 {
			good++
		}
	}
	if good < posts/2 {
		t.Errorf("%d of %d requests succeeded: this proves little", good, posts)
	}
	h.look()
}

// soil puts secrets where names ask for them, and test cards where numbers do.
func (h *canaryHunt) soil(v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			_, text := member.(string)
			switch {
			case text && (name == "cvc" || name == "password" || name == "client_secret" || name == "api_key"):
				v[name] = h.secret()
			case text && (name == "description" || name == "name"):
				v[name] = h.card()
			case text && openapi.SecretName(name):
			default:
				h.soil(member)
			}
		}
	case []any:
		for _, item := range v {
			h.soil(item)
		}
	}
}
