package openapi

import "strings"

// Show says what stands at a pointer, for a Violation's Got: cut, card
// numbers masked, and nothing of a value whose name says that it is secret.
func Show(pointer string, v any) string {
	names := strings.Split(pointer, "/")
	return describe(v, secretPath(names[max(0, len(names)-2):]))
}

// SecretName tells whether a property's name says that its value is a secret.
func SecretName(name string) bool { return secretName(name) }

// Mask hides the middle of what could be a card number in a text.
func Mask(s string) string { return maskDigits(s) }
