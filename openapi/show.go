package openapi

import "strings"

// Show says what stands at a pointer, for a Violation's Got: cut, card
// numbers masked, and nothing of a value whose name says that it is secret.
func Show(pointer string, v any) string {
	return describe(v, secretName(pointer[strings.LastIndexByte(pointer, '/')+1:]))
}
