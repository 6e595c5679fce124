package sandbox_test

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/api"
	"github.com/sandgate/sandgate/emulator/clock"
	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/emulator/webhook"
)

var manySandboxes = flag.Int("sandboxes", 300, "how many sandboxes TestManySandboxes makes")

// maxOpen is far below what the tests below make.
const maxOpen = 16

// filesPerSandbox is what an open sandbox may hold: a writer and four readers,
// each with the file, its log and the log's index.
const filesPerSandbox = 15

// bounded is a world that keeps few sandboxes open, and its face.
func bounded(t testing.TB, change ...func(*sandbox.Options)) (*sandbox.World, http.Handler) {
	t.Helper()
	providers, err := emulator.LoadProviders([]string{"killb"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	o := sandbox.Options{
		Dir: t.TempDir(), Providers: providers, Seed: 7, Mode: clock.Mode{Kind: clock.Manual}, Wall: clock.System,
		MaxOpen: maxOpen, Sender: webhook.New(webhook.Options{Egress: "none", Now: clock.System.Now}),
	}
	for _, f := range change {
		f(&o)
	}
	w, err := sandbox.NewWorld(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
	face := api.New(api.Options{World: w, Wall: o.Wall, CheckReplies: true, Limits: api.LimitOptions{Off: true}, Log: discard})
	t.Cleanup(func() {
		if face.BrokenReplies()+face.Panics() > 0 {
			t.Errorf("%d broken replies, %d panics", face.BrokenReplies(), face.Panics())
		}
	})
	return w, face
}

// openFiles counts this process's open files, or gives 0 where that cannot
// be done.
func openFiles() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// volume is n, or less of it under the race detector.
func volume(n int) int {
	if racing {
		return n / 5
	}
	return n
}

func keyOf(n int) string { return fmt.Sprintf("sk_test_ws_many-%d_x", n) }

// TestManySandboxes makes one sandbox per key, each with a user whose
// verification is pending, from several programs at once; files and memory
// stay bounded, and everyone's timer fires when asked, open or closed.
func TestManySandboxes(t *testing.T) {
	n := volume(*manySandboxes)
	w, face := bounded(t, func(o *sandbox.Options) { o.Temporary = true })
	send(face, keyOf(0), "GET", "/api/v2/auth/me", "") // what is made once is made
	files, memory, began := openFiles(), heap(), time.Now()
	ids, peak := make([]string, n), 0
	var mu sync.Mutex
	var programs sync.WaitGroup
	const side = 8
	for p := range side {
		programs.Go(func() {
			for i := p; i < n; i += side {
				w := send(face, keyOf(i), "POST", "/api/v2/users", user(1))
				if w.Code != http.StatusCreated {
					t.Errorf("sandbox %d: %d %s", i, w.Code, w.Body)
					return
				}
				_, ids[i], _ = strings.Cut(w.Body.String(), `"id":"`)
				ids[i], _, _ = strings.Cut(ids[i], `"`)
				if i%20 == 0 {
					mu.Lock()
					peak = max(peak, openFiles())
					mu.Unlock()
				}
			}
		})
	}
	programs.Wait()
	if t.Failed() {
		return
	}
	made := time.Since(began)
	each := (heap() - memory) / int64(n)
	t.Logf("%d sandboxes in %s (%s each), %d open, files %d before, %d at most, %d now, heap %d bytes a sandbox",
		n, made.Round(time.Millisecond), (made / time.Duration(n)).Round(time.Microsecond), w.Open(), files, peak, openFiles(), each)
	if len(w.Names()) != n || w.Open() > maxOpen {
		t.Errorf("%d sandboxes known, %d open", len(w.Names()), w.Open())
	}
	if most := files + (maxOpen+side)*filesPerSandbox; peak > most || openFiles() > most {
		t.Errorf("%d open files, %d now; %d would be well", peak, openFiles(), most)
	}
	if each > 64<<10 {
		t.Errorf("a sandbox costs %d bytes of heap", each)
	}
	began = time.Now()
	for i := 0; i < n; i += max(n/100, 1) {
		box, err := w.Sandbox(sandbox.NamedIn(keyOf(i)))
		if err != nil {
			t.Fatal(err)
		}
		if out, err := box.AdvanceBy(t.Context(), 5*time.Second, false); err != nil || len(out.Fired) != 1 {
			t.Errorf("sandbox %d: fired %v (%v)", i, out.Fired, err)
		}
		if got := send(face, keyOf(i), "GET", "/api/v2/users/"+ids[i], "").Body.String(); !strings.Contains(got, `"ACTIVE"`) {
			t.Errorf("sandbox %d: %s", i, got)
		}
	}
	t.Logf("opened again and advanced: %s each", time.Since(began)/time.Duration(min(n, 100)))
}

// TestTimersOfClosedSandboxes lets many sandboxes' timers come due at the same
// instant of a real clock, when nearly all of them are closed. Each fires, and
// the files stay bounded while they do.
func TestTimersOfClosedSandboxes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := volume(120)
		w, face := bounded(t, func(o *sandbox.Options) {
			o.Mode, o.Temporary, o.Start = clock.Mode{Kind: clock.Real}, true, clock.ManualStart
		})
		ids := make([]string, n)
		files := openFiles()
		for i := range n {
			ids[i] = post(t, face, keyOf(i), "/api/v2/users", user(1))
		}
		synctest.Wait()
		if w.Open() > maxOpen {
			t.Fatalf("%d are open", w.Open())
		}
		<-time.After(5*time.Second - time.Millisecond)
		synctest.Wait()
		before := w.Open()
		<-time.After(2 * time.Millisecond)
		synctest.Wait()
		if w.Open() > maxOpen {
			t.Errorf("%d are open after the timers, %d before", w.Open(), before)
		}
		if most := files + (maxOpen+1)*filesPerSandbox; openFiles() > most {
			t.Errorf("%d open files; %d would be well", openFiles(), most)
		}
		for i := range n {
			box, err := w.Sandbox(sandbox.NamedIn(keyOf(i)))
			if err != nil {
				t.Fatal(err)
			}
			events, _, err := box.Events(sandbox.EventFilter{Resource: ids[i], Action: "UPDATE"}, 10, "")
			if err != nil || len(events) != 1 {
				t.Errorf("sandbox %d: %d events (%v)", i, len(events), err)
			}
		}
	})
}

