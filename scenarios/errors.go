package scenarios

import (
	"fmt"
	"strings"
)

// Error is one thing that is wrong with a scenario, and where.
type Error struct {
	File         string
	Line, Column int // 0 = unknown
	Message      string
	cause        error
}

// Unwrap is what a look-up or the random stream returned, if that was it.
func (e *Error) Unwrap() error { return e.cause }

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
		if e.Column > 0 {
			fmt.Fprintf(&b, ":%d", e.Column)
		}
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	b.WriteString(e.Message)
	return b.String()
}

// Errors is everything that is wrong, in file order.
type Errors []*Error

func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, err := range e {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.As find one of them.
func (e Errors) Unwrap() []error {
	out := make([]error, len(e))
	for i, err := range e {
		out[i] = err
	}
	return out
}

// add takes over one error or a list.
func (e *Errors) add(err error) {
	switch err := err.(type) {
	case nil:
	case *Error:
		*e = append(*e, err)
	case Errors:
		*e = append(*e, err...)
	default:
		*e = append(*e, &Error{Message: err.Error()})
	}
}

// orOne is the list, or its only member.
func (e Errors) orOne() error {
	switch len(e) {
	case 0:
		return nil
	case 1:
		return e[0]
	}
	return e
}
