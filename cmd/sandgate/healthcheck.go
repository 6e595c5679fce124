package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

// healthTimeout is how long a health check waits for its answer.
const healthTimeout = 3 * time.Second

func (a *app) healthcheck() *cobra.Command {
	cmd := &cobra.Command{
		Use: "healthcheck", Short: "Ask a running emulator whether it lives: exit 0 or 1", Args: exactly(),
		Long: "Asks GET /_sandgate/health. Without --url it asks where `sandgate serve` listens in this same environment, so that an image can use it as it is.",
	}
	c, asJSON := a.clientFlags(cmd), jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c.timeout = healthTimeout
		var reply struct {
			Status  string `json:"status"`
			Version string `json:"version"`
		}
		if err := c.do(cmd.Context(), "GET", "health", nil, nil, &reply); err != nil {
			return err
		}
		if *asJSON {
			return a.printJSON(reply)
		}
		_, err := fmt.Fprintln(a.stdout, clean(reply.Status))
		return err
	}
	return cmd
}
