package emulator

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// source is one provider to be: a contract, what happens on it, and what
// changes it. Nothing of the contract has been read.
type source struct {
	name     string   // the mount that the user chose, "" = the scenario's provider
	spec     string   // path of the contract, "" = the one that the scenario names
	scenario string   // built-in name or path, "" = what the contract says by itself
	overlays []string // paths, after those that belong to it anyway
	read     *scenarios.Scenario
	folder   string // where read's contract stands
}

// Misuse is an error of what was asked for, not of any file.
type Misuse struct{ message string }

func (m *Misuse) Error() string { return m.message }

func misusef(format string, args ...any) error { return &Misuse{fmt.Sprintf(format, args...)} }

// BuiltIn lists the providers that need nothing else to be served: those that
// bring their contract.
func BuiltIn() []string {
	contracts := openapi.Names()
	return slices.DeleteFunc(scenarios.Names(), func(name string) bool { return !slices.Contains(contracts, name) })
}

// sources pairs contracts, scenarios and overlays.
func sources(o Options) ([]*source, error) {
	names := o.Providers
	if len(names)+len(o.Specs)+len(o.Scenarios) == 0 {
		names = BuiltIn()
	}
	var out []*source
	for _, spec := range o.Specs {
		s := &source{}
		if s.name, s.spec = SplitName(spec); s.mount() == "" {
			return nil, misusef("--spec %s: its name makes no mount: give one, as in --spec NAME=%s", spec, s.spec)
		}
		if i := slices.IndexFunc(out, func(other *source) bool { return other.mount() == s.mount() }); i >= 0 {
			return nil, misusef("--spec %s and --spec %s are both called %q; one name, one mount: give another, as in --spec NAME=%s", out[i].spec, s.spec, s.mount(), s.spec)
		}
		out = append(out, s)
	}
	specs := slices.Clone(out)
	asked := make([]string, 0, len(names)+len(o.Scenarios))
	asked = append(append(asked, names...), o.Scenarios...)
	var loose []*source
	for i, given := range asked {
		s, err := joinScenario(given, i >= len(names), specs)
		if err != nil {
			return nil, err
		}
		switch {
		case s == nil: // it went to the contract that has its name
		case s.standsAlone():
			out = append(out, s)
		default:
			loose = append(loose, s)
		}
	}
	if err := joinLoose(loose, specs); err != nil {
		return nil, err
	}
	return out, giveOverlays(o.Overlays, out)
}

// joinScenario reads what is needed to know whom a scenario is for. It is nil
// where that was found.
func joinScenario(given string, named bool, specs []*source) (*source, error) {
	s := &source{scenario: given}
	if named {
		s.name, s.scenario = SplitName(given)
	}
	if !slices.Contains(scenarios.Names(), s.scenario) {
		var err error
		if s.read, s.folder, err = loadScenario(s.scenario, scenarios.Outline); err != nil {
			return nil, err
		}
	}
	called := []string{s.name}
	if s.name == "" {
		called = []string{s.provider(), s.contract()}
	}
	for _, name := range called {
		for _, spec := range specs {
			if spec.mount() == name && name != "" {
				return nil, spec.take(s)
			}
		}
	}
	if s.name != "" {
		var known []string
		for _, spec := range specs {
			known = append(known, spec.mount())
		}
		return nil, misusef("--scenario %s: no --spec is called %q%s", given, s.name, scenarios.Suggest(s.name, known))
	}
	return s, nil
}

// joinLoose gives the one scenario that is left the one contract that is left.
func joinLoose(loose, specs []*source) error {
	var free []*source
	for _, spec := range specs {
		if spec.scenario == "" {
			free = append(free, spec)
		}
	}
	if len(loose) == 1 && len(free) == 1 {
		return free[0].take(loose[0])
	}
	if len(loose) == 0 {
		return nil
	}
	s := loose[0]
	if len(free) > 0 {
		return misusef("scenario %s: which --spec is it for? say so with --scenario NAME=%s, where NAME is one of %s", s.scenario, s.scenario, mounts(free))
	}
	if s.read == nil {
		return misusef("%q comes without its contract, which is its provider's to publish: give that OpenAPI document, as in sandgate serve %s --spec FILE", s.scenario, s.scenario)
	}
	if s.read.Contract == "" {
		return misusef("%s names no contract; give the document with --spec FILE, or under the key contract", s.read.File)
	}
	return misusef("%s: contract: %q is neither built in nor a file in the scenario's folder; give the document with --spec FILE", s.read.File, s.read.Contract)
}

