package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
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
	} else if x.binding.ETag() && reply.Status == http.StatusOK {
		reply = x.validated(reply)
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

// validated gives a reply its entity tag, and takes the body away where the
// caller has it already.
func (x *exchange) validated(reply *sandbox.Reply) *sandbox.Reply {
	text := strconv.AppendInt(append(make([]byte, 0, 32), '"'), int64(len(reply.Body)), 36)
	text = strconv.AppendUint(append(text, '-'), uint64(crc32.Checksum(reply.Body, tagTable)), 36)
	tag := string(append(text, '"'))
	x.w.Header()["Etag"] = []string{tag}
	if x.r.Header["If-None-Match"] == nil {
		return reply
	}
	for known := range strings.SplitSeq(x.r.Header.Get("If-None-Match"), ",") {
		known = strings.TrimPrefix(strings.TrimSpace(known), "W/")
		if known == tag || known == "*" {
			return &sandbox.Reply{Status: http.StatusNotModified}
		}
	}
	return reply
}

// tagTable is of the polynomial that processors compute themselves.
var tagTable = crc32.MakeTable(crc32.Castagnoli)

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
