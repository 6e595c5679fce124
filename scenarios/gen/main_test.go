package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	dir := t.TempDir()
	sample, err := os.ReadFile("../testdata/valid/sample.yaml")
	if err != nil {
		t.Fatal(err)
	}
	source, target := filepath.Join(dir, "sample.yaml"), filepath.Join(dir, "sample.json")
	write := func(data []byte) {
		t.Helper()
		if err := os.WriteFile(source, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(sample)
	if err := run(dir); err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(target)
	if err != nil || !bytes.HasPrefix(first, []byte(`{"provider":"sample"`)) {
		t.Fatalf("%.80s %v", first, err)
	}
	if err := os.Remove(target); err != nil {
		t.Fatal(err)
	}
	if err := run(dir); err != nil {
		t.Fatal(err)
	}
	if again, _ := os.ReadFile(target); !bytes.Equal(first, again) {
		t.Error("other bytes for the same file")
	}
	folder := filepath.Join(dir, "folder")
	if err := os.CopyFS(folder, os.DirFS("../testdata/folder")); err != nil {
		t.Fatal(err)
	}
	if err := run(dir); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(folder + ".json")
	if err != nil || !bytes.HasPrefix(whole, []byte(`{"provider":"folder"`)) || !bytes.Contains(whole, []byte(`"file":"folder/plans.yaml"`)) {
		t.Fatalf("%.80s %v", whole, err)
	}
	write([]byte("provider: sample\ncontarct: sample\n"))
	if err := run(dir); err == nil || !strings.HasPrefix(err.Error(), "sample.yaml:2:1: ") {
		t.Errorf("a broken file: %v", err)
	}
	if kept, _ := os.ReadFile(target); !bytes.Equal(first, kept) {
		t.Error("a broken file changed what was there")
	}
}
