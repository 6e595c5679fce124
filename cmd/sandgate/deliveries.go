package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/sandgate/sandgate/emulator/sandbox"
)

func (a *app) deliveries() *cobra.Command {
	return a.group("deliveries", "Look at what was sent to webhook endpoints, and send it again", a.deliveriesList(), a.deliveriesShow(), a.deliveriesRetry())
}

func (a *app) deliveriesList() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List deliveries, newest first", Args: exactly(), Example: "  sandgate deliveries list --status failed"}
	c, asJSON := a.clientFlags(cmd), jsonFlag(cmd)
	c.limitFlag(cmd)
	f := cmd.Flags()
	status, event, endpoint := f.String("status", "", "pending, succeeded or failed"), f.String("event", "", "of the event with this id"), f.String("endpoint", "", "to the endpoint with this id")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		items, err := list[sandbox.DeliveryView](cmd.Context(), c, "deliveries", filters("status", *status, "event", *event, "endpoint", *endpoint))
		if err != nil {
			return err
		}
		if *asJSON {
			return a.printJSON(items)
		}
		return a.deliveryTable(items)
	}
	return cmd
}

func (a *app) deliveryTable(items []sandbox.DeliveryView) error {
	t := a.table("CREATED", "DELIVERY", "URL", "ATTEMPTS", "NEXT", "STATUS")
	for _, d := range items {
		t.row(stamp(d.Created), d.ID, d.URL, strconv.Itoa(d.Attempts), stampOrDash(d.Due), d.Status)
	}
	return t.flush()
}

func (a *app) deliveriesShow() *cobra.Command {
	cmd := &cobra.Command{Use: "show ID", Short: "Show one delivery with every attempt", Args: exactly("the id of a delivery")}
	c, asJSON := a.clientFlags(cmd), jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var d sandbox.DeliveryDetail
		if err := c.do(cmd.Context(), "GET", "deliveries/"+url.PathEscape(args[0]), nil, nil, &d); err != nil {
			return err
		}
		return a.printDelivery(d, *asJSON)
	}
	return cmd
}

func (a *app) deliveriesRetry() *cobra.Command {
	cmd := &cobra.Command{
		Use: "retry ID", Short: "Send a delivery again now, whatever became of it", Args: exactly("the id of a delivery"),
		Long: "Sends a delivery again now. A pending attempt is replaced. Exit code 1 when the receiver did not take it.",
	}
	c, asJSON := a.clientFlags(cmd), jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var d sandbox.DeliveryDetail
		if err := c.do(cmd.Context(), "POST", "deliveries/"+url.PathEscape(args[0])+"/retry", nil, nil, &d); err != nil {
			return err
		}
		if *asJSON {
			if err := a.printJSON(d); err != nil {
				return err
			}
		} else if n := len(d.Log); n > 0 {
			fmt.Fprintf(a.stdout, "attempt %d: %s\n", d.Log[n-1].Number, result(d.Log[n-1]))
		}
		if d.Status != sandbox.DeliverySucceeded {
			return fmt.Errorf("the receiver did not take delivery %s: it is %s", d.ID, d.Status)
		}
		return nil
	}
	return cmd
}

func (a *app) printDelivery(d sandbox.DeliveryDetail, asJSON bool) error {
	if asJSON {
		return a.printJSON(d)
	}
	w := a.stdout
	fmt.Fprintf(w, "delivery  %s\nevent     %s %s\nendpoint  %s\nurl       %s\nstatus    %s\nnext      %s\n", clean(d.ID), clean(d.About.Family+"."+d.About.Action), clean(d.Event),
		clean(d.Endpoint), clean(d.URL), a.colour(d.Status), stampOrDash(d.Due))
	if d.Warning != "" {
		fmt.Fprintf(w, "warning   %s\n", clean(d.Warning))
	}
	for _, t := range d.Log {
		fmt.Fprintf(w, "\nattempt %d (%s, due %s): %s in %s\n", t.Number, t.Trigger, stamp(t.Due), result(t), time.Duration(t.Micros)*time.Microsecond)
		if t.Request != nil {
			printMessage(w, "  > ", *t.Request)
		}
		if t.Response != nil {
			printMessage(w, "  < ", t.Response.MessageView)
		}
		if t.Curl != "" {
			fmt.Fprintf(w, "  $ %s\n", clean(t.Curl))
		}
	}
	return nil
}

// result says in a few words how an attempt went.
func result(t sandbox.AttemptView) string {
	switch {
	case t.Error != "":
		return clean(t.Error)
	case t.Response != nil:
		return strconv.Itoa(t.Response.Status)
	}
	return "not sent"
}

func printMessage(w io.Writer, mark string, m sandbox.MessageView) {
	var headers map[string]string
	if json.Unmarshal(m.Headers, &headers) == nil {
		for _, name := range slices.Sorted(maps.Keys(headers)) {
			fmt.Fprintf(w, "%s%s: %s\n", mark, clean(name), clean(headers[name]))
		}
	}
	if m.Body != "" {
		fmt.Fprintf(w, "%s\n%s%s\n", mark, mark, clean(m.Body))
	}
}
