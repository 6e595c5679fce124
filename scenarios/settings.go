package scenarios

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Resource is the kind of that name, or nil.
func (s *Scenario) Resource(kind string) *Resource {
	for _, r := range s.Resources {
		if r.Kind == kind {
			return r
		}
	}
	return nil
}

// Operation is the operation METHOD /path, or nil.
func (s *Scenario) Operation(key string) *Operation {
	for _, o := range s.Operations {
		if o.Key == key {
			return o
		}
	}
	return nil
}

// Settings is the config object that expressions see: the defaults with the
// overrides on top. All that is wrong with them is said at once.
func (s *Scenario) Settings(overrides map[string]string) (map[string]any, error) {
	out := map[string]any{}
	var all Errors
	paths := make([]string, len(s.Config))
	for i, c := range s.Config {
		paths[i] = c.Path
		put(out, strings.Split(c.Path, "."), c.Default)
	}
	for _, path := range slices.Sorted(maps.Keys(overrides)) {
		i := slices.Index(paths, path)
		if i < 0 {
			all.add(fmt.Errorf("%s has no setting %q%s", s.Provider, clip(path, 60), suggest(path, paths)))
			continue
		}
		v, err := s.Config[i].read(overrides[path])
		if err != nil {
			all.add(err)
			continue
		}
		put(out, strings.Split(path, "."), v)
	}
	return out, all.orOne()
}

// read takes a value in the type of the default.
func (c Setting) read(given string) (any, error) {
	var v any = given
	switch c.Default.(type) {
	case bool:
		if given != "true" && given != "false" {
			return nil, fmt.Errorf("setting %s is true or false, not %q", c.Path, clip(given, 40))
		}
		v = given == "true"
	case json.Number:
		if _, err := ParseDecimal(given); err != nil {
			return nil, fmt.Errorf("setting %s is a number, not %q", c.Path, clip(given, 40))
		}
		v = json.Number(given)
	}
	if len(c.Enum) == 0 || slices.ContainsFunc(c.Enum, func(e any) bool { return equal(e, v) }) {
		return v, nil
	}
	words := make([]string, len(c.Enum))
	for i, e := range c.Enum {
		words[i] = fmt.Sprint(e)
	}
	return nil, fmt.Errorf("setting %s cannot be %q%s", c.Path, clip(given, 40), suggest(given, words))
}

func put(m map[string]any, path []string, v any) {
	for _, name := range path[:len(path)-1] {
		inner, ok := m[name].(map[string]any)
		if !ok {
			inner = map[string]any{}
			m[name] = inner
		}
		m = inner
	}
	m[path[len(path)-1]] = v
}
