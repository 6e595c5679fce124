package store

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
)

// templates keeps an empty file per list of indexes: making tables is most of what a fresh file costs,
// and a process makes many.
var templates struct {
	sync.Mutex
	files map[string][]byte
}

// template is a file with all tables, marked as ours and as unfinished.
func template(indexes string) ([]byte, error) {
	templates.Lock()
	defer templates.Unlock()
	if file, ok := templates.files[indexes]; ok {
		return file, nil
	}
	file, err := build(indexes)
	if err != nil {
		return nil, err
	}
	if templates.files == nil {
		templates.files = map[string][]byte{}
	}
	templates.files[indexes] = file
	return file, nil
}

func build(indexes string) (file []byte, err error) {
	d, err := engine()
	if err != nil {
		return nil, err
	}
	raw, err := d.Open(":memory:")
	if err != nil {
		return nil, err
	}
	c := &Conn{raw: raw}
	defer func() { err = errors.Join(err, c.close()) }()
	s, ok := raw.(interface{ Serialize() ([]byte, error) })
	if !ok {
		return nil, errors.New("store: the driver's connection lacks Serialize")
	}
	err = c.script("PRAGMA page_size = " + strconv.Itoa(pageSize) + "; BEGIN; " + schema + indexes +
		"INSERT INTO state (id, seq, ready) VALUES (1, 0, 0); PRAGMA application_id = " + strconv.Itoa(application) + "; COMMIT")
	if err != nil {
		return nil, err
	}
	if file, err = s.Serialize(); err != nil {
		return nil, err
	}
	const write, read = 18, 19 // in the header: the format versions, 2 = write-ahead log
	if len(file) < 100 {
		return nil, fmt.Errorf("store: a template of %d bytes", len(file))
	}
	file[write], file[read] = 2, 2
	return file, nil
}

// lay puts a template at path, whole or not at all. Nobody else may have made a file there.
func lay(path string, template []byte, wait bool) error {
	taken, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := taken.Close(); err != nil {
		return err
	}
	if err := removeLogs(path); err != nil {
		return err
	}
	f, err := os.OpenFile(path+unfinished, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(template)
	if err == nil && wait {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(path+unfinished, path)
}
