package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/scenarios"
)

func (a *app) check() *cobra.Command {
	cmd := &cobra.Command{
		Use: "check [PROVIDER|FILE…]", Short: "Check scenarios and contracts: every name, expression and schema", Args: cobra.ArbitraryArgs,
		Long: "Checks providers eagerly, as serving them would on first use. Without an argument, all built-in ones. Every problem is a line: file:line: message. Exit code 1 if there is any.",
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		if err := knownProviders(args); err != nil {
			return err
		}
		if len(args) == 0 {
			args = scenarios.Names()
		}
		problems, err := checkAll(args)
		if err != nil {
			return err
		}
		if *asJSON {
			type problem struct {
				File    string `json:"file"`
				Line    int    `json:"line"`
				Message string `json:"message"`
			}
			out := []problem{}
			for _, p := range problems {
				out = append(out, problem(p))
			}
			if err := a.printJSON(out); err != nil {
				return err
			}
		} else {
			for _, p := range problems {
				fmt.Fprintln(a.stdout, clean(p.String()))
			}
		}
		if len(problems) > 0 {
			fmt.Fprintln(a.stderr, plural(len(problems), "problem"))
			return errSilent
		}
		fmt.Fprintf(a.stderr, "%s checked, no problem\n", plural(len(args), "provider"))
		return nil
	}
	return cmd
}

func checkAll(names []string) (all []scenarios.Problem, err error) {
	for _, name := range names {
		found, err := emulator.Check(name)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}
