package sandbox

import (
	"fmt"
	"regexp"

	"github.com/sandgate/sandgate/scenarios"
)

var headerName = regexp.MustCompile(`^[A-Za-z0-9-]+$`)

// signatureHeader is where deliveries carry their signature: a name, or what
// an expression in ${} makes of the settings.
func (p *Provider) signatureHeader(c *compiler) string {
	name := p.Scenario.Webhooks.Header
	src, computed := scenarios.Computed(name)
	if !computed {
		return name
	}
	program := c.program(src, 0)
	if *c.err != nil {
		return ""
	}
	v, err := program.Run(&scenarios.Env{Vars: map[string]any{"config": p.Config, "data": p.Scenario.Data}})
	if name, _ = v.(string); err == nil && !headerName.MatchString(name) {
		err = fmt.Errorf("%s: webhooks.signature: %q is no name of a header", p.Scenario.FileOf("webhooks"), name)
	}
	*c.err = err
	return name
}
