package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net/url"
	"path/filepath"
	"strings"
	"unsafe"
)

// Conn reads. It belongs to one goroutine at a time: the function that View or Write gave it to.
type Conn struct {
	db     *DB
	raw    driver.Conn
	fixed  map[string]*stmt // statements of the noun files, kept for good
	shapes map[string]*stmt // statements made from a Query, bounded
	tx     *Tx              // set on the writer's connection only
	broken error            // first error of this job after which the transaction cannot be trusted
}

// maxShapes bounds the statements that queries leave behind; a scenario has a few dozen shapes.
const maxShapes = 256

type stmt struct {
	driver.Stmt
	exec  driver.StmtExecContext
	query driver.StmtQueryContext
	args  []driver.NamedValue
	row   row
}

// dsn names the file as a URI, because only a URI can forbid to create a missing file.
func dsn(path, mode string, pragmas ...string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/x becomes file:///C:/x
	}
	u := url.URL{Scheme: "file", Path: path}
	q := "?mode=" + mode + "&_busy_timeout=5000"
	for _, p := range pragmas {
		q += "&_pragma=" + url.QueryEscape(p)
	}
	return u.String() + q, nil
}

func connect(db *DB, path, mode string, pragmas ...string) (*Conn, error) {
	name, err := dsn(path, mode, pragmas...)
	if err != nil {
		return nil, err
	}
	d, err := engine()
	if err != nil {
		return nil, err
	}
	raw, err := d.Open(name)
	if err != nil {
		return nil, err
	}
	return &Conn{db: db, raw: raw, fixed: map[string]*stmt{}, shapes: map[string]*stmt{}}, nil
}

func (c *Conn) close() error {
	c.forgetShapes()
	for sql, s := range c.fixed {
		s.Close()
		delete(c.fixed, sql)
	}
	return c.raw.Close()
}

func (c *Conn) forgetShapes() {
	for sql, s := range c.shapes {
		s.Close()
		delete(c.shapes, sql)
	}
}

func (c *Conn) prepare(sql string) (*stmt, error) {
	raw, err := c.raw.Prepare(sql)
	if err != nil {
		return nil, err
	}
	s := &stmt{Stmt: raw}
	var ok1, ok2 bool
	s.exec, ok1 = raw.(driver.StmtExecContext)
	s.query, ok2 = raw.(driver.StmtQueryContext)
	if !ok1 || !ok2 {
		raw.Close()
		return nil, errors.New("store: the driver's statements lack the context interfaces")
	}
	return s, nil
}

// stmt finds or prepares one of the package's own statements.
func (c *Conn) stmt(sql string) (*stmt, error) {
	if s := c.fixed[sql]; s != nil {
		return s, nil
	}
	s, err := c.prepare(sql)
	if err == nil {
		c.fixed[sql] = s
	}
	return s, err
}

// shape finds or prepares a statement that was put together from a Query.
func (c *Conn) shape(sql []byte) (*stmt, error) {
	if s := c.shapes[string(sql)]; s != nil {
		return s, nil
	}
	if len(c.shapes) >= maxShapes {
		c.forgetShapes()
	}
	s, err := c.prepare(string(sql))
	if err == nil {
		c.shapes[string(sql)] = s
	}
	return s, err
}

// script runs statements that return nothing, outside the cache.
func (c *Conn) script(sql string) error {
	e, ok := c.raw.(driver.ExecerContext)
	if !ok {
		return errors.New("store: the driver's connection lacks ExecContext")
	}
	_, err := e.ExecContext(context.Background(), sql, nil)
	return explain(err)
}

// exec runs a statement and tells how many rows it changed.
func (c *Conn) exec(sql string, args ...driver.Value) (int64, error) {
	s, err := c.stmt(sql)
	if err != nil {
		return 0, c.note(err)
	}
	r, err := s.exec.ExecContext(context.Background(), s.bind(args))
	if err != nil {
		return 0, c.note(err)
	}
	return r.RowsAffected()
}

// one returns the first row, valid until the statement runs again.
func (c *Conn) one(sql string, args ...driver.Value) (row, bool, error) {
	s, err := c.stmt(sql)
	if err != nil {
		return nil, false, c.note(err)
	}
	return c.first(s, args)
}

func (c *Conn) first(s *stmt, args []driver.Value) (row, bool, error) {
	rows, err := s.query.QueryContext(context.Background(), s.bind(args))
	if err != nil {
		return nil, false, c.note(err)
	}
	r := s.dest(len(rows.Columns()))
	err = rows.Next(r)
	if e := rows.Close(); err == nil {
		err = e
	}
	if err == io.EOF {
		return nil, false, nil
	}
	return r, err == nil, c.note(err)
}

// each calls scan for every row; scan must copy what it keeps and run no statement.
func (c *Conn) each(sql string, scan func(row), args ...driver.Value) error {
	s, err := c.stmt(sql)
	if err != nil {
		return c.note(err)
	}
	return c.all(s, scan, args)
}

func (c *Conn) all(s *stmt, scan func(row), args []driver.Value) error {
	rows, err := s.query.QueryContext(context.Background(), s.bind(args))
	if err != nil {
		return c.note(err)
	}
	r := s.dest(len(rows.Columns()))
	for err = rows.Next(r); err == nil; err = rows.Next(r) {
		scan(r)
	}
	if err == io.EOF {
		err = nil
	}
	if e := rows.Close(); err == nil {
		err = e
	}
	return c.note(err)
}

// note remembers an error that may have ended the writer's transaction: a function that
// ignores it must not go on writing outside of one.
func (c *Conn) note(err error) error {
	if err == nil {
		return nil
	}
	if c.tx != nil && c.broken == nil && fatal(err) {
		c.broken = explain(err)
	}
	return explain(err)
}

func (s *stmt) bind(args []driver.Value) []driver.NamedValue {
	if len(s.args) != len(args) {
		s.args = make([]driver.NamedValue, len(args))
		for i := range s.args {
			s.args[i].Ordinal = i + 1
		}
	}
	for i, v := range args {
		s.args[i].Value = v
	}
	return s.args
}

func (s *stmt) dest(n int) row {
	if len(s.row) != n {
		s.row = make(row, n)
	}
	return s.row
}

// row holds int64, float64, string, []byte or nil. A value of another type reads as the zero value.
type row []driver.Value

func (r row) int(i int) int64 {
	v, _ := r[i].(int64)
	return v
}

func (r row) text(i int) string {
	v, _ := r[i].(string)
	return v
}

func (r row) blob(i int) []byte {
	v, _ := r[i].([]byte)
	return v
}

// json gives a text column as bytes without another copy: the driver made the string for us alone.
func (r row) json(i int) []byte {
	v, _ := r[i].(string)
	if v == "" {
		return nil
	}
	return unsafe.Slice(unsafe.StringData(v), len(v))
}

// asText binds bytes as text without a copy, NULL if there are none: the driver copies them while binding.
func asText(b []byte) driver.Value {
	if len(b) == 0 {
		return nil
	}
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// asBlob binds bytes, NULL if there are none.
func asBlob(b []byte) driver.Value {
	if len(b) == 0 {
		return nil
	}
	return b
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
