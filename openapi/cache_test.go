package openapi_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sandgate/sandgate/openapi"
)

const cachedShop = `openapi: 3.0.3
info: {title: Shop, version: 1.0}
servers: [{url: /v1}]
paths:
  /things:
    parameters: [{name: q, in: query, schema: {type: string}}]
    get: {operationId: list, tags: [a, b], summary: Lists, responses: {200: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}}}
    POST: {responses: {201: {description: made}}}
  /things/{id}: {get: {responses: {200: {description: ok, content: {application/json: {schema: {$ref: 'parts/thing.yaml'}}}}}}}
  /linked: {$ref: '#/x-items/linked'}
x-items: {linked: {put: {responses: {200: {description: ok}}}}}
components:
  schemas: {Thing: {type: object, required: [name], properties: {name: {type: string}}}, Other: {type: string}}
  parameters: {}
`

// cachedDocument is a folder with a contract in two files, and a cache.
type cachedDocument struct {
	t           *testing.T
	dir, cache  string
	kept        int // how often something was to be kept
	version     string
	overlays    []string
	main, other string
}

func newCachedDocument(t *testing.T) *cachedDocument {
	c := &cachedDocument{t: t, dir: t.TempDir(), cache: filepath.Join(t.TempDir(), "contracts"), version: "1"}
	c.main, c.other = filepath.Join(c.dir, "shop.yaml"), filepath.Join(c.dir, "parts", "thing.yaml")
	c.write(c.main, cachedShop)
	c.write(c.other, "type: object\nproperties: {id: {type: string}}\n")
	return c
}

func (c *cachedDocument) write(path, text string) {
	c.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		c.t.Fatal(err)
	}
}

func (c *cachedDocument) open() *openapi.Document {
	c.t.Helper()
	d, err := openapi.Open(c.main, openapi.OpenOptions{Cache: c.cache, Version: c.version, Overlays: c.overlays, Later: func(keep func()) { c.kept++; keep() }})
	if err != nil {
		c.t.Fatal(err)
	}
	return d
}

// hit opens the document and says whether it came from the cache.
func (c *cachedDocument) hit() (*openapi.Document, bool) {
	c.t.Helper()
	before := c.kept
	d := c.open()
	return d, c.kept == before
}

func (c *cachedDocument) files() []string {
	c.t.Helper()
	list, err := filepath.Glob(filepath.Join(c.cache, "*"))
	if err != nil {
		c.t.Fatal(err)
	}
	return list
}

// shape is what can be seen of a document.
func shape(t *testing.T, d *openapi.Document) map[string]any {
	t.Helper()
	out := map[string]any{"raw": string(d.Raw()), "title": d.Title(), "version": d.Version(), "openapi": d.OpenAPI(), "repairs": d.Repairs(), "servers": d.ServerPaths(), "field": string(d.Field("x-items"))}
	for _, kind := range []string{"schemas", "parameters", "responses"} {
		out[kind] = d.Names(kind)
		for _, name := range d.Names(kind) {
			raw, _ := d.Component(kind, name)
			out[kind+name] = string(raw)
		}
	}
	for _, o := range d.Operations() {
		byKey, _ := d.Operation(o.Key())
		out[o.Key()] = []any{byKey == o, d.ReplyNames(o), o.ID, o.Segments, o.Tags, o.Summary, string(o.Raw())}
		plan, err := d.Plan(o)
		if err != nil {
			t.Fatal(err)
		}
		out[o.Key()+" plan"] = []any{len(plan.Params), plan.Success, plan.Reply(plan.Success).Schema == nil}
	}
	return out
}

