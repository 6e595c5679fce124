// Package api owns the provider's HTTP face: which operation a request means,
// who sends it, whether it is well said, and how the answer is written. It
// never touches the store and never changes a status.
package api
