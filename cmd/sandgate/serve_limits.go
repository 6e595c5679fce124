package main

import (
	"github.com/spf13/pflag"

	"github.com/sandgate/sandgate/emulator"
)

func (o *serveOptions) limitFlags(f *pflag.FlagSet) {
	e := &o.emulator
	f.StringVar(&e.RateLimit, "rate-limit", "on", "on, off (headers of full buckets, nothing is refused) or RATE[/BURST] requests a second for every organisation")
	f.StringVar(&e.Environment, "environment", "", "production (refuses test cards), staging (keeps data) or sandbox (resets on the provider's schedule); default: a sandbox without a schedule")
	f.StringArrayVar(&e.TrustProxy, "trust-proxy", nil, "network whose X-Forwarded-For counts as the caller's address, like 10.0.0.0/8; may be repeated")
}

func (o *serveOptions) settleLimits() error {
	if err := emulator.CheckEnvironment(o.emulator); err != nil {
		return usagef("--environment: %s", err)
	}
	if _, _, err := emulator.ParseRateLimit(o.emulator.RateLimit); err != nil {
		return usagef("--rate-limit: %s", err)
	}
	if _, err := emulator.ParseProxies(o.emulator.TrustProxy); err != nil {
		return usagef("--trust-proxy: %s", err)
	}
	return nil
}