// TestManyWakeTogether starts on a folder of many sandboxes: each is looked at
// for what fell due meanwhile, and never more are open than allowed.
func TestManyWakeTogether(t *testing.T) {
	n := volume(150)
	dir := t.TempDir()
	first, face := bounded(t, func(o *sandbox.Options) { o.Dir = dir })
	for i := range n {
		post(t, face, keyOf(i), "/api/v2/users", user(1))
	}
	if err := first.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	files, peak, open := openFiles(), 0, 0
	second, face := bounded(t, func(o *sandbox.Options) { o.Dir = dir })
	for i := range n { // requests meanwhile, in the other order
		if w := send(face, keyOf(n-1-i), "GET", "/api/v2/users?type=PERSON", ""); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "u-1") {
			t.Fatalf("sandbox %d: %d %s", n-1-i, w.Code, w.Body)
		}
		peak, open = max(peak, openFiles()), max(open, second.Open())
	}
	t.Logf("at most %d open, files %d before, %d at most", open, files, peak)
	if most := 2 * maxOpen; open > most {
		t.Errorf("%d were open at once; %d would be well", open, most)
	}
}

func TestTooManySandboxes(t *testing.T) {
	s := start(t, func(o *emulator.Options) { o.MaxSandboxes, o.CheckReplies = 3, true })
	for i := range 3 {
		post(t, s, keyOf(i), "/api/v2/users", user(1))
	}
	w := send(s, keyOf(3), "GET", "/api/v2/auth/me", "")
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), `"errorCode":"REQUEST.0005"`) {
		t.Errorf("the fourth: %d %v %s", w.Code, w.Header(), w.Body)
	}
	if w := send(s, "", "POST", "/api/v2/auth/login", `{"email":"dev+ws_many-4@sandgate.test","password":"sandgate-dev-1"}`); w.Code != http.StatusTooManyRequests {
		t.Errorf("a login into the fourth: %d %s", w.Code, w.Body)
	}
	if w := send(s, keyOf(0), "GET", "/api/v2/auth/me", ""); w.Code != http.StatusOK {
		t.Errorf("the first one suffers: %d", w.Code)
	}
	if err := s.World().Remove(sandbox.NamedIn(keyOf(1))); err != nil {
		t.Fatal(err)
	}
	if w := send(s, keyOf(3), "GET", "/api/v2/auth/me", ""); w.Code != http.StatusOK {
		t.Errorf("after one was removed: %d %s", w.Code, w.Body)
	}
}

