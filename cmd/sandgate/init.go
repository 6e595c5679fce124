package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/sandgate/sandgate/emulator"
)

func (a *app) initScenario() *cobra.Command {
	e := &emulator.Options{}
	cmd := &cobra.Command{
		Use: "init --spec FILE", Short: "Write a first scenario for an OpenAPI document, to edit", Args: cobra.NoArgs,
		Long: "Writes what an OpenAPI document says by itself as a scenario: which operation creates, reads, lists, changes or removes what, how pages and errors look. Edit it, and serve it with --spec and --scenario.",
	}
	specFlags(cmd.Flags(), e)
	out := cmd.Flags().String("out", "", "file to write, - for stdout (default: NAME.scenario.yaml)")
	force := cmd.Flags().Bool("force", false, "write over a file that is there")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(e.Specs) != 1 {
			return usagef("init needs one OpenAPI document: --spec FILE")
		}
		if err := settleSpecs(e); err != nil {
			return err
		}
		name, text, err := emulator.FirstScenario(*e)
		if err != nil {
			return err
		}
		if *out == "-" {
			_, err := a.stdout.Write(text)
			return err
		}
		if *out == "" {
			*out = name + ".scenario.yaml"
		}
		if err := writeNew(*out, text, *force); err != nil {
			return err
		}
		fmt.Fprintf(a.stderr, "wrote %s; now: sandgate serve --spec %s --scenario %s\n", clean(*out), clean(e.Specs[0]), clean(*out))
		return nil
	}
	return cmd
}

// writeNew makes a file, and leaves one that is there alone unless told.
func writeNew(path string, text []byte, force bool) error {
	how := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		how = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(path, how, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already; --force writes over it, --out names another file", path)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}
