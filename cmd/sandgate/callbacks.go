package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/sandgate/sandgate/emulator/sandbox"
)

func (a *app) callbacks() *cobra.Command {
	return a.group("callbacks", "Look at what services outside told a provider, and work on it again", a.callbacksList(), a.callbacksShow(), a.callbacksProcess())
}

func (a *app) callbacksList() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List callbacks, newest first", Args: exactly(), Example: "  sandgate callbacks list --status failed"}
	c, asJSON := a.clientFlags(cmd), jsonFlag(cmd)
	c.limitFlag(cmd)
	f := cmd.Flags()
	provider, source, kind := f.String("provider", "", "told to this provider"), f.String("source", "", "of this source"), f.String("type", "", "with this name")
	status, resource := f.String("status", "", "received, processed, ignored, failed or rejected"), f.String("resource", "", "about the object with this id")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		q := filters("provider", *provider, "source", *source, "type", *kind, "status", *status, "resource", *resource)
		items, err := list[sandbox.CallbackView](cmd.Context(), c, "callbacks", q)
		if err != nil {
			return err
		}
		if *asJSON {
			return a.printJSON(items)
		}
		t := a.table("CREATED", "CALLBACK", "SOURCE", "TYPE", "ABOUT", "RECEIVED", "STATUS")
		for _, b := range items {
			t.row(stamp(b.Created), b.ID, b.Source, dash(b.Type), dash(b.Resource), strconv.Itoa(b.Received), b.Status)
		}
		return t.flush()
	}
	return cmd
}

func (a *app) callbacksShow() *cobra.Command {
	cmd := &cobra.Command{
		Use: "show ID", Short: "Show one callback with what came", Args: exactly("the id of a callback"),
		Long: "Shows one callback with its headers and its body. Card numbers are masked in it, and secrets are out.",
	}
	c, asJSON := a.clientFlags(cmd), jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var b sandbox.CallbackDetail
		if err := c.do(cmd.Context(), "GET", "callbacks/"+url.PathEscape(args[0]), nil, nil, &b); err != nil {
			return err
		}
		if *asJSON {
			return a.printJSON(b)
		}
		fmt.Fprintf(a.stdout, "callback   %s\nsource     %s\ntype       %s\nevent      %s\nabout      %s\nsignature  %s\nreceived   %s\nstatus     %s\n",
			clean(b.ID), clean(b.Source), clean(dash(b.Type)), clean(dash(b.Event)), clean(aboutOf(b.CallbackView)), map[bool]string{true: "valid", false: "not valid"}[b.Valid],
			plural(b.Received, "time"), a.colour(b.Status))
		if b.Reason != "" {
			fmt.Fprintf(a.stdout, "reason     %s\n", clean(b.Reason))
		}
		fmt.Fprintln(a.stdout)
		printMessage(a.stdout, "  < ", sandbox.MessageView{Headers: b.Header})
		fmt.Fprintf(a.stdout, "\n%s\n", indented(json.RawMessage(b.Body)))
		return nil
	}
	return cmd
}

func (a *app) callbacksProcess() *cobra.Command {
	cmd := &cobra.Command{
		Use: "process ID", Short: "Work again on a callback that failed or was ignored", Args: exactly("the id of a callback"),
		Long: "Works again on a callback that failed or was ignored, after its cause was mended. Exit code 1 when it fails again.",
	}
	c, asJSON := a.clientFlags(cmd), jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var b sandbox.CallbackDetail
		if err := c.do(cmd.Context(), "POST", "callbacks/"+url.PathEscape(args[0])+"/process", nil, nil, &b); err != nil {
			return err
		}
		if *asJSON {
			if err := a.printJSON(b); err != nil {
				return err
			}
		} else {
			a.printCallback(b)
		}
		if b.Status == sandbox.CallbackFailed {
			return fmt.Errorf("callback %s failed: %s", b.ID, b.Reason)
		}
		return nil
	}
	return cmd
}

// printCallback says what became of a callback in one line.
func (a *app) printCallback(b sandbox.CallbackDetail) {
	fmt.Fprintf(a.stdout, "%s %s %s: %s", clean(b.ID), clean(b.Source), clean(dash(b.Type)), a.colour(b.Status))
	if b.Resource != "" {
		fmt.Fprintf(a.stdout, " (%s)", clean(aboutOf(b.CallbackView)))
	}
	fmt.Fprintln(a.stdout)
}

func aboutOf(b sandbox.CallbackView) string {
	if b.Resource == "" {
		return "-"
	}
	return b.Kind + " " + b.Resource
}
