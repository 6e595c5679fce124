package main

import (
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/sandgate/sandgate/emulator/sandbox"
)

func (a *app) audit() *cobra.Command {
	return a.group("audit", "Look at what changed stored objects, and who did it", a.auditList())
}

func (a *app) auditList() *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List changes since the last reset, newest first", Args: exactly(), Example: "  sandgate audit list --who clock --since 2026-01-01T00:00:00Z",
		Long: "Lists every change of a stored object since the last reset, newest first; --json shows the object before and after, secrets masked. WHO is a credential by its ends, anonymous, clock, card (a card holder), control, seed or reset.",
	}
	c, asJSON := a.clientFlags(cmd), jsonFlag(cmd)
	c.limitFlag(cmd)
	f := cmd.Flags()
	provider, kind, resource := f.String("provider", "", "of this provider"), f.String("kind", "", "of this kind"), f.String("resource", "", "of the object with this id")
	who, operation := f.String("who", "", "made by a credential, anonymous, clock, card, callback, control, seed or reset"), f.String("operation", "", "by this operation, like 'POST /v1/payments'")
	action := f.String("action", "", "create, update, 'move NAME', remove, keep or reset")
	since := f.String("since", "", "at this sandbox time or later, like 2026-01-01T00:00:00Z")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *since != "" {
			if _, err := time.Parse(time.RFC3339Nano, *since); err != nil {
				return usagef("--since: %q is no instant like 2026-01-01T00:00:00Z", *since)
			}
		}
		q := filters("provider", *provider, "kind", *kind, "resource", *resource, "who", *who, "operation", *operation, "action", *action, "since", *since)
		items, err := list[sandbox.AuditView](cmd.Context(), c, "audit", q)
		if err != nil {
			return err
		}
		if *asJSON {
			return a.printJSON(items)
		}
		t := a.table("SEQ", "AT", "WHO", "OPERATION", "ACTION", "KIND", "RESOURCE")
		for _, r := range items {
			t.row(strconv.FormatInt(r.Seq, 10), stamp(r.At), r.Who, r.Operation, r.Action, r.Kind, r.Resource)
		}
		return t.flush()
	}
	return cmd
}
