package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
)

func (a *app) routes() *cobra.Command {
	e := &emulator.Options{}
	cmd := &cobra.Command{
		Use: "routes PROVIDER|FILE", Short: "List a provider's operations: what each does, and how much of it is real", Args: cobra.MaximumNArgs(1),
		Long: "Lists every operation of a provider's contract, or of an OpenAPI document given by --spec.\n\n  modelled  bound by the scenario\n  generic   inferred create, read, list, update or remove on the same store\n  sample    a reply generated from the schema; nothing is remembered",
	}
	specFlags(cmd.Flags(), e)
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args)+len(e.Specs)+len(e.Scenarios) == 0 {
			return exactly("a provider, by name or scenario file, or --spec FILE")(cmd, args)
		}
		if e.Providers = args; len(args) == 1 && emulator.IsContract(pathOf(args[0])) {
			e.Providers, e.Specs = nil, append(e.Specs, args[0])
		}
		if err := knownProviders(e.Providers); err != nil {
			return err
		}
		if err := settleSpecs(e); err != nil {
			return err
		}
		providers, err := emulator.Providers(*e)
		if err != nil {
			return err
		}
		if len(providers) > 1 {
			return usagef("routes lists one provider, not %s and %s", providers[0].Name(), providers[1].Name())
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
