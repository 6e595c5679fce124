package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sandgate/sandgate/emulator/sandbox"
)

func (a *app) resources() *cobra.Command {
	cmd := &cobra.Command{
		Use: "resources KIND", Short: "List stored objects and the moves that fit them, newest first", Args: exactly("a kind, such as payment"),
		Example: "  sandgate resources payment --status pending",
	}
	c, asJSON := a.clientFlags(cmd), jsonFlag(cmd)
	c.limitFlag(cmd)
	f := cmd.Flags()
	provider, status, id := f.String("provider", "", "of this provider"), f.String("status", "", "in this state"), f.String("id", "", "the one with this id")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		q := filters("kind", args[0], "provider", *provider, "status", *status, "id", *id)
		items, err := list[sandbox.ResourceView](cmd.Context(), c, "resources", q)
		if err != nil {
			return err
		}
		if *asJSON {
			return a.printJSON(items)
		}
		return a.resourceTable(items)
	}
	return cmd
}

func (a *app) resourceTable(items []sandbox.ResourceView) error {
	t := a.table("CREATED", "ID", "MOVES", "STATUS")
	for _, r := range items {
		t.row(stamp(r.Created), r.ID, dash(strings.Join(r.Moves, ",")), dash(r.Status))
	}
	return t.flush()
}

func (a *app) move() *cobra.Command {
	cmd := &cobra.Command{
		Use: "move KIND ID MOVE", Short: "Make a move by hand, as the clock or an operation would",
		Long: "Makes a move of a stored object, with its events and whatever follows. `sandgate resources KIND` lists the moves that fit. " +
			"Exit code 1 when the move does not fit the object as it is.",
		Args: exactly("a kind, such as payment", "the id of an object", "the name of a move"), Example: `  sandgate move payment 0b6e receive --with '{"amount": 500}'`,
	}
	c, asJSON := a.clientFlags(cmd), jsonFlag(cmd)
	f := cmd.Flags()
	provider, with := f.String("provider", "", "of this provider"), f.String("with", "", "JSON object that the move is told")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		body := map[string]any{"kind": args[0], "id": args[1], "move": args[2]}
		if *provider != "" {
			body["provider"] = *provider
		}
		if *with != "" {
			var told map[string]json.RawMessage // digits stay as they are
			if err := json.Unmarshal([]byte(*with), &told); err != nil || told == nil {
				return usagef(`--with: %q is no JSON object like {"amount": 500}`, *with)
			}
			body["with"] = told
		}
		var r sandbox.ResourceView
		if err := c.do(cmd.Context(), "POST", "moves", nil, body, &r); err != nil {
			return err
		}
		if *asJSON {
			return a.printJSON(r)
		}
		_, err := fmt.Fprintf(a.stdout, "%s %s is %s\n", clean(r.Kind), clean(r.ID), clean(dash(r.Status)))
		return err
	}
	return cmd
}
