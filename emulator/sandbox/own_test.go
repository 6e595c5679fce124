package sandbox

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

var saidAt = time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)

// ownProvider serves a contract without a scenario.
func ownProvider(t *testing.T, data []byte) *Provider {
	t.Helper()
	doc, err := openapi.Load(data)
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewProvider(scenarios.NewInference(doc).Scenario("mine"), doc, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// refusals are one of each kind, by reason.
func refusals(p *Provider) map[string]*Refusal {
	missing := openapi.Violation{Pointer: "/body/items/0/price", Rule: "required", Expected: "integer", Got: "nothing"}
	wrong := openapi.Violation{Pointer: "/body/amount", Rule: "type", Expected: "integer", Got: `string "x"`}
	return map[string]*Refusal{
		ReasonInvalid:         p.Refuse(ReasonInvalid, "", missing, wrong),
		ReasonNotFound:        p.Refuse(ReasonNotFound, "", openapi.Violation{Pointer: "/path/id", Rule: "exists", Expected: "the id of a customer", Got: `string "cus_9"`}),
		ReasonReference:       p.Refuse(ReasonReference, "", openapi.Violation{Pointer: "/body/customer", Rule: "exists", Expected: "the id of a customer", Got: `string "cus_9"`}),
		ReasonState:           p.Refuse(ReasonState, "it is paid already"),
		ReasonUnauthenticated: p.Refuse(ReasonUnauthenticated, "", openapi.Violation{Pointer: "/header/Authorization", Rule: "required", Expected: "a credential", Got: "nothing"}),
		ReasonTooMany:         p.Refuse(ReasonTooMany, "slower"),
		ReasonConflict:        p.Refuse(ReasonConflict, "this key was used with another request"),
		ReasonInternal:        p.Refuse(ReasonInternal, "internal error"),
	}
}

// Every refusal of every operation of the real contracts is written in the schema that the contract has for it.
func TestErrorsInTheContractsOwnSchema(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/specs/*.*")
	if len(files) == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("the folder of real contracts is not there")
		}
		t.Skip("the folder of real contracts is not there")
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".md") || testing.Short() && strings.Contains(file, "stripe") {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p := ownProvider(t, data)
			said, own, inHeader, shown := 0, 0, 0, map[string]bool{}
			for n, op := range p.Contract.Operations() {
				b, err := p.Binding(op)
				if err != nil || n%7 != 0 && strings.Contains(file, "stripe") {
					continue
				}
				for reason, r := range refusals(p) {
					said++
					reply, err := p.Say(Occasion{Binding: b, Request: "req_1", Now: saidAt}, r)
					if err != nil {
						t.Fatal(err)
					}
					message := r.Messages[0]
					if reply.Header[MessageHeader] == message {
						inHeader++
					} else if !strings.Contains(strings.ReplaceAll(string(reply.Body), `\"`, `"`), message) {
						t.Errorf("%s: %s: the reply does not say %q: %s", op.Key(), reason, message, reply.Body)
					}
					if strings.HasPrefix(string(reply.Body), `{"error":{"arguments":`) {
						continue
					}
					own++
					if kind := reason + " " + p.whichSchema(b, reply); !shown[kind] {
						shown[kind] = true
						if testing.Verbose() {
							t.Logf("%s %d %s %s", reason, reply.Status, reply.Media, reply.Body)
						}
					}
					if bad := p.breaks(b, reply); len(bad) > 0 {
						t.Errorf("%s: %s: %v: %s", op.Key(), reason, bad, reply.Body)
					}
				}
			}
			t.Logf("%d of %d refusals are in the contract's own schema; %d have their message in a header", own, said, inHeader)
			if own*100 < said*98 {
				t.Errorf("only %d of %d refusals are in the contract's own schema", own, said)
			}
		})
	}
}

func (p *Provider) whichSchema(b *Binding, r *Reply) string {
	if declared := b.Plan.Reply(r.Status); declared != nil && declared.Schema != nil {
		return declared.Schema.Name()
	}
	return "common"
}

// breaks says how a reply breaks the schema that the operation declares for its status.
func (p *Provider) breaks(b *Binding, r *Reply) []openapi.Violation {
	declared := b.Plan.Reply(r.Status)
	if declared == nil || declared.Schema == nil || declared.Schema.Type() == "string" {
		return nil // the document's common schema was checked when it was written
	}
	v, bad := openapi.DecodeOwn(r.Body)
	if bad != nil {
		return []openapi.Violation{*bad}
	}
	return declared.Schema.Validate(v, "")
}

const ownErrors = `{"openapi":"3.0.3","info":{"title":"Mine","version":"1"},"paths":{
"/things":{"post":{"responses":{"201":{"description":"","content":{"application/json":{"schema":{"type":"object"}}}},
	"422":{"description":"","content":{"application/problem+json":{"schema":{"type":"object","required":["type","title","status"],"properties":{
		"type":{"type":"string","format":"uri"},"title":{"type":"string"},"status":{"type":"integer"},"detail":{"type":"string"},
		"errors":{"type":"array","items":{"type":"object","properties":{"pointer":{"type":"string"},"detail":{"type":"string"}}}}}}}}}}}},
"/legacy":{"post":{"responses":{"200":{"description":""},"400":{"description":"","content":{"application/json":{"schema":{"type":"object","additionalProperties":false,"required":["success","errors"],"properties":{
		"success":{"type":"boolean"},"errors":{"type":"object","additionalProperties":{"type":"array","items":{"type":"string"}}}}}}}}}}},
"/coded":{"post":{"responses":{"200":{"description":""},"4XX":{"description":"","content":{"application/json":{"schema":{"type":"object","required":["error"],"properties":{
		"error":{"type":"object","required":["type","message"],"properties":{"type":{"type":"string","enum":["api_error","invalid_request_error","authentication_error"]},
		"code":{"type":"string","example":"PARAMETER_MISSING"},"param":{"type":"string"},"message":{"type":"string","maxLength":40},"doc_url":{"type":"string"},"request_id":{"type":"string"}}}}}}}}}}},
"/silent":{"post":{"responses":{"200":{"description":""}}}}
}}`

func TestErrorIsFilledByMeaning(t *testing.T) {
	p := ownProvider(t, []byte(ownErrors))
	for _, c := range []struct{ key, reason, media, want string }{
		{"POST /things", ReasonInvalid, "application/problem+json", `{"type":"about:blank","title":"Unprocessable Entity","status":422,` +
			`"detail":"/body/items/0/price: required: expected integer, got nothing; /body/amount: type: expected integer, got string \"x\"",` +
			`"errors":[{"pointer":"/items/0/price","detail":"/body/items/0/price: required: expected integer, got nothing"},{"pointer":"/amount","detail":"/body/amount: type: expected integer, got string \"x\""}]}`},
		{"POST /legacy", ReasonInvalid, "application/json", `{"success":false,"errors":{` +
			`"amount":["/body/amount: type: expected integer, got string \"x\""],"items[0].price":["/body/items/0/price: required: expected integer, got nothing"]}}`},
		{"POST /coded", ReasonUnauthenticated, "application/json", `{"error":{"type":"authentication_error","code":"UNAUTHORIZED","param":"Authorization","message":"/header/Authorization: requir","doc_url":"https://example.com/docs/errors#unauthenticated","request_id":"req_1"}}`},
		{"POST /silent", ReasonInvalid, "application/json", `{"error":{"type":"invalid_request_error","code":"INVALID_REQUEST","param":"items[0].price","message":"/body/items/0/price: required: ex","doc_url":"https://example.com/docs/errors#invalid","request_id":"req_1"}}`},
	} {
		op, _ := p.Contract.Operation(c.key)
		b, err := p.Binding(op)
		if err != nil {
			t.Fatal(err)
		}
		reply, err := p.Say(Occasion{Binding: b, Request: "req_1", Now: saidAt}, refusals(p)[c.reason])
		if err != nil {
			t.Fatal(err)
		}
		if reply.Media != c.media {
			t.Errorf("%s: media %q", c.key, reply.Media)
		}
		if string(reply.Body) != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.key, reply.Body, c.want)
		}
	}
}

func TestWithoutErrorSchemasTheGenericFormStays(t *testing.T) {
	p := ownProvider(t, []byte(`{"openapi":"3.0.3","info":{"title":"Mine","version":"1"},"paths":{"/things":{"get":{"responses":{"200":{"description":""}}}}}}`))
	reply, err := p.Say(Occasion{Request: "req_1", Now: saidAt}, refusals(p)[ReasonNotFound])
	if err != nil {
		t.Fatal(err)
	}
	var body struct{ Error struct{ Code string } }
	if json.Unmarshal(reply.Body, &body) != nil || body.Error.Code != ReasonNotFound || reply.Status != 404 {
		t.Errorf("%d %s", reply.Status, reply.Body)
	}
}

func TestNearestPath(t *testing.T) {
	p := ownProvider(t, []byte(`{"openapi":"3.0.3","info":{"title":"Mine","version":"1"},"paths":{"/v1/customers/{id}":{"get":{"responses":{"200":{"description":""}}}},"/v1/charges":{"get":{"responses":{"200":{"description":""}}}}}}`))
	for path, want := range map[string]string{
		"/v1/custmers/cus_1": "/v1/customers/cus_1", "/v1/charge": "/v1/charges", "/charges": "/v1/charges", "/other/things/entirely": "", "/": "",
	} {
		if got := p.NearestPath(path); got != want {
			t.Errorf("%s is near %q, want %q", path, got, want)
		}
	}
}
