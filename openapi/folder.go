package openapi

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

const (
	maxFiles = 1_000 // of one document
	openMode = os.O_RDONLY | syscall.O_NONBLOCK
)

// folder is where a document's files are. Nothing outside it is read, not by way of symbolic links either.
type folder struct {
	dir   string
	root  *os.Root
	files int           // that were read
	size  int           // of all of them
	sums  []fingerprint // of them
}

// openFolder opens the folder of a path, and says which file in it is the document.
func openFolder(path string) (*folder, string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, "", err
	}
	f := &folder{dir: path}
	name := ""
	if !info.IsDir() {
		if !info.Mode().IsRegular() {
			return nil, "", fmt.Errorf("%s: want a file or a folder", path)
		}
		// The file that was named may be a link to elsewhere; then its folder is there.
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return nil, "", err
		}
		f.dir, name = filepath.Dir(path), filepath.Base(path)
	}
	if f.root, err = os.OpenRoot(f.dir); err != nil {
		return nil, "", err
	}
	if name == "" {
		if name, err = f.findRoot(); err != nil {
			f.close()
			return nil, "", err
		}
		f.files, f.size = 0, 0
	}
	return f, name, nil
}

func (f *folder) close() { _ = f.root.Close() }

func (f *folder) path(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

// read reads a file of the folder. All of them together are held to the limit of one document.
func (f *folder) read(name string) ([]byte, error) {
	if f.files++; f.files > maxFiles {
		return nil, fmt.Errorf("the document has more than %d files", maxFiles)
	}
	file, err := f.root.OpenFile(filepath.FromSlash(name), openMode, 0)
	if err != nil {
		return nil, err
	}
	data, err := readOpen(file, f.path(name), MaxDocument-f.size)
	f.size += len(data)
	if err == nil {
		f.sums = append(f.sums, fingerprint{name, sumOf(data)})
	}
	return data, err
}

// restart forgets what was read but for the first file.
func (f *folder) restart(root []byte) { f.files, f.size, f.sums = 1, len(root), nil }

// readFile reads a file that the user named.
func readFile(path string) ([]byte, error) {
	file, err := os.OpenFile(path, openMode, 0)
	if err != nil {
		return nil, err
	}
	return readOpen(file, path, MaxDocument)
}

// readOpen reads and closes a file that may turn out to be a pipe, a device, or longer than it said.
func readOpen(file *os.File, name string, limit int) ([]byte, error) {
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: want a file", name)
	}
	var b bytes.Buffer
	b.Grow(int(min(info.Size(), int64(limit))) + bytes.MinRead)
	_, err = b.ReadFrom(io.LimitReader(file, int64(limit)+1))
	data := b.Bytes()
	if err == nil && len(data) > limit {
		err = fmt.Errorf("%s: the document has more than %d bytes, all its files together", name, MaxDocument)
	}
	return data, err
}
