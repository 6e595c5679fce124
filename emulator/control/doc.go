// Package control owns the control API under /_sandgate/: everything that a real provider would not let you do, for the people and tests that run the emulator.
// It never serves a provider's operation, never changes a status itself, and shows a secret only in the reply that makes it.
package control
