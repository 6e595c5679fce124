package main

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/clock"
	"github.com/sandgate/sandgate/emulator/webhook"
	"github.com/sandgate/sandgate/scenarios"
)

// serveOptions is what the flags of serve mean.
type serveOptions struct {
	a         *app
	set       *pflag.FlagSet
	providers []string
	emulator  emulator.Options

	listen, controlAddr, controlAuth string
	port                             int
	start, seed                      string
	settings                         []string
	readyFile, logLevel, logFormat   string
	check                            bool
	open                             bool // reachable from outside, and no token asked for
}

func (o *serveOptions) flags(cmd *cobra.Command) {
	f, e := cmd.Flags(), &o.emulator
	o.set = f
	f.StringVar(&e.Data, "data", "", "folder to keep the sandboxes in (default: a temporary one)")
	specFlags(f, e)
	f.StringVar(&e.UnknownIDs, "unknown-ids", "refuse", "refuse, or create: an id that was never made is answered with a generated object")
	f.StringVar(&e.Clock, "clock", "real", "real, manual or xN (x60 passes a minute every second)")
	f.StringVar(&o.start, "start", "", "first instant of a new sandbox, like 2026-01-01T00:00:00Z")
	f.StringVar(&o.seed, "seed", "random", "number from which all ids follow, or random")
	f.StringVar(&o.listen, "listen", "127.0.0.1:"+defaultPort, "HOST:PORT to listen on; :PORT is every interface")
	f.IntVar(&o.port, "port", 0, "port to listen on instead; 0 picks a free one (also: PORT)")
	f.StringArrayVar(&o.settings, "set", nil, "a scenario's setting, path=value; may be repeated")
	f.StringVar(&e.ResetCron, "reset-cron", "", "reset by cron on the sandbox's clock, five fields like '0 2 * * 1'")
	f.StringVar(&e.ResetZone, "reset-zone", "UTC", "time zone of --reset-cron")
	f.StringVar(&e.Egress, "egress", "any", "where webhooks may go: any, local, public or none")
	f.StringVar(&e.SignatureTime, "signature-time", "wall", "time in signatures: wall or sandbox")
	webhookFlags(f, e)
	f.StringVar(&e.PublicURL, "public-url", "", "scheme://host of links in replies (default: the request's)")
	f.StringArrayVar(&e.AllowHosts, "allow-host", nil, "further Host name for the control API; *.example.com for all below; may be repeated")
	f.StringVar(&e.ControlToken, "control-token", "", "bearer token that the control API asks for")
	f.StringVar(&o.controlAuth, "control-auth", "on", "off: the control API may be reachable from outside without a token")
	f.StringVar(&o.controlAddr, "control-addr", "", "HOST:PORT of a listener of its own for the control API")
	f.StringVar(&e.SecretKeyFile, "secret-key-file", "", "file of the keys that seal secrets at rest (or the environment's SANDGATE_SECRET_KEY; default: secret.key in --data)")
	o.limitFlags(f)
	f.IntVar(&e.MaxSandboxes, "max-sandboxes", 10_000, "how many sandboxes may exist")
	f.BoolVar(&e.Strict, "strict", false, "refuse what is otherwise accepted with a warning")
	f.StringVar(&e.Keys, "keys", "", "strict: only issued keys and session tokens work; open: any test key (default: open; strict in production)")
	f.BoolVar(&e.CheckReplies, "check-replies", false, "hold every reply against the contract; one that breaks it is a 500")
	f.BoolVar(&o.check, "check", false, "run sandgate check first")
	f.StringVar(&o.readyFile, "ready-file", "", "file that gets one line, the base URL, when ready")
	f.StringVar(&o.logLevel, "log-level", "info", "debug, info, warn or error")
	f.StringVar(&o.logFormat, "log-format", "text", "text or json")
}

// settle turns flags into options. Everything that is wrong here is wrong use.
func (o *serveOptions) settle() error {
	for _, step := range []func() error{o.settleLog, o.settleProviders, o.settleTime, o.settleSettings, o.settleLimits, o.settleWebhooks, o.settleAddress, o.settleTrust, o.settleSecrets, o.settleKeys, o.settleUnknown} {
		if err := step(); err != nil {
			return err
		}
	}
	o.emulator.Version = versionOf()
	o.set.VisitAll(func(f *pflag.Flag) {
		value := f.Value.String()
		if f.Name == "control-token" && value != "" {
			value = "hidden"
		}
		if source := o.a.source[f.Name]; source != "" {
			o.emulator.Log.Debug("flag", "name", f.Name, "value", value, "source", source)
		}
	})
	return nil
}

func (o *serveOptions) settleLog() error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(o.logLevel)); err != nil || strings.ContainsAny(o.logLevel, "+-") {
		return usagef("--log-level: %q is none of debug, info, warn, error", o.logLevel)
	}
	h := &slog.HandlerOptions{Level: level}
	switch o.logFormat {
	case "text":
		o.emulator.Log = slog.New(slog.NewTextHandler(o.a.stderr, h))
	case "json":
		o.emulator.Log = slog.New(slog.NewJSONHandler(o.a.stderr, h))
	default:
		return usagef("--log-format: %q is neither text nor json", o.logFormat)
	}
	return nil
}

