package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"sandgate": main})
}

// TestScripts runs testdata/*.txtar: each is a promise, readable by somebody
// who knows no Go.
//
//	start [NAME=VALUE…] [ARG…]        run `sandgate serve ARG…` in the background until it is ready; sets $URL
//	halt                              SIGTERM; the server must exit with 0; its talk is then in the file server.log
//	http METHOD PATH [BODY|@FILE] [H: V…]   send a request to $URL (or to a whole URL); status and headers go to stderr, the body to stdout
//	receiver [STATUS]                 a webhook receiver that answers with STATUS; sets $HOOK, again to change the status
//	node NAME [VARIABLE=VALUE…] SCRIPT [ARG…]   run a Node program in the background; its first line becomes $NAME
//	seed DOCUMENT FROM TO FILE        copy a part of a source document, from one text up to another; [seeds] tells whether they are here
//	consumer NAME                     run the tests of testdata/consumers/NAME on $URL; what they say is then in the file consumer.log; [consumer:NAME] tells whether its library can be had
//	exits N COMMAND [ARG…]            run a command that must end with this exit code
//	capture NAME PATTERN              keep the first group of a pattern in stdout as $NAME
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Files:               scripts(t),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"start": startServer, "halt": stopServer, "http": sendRequest, "receiver": receive, "capture": capture, "exits": exits, "node": runNode, "seed": takeSeed,
			"consumer": runConsumer,
		},
		Condition: func(name string) (bool, error) {
			if name == "ci" {
				return os.Getenv("CI") == "true", nil // everything must be present there
			}
			if name == "seeds" {
				return haveSeeds(), nil
			}
			if name == "specs" {
				return haveSpecs(), nil
			}
			if consumer, ok := strings.CutPrefix(name, "consumer:"); ok {
				return haveConsumer(consumer), nil
			}
			return false, fmt.Errorf("there is no condition %q", name)
		},
		Setup: func(e *testscript.Env) error {
			e.Values[stateKey{}] = &scriptState{}
			e.Setenv("SPECS", publishedSpecs)
			return nil
		},
	})
}

// concurrent are the scripts in which much happens at a time: webhooks are sent and retried while requests come in, the
// clock runs, a contract is compiled beside the answers, a server ends with work in hand. The others send one request
// after another: the race detector learns nothing from them that these do not show, and takes ten times as long.
var concurrent = []string{
	"audit", "callbacks", "clock", "deliveries", "killb_node_retries", "kobana_node_receiver", "rate_limit", "reset", "serve_flags", "spec_cache", "stripe_first_minutes",
}

// onebyone is for tests that do one thing after another, as in the emulator.
func onebyone(t *testing.T) {
	t.Helper()
	if racing && testing.Short() {
		t.Skip("one thing after another: left out of -race -short")
	}
}

// scripts are all of testdata, and under -race -short those that are concurrent.
func scripts(t *testing.T) (files []string) {
	t.Helper()
	all, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range all {
		if !racing || !testing.Short() || slices.Contains(concurrent, strings.TrimSuffix(filepath.Base(file), ".txtar")) {
			files = append(files, file)
		}
	}
	if racing && testing.Short() && len(files) != len(concurrent) {
		t.Fatalf("%d of the concurrent scripts %q are in testdata", len(files), concurrent)
	}
	return files
}

type stateKey struct{}

// scriptState is what one script has running.
type scriptState struct {
	server *exec.Cmd
	log    *os.File
	done   chan error
	hook   *httptest.Server
	status atomic.Int64
	keep   sync.Mutex // what the receiver got last: received.head and received.body
}

func stateOf(ts *testscript.TestScript) *scriptState { return ts.Value(stateKey{}).(*scriptState) }

