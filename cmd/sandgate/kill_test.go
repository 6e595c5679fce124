package main

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	_ "modernc.org/sqlite"
)

var kills = flag.Int("kills", 200, "how often TestKill kills the server (a tenth with -short)")

// TestKill kills the server with SIGKILL under write and delivery load, again
// and again, on one data folder. Whatever was answered with a 2xx is there
// afterwards, with its event, and the event reaches the receiver in the end. What
// was not answered and had an idempotency key is done once, whoever asks again.
func TestKill(t *testing.T) {
	rounds := *kills
	if testing.Short() {
		rounds /= 10
	}
	if racing && testing.Short() {
		rounds = min(rounds, 4) // a start costs seconds there, and a kill is no race
	}
	k := &killer{t: t, dir: t.TempDir(), bin: asCommand(t), heard: map[string]int{}}
	sink := httptest.NewServer(http.HandlerFunc(k.hear))
	defer sink.Close()
	k.sink = sink.URL
	random := rand.New(rand.NewPCG(1, 2))
	for round := range rounds {
		p := k.start()
		if round == 0 {
			p.subscribe()
		}
		p.verify(k.last)
		p.retry()
		k.last = p.writeUntilKilled(20 + random.IntN(120))
		k.acknowledged = append(k.acknowledged, k.last...)
		if round%20 == 19 || round == rounds-1 {
			k.integrity()
		}
	}
	p := k.start()
	p.verify(k.acknowledged)
	p.retry()
	p.verifyKeys()
	p.post("/_sandgate/clock/advance", `{"by":"9h"}`, http.StatusOK)
	k.judge(rounds)
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("after an interrupt: %v", err)
	}
	k.integrity()
}

type killer struct {
	t            *testing.T
	dir, bin     string
	sink         string
	last         []string
	acknowledged []string
	keys         keyed

	mu    sync.Mutex
	heard map[string]int // user id -> deliveries of its creation
}

// asCommand gives a path under which this test binary is the command.
func asCommand(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(t.TempDir(), "sandgate")
	if err := os.Symlink(self, bin); err != nil {
		t.Fatal(err)
	}
	return bin
}

func (k *killer) hear(_ http.ResponseWriter, r *http.Request) {
	var hook struct {
		Event, Action string
		Data          struct{ ID string }
	}
	if err := json.NewDecoder(r.Body).Decode(&hook); err != nil {
		return
	}
	if hook.Event == "USER" && hook.Action == "CREATE" {
		k.mu.Lock()
		k.heard[hook.Data.ID]++
		k.mu.Unlock()
	}
}

type victim struct {
	k   *killer
	cmd *exec.Cmd
	url string
}

// start runs the server and waits for the line that says where it listens.
func (k *killer) start() *victim {
	k.t.Helper()
	cmd := exec.Command(k.bin, "serve", "killb", "kobana-billing", "--data", filepath.Join(k.dir, "data"), "--port", "0", "--egress", "local", "--seed", "5", "--rate-limit", "off")
	cmd.Env = append(os.Environ(), "SANDGATE_URL=")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		k.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() { cmd.Process.Kill() })
	lines := bufio.NewScanner(stderr)
	var said []string
	for lines.Scan() {
		said = append(said, lines.Text())
		if _, url, ok := strings.Cut(lines.Text(), "listens on "); ok {
			go io.Copy(io.Discard, stderr)
			return &victim{k, cmd, strings.TrimSpace(url)}
		}
	}
	k.t.Fatalf("the server did not start:\n%s", strings.Join(said, "\n"))
	return nil
}

func (p *victim) do(method, path, body string) (int, string, error) {
	r, err := http.NewRequest(method, p.url+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Authorization", "Bearer sk_test_sandgate")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), err
}

func (p *victim) post(path, body string, want int) {
	p.k.t.Helper()
	status, text, err := p.do("POST", path, body)
	if err != nil || status != want {
		p.k.t.Fatalf("POST %s: %d %v %s", path, status, err, text)
	}
}

func (p *victim) subscribe() {
	p.post("/api/v2/webhooks", `{"url":"`+p.k.sink+`","secret":"whsec_sandgate_development_only_0000","events":["USER"]}`, http.StatusCreated)
}

// verify asks for every user that was acknowledged.
func (p *victim) verify(ids []string) {
	p.k.t.Helper()
	for _, id := range ids {
		if status, text, err := p.do("GET", "/api/v2/users/"+id, ""); err != nil || status != http.StatusOK {
			p.k.t.Fatalf("acknowledged user %s is lost: %d %v %s", id, status, err, text)
		}
	}
}

var people atomic.Int64

// writeUntilKilled lets eight writers create users until the given number of
// them is acknowledged, kills the server in mid-flight, and returns all ids
// that were acknowledged.
func (p *victim) writeUntilKilled(after int) []string {
	var mu sync.Mutex
	var ids []string
	var wait sync.WaitGroup
	for range 2 {
		wait.Go(p.writeWithKeys)
	}
	for range 8 {
		wait.Go(func() {
			for {
				n := people.Add(1)
				status, text, err := p.do("POST", "/api/v2/users", person(n))
				if err != nil {
					return
				}
				var user struct{ ID string }
				if status != http.StatusCreated || json.Unmarshal([]byte(text), &user) != nil {
					p.k.t.Errorf("POST users: %d %s", status, text)
					return
				}
				mu.Lock()
				ids = append(ids, user.ID)
				enough := len(ids) == after
				mu.Unlock()
				if enough {
					p.cmd.Process.Kill()
				}
			}
		})
	}
	wait.Wait()
	p.cmd.Wait()
	return ids
}

func person(n int64) string {
	return fmt.Sprintf(`{"type":"PERSON","data":{"firstName":"Ana","lastName":"Lima","dateOfBirth":"1990-01-01","email":"kill%d@example.test","phone":"+576015555555",`+
		`"address":{"street1":"Rua 1","city":"Bogota","state":"DC","zipCode":"110111","countryCode":"CO"},`+
		`"document":{"type":"PASSPORT","number":"GE04292393","issuedCountryCode":"CO"}}}`, n)
}

// judge wants every acknowledged user's event delivered, and duplicates only
// as many as there were sends in flight.
func (k *killer) judge(rounds int) {
	k.t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	missing, duplicates := 0, 0
	for _, id := range k.acknowledged {
		if k.heard[id] == 0 {
			missing++
		}
	}
	for _, n := range k.heard {
		duplicates += n - 1
	}
	k.t.Logf("%d kills, %d acknowledged, %d events undelivered, %d duplicates", rounds, len(k.acknowledged), missing, duplicates)
	if missing > 0 {
		k.t.Errorf("%d acknowledged users never had their event delivered", missing)
	}
	if duplicates > rounds*64 {
		k.t.Errorf("%d duplicates, more than were in flight", duplicates)
	}
}

// integrity lets SQLite check every file of the folder.
func (k *killer) integrity() {
	k.t.Helper()
	files, err := filepath.Glob(filepath.Join(k.dir, "data", "*.db"))
	if err != nil || len(files) == 0 {
		k.t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(5000)")
		if err != nil {
			k.t.Fatal(err)
		}
		var verdict string
		if err := db.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
			k.t.Errorf("%s: %s %v", filepath.Base(file), verdict, err)
		}
		db.Close()
	}
}
