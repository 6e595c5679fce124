package main

import (
	"github.com/spf13/cobra"

	"github.com/sandgate/sandgate/scenarios"
)

func (a *app) functions() *cobra.Command {
	cmd := &cobra.Command{Use: "functions", Short: "List the functions that a scenario's expressions may call", Args: exactly()}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(*cobra.Command, []string) error {
		type function struct {
			Name  string `json:"name"`
			Usage string `json:"usage"`
			About string `json:"about"`
		}
		var all []function
		for _, f := range scenarios.Functions() {
			all = append(all, function{f.Name, f.Usage, f.About})
		}
		if *asJSON {
			return a.printJSON(all)
		}
		t := a.table("USAGE", "ABOUT")
		for _, f := range all {
			t.row(f.Usage, f.About)
		}
		return t.flush()
	}
	return cmd
}
