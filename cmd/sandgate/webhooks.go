package main

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
)

func webhookFlags(f *pflag.FlagSet, e *emulator.Options) {
	f.StringVar(&e.WebhookOrder, "webhook-order", "", "order in which webhooks arrive: free, per-object or shuffle (default: as each provider does)")
	f.StringVar(&e.WebhookDuplicates, "webhook-duplicates", "", "share, like 10%, of accepted webhooks that are sent once more (default: as each provider does)")
}

func (o *serveOptions) settleWebhooks() error {
	_, err := parseManner(o.emulator.WebhookOrder, o.emulator.WebhookDuplicates, "webhook-")
	return err
}

// parseManner reads two flags whose names begin with prefix.
func parseManner(order, duplicates, prefix string) (sandbox.Manner, error) {
	m, err := sandbox.ParseManner(order, duplicates)
	var wrong *sandbox.Invalid
	if errors.As(err, &wrong) {
		return m, usagef("--%s%s: %s", prefix, wrong.Pointer[len("/body/"):], wrong.Message)
	}
	return m, err
}

func (a *app) webhooks() *cobra.Command {
	return a.group("webhooks", "Look at how webhooks arrive, and have them come twice or out of order", a.webhooksGet(), a.webhooksSet())
}

// webhooksReply is what the control API says of webhooks.
type webhooksReply struct {
	Order      *string                    `json:"order"`
	Duplicates *string                    `json:"duplicates"`
	Providers  []sandbox.ProviderWebhooks `json:"providers"`
}

func (a *app) printWebhooks(reply webhooksReply, asJSON bool) error {
	if asJSON {
		return a.printJSON(reply)
	}
	t := a.table("PROVIDER", "ORDER", "DUPLICATES", "BODIES")
	for _, p := range reply.Providers {
		t.row(p.Provider, p.Order, p.Duplicates, p.Bodies)
	}
	return t.flush()
}

func (a *app) webhooksGet() *cobra.Command {
	cmd := &cobra.Command{
		Use: "get", Short: "Print how the webhooks of each provider arrive", Args: exactly(),
		Long: "Prints how the webhooks of each provider arrive: their order, the share that is sent twice, and whether their bodies are the same on every attempt or count them.",
	}
	c, asJSON := a.clientFlags(cmd), jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var reply webhooksReply
		if err := c.do(cmd.Context(), "GET", "webhooks", nil, nil, &reply); err != nil {
			return err
		}
		return a.printWebhooks(reply, *asJSON)
	}
	return cmd
}

func (a *app) webhooksSet() *cobra.Command {
	cmd := &cobra.Command{
		Use: "set", Short: "Choose in which order webhooks arrive, and how many twice", Args: exactly(),
		Long: "Chooses for one sandbox, from its next event on, in which order webhooks arrive and how many of them are sent twice. " +
			"What is left out is as the provider does it. A reset leaves the choice.",
		Example: "  sandgate webhooks set --order shuffle --duplicates 10%\n  sandgate webhooks set",
	}
	c, asJSON := a.clientFlags(cmd), jsonFlag(cmd)
	f := cmd.Flags()
	order := f.String("order", "", "free, per-object (what is about one object waits for what was before it) or shuffle (mixed up by the seed)")
	duplicates := f.String("duplicates", "", "share, like 10%, of accepted webhooks that are sent once more")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		m, err := parseManner(*order, *duplicates, "")
		if err != nil {
			return err
		}
		body := map[string]any{}
		if m.Order != "" {
			body["order"] = m.Order
		}
		if m.Duplicates != nil {
			body["duplicates"] = m.Duplicates.String()
		}
		var reply webhooksReply
		if err := c.do(cmd.Context(), "PUT", "webhooks", nil, body, &reply); err != nil {
			return err
		}
		return a.printWebhooks(reply, *asJSON)
	}
	return cmd
}
