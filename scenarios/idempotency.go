package scenarios

import (
	"fmt"
	"reflect"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// Idempotency is what a request means that comes again under the same key. It
// may be written as the list of its headers alone.
type Idempotency struct {
	Line int `json:"line,omitempty"`
	// Headers may hold the key, on every operation that writes; the first that is sent counts.
	Headers []string `json:"headers,omitempty" yaml:"headers"`
	// Life is how long a key is remembered, in sandbox time: a duration, or an expression over config.
	Life Template `json:"life,omitzero"`
	// Scope: a key is good for one request of its owner, or for one on each address.
	Scope string `json:"scope,omitempty" yaml:"scope"`
	// Keep: only successes are remembered, or refusals of what was executed too.
	Keep string `json:"keep,omitempty" yaml:"keep"`
	// Concurrent: while the first is worked on, a second is refused, or waits for its reply.
	Concurrent string `json:"concurrent,omitempty" yaml:"concurrent"`
	Max        int    `json:"max,omitempty" yaml:"max"` // characters of a key
	Required   bool   `json:"required,omitempty" yaml:"required"`
	Reused     string `json:"reused,omitempty" yaml:"reused"`     // code; default: refusals.conflict
	Busy       string `json:"busy,omitempty" yaml:"busy"`         // code; default: refusals.in-progress
	Replayed   string `json:"replayed,omitempty" yaml:"replayed"` // header that marks a replay
}

// What holds where a policy says nothing.
const (
	keyLife     = 24 * time.Hour
	keyMax      = 255
	keyReplayed = "Idempotent-Replayed"
)

// Policy is the policy with all that it leaves to its defaults; of nil, too.
func (i *Idempotency) Policy() Idempotency {
	out := Idempotency{Max: keyMax, Replayed: keyReplayed, Scope: "owner", Keep: "success", Concurrent: "conflict"}
	if i == nil {
		return out
	}
	out.Line, out.Headers, out.Life, out.Required, out.Reused, out.Busy = i.Line, i.Headers, i.Life, i.Required, i.Reused, i.Busy
	for _, text := range []struct{ to, from *string }{
		{&out.Scope, &i.Scope}, {&out.Keep, &i.Keep}, {&out.Concurrent, &i.Concurrent}, {&out.Replayed, &i.Replayed},
	} {
		if *text.from != "" {
			*text.to = *text.from
		}
	}
	if i.Max > 0 {
		out.Max = i.Max
	}
	return out
}

// KeyLife is how long keys are remembered under these settings.
func (s *Scenario) KeyLife(config map[string]any) (time.Duration, error) {
	life := s.Idempotency.Policy().Life
	if life.IsZero() {
		return keyLife, nil
	}
	file := s.FileOf("idempotency")
	v, err := CompileTemplate(life, Scope{File: file})
	if err != nil {
		return 0, err
	}
	given, err := v.Eval(&Env{Vars: map[string]any{"config": config, "data": s.Data}})
	if err != nil {
		return 0, err
	}
	d, err := parseDuration(fmt.Sprint(given))
	if err == nil && d <= 0 {
		err = fmt.Errorf("%q is no time at all", clip(fmt.Sprint(given), 40))
	}
	if err != nil {
		return 0, &Error{File: file, Line: life.Line, Message: "idempotency, life: " + err.Error()}
	}
	return d, nil
}

// idempotency reads a list of headers, or a policy.
func (l *loader) idempotency(n ast.Node) *Idempotency {
	out := &Idempotency{}
	switch l.resolve(n).(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		l.objectWith(n, reflect.ValueOf(out).Elem(), "idempotency", map[string]extra{
			"life": func(p pair) { out.Life = l.span(p.value) },
			"max": func(p pair) {
				if l.integer(p.value, &out.Max, "max"); out.Max < 1 || out.Max > 4096 {
					l.fail(p.value, "max is a number from 1 to 4096")
				}
			},
		})
	default:
		out.Headers, out.Line = l.words(n, "idempotency"), lineOf(n)
	}
	for _, header := range out.Headers {
		if !headerName(header) {
			l.fail(n, "idempotency: no header is called %q", clip(header, 40))
		}
	}
	if out.Replayed != "" && !headerName(out.Replayed) {
		l.fail(n, "idempotency, replayed: no header is called %q", clip(out.Replayed, 40))
	}
	if out.Required && len(out.Headers) == 0 {
		l.fail(n, "idempotency: a key is required, and no header may hold it")
	}
	return out
}

// span reads a duration, or an expression that gives one.
func (l *loader) span(n ast.Node) Template {
	text := l.text1(n)
	if d, err := parseDuration(text); err == nil {
		if d <= 0 {
			l.fail(n, "life is longer than nothing")
		}
		var v any = text
		return Template{Const: &v, Line: lineOf(n)}
	}
	return l.template(n)
}

// headerName tells names of headers from other text.
func headerName(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return s != ""
}

// idempotency checks the codes and the life of a policy.
func (c *check) idempotency(i *Idempotency) {
	if i == nil {
		return
	}
	c.in(c.s.FileOf("idempotency"))
	c.code(i.Line, "idempotency, reused", i.Reused)
	c.code(i.Line, "idempotency, busy", i.Busy)
	c.template(i.Life, scope{})
}
