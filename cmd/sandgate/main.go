package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sandgate/sandgate/emulator"

	_ "time/tzdata" // an image from scratch has no zone files
)

// Exit codes.
const (
	exitGood   = 0
	exitFailed = 1
	exitUsage  = 2
)

// gcPercent trades a few megabytes for speed: the live heap is small.
const gcPercent = 400

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		<-ctx.Done()
		stop() // a second signal ends the process at once
	}()
	warnOfStrangers(os.Environ(), os.Stderr)
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// run is the command as a function: data on stdout, talk on stderr.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	a := &app{getenv: getenv, stdout: stdout, stderr: stderr, source: map[string]string{}}
	root := a.root()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	var wrong *usageError
	var misuse *emulator.Misuse
	switch {
	case err == nil:
		return exitGood
	case errors.Is(err, errSilent):
		return exitFailed
	case errors.As(err, &wrong), errors.As(err, &misuse):
		fmt.Fprintf(stderr, "sandgate: %s\nSee: %s --help\n", clean(err.Error()), cmd.CommandPath())
		return exitUsage
	}
	fmt.Fprintf(stderr, "sandgate: %s\n", cleanLines(err.Error()))
	return exitFailed
}

// app is what every command shares.
type app struct {
	getenv         func(string) string
	stdout, stderr io.Writer
	source         map[string]string // flag -> flag, env, file or default
	config         string
}

// errSilent fails a command that has said everything already.
var errSilent = errors.New("failed")

// usageError is wrong use: exit 2.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

func (a *app) root() *cobra.Command {
	root := a.group("sandgate", "A payment gateway that you can run on your own machine",
		a.serve(), a.check(), a.routes(), a.initScenario(), a.reset(), a.clock(), a.events(), a.deliveries(), a.webhooks(), a.keys(), a.audit(), a.resources(), a.move(), a.callback(), a.callbacks(), a.sandboxes(), a.healthcheck(), a.version(), a.functions(), a.cards(), a.verify())
	root.Long = "Sandgate serves payment providers' real API contracts, remembers what you did, and calls your webhooks the way the provider would, on a clock that you can move.\n\n" +
		"Every flag can be set by an environment variable SANDGATE_<FLAG> (dashes are underscores), or in a YAML file given by --config. A flag wins over the environment, the environment over the file."
	root.Version = versionOf()
	root.SilenceErrors, root.SilenceUsage = true, true
	root.PersistentFlags().StringVar(&a.config, "config", "", "YAML file of flags: name: value")
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return a.settle(cmd) }
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		var unknown *pflag.NotExistError
		if errors.As(err, &unknown) {
			var known []string
			cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
			return usagef("unknown flag --%s%s", unknown.GetSpecifiedName(), suggest("--", unknown.GetSpecifiedName(), known))
		}
		return usagef("%s", err)
	})
	return root
}

// group is a command that only holds others.
func (a *app) group(use, short string, subs ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: cobra.ArbitraryArgs, RunE: func(cmd *cobra.Command, args []string) error {
		var known []string
		for _, sub := range cmd.Commands() {
			known = append(known, sub.Name())
		}
		switch {
		case len(args) > 0:
			return usagef("unknown command %q for %q%s", args[0], cmd.CommandPath(), suggest("", args[0], known))
		case cmd.HasParent():
			return usagef("%s needs a command%s", cmd.CommandPath(), suggest("", "", known))
		}
		return cmd.Help()
	}}
	c.AddCommand(subs...)
	return c
}

// exactly checks the number of arguments, and names what is missing.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return usagef("%s needs %s", cmd.CommandPath(), names[len(args)])
		case len(args) > len(names):
			return usagef("%s takes no argument %q", cmd.CommandPath(), args[len(names)])
		}
		return nil
	}
}
