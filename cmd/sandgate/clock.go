package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sandgate/sandgate/emulator/clock"
	"github.com/sandgate/sandgate/emulator/sandbox"
)

func (a *app) clock() *cobra.Command {
	return a.group("clock", "Look at a sandbox's clock, and move it", a.clockGet(), a.clockAdvance(), a.clockSet())
}

type clockReply struct {
	Now  time.Time  `json:"now"`
	Mode clock.Mode `json:"mode"`
}

func (a *app) printClock(reply clockReply, asJSON bool) error {
	if asJSON {
		return a.printJSON(reply)
	}
	_, err := fmt.Fprintln(a.stdout, stamp(reply.Now), reply.Mode)
	return err
}

func (a *app) clockGet() *cobra.Command {
	cmd := &cobra.Command{Use: "get", Short: "Print the sandbox's time and how it passes", Args: exactly()}
	c, asJSON := a.clientFlags(cmd), jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var reply clockReply
		if err := c.do(cmd.Context(), "GET", "clock", nil, nil, &reply); err != nil {
			return err
		}
		return a.printClock(reply, *asJSON)
	}
	return cmd
}

func (a *app) clockSet() *cobra.Command {
	cmd := &cobra.Command{
		Use: "set real|manual|xN", Short: "Change how the sandbox's time passes", Args: exactly("a mode: real, manual or x2 to x1000000"),
		Example: "  sandgate clock set x60",
	}
	c, asJSON := a.clientFlags(cmd), jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if _, err := clock.ParseMode(args[0]); err != nil {
			return usagef("%s", err)
		}
		var reply clockReply
		if err := c.do(cmd.Context(), "PUT", "clock", nil, map[string]any{"mode": args[0]}, &reply); err != nil {
			return err
		}
		return a.printClock(reply, *asJSON)
	}
	return cmd
}

func (a *app) clockAdvance() *cobra.Command {
	cmd := &cobra.Command{
		Use: "advance [DURATION]", Short: "Move the sandbox's clock forward; everything due fires in order", Args: cobra.ArbitraryArgs,
		Long:    "Moves the clock forward by a span or to an instant. Everything due on the way fires at its own instant; the command returns when all is quiet, with the list of what fired.",
		Example: "  sandgate clock advance 6h\n  sandgate clock advance --to 2026-02-01T00:00:00Z",
	}
	c, asJSON := a.clientFlags(cmd), jsonFlag(cmd)
	to := cmd.Flags().String("to", "", "an instant, like 2026-02-01T00:00:00Z")
	resets := cmd.Flags().Bool("resets", false, "let scheduled resets happen on the way")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		body := map[string]any{}
		switch {
		case len(args) == 1 && *to == "":
			if _, err := clock.ParseDuration(args[0]); err != nil {
				return usagef("%s", err)
			}
			body["by"] = args[0]
		case len(args) == 0 && *to != "":
			if _, err := time.Parse(time.RFC3339Nano, *to); err != nil {
				return usagef("--to: %q is no instant like 2026-02-01T00:00:00Z", *to)
			}
			body["to"] = *to
		default:
			return usagef("clock advance needs either one duration, like 6h, or --to")
		}
		if *resets {
			body["resets"] = true
		}
		var done sandbox.Advanced
		if err := c.do(cmd.Context(), "POST", "clock/advance", nil, body, &done); err != nil {
			return err
		}
		return a.printAdvanced(done, *asJSON)
	}
	return cmd
}

func (a *app) printAdvanced(done sandbox.Advanced, asJSON bool) error {
	if asJSON {
		return a.printJSON(done)
	}
	if len(done.Fired) > 0 {
		t := a.table("DUE", "KIND", "ID", "WHAT")
		for _, f := range done.Fired {
			t.row(stamp(f.Due), f.Kind, f.ID, f.What)
		}
		if err := t.flush(); err != nil {
			return err
		}
	}
	fmt.Fprintf(a.stderr, "now %s; %d fired, %d skipped\n", stamp(done.Now), len(done.Fired), len(done.Skipped))
	return nil
}
