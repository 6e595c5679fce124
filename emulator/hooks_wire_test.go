package emulator_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
)

// wires are connections to a receiver that answers raw bytes.
type wires struct {
	answer   func(path string) string
	mu       sync.Mutex
	requests int
}

func (w *wires) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	go func() {
		defer theirs.Close()
		r, err := http.ReadRequest(bufio.NewReader(theirs))
		if err != nil {
			return
		}
		io.Copy(io.Discard, r.Body)
		w.mu.Lock()
		w.requests++
		text := w.answer(r.URL.Path)
		w.mu.Unlock()
		io.WriteString(theirs, text)
	}()
	return ours, nil
}

// newTLSSink is a receiver with a certificate that nobody vouches for.
func newTLSSink(t *testing.T) string {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

// sick is a server in virtual time whose file can be made to refuse what is
// asked of it.
type sick struct {
	*hookshop
	other *sql.DB
	log   notes
}

func newSick(t *testing.T, clock, policy string) *sick {
	dir, k := t.TempDir(), &sick{}
	r := &receiver{conns: make(chan net.Conn, 64)}
	sink := &hookSink{}
	server := &http.Server{Handler: sink}
	go server.Serve(r)
	k.hookshop = newHookshop(t, policy, func(o *emulator.Options) {
		o.Clock, o.Data, o.Dial, o.Resolver, o.Log = clock, dir, r.dial, loopback{}, slog.New(slog.NewTextHandler(&k.log, nil))
	})
	k.sink = sink
	var err error
	if k.other, err = sql.Open("sqlite", filepath.Join(dir, "default.1.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close(); close(r.conns); server.Close(); k.other.Close() })
	return k
}

func (k *sick) do(statement string) {
	k.t.Helper()
	var err error
	for range 1000 { // the server may be writing
		if _, err = k.other.Exec(statement); err == nil {
			return
		}
		<-time.After(time.Millisecond)
	}
	k.t.Fatal(err)
}

func (k *sick) complaints() int {
	k.log.mu.Lock()
	defer k.log.mu.Unlock()
	return strings.Count(k.log.text.String(), "the disk is full")
}

const noAttempts = "CREATE TRIGGER full BEFORE INSERT ON attempt BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"

// W10: while saving fails, what was sent is not sent again: attempts sent are
// the attempts scheduled. On a running clock, and in an advance.
func TestW10SavingIsRetriedNotTheSend(t *testing.T) {
	for _, clock := range []string{"real", "manual"} {
		t.Run(clock, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := newSick(t, clock, "  retry: [30s, 1m]\n")
				k.do(noAttempts)
				k.boxes(10, 10)
				healed := make(chan struct{})
				go func() {
					defer close(healed)
					<-time.After(60 * time.Second)
					k.do("DROP TRIGGER full")
				}()
				if clock == "manual" {
					k.advance(time.Hour)
				}
				<-healed
				<-time.After(10 * time.Second)
				synctest.Wait()
				if n := len(k.sink.take()); n != 10 {
					t.Errorf("%d sent, 10 scheduled", n)
				}
				if n := k.complaints(); n < 25 {
					t.Errorf("saving failed %d times", n)
				}
				if done, _, err := k.hookshop.box.Deliveries(sandbox.DeliveryFilter{Status: sandbox.DeliverySucceeded}, 100, ""); err != nil || len(done) != 10 {
					t.Errorf("%d have succeeded, %v", len(done), err)
				}
			})
		})
	}
}

// W11: errors of the store in a row do not end the loop; once it heals, what is
// owed is sent within seconds.
func TestW11TheLoopCannotDie(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newSick(t, "real", retries)
		<-time.After(time.Minute)
		errors := hookEvents()
		k.do(noAttempts)
		k.do("CREATE TRIGGER stuck BEFORE DELETE ON timer BEGIN SELECT RAISE(ABORT, 'the disk is full'); END")
		first := "/boxes/" + fmt.Sprint(k.want(201, "POST", "/boxes", "", "{}")["id"])
		<-time.After(time.Duration(errors) * time.Second)
		k.do("DROP TRIGGER full")
		k.do("DROP TRIGGER stuck")
		if n := k.complaints(); n < errors-5 {
			t.Errorf("%d errors", n)
		}
		k.sink.take()
		k.boxes(1, 1)
		<-time.After(5 * time.Second)
		synctest.Wait()
		if n := len(k.sink.take()); n != 1 {
			t.Errorf("%d sent within five seconds", n)
		}
		if got := k.want(200, "GET", first, "", "")["status"]; got != "OLD" {
			t.Errorf("a move that was due is not made: %v", got)
		}
		if done, _, err := k.hookshop.box.Deliveries(sandbox.DeliveryFilter{Status: sandbox.DeliverySucceeded}, 100, ""); err != nil || len(done) != 2 {
			t.Errorf("%d have succeeded, %v", len(done), err)
		}
	})
}
