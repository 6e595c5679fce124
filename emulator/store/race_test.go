//go:build race

package store

// raced: SQLite is up to 17 times slower now, so the tests that live on volume do less.
const raced = true
