package sandbox

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"mime"
	"net/http"
	"strings"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/emulator/webhook"
	"github.com/sandgate/sandgate/openapi"
)

// Callback states.
const (
	CallbackReceived  = "received"  // its worker has not come to it
	CallbackProcessed = "processed" // it moved what it is about, or said nothing new
	CallbackIgnored   = "ignored"   // nobody does anything with such events
	CallbackFailed    = "failed"    // it does not fit what is stored
	CallbackRejected  = "rejected"  // it did not prove who it is from
)

// CallbackHeader names, in a reply, the record of the callback.
const CallbackHeader = "Sandgate-Callback"

// What is kept of callbacks that proved nothing is bounded in number and size.
const (
	maxRejected     = 100
	maxRejectedBody = 4096
	maxCallbackText = 500 // a header, an id, a type
)

// Inbound reports an operation that services outside call: its body is read
// by the verb, after the signature over its bytes.
func (b *Binding) Inbound() bool { return b.Spec.Verb == "callback" }

// doCallback takes a callback in: who calls, is it them, was it told before.
// What it means is worked out by a timer that is due at once.
func doCallback(a *act, b *Binding, c *Call) (result, error) {
	src, err := a.callbackSource(b)
	if err != nil {
		return result{}, err
	}
	row := &store.Callback{
		Provider: a.p.Name(), Source: src.spec.Name, Status: CallbackReceived, Received: 1, Created: a.ms(),
		Media: clipText(c.Header.Get("Content-Type")),
	}
	if row.Header, err = src.kept(c.Header); err != nil {
		return result{}, err
	}
	wrong, err := a.unproven(src, c)
	if err != nil {
		return result{}, err
	}
	if wrong != nil {
		row.Status, row.Reason = CallbackRejected, wrong.Messages[0]
		if err := a.rejectCallback(row, c.Raw); err != nil {
			return result{}, err
		}
		if wrong.Header == nil {
			wrong.Header = map[string]string{}
		}
		wrong.Header[CallbackHeader], a.refusal = row.ID, wrong
		return result{}, wrong
	}
	body, bad := readCallback(row.Media, c.Raw)
	if bad != nil {
		bad.Pointer = "/body" + bad.Pointer
		return result{}, a.p.Refuse(ReasonInvalid, "", *bad)
	}
	a.vars()["body"], a.vars()["header"] = body, callbackHeader(row.Header)
	if err := a.nameCallback(src, row, c.Raw); err != nil {
		return result{}, err
	}
	row.Body, _ = redacted(row.Media, c.Raw)
	if err := a.takeCallback(row); err != nil {
		return result{}, err
	}
	a.vars()["callback"] = map[string]any{"id": a.callback}
	return result{}, nil
}

// takeCallback stores what is new and counts what is not.
func (a *act) takeCallback(row *store.Callback) error {
	old, known, err := a.conn.SameCallback(row.Provider, row.Source, row.Same)
	if err != nil {
		return err
	}
	if known {
		a.callback = old.ID
		return a.tx.CountCallback(old.Seq)
	}
	if row.ID, err = a.newCallbackID(); err != nil {
		return err
	}
	a.callback = row.ID
	if err := a.tx.InsertCallback(row); err != nil {
		return err
	}
	return a.addTimer(store.Timer{Due: a.ms(), Kind: timerCallback, A: row.ID})
}

// rejectCallback keeps a trace of a callback that nobody may believe.
func (a *act) rejectCallback(row *store.Callback, raw []byte) (err error) {
	if body, ok := redacted(row.Media, raw); ok {
		row.Body = body[:min(len(body), maxRejectedBody)]
	}
	if row.ID, err = a.newCallbackID(); err != nil {
		return err
	}
	if err := a.tx.InsertCallback(row); err != nil {
		return err
	}
	return a.tx.ForgetRejected(maxRejected)
}

func (a *act) newCallbackID() (string, error) {
	id, err := a.newOrderedID()
	return "cb_" + strings.ReplaceAll(id, "-", ""), err
}

// callbackSource finds who calls, by the name in the path.
func (a *act) callbackSource(b *Binding) (*callbackSource, error) {
	policy, err := a.p.callbacks()
	if err != nil {
		return nil, err
	}
	v, err := b.id.Run(&a.env)
	if err != nil {
		return nil, err
	}
	name, _ := v.(string)
	if spec := a.p.Scenario.CallbackSource(name); spec != nil {
		return policy[spec.Name], nil
	}
	return nil, a.p.Refuse(ReasonNotFound, "", openapi.Violation{
		Pointer: exprPointer(b.Spec.ID), Rule: "exists", Expected: "one of " + strings.Join(sortedKeys(policy), ", "), Got: openapi.Show("", name),
	})
}

