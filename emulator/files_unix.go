//go:build unix

package emulator

import "syscall"

// An open sandbox holds about so many files, and others need some too.
const (
	filesPerSandbox = 8
	otherFiles      = 128
)

// openable is how many sandboxes may be open at once within the limit on open
// files, 0 = as many as there is room for by default.
func openable() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || limit.Cur > 1<<20 {
		return 0
	}
	return min(max((int(limit.Cur)-otherFiles)/filesPerSandbox/2, 4), 256) // half: for a moment twice as many may be open
}
