package emulator_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/openapi"
)

// replay holds the audit log of every sandbox against what is stored: what its
// rows lead to, one after the other, is exactly the live objects, each row
// begins where the one before it ended, and no number is missing.
func replay(s *emulator.Server) error {
	for _, name := range s.World().Names() {
		box, err := s.Sandbox(name)
		if err != nil {
			return err
		}
		live, err := livingIn(s, box)
		if err != nil {
			return err
		}
		rows, next, err := box.Audit(sandbox.AuditFilter{}, 10_000_000, "")
		if err != nil || next != "" {
			return fmt.Errorf("audit: %v, %q", err, next)
		}
		slices.Reverse(rows)
		logged := map[string]string{}
		for i, r := range rows {
			if i > 0 && r.Seq != rows[i-1].Seq+1 {
				return fmt.Errorf("row %d follows %d", r.Seq, rows[i-1].Seq)
			}
			if r.Action == "reset" && i > 0 || r.Who == "" || r.Operation == "" {
				return fmt.Errorf("row %d: %+v", i, r)
			}
			if r.Action == "reset" {
				continue
			}
			key := r.Provider + " " + r.Kind + " " + r.Resource
			before, known := logged[key]
			if known != (string(r.Before) != "null") || known && before != string(r.Before) {
				return fmt.Errorf("%s: row %d (%s) begins with %s, the one before ended with %s", key, r.Seq, r.Action, r.Before, before)
			}
			if logged[key] = string(r.After); string(r.After) == "null" {
				delete(logged, key)
			}
		}
		for key, body := range live {
			if logged[key] != body {
				return fmt.Errorf("%s is %s, the log ends with %q", key, body, logged[key])
			}
		}
		if len(logged) != len(live) {
			return fmt.Errorf("%d objects by the log, %d are stored", len(logged), len(live))
		}
	}
	return nil
}

// livingIn are the stored objects of a sandbox, as the log would have them.
func livingIn(s *emulator.Server, box *sandbox.Sandbox) (map[string]string, error) {
	out := map[string]string{}
	for _, p := range s.World().Providers() {
		for _, r := range p.Scenario.Resources {
			if r.Table != "" {
				continue // the engine's own rows
			}
			views, next, err := box.Resources(sandbox.ResourceFilter{Provider: p.Name(), Kind: r.Kind}, 10_000_000, "")
			var own *sandbox.Invalid
			if errors.As(err, &own) {
				continue // a view on the engine's own rows, not stored objects
			}
			if err != nil || next != "" {
				return nil, fmt.Errorf("%s: %v, %q", r.Kind, err, next)
			}
			for _, v := range views {
				out[p.Name()+" "+r.Kind+" "+v.ID] = string(openapi.MaskSecrets(v.Body))
			}
		}
	}
	endpoints, err := box.Endpoints()
	for _, e := range endpoints {
		if e.Source != "control" {
			continue // an object of the provider, see above
		}
		e.Failing = nil
		body, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		out[e.Provider+" endpoint "+e.ID] = string(body)
	}
	return out, err
}

