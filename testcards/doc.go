// Package testcards owns the decks: which test card numbers a provider lists and what each of them means.
// It never stores a number that a caller sent, and never shows one beyond its first six and last four digits.
package testcards
