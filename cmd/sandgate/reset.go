package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

func (a *app) reset() *cobra.Command {
	cmd := &cobra.Command{
		Use: "reset", Short: "Bring a sandbox back to its seed objects", Args: exactly(),
		Long: "Brings a sandbox back to its seed objects. Keys, tokens and webhook endpoints stay; the clock and the id stream go on. With --rewind they begin again too, to replay a run.",
	}
	c, asJSON := a.clientFlags(cmd), jsonFlag(cmd)
	rewind := cmd.Flags().Bool("rewind", false, "begin the clock and the id stream again too")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var reply struct {
			Sandbox string    `json:"sandbox"`
			Epoch   int64     `json:"epoch"`
			Now     time.Time `json:"now"`
		}
		if err := c.do(cmd.Context(), "POST", "reset", nil, map[string]any{"rewind": *rewind}, &reply); err != nil {
			return err
		}
		if *asJSON {
			return a.printJSON(reply)
		}
		_, err := fmt.Fprintf(a.stdout, "%s reset: epoch %d, now %s\n", clean(reply.Sandbox), reply.Epoch, stamp(reply.Now))
		return err
	}
	return cmd
}
