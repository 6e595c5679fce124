package sandbox

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// ErrNoChallenge says that a link leads to nothing: it never did, it was used,
// or its time is over.
var ErrNoChallenge = errors.New("there is no such challenge, or it is over")

// Challenge is what a card holder is asked, as the page shows it.
type Challenge struct {
	ID      string         `json:"id"`                // of the resource that waits
	Show    map[string]any `json:"show"`              // merchant, amount, currency, card …
	Propose string         `json:"propose,omitempty"` // the answer that the test card stands for
	Results []string       `json:"results"`           // answers that the scenario knows
}

// Answered is what an answer led to.
type Answered struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	Return string `json:"return_url,omitempty"` // where the payer goes on, "" = nowhere
}

// challenges is the compiled policy of a provider.
type challenges struct {
	kind *Kind
	spec *scenarios.Challenge
	show *scenarios.Value
	back *scenarios.Program
}

// compileChallenges compiles the policy, nil when the provider has none.
func (p *Provider) compileChallenges() (*challenges, error) {
	spec := p.Scenario.Challenge
	if spec == nil {
		return nil, nil
	}
	kind, err := p.Kind(spec.Kind)
	if err != nil {
		return nil, err
	}
	c := &compiler{scope: p.scopeIn(kind.spec.File, kindNames), err: &err}
	return &challenges{kind: kind, spec: spec, show: c.value(spec.Show), back: c.program(spec.Return, spec.Line)}, err
}

// Challenge finds what waits behind a link's secret.
func (s *Sandbox) Challenge(p *Provider, token string) (*Challenge, error) {
	policy, err := p.challenges()
	if err != nil || policy == nil {
		return nil, errors.Join(err, ErrNoChallenge)
	}
	g, err := s.pin()
	if err != nil {
		return nil, err
	}
	defer s.unpin()
	var out *Challenge
	err = g.db.View(func(conn *store.Conn) error {
		a := s.newAct(g, p, conn, nil, s.time().Now())
		o, err := a.waiting(policy, token)
		if err != nil {
			return err
		}
		out = &Challenge{ID: o.row.ID, Results: sortedKeys(policy.spec.Results)}
		return a.with("resource", o.vars(), func() error {
			v, err := policy.show.Eval(&a.env)
			show, _ := v.(map[string]any)
			out.Propose, _ = show["propose"].(string)
			out.Show = maps.Clone(show)
			delete(out.Show, "propose") // not for the eyes of a card holder
			return err
		})
	})
	return out, err
}

// Answer makes the move that an answer stands for. A link answers once: the
// move takes the resource out of the state in which it waits.
func (s *Sandbox) Answer(ctx context.Context, p *Provider, token, result string) (*Answered, error) {
	policy, err := p.challenges()
	if err != nil || policy == nil {
		return nil, errors.Join(err, ErrNoChallenge)
	}
	g, err := s.pin()
	if err != nil {
		return nil, err
	}
	defer s.unpin()
	var a *act
	var out *Answered
	err = g.db.Write(ctx, func(tx *store.Tx) error {
		a = s.newAct(g, p, tx.Conn, tx, s.time().Now())
		a.by = doer{who: byCard, operation: "challenge " + result}
		out, err = a.answerChallenge(policy, token, result)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.committed(a)
	return out, nil
}

func (a *act) answerChallenge(policy *challenges, token, result string) (*Answered, error) {
	o, err := a.waiting(policy, token)
	if err != nil {
		return nil, err
	}
	a.owner = o.row.Owner
	moves, known := policy.spec.Results[result]
	if !known {
		return nil, a.p.Refuse(ReasonInvalid, "", openapi.Violation{
			Pointer: "/body/result", Rule: "enum", Expected: "one of " + strings.Join(sortedKeys(policy.spec.Results), ", "), Got: openapi.Show("/body/result", result),
		})
	}
	back, err := a.returnOf(policy, o)
	if err != nil {
		return nil, err
	}
	if len(moves) > 0 {
		err = a.with("with", map[string]any{"result": result}, func() error { return a.moveBy(o, moves) })
	}
	if errors.Is(err, errNoMove) {
		return nil, a.p.Refuse(ReasonState, "", openapi.Violation{
			Pointer: "/body/result", Rule: "state", Expected: "an answer that this " + o.kind.Short + " can take", Got: openapi.Show("/body/result", result),
		})
	}
	if err != nil {
		return nil, err
	}
	status := o.row.Status
	if word, ok := o.kind.speak["api"][status]; ok {
		status = word
	}
	return &Answered{ID: o.row.ID, Status: status, Return: withOutcome(back, o.row.ID, status)}, nil
}

// waiting finds the resource that a token belongs to, while it waits.
func (a *act) waiting(policy *challenges, token string) (*object, error) {
	if token == "" {
		return nil, ErrNoChallenge
	}
	row, ok, err := a.conn.FindResource(policy.kind.Name, "", policy.spec.Token, token)
	if err != nil {
		return nil, err
	}
	if !ok || row.Status != policy.spec.State {
		return nil, ErrNoChallenge
	}
	return a.open(policy.kind, row)
}

func (a *act) returnOf(policy *challenges, o *object) (back string, err error) {
	if policy.back == nil {
		return "", nil
	}
	err = a.with("resource", o.vars(), func() error {
		v, err := policy.back.Run(&a.env)
		back, _ = v.(string)
		return err
	})
	return back, err
}

// withOutcome adds what happened to the address that the payer returns to. An
// address that no browser should be sent to is dropped.
func withOutcome(back, id, status string) string {
	u, err := url.Parse(back)
	if err != nil || u.Host == "" || !slices.Contains([]string{"http", "https"}, u.Scheme) {
		return ""
	}
	own := url.Values{"id": {id}, "status": {status}}.Encode()
	if u.RawQuery != "" {
		own = u.RawQuery + "&" + own // what the shop wrote stays as it wrote it
	}
	u.RawQuery = own
	return u.String()
}
