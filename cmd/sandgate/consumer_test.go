package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// Published contracts that stand beside the project, and programs that use a
// provider through its own library.
var (
	publishedSpecs, _ = filepath.Abs("../../../shared/specs")
	consumersDir, _   = filepath.Abs("testdata/consumers")
)

func haveSpecs() bool {
	_, err := os.Stat(publishedSpecs)
	return err == nil
}

// haveConsumer reports whether a consumer's library can be had.
func haveConsumer(name string) bool {
	_, err := fetchConsumer(name)
	return err == nil
}

// fetchConsumer brings a consumer's library, unless it is there: modules of Go
// into their cache, packages of Node into a folder of the user's cache.
func fetchConsumer(name string) (dir string, err error) {
	source := filepath.Join(consumersDir, name)
	if _, err := os.Stat(filepath.Join(source, "go.mod")); err == nil {
		return source, exec.Command("go", "-C", source, "mod", "download").Run()
	}
	cache := os.Getenv("SANDGATE_CONSUMERS")
	if cache == "" {
		if cache, err = os.UserCacheDir(); err != nil {
			return "", err
		}
		cache = filepath.Join(cache, "sandgate-consumers")
	}
	dir = filepath.Join(cache, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	files, err := os.ReadDir(source)
	if err != nil {
		return "", err
	}
	lock := ""
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(source, f.Name()))
		if err == nil && f.Name() == "package-lock.json" {
			old, _ := os.ReadFile(filepath.Join(dir, f.Name()))
			lock = string(data)
			if string(old) == lock {
				lock = "" // what it names was installed
			}
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, f.Name()), data, 0o644)
		}
		if err != nil {
			return "", err
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err == nil && lock == "" {
		return dir, nil
	}
	install := exec.Command("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--omit=peer")
	install.Dir = dir
	return dir, install.Run()
}

// runConsumer runs a consumer's own tests on the server.
func runConsumer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: consumer NAME")
	}
	dir, err := fetchConsumer(args[0])
	ts.Check(err)
	cmd := exec.Command("go", "test", "-v", "-count=1", ".")
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		cmd = exec.Command("node", "--test", "--test-reporter=tap", ".")
	}
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "SANDGATE_URL="+ts.Getenv("URL"))
	out, err := cmd.CombinedOutput()
	ts.Check(os.WriteFile(ts.MkAbs("consumer.log"), out, 0o644))
	if err != nil {
		ts.Fatalf("%s: %v\n%s", args[0], err, strings.TrimSpace(string(out)))
	}
}
