// Package webhook owns the one door through which a serving process opens an outgoing connection: it signs bytes, verifies them and sends them.
// It never decides what to send, when, or whether a reply counts as success, and it never follows a redirect.
package webhook
