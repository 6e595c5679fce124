package main

import (
	"fmt"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/sandgate/sandgate/emulator/sandbox"
)

func (a *app) sandboxes() *cobra.Command {
	return a.group("sandboxes", "Look at the sandboxes, and remove them", a.sandboxesList(), a.sandboxesRemove())
}

func (a *app) sandboxesList() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List sandboxes by name", Args: exactly()}
	c, asJSON := a.clientFlags(cmd), jsonFlag(cmd)
	c.limitFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		items, err := list[sandbox.Overview](cmd.Context(), c, "sandboxes", url.Values{})
		if err != nil {
			return err
		}
		if *asJSON {
			return a.printJSON(items)
		}
		t := a.table("NAME", "NOW", "MODE", "EPOCH", "RESOURCES", "ENDPOINTS", "TIMERS")
		for _, s := range items {
			if !s.Open {
				t.row(s.Name, "(closed)", "", "", "", "", "")
				continue
			}
			t.row(s.Name, stampOrDash(s.Now), s.Mode.String(), strconv.FormatInt(s.Epoch, 10),
				strconv.Itoa(s.Counts.Resources), strconv.Itoa(s.Counts.Endpoints), strconv.Itoa(s.Counts.Timers))
		}
		return t.flush()
	}
	return cmd
}

func (a *app) sandboxesRemove() *cobra.Command {
	cmd := &cobra.Command{Use: "remove NAME", Short: "Remove a sandbox and all that is in it", Args: exactly("the name of a sandbox")}
	c, asJSON := a.clientFlags(cmd), jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := c.do(cmd.Context(), "DELETE", "sandboxes/"+url.PathEscape(args[0]), nil, nil, nil); err != nil {
			return err
		}
		if *asJSON {
			return a.printJSON(map[string]any{"removed": args[0]})
		}
		fmt.Fprintf(a.stderr, "sandbox %s is removed\n", clean(args[0]))
		return nil
	}
	return cmd
}
