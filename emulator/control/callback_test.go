package control_test

import (
	"strings"
	"testing"

	"github.com/sandgate/sandgate/emulator"
)

// Every answer here is held against the control API's contract by the rig.
func TestCallbacks(t *testing.T) {
	r := newRig(t, func(o *emulator.Options) { o.Egress = "none" })
	const paid = "b1000000-0000-4000-8000-000000000004"
	if n := len(data(r.want(200, "GET", "/_sandgate/callbacks", ""))); n != 0 {
		t.Errorf("%d callbacks in a fresh sandbox", n)
	}
	if n := len(data(r.want(200, "GET", "/_sandgate/callback-sources", ""))); n < 3 {
		t.Errorf("%d sources", n)
	}
	out := r.want(200, "POST", "/_sandgate/callbacks", `{"provider":"kobana-billing","source":"pagarme","type":"charge.refunded","id":"`+paid+`","times":3}`)
	record, _ := out["callback"].(map[string]any)
	if n := len(out["replies"].([]any)); n != 3 || record["status"] != "processed" || record["received"] != 3.0 || record["resource"] != paid {
		t.Errorf("sent: %v", out)
	}
	if strings.Contains(out["header"].(map[string]any)["Authorization"].(string), "c2FuZ") {
		t.Error("the password is shown")
	}
	id := record["id"].(string)
	if got := r.want(200, "GET", "/_sandgate/callbacks/"+id, ""); got["type"] != "charge.refunded" || !strings.Contains(got["body"].(string), paid) {
		t.Errorf("callback: %v", got)
	}
	r.want(200, "POST", "/_sandgate/callbacks", `{"source":"pagarme","type":"charge.paid","id":"`+paid+`","badSignature":true}`)
	for query, want := range map[string]int{
		"": 2, "?status=processed": 1, "?status=rejected": 1, "?source=pagarme": 2, "?source=nfeio": 0, "?type=charge.refunded": 1, "?resource=" + paid: 1,
		"?provider=kobana-billing&limit=1": 1,
	} {
		if n := len(data(r.want(200, "GET", "/_sandgate/callbacks"+query, ""))); n != want {
			t.Errorf("%s: %d, not %d", query, n, want)
		}
	}
	r.refused(409, "callback_over", "/path/id", "POST", "/_sandgate/callbacks/"+id+"/process", "")
	r.refused(404, "not_found", "", "POST", "/_sandgate/callbacks/cb_0/process", "")
	r.refused(404, "not_found", "", "GET", "/_sandgate/callbacks/cb_0", "")
	for _, c := range []struct{ body, pointer string }{
		{`{"type":"charge.paid"}`, "/body/source"},
		{`{"source":"nobody","type":"charge.paid"}`, "/body/source"},
		{`{"provider":"killb","source":"pagarme","type":"charge.paid"}`, "/body/source"},
		{`{"source":"pagarme","type":"charge.gone","id":"x"}`, "/body/type"},
		{`{"source":"pagarme","type":"charge.paid"}`, "/body/id"},
		{`{"source":"pagarme","type":"charge.paid","id":"x","kind":"nfe"}`, "/body/kind"},
		{`{"source":"pagarme","type":"charge.paid","id":"x","times":0}`, "/body/times"},
		{`{"source":"pagarme","type":"charge.paid","id":"x","times":101}`, "/body/times"},
		{`{"source":"pagarme","type":"charge.paid","id":"x","time":1}`, "/body/time"},
	} {
		r.refused(400, "invalid", c.pointer, "POST", "/_sandgate/callbacks", c.body)
	}
	r.refused(404, "no_sandbox", "/query/sandbox", "POST", "/_sandgate/callbacks?sandbox=nowhere", `{"source":"pagarme","type":"charge.paid","id":"x"}`)
	advanced := r.want(200, "POST", "/_sandgate/clock/advance", `{"by":"0s"}`)
	if len(advanced["fired"].([]any)) != 0 {
		t.Errorf("something is left to do: %v", advanced)
	}
}