func TestCacheHit(t *testing.T) {
	c := newCachedDocument(t)
	first, hit := c.hit()
	if hit {
		t.Fatal("found before it was there")
	}
	if len(c.files()) != 1 {
		t.Fatalf("kept %v", c.files())
	}
	if info, err := os.Stat(c.files()[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	again, hit := c.hit()
	if !hit {
		t.Fatal("not found again")
	}
	if diff := cmp.Diff(shape(t, first), shape(t, again)); diff != "" {
		t.Errorf("the cache changes the document: %s", diff)
	}
}

// What is not what was compiled is compiled anew.
func TestCacheMiss(t *testing.T) {
	for name, change := range map[string]func(*cachedDocument){
		"the document":      func(c *cachedDocument) { c.write(c.main, strings.Replace(cachedShop, "Shop", "Shed", 1)) },
		"a file of it":      func(c *cachedDocument) { c.write(c.other, "type: object\n") },
		"a file is gone":    func(c *cachedDocument) { _ = os.Remove(c.other) },
		"who reads":         func(c *cachedDocument) { c.version = "2" },
		"an overlay":        func(c *cachedDocument) { c.overlays = []string{filepath.Join(c.dir, "overlay.yaml")} },
		"the cache is gone": func(c *cachedDocument) { _ = os.RemoveAll(c.cache) },
	} {
		t.Run(name, func(t *testing.T) {
			c := newCachedDocument(t)
			c.write(filepath.Join(c.dir, "overlay.yaml"), "overlay: 1.0.0\ninfo: {title: x, version: '1'}\nactions: [{target: $.info, update: {title: Changed}}]\n")
			c.open()
			change(c)
			if _, hit := c.hit(); hit {
				t.Error("what was compiled of something else was used")
			}
			if _, hit := c.hit(); !hit {
				t.Error("what changed was not kept")
			}
		})
	}
}

// No damage to a cached file is believed, and none lasts.
func TestCacheDamaged(t *testing.T) {
	c := newCachedDocument(t)
	want := shape(t, c.open())
	path := c.files()[0]
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damaged := [][]byte{nil, []byte("x"), good[:len(good)-1], append(bytes.Clone(good), 0), good[:40], bytes.Repeat([]byte{0xff}, len(good))}
	for at := 0; at < len(good); at += 1 + len(good)/200 {
		broken := bytes.Clone(good)
		broken[at] ^= 0x40
		damaged = append(damaged, broken)
	}
	for i, text := range damaged {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		d, hit := c.hit()
		if hit {
			t.Errorf("damage %d was not noticed", i)
		}
		if diff := cmp.Diff(want, shape(t, d)); diff != "" {
			t.Fatalf("damage %d: %s", i, diff)
		}
		if now, err := os.ReadFile(path); err != nil || len(now) != len(good) {
			t.Fatalf("damage %d was not made good: %d bytes, %v", i, len(now), err)
		}
	}
}

// Damage with a right checksum, as whoever may write the folder can make it, may change what is served and nothing else: nothing panics, and no number
// in the file is taken for an amount of memory.
func TestCacheForged(t *testing.T) {
	const magic = len("sandgate contract")
	c := newCachedDocument(t)
	c.open()
	path := c.files()[0]
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	forge := func(text []byte) {
		t.Helper()
		binary.LittleEndian.PutUint32(text[magic+4:], crc32.Checksum(text[magic+8:], crc32.MakeTable(crc32.Castagnoli)))
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := openapi.Open(c.main, openapi.OpenOptions{Cache: c.cache, Version: c.version})
		if err != nil {
			return
		}
		for _, o := range d.Operations() {
			_, _ = d.Plan(o)
		}
	}
	for at := magic + 8; at < len(good); at += 1 + len(good)/400 {
		for _, b := range []byte{0, 0xff, good[at] ^ 1} {
			text := bytes.Clone(good)
			text[at] = b
			forge(text)
		}
	}
}

// A cache that cannot be is none.
func TestCacheOutOfReach(t *testing.T) {
	c := newCachedDocument(t)
	c.write(c.cache, "a file where a folder is wanted")
	want := shape(t, c.open())
	if diff := cmp.Diff(want, shape(t, c.open())); diff != "" {
		t.Error(diff)
	}
	if os.Getuid() == 0 {
		return // whom nothing is read-only for
	}
	locked := t.TempDir()
	if err := os.Chmod(locked, 0o500); err != nil {
		t.Fatal(err)
	}
	c.cache = filepath.Join(locked, "contracts")
	if diff := cmp.Diff(want, shape(t, c.open())); diff != "" {
		t.Error(diff)
	}
}

// Many at once read whole documents or none.
func TestCacheTogether(t *testing.T) {
	c := newCachedDocument(t)
	want := shape(t, c.open())
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			for range 20 {
				o := openapi.OpenOptions{Cache: c.cache, Version: strconv.Itoa(n % 2)}
				d, err := openapi.Open(c.main, o)
				if err != nil || string(d.Raw()) != want["raw"] || len(d.Operations()) != 4 {
					t.Errorf("%v", err)
					return
				}
			}
		})
	}
	all.Wait()
	for _, path := range c.files() {
		if !strings.HasSuffix(path, ".contract") {
			t.Errorf("%s was left behind", path)
		}
	}
}

// Old files go, and what killed writers left; what is not ours stays.
func TestCachePrunes(t *testing.T) {
	c := newCachedDocument(t)
	c.open()
	old := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for n := range 40 {
		for _, name := range []string{strconv.Itoa(n) + ".contract", ".new-" + strconv.Itoa(n), strconv.Itoa(n) + ".mine"} {
			path := filepath.Join(c.cache, name)
			c.write(path, "x")
			if err := os.Chtimes(path, old, old); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.version = "2"
	c.open()
	count := map[string]int{}
	for _, path := range c.files() {
		count[filepath.Ext(path)]++
	}
	hidden, err := filepath.Glob(filepath.Join(c.cache, ".new-*"))
	if err != nil {
		t.Fatal(err)
	}
	if count[".contract"] != 24 || count[".mine"] != 40 || len(hidden) > 4 {
		t.Errorf("%v and %d unfinished ones are left", count, len(hidden))
	}
	if _, hit := c.hit(); !hit {
		t.Error("the newest is gone")
	}
}
