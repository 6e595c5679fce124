package scenarios

import (
	"strings"
	"testing"
	"time"
)

const policy = `provider: x
contract: y
config: {endpoints.off: {default: 5d, about: when}}
errors: {NO_EVENT: {status: 422, message: No such event}}
webhooks:
  signature: {header: x-s, scheme: "'hmac-sha256-hex'"}
  retry: [0s, 1m]
  order: shuffle
  duplicates: 10%
  jitter: 20%
  retry-after: true
  floor: 60s
  gone: true
  fails-on: [500, 4xx, timeout, tls]
  resend: then
  overlap: 0s
  disable: {after: AFTER, by: BY}
resources:
  hook:
    status: {start: on}
    endpoint: {url: resource.url, secret: resource.hidden.secret, events: resource.events, active: true, overlap: resource.overlap, own: [hook.ping], unknown: CODE}
    moves: {off: {from: on, to: off}}
`

func fill(text, after, by, code string) string {
	return strings.NewReplacer("AFTER", after, "BY", by, "CODE", code).Replace(text)
}

func TestWebhookPolicy(t *testing.T) {
	s, err := Load("policy.yaml", []byte(fill(policy, "5d", "off", "NO_EVENT")))
	if err != nil {
		t.Fatal(err)
	}
	w := s.Webhooks
	if w.Order != "shuffle" || w.Duplicates != 10 || w.Jitter != 20 || !w.RetryAfter || w.Floor.Span() != time.Minute || !w.Gone || len(w.FailsOn) != 4 ||
		w.FailsOn[0] != "500" || w.Resend != "then" || w.Overlap == nil || *w.Overlap != 0 || *w.Disable.After.Const != any("5d") || w.Disable.By != "off" {
		t.Errorf("%+v", w)
	}
	if e := s.Resource("hook").Endpoint; e.Overlap.Expr != "resource.overlap" || len(e.Own) != 1 || e.Unknown != "NO_EVENT" {
		t.Errorf("%+v", e)
	}
	if s, err = Load("policy.yaml", []byte(fill(policy, "config.endpoints.off", "off", "NO_EVENT"))); err != nil || s.Webhooks.Disable.After.Expr != "config.endpoints.off" {
		t.Errorf("%+v %v", s, err)
	}
}

func TestCheckWebhookPolicy(t *testing.T) {
	for name, c := range map[string]struct{ after, by, code, want string }{
		"good":              {"5d", "off", "NO_EVENT", ""},
		"a setting":         {"config.endpoints.off", "off", "NO_EVENT", ""},
		"no such setting":   {"config.endpoints.of", "off", "NO_EVENT", "config has no member endpoints.of"},
		"no such move":      {"5d", "of", "NO_EVENT", `webhooks, disable: hook has no move "of"; did you mean "off"?`},
		"no such error":     {"5d", "off", "NO_EVENTS", `unknown: no error "NO_EVENTS" in the table; did you mean "NO_EVENT"?`},
		"no expression":     {"5 days", "off", "NO_EVENT", "5 days"},
		"its own, misspelt": {"5d", "off", "NO_EVENT, owns: [a.b]", `has no key "owns"; did you mean "own"?`},
	} {
		s, err := Load("policy.yaml", []byte(fill(policy, c.after, c.by, c.code)))
		text := ""
		if err != nil {
			text = err.Error()
		} else {
			for _, p := range Check(s, openContract{}) {
				text += p.String() + "\n"
			}
		}
		if c.want == "" && text != "" || !strings.Contains(text, c.want) {
			t.Errorf("%s: %s", name, text)
		}
	}
}

func TestParsePercent(t *testing.T) {
	for text, want := range map[string]Percent{"0%": 0, "7%": 7, "100%": 100} {
		if got, err := ParsePercent(text); err != nil || got != want || got.String() != text {
			t.Errorf("%s: %v %v", text, got, err)
		}
	}
	for _, text := range []string{"", "%", "7", "101%", "-1%", "+1%", "1.5%", "7 %", "999999999999%"} {
		if got, err := ParsePercent(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}
