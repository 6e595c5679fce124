package sandbox

import (
	"fmt"
	"regexp"
	"time"

	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// speech is the compiled part of a dialect that says errors.
type speech struct{ failure, internal, argument *scenarios.Value }

func (p *Provider) speech() (*speech, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.says != nil {
		return p.says, nil
	}
	var err error
	d := p.Scenario.Dialect
	c := &compiler{scope: p.scope(scenarios.ViolationNames), err: &err}
	s := &speech{failure: c.value(d.Error), internal: c.value(d.Internal), argument: c.value(d.Argument)}
	if err != nil {
		return nil, err
	}
	p.says = s
	return s, nil
}

// ErrorBody says a refusal as the provider would.
func (p *Provider) ErrorBody(r *Refusal) ([]byte, error) {
	if r.body != nil {
		return r.body, nil
	}
	s, err := p.speech()
	if err != nil {
		return nil, err
	}
	arguments, messages := []any{}, []any{}
	for _, v := range r.Violations {
		about := map[string]any{"pointer": v.Pointer, "rule": v.Rule, "expected": v.Expected, "got": v.Got, "near": v.Near}
		arg := any(map[string]any{"pointer": v.Pointer, "rule": v.Rule, "expected": v.Expected, "got": v.Got})
		if s.argument != nil {
			env := &scenarios.Env{Vars: about}
			if arg, err = s.argument.Eval(env); err != nil {
				return nil, err
			}
		}
		arguments = append(arguments, arg)
	}
	for _, m := range r.Messages {
		messages = append(messages, m)
	}
	said := map[string]any{"code": r.Code, "status": r.Status, "messages": messages, "arguments": arguments, "details": nil}
	if r.Details != nil {
		said["details"] = r.Details
	}
	template := s.failure
	if r.Status >= 500 && s.internal != nil {
		template = s.internal
	}
	if template == nil {
		return openapi.Marshal(map[string]any{"error": said}, nil)
	}
	env := &scenarios.Env{Vars: map[string]any{"error": said, "config": p.Config, "data": p.Scenario.Data}}
	return renderOrdered(template, env)
}

// requestPath finds the part of a request that an expression is about.
var requestPath = regexp.MustCompile(`request(\.\w+)+`)

// SandboxIn reads the sandbox that a request without credential names.
func (b *Binding) SandboxIn(v *openapi.Values) (string, error) {
	if b.sandbox == nil {
		return "", nil
	}
	got, err := b.sandbox.Run(&scenarios.Env{Vars: map[string]any{"request": map[string]any{"body": v.Body, "query": v.Query, "path": v.Path, "header": v.Header}}})
	if err != nil {
		return "", err
	}
	s, _ := got.(string)
	if bad := MisnamedIn(s); bad != "" {
		pointer := exprPointer(requestPath.FindString(b.Spec.Sandbox))
		return "", b.provider.Refuse(ReasonInvalid, ErrBadName.Error(),
			openapi.Violation{Pointer: pointer, Rule: "sandbox", Expected: "ws_<name> with a-z, 0-9 and - in the name", Got: openapi.Show(pointer, bad)})
	}
	return NamedIn(s), nil
}

// Nowhere is the refusal to read one object in a sandbox that nobody made: to
// look must not bring it into being. Other operations may, and have none.
func (b *Binding) Nowhere(v *openapi.Values) error {
	if b.Spec.Verb != "read" || b.id != nil || b.kind.spec.Singleton {
		return nil
	}
	name := lastParam(b.Op)
	id := idText(v.Path[name])
	return b.provider.missing(b.kind, "/path/"+name, id)
}

// CheckReply validates a reply against the contract.
func (b *Binding) CheckReply(r *Reply) []openapi.Violation {
	declared := b.Plan.Reply(r.Status)
	if declared == nil {
		return []openapi.Violation{{Pointer: "/status", Rule: "status", Expected: "a status that the contract declares", Got: fmt.Sprint(r.Status)}}
	}
	if declared.Schema == nil {
		if len(r.Body) > 0 {
			return []openapi.Violation{{Pointer: "/body", Rule: "empty", Expected: "no body"}}
		}
		return nil
	}
	if declared.Media != "application/json" || b.Spec.Verb == "contract" {
		return nil // the contract itself is larger than any reply
	}
	v, bad := openapi.DecodeOwn(r.Body)
	if bad != nil {
		return []openapi.Violation{*bad}
	}
	return declared.Schema.Validate(v, "/body")
}

// Time is the sandbox's time for a log line: it opens nothing.
func (s *Sandbox) Time() time.Time { return s.time().Now() }