// TestAuditOfEndpoints: what the control API registers is in the log too, from
// its first day to its last, over resets, and without its secrets.
func TestAuditOfEndpoints(t *testing.T) {
	onebyone(t)
	const secret = "whsec_canary_0123456789abcdef0123456789abcdef"
	r := newKeyRig(t, "kobana-billing", func(o *emulator.Options) {
		o.Egress, o.Set = "any", map[string]string{"webhooks.disable-after": "1h"}
	})
	box, url, secrets := r.box(""), "http://127.0.0.1:1/", []string{secret, secret + "2"}
	off, ctx := false, t.Context()
	one, err1 := box.AddEndpoint(ctx, "", sandbox.EndpointChange{URL: &url, Secret: &secrets[0]})
	_, err2 := box.AddEndpoint(ctx, "", sandbox.EndpointChange{URL: &url})
	_, err3 := box.ChangeEndpoint(ctx, one.ID, sandbox.EndpointChange{Secret: &secrets[1]})
	if err := errors.Join(err1, err2, err3, replay(r.srv), box.Reset(ctx, false)); err != nil {
		t.Fatal(err)
	}
	_, err1 = box.ChangeEndpoint(ctx, one.ID, sandbox.EndpointChange{Active: &off})
	if err := errors.Join(err1, box.RemoveEndpoint(ctx, one.ID)); err != nil {
		t.Fatal(err)
	}
	r.advance(40 * 24 * time.Hour) // the other one fails until it is switched off
	rows, _, err := box.Audit(sandbox.AuditFilter{Kind: "endpoint"}, 100, "")
	if err := errors.Join(err, replay(r.srv)); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range slices.Backward(rows) {
		got = append(got, r.Who+" "+r.Action+" "+map[bool]string{true: "first", false: "other"}[r.Resource == one.ID])
		if strings.Contains(string(r.Before)+string(r.After), secret) {
			t.Errorf("the log tells a secret: %s %s", r.Before, r.After)
		}
	}
	if want := []string{"reset keep first", "reset keep other", "control update first", "control remove first", "clock disable other"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// TestAuditSurvivesReset: the log of the new file says what ended with the old
// one, and its numbers go on.
func TestAuditSurvivesReset(t *testing.T) {
	e := newEdge(t, emulator.Options{Clock: "manual", ResetCron: "0 2 * * *"})
	rows := func() []sandbox.AuditView {
		t.Helper()
		if err := replay(e.Server); err != nil {
			t.Fatal(err)
		}
		box, err := e.Sandbox("")
		if err != nil {
			t.Fatal(err)
		}
		all, _, err := box.Audit(sandbox.AuditFilter{}, 100_000, "")
		if err != nil {
			t.Fatal(err)
		}
		slices.Reverse(all)
		return all
	}
	fresh := len(rows())
	e.want(201, "POST", "/api/v2/auth/signup", "", `{"email":"ana@example.com","password":"P@ssw0rd123!"}`)
	before := rows()
	if len(before) <= fresh {
		t.Fatal("a signup left no row")
	}
	for _, c := range []struct {
		who    string
		rewind bool
		reset  func() error
	}{
		{"control", false, e.Reset},
		{"clock", false, func() error {
			box, _ := e.Sandbox("")
			_, err := box.AdvanceBy(t.Context(), 24*60*60*1e9, true)
			return err
		}},
		{"control", true, func() error { box, _ := e.Sandbox(""); return box.Reset(t.Context(), true) }},
	} {
		if err := c.reset(); err != nil {
			t.Fatal(err)
		}
		after := rows()
		first, want := after[0], fmt.Sprintf(`{"rewind":%v,"rows":%d}`, c.rewind, len(before))
		if first.Seq != before[len(before)-1].Seq+1 || first.Action != "reset" || first.Who != c.who || string(first.After) != want {
			t.Errorf("the first row is %+v %s, want %s", first, first.After, want)
		}
		before = after
	}
	if kept := slices.ContainsFunc(before, func(r sandbox.AuditView) bool { return r.Action == "keep" && r.Who == "reset" }); !kept {
		t.Error("nothing tells what survived")
	}
}

// TestAuditNamesWho: credential, clock and control API, and the request that
// its reply names.
func TestAuditNamesWho(t *testing.T) {
	e := newEdge(t, emulator.Options{Clock: "manual"})
	create := "sk_test… · POST /api/v2/users · create · true"
	for last, act := range map[string]func(user string){
		"control · move approve · move approve · false": func(user string) {
			e.want(200, "POST", "/_sandgate/moves", "", `{"provider":"killb","kind":"user","id":"`+user+`","move":"approve"}`)
		},
		"clock · timer approve · move approve · false": func(string) {
			if _, err := e.Advance(10e9); err != nil {
				t.Fatal(err)
			}
		},
	} {
		user := fmt.Sprint(e.want(201, "POST", "/api/v2/users", "", strings.Replace(aUserBody, "ana@", last[:5]+"@", 1))["id"])
		act(user)
		box, err := e.Sandbox("")
		if err != nil {
			t.Fatal(err)
		}
		rows, _, err := box.Audit(sandbox.AuditFilter{Kind: "user", Resource: user}, 10, "")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range rows {
			got = append(got, strings.ReplaceAll(r.Who, "…", "sk_test…")+" · "+r.Operation+" · "+r.Action+" · "+fmt.Sprint(r.Request != ""))
			var body map[string]any
			if json.Unmarshal(r.After, &body) != nil || body["id"] != user {
				t.Errorf("after: %s", r.After)
			}
		}
		if !slices.Equal(got, []string{last, create}) {
			t.Errorf("%q", got)
		}
	}
}

const aUserBody = `{"type":"PERSON","accessLevel":"L2","data":{"firstName":"Ana","lastName":"Silva","email":"ana@example.com","phone":"+5511999999999",
 "dateOfBirth":"1990-05-17","document":{"type":"PASSPORT","number":"YA123456","issuedCountryCode":"BR"},
 "address":{"street1":"Rua 1","city":"Sao Paulo","state":"SP","zipCode":"01000-000","countryCode":"BR"}}}`

// TestAuditNamesCallbacks: what a service outside says is not the work of
// whoever holds the control API.
func TestAuditNamesCallbacks(t *testing.T) {
	g := newGateway(t)
	id, uid := g.pix()
	if w := g.told(fmt.Sprintf(paidAt(uid), true)); w.Code != 200 {
		t.Fatal(w.Code, w.Body)
	}
	g.settle()
	rows, _, err := g.box().Audit(sandbox.AuditFilter{Kind: "payment", Resource: id}, 1, "")
	if err != nil || len(rows) != 1 {
		t.Fatal(rows, err)
	}
	kept := g.callbacks(sandbox.CallbackFilter{})[0]
	want := "callback · callback " + kept.Source + " " + kept.Type + " · " + kept.ID
	if r := rows[0]; r.Who+" · "+r.Operation+" · "+r.Request != want || !strings.HasPrefix(r.Action, "move ") {
		t.Errorf("%s · %s · %s, want %s", r.Who, r.Operation, r.Request, want)
	}
}

// TestAuditKeepsNoSecrets: passwords, webhook secrets and tokens do not get
// into the log.
func TestAuditKeepsNoSecrets(t *testing.T) {
	e := newEdge(t, emulator.Options{Clock: "manual"})
	secrets := []string{"P@ssw0rd123!", "whsec_canary_0123456789abcdef0123456789abcdef"}
	e.want(201, "POST", "/api/v2/auth/signup", "", `{"email":"ana@example.com","password":"`+secrets[0]+`"}`)
	hook := e.want(201, "POST", "/api/v2/webhooks", "", `{"url":"http://127.0.0.1:1/","secret":"`+secrets[1]+`","events":["USER"]}`)
	login := e.want(201, "POST", "/api/v2/auth/login", "", `{"email":"ana@example.com","password":"`+secrets[0]+`"}`)
	for _, name := range []string{"accessToken", "refreshToken"} {
		secrets = append(secrets, fmt.Sprint(login[name]))
	}
	box, err := e.Sandbox("")
	if err != nil {
		t.Fatal(err)
	}
	rows, _, err := box.Audit(sandbox.AuditFilter{}, 100_000, "")
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(rows)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), fmt.Sprint(hook["id"])) {
		t.Fatal("the webhook is not in the log: this test proves nothing")
	}
	for _, secret := range secrets {
		if strings.Contains(string(text), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
}