func (o *serveOptions) settleProviders() error {
	if env := o.a.getenv("SANDGATE_PROVIDERS"); len(o.providers) == 0 && env != "" {
		for _, name := range strings.Split(env, ",") {
			o.providers = append(o.providers, strings.TrimSpace(name))
		}
	}
	o.emulator.Providers = o.providers
	if err := knownProviders(o.providers); err != nil {
		return err
	}
	return settleSpecs(&o.emulator)
}

// knownProviders refuses a name that is neither built in nor a file's.
func knownProviders(names []string) error {
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return usagef("provider %q is named twice", name)
		}
		if err := knownScenario("", name); err != nil {
			return err
		}
	}
	return nil
}

func (o *serveOptions) settleTime() error {
	e := &o.emulator
	if _, err := clock.ParseMode(e.Clock); err != nil {
		return usagef("--clock: %s", err)
	}
	if o.start != "" {
		t, err := time.Parse(time.RFC3339Nano, o.start)
		if err != nil {
			return usagef("--start: %q is no instant like 2026-01-01T00:00:00Z", o.start)
		}
		e.Start = t
	}
	if o.seed != "random" {
		n, err := strconv.ParseUint(o.seed, 10, 64)
		if err != nil || n == 0 {
			return usagef("--seed: %q is neither random nor a number from 1", o.seed)
		}
		e.Seed = n
	}
	if e.SignatureTime != "wall" && e.SignatureTime != "sandbox" {
		return usagef("--signature-time: %q is neither wall nor sandbox", e.SignatureTime)
	}
	zone, err := time.LoadLocation(e.ResetZone)
	if err != nil {
		return usagef("--reset-zone: there is no time zone %q; names are like America/Sao_Paulo", e.ResetZone)
	}
	if e.ResetCron != "" {
		if _, err := clock.ParseCron(e.ResetCron, zone); err != nil {
			return usagef("--reset-cron: %s", err)
		}
	}
	return nil
}

func (o *serveOptions) settleSettings() error {
	e := &o.emulator
	e.Set = map[string]string{}
	for _, s := range o.settings {
		path, value, ok := strings.Cut(s, "=")
		if !ok || path == "" {
			return usagef("--set: %q is not path=value", s)
		}
		e.Set[strings.TrimSpace(path)] = value
	}
	if _, err := webhook.ParseEgress(e.Egress); err != nil {
		return usagef("--egress: %s", err)
	}
	if e.MaxSandboxes < 1 {
		return usagef("--max-sandboxes: %d is no number from 1", e.MaxSandboxes)
	}
	if u := e.PublicURL; u != "" {
		if _, err := webhook.ParseURL(u); err != nil {
			return usagef("--public-url: %s", err)
		}
		e.PublicURL = strings.TrimRight(u, "/")
	}
	return nil
}

// settleAddress puts the port where it belongs: --port wins over SANDGATE_PORT,
// that over PORT; but a --listen on the command line wins over both variables.
func (o *serveOptions) settleAddress() error {
	host, port, err := net.SplitHostPort(o.listen)
	if err != nil {
		return usagef("--listen: %q is not HOST:PORT", o.listen)
	}
	source := o.a.source
	switch env := o.a.getenv("PORT"); {
	case source["port"] == "flag", source["listen"] != "flag" && source["port"] == "env":
		port = strconv.Itoa(o.port)
	case source["listen"] == "flag":
	case env != "":
		port = env
	case source["port"] == "file":
		port = strconv.Itoa(o.port)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n > 65535 {
		return usagef("--port: %q is no port from 0 to 65535", port)
	}
	o.listen = net.JoinHostPort(host, port)
	if o.controlAddr != "" {
		if _, _, err := net.SplitHostPort(o.controlAddr); err != nil {
			return usagef("--control-addr: %q is not HOST:PORT", o.controlAddr)
		}
	}
	return nil
}

// settleTrust refuses to open the control API to a network without a word.
func (o *serveOptions) settleTrust() error {
	if o.controlAuth != "on" && o.controlAuth != "off" {
		return usagef("--control-auth: %q is neither on nor off", o.controlAuth)
	}
	addr, flag := o.listen, "--listen"
	if o.controlAddr != "" {
		addr, flag = o.controlAddr, "--control-addr"
	}
	if isLoopback(addr) || o.emulator.ControlToken != "" {
		return nil
	}
	if o.controlAuth == "off" {
		o.open = true
		return nil
	}
	return usagef("%s %s: everyone who reaches this address could reset the sandboxes and move their clocks. Ask for a token with --control-token TOKEN (SANDGATE_CONTROL_TOKEN), keep the control API to this machine with --control-addr 127.0.0.1:7421, or accept it with --control-auth off (SANDGATE_CONTROL_AUTH=off)", flag, addr)
}

func isLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// settingError tells a wrong --set, which knows no file, from a scenario that
// does not work.
func settingError(err error) error {
	var many scenarios.Errors
	var one *scenarios.Error
	switch {
	case errors.As(err, &many) && len(many) > 0 && many[0].File == "", !errors.As(err, &many) && errors.As(err, &one) && one.File == "":
		return usagef("--set: %s", err)
	}
	return err
}
