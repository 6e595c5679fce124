package emulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/clock"
	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/openapi"
)

// TestBehaviour runs testdata/<provider>/*.txtar: each script is a promise
// about one provider, readable by somebody who knows no Go. Every reply is
// validated against the contract. Afterwards every operation must have been
// answered with success, and every modelled one must be named by a script
// that asserts something after it.
//
//	call METHOD PATH [BODY | @file]   send a request; ${name} is replaced
//	upload PATH field=value file=@f   send multipart/form-data
//	status N                          the reply's status
//	json POINTER exists|absent|== V|!= V|contains V|matches V|len N
//	save NAME POINTER                 keep a value for later
//	header NAME == VALUE              a reply header
//	use CREDENTIAL | none             the credential of the calls after it
//	advance SPAN                      move the clock; everything due fires
//	reset [rewind]                    back to the seed objects
//	events FAMILY.ACTION N            how many such events there are
//	set PATH=VALUE                    restart with a setting (first lines)
func TestBehaviour(t *testing.T) {
	dirs, err := filepath.Glob("testdata/*")
	if err != nil || len(dirs) == 0 {
		t.Fatal("no behaviour scripts: ", err)
	}
	for _, dir := range dirs {
		name := filepath.Base(dir)
		t.Run(name, func(t *testing.T) {
			seen := &coverage{called: map[string]bool{}, asserted: map[string]bool{}}
			t.Run("scripts", func(t *testing.T) {
				testscript.Run(t, testscript.Params{
					Dir:                 dir,
					Cmds:                behaviourCommands(name, seen),
					RequireExplicitExec: true,
					RequireUniqueNames:  true,
				})
			})
			if !t.Failed() {
				seen.check(t, name)
			}
		})
	}
}

// coverage remembers which operations the scripts of a provider reached.
type coverage struct {
	mu               sync.Mutex
	called, asserted map[string]bool
}

func (c *coverage) note(m map[string]bool, key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m[key] = true
}

func (c *coverage) check(t *testing.T, name string) {
	providers, err := emulator.LoadProviders([]string{name}, nil)
	if err != nil {
		t.Fatal(err)
	}
	modelled := 0
	for _, op := range providers[0].Contract.Operations() {
		b, err := providers[0].Binding(op)
		if err != nil {
			t.Errorf("%s: %v", op.Key(), err)
			continue
		}
		if !c.called[op.Key()] {
			t.Errorf("%s: no script got a 2xx from it", op.Key())
		}
		if b.Depth == sandbox.Modelled {
			modelled++
			if !c.asserted[op.Key()] {
				t.Errorf("%s is modelled, but no script asserts anything about it", op.Key())
			}
		}
	}
	t.Logf("%s: %d operations, %d modelled", name, len(providers[0].Contract.Operations()), modelled)
}

// stage is what one script plays on.
type stage struct {
	provider string
	seen     *coverage
	settings map[string]string
	server   *emulator.Server
	token    string
	pending  string // operation called last, not asserted yet
	status   int
	header   map[string][]string
	body     []byte
	value    any
	vars     map[string]string
}

func behaviourCommands(provider string, seen *coverage) map[string]func(*testscript.TestScript, bool, []string) {
	var mu sync.Mutex
	stages := map[*testscript.TestScript]*stage{}
	on := func(f func(*testscript.TestScript, *stage, bool, []string)) func(*testscript.TestScript, bool, []string) {
		return func(ts *testscript.TestScript, neg bool, args []string) {
			mu.Lock()
			s := stages[ts]
			if s == nil {
				s = &stage{provider: provider, seen: seen, settings: map[string]string{}, vars: map[string]string{}, token: "sk_test_sandgate"}
				stages[ts] = s
			}
			mu.Unlock()
			for i, a := range args {
				args[i] = s.expand(a)
			}
			f(ts, s, neg, args)
		}
	}
	return map[string]func(*testscript.TestScript, bool, []string){
		"call": on(cmdCall), "upload": on(cmdUpload), "status": on(cmdStatus), "json": on(cmdJSON), "save": on(cmdSave),
		"header": on(cmdHeader), "use": on(cmdUse), "advance": on(cmdAdvance), "reset": on(cmdReset),
		"events": on(cmdEvents), "set": on(cmdSet),
	}
}

// expand replaces ${name} by what was saved; anything else stays.
func (s *stage) expand(text string) string {
	for name, value := range s.vars {
		text = strings.ReplaceAll(text, "${"+name+"}", value)
	}
	return text
}

func (s *stage) start(ts *testscript.TestScript) *emulator.Server {
	if s.server != nil {
		return s.server
	}
	server, err := emulator.New(emulator.Options{Providers: []string{s.provider}, Clock: "manual", Seed: 42, Set: s.settings, CheckReplies: true, Egress: "none"})
	ts.Check(err)
	s.server = server
	ts.Defer(func() {
		if broken, panics := server.Broken(); broken+panics > 0 {
			ts.Logf("%d replies broke the contract, %d requests panicked", broken, panics)
		}
		ts.Check(server.Close())
	})
	return server
}

func cmdSet(ts *testscript.TestScript, s *stage, _ bool, args []string) {
	for _, arg := range args {
		path, value, _ := strings.Cut(arg, "=")
		s.settings[path] = value
	}
}

func cmdCall(ts *testscript.TestScript, s *stage, _ bool, args []string) {
	if len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: call METHOD PATH [BODY | @file]")
	}
	var body string
	if len(args) == 3 {
		body = args[2]
		if file, ok := strings.CutPrefix(body, "@"); ok {
			body = s.expand(ts.ReadFile(file))
		}
	}
	s.send(ts, args[0], args[1], "application/json", body)
}

