package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/sandgate/sandgate/emulator/sandbox"
)

func (a *app) events() *cobra.Command {
	return a.group("events", "Look at what happened", a.eventsList(), a.eventsShow())
}

func (a *app) eventsList() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List events, newest first", Args: exactly(), Example: "  sandgate events list --action UPDATE --since 2026-01-01T00:00:00Z"}
	c, asJSON := a.clientFlags(cmd), jsonFlag(cmd)
	c.limitFlag(cmd)
	f := cmd.Flags()
	provider, family, action := f.String("provider", "", "of this provider"), f.String("family", "", "first half of the event's name"), f.String("action", "", "second half")
	resource, since := f.String("resource", "", "about the resource with this id"), f.String("since", "", "at this sandbox time or later, like 2026-01-01T00:00:00Z")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *since != "" {
			if _, err := time.Parse(time.RFC3339Nano, *since); err != nil {
				return usagef("--since: %q is no instant like 2026-01-01T00:00:00Z", *since)
			}
		}
		q := filters("provider", *provider, "family", *family, "action", *action, "resource", *resource, "since", *since)
		items, err := list[sandbox.EventView](cmd.Context(), c, "events", q)
		if err != nil {
			return err
		}
		if *asJSON {
			return a.printJSON(items)
		}
		t := a.table("CREATED", "EVENT", "KIND", "RESOURCE", "ID")
		for _, e := range items {
			t.row(stamp(e.Created), e.Family+"."+e.Action, e.Kind, e.Resource, e.ID)
		}
		return t.flush()
	}
	return cmd
}

func (a *app) eventsShow() *cobra.Command {
	cmd := &cobra.Command{Use: "show ID", Short: "Show one event and its deliveries", Args: exactly("the id of an event")}
	c, asJSON := a.clientFlags(cmd), jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var e struct {
			sandbox.EventView
			Deliveries []sandbox.DeliveryView `json:"deliveries"`
		}
		if err := c.do(cmd.Context(), "GET", "events/"+url.PathEscape(args[0]), nil, nil, &e); err != nil {
			return err
		}
		if *asJSON {
			return a.printJSON(e)
		}
		fmt.Fprintf(a.stdout, "event     %s\nname      %s\ncreated   %s\nresource  %s\n\n%s\n", clean(e.ID), clean(e.Family+"."+e.Action),
			stamp(e.Created), clean(e.Kind+" "+e.Resource), indented(e.Data))
		if len(e.Deliveries) == 0 {
			fmt.Fprintln(a.stderr, "no endpoint wanted it")
			return nil
		}
		fmt.Fprintln(a.stdout)
		return a.deliveryTable(e.Deliveries)
	}
	return cmd
}

func indented(raw json.RawMessage) string {
	var buf bytes.Buffer
	if json.Indent(&buf, raw, "", "  ") != nil {
		return cleanLines(string(raw))
	}
	return cleanLines(buf.String())
}