// unproven is the refusal of a callback that is not from whom it says. The
// first proof whose header came must hold.
func (a *act) unproven(src *callbackSource, c *Call) (*Refusal, error) {
	chosen := src.proofs[0]
	for _, p := range src.proofs {
		if c.Header.Get(p.header) != "" && (p.scheme != "" || strings.HasPrefix(c.Header.Get(p.header), "Basic ")) {
			chosen = p
			break
		}
	}
	expected, ok, err := chosen.holds(a, c)
	if err != nil || ok {
		return nil, err
	}
	got := "nothing"
	if c.Header.Get(chosen.header) != "" {
		got = "something else"
	}
	r := a.p.Refuse(ReasonUnauthenticated, "", openapi.Violation{Pointer: "/header/" + chosen.header, Rule: "signature", Expected: expected, Got: got})
	if chosen.scheme == "" {
		r.Header = map[string]string{"WWW-Authenticate": `Basic realm="callbacks"`}
	}
	return r, nil
}

// holds compares in constant time.
func (p *proof) holds(a *act, c *Call) (expected string, ok bool, err error) {
	if p.scheme != "" {
		secret, err := textOf(p.secret, a)
		expected = p.scheme + " of the body's bytes with the secret of the source"
		came := webhook.Received{Scheme: p.scheme, Value: c.Header.Get(p.header), Header: c.Header, Body: c.Raw, Secrets: []string{secret}, AnyCase: true}
		return expected, err == nil && webhook.Verify(came) == nil, err
	}
	expected = "the user and password of the source"
	user, err := textOf(p.user, a)
	if err != nil {
		return expected, false, err
	}
	password, err := textOf(p.password, a)
	if err != nil {
		return expected, false, err
	}
	r := http.Request{Header: c.Header}
	givenUser, givenPassword, there := r.BasicAuth()
	// The user may name the sandbox instead: the password is what proves.
	sameUser := subtle.ConstantTimeCompare([]byte(givenUser), []byte(user)) == 1 || NamedIn(givenUser) != ""
	samePassword := subtle.ConstantTimeCompare([]byte(givenPassword), []byte(password)) == 1
	return expected, there && password != "" && sameUser && samePassword, nil
}

// nameCallback says what a callback is, and what tells a repeat of it: the
// source's id of the event, else what of the body does not change.
func (a *act) nameCallback(src *callbackSource, row *store.Callback, raw []byte) error {
	var err error
	if row.Type, err = textOf(src.typ, a); err != nil {
		return err
	}
	if row.Event, err = textOf(src.id, a); err != nil {
		return err
	}
	told, rest := "body\x00", raw
	if row.Event != "" {
		told, rest = "id\x00", []byte(row.Event)
	} else if src.same != nil {
		v, err := src.same.Run(&a.env)
		if err != nil {
			return err
		}
		if rest, err = openapi.Marshal(v, nil); err != nil {
			return err
		}
	}
	sum := sha256.Sum256(append([]byte(told), rest...))
	row.Same, row.Type, row.Event = sum[:], clipText(row.Type), clipText(row.Event)
	return nil
}

// clipText is a text from outside as it may be stored.
func clipText(s string) string {
	s = openapi.Mask(strings.ToValidUTF8(s, "\uFFFD"))
	if len(s) > maxCallbackText {
		s = strings.ToValidUTF8(s[:maxCallbackText], "")
	}
	return s
}

// kept are the headers of a callback that are stored: never a password.
func (src *callbackSource) kept(h http.Header) ([]byte, error) {
	names := append([]string{"Content-Type", "User-Agent"}, src.spec.Keep...)
	for _, p := range src.proofs {
		if p.scheme != "" {
			names = append(names, p.header)
		}
	}
	out := map[string]string{}
	for _, name := range names {
		if v := h.Get(name); v != "" {
			out[name] = clipText(v)
		}
	}
	return json.Marshal(out)
}

// callbackHeader is what expressions see: names in small letters.
func callbackHeader(stored []byte) map[string]any {
	var header map[string]string
	out := map[string]any{}
	if json.Unmarshal(stored, &header) == nil {
		for name, v := range header {
			out[strings.ToLower(name)] = v
		}
	}
	return out
}

const formMedia = "application/x-www-form-urlencoded"

// readCallback decodes a body: a form where it says so, else JSON.
func readCallback(media string, raw []byte) (any, *openapi.Violation) {
	if kind, _, _ := mime.ParseMediaType(media); kind == formMedia {
		form, bad := openapi.DecodeForm(raw)
		return form, bad
	}
	return openapi.DecodeJSON(raw)
}

// redacted is a body as it may be stored.
func redacted(media string, raw []byte) ([]byte, bool) {
	if kind, _, _ := mime.ParseMediaType(media); kind == formMedia {
		return openapi.RedactForm(raw)
	}
	return openapi.Redact(raw)
}

// traces lets a refused act keep what it left behind.
func (a *act) traces(err error) error {
	if a.refusal != nil {
		return nil
	}
	return err
}
