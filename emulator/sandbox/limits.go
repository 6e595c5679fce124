package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sandgate/sandgate/scenarios"
)

// Limits is how often a provider lets itself be asked, and how it says so.
type Limits struct {
	Headers      string // one of scenarios.LimitHeaders
	Epoch        bool   // a reset is a Unix time, not seconds from now
	Organization scenarios.Rate
	IP           scenarios.Rate
	Windows      scenarios.Windows // of the dialect that counts in windows
}

// Limits where neither the scenario nor the run says otherwise.
var (
	DefaultRate    = scenarios.Rate{Rate: 100, Burst: 1000}
	defaultWindows = scenarios.Windows{Span: scenarios.Duration(time.Hour), Read: 60, Write: 1000}
	unsaid         = Limits{Headers: scenarios.XRateLimit, Organization: DefaultRate, IP: DefaultRate, Windows: defaultWindows}
)

// Limits is the provider's policy.
func (p *Provider) Limits() Limits {
	if p == nil {
		return unsaid // of a path that is no provider's
	}
	return p.limits
}

// compileLimits reads the policy once; the dialect may be a setting.
func (p *Provider) compileLimits() error {
	p.limits = unsaid
	spec := p.Scenario.Limits
	if spec == nil {
		return nil
	}
	p.limits.Epoch = spec.Reset == "epoch"
	p.limits.Organization = *cmp.Or(spec.Organization, &DefaultRate)
	p.limits.IP = *cmp.Or(spec.IP, &DefaultRate)
	p.limits.Windows = *cmp.Or(spec.Windows, &defaultWindows)
	if spec.Headers.IsZero() {
		return nil
	}
	file := p.Scenario.FileOf("limits")
	v, err := scenarios.CompileTemplate(spec.Headers, p.scopeIn(file, nil))
	if err != nil {
		return err
	}
	said, err := v.Eval(&scenarios.Env{Vars: map[string]any{"config": p.Config, "data": p.Scenario.Data}})
	if err != nil {
		return err
	}
	if p.limits.Headers, _ = said.(string); !slices.Contains(scenarios.LimitHeaders, p.limits.Headers) {
		return fmt.Errorf("%s:%d: limits: headers are one of %s, not %v", file, spec.Headers.Line, strings.Join(scenarios.LimitHeaders, ", "), said)
	}
	return nil
}

// Organization is whose requests count together: the owner of what the caller
// makes.
func (who *Identity) Organization() string { return who.owner() }

// Limit is the operation's own rate, nil = none.
func (b *Binding) Limit() *scenarios.Rate { return b.Spec.Limit }
