// Sandgate runs payment providers' APIs on your own machine: this package owns flags, signals, exit codes and what is printed.
// It never decides what a provider does and never touches the store: it starts the emulator, or talks to a running one.
package main
