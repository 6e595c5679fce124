package emulator_test

import (
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sandgate/sandgate/emulator/clock"
	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/openapi"
)

// behaviourCommands are the words of the scripts; TestBehaviour lists them.
func behaviourCommands(provider string, seen *coverage) map[string]func(*testscript.TestScript, bool, []string) {
	var mu sync.Mutex
	stages := map[*testscript.TestScript]*stage{}
	on := func(f func(*testscript.TestScript, *stage, bool, []string)) func(*testscript.TestScript, bool, []string) {
		return func(ts *testscript.TestScript, neg bool, args []string) {
			mu.Lock()
			s := stages[ts]
			if s == nil {
				s = newStage(provider, seen)
				stages[ts] = s
			}
			mu.Unlock()
			for i, a := range args {
				args[i] = s.expand(ts, a)
			}
			f(ts, s, neg, args)
		}
	}
	return map[string]func(*testscript.TestScript, bool, []string){
		"call": on(cmdCall), "upload": on(cmdUpload), "with": on(cmdWith), "but": on(cmdBut), "status": on(cmdStatus),
		"json": on(cmdJSON), "save": on(cmdSave), "blanks": on(cmdBlanks), "header": on(cmdHeader), "use": on(cmdUse),
		"advance": on(cmdAdvance), "reset": on(cmdReset), "effect": on(cmdEffect), "events": on(cmdEvents),
		"event": on(cmdEvent), "delivery": on(cmdDelivery), "set": on(cmdSet), "challenge": on(cmdChallenge), "move": on(cmdMove), "endpoint": on(cmdEndpoint),
		"control": on(cmdControl),
	}
}

func cmdSet(ts *testscript.TestScript, s *stage, _ bool, args []string) {
	if s.server != nil {
		ts.Fatalf("set comes before the first call")
	}
	for _, arg := range args {
		if arg == "strict" {
			s.strict = true
			continue
		}
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
			body = s.alter(ts, s.expand(ts, ts.ReadFile(file)))
		}
	}
	s.send(ts, args[0], args[1], s.media(ts, args[0], args[1]), body)
}

// media is how an operation takes its body: JSON, unless it takes forms only.
func (s *stage) media(ts *testscript.TestScript, method, path string) string {
	const form = "application/x-www-form-urlencoded"
	s.start(ts)
	bare, _, _ := strings.Cut(path, "?")
	provider := s.server.World().Providers()[0]
	op, _, _ := provider.Router.Find(method, bare)
	if op == nil {
		return "application/json"
	}
	plan, err := provider.Contract.Plan(op)
	ts.Check(err)
	if plan.Body != nil && plan.Body.Media["application/json"] == nil && plan.Body.Media[form] != nil {
		return form
	}
	return "application/json"
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

func cmdWith(ts *testscript.TestScript, s *stage, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: with HEADER VALUE")
	}
	s.headers[args[0]] = args[1]
}

func cmdBut(ts *testscript.TestScript, s *stage, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: but POINTER VALUE | absent")
	}
	s.changes = append(s.changes, [2]string{args[0], args[1]})
}

func cmdStatus(ts *testscript.TestScript, s *stage, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if (s.status == want) == neg {
		ts.Fatalf("status is %d, want %s%d: %s", s.status, map[bool]string{true: "not "}[neg], want, s.body)
	}
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
		ts.Fatalf("%s is %s (found: %v), want %s %s; of %s", args[0], got, found, args[1], want, said(s.value))
	}
	s.asserted(ts)
}

func cmdSave(ts *testscript.TestScript, s *stage, _ bool, args []string) {
	v, ok := s.at(args[1])
	if !ok {
		ts.Fatalf("there is nothing at %s: %s", args[1], s.body)
	}
	s.vars[args[0]] = said(v)
	ts.Setenv(args[0], said(v))
}

