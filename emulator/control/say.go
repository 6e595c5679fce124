package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/openapi"
)

// reply is what a route answers. Status 0 is 200; a nil body is none.
type reply struct {
	status int
	body   any
	raw    []byte // instead of body: JSON as it is
}

// page is the form of every list.
type page struct {
	Data any     `json:"data"`
	Next *string `json:"next"`
}

func list[T any](items []T, next string) reply {
	if items == nil {
		items = []T{} // an empty list is [], never null
	}
	p := page{Data: items}
	if next != "" {
		p.Next = &next
	}
	return reply{body: p}
}

// problem is a refusal: what is wrong, where, and what would be right.
type problem struct {
	status                 int
	code, message, pointer string
	header                 map[string]string
}

func (p *problem) Error() string { return p.code + ": " + p.message }

func invalid(pointer, message string) error {
	return &problem{status: http.StatusBadRequest, code: "invalid", pointer: pointer, message: message}
}

func forbidden(code, pointer, message string) error {
	return &problem{status: http.StatusForbidden, code: code, pointer: pointer, message: message}
}

func methodProblem(method string, allow []string) error {
	return &problem{
		status: http.StatusMethodNotAllowed, code: "method", pointer: "/method", header: map[string]string{"Allow": strings.Join(allow, ", ")},
		message: "expected " + strings.Join(allow, " or ") + ", got " + openapi.Show("/method", method),
	}
}

// broken makes one refusal of everything that breaks the contract; the
// pointer is that of the first.
func broken(violations []openapi.Violation) error {
	lines := make([]string, len(violations))
	for i, v := range violations {
		lines[i] = v.String()
	}
	p := &problem{status: http.StatusBadRequest, code: "invalid", pointer: violations[0].Pointer, message: strings.Join(lines, "; ")}
	return p
}

func (s *server) say(w http.ResponseWriter, r *http.Request, out reply) {
	raw := out.raw
	if out.body != nil {
		var buf bytes.Buffer
		enc := json.NewEncoder(&buf)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(out.body); err != nil {
			s.refuse(w, r, err)
			return
		}
		raw = buf.Bytes()
	}
	if out.status == 0 {
		out.status = http.StatusOK
	}
	s.write(w, r, out.status, raw)
}

func (s *server) write(w http.ResponseWriter, r *http.Request, status int, raw []byte) {
	if len(raw) > 0 {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
	if status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(raw)
	}
}

// refuse turns any error into a refusal. What is not meant for the caller is
// logged here, the one place.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	p := s.problemOf(r, err)
	for name, value := range p.header {
		w.Header().Set(name, value)
	}
	var pointer *string
	if p.pointer != "" {
		pointer = &p.pointer
	}
	raw, _ := json.Marshal(map[string]any{"error": map[string]any{"code": p.code, "message": p.message, "pointer": pointer}})
	s.write(w, r, p.status, append(raw, '\n'))
}

func (s *server) problemOf(r *http.Request, err error) *problem {
	var p *problem
	var bad *sandbox.Invalid
	var refusal *sandbox.Refusal
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &bad):
		return &problem{status: http.StatusBadRequest, code: "invalid", pointer: bad.Pointer, message: bad.Message}
	case errors.Is(err, sandbox.ErrBusy):
		return &problem{status: http.StatusConflict, code: "busy", message: err.Error()}
	case errors.Is(err, sandbox.ErrNotFound):
		return &problem{status: http.StatusNotFound, code: "not_found", message: err.Error()}
	case errors.Is(err, sandbox.ErrBadName):
		return &problem{status: http.StatusBadRequest, code: "invalid", pointer: sandboxPointer(r), message: err.Error()}
	case errors.Is(err, sandbox.ErrTooMany):
		return &problem{status: http.StatusTooManyRequests, code: "too_many", message: err.Error(), header: map[string]string{"Retry-After": "60"}}
	case errors.Is(err, sandbox.ErrClosed):
		return &problem{status: http.StatusServiceUnavailable, code: "closing", message: err.Error()}
	case errors.Is(err, sandbox.ErrKeyOver):
		return &problem{status: http.StatusConflict, code: "not_active", pointer: "/path/id", message: err.Error()}
	case errors.Is(err, sandbox.ErrNotAllowed):
		return &problem{status: http.StatusConflict, code: "move_not_allowed", pointer: "/body/move", message: err.Error()}
	case errors.As(err, &refusal):
		return &problem{status: http.StatusConflict, code: "refused", message: refusal.Code + ": " + strings.Join(refusal.Messages, "; ")}
	case errors.Is(err, sandbox.ErrNotOurs), errors.Is(err, sandbox.ErrNoKeys):
		return &problem{status: http.StatusConflict, code: "not_ours", message: err.Error()}
	}
	if r.Context().Err() == nil {
		s.o.Log.Error("control API", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	return &problem{status: http.StatusInternalServerError, code: "internal", message: "internal error; see the log"}
}
