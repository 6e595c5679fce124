package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// say writes a reply, or the refusal that an error means to the provider.
func (x *exchange) say(reply *sandbox.Reply, err error) {
	if err != nil {
		reply = x.refused(err)
	} else if x.binding != nil {
		if reply = x.suited(reply); x.binding.ETag() && reply.Status == http.StatusOK {
			reply = x.validated(reply)
		}
	}
	if bodiless(reply.Status) && len(reply.Body) > 0 {
		reply = &sandbox.Reply{Status: reply.Status, Header: reply.Header}
	}
	x.written, x.status = true, reply.Status
	h := x.w.Header()
	h["Request-Id"] = []string{x.id}
	x.showLimit(h)
	if name := x.f.o.Environment; name != "" {
		h["Sandgate-Environment"] = []string{name}
	}
	if x.binding != nil {
		h["Sandgate-Depth"] = []string{x.binding.Depth}
	}
	if x.box != nil {
		h["Sandgate-Sandbox"] = []string{x.box.Name()}
	}
	if len(x.ignored) > 0 {
		h["Sandgate-Ignored"] = []string{strings.Join(x.ignored, ", ")}
	}
	for name, value := range reply.Header {
		h.Set(name, value)
	}
	if len(reply.Body) > 0 {
		media := reply.Media
		if media == "" || media == "application/json" {
			media = jsonMedia
		}
		h["Content-Type"] = []string{media}
	}
	h["Content-Length"] = []string{strconv.Itoa(len(reply.Body))}
	x.w.WriteHeader(reply.Status)
	if x.r.Method != http.MethodHead {
		x.w.Write(reply.Body)
	}
}

// bodiless tells the statuses whose replies end with their headers.
func bodiless(status int) bool {
	return status == http.StatusNoContent || status == http.StatusNotModified
}

const jsonMedia = "application/json; charset=utf-8"

// refused turns any error into a reply. Only refusals are shown; everything
// else is logged here, the one place, and is an internal error to the caller.
func (x *exchange) refused(err error) *sandbox.Reply {
	if errors.Is(err, errLost) {
		body, _ := json.Marshal(map[string]any{"error": map[string]any{
			"code":    "no_provider",
			"message": "no provider answers here; the prefixes are " + strings.Join(x.f.prefixes(), " "), "pointer": "/path",
		}})
		return &sandbox.Reply{Status: http.StatusNotFound, Body: body}
	}
	var r *sandbox.Refusal
	if !errors.As(err, &r) {
		r = x.internal(err)
	}
	x.binding.Declare(r)
	x.refusal = r
	reply, renderErr := x.provider.Say(sandbox.Occasion{Binding: x.binding, Request: x.id, Now: x.now()}, r)
	if renderErr != nil {
		x.f.o.Log.Error("error body", "request", x.id, "error", renderErr)
		reply = &sandbox.Reply{Status: http.StatusInternalServerError, Header: r.Header, Body: []byte(`{"error":"internal"}`)}
	}
	if r.Status == http.StatusUnauthorized {
		x.w.Header()["Www-Authenticate"] = x.provider.Challenges()
	}
	return reply
}

// now is the sandbox's time, where there is a sandbox.
func (x *exchange) now() time.Time {
	if x.box == nil {
		return x.f.o.Wall.Now()
	}
	return x.box.Time()
}

func (x *exchange) internal(err error) *sandbox.Refusal {
	x.f.o.Log.Error("request", "request", x.id, "method", x.r.Method, "path", x.path(), "error", err)
	message := "internal error; see the log for " + x.id
	var wrong *scenarios.Error
	var broken *brokenReply
	switch {
	case errors.As(err, &wrong):
		message = "scenario_error: " + wrong.Error()
	case errors.As(err, &broken):
		message = broken.Error()
	}
	return x.provider.Refuse(sandbox.ReasonInternal, message)
}

// brokenReply is a reply of ours that is not what the contract promises.
type brokenReply struct {
	operation  string
	status     int
	violations []openapi.Violation
}

func (e *brokenReply) Error() string {
	return fmt.Sprintf("broken_reply: %s %d: %s", e.operation, e.status, e.violations[0])
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func withoutCancel(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }
