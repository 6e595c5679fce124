//go:build race

package emulator_test

// racing says that the race detector watches: SQLite is many times slower, so
// tests of volume do less.
const racing = true
