package scenarios

import (
	"errors"
	"io"
	"time"
)

// Env is what an expression sees. Values are never changed in place: a result
// may share lists and objects with Vars.
type Env struct {
	Vars   map[string]any
	Now    time.Time
	Lookup Lookup
	Random io.Reader
	// KeyHead is what a new API key begins with, "" = DefaultKeyPrefix.
	KeyHead string
}

// Lookup finds stored resources for an expression.
type Lookup interface {
	Find(kind, field string, value any) (map[string]any, error)
	List(kind string, where map[string]any) ([]any, error)
	Count(kind string, where map[string]any) (int, error)
	CardOutcome(number string) (string, error) // "" = not a listed test card
	// Card is what the test deck says of what was presented, nil if it is not listed.
	Card(presented map[string]any) (map[string]any, error)
	// Get is the live resource of that id or alias, or nil.
	Get(kind, ref string) (map[string]any, error)
}

var (
	errNoLookup = errors.New("stored resources cannot be looked up here")
	errNoRandom = errors.New("there is no random stream here")
)

// path follows members from a name; whatever is missing is nil.
func (e *Env) path(names []string) any {
	if e == nil {
		return nil
	}
	var v any
	if names[0] == "now" {
		v = e.Now
	} else {
		v = e.Vars[names[0]]
	}
	for _, name := range names[1:] {
		if v = member(v, name); v == nil {
			return nil
		}
	}
	return v
}

func member(v any, name string) any {
	switch m := v.(type) {
	case map[string]any:
		return m[name]
	case map[string]string:
		if s, ok := m[name]; ok {
			return s
		}
	}
	return nil
}

// index is x[y]: an element, a member, or nil.
func index(v, key any) any {
	if name, ok := key.(string); ok {
		return member(v, name)
	}
	list, ok := toList(v)
	if !ok {
		return nil
	}
	d, ok := toDecimal(key)
	if !ok {
		return nil
	}
	i, ok := d.Int64()
	if i < 0 {
		i += int64(len(list))
	}
	if !ok || i < 0 || i >= int64(len(list)) {
		return nil
	}
	return list[i]
}
