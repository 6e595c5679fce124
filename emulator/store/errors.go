package store

import (
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

var (
	ErrExists   = errors.New("store: a row with this id exists already")
	ErrMissing  = errors.New("store: there is no such row")
	ErrNotReady = errors.New("store: the file was never finished")
	ErrVersion  = errors.New("store: the file was not written by this version of the program")
	ErrClosed   = errors.New("store: the file is closed")
	ErrFull     = errors.New("store: the disk is full")
	ErrLocked   = errors.New("store: the data folder is in use by another process")
	ErrQuery    = errors.New("store: this filter cannot be asked")
)

// Panic is what Write returns when its function panicked: the group lives on, the caller decides.
type Panic struct {
	Value any
	Stack []byte
}

func (p *Panic) Error() string { return fmt.Sprintf("store: a write panicked: %v", p.Value) }

// sqlCode is SQLite's extended result code, 0 for any other error.
func sqlCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

func duplicate(err error) bool {
	switch sqlCode(err) {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return true
	}
	return false
}

// fatal tells the errors after which SQLite may have rolled the transaction back on its own.
func fatal(err error) bool {
	switch sqlCode(err) & 0xff {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_INTERRUPT,
		sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN:
		return true
	}
	return false
}

func notDatabase(err error) bool { return sqlCode(err)&0xff == sqlite3.SQLITE_NOTADB }

// explain marks a full disk, so that callers can tell "try again later" from "broken".
func explain(err error) error {
	if err != nil && sqlCode(err)&0xff == sqlite3.SQLITE_FULL && !errors.Is(err, ErrFull) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}
