package main

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
)

func (o *serveOptions) settleKeys() error {
	if _, err := emulator.StrictKeys(o.emulator); err != nil {
		return usagef("--keys: %q is neither open nor strict", o.emulator.Keys)
	}
	return nil
}

func (a *app) keys() *cobra.Command {
	return a.group("keys", "Issue API keys, look at them, and take them back", a.keysList(), a.keysCreate(), a.keysShow(), a.keysRoll(), a.keysRevoke())
}

func (a *app) keysList() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List issued keys, newest first", Args: exactly()}
	c, asJSON := a.clientFlags(cmd), jsonFlag(cmd)
	c.limitFlag(cmd)
	provider := cmd.Flags().String("provider", "", "of this provider")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		items, err := list[sandbox.KeyView](cmd.Context(), c, "keys", filters("provider", *provider))
		if err != nil {
			return err
		}
		if *asJSON {
			return a.printJSON(items)
		}
		t := a.table("CREATED", "ID", "NAME", "KEY", "PERMISSIONS", "USED", "STATUS")
		for _, k := range items {
			t.row(stamp(k.Created), k.ID, dash(k.Name), dash(k.Hint), strings.Join(k.Permissions, ","), stampOrDash(k.Used), k.Status)
		}
		return t.flush()
	}
	return cmd
}

func (a *app) keysCreate() *cobra.Command {
	cmd := &cobra.Command{
		Use: "create", Short: "Issue a key, and show it this once", Args: exactly(),
		Long: "Issues a key that acts for the provider's development account. The key is printed on stdout and never shown again; only its hash is kept. " +
			"A permission is RESOURCE:read, RESOURCE:write (which reads too), *:read, *:write or *; a resource is what a path shows first after the version.",
		Example: "  sandgate keys create --name ci --permission invoices:read --permission payments:write --expires 30d",
	}
	c, asJSON := a.clientFlags(cmd), jsonFlag(cmd)
	f := cmd.Flags()
	provider, name, expires := f.String("provider", "", "of this provider"), f.String("name", "", "what to call it"), f.String("expires", "", "instant of the sandbox's time, or how long from now, like 30d (default: never)")
	permissions := f.StringArray("permission", nil, "what it may do, like invoices:read; may be repeated (default: everything)")
	rate, burst := f.Int("rate", 0, "requests a second of its own (default: the provider's)"), f.Int("burst", 0, "how many requests of its own at once (default: the provider's)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		body := map[string]any{}
		for key, value := range map[string]string{"provider": *provider, "name": *name, "expires": *expires} {
			if value != "" {
				body[key] = value
			}
		}
		if len(*permissions) > 0 {
			body["permissions"] = *permissions
		}
		for key, value := range map[string]int{"rate": *rate, "burst": *burst} {
			if f.Changed(key) {
				body[key] = value
			}
		}
		var k sandbox.KeyView
		if err := c.do(cmd.Context(), "POST", "keys", nil, body, &k); err != nil {
			return err
		}
		return a.printIssued(k, *asJSON)
	}
	return cmd
}

func (a *app) keysShow() *cobra.Command {
	cmd := &cobra.Command{Use: "show ID", Short: "Show one key, but not its secret", Args: exactly("the id of a key")}
	c, asJSON := a.clientFlags(cmd), jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var k sandbox.KeyView
		if err := c.do(cmd.Context(), "GET", "keys/"+url.PathEscape(args[0]), nil, nil, &k); err != nil {
			return err
		}
		return a.printKey(k, *asJSON)
	}
	return cmd
}

func (a *app) keysRoll() *cobra.Command {
	cmd := &cobra.Command{
		Use: "roll ID", Short: "Give a key another secret, and show it this once", Args: exactly("the id of a key"),
		Example: "  sandgate keys roll key_5b0f1c9e --overlap 1h",
	}
	c, asJSON := a.clientFlags(cmd), jsonFlag(cmd)
	overlap := cmd.Flags().String("overlap", "", "how long the old secret still works, or until when (default: not at all)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		body := map[string]any{}
		if *overlap != "" {
			body["overlap"] = *overlap
		}
		var k sandbox.KeyView
		if err := c.do(cmd.Context(), "POST", "keys/"+url.PathEscape(args[0])+"/roll", nil, body, &k); err != nil {
			return err
		}
		return a.printIssued(k, *asJSON)
	}
	return cmd
}

func (a *app) keysRevoke() *cobra.Command {
	cmd := &cobra.Command{Use: "revoke ID", Short: "Revoke a key: the next request with it is refused", Args: exactly("the id of a key")}
	c, asJSON := a.clientFlags(cmd), jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var k sandbox.KeyView
		if err := c.do(cmd.Context(), "DELETE", "keys/"+url.PathEscape(args[0]), nil, nil, &k); err != nil {
			return err
		}
		return a.printKey(k, *asJSON)
	}
	return cmd
}

// printIssued gives the key to stdout alone, so that it can be piped, and
// says the rest on stderr.
func (a *app) printIssued(k sandbox.KeyView, asJSON bool) error {
	if asJSON {
		return a.printJSON(k)
	}
	fmt.Fprintf(a.stderr, "key %s may do %s; it is shown this once:\n", clean(k.ID), clean(strings.Join(k.Permissions, ", ")))
	_, err := fmt.Fprintln(a.stdout, clean(k.Key))
	return err
}

func (a *app) printKey(k sandbox.KeyView, asJSON bool) error {
	if asJSON {
		return a.printJSON(k)
	}
	own := func(n int) string {
		if n == 0 {
			return "the provider's"
		}
		return strconv.Itoa(n)
	}
	_, err := fmt.Fprintf(a.stdout, "key          %s\nprovider     %s\nname         %s\nsecret       %s\nstatus       %s\npermissions  %s\nrate         %s a second, %s at once\ncreated      %s\nexpires      %s\nused         %s\n",
		clean(k.ID), clean(k.Provider), clean(dash(k.Name)), clean(dash(k.Hint)), clean(k.Status), clean(strings.Join(k.Permissions, ", ")), own(k.Rate), own(k.Burst),
		stamp(k.Created), stampOrDash(k.Expires), stampOrDash(k.Used))
	return err
}
