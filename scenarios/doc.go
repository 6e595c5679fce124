// Package scenarios owns a provider brought to life as data: the bindings of
// its operations, its machines, policies and dialect, and the expressions in
// them. It never stores, sends or decides anything by itself.
package scenarios
