// Package store owns the SQLite file of one sandbox: its schema, its single writer with grouped commits, its readers, and one file of plain functions per noun.
// It never reads a clock, never decides what a status means, and never renders a reply: it keeps rows and gives them back.
package store
