package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gorilla/mux"

	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/openapi"
)

// MaxBody is the largest body that the control API reads, in bytes.
const MaxBody = 1 << 20

const sandboxHeader = "Sandgate-Sandbox"

// call is one request to one route.
type call struct {
	s      *server
	w      http.ResponseWriter
	r      *http.Request
	values *openapi.Values
}

// decode holds the request against the contract: every violation at once.
func (x *call) decode(key string) error {
	d, err := document()
	if err != nil {
		return err
	}
	op, ok := d.Operation(key)
	if !ok {
		return fmt.Errorf("openapi.json lacks %s", key)
	}
	plan, err := d.Plan(op)
	if err != nil {
		return err
	}
	for name := range x.r.URL.Query() {
		if !slices.ContainsFunc(plan.Params, func(p openapi.Param) bool { return p.In == "query" && p.Name == name }) {
			return invalid("/query/"+clip(name), "there is no such parameter; GET "+Prefix+"openapi.json lists them")
		}
	}
	body, err := x.read(plan.Body != nil)
	if err != nil {
		return err
	}
	// The body is JSON whatever its sender calls it, so that a plain
	// `curl -d` works; a browser's form is refused by its Origin.
	r := x.r.Clone(x.r.Context())
	r.Header.Set("Content-Type", "application/json")
	var violations []openapi.Violation
	if x.values, violations = plan.Decode(r, mux.Vars(x.r), body); len(violations) > 0 {
		return broken(violations)
	}
	return nil
}

func (x *call) read(wanted bool) ([]byte, error) {
	if enc := x.r.Header.Get("Content-Encoding"); enc != "" && enc != "identity" {
		return nil, &problem{status: http.StatusUnsupportedMediaType, code: "encoding", pointer: "/header/Content-Encoding", message: "expected an uncompressed body"}
	}
	if x.r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, MaxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, &problem{status: http.StatusRequestEntityTooLarge, code: "too_large", pointer: "/body", message: fmt.Sprintf("expected at most %d bytes", MaxBody)}
	case err != nil:
		return nil, invalid("/body", "the body broke off")
	case len(body) > 0 && !wanted:
		return nil, invalid("/body", "this operation takes no body")
	}
	return body, nil
}

func (x *call) path(name string) string {
	v, _ := x.values.Path[name].(string)
	return v
}

func (x *call) query(name string) string {
	switch v := x.values.Query[name].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// limit is how many items a list answers; the contract bounds it.
func (x *call) limit() int {
	n, err := strconv.Atoi(x.query("limit"))
	if err != nil {
		return 50
	}
	return n
}

// instant reads a query parameter that is a time.
func (x *call) instant(name string) (time.Time, error) {
	text := x.query(name)
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return t, invalid("/query/"+name, "expected a time like 2026-01-02T15:04:05Z")
	}
	return t, nil
}

func (x *call) body() map[string]any {
	m, _ := x.values.Body.(map[string]any)
	return m
}

func (x *call) text(name string) (string, bool) {
	v, ok := x.body()[name].(string)
	return v, ok
}

func (x *call) flag(name string) (value, given bool) {
	value, given = x.body()[name].(bool)
	return value, given
}

// sandboxName is the sandbox that a request is about.
func (x *call) sandboxName() (string, error) {
	header, query := x.r.Header.Get(sandboxHeader), x.query("sandbox")
	switch {
	case header != "" && query != "" && header != query:
		return "", invalid("/query/sandbox", "the header "+sandboxHeader+" names another sandbox")
	case header != "":
		return header, nil
	case query != "":
		return query, nil
	}
	return sandbox.DefaultName, nil
}

// known finds the sandbox and does not make it: looking at something must not
// bring it into being. The default one always is.
func (x *call) known() (*sandbox.Sandbox, error) {
	name, err := x.sandboxName()
	if err != nil {
		return nil, err
	}
	if name != sandbox.DefaultName && !x.s.o.World.Has(name) {
		return nil, &problem{
			status: http.StatusNotFound, code: "no_sandbox", pointer: sandboxPointer(x.r),
			message: "there is no sandbox " + strconv.Quote(clip(name)) + " yet; the first request that uses it makes it",
		}
	}
	return x.s.o.World.Sandbox(name)
}

// made finds the sandbox or makes it.
func (x *call) made() (*sandbox.Sandbox, error) {
	name, err := x.sandboxName()
	if err != nil {
		return nil, err
	}
	return x.s.o.World.Sandbox(name)
}

// sandboxPointer is where a request names its sandbox.
func sandboxPointer(r *http.Request) string {
	if r.Header.Get(sandboxHeader) != "" {
		return "/header/" + sandboxHeader
	}
	return "/query/sandbox"
}

// clip keeps a message short whatever was sent.
func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
