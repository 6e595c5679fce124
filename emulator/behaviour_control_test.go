package emulator_test

import (
	"net/http/httptest"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdControl sends a request to the control API. A callback that it sends in,
// and that the provider's face takes, counts as a call of that operation.
func cmdControl(ts *testscript.TestScript, s *stage, _ bool, args []string) {
	if len(args) != 2 && len(args) != 3 {
		ts.Fatalf("usage: control METHOD PATH [BODY]")
	}
	server := s.start(ts)
	r := httptest.NewRequest(args[0], "/_sandgate/"+args[1], strings.NewReader(strings.Join(args[2:], "")))
	r.Host = "localhost"
	if box := s.box(ts).Name(); box != "default" {
		r.Header.Set("Sandgate-Sandbox", box)
	}
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	s.status, s.header, s.body = w.Code, w.Header(), w.Body.Bytes()
	s.show(s.body)
	ts.Logf("%d %s", s.status, s.body)
	s.last, s.told = "", false
	s.sent++
	path, _ := s.at("/path")
	if status, _ := s.at("/replies/0/status"); said(status) != "200" || path == nil {
		return
	}
	if key := s.operation("POST", strings.TrimPrefix(said(path), "/"+s.provider)); key != "" {
		s.seen.note(s.seen.called, key)
		s.last, s.called[key] = key, true
	}
}
