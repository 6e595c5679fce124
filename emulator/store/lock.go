package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Lock takes a data folder for this process, until release or the end of the process. ErrLocked: another one has it.
func Lock(dir string) (release func() error, err error) {
	name := filepath.Join(dir, "sandgate.lock")
	f, err := lockFile(name)
	if err != nil {
		return nil, fmt.Errorf("store: lock %s: %w", dir, err)
	}
	if f == nil {
		return nil, fmt.Errorf("%w: %s%s", ErrLocked, dir, holder(name))
	}
	// Only the message of the next process depends on this.
	if err := f.Truncate(0); err == nil {
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0)
	}
	return f.Close, nil
}

func holder(name string) string {
	b, err := os.ReadFile(name)
	if pid := strings.TrimSpace(string(b)); err == nil && pid != "" {
		return " (process " + pid + ")"
	}
	return ""
}
