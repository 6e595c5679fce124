package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
)

func (a *app) routes() *cobra.Command {
	cmd := &cobra.Command{
		Use: "routes PROVIDER|FILE", Short: "List a provider's operations: what each does, and how much of it is real", Args: exactly("a provider, by name or scenario file"),
		Long: "Lists every operation of a provider's contract.\n\n  modelled  bound by the scenario\n  generic   inferred create, read, list, update or remove on the same store\n  sample    a reply generated from the schema; nothing is remembered",
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		if err := knownProviders(args); err != nil {
			return err
		}
		providers, err := emulator.LoadProviders(args, nil)
		if err != nil {
			return err
		}
		routes, err := providers[0].Routes()
		if err != nil {
			return err
		}
		if *asJSON {
			return a.printJSON(routes)
		}
		t, counts := a.table("OPERATION", "ACTION", "DEPTH", "WHY"), map[string]int{}
		for _, r := range routes {
			t.row(r.Operation, r.Action, r.Depth, r.Why)
			counts[r.Depth]++
		}
		if err := t.flush(); err != nil {
			return err
		}
		fmt.Fprintf(a.stderr, "%s: %d modelled, %d generic, %d sample\n", plural(len(routes), "operation"),
			counts[sandbox.Modelled], counts[sandbox.Generic], counts[sandbox.Sample])
		return nil
	}
	return cmd
}
