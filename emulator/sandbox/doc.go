// Package sandbox owns the worlds behind the face: actions, moves, timers,
// deliveries, reset, and the only code that changes a status. It never reads
// HTTP, never writes HTTP and never decides what a provider's words mean.
package sandbox
