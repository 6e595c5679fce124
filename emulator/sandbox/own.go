package sandbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sandgate/sandgate/openapi"
)

// Occasion is where a refusal is said.
type Occasion struct {
	Binding *Binding // nil where no operation was found
	Request string   // the request's id
	Now     time.Time
}

// Say answers a refusal as the provider would: by the scenario's dialect, else in the schema that the contract has for it.
func (p *Provider) Say(o Occasion, r *Refusal) (*Reply, error) {
	if !p.ownWords() {
		body, err := p.ErrorBody(r)
		return &Reply{Status: r.Status, Header: r.Header, Body: body}, err
	}
	if r.body != nil {
		reply := &Reply{Status: r.Status, Header: r.Header, Body: r.body}
		if form := p.formFor(o.Binding, r.Status, nil); form != nil {
			reply.Media = form.Media
		}
		return reply, nil
	}
	r.Status = p.statusFor(o.Binding, r)
	reply := &Reply{Status: r.Status, Header: r.Header}
	found := p.formFor(o.Binding, r.Status, func(form *openapi.Reply) bool {
		body, ok := p.sayIn(form.Schema, o, r)
		if ok {
			reply.Body, reply.Media = body, form.Media
		}
		return ok
	})
	if found == nil {
		var err error
		reply.Body, err = p.ErrorBody(r)
		return reply, err
	}
	if !tells(reply.Body, r) {
		reply.Header = withMessage(r)
	}
	return reply, nil
}

// MessageHeader holds what is wrong where the contract's schema lists the messages that may be said.
const MessageHeader = "Sandgate-Message"

// tells says whether a body says what is wrong.
func tells(body []byte, r *Refusal) bool {
	if len(r.Messages) == 0 {
		return true
	}
	first, err := openapi.Marshal(r.Messages[0], nil)
	return err == nil && bytes.Contains(body, first[1:len(first)-1])
}

func withMessage(r *Refusal) map[string]string {
	header := map[string]string{MessageHeader: printable(r.Messages[0])}
	for name, value := range r.Header {
		header[name] = value
	}
	return header
}

// printable is a text that fits into a header.
func printable(text string) string {
	text = strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return '?'
		}
		return c
	}, text)
	return text[:min(len(text), mostMessage)]
}

// ownWords says whether errors are written as the contract's schemas have them.
func (p *Provider) ownWords() bool {
	return p.Scenario.Infer && p.Scenario.Dialect.Error.IsZero()
}

// sayIn writes a refusal in a schema; ok is false where the schema has no place for it.
func (p *Provider) sayIn(s *openapi.Schema, o Occasion, r *Refusal) (body []byte, ok bool) {
	w := &wording{refusal: r, occasion: o}
	if o.Binding != nil && o.Binding.Plan.Body != nil {
		w.form = slices.Contains(o.Binding.Plan.Body.Types, "application/x-www-form-urlencoded")
	}
	v := w.fill(s, "", 0, nil)
	if object, ok := v.(map[string]any); !ok || len(object) == 0 {
		return nil, false
	}
	h := fnv.New64a()
	h.Write([]byte(r.Code + o.Request))
	v = s.FitWith(v, openapi.NewFaker(h.Sum64()|1, o.Now), openapi.FitOptions{Lean: true})
	if len(s.Validate(v, "")) > 0 {
		return nil, false
	}
	body, err := openapi.Marshal(v, s)
	return openapi.MaskCardsJSON(body), err == nil
}

// otherStatuses are what a contract may answer for a reason instead of the usual, in order of preference.
var otherStatuses = map[string][]int{
	ReasonInvalid: {400, 422}, ReasonReference: {422, 400, 404}, ReasonState: {409, 422, 400}, ReasonExists: {409, 422, 400},
}

