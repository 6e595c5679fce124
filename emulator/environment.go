package emulator

import (
	"errors"
	"fmt"

	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/scenarios"
)

// Environments are what Options.Environment may be.
const (
	InProduction = "production" // test cards are refused, nothing resets by schedule
	InStaging    = "staging"    // data is kept
	InSandbox    = "sandbox"    // resets on the scenario's schedule
)

// CheckEnvironment refuses options that contradict their environment.
func CheckEnvironment(o Options) error {
	switch o.Environment {
	case "", InSandbox:
		return nil
	case InStaging:
		if o.Data == "" {
			return errors.New("staging keeps its data; say where, with --data DIR")
		}
	case InProduction:
	default:
		return fmt.Errorf("%q is none of production, staging, sandbox", o.Environment)
	}
	if o.ResetCron != "" {
		return fmt.Errorf("%s never resets by schedule, so --reset-cron says otherwise", o.Environment)
	}
	return nil
}

// StrictKeys tells whether only issued keys open a sandbox.
func StrictKeys(o Options) (bool, error) {
	switch o.Keys {
	case "":
		return o.Environment == InProduction, nil
	case "open", "strict":
		return o.Keys == "strict", nil
	}
	return false, fmt.Errorf("keys are open or strict, not %q", o.Keys)
}

// environment sets what the environment means for the engine, once the
// providers are known.
func (s *Server) environment(w *sandbox.Options, o Options) error {
	s.named = o.Environment
	switch o.Environment {
	case InProduction:
		w.NoTestCards = true
		s.about = "test cards are refused; only issued keys work, unless --keys open; nothing resets by schedule"
	case InStaging:
		s.about = "data is kept; nothing resets by schedule"
	case InSandbox:
		s.about = "nothing resets by schedule: no provider has one"
		if o.ResetCron != "" {
			s.about = fmt.Sprintf("resets at %q in %s", o.ResetCron, o.ResetZone)
			return nil
		}
		return s.schedule(w)
	}
	return nil
}

// schedule takes the resets of the first provider that has any: there is one
// schedule for all that is in a sandbox.
func (s *Server) schedule(w *sandbox.Options) error {
	for _, p := range w.Providers {
		spec := p.Scenario.Environments
		if spec == nil || spec.Sandbox == nil {
			continue
		}
		cron, err := spec.Sandbox.Cron()
		if err != nil {
			return fmt.Errorf("%s: environments: %w", p.Scenario.FileOf("environments"), err)
		}
		w.ResetCron = &cron
		s.about = fmt.Sprintf("resets at %q in %s", spec.Sandbox.Reset, spec.Sandbox.Zone)
		return nil
	}
	return nil
}

// Environment is the name that was given, "" if none, and what it means.
func (s *Server) Environment() (name, about string) { return s.named, s.about }

// inEnvironment adds the setting of the environment where a scenario has it,
// unless it was set by hand.
func inEnvironment(s *scenarios.Scenario, set map[string]string, name string) map[string]string {
	if name == "" {
		return set
	}
	for _, c := range s.Config {
		if _, given := set[c.Path]; c.Path == scenarios.EnvironmentSetting && !given {
			set[c.Path] = name
		}
	}
	return set
}