func cmdUpload(ts *testscript.TestScript, s *stage, _ bool, args []string) {
	var body strings.Builder
	form := multipart.NewWriter(&body)
	for _, arg := range args[1:] {
		name, value, _ := strings.Cut(arg, "=")
		file, isFile := strings.CutPrefix(value, "@")
		if !isFile {
			ts.Check(form.WriteField(name, value))
			continue
		}
		part, err := form.CreateFormFile(name, file)
		ts.Check(err)
		_, err = io.WriteString(part, ts.ReadFile(file))
		ts.Check(err)
	}
	ts.Check(form.Close())
	s.send(ts, "POST", args[0], form.FormDataContentType(), body.String())
}

func (s *stage) send(ts *testscript.TestScript, method, path, media, body string) {
	server := s.start(ts)
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "sandgate.test"
	if body != "" {
		r.Header.Set("Content-Type", media)
	}
	if s.token != "" {
		r.Header.Set("Authorization", "Bearer "+s.token)
	}
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	s.status, s.header, s.body = w.Code, w.Header(), w.Body.Bytes()
	s.value = nil
	if len(s.body) > 0 {
		if v, bad := openapi.DecodeJSON(s.body); bad == nil {
			s.value = v
		}
	}
	ts.Logf("%d %s", s.status, s.body)
	if strings.Contains(string(s.body), "broken_reply") {
		ts.Fatalf("%s %s: the reply broke the contract", method, path)
	}
	s.pending = ""
	p := server.World().Providers()[0]
	bare, _, _ := strings.Cut(path, "?")
	if op, _, _ := p.Router.Find(method, bare); op != nil && s.status < 300 {
		s.seen.note(s.seen.called, op.Key())
		s.pending = op.Key()
	}
}

func cmdStatus(ts *testscript.TestScript, s *stage, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if (s.status == want) == neg {
		ts.Fatalf("status is %d, want %s%d: %s", s.status, map[bool]string{true: "not "}[neg], want, s.body)
	}
}

// at reads a JSON pointer; "" is the whole body.
func (s *stage) at(pointer string) (any, bool) {
	v := s.value
	for _, name := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		if name == "" {
			continue
		}
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

func cmdJSON(ts *testscript.TestScript, s *stage, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: json POINTER exists|absent|==|!=|contains|matches|len [VALUE]")
	}
	v, found := s.at(args[0])
	got, want := said(v), strings.Join(args[2:], " ")
	var ok bool
	switch args[1] {
	case "exists":
		ok = found
	case "absent":
		ok = !found
	case "==":
		ok = found && got == want
	case "!=":
		ok = found && got != want
	case "contains":
		ok = found && strings.Contains(got, want)
	case "matches":
		ok = found && matches(ts, want, got)
	case "len":
		list, _ := v.([]any)
		ok = found && strconv.Itoa(len(list)) == want
	default:
		ts.Fatalf("json: there is no %q", args[1])
	}
	if ok == neg {
		ts.Fatalf("%s is %s (found: %v), want %s %s; body: %s", args[0], got, found, strings.Join(args[1:2], ""), want, s.body)
	}
	if s.pending != "" {
		s.seen.note(s.seen.asserted, s.pending)
	}
}

func cmdSave(ts *testscript.TestScript, s *stage, _ bool, args []string) {
	v, ok := s.at(args[1])
	if !ok {
		ts.Fatalf("there is nothing at %s: %s", args[1], s.body)
	}
	s.vars[args[0]] = said(v)
	ts.Setenv(args[0], said(v))
}

func cmdHeader(ts *testscript.TestScript, s *stage, neg bool, args []string) {
	got := strings.Join(s.header[args[0]], ", ")
	if (got == strings.Join(args[2:], " ")) == neg {
		ts.Fatalf("header %s is %q", args[0], got)
	}
}

func cmdUse(_ *testscript.TestScript, s *stage, _ bool, args []string) {
	s.token = args[0]
	if s.token == "none" {
		s.token = ""
	}
}

func (s *stage) box(ts *testscript.TestScript) *sandbox.Sandbox {
	box, err := s.start(ts).Sandbox(sandbox.NamedIn(s.token))
	ts.Check(err)
	return box
}

func cmdAdvance(ts *testscript.TestScript, s *stage, _ bool, args []string) {
	span, err := clock.ParseDuration(args[0])
	ts.Check(err)
	out, err := s.box(ts).AdvanceBy(ts.Context(), span, false)
	ts.Check(err)
	for _, f := range out.Fired {
		ts.Logf("%s %s %s %s", f.Due.Format("15:04:05"), f.Kind, f.What, f.ID)
	}
	// An effect after time has passed is an assertion about the last call.
}

func cmdReset(ts *testscript.TestScript, s *stage, _ bool, args []string) {
	ts.Check(s.box(ts).Reset(ts.Context(), slices.Contains(args, "rewind")))
}

func cmdEvents(ts *testscript.TestScript, s *stage, neg bool, args []string) {
	family, action, _ := strings.Cut(args[0], ".")
	events, _, err := s.box(ts).Events(sandbox.EventFilter{Family: family, Action: action}, 1000, "")
	ts.Check(err)
	if (strconv.Itoa(len(events)) == args[1]) == neg {
		var all []string
		for _, e := range events {
			all = append(all, e.Family+"."+e.Action+" "+string(e.Data))
		}
		sort.Strings(all)
		ts.Fatalf("there are %d %s events, want %s:\n%s", len(events), args[0], args[1], strings.Join(all, "\n"))
	}
	if s.pending != "" {
		s.seen.note(s.seen.asserted, s.pending)
	}
}


func matches(ts *testscript.TestScript, pattern, text string) bool {
	re, err := regexp.Compile(pattern)
	ts.Check(err)
	return re.MatchString(text)
}
