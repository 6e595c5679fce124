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
	source, target := filepath.Join(dir, "deck.yaml"), filepath.Join(dir, "deck.json")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(source, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("cards:\n  - {number: '4242424242424242', brand: visa, outcome: accepted, about: x}\n")
	for range 2 {
		if err := run(dir); err != nil {
			t.Fatal(err)
		}
	}
	first, err := os.ReadFile(target)
	if err != nil || string(first) != `{"cards":[{"number":"4242424242424242","brand":"visa","outcome":"accepted","about":"x"}]}` {
		t.Fatalf("%s %v", first, err)
	}
	write("crads: []\n")
	if err := run(dir); err == nil || !strings.HasPrefix(err.Error(), "deck.yaml:") {
		t.Errorf("a broken file: %v", err)
	}
	if kept, _ := os.ReadFile(target); !bytes.Equal(first, kept) {
		t.Error("a broken file changed what was there")
	}
}
