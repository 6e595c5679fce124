package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// Orders are the ways in which the webhooks of one endpoint may arrive: as
// they happen to, in the order of each object, or mixed up by the seed.
var Orders = []string{"free", "per-object", "shuffle"}

// FailureWords are why an attempt got no reply, as fails-on may name them.
var FailureWords = []string{"timeout", "tls", "dns", "connect", "network"}

// Percent is a share of a hundred, written as 10%.
type Percent int

// ParsePercent reads a share like 10%.
func ParsePercent(s string) (Percent, error) {
	digits, ok := strings.CutSuffix(s, "%")
	n, err := strconv.ParseUint(digits, 10, 8)
	if !ok || err != nil || n > 100 || digits[0] == '+' {
		return 0, fmt.Errorf("%q is not a share like 10%%", clip(s, 40))
	}
	return Percent(n), nil
}

func (p Percent) String() string { return strconv.Itoa(int(p)) + "%" }

// Disable is when an endpoint that only fails is switched off. After is a
// span, or an expression over `config` that gives one, or 'off'. By is the move
// that an endpoint which is a resource makes, with its reason as `with.reason`.
type Disable struct {
	After Template `json:"after" yaml:"after"`
	By    string   `json:"by,omitempty" yaml:"by"`
}

// ParseDuration reads a span as scenarios write it: Go's, and d for days.
func ParseDuration(s string) (time.Duration, error) { return parseDuration(s) }

func (l *loader) percent(n ast.Node, p *Percent, what string) {
	share, err := ParsePercent(l.text1(n))
	if err != nil {
		l.fail(n, "%s is a share like 10%%", what)
		return
	}
	*p = share
}

// lasting reads a duration, which may be none, or an expression that gives one.
func (l *loader) lasting(n ast.Node) Template {
	text := l.text1(n)
	if d, err := parseDuration(text); err != nil || d < 0 {
		return l.template(n)
	}
	var v any = text
	return Template{Const: &v, Line: lineOf(n)}
}

// failures checks what fails-on names.
func (l *loader) failures(p pair, words []string) {
	for _, word := range words {
		if len(word) == 3 && strings.HasSuffix(word, "xx") && word[0] >= '1' && word[0] <= '5' {
			continue
		}
		if n, err := strconv.Atoi(word); err == nil && n >= 100 && n <= 599 {
			continue
		}
		if !slices.Contains(FailureWords, word) {
			l.fail(p.value, "fails-on cannot be %q; a status, 5xx, or one of %s", clip(word, 40), strings.Join(FailureWords, ", "))
		}
	}
}

// disable checks when an endpoint is switched off: the move belongs to every
// kind that is one.
func (c *check) disable(d *Disable) {
	if d == nil {
		return
	}
	c.template(d.After, scope{})
	if d.By == "" {
		return
	}
	for _, r := range c.s.Resources {
		if r.Endpoint != nil {
			c.moves(d.After.Line, "webhooks, disable", r.Kind, []string{d.By})
		}
	}
}
