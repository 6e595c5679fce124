package main

import (
	"bufio"
	"os"
	"os/exec"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// runNode starts a program of the script's files and takes its first line of
// output, which says that it is ready, as the value of a variable.
func runNode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: node NAME [VARIABLE=VALUE…] SCRIPT [ARG…]")
	}
	name, args, env := args[0], args[1:], os.Environ()
	for len(args) > 1 && regexp.MustCompile(`^[A-Z_]+=`).MatchString(args[0]) {
		env, args = append(env, args[0]), args[1:]
	}
	cmd := exec.Command("node", args...)
	cmd.Env = env
	cmd.Dir = ts.MkAbs(".")
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	ts.Check(err)
	ts.Setenv(name, strings.TrimSpace(line))
}
