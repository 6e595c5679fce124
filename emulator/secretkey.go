package emulator

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/emulator/store"
)

// keyFile is made beside the sandboxes' files when no key is given.
const keyFile = "secret.key"

// secretKeys finds the key that seals secrets at rest: one that was given, one in a file, the one that the data folder made for
// itself at its first start, or, for a folder that goes at exit, one that nobody ever sees.
func (s *Server) secretKeys(w *sandbox.Options, o Options) (err error) {
	switch {
	case o.SecretKey != "":
		if w.Keys, err = store.ParseKeys(o.SecretKey); err != nil {
			return fmt.Errorf("SANDGATE_SECRET_KEY: %w", err)
		}
	case o.SecretKeyFile != "":
		if open, err := readableByOthers(o.SecretKeyFile); err == nil && open {
			o.Log.Warn("the key file can be read by others than its owner", "file", o.SecretKeyFile)
		}
		w.Keys, err = readKeys(o.SecretKeyFile)
	case o.Data != "":
		w.Keys, err = ownKey(o.Data)
	default:
		w.Keys, err = store.NewKeys(newKey())
	}
	return err
}

func newKey() []byte {
	key := make([]byte, store.KeySize)
	_, _ = rand.Read(key) // never fails: without randomness the process ends
	return key
}

func readKeys(file string) (*store.Keys, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	keys, err := store.ParseKeys(string(text))
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", file, err)
	}
	return keys, nil
}

// ownKey reads the data folder's own key, or makes it at the first start. A folder that has sandboxes and no key has lost
// it, and a new one would open nothing. The folder is locked.
func ownKey(dir string) (*store.Keys, error) {
	file := filepath.Join(dir, keyFile)
	open, err := readableByOthers(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return makeKey(dir, file)
	case err != nil:
		return nil, err
	case open:
		return nil, fmt.Errorf("%s can be read by others than its owner, and it opens every secret in the folder: chmod 600 %s", file, file)
	}
	return readKeys(file)
}

func makeKey(dir, file string) (*store.Keys, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	made := slices.DeleteFunc(files, func(f fs.DirEntry) bool { return filepath.Ext(f.Name()) != ".db" })
	if len(made) > 0 {
		return nil, fmt.Errorf("%s is not there, and %d files of sandboxes are, whose secrets it opens: put it back, give the key by SANDGATE_SECRET_KEY or --secret-key-file, or start from an empty folder", file, len(made))
	}
	key := newKey()
	f, err := os.CreateTemp(dir, keyFile+".*") // 0600; whole or not at all
	if err != nil {
		return nil, err
	}
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(key) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		return nil, errors.Join(err, os.Remove(f.Name()))
	}
	return store.NewKeys(key)
}

// readableByOthers is about the mode bits, which mean nothing on Windows.
func readableByOthers(file string) (bool, error) {
	info, err := os.Stat(file)
	if err != nil {
		return false, err
	}
	return runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0, nil
}

// unlock opens a sandbox of the folder if there is one, so that a wrong key is found at start and not by the first request. One
// stands for all: a folder has one key.
func (s *Server) unlock() error {
	names := s.world.Names()
	if len(names) == 0 {
		return nil
	}
	name := names[0]
	if slices.Contains(names, sandbox.DefaultName) {
		name = sandbox.DefaultName
	}
	box, err := s.world.Sandbox(name)
	if err == nil {
		_, err = box.Endpoints()
	}
	if errors.Is(err, store.ErrSealed) {
		return err
	}
	return nil // whatever else is wrong, the one who uses it is told
}