func mounts(list []*source) string {
	var out []string
	for _, s := range list {
		out = append(out, s.mount())
	}
	return strings.Join(out, ", ")
}

// take puts a scenario on a contract.
func (s *source) take(from *source) error {
	if s.scenario != "" {
		return misusef("scenarios %s and %s are both for --spec %s; one contract, one scenario", s.scenario, from.scenario, s.spec)
	}
	s.name = cmp.Or(s.name, from.name)
	s.scenario, s.read, s.folder = from.scenario, from.read, from.folder
	return nil
}

// mount is where it will be served.
func (s *source) mount() string {
	if s.name == "" && s.scenario == "" {
		return mountNameOf(s.spec)
	}
	return cmp.Or(s.name, s.provider())
}

// provider is the scenario's own name for it.
func (s *source) provider() string {
	if s.read != nil {
		return s.read.Provider
	}
	return s.scenario
}

// contract is what the scenario's contract is called.
func (s *source) contract() string {
	if s.read != nil {
		return mountNameOf(s.read.Contract)
	}
	return s.scenario
}

// standsAlone reports a scenario whose contract is there without --spec.
func (s *source) standsAlone() bool {
	if s.read == nil || slices.Contains(openapi.Names(), s.read.Contract) {
		return slices.Contains(openapi.Names(), cmp.Or(s.readContract(), s.scenario))
	}
	if s.folder == "" || s.read.Contract == "" || !filepath.IsLocal(s.read.Contract) {
		return false
	}
	_, err := os.Stat(filepath.Join(s.folder, s.read.Contract))
	return err == nil
}

func (s *source) readContract() string {
	if s.read == nil {
		return ""
	}
	return s.read.Contract
}

// giveOverlays puts each overlay on the contract that it names, on the one
// whose name its file has, or on the only one.
func giveOverlays(overlays []string, out []*source) error {
	for _, given := range overlays {
		name, path := SplitName(given)
		own := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), ".overlay")
		at := slices.IndexFunc(out, func(s *source) bool { return s.mount() == cmp.Or(name, mountNameOf(own)) })
		var specs []*source
		for _, s := range out {
			if s.spec != "" {
				specs = append(specs, s)
			}
		}
		switch {
		case at >= 0:
			out[at].overlays = append(out[at].overlays, path)
		case name != "":
			return misusef("--overlay %s: nothing that is served is called %q; there are %s", given, name, mounts(out))
		case len(out) == 1:
			out[0].overlays = append(out[0].overlays, path)
		case len(specs) == 1:
			specs[0].overlays = append(specs[0].overlays, path)
		default:
			return misusef("--overlay %s: whom does it change? say so with --overlay NAME=%s, where NAME is one of %s", given, path, mounts(out))
		}
	}
	return nil
}

// SplitName takes NAME=PATH apart. A path may hold a = of its own.
func SplitName(given string) (name, path string) {
	name, path, ok := strings.Cut(given, "=")
	if !ok || name == "" || name != mountNameOf(name) {
		return "", given
	}
	if _, err := os.Stat(given); err == nil {
		return "", given
	}
	return name, path
}

// mountNameOf makes a mount's name of a file's.
func mountNameOf(path string) string {
	base := filepath.Base(filepath.Clean(path))
	switch ext := filepath.Ext(base); strings.ToLower(ext) {
	case ".yaml", ".yml", ".json":
		base = strings.TrimSuffix(base, ext)
	}
	words := strings.FieldsFunc(strings.ToLower(base), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	return strings.Join(words, "-")
}

// IsScenarioFolder reports a folder that holds a scenario in several files.
func IsScenarioFolder(path string) bool {
	info, err := os.Stat(filepath.Join(path, scenarios.RootFile))
	return err == nil && info.Mode().IsRegular()
}

// IsContract reports a file that looks like an OpenAPI document, or a folder
// that holds no scenario.
func IsContract(path string) bool {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return false
	case info.IsDir():
		return !IsScenarioFolder(path)
	case strings.EqualFold(filepath.Ext(path), ".json"):
		return true // scenarios are YAML
	case info.Size() > openapi.MaxDocument:
		return false
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return false
	}
	return regexp.MustCompile(`(?m)^["']?(openapi|swagger)["']?\s*:`).Match(data)
}
