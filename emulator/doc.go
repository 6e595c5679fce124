// Package emulator is Sandgate as a library: it composes the providers' face
// and the control API over one world. It holds no behaviour of its own.
package emulator
