package main

import (
	"github.com/spf13/pflag"

	"github.com/sandgate/sandgate/emulator"
)

// specFlags are those that bring a contract of the user's own.
func specFlags(f *pflag.FlagSet, e *emulator.Options) {
	f.StringArrayVar(&e.Specs, "spec", nil, "an OpenAPI document to serve, FILE, FOLDER or NAME=FILE; may be repeated")
	f.StringArrayVar(&e.Scenarios, "scenario", nil, "what happens on it: a scenario's FILE or FOLDER, or NAME=FILE; may be repeated")
	f.StringArrayVar(&e.Overlays, "overlay", nil, "an OpenAPI Overlay that changes it, FILE or NAME=FILE; may be repeated")
	f.StringVar(&e.UnknownIDs, "unknown-ids", "refuse", "refuse, or create: an id that was never made is answered with a generated object")
	f.StringVar(&e.Cache, "cache", "", "folder of compiled contracts, or off (default: beside --data, else the user's cache folder)")
}
