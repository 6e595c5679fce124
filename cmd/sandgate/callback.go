package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/scenarios"
)

// callbackFlags are what one callback is made of.
type callbackFlags struct {
	provider, kind, id, data, body string
	times                          int
	bad, sources, asJSON           bool
}

// sentCallback is what the control API says of a callback that it sent.
type sentCallback struct {
	Source  string            `json:"source"`
	Type    string            `json:"type"`
	Path    string            `json:"path"`
	Header  map[string]string `json:"header"`
	Body    string            `json:"body"`
	Replies []struct {
		Status int    `json:"status"`
		Body   string `json:"body"`
	} `json:"replies"`
	Callback *sandbox.CallbackDetail `json:"callback"`
}

func (a *app) callback() *cobra.Command {
	cmd := &cobra.Command{
		Use: "callback SOURCE EVENT --KIND ID", Short: "Send a callback in, as a service outside would",
		Long: "Sends a callback to a provider as one of its gateways would: rendered from a stored object, signed with the source's scheme and secret. " +
			"`--payment ID` says what it is about; so does the name of any kind, or --id alone. `sandgate callback --list` names the sources and their events. " +
			"Exit code 1 when the provider refuses it, or cannot do what it says.",
		Example: "  sandgate callback --list\n  sandgate callback gateway charge.paid --payment 0b6e --times 2\n" +
			"  sandgate callback gateway charge.refunded --payment 0b6e --data '{\"canceled_amount\": 500}'",
		Args: cobra.ArbitraryArgs, DisableFlagParsing: true, // kinds are data: their flags are known when they are seen
	}
	c := a.clientFlags(cmd)
	var o callbackFlags
	f := cmd.Flags()
	f.StringVar(&o.provider, "provider", "", "that is called, when several are called by the source")
	f.StringVar(&o.id, "id", "", "id of the stored object that it is about")
	f.StringVar(&o.data, "data", "", "JSON object: changes to what it tells of the object")
	f.StringVar(&o.body, "body", "", "file with the whole body instead, - is standard input")
	f.IntVar(&o.times, "times", 1, "how often it is sent; the second is a duplicate")
	f.BoolVar(&o.bad, "bad-signature", false, "sign with another secret")
	f.BoolVar(&o.sources, "list", false, "list the sources and their events")
	f.BoolVar(&o.asJSON, "json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		rest, err := o.parse(cmd, args)
		if err != nil {
			return err
		}
		if help, _ := cmd.Flags().GetBool("help"); help {
			return cmd.Help()
		}
		if err := a.settle(cmd); err != nil {
			return err
		}
		if o.sources {
			return a.callbackSources(cmd, c, &o, rest)
		}
		return a.sendCallback(cmd, c, &o, rest)
	}
	return cmd
}

// parse reads the flags. One that is not known is the name of a kind, unless
// it looks like a mistyped one.
func (o *callbackFlags) parse(cmd *cobra.Command, args []string) ([]string, error) {
	cmd.InheritedFlags() // joins those of the root
	f := cmd.Flags()
	var known []string
	f.VisitAll(func(flag *pflag.Flag) { known = append(known, flag.Name) })
	for _, arg := range args {
		if arg == "--" {
			break
		}
		name, isFlag := strings.CutPrefix(arg, "--")
		name, _, _ = strings.Cut(name, "=")
		if !isFlag || f.Lookup(name) != nil {
			continue
		}
		if o.kind != "" || scenarios.Nearest(name, known) != "" {
			return nil, usagef("unknown flag --%s%s", name, suggest("--", name, known))
		}
		o.kind = name
		f.StringVar(&o.id, name, "", "")
	}
	if err := f.Parse(args); err != nil {
		return nil, usagef("%s", err)
	}
	return f.Args(), nil
}

func (a *app) sendCallback(cmd *cobra.Command, c *client, o *callbackFlags, args []string) error {
	if err := exactly("a source and an event; --list names them", "an event of the source; --list names them")(cmd, args); err != nil {
		return err
	}
	order, err := o.order(args)
	if err != nil {
		return err
	}
	var sent sentCallback
	if err := c.do(cmd.Context(), "POST", "callbacks", nil, order, &sent); err != nil {
		return err
	}
	if o.asJSON {
		if err := a.printJSON(sent); err != nil {
			return err
		}
	} else {
		for _, r := range sent.Replies {
			fmt.Fprintf(a.stdout, "%d %s\n", r.Status, clean(r.Body))
		}
		if sent.Callback != nil {
			a.printCallback(*sent.Callback)
		}
	}
	return o.verdict(&sent)
}

// verdict is the exit code: what was not taken, or does not fit, is a failure;
// that a bad signature is refused is none.
func (o *callbackFlags) verdict(sent *sentCallback) error {
	for _, r := range sent.Replies {
		if r.Status >= 300 != o.bad {
			return fmt.Errorf("%s answered %d to %s", sent.Path, r.Status, sent.Type)
		}
	}
	if b := sent.Callback; b != nil && b.Status == sandbox.CallbackFailed {
		return fmt.Errorf("callback %s failed: %s", b.ID, b.Reason)
	}
	return nil
}

func (o *callbackFlags) order(args []string) (map[string]any, error) {
	order := map[string]any{"source": args[0], "type": args[1], "times": o.times}
	for name, v := range map[string]string{"provider": o.provider, "kind": o.kind, "id": o.id} {
		if v != "" {
			order[name] = v
		}
	}
	if o.bad {
		order["badSignature"] = true
	}
	if o.data != "" {
		var data map[string]json.RawMessage // digits stay as they are
		if err := json.Unmarshal([]byte(o.data), &data); err != nil || data == nil {
			return nil, usagef(`--data: %q is no JSON object like {"paid_amount": 500}`, o.data)
		}
		order["data"] = data
	}
	if o.body != "" {
		raw, err := readBody(o.body)
		if err != nil {
			return nil, usagef("--body: %s", err)
		}
		order["body"] = string(raw)
	}
	return order, nil
}

func readBody(path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(path)
}

// callbackSources lists who calls and what they tell; one source alone when
// it is named.
func (a *app) callbackSources(cmd *cobra.Command, c *client, o *callbackFlags, args []string) error {
	var page struct {
		Data []sandbox.CallbackSourceView `json:"data"`
	}
	if err := c.do(cmd.Context(), "GET", "callback-sources", nil, nil, &page); err != nil {
		return err
	}
	page.Data = slices.DeleteFunc(page.Data, func(s sandbox.CallbackSourceView) bool {
		return len(args) > 0 && s.Source != args[0] || o.provider != "" && s.Provider != o.provider
	})
	if o.asJSON {
		return a.printJSON(page.Data)
	}
	t := a.table("PROVIDER", "SOURCE", "EVENT", "ABOUT", "MOVES")
	for _, s := range page.Data {
		for _, e := range s.Events {
			t.row(s.Provider, s.Source, e.Type, dash(e.About), dash(e.Moves))
		}
	}
	return t.flush()
}
