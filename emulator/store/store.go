package store

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
)

//go:embed schema.sql
var schema string

const (
	application = 0x53474154 // "SGAT" in the file's header: ours
	version     = 3          // of schema.sql; another one is refused
	pageSize    = 2048       // a write touches many pages by a few bytes; these log a fifth faster than 4096
)

// Sync says what a commit waits for. All three survive the death of the process.
type Sync int

const (
	Normal Sync = iota // a power cut may take the last commits, never the file
	Full               // a power cut takes nothing that was acknowledged
	Off                // a power cut may take the file: for folders that go at exit
)

func (s Sync) pragma() string { return "synchronous(" + [...]string{"NORMAL", "FULL", "OFF"}[s] + ")" }

type Options struct {
	MaxReaders int     // connections that read at the same time; 0 = 4
	Checkpoint int64   // bytes of write-ahead log after which it is worked off in the background; 0 = 4 MiB
	Sync       Sync    // Normal unless told
	Indexes    []Index // paths that queries filter by; indexes that are no longer listed are dropped

	Keys    *Keys               // seal what is secret; nil = nothing is sealed
	Sandbox string              // whose file it is: its secrets open in no other
	Sealed  map[string][]string // kind -> names in the hidden part of its rows that are secret
}

func (o Options) withDefaults() Options {
	if o.MaxReaders <= 0 {
		o.MaxReaders = 4
	}
	if o.Checkpoint <= 0 {
		o.Checkpoint = 4 << 20
	}
	if o.Sync < Normal || o.Sync > Off {
		o.Sync = Normal
	}
	return o
}

// DB is one open sandbox file. It is safe for concurrent use.
type DB struct {
	path    string
	options Options
	indexes map[Index]string // what exists in the file, to its quoted name
	seq     atomic.Int64     // last number handed out
	draws   atomic.Int64     // last draw handed out
	writer  *writer
	readers *pool
	tally   tally
	counts  counts
	wanted  endpoints
	vault   *vault // nil = nothing is sealed
	log     checkpointer

	gate   sync.RWMutex // held for reading while a job is put into the queue
	closed bool
	end    sync.Once
	err    error // of Close
}

// Create makes a fresh file. What fill writes and the ready mark are one transaction.
func Create(path string, o Options, fill func(*Tx) error) (*DB, error) {
	db, err := newDB(path, o)
	if err != nil {
		return nil, err
	}
	indexes, err := db.defineIndexes()
	if err != nil {
		return nil, err
	}
	empty, err := template(script(indexes))
	if err != nil {
		return nil, err
	}
	if err := lay(path, empty, db.options.Sync != Off); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil, err // not ours to delete
		}
		return nil, errors.Join(err, Remove(path))
	}
	if err := db.create(fill); err != nil {
		return nil, errors.Join(fmt.Errorf("store: create %s: %w", path, err), Remove(path))
	}
	return db, nil
}

func newDB(path string, o Options) (db *DB, err error) {
	db = &DB{path: path, options: o.withDefaults(), indexes: map[Index]string{}}
	db.readers = newPool(db)
	db.vault, err = newVault(o.Keys, o.Sandbox)
	return db, err
}

func (db *DB) connectWriter() (*Conn, error) {
	return connect(db, db.path, "rw", db.options.Sync.pragma(), "wal_autocheckpoint(0)", "cache_size(-8000)", "temp_store(MEMORY)")
}

func (db *DB) create(fill func(*Tx) error) (err error) {
	c, err := db.connectWriter()
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close())
		}
	}()
	w := newWriter(db, c)
	db.tally.reset(nil)
	if err := w.begin(); err != nil {
		return err
	}
	if fill != nil {
		if err := w.call(fill); err != nil {
			return err
		}
		w.merge()
	}
	if db.vault != nil {
		if err := w.tx.SetMeta(metaKey, db.vault.keys[0].id); err != nil {
			return err
		}
	}
	if err := c.script("UPDATE state SET ready = 1; PRAGMA user_version = " + strconv.Itoa(version)); err != nil {
		return err
	}
	if err := w.commit(); err != nil {
		return err
	}
	w.start()
	return nil
}

// Open opens a file that Create finished.
func Open(path string, o Options) (*DB, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	db, err := newDB(path, o)
	if err != nil {
		return nil, err
	}
	indexes, err := db.defineIndexes()
	if err != nil {
		return nil, err
	}
	if err := db.open(indexes); err != nil {
		return nil, fmt.Errorf("store: open %s: %w", path, err)
	}
	return db, nil
}

