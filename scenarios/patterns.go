package scenarios

import (
	"errors"
	"fmt"
	"regexp"
	"sync"
)

// patterns remembers the ones that come from a table of the scenario's data:
// few, and each used again and again.
var patterns struct {
	sync.RWMutex
	known map[string]*regexp.Regexp
}

const maxPatterns = 512

func compiled(p string) (*regexp.Regexp, error) {
	patterns.RLock()
	re := patterns.known[p]
	patterns.RUnlock()
	if re != nil {
		return re, nil
	}
	re, err := regexp.Compile(p)
	if err != nil {
		return nil, fmt.Errorf("not a pattern: %w", err)
	}
	patterns.Lock()
	defer patterns.Unlock()
	if patterns.known == nil || len(patterns.known) >= maxPatterns {
		patterns.known = map[string]*regexp.Regexp{}
	}
	patterns.known[p] = re
	return re, nil
}

// pattern is a pattern compiled already (a constant one) or now.
func pattern(v any) (*regexp.Regexp, error) {
	switch p := v.(type) {
	case *regexp.Regexp:
		return p, nil
	case string:
		if len(p) > 1000 {
			return nil, errors.New("the pattern is too long")
		}
		return compiled(p)
	}
	return nil, fmt.Errorf("a pattern is text, not %s", describe(v))
}
