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
	return a.group("events", "Look at what happened, and tell it again", a.eventsList(), a.eventsShow(), a.eventsReplay())
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

func (a *app) eventsReplay() *cobra.Command {
	cmd := &cobra.Command{
		Use: "replay ID", Short: "Send an event again now, to every endpoint that wants it", Args: exactly("the id of an event"),
		Long: "Sends an event again now, with the same id, in new deliveries. Exit code 1 when a receiver did not take it.",
	}
	c, asJSON := a.clientFlags(cmd), jsonFlag(cmd)
	endpoint := cmd.Flags().String("endpoint", "", "only to the endpoint with this id, whether it asked for such events or not")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		body := map[string]string{}
		if *endpoint != "" {
			body["endpoint"] = *endpoint
		}
		var out struct {
			Data []sandbox.DeliveryView `json:"data"`
		}
		if err := c.do(cmd.Context(), "POST", "events/"+url.PathEscape(args[0])+"/replay", nil, body, &out); err != nil {
			return err
		}
		if err := a.showReplay(out.Data, *asJSON); err != nil {
			return err
		}
		for _, d := range out.Data {
			if d.Status != sandbox.DeliverySucceeded {
				return fmt.Errorf("the receiver did not take delivery %s: it is %s", d.ID, d.Status)
			}
		}
		return nil
	}
	return cmd
}

func (a *app) showReplay(items []sandbox.DeliveryView, asJSON bool) error {
	switch {
	case asJSON:
		return a.printJSON(items)
	case len(items) == 0:
		fmt.Fprintln(a.stderr, "no endpoint wants it")
		return nil
	}
	return a.deliveryTable(items)
}

func indented(raw json.RawMessage) string {
	var buf bytes.Buffer
	if json.Indent(&buf, raw, "", "  ") != nil {
		return cleanLines(string(raw))
	}
	return cleanLines(buf.String())
}