// statusFor is the status that the contract has for an engine's reason: one that the operation declares, else one that the document uses.
func (p *Provider) statusFor(b *Binding, r *Refusal) int {
	others := otherStatuses[r.Code]
	if _, own := p.Scenario.Errors[r.Code]; own || !slices.Contains(others, r.Status) {
		return r.Status
	}
	if b != nil {
		for _, status := range others {
			if reply := b.Plan.Replies[status]; reply != nil && reply.Status == status {
				return status
			}
		}
		if reply := b.Plan.Reply(r.Status); reply != nil {
			if r.Code == ReasonReference {
				return 400
			}
			return r.Status // a range, or the default, is for all of them
		}
	}
	for _, status := range others {
		if len(p.errorForms().byStatus[status]) > 0 {
			return status
		}
	}
	return r.Status
}

// formFor finds the schema that a refusal is written in: the operation's own for the status, else the one that the document uses most for it, else
// for any refusal. try is asked about each, nil takes the first.
func (p *Provider) formFor(b *Binding, status int, try func(*openapi.Reply) bool) *openapi.Reply {
	take := func(reply *openapi.Reply) bool {
		return reply != nil && reply.Schema != nil && isJSON(reply.Media) && (try == nil || try(reply))
	}
	if b != nil {
		if reply := b.Plan.Reply(status); take(reply) {
			return reply
		}
	}
	forms := p.errorForms()
	for _, used := range [][]errorForm{forms.byStatus[status], forms.any} {
		for _, form := range used[:min(len(used), 3)] {
			if plan, err := p.Contract.Plan(form.op); err == nil {
				if reply := plan.Reply(form.status); take(reply) {
					return reply
				}
			}
		}
	}
	return nil
}

func isJSON(media string) bool {
	media, _, _ = strings.Cut(strings.ToLower(media), ";")
	media = strings.TrimSpace(media)
	return media == "application/json" || strings.HasSuffix(media, "+json")
}

// errorForm is one schema that errors are written in, the operation where it was seen first, and how often it is used.
type errorForm struct {
	op     *openapi.Operation
	status int
	used   int
}

// errorForms are the schemas that a contract has for errors, the most used first.
type errorForms struct {
	byStatus map[int][]errorForm
	any      []errorForm
}

// errorForms reads them once, when the first refusal needs them: by their text, without building a schema.
func (p *Provider) errorForms() *errorForms { return p.errorsSeen() }

// readErrorForms looks at what the operations declare for statuses from 400.
func readErrorForms(doc *openapi.Document) *errorForms {
	seen := map[int]map[string]*errorForm{}
	const whatever = 0
	note := func(status int, text string, op *openapi.Operation, at int) {
		if seen[status] == nil {
			seen[status] = map[string]*errorForm{}
		}
		if f := seen[status][text]; f != nil {
			f.used++
			return
		}
		seen[status][text] = &errorForm{op: op, status: at, used: 1}
	}
	for _, op := range doc.Operations() {
		_ = openapi.Members(op.Field("responses"), func(code string, raw json.RawMessage) error {
			status := statusOf(code)
			if status < 400 {
				return nil
			}
			if status < 600 {
				note(status, string(raw), op, status)
			}
			note(whatever, string(raw), op, min(status, 599))
			return nil
		})
	}
	out := &errorForms{byStatus: map[int][]errorForm{}}
	for status, forms := range seen {
		list := make([]errorForm, 0, len(forms))
		for _, f := range forms {
			list = append(list, *f)
		}
		slices.SortFunc(list, func(a, b errorForm) int {
			return cmp.Or(b.used-a.used, strings.Compare(a.op.Key(), b.op.Key()), a.status-b.status)
		})
		if status == whatever {
			out.any = list
		} else {
			out.byStatus[status] = list
		}
	}
	return out
}

// statusOf reads the name of a response: a range begins at its first status, default is beyond all.
func statusOf(code string) int {
	if code == "default" {
		return 600
	}
	if len(code) == 3 && strings.EqualFold(code[1:], "xx") {
		code = code[:1] + "00"
	}
	status, _ := strconv.Atoi(code)
	return status
}

// lazyErrors is the function that a provider keeps.
func lazyErrors(doc *openapi.Document) func() *errorForms {
	return sync.OnceValue(func() *errorForms { return readErrorForms(doc) })
}
