package openapi

import (
	"cmp"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	cachedSuffix = ".contract"
	maxCached    = 24       // files that a folder keeps …
	maxCachedAll = 96 << 20 // … and their bytes, but for the newest
)

// sumOf is a file's fingerprint: GCM's authenticator under a key that everybody knows, fifteen times as fast as SHA-256 where the processor has no
// instruction for that. It tells files apart that differ by accident; who may write the document, or the folder, has no need to make two alike.
func sumOf(data []byte) (sum [16]byte) {
	block, err := aes.NewCipher([]byte("sandgate content"))
	if err != nil {
		return sum
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return sum
	}
	copy(sum[:], gcm.Seal(nil, make([]byte, gcm.NonceSize()), nil, data))
	return sum
}

// cache is a folder of compiled documents, and the place in it of the one that is being opened. It never gets in the way: what it cannot read or write
// is as if it were not there.
type cache struct {
	dir  string
	name string
}

// newCache finds the place of a document: by what its first file and its overlays hold, and by who we are.
func newCache(o OpenOptions, root []byte, overlays [][]byte) *cache {
	if o.Cache == "" {
		return nil
	}
	var all []byte
	for _, part := range append([][]byte{root}, overlays...) {
		sum := sumOf(part)
		all = binary.AppendUvarint(append(all, sum[:]...), uint64(len(part)))
	}
	all = append(binary.AppendUvarint(all, compiledFormat), o.Version...)
	return &cache{dir: o.Cache, name: fmt.Sprintf("%x", sumOf(all)) + cachedSuffix}
}

// load reads the document from the cache; nil if it is not there, or made of files that have changed since.
func (c *cache) load(f *folder) *Document {
	if c == nil {
		return nil
	}
	data, err := os.ReadFile(filepath.Join(c.dir, c.name))
	if err != nil {
		return nil
	}
	d, files, err := decompile(data)
	if err != nil {
		return nil
	}
	for _, file := range files {
		now, err := f.read(file.name)
		if err != nil || sumOf(now) != file.sum {
			return nil
		}
	}
	return d
}

// keep writes the document, whole or not at all: readers and other writers never see half of one.
func (c *cache) keep(d *Document, files []fingerprint) {
	if os.MkdirAll(c.dir, 0o700) != nil {
		return
	}
	f, err := os.CreateTemp(c.dir, ".new-*") // 0600
	if err != nil {
		return
	}
	_, err = f.Write(d.compile(files))
	if no := f.Close(); err == nil {
		err = no
	}
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(c.dir, c.name))
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return
	}
	c.prune()
}

// prune removes the oldest files beyond the limits, and what writers that were killed left behind.
func (c *cache) prune() {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return
	}
	type file struct {
		name string
		size int64
		made time.Time
	}
	var kept, left []file
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		entry := file{e.Name(), info.Size(), info.ModTime()}
		if strings.HasSuffix(e.Name(), cachedSuffix) {
			kept = append(kept, entry)
		} else if strings.HasPrefix(e.Name(), ".new-") {
			left = append(left, entry)
		}
	}
	newest := func(a, b file) int { return cmp.Or(b.made.Compare(a.made), cmp.Compare(a.name, b.name)) }
	slices.SortFunc(kept, newest)
	slices.SortFunc(left, newest)
	total := int64(0)
	for i, f := range kept {
		if total += f.size; i > 0 && f.name != c.name && (i >= maxCached || total > maxCachedAll) {
			_ = os.Remove(filepath.Join(c.dir, f.name))
		}
	}
	for _, f := range left[min(len(left), 4):] { // a few may be being written
		_ = os.Remove(filepath.Join(c.dir, f.name))
	}
}
