package control

import (
	"github.com/sandgate/sandgate/emulator/clock"
	"github.com/sandgate/sandgate/emulator/sandbox"
)

// webhooks tells in which order webhooks arrive, and how many twice.
func (x *call) webhooks() (reply, error) {
	box, err := x.known()
	if err != nil {
		return reply{}, err
	}
	view, err := box.Webhooks()
	return reply{body: view}, err
}

func (x *call) setWebhooks() (reply, error) {
	order, _ := x.text("order")
	duplicates, _ := x.text("duplicates")
	m, err := sandbox.ParseManner(order, duplicates)
	if err != nil {
		return reply{}, err
	}
	box, err := x.made()
	if err != nil {
		return reply{}, err
	}
	if err := box.SetWebhooks(x.r.Context(), m); err != nil {
		return reply{}, err
	}
	view, err := box.Webhooks()
	return reply{body: view}, err
}

// handling reads what a body says of an endpoint's certificate and of the
// secret that it replaces.
func (x *call) handling(c *sandbox.EndpointChange) error {
	if v, ok := x.flag("insecure"); ok {
		c.Insecure = &v
	}
	text, ok := x.text("overlap")
	if !ok {
		return nil
	}
	span, err := clock.ParseDuration(text)
	if err != nil || span < 0 {
		return invalid("/body/overlap", "expected a span like 24h")
	}
	c.Overlap = &span
	return nil
}
