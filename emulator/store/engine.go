package store

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"modernc.org/sqlite"
)

// oldest is the first SQLite without the WAL-reset bug, which could lose acknowledged writes.
const oldest = "3.51.3"

// engine is the process's SQLite driver, with our one function, checked once.
var engine = sync.OnceValues(func() (*sqlite.Driver, error) {
	d := &sqlite.Driver{}
	if err := d.RegisterDeterministicScalarFunction("folded_contains", 2, foldedContains); err != nil {
		return nil, err
	}
	raw, err := d.Open(":memory:")
	if err != nil {
		return nil, err
	}
	c := &Conn{raw: raw, fixed: map[string]*stmt{}}
	r, ok, err := c.one("SELECT sqlite_version()")
	version := ""
	if ok {
		version = r.text(0)
	}
	if e := c.close(); err == nil {
		err = e
	}
	if err == nil {
		err = checkEngine(version)
	}
	return d, err
})

func checkEngine(version string) error {
	if !atLeast(version, oldest) {
		return fmt.Errorf("store: SQLite %s can lose committed data; %s or newer is needed", version, oldest)
	}
	return nil
}

// atLeast compares dotted numbers. Text that is no version is older than everything.
func atLeast(version, floor string) bool {
	have, want := strings.Split(version, "."), strings.Split(floor, ".")
	for i := range want {
		if i >= len(have) {
			return false
		}
		h, err := strconv.Atoi(have[i])
		if err != nil {
			return false
		}
		if w, _ := strconv.Atoi(want[i]); h != w {
			return h > w
		}
	}
	return true
}

// foldedContains is the substring test for needles beyond ASCII, where SQLite's lower() does not help.
// The needle comes lowered.
func foldedContains(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
	if len(args) != 2 {
		return nil, errors.New("folded_contains takes two arguments")
	}
	hay, ok1 := args[0].(string)
	needle, ok2 := args[1].(string)
	return ok1 && ok2 && strings.Contains(strings.ToLower(hay), needle), nil
}