// TestUntouchedSandboxesMakeRoom lets a temporary sandbox grow old: it goes
// when room is needed, one that was used today does not.
func TestUntouchedSandboxesMakeRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, face := bounded(t, func(o *sandbox.Options) { o.MaxSandboxes, o.Temporary = 2, true })
		post(t, face, keyOf(0), "/api/v2/users", user(1))
		post(t, face, keyOf(1), "/api/v2/users", user(1))
		<-time.After(23 * time.Hour)
		send(face, keyOf(1), "GET", "/api/v2/auth/me", "")
		if w := send(face, keyOf(2), "GET", "/api/v2/auth/me", ""); w.Code != http.StatusTooManyRequests {
			t.Errorf("after 23 hours: %d", w.Code)
		}
		<-time.After(2 * time.Hour)
		post(t, face, keyOf(2), "/api/v2/users", user(1))
		if names := strings.Join(w.Names(), " "); names != "many-1 many-2" {
			t.Errorf("known: %s", names)
		}
		if w := send(face, keyOf(0), "GET", "/api/v2/auth/me", ""); w.Code != http.StatusTooManyRequests {
			t.Errorf("the forgotten one came back: %d", w.Code)
		}
		// One that is known and not yet used is not old.
		<-time.After(25 * time.Hour)
		send(face, keyOf(1), "GET", "/api/v2/auth/me", "")
		fresh, err := w.Sandbox("fresh")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Sandbox("fresher"); !errors.Is(err, sandbox.ErrTooMany) {
			t.Errorf("there is no room, and yet: %v", err)
		}
		if _, err := fresh.Now(); err != nil {
			t.Errorf("forgotten before its first use: %v", err)
		}
	})
}

// backward is a wall clock that can be set back.
type backward struct {
	clock.Wall
	by atomic.Int64
}

func (b *backward) Now() time.Time { return b.Wall.Now().Add(-time.Duration(b.by.Load())) }

// TestWantedSandboxStaysOpen: the one that a request waits for is not closed to
// make room, though all others were used after it was asked for.
func TestWantedSandboxStaysOpen(t *testing.T) {
	wall := &backward{Wall: clock.System}
	_, face := bounded(t, func(o *sandbox.Options) { o.MaxOpen, o.Wall = 2, wall })
	for i := range 2 {
		post(t, face, keyOf(i), "/api/v2/users", user(1))
	}
	wall.by.Store(int64(time.Hour))
	done := make(chan int, 1)
	go func() { done <- send(face, keyOf(2), "GET", "/api/v2/users?type=PERSON", "").Code }()
	select {
	case code := <-done:
		if code != http.StatusOK {
			t.Errorf("status %d", code)
		}
	case <-time.After(time.Minute):
		t.Fatal("it is opened and closed without end")
	}
}
