package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func envOf(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

// settled runs the flags of serve as far as the options, and no further.
func settled(t *testing.T, vars map[string]string, args ...string) (*serveOptions, error) {
	t.Helper()
	a := &app{getenv: envOf(vars), stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{}, source: map[string]string{}}
	o := &serveOptions{a: a}
	root := a.root()
	cmd, _, err := root.Find([]string{"serve"})
	if err != nil {
		t.Fatal(err)
	}
	cmd.ResetFlags()
	o.flags(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		o.providers = args
		return o.settle()
	}
	root.SetArgs(append([]string{"serve"}, args...))
	return o, root.ExecuteContext(context.Background())
}

func TestPortAndListen(t *testing.T) {
	file := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(file, []byte("port: 4000\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		env  string
		args string
		want string
	}{
		{"", "", "127.0.0.1:7420"},
		{"", "--port 0", "127.0.0.1:0"},
		{"", "--port 81", "127.0.0.1:81"},
		{"PORT=82", "", "127.0.0.1:82"},
		{"PORT=82 SANDGATE_PORT=83", "", "127.0.0.1:83"},
		{"PORT=82 SANDGATE_PORT=83", "--port 84", "127.0.0.1:84"},
		{"PORT=82 SANDGATE_LISTEN=[::1]:85", "", "[::1]:82"},
		{"PORT=82 SANDGATE_PORT=83", "--listen localhost:86", "localhost:86"},
		{"SANDGATE_LISTEN=127.0.0.2:87", "", "127.0.0.2:87"},
		{"SANDGATE_LISTEN=127.0.0.2:87", "--listen 127.0.0.3:88", "127.0.0.3:88"},
		{"", "--listen 127.0.0.3:88 --port 89", "127.0.0.3:89"},
		{"", "--config " + file, "127.0.0.1:4000"},
		{"PORT=82", "--config " + file, "127.0.0.1:82"},
	} {
		vars := map[string]string{}
		for _, v := range strings.Fields(c.env) {
			name, value, _ := strings.Cut(v, "=")
			vars[name] = value
		}
		o, err := settled(t, vars, strings.Fields(c.args)...)
		if err != nil || o.listen != c.want {
			t.Errorf("%s %s: listens on %s (%v), want %s", c.env, c.args, o.listen, err, c.want)
		}
	}
}

// TestEveryFlagHasAnEnvironmentVariable: set, it reaches the flag.
func TestEveryFlagHasAnEnvironmentVariable(t *testing.T) {
	brings := func(name string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte("provider: x\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return "x=" + path
	}
	values := map[string]string{
		"data": "d", "clock": "x60", "start": "2026-01-01T00:00:00Z", "seed": "9", "listen": "127.0.0.1:2", "port": "2", "set": "a=b,c=d",
		"reset-cron": "0 2 * * *", "reset-zone": "America/Sao_Paulo", "egress": "none", "signature-time": "sandbox", "public-url": "https://x.example",
		"allow-host": "a.example,b.example", "control-token": "t", "control-auth": "off", "control-addr": "127.0.0.1:3", "max-sandboxes": "4",
		"strict": "true", "check-replies": "true", "check": "true", "ready-file": "r", "log-level": "warn", "log-format": "json",
		"keys": "strict", "environment": "sandbox", "rate-limit": "5/10", "secret-key-file": "k", "trust-proxy": "10.0.0.0/8",
		"webhook-order": "shuffle", "webhook-duplicates": "10%",
		"spec": brings("x.json"), "scenario": brings("x.yaml"), "overlay": brings("o.yaml"), "unknown-ids": "create", "cache": "c",
	}
	vars := map[string]string{}
	for name, value := range values {
		vars[envName(name)] = value
	}
	o, err := settled(t, vars)
	if err != nil {
		t.Fatal(err)
	}
	o.set.VisitAll(func(f *pflag.Flag) {
		if f.Name == "help" || f.Name == "config" {
			return
		}
		if want, ok := values[f.Name]; !ok || strings.Trim(f.Value.String(), "[]") != want {
			t.Errorf("--%s is %q, want %q", f.Name, f.Value, want)
		}
	})
	if e := o.emulator; e.Set["a"] != "b" || e.Set["c"] != "d" || len(e.AllowHosts) != 2 || e.Seed != 9 {
		t.Errorf("options: %+v", e)
	}
}

func TestProvidersFromTheEnvironment(t *testing.T) {
	vars := map[string]string{"SANDGATE_PROVIDERS": " killb "}
	o, err := settled(t, vars)
	if err != nil || len(o.emulator.Providers) != 1 || o.emulator.Providers[0] != "killb" {
		t.Errorf("providers %v, %v", o.emulator.Providers, err)
	}
	if _, err := settled(t, nil, "killb", "killb"); err == nil {
		t.Error("the same provider twice is accepted")
	}
}

func TestTrustOfListen(t *testing.T) {
	for args, refused := range map[string]bool{
		"--listen 127.0.0.1:0": false, "--listen [::1]:0": false, "--listen localhost:0": false, "--listen 127.9.9.9:0": false,
		"--listen :0": true, "--listen 0.0.0.0:0": true, "--listen [::]:0": true, "--listen 10.0.0.1:0": true, "--listen example.com:0": true,
		"--listen :0 --control-token x": false, "--listen :0 --control-auth off": false, "--listen :0 --control-addr localhost:0": false,
		"--listen localhost:0 --control-addr :0": true, "--listen :0 --control-auth maybe": true,
	} {
		if _, err := settled(t, nil, strings.Fields(args)...); (err != nil) != refused {
			t.Errorf("%s: %v", args, err)
		}
	}
}

func TestSuggest(t *testing.T) {
	known := []string{"advance", "get", "set", "seed", "serve"}
	for word, want := range map[string]string{
		"advnace": "; did you mean advance?", "serv": "; did you mean serve?",
		"zzz": "; there are advance, get, seed, serve, set",
	} {
		if got := suggest("", word, known); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
}

// TestCleanOutput: stored text cannot drive a terminal.
func TestCleanOutput(t *testing.T) {
	a := &app{getenv: envOf(nil), stdout: &bytes.Buffer{}}
	tab := a.table("A", "B")
	tab.row("x\x1b[2J\ty\n", "\u202egpj.exe")
	if err := tab.flush(); err != nil {
		t.Fatal(err)
	}
	if got, want := a.stdout.(*bytes.Buffer).String(), "A      B\nx[2Jy  gpj.exe\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestReachable(t *testing.T) {
	for in, want := range map[string]string{":7420": "127.0.0.1:7420", "0.0.0.0:1": "127.0.0.1:1", "[::]:1": "127.0.0.1:1", "[::1]:1": "[::1]:1", "gate:1": "gate:1"} {
		if got := reachable(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
