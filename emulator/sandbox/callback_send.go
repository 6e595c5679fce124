package sandbox

import (
	"context"
	"crypto/md5" // what a header of theirs holds, no protection
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/emulator/webhook"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// CallbackOrder asks for a callback as its source would send it.
type CallbackOrder struct {
	Provider, Source, Type string
	Kind, ID               string         // what it is about; Kind "" = what the event is about
	Data                   map[string]any // changes to the object that it tells of
	Raw                    *string        // the body as it is, instead
	Times                  int            // 0 = once
	BadSignature           bool
}

// CallbackLetter is one callback, ready to be sent.
type CallbackLetter struct {
	Path   string
	Header map[string]string
	Body   []byte
	Secret string // name of the header that must not be shown, "" = none
}

// WriteCallbacks renders a callback and its repeats, and signs each.
func (s *Sandbox) WriteCallbacks(ctx context.Context, order CallbackOrder) ([]CallbackLetter, error) {
	p, src, err := s.w.callbackSource(order.Provider, order.Source)
	if err != nil {
		return nil, err
	}
	send, err := src.send(&order)
	if err != nil {
		return nil, err
	}
	g, err := s.pin()
	if err != nil {
		return nil, err
	}
	defer s.unpin()
	var out []CallbackLetter
	err = g.db.Write(ctx, func(tx *store.Tx) error { // new ids take a number
		a := s.newAct(g, p, tx.Conn, tx, s.time().Now())
		object, err := a.callbackObject(send, &order)
		if err != nil {
			return err
		}
		id, err := textOf(src.newID, a)
		if err != nil {
			return err
		}
		out = nil
		for try := range max(order.Times, 1) {
			letter, err := a.writeCallback(src, &order, object, map[string]any{"id": id, "type": order.Type, "source": src.spec.Name, "try": try + 1})
			if err != nil {
				return err
			}
			out = append(out, letter)
		}
		return nil
	})
	return out, err
}

// callbackSource finds a source by its name; with one provider that has it,
// the provider's may be left out.
func (w *World) callbackSource(provider, source string) (*Provider, *callbackSource, error) {
	var p *Provider
	var known []string
	for _, one := range w.Providers() {
		if provider != "" && one.Name() != provider {
			continue
		}
		for _, c := range one.Scenario.Callbacks {
			known = append(known, c.Name)
		}
		if one.Scenario.CallbackSource(source) == nil {
			continue
		}
		if p != nil {
			return nil, nil, &Invalid{"/provider", fmt.Sprintf("more than one provider is called by %q; say which", source)}
		}
		p = one
	}
	if p == nil {
		return nil, nil, &Invalid{"/source", fmt.Sprintf("no provider is called by %q%s", source, scenarios.Suggest(source, known))}
	}
	policy, err := p.callbacks()
	if err != nil {
		return nil, nil, err
	}
	return p, policy[p.Scenario.CallbackSource(source).Name], nil
}

// send finds how the source tells of an event; nil = only with data or a body.
func (src *callbackSource) send(order *CallbackOrder) (*callbackSend, error) {
	send := src.sends[order.Type]
	switch {
	case order.Raw != nil:
		return nil, nil
	case send == nil && order.Data == nil:
		return nil, &Invalid{"/type", fmt.Sprintf("%s tells of no %q that could be made here; send it with data%s", src.spec.Name, order.Type, scenarios.Suggest(order.Type, sortedKeys(src.sends)))}
	case send == nil:
		return nil, nil
	case order.Kind != "" && order.Kind != send.spec.Kind:
		return nil, &Invalid{"/kind", fmt.Sprintf("%s is about a %s, not a %s", order.Type, send.spec.Kind, order.Kind)}
	case order.ID == "":
		return nil, &Invalid{"/id", "the id of the " + send.spec.Kind + " that it is about is missing"}
	}
	return send, nil
}

// callbackObject is what the source knows of the stored object.
func (a *act) callbackObject(send *callbackSend, order *CallbackOrder) (any, error) {
	if send == nil {
		return order.Data, nil
	}
	kind, err := a.p.Kind(send.spec.Kind)
	if err != nil {
		return nil, err
	}
	o, err := a.get(kind, order.ID)
	if err != nil {
		return nil, err
	}
	if o == nil {
		return nil, fmt.Errorf("%s %q: %w", kind.Short, order.ID, ErrNotFound)
	}
	a.vars()["resource"] = o.vars()
	object, err := send.object.Eval(&a.env)
	if m, ok := object.(map[string]any); ok && err == nil {
		object = mergedInto(m, order.Data)
	}
	return object, err
}

// mergedInto is an object with changes on top, objects within objects too.
func mergedInto(object, changes map[string]any) map[string]any {
	out := make(map[string]any, len(object)+len(changes))
	for name, v := range object {
		out[name] = v
	}
	for name, v := range changes {
		inner, isObject := out[name].(map[string]any)
		if more, ok := v.(map[string]any); ok && isObject {
			v = mergedInto(inner, more)
		}
		out[name] = v
	}
	return out
}

// writeCallback renders one try and signs it.
func (a *act) writeCallback(src *callbackSource, order *CallbackOrder, object any, about map[string]any) (CallbackLetter, error) {
	letter := CallbackLetter{Path: a.p.callbackPath(src.spec.Name), Header: map[string]string{"Content-Type": "application/json"}}
	a.vars()["callback"], a.vars()["object"] = about, object
	var err error
	if letter.Body, err = a.callbackBody(src, order); err != nil {
		return letter, err
	}
	sum := md5.Sum(letter.Body)
	about["md5"] = base64.StdEncoding.EncodeToString(sum[:])
	var v any
	if src.header != nil {
		if v, err = src.header.Eval(&a.env); err != nil {
			return letter, err
		}
	}
	fields, _ := v.(map[string]any)
	for name, v := range fields {
		if v != nil {
			letter.Header[name] = fmt.Sprint(plain(v))
		}
	}
	return letter, a.sign(src.proofs[0], &letter, order.BadSignature)
}

// callbackBody is the body of a letter: as it was given, in the form of the
// source, or the object alone.
func (a *act) callbackBody(src *callbackSource, order *CallbackOrder) ([]byte, error) {
	if order.Raw != nil {
		return []byte(*order.Raw), nil
	}
	v := a.vars()["object"]
	if src.body != nil {
		var err error
		if v, err = src.body.Eval(&a.env); err != nil {
			return nil, err
		}
	}
	return openapi.Marshal(v, nil)
}

// sign proves a letter as its source would; a bad one is made with another
// secret.
func (a *act) sign(p *proof, letter *CallbackLetter, bad bool) error {
	secret, err := textOf(p.secret, a)
	if p.scheme == "" {
		secret, err = textOf(p.password, a)
	}
	if err != nil {
		return err
	}
	if bad {
		secret += "!"
	}
	if p.scheme != "" {
		letter.Header[p.header], err = webhook.Sign(p.scheme, secret, letter.Body, a.s.w.o.Wall.Now())
		return err
	}
	user, err := textOf(p.user, a)
	letter.Secret = p.header
	letter.Header[p.header] = "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+secret))
	return err
}

// Shown are the headers of a letter without what must not be shown.
func (l *CallbackLetter) Shown() map[string]string {
	out := map[string]string{}
	for name, v := range l.Header {
		if name == l.Secret {
			v, _, _ = strings.Cut(v, " ")
			v += " …"
		}
		out[name] = v
	}
	return out
}
