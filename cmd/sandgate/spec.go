package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/scenarios"
)

// specFlags are those that bring a contract of the user's own.
func specFlags(f *pflag.FlagSet, e *emulator.Options) {
	f.StringArrayVar(&e.Specs, "spec", nil, "an OpenAPI document to serve, FILE, FOLDER or NAME=FILE; may be repeated")
	f.StringArrayVar(&e.Scenarios, "scenario", nil, "what happens on it: a scenario's FILE or FOLDER, a built-in one, or NAME=FILE; may be repeated")
	f.StringArrayVar(&e.Overlays, "overlay", nil, "an OpenAPI Overlay that changes it, FILE or NAME=FILE; may be repeated")
	f.StringVar(&e.Cache, "cache", "", "folder of compiled contracts, or off (default: beside --data, else the user's cache folder)")
}

// settleSpecs refuses what cannot be there before anything is read.
func settleSpecs(e *emulator.Options) error {
	for _, spec := range e.Specs {
		if _, err := os.Stat(pathOf(spec)); err != nil {
			return usagef("--spec %s: %s", spec, reasonOf(err))
		}
	}
	for _, given := range e.Scenarios {
		path := pathOf(given)
		if err := knownScenario("--scenario: ", path); err != nil {
			return err
		}
		if _, err := os.Stat(path); err != nil && !slices.Contains(scenarios.Names(), path) {
			return usagef("--scenario %s: %s", given, reasonOf(err))
		}
	}
	for _, overlay := range e.Overlays {
		if _, err := os.Stat(pathOf(overlay)); err != nil {
			return usagef("--overlay %s: %s", overlay, reasonOf(err))
		}
	}
	return nil
}

// pathOf is the path in NAME=PATH.
func pathOf(given string) string {
	_, path := emulator.SplitName(given)
	return path
}

// reasonOf is an error of a file without what its path says already.
func reasonOf(err error) string {
	if os.IsNotExist(err) {
		return "there is no such file or folder"
	}
	return err.Error()
}

// knownScenario refuses a scenario that is neither built in nor a file's nor
// a folder's.
func knownScenario(flag, name string) error {
	switch ext := strings.ToLower(filepath.Ext(name)); {
	case slices.Contains(scenarios.Names(), name), emulator.IsScenarioFolder(name):
		return nil
	case ext == ".yaml", ext == ".yml":
		if emulator.IsContract(name) {
			return usagef("%s%s is an OpenAPI document; it is served by --spec %s", flag, name, name)
		}
		return nil
	case ext == ".json":
		return usagef("%s%s is no scenario (.yaml); an OpenAPI document is served by --spec %s", flag, name, name)
	}
	return usagef("%sthere is no built-in provider %q%s; a file ends in .yaml", flag, name, suggest("", name, scenarios.Names()))
}

// contract says how much there is of a contract that the user brings.
func (o *serveOptions) contract(p *sandbox.Provider) {
	if !p.Scenario.Infer && len(o.emulator.Specs) == 0 {
		return
	}
	w, all := o.a.stderr, p.Contract.Operations()
	fmt.Fprintf(w, "  contract  %s", plural(len(all), "operation"))
	bound := 0
	for _, op := range p.Scenario.Operations {
		if _, there := p.Contract.Operation(op.Key); there {
			bound++
		}
	}
	if bound > 0 {
		fmt.Fprintf(w, ", %d bound by the scenario", bound)
	}
	if n := len(p.Contract.Repairs()); n > 0 {
		fmt.Fprintf(w, ", %s (sandgate check lists them)", plural(n, "repair"))
	}
	fmt.Fprintln(w, "; sandgate routes says what each does")
	if o.emulator.UnknownIDs == "create" {
		fmt.Fprintln(w, "  ids       an id that was never made is answered with a generated object (--unknown-ids create)")
	}
}

func (o *serveOptions) settleUnknown() error {
	if word := o.emulator.UnknownIDs; word != "refuse" && word != "create" {
		return usagef("--unknown-ids: %q is neither refuse nor create", word)
	}
	return nil
}