func cmdBlanks(ts *testscript.TestScript, s *stage, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	s.vars[args[0]] = strings.Repeat(" ", n)
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

func cmdAdvance(ts *testscript.TestScript, s *stage, _ bool, args []string) {
	span, err := clock.ParseDuration(args[0])
	ts.Check(err)
	out, err := s.box(ts).AdvanceBy(context.Background(), span, false)
	ts.Check(err)
	for _, f := range out.Fired {
		ts.Logf("%s %s %s %s", f.Due.Format("15:04:05"), f.Kind, f.What, f.ID)
	}
	raw, err := json.Marshal(out)
	ts.Check(err)
	s.show(raw)
	s.last, s.told = "", true
}

func cmdReset(ts *testscript.TestScript, s *stage, _ bool, args []string) {
	ts.Check(s.box(ts).Reset(context.Background(), slices.Contains(args, "rewind")))
}

func cmdEffect(ts *testscript.TestScript, s *stage, _ bool, args []string) {
	key := strings.Join(args, " ")
	if !s.called[key] {
		ts.Fatalf("effect: this script got no 2xx from %s", key)
	}
	s.effects[key] = s.sent
}

func cmdEvents(ts *testscript.TestScript, s *stage, neg bool, args []string) {
	events := s.events(ts, args[0])
	if (strconv.Itoa(len(events)) == args[1]) == neg {
		var all []string
		for _, e := range events {
			all = append(all, e.Family+"."+e.Action+" "+string(e.Data))
		}
		sort.Strings(all)
		ts.Fatalf("there are %d %s events, want %s:\n%s", len(events), args[0], args[1], strings.Join(all, "\n"))
	}
	s.told = true
	s.asserted(ts)
	s.told = false
}

func (s *stage) events(ts *testscript.TestScript, name string) []sandbox.EventView {
	family, action, _ := strings.Cut(name, ".")
	events, _, err := s.box(ts).Events(sandbox.EventFilter{Family: family, Action: action}, 1000, "")
	ts.Check(err)
	return events
}

func cmdEvent(ts *testscript.TestScript, s *stage, _ bool, args []string) {
	events := s.events(ts, args[0])
	e := pick(ts, events, args[1:])
	s.show(e.Data)
	s.told = true
}

func cmdDelivery(ts *testscript.TestScript, s *stage, _ bool, args []string) {
	list, _, err := s.box(ts).Deliveries(sandbox.DeliveryFilter{}, 1000, "")
	ts.Check(err)
	detail, err := s.box(ts).Delivery(pick(ts, list, args).ID)
	ts.Check(err)
	raw, err := json.Marshal(detail)
	ts.Check(err)
	s.show(raw)
	s.told = true
}

// pick is the newest, or the one that stands some before it.
func pick[T any](ts *testscript.TestScript, newestFirst []T, args []string) T {
	n := 0
	if len(args) > 0 {
		var err error
		n, err = strconv.Atoi(args[0])
		ts.Check(err)
	}
	if n >= len(newestFirst) {
		ts.Fatalf("there are only %d", len(newestFirst))
	}
	return newestFirst[n]
}

func matches(ts *testscript.TestScript, pattern, text string) bool {
	re, err := regexp.Compile(pattern)
	ts.Check(err)
	return re.MatchString(text)
}

var challengeLink = regexp.MustCompile(`"url":"http://sandgate\.test([^"]*/3ds/[^"]+)"`)

// cmdChallenge answers the challenge whose link a reply showed last, as a
// script of the shop would.
func cmdChallenge(ts *testscript.TestScript, s *stage, _ bool, args []string) {
	if len(args) != 1 && len(args) != 2 {
		ts.Fatalf("usage: challenge RESULT [LINK]")
	}
	link := s.link
	if len(args) == 2 {
		link = strings.TrimPrefix(args[1], "http://sandgate.test")
	}
	if link == "" {
		ts.Fatalf("challenge: no reply showed a link")
	}
	s.send(ts, "POST", link, "application/json", `{"result":"`+args[0]+`"}`)
}

// cmdMove makes a move of a machine by hand, as the control API does.
func cmdMove(ts *testscript.TestScript, s *stage, neg bool, args []string) {
	if len(args) != 3 && len(args) != 4 {
		ts.Fatalf("usage: move KIND ID MOVE [JSON]")
	}
	with := map[string]any{}
	if len(args) == 4 {
		v, bad := openapi.DecodeJSON([]byte(args[3]))
		if m, ok := v.(map[string]any); ok && bad == nil {
			with = m
		}
	}
	view, err := s.box(ts).Move(context.Background(), s.provider, args[0], args[1], args[2], with)
	if (err != nil) != neg {
		ts.Fatalf("move %v: %v", args, err)
	}
	if err == nil {
		s.last, s.told = "", false
		s.sent++
		s.show(view.Body)
	}
}