func (db *DB) open(indexes []definition) (err error) {
	c, err := db.connectWriter()
	if err != nil {
		return foreign(err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close())
		}
	}()
	seq, draws, err := checkFile(c)
	if err != nil {
		return foreign(err)
	}
	if err := c.script("PRAGMA journal_mode = WAL"); err != nil {
		return err
	}
	w := newWriter(db, c)
	db.seq.Store(seq)
	db.draws.Store(draws)
	w.saved, w.drawn = seq, draws
	if err := syncIndexes(c, indexes); err != nil {
		return err
	}
	if err := db.checkSeal(w); err != nil {
		return err
	}
	w.start()
	return nil
}

// connect opens one more connection. Stopping waits for it, and it reads once, so that it holds the
// files of this sandbox and not those of a later one of the same name.
func (db *DB) connect(pragmas ...string) (*Conn, error) {
	db.gate.RLock()
	defer db.gate.RUnlock()
	if db.closed {
		return nil, ErrClosed
	}
	c, err := connect(db, db.path, "rw", pragmas...)
	if err != nil {
		return nil, err
	}
	if _, _, err := c.one("SELECT seq FROM state"); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// Path is where the file is.
func (db *DB) Path() string { return db.path }

// Seq is the last number that was handed out, committed or not.
func (db *DB) Seq() int64 { return db.seq.Load() }

// View runs fn with a connection that can only read. It sees every write that was answered before.
func (db *DB) View(fn func(*Conn) error) error {
	c, err := db.readers.get()
	if err != nil {
		return err
	}
	defer db.readers.put(c)
	return fn(c)
}

// Close finishes the writes that are queued, works off the log and closes the file.
func (db *DB) Close() error {
	db.end.Do(func() {
		db.stop()
		db.err = db.shut()
	})
	return db.err
}

// Discard closes the file without finishing what is queued and deletes it. The deleting is quick
// whatever is in there; connections that are busy close behind it.
func (db *DB) Discard() error {
	db.end.Do(func() {
		db.writer.drop.Store(true)
		db.stop()
		if runtime.GOOS == "windows" { // cannot delete open files
			db.err = errors.Join(db.shut(), Remove(db.path))
			return
		}
		// SQLite neither works off nor deletes the log of a file that is gone, so a new
		// file of the same name is safe from the old one's closing.
		db.err = Remove(db.path)
		go db.shut()
	})
	return db.err
}

// stop refuses new work.
func (db *DB) stop() {
	db.gate.Lock()
	db.closed = true
	close(db.writer.queue)
	db.gate.Unlock()
	db.readers.stop()
}

// shut waits for the work under way and closes the connections, the writer's last: SQLite
// works off and removes the log when the last one goes.
func (db *DB) shut() error {
	<-db.writer.ended
	return errors.Join(db.log.close(), db.readers.close(), db.writer.close())
}

// Remove deletes a file that nobody has open, and what SQLite may have left beside it.
func Remove(path string) error {
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, removeLogs(path))
}

const unfinished = ".new" // suffix of a template on its way

func removeLogs(path string) error {
	var all error
	for _, suffix := range []string{"-wal", "-shm", "-journal", unfinished} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			all = errors.Join(all, err)
		}
	}
	return all
}

// checkFile refuses what this program did not finish or did not write. It tells how far the sequence is.
func checkFile(c *Conn) (seq, draws int64, err error) {
	r, _, err := c.one(`SELECT (SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version),
		(SELECT count(*) FROM sqlite_schema)`)
	if err != nil {
		return 0, 0, err
	}
	app, have, tables := r.int(0), r.int(1), r.int(2)
	switch {
	case have == 0 && (tables == 0 || app == application):
		return 0, 0, ErrNotReady
	case app != application:
		return 0, 0, fmt.Errorf("%w: it belongs to another program; %s", ErrVersion, remedy)
	case have != version:
		return 0, 0, fmt.Errorf("%w: it has version %d and this program reads %d; %s", ErrVersion, have, version, remedy)
	}
	r, ok, err := c.one("SELECT seq, ready, draws FROM state WHERE id = 1")
	if err != nil {
		return 0, 0, err
	}
	if !ok || r.int(1) != 1 {
		return 0, 0, ErrNotReady
	}
	return r.int(0), r.int(2), nil
}

const remedy = "run `sandgate reset` to start from a fresh one"

// foreign turns SQLite's word for a file that is none of its own into ours.
func foreign(err error) error {
	if notDatabase(err) {
		return fmt.Errorf("%w: it is no SQLite file; %s", ErrVersion, remedy)
	}
	return err
}
