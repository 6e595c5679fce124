package emulator

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
)

// cacheFolder is where compiled contracts are kept, "" = nowhere.
func (o Options) cacheFolder() string {
	switch {
	case o.Cache == "off":
		return ""
	case o.Cache != "":
		return o.Cache
	case o.Data != "":
		return filepath.Join(o.Data, "contracts")
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "sandgate")
}

// buildOf says which build this is, so that none trusts what another one
// compiled: by its version, its revision, and its file.
var buildOf = func(version string) string { return version + thisBuild() }

var thisBuild = sync.OnceValue(func() string {
	about := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		about = info.Main.Version
	}
	if path, err := os.Executable(); err == nil {
		if file, err := os.Stat(path); err == nil {
			about += fmt.Sprintf(" %d %d", file.Size(), file.ModTime().UnixNano())
		}
	}
	return about
})

// chores are what may wait until the first answer.
type chores struct {
	mu   sync.Mutex
	list []func()
}

func (c *chores) add(task func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = append(c.list, task)
}

// Chores does what was put off so that the first answer need not wait for it.
// Close does it too.
func (s *Server) Chores() {
	s.chores.mu.Lock()
	defer s.chores.mu.Unlock()
	for _, task := range s.chores.list {
		task()
	}
	s.chores.list = nil
}