func startServer(ts *testscript.TestScript, neg bool, args []string) {
	s := stateOf(ts)
	if neg || s.server != nil {
		ts.Fatalf("usage: start [NAME=VALUE…] [ARG…], once until halt")
	}
	env := []string{"PATH=" + ts.Getenv("PATH"), "HOME=" + ts.Getenv("HOME"), "TMPDIR=" + ts.Getenv("TMPDIR"), "SANDGATE_PORT=0"}
	for len(args) > 0 && regexp.MustCompile(`^[A-Z_]+=`).MatchString(args[0]) {
		env, args = append(env, args[0]), args[1:]
	}
	ready := ts.MkAbs("ready")
	cmd := exec.Command("sandgate", append([]string{"serve", "--ready-file", ready}, args...)...)
	cmd.Dir, cmd.Env = ts.MkAbs("."), env
	pipe, err := cmd.StderrPipe()
	ts.Check(err)
	s.log, err = os.Create(ts.MkAbs("server.log"))
	ts.Check(err)
	ts.Check(cmd.Start())
	s.server, s.done = cmd, make(chan error, 1)
	listening := make(chan bool)
	go func() {
		lines, waiting := bufio.NewScanner(pipe), true
		for lines.Scan() {
			fmt.Fprintln(s.log, lines.Text())
			if waiting && strings.Contains(lines.Text(), " listens on ") {
				waiting = false
				close(listening)
			}
		}
		s.done <- errors.Join(cmd.Wait(), s.log.Close())
	}()
	ts.Defer(func() { endServer(s) })
	select {
	case <-listening:
	case err := <-s.done:
		s.server = nil
		ts.Fatalf("the server ended before it was ready: %v\n%s", err, ts.ReadFile("server.log"))
	}
	ts.Setenv("URL", strings.TrimSpace(ts.ReadFile("ready")))
	ts.Setenv("SANDGATE_URL", ts.Getenv("URL"))
	ts.Setenv("ADDR", strings.TrimPrefix(ts.Getenv("URL"), "http://"))
}

// endServer leaves nothing running when a script fails.
func endServer(s *scriptState) {
	if s.server != nil {
		s.server.Process.Kill()
		<-s.done
		s.server = nil
	}
}

func stopServer(ts *testscript.TestScript, _ bool, _ []string) {
	s := stateOf(ts)
	if s.server == nil {
		ts.Fatalf("no server is running")
	}
	ts.Check(s.server.Process.Signal(syscall.SIGTERM))
	err := <-s.done
	s.server = nil
	if err != nil {
		ts.Fatalf("the server ended with %v\n%s", err, ts.ReadFile("server.log"))
	}
}

// sendRequest expects success, and with ! a status from 400 on.
func sendRequest(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: http METHOD PATH [BODY|@FILE] [Header: value…]")
	}
	target := args[1]
	if strings.HasPrefix(target, "/") {
		target = ts.Getenv("URL") + target
	}
	var body io.Reader
	headers := args[2:]
	if len(headers) > 0 && !regexp.MustCompile(`^[A-Za-z-]+: `).MatchString(headers[0]) {
		text := headers[0]
		if file, ok := strings.CutPrefix(text, "@"); ok {
			text = ts.ReadFile(file)
		}
		body, headers = strings.NewReader(text), headers[1:]
	}
	r, err := http.NewRequestWithContext(context.Background(), args[0], target, body)
	ts.Check(err)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
		if name == "Host" {
			r.Host = value
		}
	}
	reply, err := http.DefaultTransport.RoundTrip(r)
	ts.Check(err)
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%s", text)
	fmt.Fprintf(ts.Stderr(), "HTTP %d\n", reply.StatusCode)
	for _, name := range slices.Sorted(maps.Keys(reply.Header)) {
		fmt.Fprintf(ts.Stderr(), "%s: %s\n", name, strings.Join(reply.Header[name], ", "))
	}
	if failed := reply.StatusCode >= 400; failed != neg {
		ts.Fatalf("%s %s: status %d\n%s", args[0], target, reply.StatusCode, text)
	}
}

func receive(ts *testscript.TestScript, _ bool, args []string) {
	s, status := stateOf(ts), 200
	if len(args) > 0 {
		n, err := strconv.Atoi(args[0])
		ts.Check(err)
		status = n
	}
	s.status.Store(int64(status))
	if s.hook == nil {
		s.hook = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			var head strings.Builder
			r.Header.Write(&head)
			s.keep.Lock()
			os.WriteFile(ts.MkAbs("received.body"), body, 0o600)
			os.WriteFile(ts.MkAbs("received.head"), []byte(head.String()), 0o600)
			s.keep.Unlock()
			w.WriteHeader(int(s.status.Load()))
		}))
		ts.Defer(s.hook.Close)
		ts.Setenv("HOOK", s.hook.URL+"/hook")
	}
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits N COMMAND [ARG…]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	var ended *exec.ExitError
	got := 0
	if errors.As(err, &ended) {
		got = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func capture(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: capture NAME PATTERN")
	}
	m := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(m) < 2 {
		ts.Fatalf("stdout has nothing like %s", args[1])
	}
	ts.Setenv(args[0], m[1])
}

// TestScriptsAreNamed keeps the folder tidy: a script says what it promises.
func TestScriptsAreNamed(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts: ", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(text), "# ") {
			t.Errorf("%s does not begin with a comment that says what it promises", file)
		}
		if regexp.MustCompile(`(?m)^stop\b`).Match(text) {
			t.Errorf("%s says stop, which ends a script as passed, whatever stands below; halt stops the server", file)
		}
	}
}
