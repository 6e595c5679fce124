package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// sourceDocuments are the texts that the product must satisfy. They stand
// beside the project and are not part of it.
const sourceDocuments = "../../../shared/seeds"

// documents is where they are, known before a script changes the folder.
var documents, _ = filepath.Abs(sourceDocuments)

func haveSeeds() bool {
	_, err := os.Stat(documents)
	return err == nil
}

// takeSeed copies a part of a source document, as its reader would: from one
// text up to another, which is left out.
func takeSeed(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: seed DOCUMENT FROM TO FILE")
	}
	found, err := filepath.Glob(filepath.Join(documents, args[0]+"_*.txt"))
	ts.Check(err)
	if len(found) != 1 {
		ts.Fatalf("there is no source document %s in %s", args[0], sourceDocuments)
	}
	raw, err := os.ReadFile(found[0])
	ts.Check(err)
	_, rest, ok := strings.Cut(string(raw), args[1])
	if !ok {
		ts.Fatalf("source document %s has no %q", args[0], args[1])
	}
	part, _, ok := strings.Cut(rest, args[2])
	if !ok {
		ts.Fatalf("source document %s has no %q after %q", args[0], args[2], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[3]), []byte(args[1]+part+"\n"), 0o600))
}
