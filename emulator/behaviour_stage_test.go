package emulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/openapi"
)

// stage is what one script plays on.
type stage struct {
	provider string
	seen     *coverage
	settings map[string]string
	strict   bool
	server   *emulator.Server
	token    string
	headers  map[string]string // of the next request
	changes  [][2]string       // to the next body from a file

	last    string          // operation called last, if it was answered with success
	told    bool            // value is an event, not the reply
	called  map[string]bool // by this script
	effects map[string]int  // operations whose effect the next assertion shows, with sent as it was
	sent    int             // requests so far
	status  int
	header  map[string][]string
	link    string // to a challenge
	body    []byte
	value   any
	vars    map[string]string
}

func newStage(provider string, seen *coverage) *stage {
	return &stage{
		provider: provider, seen: seen, token: "sk_test_sandgate",
		settings: map[string]string{}, headers: map[string]string{}, called: map[string]bool{}, effects: map[string]int{}, vars: map[string]string{},
	}
}

var named = regexp.MustCompile(`\$\{[a-zA-Z]+\}`)

// expand replaces ${name} by what was saved or set with env; anything else
// stays.
func (s *stage) expand(ts *testscript.TestScript, text string) string {
	return named.ReplaceAllStringFunc(text, func(ref string) string {
		name := ref[2 : len(ref)-1]
		if value, ok := s.vars[name]; ok {
			return value
		}
		if value := ts.Getenv(name); value != "" {
			return value
		}
		return ref
	})
}

func (s *stage) start(ts *testscript.TestScript) *emulator.Server {
	if s.server != nil {
		return s.server
	}
	server, err := emulator.New(emulator.Options{
		Providers: []string{s.provider}, Specs: broughtFor(s.provider), Clock: "manual", Seed: 42, Set: s.settings,
		Strict: s.strict, CheckReplies: true, Egress: "none", RateLimit: "off", Log: slog.New(slog.NewTextHandler(logged{ts}, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Moved: func(_, kind, move string) { s.seen.note(s.seen.moved, kind+" "+move) },
	})
	ts.Check(err)
	s.server = server
	ts.Defer(func() {
		if broken, panics := server.Broken(); broken+panics > 0 {
			ts.Logf("%d replies broke the contract, %d requests panicked", broken, panics)
		}
		ts.Check(replay(server)) // whatever a script does, the audit log tells it
		ts.Check(server.Close())
	})
	return server
}

// logged writes the emulator's log into the script's.
type logged struct{ ts *testscript.TestScript }

func (l logged) Write(line []byte) (int, error) {
	if strings.Contains(string(line), "level=DEBUG") && !strings.Contains(string(line), "sampled:") {
		return len(line), nil
	}
	l.ts.Logf("%s", line)
	return len(line), nil
}

func (s *stage) box(ts *testscript.TestScript) *sandbox.Sandbox {
	box, err := s.start(ts).Sandbox(sandbox.NamedIn(s.token))
	ts.Check(err)
	return box
}

func (s *stage) send(ts *testscript.TestScript, method, path, media, body string) {
	server := s.start(ts)
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "sandgate.test"
	r.Header.Set("User-Agent", "sandgate scripts (dev@sandgate.test)")
	if body != "" {
		r.Header.Set("Content-Type", media)
	}
	if s.token != "" {
		r.Header.Set("Authorization", "Bearer "+s.token)
	}
	for name, value := range s.headers {
		r.Header.Set(name, value)
	}
	clear(s.headers)
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	s.status, s.header, s.body = w.Code, w.Header(), w.Body.Bytes()
	if m := challengeLink.FindSubmatch(s.body); m != nil {
		s.link = string(m[1])
	}
	s.show(s.body)
	ts.Logf("%d %s", s.status, s.body)
	if strings.Contains(string(s.body), "broken_reply") {
		ts.Fatalf("%s %s: the reply broke the contract", method, path)
	}
	s.last, s.told = "", false
	s.sent++
	if key := s.operation(method, path); key != "" && s.status < 300 {
		s.seen.note(s.seen.called, key)
		s.last, s.called[key] = key, true
	}
}

// operation names the operation that a request means, or "".
func (s *stage) operation(method, path string) string {
	bare, _, _ := strings.Cut(path, "?")
	op, _, _ := s.server.World().Providers()[0].Router.Find(method, bare)
	if op == nil {
		return ""
	}
	return op.Key()
}

// show makes a JSON text what the json command reads.
func (s *stage) show(raw []byte) {
	s.value = nil
	if len(raw) == 0 {
		return
	}
	if v, bad := openapi.DecodeJSON(raw); bad == nil {
		s.value = v
		return
	}
	decoder := json.NewDecoder(bytes.NewReader(raw)) // the contract is past our limits for requests
	decoder.UseNumber()
	if decoder.Decode(&s.value) != nil {
		s.value = nil
	}
}

// asserted notes what an assertion that held is worth.
func (s *stage) asserted(ts *testscript.TestScript) {
	if s.last != "" {
		s.seen.note(s.seen.looked, s.last)
		if s.told {
			s.seen.note(s.seen.felt, s.last)
		}
	}
	for key, sent := range s.effects {
		if sent == s.sent && !s.told {
			ts.Fatalf("effect: the reply before this line cannot show an effect of %s; another call does", key)
		}
		s.seen.note(s.seen.felt, key)
	}
	clear(s.effects)
}

// at reads a JSON pointer; "" is the whole body. A negative index counts from
// the end.
func (s *stage) at(pointer string) (any, bool) {
	v := s.value
	for _, name := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		if name == "" {
			continue
		}
		name = strings.ReplaceAll(strings.ReplaceAll(name, "~1", "/"), "~0", "~")
		switch node := v.(type) {
		case map[string]any:
			child, ok := node[name]
			if !ok {
				return nil, false
			}
			v = child
		case []any:
			i, err := strconv.Atoi(name)
			if err == nil && i < 0 {
				i += len(node)
			}
			if err != nil || i < 0 || i >= len(node) {
				return nil, false
			}
			v = node[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// alter applies what `but` said to a body, and forgets it.
func (s *stage) alter(ts *testscript.TestScript, text string) string {
	if len(s.changes) == 0 {
		return text
	}
	v, bad := openapi.DecodeJSON([]byte(text))
	if bad != nil {
		ts.Fatalf("but: the body is no JSON: %s", bad)
	}
	for _, c := range s.changes {
		alterAt(ts, v, c[0], c[1])
	}
	s.changes = nil
	raw, err := openapi.Marshal(v, nil)
	ts.Check(err)
	return string(raw)
}

// alterAt sets one member: a string where a string or nothing was, JSON else.
func alterAt(ts *testscript.TestScript, v any, pointer, value string) {
	names := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for _, name := range names[:len(names)-1] {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	m, ok := v.(map[string]any)
	if !ok {
		ts.Fatalf("but: there is no object around %s", pointer)
	}
	name := names[len(names)-1]
	if value == "absent" {
		delete(m, name)
		return
	}
	_, isText := m[name].(string)
	if m[name] == nil && !strings.HasPrefix(value, "{") && !strings.HasPrefix(value, "[") {
		isText = true
	}
	if isText {
		m[name] = value
		return
	}
	parsed, bad := openapi.DecodeJSON([]byte(value))
	if bad != nil {
		ts.Fatalf("but %s: %s", pointer, bad)
	}
	m[name] = parsed
}

// said is a value as a script writes it.
func said(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(raw)
}
