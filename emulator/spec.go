package emulator

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// load reads a source with one of the two ways to read a built-in scenario.
func (s *source) load(o Options, builtIn func(string) (*scenarios.Scenario, error)) (*scenarios.Scenario, *openapi.Document, error) {
	switch {
	case s.spec == "" && s.read == nil && len(s.overlays) == 0:
		return loadBoth(s.scenario, builtIn)
	case s.spec == "":
		return s.loadOwn(o, builtIn)
	}
	doc, err := s.open(s.spec, o)
	if err != nil {
		return nil, nil, err
	}
	if s.scenario == "" {
		return scenarios.NewInference(doc).Scenario(s.mount()), doc, nil
	}
	if s.read == nil {
		if s.read, err = builtIn(s.scenario); err != nil {
			return nil, nil, err
		}
	}
	if s.name != "" {
		s.read.Provider = s.name
	}
	return s.read, doc, nil
}

// loadOwn reads a scenario that brings its contract.
func (s *source) loadOwn(o Options, builtIn func(string) (*scenarios.Scenario, error)) (_ *scenarios.Scenario, doc *openapi.Document, err error) {
	if s.read == nil {
		if s.read, err = builtIn(s.scenario); err != nil {
			return nil, nil, err
		}
	}
	if s.name != "" {
		s.read.Provider = s.name
	}
	if slices.Contains(openapi.Names(), s.read.Contract) {
		doc, err = s.openBuiltIn()
	} else if s.folder == "" || !filepath.IsLocal(s.read.Contract) {
		err = fmt.Errorf("%q is neither built in nor a file in the scenario's folder", s.read.Contract)
	} else {
		doc, err = s.open(filepath.Join(s.folder, s.read.Contract), o)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: contract: %w", s.read.File, err)
	}
	return s.read, doc, nil
}

// openBuiltIn reads a built-in contract, with the user's overlays.
func (s *source) openBuiltIn() (*openapi.Document, error) {
	doc, err := openapi.Embedded(s.read.Contract)
	for _, path := range s.overlays {
		if err != nil {
			return nil, err
		}
		var data []byte
		if data, err = os.ReadFile(path); err != nil {
			return nil, err
		}
		if doc, err = doc.Overlaid(data); err != nil {
			err = fmt.Errorf("%s: %w", path, err)
		}
	}
	return doc, err
}

// open reads a contract that the user brings, with the overlays that belong to
// it: the built-in scenario's, the one beside the file, then the user's.
func (s *source) open(path string, o Options) (*openapi.Document, error) {
	opts := openapi.OpenOptions{Cache: o.cacheFolder(), Version: buildOf(o.Version), Later: o.later}
	if own, ok := openapi.Overlay(s.scenario); ok && s.spec != "" {
		opts.Before = [][]byte{own}
	}
	for _, ext := range []string{".overlay.yaml", ".overlay.yml", ".overlay.json"} {
		beside := strings.TrimSuffix(path, filepath.Ext(path)) + ext
		if _, err := os.Stat(beside); err == nil && !slices.Contains(s.overlays, beside) {
			opts.Overlays = append(opts.Overlays, beside)
		}
	}
	opts.Overlays = append(opts.Overlays, s.overlays...)
	return openapi.Open(path, opts)
}

// loaded is a source that has been read.
type loaded struct {
	scenario *scenarios.Scenario
	contract *openapi.Document
	err      error
}

// loadAll reads the sources at the same time.
func loadAll(list []*source, o Options) []loaded {
	out := make([]loaded, len(list))
	var all sync.WaitGroup
	for i, s := range list {
		all.Go(func() { out[i].scenario, out[i].contract, out[i].err = s.load(o, scenarios.Outline) })
	}
	all.Wait()
	return out
}

// provide settles what was read.
func (l loaded) provide(set map[string]*setting, only bool, o Options) (*sandbox.Provider, error) {
	if l.err != nil {
		return nil, l.err
	}
	return sandbox.NewProvider(l.scenario, l.contract, inEnvironment(l.scenario, mySettings(l.scenario, set, only), o.Environment))
}
