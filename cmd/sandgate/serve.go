package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/sandgate/sandgate/emulator"
)

// Limits of the listener.
const (
	readHeaderTimeout = 5 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 64 << 10
	stopTimeout       = 10 * time.Second
)

func (a *app) serve() *cobra.Command {
	o := &serveOptions{a: a}
	cmd := &cobra.Command{
		Use: "serve [PROVIDER|FILE…]", Short: "Serve providers, and the control API", Args: cobra.ArbitraryArgs,
		Long: "Serves providers by name or scenario file; without an argument those of SANDGATE_PROVIDERS, else all that are built in. Each answers at /<provider>/…; one served alone also at /. The control API is under /_sandgate/.\n\n" +
			"An OpenAPI document of your own is served by --spec, with no other file: what it creates can be read, listed, changed and removed. --scenario says what happens on it, --overlay changes the document; each finds its --spec by NAME, by the name in the scenario or of the file, or because there is one of each.",
	}
	o.flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o.providers = args
		if err := o.settle(); err != nil {
			return err
		}
		return o.run(cmd.Context())
	}
	return cmd
}

// run listens, makes the emulator, says where it is, and serves until the
// context ends.
func (o *serveOptions) run(ctx context.Context) error {
	if o.check {
		if err := o.checkFirst(); err != nil {
			return err
		}
	}
	if o.readyFile != "" {
		os.Remove(o.readyFile) // a stale one would say ready too early
	}
	main, err := listen(o.listen)
	if err != nil {
		return err
	}
	defer main.Close()
	control := main
	if o.controlAddr != "" {
		if control, err = listen(o.controlAddr); err != nil {
			return err
		}
		defer control.Close()
	}
	if o.emulator.Data != "" {
		trustRoots() // deliveries of an earlier run may be due at once
	}
	srv, err := emulator.New(o.emulator)
	if err != nil {
		return settingError(err)
	}
	if addr, err := netip.ParseAddrPort(control.Addr().String()); err == nil {
		srv.OwnAddresses(addr)
	}
	// What loading and the first sandbox needed is not needed again.
	defer time.AfterFunc(atRest, debug.FreeOSMemory).Stop()
	if err := o.ready(urlOf(main)); err != nil {
		return errors.Join(err, srv.Close())
	}
	go warm(srv)
	var said sync.WaitGroup
	said.Go(func() { o.banner(srv, urlOf(main), urlOf(control)) }) // what it asks of a contract may take longer than the first answer
	defer said.Wait()
	servers := []*http.Server{o.server(srv)}
	listeners := []net.Listener{main}
	if o.controlAddr != "" {
		servers[0].Handler = srv.Face()
		servers, listeners = append(servers, o.server(srv.Control())), append(listeners, control)
	}
	err = o.serveAll(ctx, servers, listeners)
	return errors.Join(err, srv.Close())
}

// warm does what the first request or webhook would wait for.
func warm(srv *emulator.Server) {
	if box, err := srv.Sandbox(""); err == nil {
		box.Now() // opens the file; an error shows itself to whoever needs it
	}
	trustRoots()
	srv.Chores()
}

func (o *serveOptions) server(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: readHeaderTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(o.emulator.Log.Handler(), slog.LevelDebug),
	}
}

// serveAll serves until the context ends or a listener fails, then lets
// requests finish.
func (o *serveOptions) serveAll(ctx context.Context, servers []*http.Server, listeners []net.Listener) error {
	failed := make(chan error, len(servers))
	for i, s := range servers {
		go func() { failed <- s.Serve(listeners[i]) }()
	}
	var err error
	select {
	case <-ctx.Done():
		fmt.Fprintf(o.a.stderr, "stopping: what is under way may take up to %s\n", stopTimeout)
	case err = <-failed:
	}
	stop, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	for _, s := range servers {
		if s.Shutdown(stop) != nil {
			s.Close() // what is still under way after that is cut off
		}
	}
	return err
}

// listen opens a port, or says in plain words why it cannot.
func listen(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is in use; choose another port with --port (0 picks a free one), or stop what is there", addr)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("%s may not be listened on by this user; choose a port above 1023 with --port", addr)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("%s is no address of this machine", addr)
	case err != nil:
		return nil, fmt.Errorf("cannot listen on %s: %w", addr, err)
	}
	return l, nil
}

func urlOf(l net.Listener) string { return "http://" + reachable(l.Addr().String()) }

// atRest is how long after its start a server is taken to be at rest.
const atRest = time.Second

// ready writes the base URL to --ready-file, whole or not at all.
func (o *serveOptions) ready(base string) error {
	if o.readyFile == "" {
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(o.readyFile), ".ready-*")
	if err != nil {
		return fmt.Errorf("--ready-file: %w", err)
	}
	_, err = fmt.Fprintln(f, base)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), o.readyFile)
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("--ready-file: %w", err)
	}
	return nil
}

func (o *serveOptions) checkFirst() error {
	found, err := emulator.CheckAll(o.emulator)
	if err != nil {
		return err
	}
	for _, p := range found.Problems {
		fmt.Fprintln(o.a.stderr, clean(p.String()))
	}
	if n := len(found.Problems); n > 0 {
		return fmt.Errorf("%s; nothing is served", plural(n, "problem"))
	}
	return nil
}

// banner says everything that a newcomer needs, on stderr.
func (o *serveOptions) banner(srv *emulator.Server, base, control string) {
	w := o.a.stderr
	fmt.Fprintf(w, "sandgate %s listens on %s\n", versionOf(), base)
	data := "in a temporary folder that goes at exit; --data DIR keeps it"
	if o.emulator.Data != "" {
		data = "in " + o.emulator.Data
	}
	fmt.Fprintf(w, "  data      %s\n  clock     %s\n  seed      %d (the same seed and calls give the same ids)\n  control   %s/_sandgate/\n", data, o.emulator.Clock, srv.Seed(), control)
	if name, about := srv.Environment(); name != "" {
		fmt.Fprintf(w, "  env       %s: %s\n", name, about)
	}
	if o.open {
		fmt.Fprintf(w, "  WARNING   the control API is open to everyone who reaches this address (--control-auth off)\n")
	}
	served := srv.World().Providers()
	for _, p := range served {
		at, c := base+"/"+p.Name(), p.Scenario.Credentials
		if strict, _ := emulator.StrictKeys(o.emulator); strict {
			c.Key = "none works before `sandgate keys create --provider " + p.Name() + "` issues it (--keys strict)"
		}
		if len(served) == 1 {
			fmt.Fprintf(w, "\n%s at %s and %s/\n", p.Contract.Title(), at, base)
			at = base
		} else {
			fmt.Fprintf(w, "\n%s at %s\n", p.Contract.Title(), at)
		}
		for _, line := range [][2]string{{"e-mail", c.Email}, {"password", c.Password}, {"API key", c.Key}, {"webhooks", c.Secret}} {
			if line[1] != "" {
				fmt.Fprintf(w, "  %-9s %s\n", line[0], line[1])
			}
		}
		o.contract(p)
		for i, try := range emulator.Try(p) {
			if i == 0 {
				fmt.Fprintln(w, "  Try:")
			}
			fmt.Fprintf(w, "    %s\n", strings.NewReplacer("{url}", at, "{base}", at).Replace(try))
		}
	}
}
