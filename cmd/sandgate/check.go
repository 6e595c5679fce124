package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/scenarios"
)

func (a *app) check() *cobra.Command {
	e := &emulator.Options{}
	cmd := &cobra.Command{
		Use: "check [PROVIDER|FILE…]", Short: "Check scenarios and contracts: every name, expression and schema", Args: cobra.ArbitraryArgs,
		Long: "Checks providers eagerly, as serving them would on first use: built-in ones by name, scenario files, and OpenAPI documents (as arguments, or by --spec). Without an argument, all built-in ones.\n\n" +
			"Every problem is a line: file:line: message. Exit code 1 if there is any. What a document says wrongly and was repaired is a note, and no problem.",
	}
	specFlags(cmd.Flags(), e)
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		for _, arg := range args {
			if emulator.IsContract(pathOf(arg)) {
				e.Specs = append(e.Specs, arg)
			} else {
				e.Providers = append(e.Providers, arg)
			}
		}
		if err := knownProviders(e.Providers); err != nil {
			return err
		}
		if err := settleSpecs(e); err != nil {
			return err
		}
		found, err := emulator.CheckAll(*e)
		if err != nil {
			return err
		}
		return a.report(found, *asJSON)
	}
	return cmd
}

// finding is one line of a check.
type finding struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Message string `json:"message"`
	Level   string `json:"level"` // problem or note
}

func (a *app) report(found emulator.Report, asJSON bool) error {
	if asJSON {
		out := []finding{}
		for _, p := range found.Problems {
			out = append(out, finding{p.File, p.Line, p.Message, "problem"})
		}
		for _, n := range found.Notes {
			out = append(out, finding{n.File, n.Line, n.Message, "note"})
		}
		if err := a.printJSON(out); err != nil {
			return err
		}
	} else {
		for _, p := range found.Problems {
			fmt.Fprintln(a.stdout, clean(p.String()))
		}
		for _, n := range found.Notes {
			fmt.Fprintln(a.stdout, clean(scenarios.Problem{File: n.File, Line: n.Line, Message: "note: " + n.Message}.String()))
		}
	}
	notes := ""
	if n := len(found.Notes); n > 0 {
		notes = ", " + plural(n, "note")
	}
	if n := len(found.Problems); n > 0 {
		fmt.Fprintln(a.stderr, plural(n, "problem")+notes)
		return errSilent
	}
	fmt.Fprintf(a.stderr, "%s checked, no problem%s\n", plural(found.Checked, "provider"), notes)
	return nil
}
